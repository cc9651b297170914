//! A per-key sorted index: for each key its instants in order and, beside each, the state folded up to it.

use gongdao_model::{FactPath, FactValue, Instant};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One change to the state of one key.
#[derive(Debug, Clone)]
pub struct Event {
    /// Whose state.
    pub key: String,
    /// When; none where the source's time could not be read.
    pub at: Option<Instant>,
    /// Order among events of one instant; none stands before all numbers.
    pub seq: Option<i64>,
    /// Index into the facts of the index.
    pub fact: usize,
    /// What happens to the fact.
    pub change: Change,
}

/// What an event does to its fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// From now on it is this.
    Set(FactValue),
    /// From now on nobody knows it.
    Forget,
    /// These words join the set; an unknown set stays unknown.
    Add(BTreeSet<String>),
    /// These words leave the set; an unknown set stays unknown.
    Remove(BTreeSet<String>),
}

/// Folded states of many keys.
///
/// Stored by rows: the events of key `k` are rows `offsets[k]..offsets[k + 1]`, ordered by instant; row `r` holds one
/// value number a fact. Row 0 is the state before any event.
#[derive(Debug)]
pub struct AsOfIndex {
    facts: Vec<FactPath>,
    keys: HashMap<String, usize>,
    offsets: Vec<usize>,
    at: Vec<i64>,
    rows: Vec<u32>,
    /// Each distinct value once; number 0 is "unknown".
    values: Vec<Option<FactValue>>,
}

/// The number of "unknown" among the values.
const UNKNOWN: u32 = 0;

impl AsOfIndex {
    /// Fold events into states. Facts that `initial` names begin with its value, the others unknown. Events of one
    /// instant are taken by `seq`, then in the order given.
    pub fn build(facts: Vec<FactPath>, initial: &BTreeMap<FactPath, FactValue>, events: Vec<Event>) -> Self {
        let mut fold = Fold { numbers: BTreeMap::new(), values: vec![None] };
        let start: Vec<u32> = facts.iter().map(|fact| fold.number(initial.get(fact).cloned())).collect();
        let mut index = Self {
            facts,
            keys: HashMap::new(),
            offsets: vec![1],
            at: vec![i64::MIN],
            rows: start.clone(),
            values: Vec::new(),
        };
        let mut by_key: BTreeMap<String, Vec<Event>> = BTreeMap::new();
        for event in events {
            by_key.entry(event.key.clone()).or_default().push(event);
        }
        for (key, mut events) in by_key {
            // Stable: what is equal keeps the order given.
            events.sort_by_key(|event| (event.at, event.seq));
            index.add_key(key, &events, &start, &mut fold);
        }
        index.values = fold.values;
        index
    }

    fn add_key(&mut self, key: String, events: &[Event], start: &[u32], fold: &mut Fold) {
        self.keys.insert(key, self.offsets.len() - 1);
        let mut state = start.to_vec();
        let mut never_known = BTreeSet::new();
        for (position, event) in events.iter().enumerate() {
            let Some(at) = event.at else {
                // It may have happened at any time: the fact is unknown at every time.
                never_known.insert(event.fact);
                if events.get(position + 1).is_none_or(|next| next.at.is_some()) {
                    for fact in &never_known {
                        set(&mut state, *fact, UNKNOWN);
                    }
                    self.push(i64::MIN, &state);
                }
                continue;
            };
            if !never_known.contains(&event.fact) {
                let before = state.get(event.fact).copied().unwrap_or(UNKNOWN);
                set(&mut state, event.fact, fold.after(before, &event.change));
            }
            // Only the last state of an instant can be seen.
            if events.get(position + 1).is_none_or(|next| next.at != event.at) {
                self.push(at.millis(), &state);
            }
        }
        self.offsets.push(self.at.len());
    }

    fn push(&mut self, at: i64, state: &[u32]) {
        self.at.push(at);
        self.rows.extend_from_slice(state);
    }

    /// The facts, in the order of a state's values.
    pub fn facts(&self) -> &[FactPath] {
        &self.facts
    }

    /// The value behind a number; none if unknown.
    pub fn value(&self, number: u32) -> Option<&FactValue> {
        self.values.get(number as usize)?.as_ref()
    }

    /// The state that a decision on `key` at `at` (milliseconds since the epoch) could see, one value number a fact:
    /// all events up to and including that instant.
    pub fn seen(&self, key: &str, at: i64) -> &[u32] {
        let row = self.keys.get(key).map_or(0, |key| {
            let from = self.offsets.get(*key).copied().unwrap_or(0);
            let to = self.offsets.get(key + 1).copied().unwrap_or(from);
            let before = self.at.get(from..to).unwrap_or_default().partition_point(|event| *event <= at);
            if before == 0 { 0 } else { from + before - 1 }
        });
        let width = self.facts.len();
        self.rows.get(row * width..(row + 1) * width).unwrap_or_default()
    }
}

fn set(state: &mut [u32], fact: usize, number: u32) {
    if let Some(slot) = state.get_mut(fact) {
        *slot = number;
    }
}

/// Numbers of values while folding.
struct Fold {
    numbers: BTreeMap<FactValue, u32>,
    values: Vec<Option<FactValue>>,
}

impl Fold {
    fn number(&mut self, value: Option<FactValue>) -> u32 {
        let Some(value) = value else { return UNKNOWN };
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(UNKNOWN);
        self.values.push(Some(value.clone()));
        self.numbers.insert(value, number);
        number
    }

    fn after(&mut self, before: u32, change: &Change) -> u32 {
        let known = self.values.get(before as usize).cloned().flatten();
        let value = match (change, known) {
            (Change::Set(value), _) => Some(value.clone()),
            (Change::Add(words), Some(FactValue::TextSet(set))) => {
                Some(FactValue::TextSet(set.union(words).cloned().collect()))
            }
            (Change::Remove(words), Some(FactValue::TextSet(set))) => {
                Some(FactValue::TextSet(set.difference(words).cloned().collect()))
            }
            (Change::Forget | Change::Add(_) | Change::Remove(_), _) => None,
        };
        self.number(value)
    }
}
