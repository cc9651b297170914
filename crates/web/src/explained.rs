//! An explanation as text for people, in the order of what they ask first: what, why, what can I do, who decided.

use crate::pages::shares::{amount, region_text, signed, value_text};
use crate::problem::Problem;
use gongdao_gate::TrialHold;
use gongdao_i18n::Words;
use gongdao_model::FactValue;
use gongdao_service::{Explanation, FactorShown, OutcomeShown, RuleOfDecision};

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
    if let Some(hold) = explanation.register {
        lines.push(say(&format!("register.{}", hold.as_str()), &[])?);
    }
    if let Some(trial) = &explanation.trial {
        lines.push(say(&format!("trial.{}", trial_word(trial.hold)), &[("id", &trial.id)])?);
    }
    rule_lines(&mut lines, &explanation.rule, words, &say)?;
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

/// How a decision stands to the trial of its version, as a key.
pub(crate) fn trial_word(hold: Option<TrialHold>) -> &'static str {
    hold.map_or("in", TrialHold::as_str)
}

/// The declared rule: shares, what would have changed the outcome, the version.
fn rule_lines(
    lines: &mut Vec<String>,
    rule: &RuleOfDecision,
    words: Words<'_>,
    say: &impl Fn(&str, &[(&str, &str)]) -> Result<String, Problem>,
) -> Result<(), Problem> {
    lines.push(String::new());
    if let Some(version) = &rule.version {
        lines.push(say("version", &[("id", &version.id), ("digest", &version.digest)])?);
    }
    if let Some(why) = rule.no_shares {
        lines.push(say(&format!("no_shares.{}", why.as_str()), &[])?);
    }
    for fact in &rule.lacking {
        lines.push(say("missing", &[("fact", &fact.to_string())])?);
    }
    let Some(outcome) = &rule.outcome else { return Ok(()) };
    share_lines(lines, outcome, words, say)?;
    if !rule.would_change.is_empty() {
        lines.push(say("would", &[])?);
    }
    for region in &rule.would_change {
        lines.push(format!("  {}", region_text(words, outcome, region)?));
    }
    Ok(())
}

fn share_lines(
    lines: &mut Vec<String>,
    outcome: &OutcomeShown,
    words: Words<'_>,
    say: &impl Fn(&str, &[(&str, &str)]) -> Result<String, Problem>,
) -> Result<(), Problem> {
    let name = words.language().choose(&outcome.zh, &outcome.en);
    let in_unit = |number: i64| amount(number, &outcome.unit, words);
    let (declared, baseline) = (in_unit(outcome.declared)?, in_unit(outcome.baseline)?);
    lines.push(say("outcome", &[("result", name), ("declared", &declared), ("baseline", &baseline)])?);
    match (outcome.actual, outcome.unaccounted) {
        (Some(actual), Some(left)) if left != 0 => {
            let values = [("actual", &*in_unit(actual)?), ("left", &*signed(left, &outcome.unit, words)?)];
            lines.push(say("differs", &values)?);
        }
        (None, _) => lines.push(say("no_actual", &[])?),
        _ => {}
    }
    for share in &outcome.shares {
        let factor = words.language().choose(&share.zh, &share.en);
        let unit = share.unit.as_deref();
        let (value, usual) = (value_text(&share.value, unit, words)?, value_text(&share.baseline, unit, words)?);
        let of = signed(share.share, &outcome.unit, words)?;
        lines.push(say("share", &[("name", factor), ("value", &value), ("baseline", &usual), ("share", &of)])?);
    }
    Ok(())
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
