//! An explanation as text for people, in the order of what they ask first: what, why, what can I do, who decided.

use crate::problem::Problem;
use gongdao_i18n::Words;
use gongdao_model::FactValue;
use gongdao_service::{Explanation, FactorShown};

/// A line each.
pub(crate) fn text(explanation: &Explanation, words: Words<'_>) -> Result<String, Problem> {
    let say = |key: &str, values: &[(&str, &str)]| {
        words.say(&format!("explain.{key}"), values).map_err(|error| Problem::internal(error.message))
    };
    let language = words.language();
    let action = language.choose(&explanation.action.zh, &explanation.action.en);
    let at = explanation.at.to_string();
    let mut lines = vec![say("what", &[("decision", &explanation.decision), ("action", action), ("at", &at)])?];
    lines.push(match explanation.effect {
        Some(effect) => say(&format!("effect.{}", effect.as_str()), &[])?,
        None => say("effect.none", &[])?,
    });
    for verdict in explanation.verdicts.iter().filter(|verdict| verdict.outcome != gongdao_model::Outcome::Satisfied) {
        let outcome = words.say(&format!("outcome.{}", verdict.outcome.as_str()), &[]);
        let outcome = outcome.map_err(|error| Problem::internal(error.message))?;
        let provision = verdict.provision.to_string();
        lines.push(say("verdict", &[("provision", &provision), ("outcome", &outcome)])?);
    }
    lines.push(String::new());
    lines.push(say("can", &[])?);
    for way in &explanation.contest {
        let name = language.choose(&way.zh, &way.en);
        let articles = way.rests_on.join(", ");
        lines.push(match &way.limit {
            Some(limit) => say("way", &[("name", name), ("articles", &articles), ("limit", limit)])?,
            None => say("way_unlimited", &[("name", name), ("articles", &articles)])?,
        });
    }
    lines.push(say(who(explanation), &[])?);
    lines.push(String::new());
    lines.push(say("factors", &[])?);
    for factor in &explanation.factors {
        lines.push(factor_line(factor, words, &say)?);
    }
    for found in &explanation.contradictions {
        let (fact, given) = (found.fact.to_string(), shown(&found.given));
        lines.push(say("contradiction", &[("fact", &fact), ("given", &given)])?);
    }
    if let Some(not_used) = explanation.not_used.as_ref().filter(|not_used| !not_used.is_empty()) {
        let all: Vec<&str> = not_used.iter().map(String::as_str).collect();
        lines.push(say("not_used", &[("factors", &all.join(", "))])?);
    }
    for missing in &explanation.missing {
        lines.push(say("missing", &[("fact", &missing.to_string())])?);
    }
    for what in &explanation.withheld {
        lines.push(say(&format!("withheld.{what}"), &[])?);
    }
    lines.push(say("proof", &[("origin", &explanation.origin), ("leaf", &explanation.leaf.to_string())])?);
    lines.push(String::new());
    Ok(lines.join("\n"))
}

/// Who decided, as far as it was recorded.
pub(crate) fn who(explanation: &Explanation) -> &'static str {
    let by = explanation.decided_by;
    match (by.solely_automated, by.automated, by.reviewed_by_person) {
        (_, _, Some(true)) => "who.reviewed",
        (Some(true), _, _) => "who.machine",
        (Some(false), _, _) => "who.both",
        (None, Some(false), _) => "who.person",
        _ => "who.unknown",
    }
}

fn factor_line(
    factor: &FactorShown,
    words: Words<'_>,
    say: &impl Fn(&str, &[(&str, &str)]) -> Result<String, Problem>,
) -> Result<String, Problem> {
    let name = match words.language().choose(&factor.zh, &factor.en) {
        "" => factor.fact.to_string(),
        name => name.to_owned(),
    };
    let mut value = shown(&factor.value);
    if let Some(unit) = &factor.unit {
        value.push(' ');
        // Units that the catalogue does not know stand as they are.
        value.push_str(&words.say(&format!("unit.{unit}"), &[]).unwrap_or_else(|_| unit.clone()));
    }
    let source = match factor.source {
        gongdao_service::Source::Given => "source.given",
        gongdao_service::Source::Person => "source.person",
        gongdao_service::Source::Algorithm => "source.algorithm",
        gongdao_service::Source::Law => "source.law",
    };
    let source = say(source, &[])?;
    say("factor", &[("name", &name), ("value", &value), ("source", &source), ("at", &factor.at.to_string())])
}

fn shown(value: &FactValue) -> String {
    match value {
        FactValue::Bool(value) => value.to_string(),
        FactValue::Long(number) => number.to_string(),
        FactValue::Text(text) => text.clone(),
        FactValue::TextSet(words) => words.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
    }
}
