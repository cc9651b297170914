//! Findings of one provision, with its readings and rules.

use super::bar::{Bar, bar, percent};
use super::wording::{cite, count, fraction, instant, outcome, pick, share, standing};
use crate::summary::{Example, ProvisionSummary, ReadingSummary, RuleSummary};
use gongdao_i18n::{I18nError, Words};
use gongdao_model::Outcome;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A provision as the page shows it.
#[derive(Debug, Serialize)]
pub(super) struct Article {
    /// Unique in the page.
    pub anchor: String,
    pub cite: String,
    pub id: String,
    pub text: String,
    pub ambiguity: Option<String>,
    /// Why it is provisional.
    pub provisional: Option<String>,
    /// Facts that are the operator's claim.
    pub claims: Vec<String>,
    pub applicable: String,
    pub violated: Option<String>,
    pub violated_share: String,
    pub disputed: Option<String>,
    pub undetermined: Option<String>,
    pub not_applicable: Option<String>,
    pub bar: Bar,
    /// Widths in the overview, against the article with most findings.
    pub glance_violated: String,
    pub glance_disputed: String,
    /// Side by side; empty unless the readings disagree somewhere.
    pub readings: Vec<Reading>,
    pub rules: Vec<Rule>,
}

#[derive(Debug, Serialize)]
pub(super) struct Reading {
    pub id: String,
    pub text: String,
    pub held_by: Option<String>,
    pub bar: Bar,
}

#[derive(Debug, Serialize)]
pub(super) struct Rule {
    pub id: String,
    pub from: String,
    pub reading: Option<String>,
    pub text: String,
    pub effect: Option<String>,
    pub counts: Vec<Counted>,
    pub examples: Vec<Row>,
    /// Whether the examples break the rule; else they could not be judged.
    pub examples_violate: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Counted {
    pub class: &'static str,
    pub word: String,
    pub count: String,
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the template's words")]
pub(super) struct Row {
    pub decision: String,
    pub at: String,
    pub file: String,
    pub row: String,
}

impl Article {
    pub(super) fn new(
        words: Words<'_>,
        provision: &ProvisionSummary,
        rules: &[&RuleSummary],
        most: u64,
    ) -> Result<Self, I18nError> {
        let applicable = applicable(provision);
        let violated = of(&provision.outcomes, Outcome::Violated);
        let claims: BTreeSet<String> =
            rules.iter().flat_map(|rule| &rule.asserted).map(|fact| pick(words, &fact.label)).collect();
        let not_applicable = of(&provision.outcomes, Outcome::NotApplicable);
        Ok(Self {
            anchor: anchor(words, provision.id.as_str()),
            cite: cite(words, provision),
            id: provision.id.to_string(),
            text: pick(words, &provision.text),
            ambiguity: provision.ambiguity.as_ref().map(|text| pick(words, text)),
            provisional: standing(words, provision.standing)?,
            claims: claims.into_iter().collect(),
            applicable: count(applicable),
            violated: some(violated),
            violated_share: share(violated, applicable),
            disputed: some(provision.disputed),
            undetermined: some(of(&provision.outcomes, Outcome::Undetermined)),
            not_applicable: some(not_applicable),
            bar: outcome_bar(words, &provision.outcomes, provision.disputed)?,
            glance_violated: percent(fraction(violated, most)),
            glance_disputed: percent(fraction(provision.disputed, most)),
            readings: readings(words, provision)?,
            rules: rules.iter().map(|rule| Rule::new(words, rule)).collect::<Result<_, _>>()?,
        })
    }
}

impl Rule {
    fn new(words: Words<'_>, rule: &RuleSummary) -> Result<Self, I18nError> {
        let effect = rule.effect.map(|effect| words.say(&format!("effect.{}", effect.as_str()), &[]));
        let mut counts = Vec::new();
        for (kind, number) in &rule.outcomes {
            counts.push(Counted { class: kind.as_str(), word: outcome(words, *kind)?, count: count(*number) });
        }
        Ok(Self {
            id: rule.key.rule.to_string(),
            from: rule.key.from.to_string(),
            reading: rule.key.reading.as_ref().map(ToString::to_string),
            text: pick(words, &rule.text),
            effect: effect.transpose()?,
            counts,
            examples: rule.examples.iter().map(row).collect(),
            examples_violate: rule.examples.first().is_some_and(|example| example.outcome == Outcome::Violated),
        })
    }
}

/// Decisions that the provision speaks about. Legal bases speak through the rule that demands one.
pub(super) fn applicable(provision: &ProvisionSummary) -> u64 {
    if provision.basis {
        return 0;
    }
    let judged = [Outcome::Satisfied, Outcome::Violated, Outcome::Undetermined];
    judged.into_iter().map(|kind| of(&provision.outcomes, kind)).sum::<u64>() + provision.disputed
}

/// How many came out as `kind`.
pub(super) fn of(outcomes: &BTreeMap<Outcome, u64>, kind: Outcome) -> u64 {
    outcomes.get(&kind).copied().unwrap_or(0)
}

/// An identifier for links within the page; each language has its own.
pub(super) fn anchor(words: Words<'_>, id: &str) -> String {
    let mut anchor = format!("{}-", words.language());
    anchor.extend(id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }));
    anchor
}

fn readings(words: Words<'_>, provision: &ProvisionSummary) -> Result<Vec<Reading>, I18nError> {
    if provision.disputed == 0 {
        return Ok(Vec::new());
    }
    let one = |reading: &ReadingSummary| {
        Ok(Reading {
            id: reading.id.to_string(),
            text: pick(words, &reading.text),
            held_by: reading.held_by.as_ref().map(|who| pick(words, who)),
            bar: outcome_bar(words, &reading.outcomes, 0)?,
        })
    };
    provision.readings.iter().map(one).collect()
}

fn outcome_bar(words: Words<'_>, outcomes: &BTreeMap<Outcome, u64>, disputed: u64) -> Result<Bar, I18nError> {
    let part = |kind: Outcome| Ok((kind.as_str(), outcome(words, kind)?, of(outcomes, kind)));
    let parts = [
        part(Outcome::Violated)?,
        ("disputed", words.say("outcome.disputed", &[])?, disputed),
        part(Outcome::Undetermined)?,
        part(Outcome::Satisfied)?,
    ];
    let whole = parts.iter().map(|(_, _, number)| number).sum();
    Ok(bar(&parts, whole))
}

fn row(example: &Example) -> Row {
    Row {
        decision: example.decision.clone(),
        at: instant(example.at),
        file: example.file.clone(),
        row: example.row.to_string(),
    }
}

fn some(number: u64) -> Option<String> {
    (number > 0).then(|| count(number))
}
