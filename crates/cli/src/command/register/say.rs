//! What people read of the register.

use super::answer;
use super::source::Where;
use crate::command::output::{Fault, Output};
use gongdao_i18n::{Catalogue, I18nError, Language, Words};
use serde_json::Value;
use std::process::ExitCode;

pub(crate) type Lines = Result<Vec<String>, I18nError>;

/// A consultation, for the command of that name.
pub(crate) fn consultation(
    id: &str,
    place: &Where,
    output: &Output,
    catalogue: &Catalogue,
) -> Result<(String, ExitCode), Vec<Fault>> {
    answer::consultation(id, place, output, catalogue)
}

/// A member that is a text; empty where it is none.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A member that is a list; empty where it is none.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

pub(super) fn algorithms(value: &Value, words: Words<'_>) -> Lines {
    let mut lines = Vec::new();
    for one in value.as_array().into_iter().flatten() {
        lines.push(format!("{}  {}", text(one, "id"), text(one, "name")));
        let class = words.say(&format!("register.class.{}", text(one, "class")), &[])?;
        let number = text(one, "number");
        let filed = if number.is_empty() { words.say("register.say.not_filed", &[])? } else { number.to_owned() };
        lines.push(format!("    {} · {class} · {filed}", text(one, "provider")));
    }
    if lines.is_empty() {
        lines.push(words.say("register.say.nothing", &[])?);
    }
    Ok(lines)
}

pub(super) fn algorithm(value: &Value, words: Words<'_>) -> Lines {
    let description = value.get("description").unwrap_or(&Value::Null);
    let class = words.say(&format!("register.class.{}", text(description, "class")), &[])?;
    let mut lines = vec![
        text(description, "name").to_owned(),
        format!("    {} · {class} · {}", text(description, "provider"), text(value, "id")),
    ];
    for name in ["principle", "mechanism", "scenario", "purpose"] {
        let said = description.get("texts").map(|texts| text(texts, name)).filter(|said| !said.is_empty());
        if let Some(said) = said {
            lines.push(words.say(&format!("register.say.{name}"), &[("text", said)])?);
        }
    }
    lines.push(words.say("register.say.versions", &[])?);
    for version in list(value, "versions") {
        let standing = words.say(&format!("register.standing.{}", text(version, "standing")), &[])?;
        let from = text(version, "from");
        lines.push(format!("    {}  {standing}  {from}", text(version, "id")).trim_end().to_owned());
    }
    lines.push(words.say("register.say.clocks", &[])?);
    for clock in list(value, "clocks") {
        let state = words.say(&format!("register.clock.{}", text(clock, "state")), &[])?;
        let due = clock.pointer("/explanation/due/end/day").and_then(Value::as_str).unwrap_or_default();
        let line = format!("    {}  {} → {due}  {state}", text(clock, "provision"), text(clock, "since"));
        lines.push(line);
    }
    let decisions = value.pointer("/figures/decisions").and_then(Value::as_u64).unwrap_or_default().to_string();
    lines.push(words.say("register.say.decisions", &[("count", &decisions)])?);
    Ok(lines)
}

pub(super) fn version(value: &Value, words: Words<'_>) -> Lines {
    let standing = words.say(&format!("register.standing.{}", text(value, "standing")), &[])?;
    let mut lines = vec![
        format!("{}  {standing}", text(value, "id")),
        format!("    {} · {}", text(value, "algorithm"), text(value, "digest")),
    ];
    if let Some(from) = value.pointer("/publication/from").and_then(Value::as_str) {
        lines.push(words.say("register.say.from", &[("day", from)])?);
    }
    for (number, line) in (1..).zip(text(value, "text").lines()) {
        lines.push(format!("{number:>5}  {line}"));
    }
    for factor in list(value, "factors") {
        let weight = text(factor, "weight");
        lines
            .push(format!("    · {} {weight} {}", text(factor, "name"), text(factor, "meaning")).trim_end().to_owned());
    }
    let missing: Vec<&Value> = list(value, "missing").collect();
    if !missing.is_empty() {
        lines.push(words.say("register.say.missing", &[])?);
    }
    for one in missing {
        let articles: Vec<&str> = list(one, "provisions").filter_map(Value::as_str).collect();
        let said = text(one, if words.language() == Language::Zh { "zh" } else { "en" });
        lines.push(format!("    {said}  {}", articles.join(", ")));
    }
    Ok(lines)
}

pub(super) fn difference(value: &Value, words: Words<'_>) -> Lines {
    let mut lines = vec![
        format!("--- {}  {}", text(value, "old"), text(value, "old_digest")),
        format!("+++ {}  {}", text(value, "new"), text(value, "new_digest")),
    ];
    for line in list(value, "lines") {
        let mark = match text(line, "op") {
            "removed" => '-',
            "added" => '+',
            _ => ' ',
        };
        lines.push(format!("{mark}{}", text(line, "text")));
    }
    let changes: Vec<&Value> = list(value, "factors").collect();
    if !changes.is_empty() {
        lines.push(words.say("register.say.factors", &[])?);
    }
    for change in changes {
        let side = |name: &str| {
            let factor = change.get(name)?;
            Some(format!("{} {}", text(factor, "weight"), text(factor, "meaning")).trim().to_owned())
        };
        let (old, new) = (side("old"), side("new"));
        if let Some(old) = old {
            lines.push(format!("-{} {old}", text(change, "name")).trim_end().to_owned());
        }
        if let Some(new) = new {
            lines.push(format!("+{} {new}", text(change, "name")).trim_end().to_owned());
        }
    }
    Ok(lines)
}

pub(super) fn import(value: &Value, words: Words<'_>) -> Lines {
    let count = |name: &str| value.get(name).and_then(Value::as_u64).unwrap_or_default().to_string();
    let counts = ["rows", "added", "changed", "unchanged", "refused"].map(|name| (name, count(name)));
    let values: Vec<(&str, &str)> = counts.iter().map(|(name, count)| (*name, count.as_str())).collect();
    let mut lines = vec![words.say("register.say.imported", &values)?];
    for fault in list(value, "faults") {
        let place = |name: &str| fault.get(name).and_then(Value::as_u64).unwrap_or_default().to_string();
        let (row, line) = (place("row"), place("line"));
        let values: [(&str, &str); 4] = [
            ("row", row.as_str()),
            ("line", &line),
            ("message", text(fault, "message")),
            ("hint", text(fault, "hint")),
        ];
        lines.push(words.say("register.say.left_out", &values)?);
    }
    Ok(lines)
}

pub(super) fn consultation_lines(value: &Value, words: Words<'_>) -> Lines {
    let stage = words.say(&format!("register.stage.{}", text(value, "stage")), &[])?;
    let mut lines = vec![
        format!("{}  {stage}", text(value, "id")),
        format!("    {} · {}", text(value, "version"), text(value, "digest")),
        text(value, "question").to_owned(),
        words.say("register.say.last_day", &[("day", text(value, "last_day"))])?,
    ];
    for seat in list(value, "seats") {
        let side = words.say(&format!("register.side.{}", text(seat, "side")), &[])?;
        lines.push(format!("    {}  {side} {}", text(seat, "id"), text(seat, "name")).trim_end().to_owned());
    }
    for comment in list(value, "comments") {
        let at = |name: &str| {
            comment.pointer(&format!("/passage/{name}")).and_then(Value::as_u64).unwrap_or_default().to_string()
        };
        let number = comment.get("number").and_then(Value::as_u64).unwrap_or_default().to_string();
        let (from, to) = (at("from_line"), at("to_line"));
        let values: [(&str, &str); 5] = [
            ("number", number.as_str()),
            ("seat", text(comment, "seat")),
            ("from", &from),
            ("to", &to),
            ("text", text(comment, "text")),
        ];
        lines.push(words.say("register.say.comment", &values)?);
        let answer = comment.get("answer");
        let status = answer.map_or("open", |answer| text(answer, "status"));
        let status = words.say(&format!("register.answer.{status}"), &[])?;
        let said = answer.map(|answer| text(answer, "text")).unwrap_or_default();
        lines.push(format!("      → {status} {said}").trim_end().to_owned());
    }
    for meeting in list(value, "meetings") {
        lines.push(
            words.say("register.say.met", &[("day", text(meeting, "on")), ("minutes", text(meeting, "minutes"))])?,
        );
    }
    if let Some(result) = value.get("result") {
        let outcome = words.say(&format!("register.outcome.{}", text(result, "outcome")), &[])?;
        lines.push(words.say("register.say.result", &[("outcome", &outcome), ("text", text(result, "text"))])?);
    }
    if let Some(agreement) = value.get("agreement") {
        lines.push(words.say("register.say.agreement", &[("digest", text(agreement, "digest"))])?);
    }
    for report in list(value, "reports") {
        let values = [("from", text(report, "from")), ("until", text(report, "until")), ("text", text(report, "text"))];
        lines.push(words.say("register.say.report", &values)?);
    }
    Ok(lines)
}
