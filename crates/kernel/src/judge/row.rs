//! One decision at a time, for a gate that must answer in microseconds.

use super::Judge;
use crate::KernelError;
use crate::evaluate::{RowFacts, RowRun, RowScratch, Why};
use crate::rules::Steps;
use crate::scope::Law;
use crate::value::Fault;
use gongdao_model::{Cause, FactPath, FactValue, Facts, Instant, Outcome, PlaceCode};
use gongdao_rules::Judged;
use std::collections::BTreeMap;

/// A decision whose facts stand by slot of the compiled rules ([`crate::CompiledRules::slots`]).
#[derive(Clone, Copy)]
pub struct RowCase<'a, 'f> {
    /// When.
    pub at: Instant,
    /// What is done.
    pub action: &'a str,
    /// Where.
    pub place: Option<PlaceCode>,
    /// What is known, by slot; asked only for facts that the outcome depends on.
    pub known: &'a dyn Fn(usize) -> Option<&'f FactValue>,
    /// No text is outside the words that its fact can have; who asks has looked. If not, such a text is unknown.
    pub words_checked: bool,
    /// Numbers that the packs set count whatever is known; if not, what is known goes before them.
    pub law_first: bool,
    /// By index into `RuleSet::versions`, whether the version is stopped: it then judges nothing. Shorter is not stopped.
    pub stopped: &'a [bool],
}

/// What is said of one decision, in one number a version that is in force: compact enough to be compared and looked up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowVerdicts {
    law: usize,
    words: Vec<u32>,
}

impl RowVerdicts {
    /// The law that it is under: a number of the judge that filled it.
    pub fn law(&self) -> usize {
        self.law
    }

    /// Outcome and cause of each version in force, in the order of their indexes. Equal words under one law are equal
    /// verdicts.
    pub fn words(&self) -> &[u32] {
        &self.words
    }
}

/// Bits of a word that hold the outcome.
const OUTCOME_BITS: u32 = 3;
/// Causes: 0 is none, numbers below [`FIRST_SLOT`] are faults, one is a stopped rule, then slots of missing facts.
const STOPPED: u32 = 15;
const FIRST_SLOT: u32 = 16;

/// The words of the cause of a stopped rule.
const STOPPED_WORDS: &str = "the rule is stopped";

fn word(outcome: Outcome, cause: u32) -> u32 {
    outcome as u32 | cause << OUTCOME_BITS
}

fn open(why: Why) -> u32 {
    let cause = match why {
        Why::Missing(slot) => u32::try_from(slot).unwrap_or(u32::MAX >> 4).saturating_add(FIRST_SLOT),
        Why::Fault(fault) => fault as u32,
    };
    word(Outcome::Undetermined, cause)
}

fn outcome(word: u32) -> Outcome {
    let code = word & ((1 << OUTCOME_BITS) - 1);
    Outcome::ALL.get(code as usize).copied().unwrap_or(Outcome::Undetermined)
}

impl Judge {
    /// Judge one decision into `into`, whose space is used again. The verdicts are those of [`Judge::judge_cases`].
    ///
    /// Errors: an unknown action; `into` then says nothing.
    pub fn judge_row(&mut self, case: &RowCase<'_, '_>, into: &mut RowVerdicts) -> Result<(), KernelError> {
        into.words.clear();
        if self.machine.tidy() {
            self.words.clear();
        }
        let Self { rules, machine, finder, scratch, .. } = self;
        into.law = finder.of_one(rules, case.at.millis(), case.action, case.place)?;
        let Some(law) = finder.law(into.law) else { return Ok(()) };
        let facts = RowFacts {
            known: case.known,
            parameters: &law.parameters_by_slot,
            law_first: case.law_first,
            words_checked: case.words_checked,
        };
        let mut run = machine.row(facts, scratch);
        for version in &law.versions {
            let is_stopped = case.stopped.get(*version).copied().unwrap_or(false);
            into.words.push(match rules.steps.get(*version) {
                Some(_) if is_stopped => word(Outcome::Undetermined, STOPPED),
                Some(steps) if steps.is_basis => basis(&mut run, steps),
                Some(steps) => prohibition(&mut run, steps),
                None => word(Outcome::Undetermined, Fault::NoEntity as u32),
            });
        }
        settle(law, &mut into.words);
        Ok(())
    }

    /// What a row's words say, in the words of the reference evaluator.
    pub fn judged(&self, verdicts: &RowVerdicts) -> Vec<Judged> {
        let versions = self.law_versions(verdicts.law).iter().zip(&verdicts.words);
        let judged = versions.map(|(version, word)| Judged {
            version: *version,
            outcome: outcome(*word),
            cause: self.cause(*word >> OUTCOME_BITS),
        });
        judged.collect()
    }

    /// Whether a version was stopped, or is a demand that a stopped basis keeps open, by its position among the words.
    pub fn is_stopped(&self, verdicts: &RowVerdicts, position: usize) -> bool {
        verdicts.words.get(position).is_some_and(|word| word >> OUTCOME_BITS == STOPPED)
    }

    /// The versions of a law, ascending.
    pub fn law_versions(&self, law: usize) -> &[usize] {
        self.finder.law(law).map_or(&[], |law| &law.versions)
    }

    /// Slots of the facts that a law's versions refer to, ascending.
    pub fn law_slots(&self, law: usize) -> &[usize] {
        self.finder.law(law).map_or(&[], |law| &law.slots)
    }

    /// The numbers that a law sets, by path.
    pub fn law_parameters(&self, law: usize) -> Option<&BTreeMap<FactPath, i64>> {
        self.finder.law(law).map(|law| &law.parameters)
    }

    /// Judge one case as a row.
    pub(super) fn one_case(&mut self, case: &super::Case<'_>) -> Result<Vec<Judged>, KernelError> {
        let known = by_slot(&self.rules.slot_of, self.rules.program.slots.len(), case.facts);
        let known = |slot: usize| known.get(slot).copied().flatten();
        let mut verdicts = RowVerdicts::default();
        let row = RowCase {
            at: case.at,
            action: case.action,
            place: case.place,
            known: &known,
            words_checked: false,
            law_first: false,
            stopped: &[],
        };
        self.judge_row(&row, &mut verdicts)?;
        Ok(self.judged(&verdicts))
    }

    fn cause(&self, cause: u32) -> Option<Cause> {
        if cause == 0 {
            return None;
        }
        if cause == STOPPED {
            return Some(Cause::EngineError(STOPPED_WORDS.to_owned()));
        }
        let slot = cause.checked_sub(FIRST_SLOT).and_then(|slot| self.rules.program.slots.get(slot as usize));
        Some(match slot {
            Some(slot) => Cause::MissingFact(slot.path.clone()),
            None => Cause::EngineError(Fault::of_number(cause).unwrap_or(Fault::Missing).words().to_owned()),
        })
    }
}

type SlotOf = std::collections::HashMap<FactPath, usize, foldhash::fast::RandomState>;

fn by_slot<'f>(slot_of: &SlotOf, slots: usize, facts: &'f Facts) -> Vec<Option<&'f FactValue>> {
    let mut known = vec![None; slots];
    for (path, value) in facts.iter() {
        if let Some(place) = slot_of.get(path).and_then(|slot| known.get_mut(*slot)) {
            *place = Some(value);
        }
    }
    known
}

/// `when` says whether it applies, `unless` what satisfies it.
fn prohibition(run: &mut RowRun<'_, '_>, steps: &Steps) -> u32 {
    match steps.when.map_or(Ok(true), |when| run.truth(when)) {
        Ok(false) => word(Outcome::NotApplicable, 0),
        Err(why) => open(why),
        Ok(true) => match steps.unless.map_or(Ok(false), |unless| run.truth(unless)) {
            Ok(true) => word(Outcome::Satisfied, 0),
            Ok(false) => word(Outcome::Violated, 0),
            Err(why) => open(why),
        },
    }
}

/// `when` says what establishes it, `unless` what keeps it from holding.
fn basis(run: &mut RowRun<'_, '_>, steps: &Steps) -> u32 {
    let holds = steps.when.map_or(Ok(true), |when| run.truth(when));
    if holds == Ok(false) {
        return word(Outcome::NotEstablished, 0);
    }
    match (holds, steps.unless.map_or(Ok(false), |unless| run.truth(unless))) {
        (_, Ok(true)) => word(Outcome::NotEstablished, 0),
        (Err(why), _) | (_, Err(why)) => open(why),
        (_, Ok(false)) => word(Outcome::Established, 0),
    }
}

/// A demand that applies is satisfied by one established basis, undetermined while one could still be, for the reason of
/// the first that could, and violated otherwise.
fn settle(law: &Law, words: &mut [u32]) {
    for (demand, bases) in &law.demands {
        if words.get(*demand).copied() != Some(word(Outcome::Violated, 0)) {
            continue;
        }
        let said = || bases.iter().filter_map(|base| words.get(*base)).copied();
        let settled = if said().any(|word| outcome(word) == Outcome::Established) {
            Some(word(Outcome::Satisfied, 0))
        } else {
            said().find(|word| outcome(*word) == Outcome::Undetermined)
        };
        if let (Some(settled), Some(own)) = (settled, words.get_mut(*demand)) {
            *own = settled;
        }
    }
}

impl std::fmt::Debug for RowCase<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowCase").field("at", &self.at).field("action", &self.action).finish_non_exhaustive()
    }
}

/// Space for one row after another.
pub(super) type Scratch = RowScratch;
