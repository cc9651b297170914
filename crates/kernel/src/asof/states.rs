use super::error::{AsOfError, number};
use super::hash;
use super::runs::reserve;
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
    /// State by state, the numbers of its values in the order of the facts: whoever asks about a state mostly wants many of
    /// its facts, and keys lie in no order, so one state should be one or two lines of the cache.
    rows: Vec<u32>,
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
        let mut states = Self { values, rows: Vec::new(), len: 0, table: HashTable::new(), wanted: start };
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

    /// The numbers of a state's values, in the order of the facts; nothing for a number that is of no state.
    #[inline]
    pub(super) fn row(&self, state: u32) -> &[u32] {
        row_of(&self.rows, self.values.len(), state)
    }

    /// The number of a fact's value in a state.
    #[inline]
    pub(super) fn value_in(&self, state: u32, fact: usize) -> u32 {
        self.row(state).get(fact).copied().unwrap_or(UNKNOWN)
    }

    /// The state that differs from `state` in one fact.
    pub(super) fn with(&mut self, state: u32, fact: usize, value: u32) -> Result<u32, AsOfError> {
        if self.value_in(state, fact) == value {
            return Ok(state);
        }
        self.want(state);
        if let Some(slot) = self.wanted.get_mut(fact) {
            *slot = value;
        }
        self.find().map_or_else(|| self.append(), Ok)
    }

    /// Make a fact unknown in every state. States keep their numbers; some may become equal.
    pub(super) fn lose(&mut self, fact: usize) {
        let width = self.values.len().max(1);
        for row in self.rows.chunks_mut(width) {
            if let Some(value) = row.get_mut(fact) {
                *value = UNKNOWN;
            }
        }
        self.renumber();
    }

    fn want(&mut self, state: u32) {
        let row = row_of(&self.rows, self.values.len(), state);
        self.wanted.clear();
        self.wanted.extend_from_slice(row);
        self.wanted.resize(self.values.len(), UNKNOWN);
    }

    fn find(&self) -> Option<u32> {
        let hash = hash::of_numbers(self.wanted.iter().copied());
        self.table.find(hash, |state| self.row(*state) == self.wanted).copied()
    }

    fn append(&mut self) -> Result<u32, AsOfError> {
        let state = number(self.len, "distinct states")?;
        reserve(&mut self.rows, self.wanted.len());
        self.rows.extend_from_slice(&self.wanted);
        self.len += 1;
        self.enter(state);
        Ok(state)
    }

    /// INVARIANT: the state's row is the one that is wanted.
    fn enter(&mut self, state: u32) {
        let hash = hash::of_numbers(self.wanted.iter().copied());
        let Self { values, rows, table, .. } = self;
        let hash_of = |state: &u32| hash::of_numbers(row_of(rows, values.len(), *state).iter().copied());
        table.insert_unique(hash, state, hash_of);
    }

    /// Build the table anew: of equal states the first is found.
    fn renumber(&mut self) {
        self.table.clear();
        for state in (0..self.len).filter_map(|state| u32::try_from(state).ok()) {
            self.want(state);
            if self.find().is_none() {
                self.enter(state);
            }
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.values.iter().map(Values::memory_bytes).sum::<usize>()
            + self.rows.capacity() * size_of::<u32>()
            + self.table.allocation_size()
    }
}

#[inline]
fn row_of(rows: &[u32], width: usize, state: u32) -> &[u32] {
    let from = state as usize * width;
    rows.get(from..from + width).unwrap_or_default()
}
