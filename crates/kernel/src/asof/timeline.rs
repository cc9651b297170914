//! The events of one key into its states over time.

use super::Sees;
use super::error::AsOfError;
use super::log::{NEVER, Row};
use super::states::{INITIAL, States};
use super::values::UNKNOWN;
use super::walk::Walk;
use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included};

/// From which instant on a key has which state. Four-byte alignment keeps it at 12 bytes.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C, packed(4))]
pub(super) struct Seen {
    pub(super) at: i64,
    pub(super) state: u32,
}

/// The state at an instant, given the key's timeline.
pub(super) fn state_in(timeline: &[Seen], at: i64) -> u32 {
    let seen = timeline.partition_point(|seen| seen.at <= at);
    seen.checked_sub(1).and_then(|last| timeline.get(last)).map_or(INITIAL, |seen| seen.state)
}

/// Fold the rows of one key, ordered by time, `seq` and arrival, into `timeline`: one entry an instant at which the
/// state changes.
pub(super) fn fold(
    rows: &[Row],
    sees: Sees,
    walk: &mut Walk,
    states: &mut States,
    timeline: &mut Vec<Seen>,
) -> Result<(), AsOfError> {
    timeline.clear();
    let in_order = rows.is_sorted_by_key(|row| row.seen_from(sees));
    if in_order {
        in_one_pass(rows, sees, walk, states, timeline)
    } else {
        with_late(rows, sees, walk, states, timeline)
    }
}

/// Where events become visible in the order in which they happened.
fn in_one_pass(
    rows: &[Row],
    sees: Sees,
    walk: &mut Walk,
    states: &mut States,
    timeline: &mut Vec<Seen>,
) -> Result<(), AsOfError> {
    let mut state = INITIAL;
    let mut never_known: Vec<u32> = Vec::new();
    for (position, row) in rows.iter().enumerate() {
        let fact = walk.fact(row.change);
        if !row.has_time() {
            // It may have happened at any time: the fact is unknown at every time.
            never_known.push(fact);
            state = states.with(state, fact as usize, UNKNOWN)?;
        } else if !never_known.contains(&fact) {
            state = walk.step(states, state, row.change)?;
        }
        // Only the last state of an instant can be seen.
        let at = row.seen_from(sees);
        if rows.get(position + 1).is_none_or(|next| next.seen_from(sees) != at) {
            note(timeline, at, state);
        }
    }
    Ok(())
}

/// Where some events become visible later than others that happened after them. Each takes its place in the order of
/// happening, and what stands behind it, of the same fact, is folded anew up to the next event that sets the fact.
fn with_late(
    rows: &[Row],
    sees: Sees,
    walk: &mut Walk,
    states: &mut States,
    timeline: &mut Vec<Seen>,
) -> Result<(), AsOfError> {
    let mut by_visibility: Vec<usize> = (0..rows.len()).collect();
    by_visibility.sort_by_key(|position| rows.get(*position).map_or(NEVER, |row| row.seen_from(sees)));
    let mut visible = Visible::default();
    let mut never_known: Vec<u32> = Vec::new();
    let mut state = INITIAL;
    let mut order = by_visibility.into_iter().filter_map(|position| Some((position, rows.get(position)?))).peekable();
    while let Some((position, row)) = order.next() {
        let fact = walk.fact(row.change);
        if !row.has_time() {
            never_known.push(fact);
        }
        let now = visible.add(fact, position, row.change, walk, states)?;
        let now = if never_known.contains(&fact) { UNKNOWN } else { now };
        state = states.with(state, fact as usize, now)?;
        let at = row.seen_from(sees);
        if order.peek().is_none_or(|(_, next)| next.seen_from(sees) != at) {
            note(timeline, at, state);
        }
    }
    Ok(())
}

/// The visible events of one key by fact and position, each with its change and the fact's value after it.
#[derive(Default)]
struct Visible(BTreeMap<(u32, usize), (u32, u32)>);

impl Visible {
    /// Add one and give the fact's value after all that are visible.
    fn add(
        &mut self,
        fact: u32,
        position: usize,
        change: u32,
        walk: &Walk,
        states: &mut States,
    ) -> Result<u32, AsOfError> {
        let before = self.0.range((fact, 0)..(fact, position)).next_back();
        let initial = states.value_in(INITIAL, fact as usize);
        let mut value = walk.after(states, before.map_or(initial, |(_, (_, value))| *value), change)?;
        self.0.insert((fact, position), (change, value));
        let behind = (Excluded((fact, position)), Included((fact, usize::MAX)));
        for (_, (change, known)) in self.0.range_mut(behind) {
            value = walk.after(states, value, *change)?;
            // At the latest behind an event that sets the fact, whatever it was.
            if *known == value {
                break;
            }
            *known = value;
        }
        let last = self.0.range((fact, 0)..=(fact, usize::MAX)).next_back();
        Ok(last.map_or(initial, |(_, (_, value))| *value))
    }
}

/// From `at` on it is `state`.
pub(super) fn note(timeline: &mut Vec<Seen>, at: i64, state: u32) {
    if timeline.last().map_or(INITIAL, |last| last.state) != state {
        timeline.push(Seen { at, state });
    }
}
