//! Batches of decisions in, verdicts out.

mod parameter;
mod row;
mod session;

use crate::bits::Bits;
use crate::cell::Cell;
use crate::columns::{ACTION, AT, DECISION_COLUMNS, PLACE};
use crate::evaluate::{Column, Input, Machine};
use crate::facts::{self, Words};
use crate::rules::CompiledRules;
use crate::scope::{Finder, Scopes};
use crate::strings::{Coded, Strings};
use crate::verdicts::{ScopeLists, Verdicts};
use crate::{KernelError, instants};
use arrow_array::{ArrayRef, RecordBatch};
use gongdao_model::{FactPath, FactValue, Facts, Instant, PlaceCode};
pub use row::RowVerdicts;
pub(crate) use row::RowVersion;
use session::Session;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Judges decisions by compiled rules; one a thread. Keeps words, sets and laws that it met, so the second batch is faster
/// than the first.
pub struct Judge {
    rules: Arc<CompiledRules>,
    machine: Machine,
    words: Words,
    finder: Finder,
    /// Space for one row after another.
    cells: Vec<Cell>,
}

/// A decision that is not in columns.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// When.
    pub at: Instant,
    /// What is done.
    pub action: &'a str,
    /// Where.
    pub place: Option<PlaceCode>,
    /// What is known.
    pub facts: &'a Facts,
}

impl Judge {
    /// A judge for rules.
    pub fn new(rules: Arc<CompiledRules>) -> Self {
        let machine = Machine::new(Arc::clone(&rules.program));
        Self { rules, machine, words: Words::default(), finder: Finder::default(), cells: Vec::new() }
    }

    /// Judge every decision of a batch with the columns of [`crate::columns`]. Facts of the state are columns like any
    /// other: join them first.
    ///
    /// Errors: a column is missing or of a wrong type, a column names no fact, an unknown action, an impossible place.
    pub fn judge(&mut self, batch: &RecordBatch) -> Result<Verdicts, KernelError> {
        self.tidy();
        let at = instants::read(needed(batch, AT)?)?;
        let rows = batch.num_rows();
        let action = Strings::of(needed(batch, ACTION)?, ACTION)?.coded(rows);
        let place = batch.column_by_name(PLACE).map(|array| Strings::of(array, PLACE)).transpose()?;
        let place = place.unwrap_or(Strings::Absent).coded(rows);
        if let Some(row) = (0..rows).find(|row| action.text(action.code(*row)).is_none()) {
            return Err(KernelError::new("the decision has no action", "give each decision one").at(row));
        }
        let scopes = self.finder.scopes(&self.rules, &at, &action, &place)?;
        self.known_columns(batch)?;
        let slots = &self.rules.program.slots;
        let mut facts = Vec::with_capacity(slots.len());
        for slot in slots {
            let array = batch.column_by_name(&slot.path.to_string());
            let column = array.map(|array| facts::column(slot, array, &mut self.machine.values, &mut self.words));
            facts.push(column.transpose()?.flatten());
        }
        Ok(self.verdicts(rows, facts, &scopes))
    }

    /// Judge a few decisions.
    ///
    /// Errors: an unknown action. Facts outside the vocabulary do not count.
    pub fn judge_cases(&mut self, cases: &[Case<'_>]) -> Result<Verdicts, KernelError> {
        if let [case] = cases {
            let judged = self.one_case(case).map_err(|error| error.at(0))?;
            return Ok(Verdicts::from_rows(&[judged]));
        }
        self.tidy();
        let at: Vec<i64> = cases.iter().map(|case| case.at.millis()).collect();
        let places: Vec<Option<String>> = cases.iter().map(|case| case.place.map(|place| place.to_string())).collect();
        let action = Coded::of(cases.iter().map(|case| Some(case.action)));
        let place = Coded::of(places.iter().map(Option::as_deref));
        let scopes = self.finder.scopes(&self.rules, &at, &action, &place)?;
        let slots = &self.rules.program.slots;
        let found = self.found(cases);
        let values = &mut self.machine.values;
        let needed = scopes.needed(&self.finder, slots.len());
        let facts = slots.iter().zip(needed).enumerate().map(|(index, (slot, is_needed))| {
            let rows = found.get(index * cases.len()..(index + 1) * cases.len()).filter(|_| is_needed)?;
            facts::from_facts(slot, rows, values)
        });
        let facts = facts.collect();
        Ok(self.verdicts(cases.len(), facts, &scopes))
    }

    /// By slot, then by case, what is known. Facts and slots are met in the same order.
    fn found<'a>(&self, cases: &[Case<'a>]) -> Vec<Option<&'a FactValue>> {
        let slots = &self.rules.program.slots;
        let mut found = vec![None; slots.len() * cases.len()];
        for (row, case) in cases.iter().enumerate() {
            let mut facts = case.facts.iter().peekable();
            for index in &self.rules.slots_by_path {
                let Some(slot) = slots.get(*index) else { continue };
                while facts.next_if(|(path, _)| **path < slot.path).is_some() {}
                let Some((_, value)) = facts.next_if(|(path, _)| **path == slot.path) else { continue };
                if let Some(place) = found.get_mut(index * cases.len() + row) {
                    *place = Some(value);
                }
            }
        }
        found
    }

    /// A column that names no fact is a slip of whoever made the batch: its fact would count as missing.
    fn known_columns(&self, batch: &RecordBatch) -> Result<(), KernelError> {
        let vocabulary = self.rules.vocabulary();
        for field in
            batch.schema_ref().fields().iter().filter(|field| !DECISION_COLUMNS.contains(&field.name().as_str()))
        {
            let known = field.name().parse::<FactPath>().is_ok_and(|path| vocabulary.facts.contains_key(&path));
            if !known {
                let message = format!("column `{}` is no fact of the vocabulary", field.name());
                return Err(KernelError::new(
                    message,
                    "name it by a fact of packs/vocabulary.cedarschema, or leave it out",
                ));
            }
        }
        Ok(())
    }

    fn verdicts(&mut self, rows: usize, mut facts: Vec<Option<Column>>, scopes: &Scopes) -> Verdicts {
        let rules = Arc::clone(&self.rules);
        let needed = scopes.needed(&self.finder, facts.len());
        let is_needed = |slot: &&usize| needed.get(**slot) == Some(&true);
        for slot in rules.parameters.iter().filter(is_needed) {
            if let Some(given) = facts.get_mut(*slot) {
                *given = parameter::column(&rules, *slot, given.take(), scopes, &self.finder);
            }
        }
        let mut members: BTreeMap<usize, Bits> = BTreeMap::new();
        let mut lists = ScopeLists::default();
        let mut numbers = Vec::with_capacity(scopes.groups.len());
        for (law, group) in &scopes.groups {
            for version in self.finder.law(*law).into_iter().flat_map(|law| law.versions.iter()) {
                members.entry(*version).or_insert_with(|| Bits::none(rows)).include(group);
            }
            let versions = self.finder.law(*law).map_or_else(Vec::new, |law| law.versions.to_vec());
            numbers.push(lists.number(versions));
        }
        let number = |group: &u32| numbers.get(*group as usize).copied().unwrap_or(0);
        lists.set(scopes.of_row.iter().map(number).collect());
        let run = self.machine.run(Input { rows, facts, variables: None });
        Session::new(&rules, run).verdicts(rows, members, lists)
    }
}

fn needed<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, KernelError> {
    batch.column_by_name(name).ok_or_else(|| {
        KernelError::new(format!("the batch has no column `{name}`"), "see docs/formats/decision.md for the columns")
    })
}
