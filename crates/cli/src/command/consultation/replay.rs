//! `gongdao consultation replay`: past decisions under the draft, as counts and means.

use crate::command::output::{Fault, Output};
use crate::command::register::source::Asked;
use crate::command::register::told;
use clap::Args;
use gongdao_i18n::{Catalogue, I18nError, Words};
use gongdao_model::LegalDate;
use serde_json::Value;
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao consultation replay consultation-7c1d --from 2026-10-01 --until 2026-11-01 --url http://127.0.0.1:8380 --token-file token
  gongdao consultation replay consultation-7c1d --from 2026-10-01 --until 2026-11-01 --url … --format json

The service runs the decisions again under the draft and under the version that it changes. It answers whoever has a seat, officers
and regulators, with counts and means alone; what would tell of fewer than five persons is left out.")]
pub(super) struct Replay {
    /// The consultation
    id: String,
    /// The first day
    #[arg(long, value_name = "DAY")]
    from: LegalDate,
    /// The first day after the period; 92 days at most
    #[arg(long, value_name = "DAY")]
    until: LegalDate,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    pub(super) output: Output,
}

pub(super) fn answer(replay: &Replay, catalogue: &Catalogue) -> Result<(String, ExitCode), Vec<Fault>> {
    let found = replay.asked.open()?.replay(&replay.id, replay.from, replay.until)?;
    let words = catalogue.words(replay.output.language());
    let found = found.ok_or_else(|| crate::command::register::nothing(&replay.id, words))?;
    told(&replay.output, catalogue, &found, lines)
}

fn lines(replay: &Value, words: Words<'_>) -> Result<Vec<String>, I18nError> {
    let text = |name: &str| replay.get(name).and_then(Value::as_str).unwrap_or_default();
    let told = |key: &str, values: &[(&str, &str)]| words.say(&format!("register.replay.{key}"), values);
    let result = words.language().choose(text("zh"), text("en"));
    let mut all = vec![
        told("title", &[("draft", text("version")), ("before", text("based_on"))])?,
        told("about", &[("from", text("from")), ("until", text("until")), ("result", result), ("unit", text("unit"))])?,
    ];
    match replay.get("total") {
        Some(total) => all.push(line(total, &told("all", &[])?, words)?),
        None => all.push(told("nothing", &[])?),
    }
    let tenths = replay.get("tenths").and_then(Value::as_array);
    for (number, tenth) in (1..).zip(tenths.into_iter().flatten()) {
        all.push(line(tenth, &told("tenth", &[("number", &i32::to_string(&number))])?, words)?);
    }
    all.push(told("cannot_tell", &[("count", &count(replay, "cannot_tell", words)?)])?);
    all.push(told("other", &[("count", &count(replay, "other_than_declared", words)?)])?);
    if replay.get("is_cut").and_then(Value::as_bool) == Some(true) {
        all.push(told("cut", &[])?);
    }
    Ok(all)
}

fn line(counts: &Value, name: &str, words: Words<'_>) -> Result<String, I18nError> {
    let number = |name: &str| counts.get(name).and_then(Value::as_i64).unwrap_or_default().to_string();
    let values = [
        ("name", name),
        ("decisions", &number("decisions")),
        ("better", &count(counts, "better", words)?),
        ("worse", &count(counts, "worse", words)?),
        ("same", &count(counts, "same", words)?),
        ("old", &number("mean_old")),
        ("new", &number("mean_new")),
    ];
    words.say("register.replay.line", &values)
}

/// A count, or that it is too small to be told.
fn count(value: &Value, name: &str, words: Words<'_>) -> Result<String, I18nError> {
    match value.get(name).and_then(Value::as_u64) {
        Some(count) => Ok(count.to_string()),
        None => words.say("register.replay.left_out", &[]),
    }
}
