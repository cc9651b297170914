//! What people read of a trial, in the words of its page.

use crate::command::register::{Lines, list, text};
use gongdao_i18n::{Language, Words};
use gongdao_law::PlaceNames;
use serde_json::Value;

/// A line of a trial that has a text.
const TEXTS: [&str; 4] = ["purpose", "safeguards", "informed", "leaving"];
/// Counts that may be absent, as they would tell of few persons.
const COUNTS: [&str; 6] = ["persons", "decisions", "judged", "violated", "contested", "changed"];

pub(super) fn trials(value: &Value, words: Words<'_>) -> Lines {
    let mut lines = Vec::new();
    for one in value.as_array().into_iter().flatten() {
        lines.extend(head(one, words)?);
    }
    if lines.is_empty() {
        lines.push(words.say("page.sandbox.none", &[])?);
    }
    Ok(lines)
}

/// Name, stage, days, place.
fn head(trial: &Value, words: Words<'_>) -> Lines {
    let plan = trial.get("plan").unwrap_or(&Value::Null);
    let stage = words.say(&format!("page.sandbox.stage.{}", text(trial, "stage")), &[])?;
    let persons = number(plan, "persons");
    let days = [("from", text(plan, "from")), ("until", text(plan, "until"))];
    let place = named(text(plan, "place"), words.language());
    let place = [("place", place.as_str()), ("persons", persons.as_str())];
    let mut lines = vec![
        format!("{}  {}  {stage}", text(trial, "id"), text(plan, "version")),
        format!("    {} · {}", words.say("sandbox.days", &days)?, words.say("page.sandbox.where", &place)?),
    ];
    if trial.get("is_late").and_then(Value::as_bool) == Some(true) {
        lines.push(format!("    {}", words.say("page.sandbox.late", &[])?));
    }
    Ok(lines)
}

/// What a place is called; its code where no name is known.
fn named(code: &str, language: Language) -> String {
    match (code.parse(), PlaceNames::embedded()) {
        (Ok(place), Ok(names)) => names.name(language, place),
        _ => code.to_owned(),
    }
}

pub(super) fn trial(value: &Value, words: Words<'_>) -> Lines {
    let plan = value.get("plan").unwrap_or(&Value::Null);
    let colon = words.say("page.colon", &[])?;
    let mut lines = head(value, words)?;
    lines.push(words.say(&format!("page.sandbox.stage_about.{}", text(value, "stage")), &[])?);
    if let Some(day) = value.get("report_due").and_then(Value::as_str) {
        lines.push(format!("{}{colon}{day}", words.say("page.sandbox.report_due", &[])?));
    }
    let ground = plan
        .get("ground")
        .and_then(Value::as_str)
        .map_or_else(|| words.say("page.sandbox.no_ground", &[]), |id| Ok(id.to_owned()))?;
    lines.push(format!("{}{colon}{ground}", words.say("page.sandbox.ground", &[])?));
    for name in TEXTS {
        lines.push(format!("{}{colon}{}", words.say(&format!("page.sandbox.text.{name}"), &[])?, text(plan, name)));
    }
    lines.push(words.say("page.sandbox.stops", &[])?);
    for stop in list(plan, "stops") {
        lines.push(format!("    {}", condition(stop, words)?));
    }
    lines.push(words.say("page.sandbox.report_in", &[("days", number(plan, "report_days").as_str())])?);
    lines.extend(story(value, words)?);
    lines.extend(figures(value, words)?);
    if let Some(seq) = value.pointer("/receipt/seq").and_then(Value::as_u64) {
        lines.push(words.say("sandbox.recorded", &[("number", seq.to_string().as_str())])?);
    }
    Ok(lines)
}

fn condition(stop: &Value, words: Words<'_>) -> Result<String, gongdao_i18n::I18nError> {
    let (percent, after) = (number(stop, "percent"), number(stop, "after"));
    let values = [("percent", percent.as_str()), ("after", after.as_str())];
    words.say(&format!("page.sandbox.condition.{}", text(stop, "measure")), &values)
}

/// What happened, oldest first.
fn story(trial: &Value, words: Words<'_>) -> Lines {
    let colon = words.say("page.colon", &[])?;
    let mut lines = vec![words.say("page.case.story", &[])?];
    let mut add = |at: &str, event: &str, said: &str| -> Result<(), gongdao_i18n::I18nError> {
        let event = words.say(&format!("page.sandbox.event.{event}"), &[])?;
        let said = if said.is_empty() { String::new() } else { format!("{colon}{said}") };
        lines.push(format!("    {at}  {event}{said}"));
        Ok(())
    };
    add(text(trial, "applied_at"), "applied", "")?;
    if let Some(answer) = trial.get("answer") {
        let is_granted = answer.get("is_granted").and_then(Value::as_bool) == Some(true);
        let more = [text(answer, "text"), text(answer, "document"), text(answer, "provision")];
        let more: Vec<&str> = more.into_iter().filter(|one| !one.is_empty()).collect();
        add(text(answer, "at"), if is_granted { "granted" } else { "refused" }, &more.join(" · "))?;
    }
    if let Some(at) = trial.get("began_at").and_then(Value::as_str) {
        add(at, "began", "")?;
    }
    let is_last = |report: &&Value| report.get("figures").is_some();
    for report in list(trial, "reports").filter(|report| !is_last(report)) {
        add(text(report, "at"), "reported", text(report, "text"))?;
    }
    if let Some(stop) = trial.get("stop") {
        let met = stop.get("condition").map(|met| condition(met, words)).transpose()?;
        add(text(stop, "at"), "stopped", met.as_deref().unwrap_or_else(|| text(stop, "text")))?;
    }
    for report in list(trial, "reports").filter(is_last) {
        add(text(report, "at"), "closed", text(report, "text"))?;
    }
    Ok(lines)
}

/// What came of it so far; nothing before it began.
fn figures(trial: &Value, words: Words<'_>) -> Lines {
    let Some(figures) = trial.get("figures") else {
        let has_begun = trial.get("began_at").is_some();
        return if has_begun { Ok(vec![words.say("sandbox.not_counted", &[])?]) } else { Ok(Vec::new()) };
    };
    let colon = words.say("page.colon", &[])?;
    let mut lines = vec![words.say("page.sandbox.figures", &[])?];
    let smallest = number(figures, "smallest_count");
    for name in COUNTS {
        let count = match figures.get(name).and_then(Value::as_u64) {
            Some(count) => count.to_string(),
            None => words.say("page.register.few", &[("smallest", smallest.as_str())])?,
        };
        lines.push(format!("    {}{colon}{count}", words.say(&format!("page.sandbox.figure.{name}"), &[])?));
    }
    Ok(lines)
}

fn number(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_u64).unwrap_or_default().to_string()
}
