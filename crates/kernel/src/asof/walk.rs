use super::error::AsOfError;
use super::states::States;
use super::values::UNKNOWN;
use super::{Change, Changes};
use gongdao_model::FactValue;
use std::collections::BTreeSet;

/// Slots for steps already taken; a power of two.
const SLOTS: u32 = 1 << 14;
/// No state: the slot is empty.
const NONE: u32 = u32::MAX;

/// From state to state by changes.
#[derive(Debug)]
pub(super) struct Walk {
    /// By the number of the change.
    steps: Vec<Step>,
    /// (state, change, next state) in the slot of the first two: most steps were taken by others before.
    taken: Vec<(u32, u32, u32)>,
}

#[derive(Debug)]
struct Step {
    fact: u32,
    does: Does,
}

#[derive(Debug)]
enum Does {
    /// The fact's value gets this number, whatever it was.
    Put(u32),
    Add(BTreeSet<String>),
    Remove(BTreeSet<String>),
}

impl Walk {
    pub(super) fn new() -> Self {
        Self { steps: Vec::new(), taken: vec![(NONE, NONE, NONE); SLOTS as usize] }
    }

    /// Learn the changes that have come since the last time. Those of lost facts leave them unknown.
    pub(super) fn learn(
        &mut self,
        changes: &Changes,
        lost: &BTreeSet<u32>,
        states: &mut States,
    ) -> Result<(), AsOfError> {
        for (fact, change) in changes.iter().skip(self.steps.len()) {
            let does = match change {
                _ if lost.contains(fact) => Does::Put(UNKNOWN),
                Change::Set(value) => {
                    let values = states.values_mut(*fact as usize);
                    Does::Put(values.map_or(Ok(UNKNOWN), |values| values.intern(value))?)
                }
                Change::Forget => Does::Put(UNKNOWN),
                Change::Add(words) => Does::Add(words.clone()),
                Change::Remove(words) => Does::Remove(words.clone()),
            };
            self.steps.push(Step { fact: *fact, does });
        }
        Ok(())
    }

    /// From now on no change makes this fact known.
    pub(super) fn lose(&mut self, fact: u32) {
        for step in self.steps.iter_mut().filter(|step| step.fact == fact) {
            step.does = Does::Put(UNKNOWN);
        }
        self.taken.fill((NONE, NONE, NONE));
    }

    pub(super) fn fact(&self, change: u32) -> u32 {
        self.steps.get(change as usize).map_or(NONE, |step| step.fact)
    }

    /// The state after the change.
    pub(super) fn step(&mut self, states: &mut States, state: u32, change: u32) -> Result<u32, AsOfError> {
        let slot = state.wrapping_mul(0x9e37_79b1).wrapping_add(change.wrapping_mul(0x85eb_ca6b));
        let slot = ((slot ^ (slot >> 15)) % SLOTS) as usize;
        if let Some((from, by, next)) = self.taken.get(slot)
            && (*from, *by) == (state, change)
        {
            return Ok(*next);
        }
        let fact = self.fact(change) as usize;
        let value = self.after(states, states.value_in(state, fact), change)?;
        let next = states.with(state, fact, value)?;
        if let Some(place) = self.taken.get_mut(slot) {
            *place = (state, change, next);
        }
        Ok(next)
    }

    /// The number of the fact's value after the change, given the number before.
    pub(super) fn after(&self, states: &mut States, before: u32, change: u32) -> Result<u32, AsOfError> {
        let Some(step) = self.steps.get(change as usize) else { return Ok(UNKNOWN) };
        let Some(values) = states.values_mut(step.fact as usize) else { return Ok(UNKNOWN) };
        let set = match (&step.does, values.value(before)) {
            (Does::Put(number), _) => return Ok(*number),
            (Does::Add(words), Some(FactValue::TextSet(known))) => known.union(words).cloned().collect(),
            (Does::Remove(words), Some(FactValue::TextSet(known))) => known.difference(words).cloned().collect(),
            (Does::Add(_) | Does::Remove(_), _) => return Ok(UNKNOWN),
        };
        values.intern(&FactValue::TextSet(set))
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.steps.capacity() * size_of::<Step>() + self.taken.capacity() * size_of::<(u32, u32, u32)>()
    }
}
