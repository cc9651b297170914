use super::error::{AsOfError, number};
use super::index::AsOfIndex;
use super::log::{Row, check, no_fact};
use super::runs::Runs;
use super::timeline::{self, Seen};
use super::walk::Walk;
use super::{Changes, Event, Sees, hash};
use std::collections::BTreeSet;

/// An index that takes more events: what it answers is at any time the same as if all its events had been folded at
/// once, in the order in which they were applied.
///
/// It keeps the events too, 32 bytes each. An event that comes in its order costs one step; a late one folds its key's
/// events anew, and those alone.
#[derive(Debug)]
pub struct LiveIndex {
    pub(super) index: AsOfIndex,
    pub(super) sees: Sees,
    pub(super) lost: BTreeSet<u32>,
    pub(super) changes: Changes,
    pub(super) walk: Walk,
    pub(super) history: Runs<Row>,
    /// Space to fold one key in.
    pub(super) events: Vec<Row>,
    pub(super) timeline: Vec<Seen>,
}

impl LiveIndex {
    /// What it knows by now.
    pub fn index(&self) -> &AsOfIndex {
        &self.index
    }

    /// Take an event, after all others of its instant and `seq`; the next question sees it.
    ///
    /// Fails as [`crate::EventLog::push`] and [`crate::EventLog::fold`] do; the key's state is then as it was.
    pub fn apply(&mut self, event: &Event<'_>) -> Result<(), AsOfError> {
        let fact = check(&self.index.facts, event)?;
        let change = self.changes.intern(fact, event.change)?;
        self.walk.learn(&self.changes, &self.lost, &mut self.index.states)?;
        let key = self.index.keys.intern(event.key, hash::of_bytes(event.key.as_bytes()))?;
        let row = Row::new(event, key, change);
        self.history.can_hold(self.history.run(key).len() + 1)?;
        if self.is_next(&row) { self.step(key, row) } else { self.fold_anew(key, row) }
    }

    /// An event about this fact whose key nobody knows; see [`crate::EventLog::lose`]. Costs a pass over all distinct
    /// states.
    ///
    /// Fails if the index has no such fact.
    pub fn lose(&mut self, fact: usize) -> Result<(), AsOfError> {
        let Some(_) = self.index.facts.get(fact) else { return Err(no_fact(fact)) };
        let lost = number(fact, "facts")?;
        self.lost.insert(lost);
        self.walk.lose(lost);
        self.index.states.lose(fact);
        Ok(())
    }

    /// Bytes that it keeps, about.
    pub fn memory_bytes(&self) -> usize {
        self.index.memory_bytes()
            + self.changes.memory_bytes()
            + self.walk.memory_bytes()
            + self.history.memory_bytes()
            + self.events.capacity() * size_of::<Row>()
            + self.timeline.capacity() * size_of::<Seen>()
    }

    /// Whether the key's last state is the one right before the event, at the event's instant and ever after. Of two
    /// states of one instant the second is found.
    fn is_next(&self, row: &Row) -> bool {
        let events = self.history.run(row.key);
        let last_seen = self.index.timelines.run(row.key).last().map(|seen| seen.at);
        row.has_time()
            && events.first().is_none_or(Row::has_time)
            && events.last().is_none_or(|last| last.order() <= row.order())
            && last_seen.is_none_or(|last| last <= row.seen_from(self.sees))
    }

    fn step(&mut self, key: u32, row: Row) -> Result<(), AsOfError> {
        let seen = self.index.timelines.run(key);
        let before = seen.last().map_or(AsOfIndex::INITIAL, |seen| seen.state);
        self.index.timelines.can_hold(seen.len() + 1)?;
        let after = self.walk.step(&mut self.index.states, before, row.change)?;
        if after != before {
            self.index.timelines.push(key, Seen { at: row.seen_from(self.sees), state: after })?;
        }
        self.history.push(key, row)
    }

    fn fold_anew(&mut self, key: u32, row: Row) -> Result<(), AsOfError> {
        let Self { index, sees, walk, history, events, timeline, .. } = self;
        let held = history.run(key);
        let (before, after) = held.split_at(held.partition_point(|held| held.order() <= row.order()));
        events.clear();
        events.extend_from_slice(before);
        events.push(row);
        events.extend_from_slice(after);
        timeline::fold(events, *sees, walk, &mut index.states, timeline)?;
        index.timelines.can_hold(timeline.len())?;
        index.timelines.replace(key, timeline)?;
        history.replace(key, events)
    }
}
