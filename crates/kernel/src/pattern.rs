//! Decisions with the same outcome under every rule version share everything that follows from the outcomes.

mod walk;

use crate::Verdicts;
use gongdao_model::{DecisionId, Effect, FactPath, Outcome, ProvisionId, ProvisionVerdict};
use gongdao_rules::{Appraisal, Judged, RuleSet, appraisal};
use std::collections::{BTreeMap, BTreeSet};
use walk::Walk;

/// What follows from one combination of outcomes.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four answers to four questions, each a column of the results")]
pub struct Pattern {
    /// Some provision is violated under every reading.
    pub violated: bool,
    /// It is violated, and only by provisional law.
    pub provisional_only: bool,
    /// Some provision depends on the reading.
    pub disputed: bool,
    /// Some provision cannot be judged.
    pub undetermined: bool,
    /// No rule in force speaks about it: nothing was judged, so nothing is clear.
    pub silent: bool,
    /// What the gate would do.
    pub effect: Effect,
    /// One verdict a provision; legal bases with them.
    pub provisions: Vec<ProvisionVerdict>,
    /// Provisions that have nothing but legal bases.
    pub bases: BTreeSet<ProvisionId>,
    /// Versions with the operator's claims that they rest on here, those behind their bases included.
    pub claims: Vec<(usize, Vec<FactPath>)>,
}

impl Pattern {
    /// Every rule that speaks about it could be judged and is kept.
    pub fn is_clear(&self) -> bool {
        !(self.violated || self.disputed || self.undetermined || self.silent)
    }

    /// Whether a violation of this provision depends on the reading.
    pub fn is_disputed(&self, provision: &ProvisionId) -> bool {
        self.disputed && self.provisions.iter().any(|verdict| verdict.disputed && verdict.provision == *provision)
    }
}

/// The patterns met so far. Logs have few: thousands among millions of decisions.
#[derive(Debug, Default)]
pub struct Patterns {
    walk: Walk,
    /// The pattern of a place, once some decision ended there.
    of_place: Vec<Option<usize>>,
    found: Vec<Pattern>,
}

/// Beyond so many places the memory starts anew between batches.
const MOST_PLACES: usize = 1_000_000;

impl Patterns {
    /// The pattern's number for each decision of a batch. Numbers hold until the next call.
    pub fn of_rows(&mut self, rules: &RuleSet, verdicts: &Verdicts) -> Vec<usize> {
        if self.walk.len() > MOST_PLACES {
            *self = Self::default();
        }
        let ends = self.walk.ends(verdicts);
        self.of_place.resize(self.walk.len(), None);
        ends.into_iter().map(|place| self.of_place(rules, place)).collect()
    }

    fn of_place(&mut self, rules: &RuleSet, place: u32) -> usize {
        let known = self.of_place.get(place as usize).copied().flatten();
        known.unwrap_or_else(|| {
            let number = self.found.len();
            self.found.push(pattern(rules, self.walk.outcomes(place)));
            if let Some(slot) = self.of_place.get_mut(place as usize) {
                *slot = Some(number);
            }
            number
        })
    }

    /// The pattern of a number.
    pub fn get(&self, number: usize) -> Option<&Pattern> {
        self.found.get(number)
    }
}

fn pattern(rules: &RuleSet, outcomes: BTreeMap<usize, Outcome>) -> Pattern {
    let judged: Vec<Judged> =
        outcomes.into_iter().map(|(version, outcome)| Judged { version, outcome, cause: None }).collect();
    // Any identifier will do: the pattern belongs to many decisions.
    let Ok(id) = "pattern".parse::<DecisionId>() else {
        return empty();
    };
    let Appraisal { evaluation, violated, provisional_only, disputed, undetermined, silent, bases, .. } =
        appraisal(rules, id, &judged);
    Pattern {
        violated,
        provisional_only,
        disputed,
        undetermined,
        silent,
        effect: evaluation.effect,
        bases,
        claims: judged
            .iter()
            .zip(&evaluation.rules)
            .filter(|(_, verdict)| !verdict.asserted.is_empty())
            .map(|(one, verdict)| (one.version, verdict.asserted.clone()))
            .collect(),
        provisions: evaluation.provisions,
    }
}

fn empty() -> Pattern {
    Pattern {
        violated: false,
        provisional_only: false,
        disputed: false,
        undetermined: true,
        silent: false,
        effect: Effect::CannotTell,
        provisions: Vec::new(),
        bases: BTreeSet::new(),
        claims: Vec::new(),
    }
}
