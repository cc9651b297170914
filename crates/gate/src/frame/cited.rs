//! What answers say of articles and rules, each in one word: enough to count them, without making the answers.

use super::{Brief, Frame, outcome_of};
use crate::answer::Answer;
use gongdao_model::Outcome;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The articles and rules under one law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citable {
    names: Arc<[String]>,
    /// By rule version, the place of its rule among the names.
    rules: Vec<usize>,
    /// By provision, its place, and how many readings it has.
    provisions: Vec<(usize, usize)>,
}

/// What an answer says of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    /// Articles and rules by their identifiers; all answers under one law share them.
    pub names: Arc<[String]>,
    /// By name, a place in [`Cited::WORDS`]; 0 where the answer does not speak of it.
    pub words: Box<[u8]>,
}

impl Cited {
    /// Words for outcomes; of a rule's or a provision's readings the gravest counts, which stands later here.
    pub const WORDS: [&'static str; 7] =
        ["", "established", "satisfied", "undetermined", "not-established", "violated", "disputed"];
    const DISPUTED: u8 = 6;

    /// What it speaks of, each with a word.
    pub fn spoken(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let words = self.names.iter().zip(&self.words).filter(|(_, word)| **word > 0);
        words.filter_map(|(name, word)| Some((name.as_str(), *Self::WORDS.get(usize::from(*word))?)))
    }
}

fn word(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::NotApplicable => 0,
        Outcome::Established => 1,
        Outcome::Satisfied => 2,
        Outcome::Undetermined => 3,
        Outcome::NotEstablished => 4,
        Outcome::Violated => 5,
    }
}

impl Citable {
    fn new(rules: impl Iterator<Item = String>, provisions: impl Iterator<Item = (String, usize)>) -> Self {
        let (rules, provisions): (Vec<_>, Vec<_>) = (rules.collect(), provisions.collect());
        let all = rules.iter().chain(provisions.iter().map(|(name, _)| name)).map(|name| (name.as_str(), 0));
        let mut places: BTreeMap<&str, usize> = all.collect();
        places.values_mut().enumerate().for_each(|(place, of)| *of = place);
        let place = |name: &str| places.get(name).copied().unwrap_or_default();
        Self {
            rules: rules.iter().map(|name| place(name)).collect(),
            provisions: provisions.iter().map(|(name, readings)| (place(name), *readings)).collect(),
            names: places.keys().map(|name| (*name).to_owned()).collect(),
        }
    }

    /// What an answer in the letters of the law's frame says of them.
    pub fn cited(&self, brief: &Brief) -> Cited {
        let outcome = |letter: char| outcome_of(letter).unwrap_or(Outcome::NotApplicable);
        let is_disputed = |position: usize| brief.disagree.binary_search(&position).is_ok();
        self.said(brief.rules.chars().map(outcome), brief.provisions.chars().map(outcome), is_disputed)
    }

    fn said(
        &self,
        rules: impl Iterator<Item = Outcome>,
        mut readings: impl Iterator<Item = Outcome>,
        is_disputed: impl Fn(usize) -> bool,
    ) -> Cited {
        let mut words = vec![0; self.names.len()].into_boxed_slice();
        let mut say = |place: usize, word: u8| {
            if let Some(said) = words.get_mut(place) {
                *said = word.max(*said);
            }
        };
        for (place, outcome) in self.rules.iter().zip(rules) {
            say(*place, word(outcome));
        }
        for (position, (place, count)) in self.provisions.iter().enumerate() {
            let gravest = readings.by_ref().take(*count).map(word).max().unwrap_or(0);
            say(*place, if gravest > 0 && is_disputed(position) { Cited::DISPUTED } else { gravest });
        }
        Cited { names: Arc::clone(&self.names), words }
    }
}

impl Frame {
    /// The articles and rules that its answers can speak of.
    pub fn citable(&self) -> Citable {
        let rules = self.rules.iter().map(|rule| rule.version.rule.to_string());
        Citable::new(rules, self.provisions.iter().map(|one| (one.provision.to_string(), one.readings.len())))
    }
}

impl Answer {
    /// What it says of articles and rules.
    pub fn cited(&self) -> Cited {
        let rules = self.rules.iter().map(|verdict| verdict.version.rule.to_string());
        let provisions = self.provisions.iter().map(|one| (one.provision.to_string(), one.by_reading.len()));
        let citable = Citable::new(rules, provisions);
        let readings = self.provisions.iter().flat_map(|one| one.by_reading.iter().map(|(_, outcome)| *outcome));
        let is_disputed = |position: usize| self.provisions.get(position).is_some_and(|one| one.disputed);
        citable.said(self.rules.iter().map(|verdict| verdict.outcome), readings, is_disputed)
    }
}
