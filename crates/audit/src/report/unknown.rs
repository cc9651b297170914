//! What could not be judged, gathered over all rules by the fact that is missing.

use super::article::{applicable, of};
use super::bar::percent;
use super::wording::{cite, count, fraction, natural, pick, share};
use crate::summary::{Bilingual, FactGrade, Summary};
use gongdao_i18n::{I18nError, Words};
use gongdao_model::{FactPath, Outcome};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Facts shown before the rest folds away.
const SHOWN: usize = 8;

#[derive(Debug, Serialize)]
pub(super) struct Unknown {
    pub pairs: String,
    pub judged: String,
    pub judged_share: String,
    pub unjudged: String,
    /// Whether anything could not be judged.
    pub any: bool,
    pub rules: String,
    pub full: String,
    pub never: String,
    pub missing: Vec<Missing>,
    pub more: Vec<Missing>,
    pub more_count: String,
    /// Articles for which no decision could be judged.
    pub never_articles: Vec<String>,
    pub errors: Vec<(String, String)>,
}

#[derive(Debug, Serialize)]
pub(super) struct Missing {
    pub label: String,
    pub fact: String,
    pub grade: String,
    pub affected: String,
    pub share: String,
    pub width: String,
    pub rules: String,
}

struct Gathered<'a> {
    label: &'a Bilingual,
    grade: FactGrade,
    affected: u64,
    rules: u64,
}

impl Unknown {
    pub(super) fn new(words: Words<'_>, summary: &Summary) -> Result<Self, I18nError> {
        let coverage = &summary.coverage;
        let mut missing = missing(words, summary)?;
        let more = missing.split_off(SHOWN.min(missing.len()));
        let unjudged = coverage.pairs.saturating_sub(coverage.judged);
        Ok(Self {
            pairs: count(coverage.pairs),
            judged: count(coverage.judged),
            judged_share: share(coverage.judged, coverage.pairs),
            unjudged: count(unjudged),
            any: unjudged > 0,
            rules: count(coverage.rules),
            full: count(coverage.rules_fully_judged),
            never: count(coverage.rules_never_judged),
            missing,
            more_count: more.len().to_string(),
            more,
            never_articles: never(words, summary),
            errors: errors(summary),
        })
    }
}

fn missing(words: Words<'_>, summary: &Summary) -> Result<Vec<Missing>, I18nError> {
    let mut by_fact: BTreeMap<&FactPath, Gathered<'_>> = BTreeMap::new();
    for fact in summary.rules.iter().flat_map(|rule| &rule.missing) {
        let empty = Gathered { label: &fact.label, grade: fact.grade, affected: 0, rules: 0 };
        let gathered = by_fact.entry(&fact.fact).or_insert(empty);
        gathered.affected += fact.count;
        gathered.rules += 1;
    }
    let mut ordered: Vec<_> = by_fact.into_iter().collect();
    ordered.sort_by_key(|(_, gathered)| Reverse(gathered.affected));
    let pairs = summary.coverage.pairs;
    let one = |(fact, gathered): (&FactPath, Gathered<'_>)| {
        Ok(Missing {
            label: pick(words, gathered.label),
            fact: fact.to_string(),
            grade: words.say(&format!("grade.{}", grade_word(gathered.grade)), &[])?,
            affected: count(gathered.affected),
            share: share(gathered.affected, pairs),
            width: percent(fraction(gathered.affected, pairs)),
            rules: count(gathered.rules),
        })
    };
    ordered.into_iter().map(one).collect()
}

fn never(words: Words<'_>, summary: &Summary) -> Vec<String> {
    let hopeless = summary.provisions.iter().filter(|provision| {
        let applicable = applicable(provision);
        applicable > 0 && applicable == of(&provision.outcomes, Outcome::Undetermined)
    });
    let mut hopeless: Vec<_> = hopeless.collect();
    hopeless.sort_by_key(|provision| natural(&provision.id));
    hopeless.into_iter().map(|provision| cite(words, provision)).collect()
}

fn errors(summary: &Summary) -> Vec<(String, String)> {
    let mut by_words: BTreeMap<&str, u64> = BTreeMap::new();
    for (words, number) in summary.rules.iter().flat_map(|rule| &rule.engine_errors) {
        *by_words.entry(words).or_default() += number;
    }
    by_words.into_iter().map(|(words, number)| (words.to_owned(), count(number))).collect()
}

fn grade_word(grade: FactGrade) -> &'static str {
    match grade {
        FactGrade::Observed => "observed",
        FactGrade::Derived => "derived",
        FactGrade::Asserted => "asserted",
    }
}
