use super::error::{AsOfError, number};
use super::hash;
use super::values::{UNKNOWN, Values};
use gongdao_model::{FactType, FactValue};
use hashbrown::HashTable;

/// The state before any event: what is so of a key that has none.
pub(super) const INITIAL: u32 = 0;
/// The state of nobody knows whom: nothing is known.
pub(super) const NOTHING: u32 = 1;

/// Distinct states: for each a number, and for each fact the number of its value in that state.
#[derive(Debug)]
pub(super) struct States {
    values: Vec<Values>,
    /// For each fact, by state, the number of its value.
    columns: Vec<Vec<u32>>,
    len: usize,
    table: HashTable<u32>,
    /// The state being looked up.
    wanted: Vec<u32>,
}

impl States {
    /// States of facts of these types, of which the first is `initial`; none is an unknown fact.
    pub(super) fn new(facts: &[(FactType, Option<&FactValue>)]) -> Result<Self, AsOfError> {
        let mut values: Vec<Values> = facts.iter().map(|(kind, _)| Values::new(*kind)).collect();
        let mut start = Vec::new();
        for (values, (_, initial)) in values.iter_mut().zip(facts) {
            start.push(initial.map_or(Ok(UNKNOWN), |value| values.intern(value))?);
        }
        let columns = vec![Vec::new(); values.len()];
        let mut states = Self { values, columns, len: 0, table: HashTable::new(), wanted: start };
        states.append()?;
        states.wanted.fill(UNKNOWN);
        // Both numbers are given, even where nothing is known initially.
        let start_too = states.find().is_some();
        states.append()?;
        if start_too {
            states.renumber();
        }
        Ok(states)
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn values(&self, fact: usize) -> Option<&Values> {
        self.values.get(fact)
    }

    pub(super) fn values_mut(&mut self, fact: usize) -> Option<&mut Values> {
        self.values.get_mut(fact)
    }

    /// By state, the number of the fact's value.
    pub(super) fn column(&self, fact: usize) -> &[u32] {
        self.columns.get(fact).map_or(&[], Vec::as_slice)
    }

    /// The number of a fact's value in a state.
    pub(super) fn value_in(&self, state: u32, fact: usize) -> u32 {
        self.column(fact).get(state as usize).copied().unwrap_or(UNKNOWN)
    }

    /// The state that differs from `state` in one fact.
    pub(super) fn with(&mut self, state: u32, fact: usize, value: u32) -> Result<u32, AsOfError> {
        if self.value_in(state, fact) == value {
            return Ok(state);
        }
        for (slot, column) in self.wanted.iter_mut().zip(&self.columns) {
            *slot = column.get(state as usize).copied().unwrap_or(UNKNOWN);
        }
        if let Some(slot) = self.wanted.get_mut(fact) {
            *slot = value;
        }
        self.find().map_or_else(|| self.append(), Ok)
    }

    /// Make a fact unknown in every state. States keep their numbers; some may become equal.
    pub(super) fn lose(&mut self, fact: usize) {
        if let Some(column) = self.columns.get_mut(fact) {
            column.fill(UNKNOWN);
        }
        self.renumber();
    }

    fn find(&self) -> Option<u32> {
        let hash = hash::of_numbers(self.wanted.iter().copied());
        self.table.find(hash, |state| equal(&self.columns, *state, &self.wanted)).copied()
    }

    fn append(&mut self) -> Result<u32, AsOfError> {
        let state = number(self.len, "distinct states")?;
        for (column, value) in self.columns.iter_mut().zip(&self.wanted) {
            column.push(*value);
        }
        self.len += 1;
        let hash = hash::of_numbers(self.wanted.iter().copied());
        let Self { columns, table, .. } = self;
        table.insert_unique(hash, state, |state| hash_of(columns, *state));
        Ok(state)
    }

    /// Build the table anew: of equal states the first is found.
    fn renumber(&mut self) {
        self.table.clear();
        for state in (0..self.len).filter_map(|state| u32::try_from(state).ok()) {
            for (slot, column) in self.wanted.iter_mut().zip(&self.columns) {
                *slot = column.get(state as usize).copied().unwrap_or(UNKNOWN);
            }
            if self.find().is_none() {
                let hash = hash::of_numbers(self.wanted.iter().copied());
                let Self { columns, table, .. } = self;
                table.insert_unique(hash, state, |state| hash_of(columns, *state));
            }
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.values.iter().map(Values::memory_bytes).sum::<usize>()
            + self.columns.iter().map(|column| column.capacity() * size_of::<u32>()).sum::<usize>()
            + self.table.allocation_size()
    }
}

fn equal(columns: &[Vec<u32>], state: u32, wanted: &[u32]) -> bool {
    columns.iter().zip(wanted).all(|(column, value)| column.get(state as usize) == Some(value))
}

fn hash_of(columns: &[Vec<u32>], state: u32) -> u64 {
    hash::of_numbers(columns.iter().map(|column| column.get(state as usize).copied().unwrap_or(UNKNOWN)))
}
