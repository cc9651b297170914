use super::hash;
use super::keys::Keys;
use super::runs::Runs;
use super::states::{INITIAL, NOTHING, States};
use super::timeline::{Seen, state_in};
use gongdao_model::{FactPath, FactType, FactValue, Instant};

/// Folded states of many keys: for each key the instants at which its state changes and, beside each, the number of the
/// state from then on; for each distinct state the number of each fact's value; each distinct value once.
#[derive(Debug)]
pub struct AsOfIndex {
    pub(super) facts: Vec<(FactPath, FactType)>,
    pub(super) keys: Keys,
    pub(super) timelines: Runs<Seen>,
    pub(super) states: States,
}

impl AsOfIndex {
    /// The state of a key without any event: the initial values.
    pub const INITIAL: u32 = INITIAL;
    /// The state of nobody knows whom, for a decision without a key: nothing is known, not even the initial values.
    pub const NOTHING: u32 = NOTHING;

    /// The facts, in the order of their numbers.
    pub fn facts(&self) -> &[(FactPath, FactType)] {
        &self.facts
    }

    /// How many keys have events.
    pub fn keys(&self) -> usize {
        self.keys.len()
    }

    /// How many states have a number.
    pub fn state_count(&self) -> usize {
        self.states.len()
    }

    /// The number of the state that a decision on `key` at `at` sees: events of exactly that instant included.
    pub fn state_at(&self, key: &str, at: Instant) -> u32 {
        state_in(self.timeline(key), at.millis())
    }

    /// The number of the state after all events of `key`; of one dated ahead too, so a gate that holds such events asks
    /// [`state_at`](Self::state_at) with its clock.
    pub fn latest(&self, key: &str) -> u32 {
        self.timeline(key).last().map_or(INITIAL, |seen| seen.state)
    }

    /// The value of fact number `fact` in a state; none if unknown.
    pub fn value(&self, state: u32, fact: usize) -> Option<&FactValue> {
        self.states.values(fact)?.value(self.states.value_in(state, fact))
    }

    /// The numbers of a state's values, one a fact in their order; 0 is "unknown". Equal numbers of one fact are equal
    /// values for as long as the index lives.
    #[inline]
    pub fn numbers(&self, state: u32) -> &[u32] {
        self.states.row(state)
    }

    /// The value of fact number `fact` that has a number; none for 0.
    #[inline]
    pub fn value_numbered(&self, fact: usize, number: u32) -> Option<&FactValue> {
        self.states.values(fact)?.value(number)
    }

    /// Bytes that it keeps, about.
    pub fn memory_bytes(&self) -> usize {
        self.keys.memory_bytes() + self.timelines.memory_bytes() + self.states.memory_bytes()
    }

    pub(super) fn timeline(&self, key: &str) -> &[Seen] {
        let code = self.keys.code(key, hash::of_bytes(key.as_bytes()));
        code.map_or(&[], |code| self.timelines.run(code))
    }
}
