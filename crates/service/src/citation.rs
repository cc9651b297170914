//! Decisions that cited an article or a rule: how many, how they came out, what became of contests. Counted as decisions are logged.

use crate::access::Look;
use crate::port::{Cites, ContestCount, Projected};
use crate::{Caller, Purpose, Service, ServiceError};
use gongdao_gate::Answer;
use gongdao_model::{Outcome, ProvisionVerdict};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Counts below this are not told: they would tell about persons.
const SMALLEST: u64 = 5;
/// Months that are told.
const MONTHS: usize = 12;
/// Answers that are kept in memory at most.
const KEPT: usize = 10_000;
/// Hexadecimal digits of a digest that name an answer in the database.
const DIGITS: usize = 16;

/// Decisions that cited an article or a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CitationFigures {
    /// By month, the newest first: how many by outcome. What is too small is absent.
    pub months: Vec<CitedMonth>,
    /// The same over all months that are told. Not more than there are: what is too small is not in it.
    pub outcomes: BTreeMap<String, u64>,
    /// Something was left out.
    pub is_partial: bool,
    /// Contests of such decisions; nothing where they are too few.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contests: Option<u64>,
    /// How many of them a person decided, and in how many of those something was changed; nothing where either side is too small.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<(u64, u64)>,
    /// Counts below this are absent.
    pub smallest_count: u64,
}

/// One month of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CitedMonth {
    /// In Asia/Shanghai, `2026-03`.
    pub month: String,
    /// How many by outcome.
    pub outcomes: BTreeMap<String, u64>,
}

impl Service {
    /// Decisions that cited an article or a rule, for everyone to see: nobody is named, and small counts are left out.
    pub fn citations(&self, subject: &str) -> Result<CitationFigures, ServiceError> {
        let mut figures = CitationFigures { smallest_count: SMALLEST, ..CitationFigures::default() };
        let mut months: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        for count in self.store.cited(subject)? {
            let month = months.entry(count.month).or_default();
            if count.decisions < SMALLEST {
                figures.is_partial = true;
                continue;
            }
            month.insert(count.outcome, count.decisions);
        }
        for (month, outcomes) in months.into_iter().rev().take(MONTHS) {
            for (outcome, decisions) in &outcomes {
                *figures.outcomes.entry(outcome.clone()).or_default() += decisions;
            }
            figures.months.push(CitedMonth { month, outcomes });
        }
        let ContestCount { filed, reviewed, changed } = self.store.contests_citing(subject)?;
        figures.contests = (filed >= SMALLEST).then_some(filed);
        let is_told = changed >= SMALLEST && reviewed - changed >= SMALLEST;
        figures.reviewed = is_told.then_some((reviewed, changed));
        Ok(figures)
    }

    /// The caller's own decisions that cited it, each with its outcome, newest first: for a person, or whoever acts for one.
    pub fn own_citations(
        &self,
        caller: &Caller,
        subject: &str,
        limit: u32,
    ) -> Result<Vec<(Projected, String)>, ServiceError> {
        let mut found = Vec::new();
        for person in &caller.persons {
            self.look(caller, Look::Decision, Some(person), &Purpose::default(), subject)?;
            found.extend(self.store.cited_about(subject, person, limit)?);
        }
        found.sort_by(|(one, _), (other, _)| (other.at, &other.id).cmp(&(one.at, &one.id)));
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }
}

/// What answers cite, worked out once an answer.
#[derive(Debug, Default)]
pub(crate) struct Citer(Mutex<HashMap<String, Arc<Cites>>>);

impl Citer {
    /// What the answer with a digest cites.
    ///
    /// Errors: those of `answer`.
    pub(crate) fn of<T: std::ops::Deref<Target = Answer>>(
        &self,
        digest: &str,
        answer: impl FnOnce() -> Result<T, ServiceError>,
    ) -> Result<Arc<Cites>, ServiceError> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cites) = known.get(digest) {
            return Ok(Arc::clone(cites));
        }
        let cites = Arc::new(cites(digest, &*answer()?)?);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(digest.to_owned(), Arc::clone(&cites));
        Ok(cites)
    }
}

fn cites(digest: &str, answer: &Answer) -> Result<Cites, ServiceError> {
    let digits = digest.strip_prefix("sha256:").and_then(|digits| digits.get(..DIGITS));
    let number = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
    let number = number.ok_or_else(|| ServiceError::storage(format_args!("`{digest}` is no digest")))?;
    let mut subjects: BTreeMap<String, &'static str> = BTreeMap::new();
    for verdict in &answer.provisions {
        if let Some(outcome) = of_provision(verdict) {
            subjects.insert(verdict.provision.to_string(), outcome);
        }
    }
    // Of a rule's readings the gravest speaks.
    let mut rules: BTreeMap<String, Outcome> = BTreeMap::new();
    for verdict in answer.rules.iter().filter(|verdict| verdict.outcome != Outcome::NotApplicable) {
        let held = rules.entry(verdict.version.rule.to_string()).or_insert(verdict.outcome);
        if gravity(verdict.outcome) > gravity(*held) {
            *held = verdict.outcome;
        }
    }
    subjects.extend(rules.into_iter().map(|(rule, outcome)| (rule, outcome.as_str())));
    Ok(Cites { answer: number.cast_signed(), subjects: subjects.into_iter().collect() })
}

/// What an answer says of a provision in one word; nothing where it does not speak.
fn of_provision(verdict: &ProvisionVerdict) -> Option<&'static str> {
    let speaking = verdict.by_reading.iter().map(|(_, outcome)| *outcome);
    let gravest = speaking.filter(|outcome| *outcome != Outcome::NotApplicable).max_by_key(|one| gravity(*one))?;
    Some(if verdict.disputed { "disputed" } else { gravest.as_str() })
}

fn gravity(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::NotApplicable => 0,
        Outcome::Satisfied | Outcome::Established => 1,
        Outcome::Undetermined => 2,
        Outcome::NotEstablished => 3,
        Outcome::Violated => 4,
    }
}
