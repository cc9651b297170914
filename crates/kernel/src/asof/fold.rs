//! A log of events into an index.
//!
//! The log keeps its rows in 64 parts by key. Folding sorts one part in place (its temporary space is half the part),
//! folds it key by key, and frees it before the next. Peak memory is therefore the log's plus what the index has grown
//! by (12 bytes for each change of a state, 8 for each key, each distinct state once) plus, with `n` threads, `n` parts
//! of temporary space; never the log twice.

use super::error::AsOfError;
use super::index::AsOfIndex;
use super::live::LiveIndex;
use super::log::{self, EventLog, Row, other_type};
use super::runs::Runs;
use super::states::States;
use super::timeline;
use super::walk::Walk;
use super::{Changes, Sees};
use gongdao_model::{FactPath, FactType, FactValue};
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, Scope, scope};

impl EventLog {
    /// Fold the events into states. Facts that `initial` names begin with its value, the others unknown. With more
    /// than one thread the others sort ahead; the result does not depend on their number.
    ///
    /// Fails if `initial` names no fact of the log or has another type, and if a 32-bit number would overflow
    /// (distinct states, distinct values of a fact).
    pub fn fold(
        self,
        initial: &BTreeMap<FactPath, FactValue>,
        sees: Sees,
        threads: usize,
    ) -> Result<AsOfIndex, AsOfError> {
        Ok(self.build(initial, sees, threads, false)?.index)
    }

    /// As [`fold`](Self::fold), and keep the events, so that more can be applied.
    pub fn open(
        self,
        initial: &BTreeMap<FactPath, FactValue>,
        sees: Sees,
        threads: usize,
    ) -> Result<LiveIndex, AsOfError> {
        self.build(initial, sees, threads, true)
    }

    fn build(
        self,
        initial: &BTreeMap<FactPath, FactValue>,
        sees: Sees,
        threads: usize,
        keep: bool,
    ) -> Result<LiveIndex, AsOfError> {
        let mut states = States::new(&self.start(initial)?)?;
        let Self { facts, lost, mut keys, changes, parts, .. } = self;
        let mut walk = Walk::new();
        walk.learn(&changes, &lost, &mut states)?;
        // An index that takes no more events needs the steps alone.
        let changes = if keep { changes } else { Changes::default() };
        let mut timelines = Runs::new(keys.len());
        let mut history = Runs::new(if keep { keys.len() } else { 0 });
        let mut timeline = Vec::new();
        in_order(parts, threads, |rows| {
            for own in rows.chunk_by(|row, next| row.key == next.key) {
                let Some(key) = own.first().map(|row| row.key) else { continue };
                timeline::fold(own, sees, &mut walk, &mut states, &mut timeline)?;
                timelines.settle(key, &timeline)?;
                if keep {
                    history.settle(key, own)?;
                }
            }
            Ok(())
        })?;
        keys.shrink();
        timelines.shrink();
        history.shrink();
        let index = AsOfIndex { facts, keys, timelines, states };
        Ok(LiveIndex { index, sees, lost, changes, walk, history, events: Vec::new(), timeline })
    }

    /// Each fact's type and initial value.
    fn start<'a>(
        &self,
        initial: &'a BTreeMap<FactPath, FactValue>,
    ) -> Result<Vec<(FactType, Option<&'a FactValue>)>, AsOfError> {
        for (path, value) in initial {
            let Some((_, kind)) = self.facts.iter().find(|(fact, _)| fact == path) else {
                let message = format!("the initial value of `{path}` is of no fact of the event log");
                return Err(AsOfError::new(message, "name its facts first"));
            };
            if *kind != value.fact_type() {
                return Err(other_type(path, value.fact_type(), *kind));
            }
        }
        let is_lost = |fact: usize| u32::try_from(fact).is_ok_and(|fact| self.lost.contains(&fact));
        let known = |fact: usize, path| initial.get(path).filter(|_| !is_lost(fact));
        Ok(self.facts.iter().enumerate().map(|(fact, (path, kind))| (*kind, known(fact, path))).collect())
    }
}

/// Give each part to `each`, sorted by key, time, `seq` and arrival, in the order of the parts; free it after.
fn in_order(
    parts: Vec<Vec<Row>>,
    threads: usize,
    mut each: impl FnMut(&[Row]) -> Result<(), AsOfError>,
) -> Result<(), AsOfError> {
    let others = threads.saturating_sub(1).min(parts.len());
    if others == 0 {
        for mut part in parts {
            log::sort(&mut part);
            each(&part)?;
        }
        return Ok(());
    }
    let count = parts.len();
    let mut queues: Vec<Vec<Vec<Row>>> = (0..others).map(|_| Vec::new()).collect();
    for (position, part) in parts.into_iter().enumerate() {
        if let Some(queue) = queues.get_mut(position % others) {
            queue.push(part);
        }
    }
    scope(|scope| {
        let sorted: Result<Vec<Receiver<Vec<Row>>>, AsOfError> =
            queues.into_iter().map(|queue| sorting(scope, queue)).collect();
        let sorted = sorted?;
        for position in 0..count {
            let next = sorted.get(position % others).and_then(|parts| parts.recv().ok());
            let next = next.ok_or_else(|| AsOfError::new("a thread that sorts events ended early", "report this"))?;
            each(&next)?;
        }
        Ok(())
    })
}

/// A thread that sorts the parts of a queue, one ahead of who receives them.
fn sorting<'scope>(scope: &'scope Scope<'scope, '_>, queue: Vec<Vec<Row>>) -> Result<Receiver<Vec<Row>>, AsOfError> {
    let (give, take) = sync_channel(1);
    let sort = move || {
        for mut part in queue {
            log::sort(&mut part);
            if give.send(part).is_err() {
                break;
            }
        }
    };
    let started = Builder::new().name("sort-events".to_owned()).spawn_scoped(scope, sort);
    let refused = |error| AsOfError::new(format!("no thread can be started: {error}"), "fold on one thread");
    started.map(|_| take).map_err(refused)
}
