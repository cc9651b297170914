//! Decisions that cited an article or a rule: how many, how they came out, what became of contests. Counted as decisions are logged.

use crate::access::Look;
use crate::check::{ANSWERS, hex};
use crate::port::{Cites, ContestCount, Projected, Store};
use crate::{Caller, Purpose, Service, ServiceError};
use gongdao_gate::{Brief, Citable, Frame, Told};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Counts below this are not told: they would tell about persons.
const SMALLEST: u64 = 5;
/// Months that are told.
const MONTHS: usize = 12;
/// Laws whose articles are kept in memory at most.
const KEPT: usize = 256;
/// A person's newest decisions that are looked through.
const LOOKED: u32 = 200;
/// Contested decisions that are read before a page is shown.
const READ: u32 = 1_000;

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
    /// Decisions that cited articles or rules, one after the other, for everyone to see: nobody is named, and small counts are left out.
    pub fn citations(&self, subjects: &[&str]) -> Result<Vec<CitationFigures>, ServiceError> {
        self.read_contested()?;
        subjects.iter().map(|subject| self.citations_of(subject)).collect()
    }

    fn citations_of(&self, subject: &str) -> Result<CitationFigures, ServiceError> {
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

    /// What was contested since somebody last looked.
    fn read_contested(&self) -> Result<(), ServiceError> {
        let mut citer = Citer::default();
        for answer in self.store.unread_contested(READ)? {
            let found = citer.stored(&*self.store, &named(&answer))?;
            self.store.put_contested(&answer, found.as_ref().map(|cites| &cites.cited))?;
        }
        Ok(())
    }

    /// Those of the caller's own newest 200 decisions that cited it, each with its outcome, newest first: for a person, or whoever
    /// acts for one.
    pub fn own_citations(
        &self,
        caller: &Caller,
        subject: &str,
        limit: u32,
    ) -> Result<Vec<(Projected, String)>, ServiceError> {
        let mut citer = Citer::default();
        let mut words: HashMap<[u8; 32], Option<&'static str>> = HashMap::new();
        let mut found = Vec::new();
        for person in &caller.persons {
            self.look(caller, Look::Decision, Some(person), &Purpose::default(), subject)?;
            for (line, answer) in self.store.judged_about(person, LOOKED)? {
                let word = if let Some(word) = words.get(&answer) {
                    *word
                } else {
                    let said = citer.stored(&*self.store, &named(&answer))?;
                    let mut spoken = said.iter().flat_map(|cites| cites.cited.spoken());
                    let word = spoken.find(|(name, _)| *name == subject).map(|(_, word)| word);
                    words.insert(answer, word);
                    word
                };
                found.extend(word.map(|word| (line, word.to_owned())));
            }
        }
        found.sort_by(|(one, _), (other, _)| (other.at, &other.id).cmp(&(one.at, &one.id)));
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }
}

/// What an answer cites; nothing where its name is no digest, and the gate makes none such.
pub(crate) fn cites_of(told: &Told) -> Option<Cites> {
    let cited = told.brief().map_or_else(|| told.cited(), |(brief, frame)| frame.citable().cited(brief));
    Some(Cites { answer: bytes_of(told.digest())?, cited })
}

/// Reads what answers in the database cite; what all answers under one law can cite is worked out once.
#[derive(Debug, Default)]
pub(crate) struct Citer(HashMap<String, Citable>);

impl Citer {
    /// What an answer cites, by its name; nothing where it, or its frame, is not there.
    ///
    /// Errors: those of the database; what stands there is no answer.
    pub(crate) fn stored(&mut self, store: &dyn Store, digest: &str) -> Result<Option<Cites>, ServiceError> {
        let (Some(answer), Some(found)) = (bytes_of(digest), store.document(ANSWERS, digest)?) else {
            return Ok(None);
        };
        let cited = match serde_json::from_str::<Brief>(&found.body) {
            Ok(brief) => self.citable(store, brief.frame())?.map(|citable| citable.cited(&brief)),
            // It stands there as a whole.
            Err(_) => crate::check::read_answer(store, &found.body)?.map(|answer| answer.cited()),
        };
        Ok(cited.map(|cited| Cites { answer, cited }))
    }

    fn citable(&mut self, store: &dyn Store, frame: &str) -> Result<Option<&Citable>, ServiceError> {
        if !self.0.contains_key(frame) {
            let Some(found) = store.document(ANSWERS, frame)? else { return Ok(None) };
            let read: Frame = serde_json::from_str(&found.body).map_err(ServiceError::storage)?;
            if self.0.len() >= KEPT {
                self.0.clear();
            }
            self.0.insert(frame.to_owned(), read.citable());
        }
        Ok(self.0.get(frame))
    }
}

const ALGORITHM: &str = "sha256:";

/// The bytes of a name such as `sha256:…`; nothing for another.
fn bytes_of(digest: &str) -> Option<[u8; 32]> {
    let digits = digest.strip_prefix(ALGORITHM).filter(|digits| digits.len() == 64 && digits.is_ascii())?;
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

fn named(answer: &[u8; 32]) -> String {
    format!("{ALGORITHM}{}", hex(answer))
}
