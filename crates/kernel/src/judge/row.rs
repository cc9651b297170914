//! One decision at a time, for a gate that must answer in microseconds.

use super::Judge;
use crate::KernelError;
use crate::cell::{Cause as Number, Cell};
use crate::facts;
use crate::rules::{CompiledRules, Steps};
use crate::scope::Law;
use crate::value::Fault;
use gongdao_model::{Cause, FactPath, FactType, FactValue, Instant, Outcome, PlaceCode};
use gongdao_rules::Judged;
use std::collections::BTreeMap;
use std::sync::Arc;

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

    /// The outcome of each version in force, in the order of their indexes.
    pub fn outcomes(&self) -> impl ExactSizeIterator<Item = Outcome> + Clone {
        self.words.iter().map(|word| outcome(*word))
    }

    /// Whether a version was stopped, or is a demand that a stopped basis keeps open, by its position among the words.
    pub fn is_stopped(&self, position: usize) -> bool {
        self.words.get(position).is_some_and(|word| word >> OUTCOME_BITS == STOPPED)
    }
}

/// What a row's verdicts are read from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowVersion {
    /// Positions of its conditions among the cells; none where it has none.
    when: Option<u32>,
    unless: Option<u32>,
    is_basis: bool,
    /// Index into `RuleSet::versions`.
    version: usize,
}

impl RowVersion {
    pub(crate) fn new(version: usize, steps: &Steps, position: impl Fn(crate::program::NodeId) -> u32) -> Self {
        let (when, unless) = (steps.when.map(&position), steps.unless.map(&position));
        Self { when, unless, is_basis: steps.is_basis, version }
    }
}

/// Bits of a word that hold the outcome.
const OUTCOME_BITS: u32 = 3;
/// The cause of a stopped rule; faults have smaller numbers, missing facts greater ones.
const STOPPED: u32 = Number::FIRST_SLOT - 1;

/// The words of the cause of a stopped rule.
const STOPPED_WORDS: &str = "the rule is stopped";

fn word(outcome: Outcome, cause: u32) -> u32 {
    outcome as u32 | cause << OUTCOME_BITS
}

fn open(cause: u32) -> u32 {
    word(Outcome::Undetermined, cause)
}

fn outcome(word: u32) -> Outcome {
    let code = word & ((1 << OUTCOME_BITS) - 1);
    Outcome::ALL.get(code as usize).copied().unwrap_or(Outcome::Undetermined)
}

impl Judge {
    /// Forget the texts and sets of earlier decisions if they have become many; true if so. Cells that were made before it
    /// must not be used any more.
    pub fn tidy(&mut self) -> bool {
        let is_new = self.machine.tidy();
        if is_new {
            self.words.clear();
        }
        is_new
    }

    /// The law that a decision is under, as a number that this judge keeps.
    ///
    /// Errors: an unknown action.
    pub fn law(&mut self, at: Instant, action: &str, place: Option<PlaceCode>) -> Result<usize, KernelError> {
        self.finder.of_one(&self.rules, at.millis(), action, place)
    }

    /// The versions of a law, ascending.
    pub fn law_versions(&self, law: usize) -> Arc<[usize]> {
        self.finder.law(law).map_or_else(|| Arc::from([]), |law| Arc::clone(&law.versions))
    }

    /// Slots of the facts that a law's versions refer to, ascending. The fact of the slot at position `n` is cell `n`.
    pub fn law_slots(&self, law: usize) -> &[usize] {
        self.finder.law(law).map_or(&[], |law| &law.slots)
    }

    /// The numbers that a law sets, by path.
    pub fn law_parameters(&self, law: usize) -> Option<&BTreeMap<FactPath, i64>> {
        self.finder.law(law).map(|law| &law.parameters)
    }

    /// A value of the fact of a slot as a cell; what cannot be one of its values is as good as unknown.
    pub fn cell(&mut self, slot: usize, value: &FactValue) -> Cell {
        let missing = Cell::missing(slot);
        let Some(declared) = self.rules.program.slots.get(slot) else { return missing };
        match (declared.kind, value) {
            (FactType::Bool, FactValue::Bool(truth)) => Cell::truth(*truth),
            (FactType::Long, FactValue::Long(number)) => Cell::long(*number),
            (FactType::Text | FactType::TextSet, value) => {
                let id = facts::value_of(declared, value, &mut self.machine.values);
                if id.is_value() { Cell::value(id) } else { missing }
            }
            _ => missing,
        }
    }

    /// Begin a row under a law: a cell for each of [`Judge::law_slots`], of which those of numbers set by law are known and
    /// all others unknown, and whatever else judging needs.
    pub fn start(&self, law: usize, cells: &mut Vec<Cell>) {
        cells.clear();
        cells.extend_from_slice(self.finder.law(law).map_or(&[], |law| &law.pruned.template));
    }

    /// Judge the row whose cells were begun under the law. `stopped` says by index into `RuleSet::versions` whether a version
    /// is stopped: it then judges nothing; shorter is not stopped. The verdicts are those of [`Judge::judge_cases`].
    pub fn judge_row(&mut self, law: usize, cells: &mut Vec<Cell>, stopped: &[bool], into: &mut RowVerdicts) {
        into.words.clear();
        into.law = law;
        let Some(law) = self.finder.law(law) else { return };
        // What an earlier look at the same row has put behind them.
        cells.truncate(law.pruned.template.len());
        self.machine.work_out(&law.pruned.steps, cells);
        let is_stopped = |version: &RowVersion| stopped.get(version.version).copied().unwrap_or(false);
        into.words.extend(law.rows.iter().map(|version| match version {
            version if !stopped.is_empty() && is_stopped(version) => open(STOPPED),
            version if version.is_basis => basis(version, cells),
            version => prohibition(version, cells),
        }));
        settle(law, &mut into.words);
    }

    /// What a row's words say, in the words of the reference evaluator.
    pub fn judged(&self, verdicts: &RowVerdicts) -> Vec<Judged> {
        self.rules.judged(&self.law_versions(verdicts.law), &verdicts.words)
    }

    /// Judge one case as a row.
    pub(super) fn one_case(&mut self, case: &super::Case<'_>) -> Result<Vec<Judged>, KernelError> {
        self.tidy();
        let law = self.law(case.at, case.action, case.place)?;
        let mut cells = std::mem::take(&mut self.cells);
        self.start(law, &mut cells);
        for (path, value) in case.facts.iter() {
            let slot = self.rules.slot_of.get(path).copied();
            let position = slot.and_then(|slot| self.law_slots(law).binary_search(&slot).ok());
            let (Some(slot), Some(position)) = (slot, position) else { continue };
            // What is given goes before a number set by law, if it is one.
            let cell = self.cell(slot, value);
            if let Some(place) = cells.get_mut(position).filter(|_| cell.is_known()) {
                *place = cell;
            }
        }
        let mut verdicts = RowVerdicts::default();
        self.judge_row(law, &mut cells, &[], &mut verdicts);
        self.cells = cells;
        Ok(self.judged(&verdicts))
    }
}

impl CompiledRules {
    /// What words of [`RowVerdicts`] say of the versions of their law, in the words of the reference evaluator.
    pub fn judged(&self, versions: &[usize], words: &[u32]) -> Vec<Judged> {
        let judged = versions.iter().zip(words).map(|(version, word)| Judged {
            version: *version,
            outcome: outcome(*word),
            cause: self.cause(*word >> OUTCOME_BITS),
        });
        judged.collect()
    }

    fn cause(&self, cause: u32) -> Option<Cause> {
        if cause == 0 {
            return None;
        }
        if cause == STOPPED {
            return Some(Cause::EngineError(STOPPED_WORDS.to_owned()));
        }
        let slot = cause.checked_sub(Number::FIRST_SLOT).and_then(|slot| self.program.slots.get(slot as usize));
        Some(match slot {
            Some(slot) => Cause::MissingFact(slot.path.clone()),
            None => Cause::EngineError(Fault::of_number(cause).unwrap_or(Fault::Missing).words().to_owned()),
        })
    }
}

#[inline]
fn at(cells: &[Cell], position: Option<u32>, otherwise: bool) -> Cell {
    let Some(position) = position else { return Cell::truth(otherwise) };
    cells.get(position as usize).copied().unwrap_or(Cell::fault(Fault::NoEntity))
}

/// `when` says whether it applies, `unless` what satisfies it.
#[inline]
fn prohibition(version: &RowVersion, cells: &[Cell]) -> u32 {
    let when = at(cells, version.when, true);
    if !when.is_known() {
        return open(when.open());
    }
    if !when.is_true() {
        return word(Outcome::NotApplicable, 0);
    }
    match at(cells, version.unless, false) {
        unless if !unless.is_known() => open(unless.open()),
        unless if unless.is_true() => word(Outcome::Satisfied, 0),
        _ => word(Outcome::Violated, 0),
    }
}

/// `when` says what establishes it, `unless` what keeps it from holding.
#[inline]
fn basis(version: &RowVersion, cells: &[Cell]) -> u32 {
    let (holds, kept_off) = (at(cells, version.when, true), at(cells, version.unless, false));
    if (holds.is_known() && !holds.is_true()) || (kept_off.is_known() && kept_off.is_true()) {
        return word(Outcome::NotEstablished, 0);
    }
    match [holds, kept_off].into_iter().find(|cell| !cell.is_known()) {
        Some(unknown) => open(unknown.open()),
        None => word(Outcome::Established, 0),
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
