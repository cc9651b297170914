use super::changes::Changes;
use super::error::{AsOfError, number};
use super::keys::Keys;
use super::runs::reserve;
use super::{Change, Event, Sees, hash, partition_of};
use gongdao_model::{FactPath, FactType};
use std::collections::BTreeSet;
use std::num::NonZeroU32;

/// Parts by key that a log keeps its rows in; folding sorts and frees one after another.
const PARTS: usize = 64;

/// Events in compact rows: 32 bytes each, beside every distinct key and every distinct change once.
///
/// Filled by [`push`](Self::push), from several threads one log each; [`merge`](Self::merge) joins them. The order of
/// events matters where instant and `seq` are equal, so each thread takes a consecutive part of the input and the logs
/// are merged in the order of the input: the result is then the same as of one log filled by one thread.
#[derive(Debug)]
pub struct EventLog {
    pub(super) facts: Vec<(FactPath, FactType)>,
    /// Facts that nobody knows anything of, whatever the events say.
    pub(super) lost: BTreeSet<u32>,
    pub(super) keys: Keys,
    pub(super) changes: Changes,
    pub(super) parts: Vec<Vec<Row>>,
    len: usize,
}

/// One event.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Row {
    /// Twice the instant, one more where there is a `seq`, so that an absent one stands before all numbers; [`NEVER`]
    /// where the time could not be read.
    time: i64,
    seq: i64,
    /// When it was known; [`NEVER`] if at once.
    known: i64,
    pub(super) key: u32,
    pub(super) change: u32,
}

/// Before all instants; those lie within 1990 to 2099.
pub(super) const NEVER: i64 = i64::MIN;

impl Row {
    pub(super) fn new(event: &Event<'_>, key: u32, change: u32) -> Self {
        let time = event.at.map_or(NEVER, |at| 2 * at.millis() + i64::from(event.seq.is_some()));
        let known = event.known_at.map_or(NEVER, gongdao_model::Instant::millis);
        Self { time, seq: event.seq.unwrap_or(0), known, key, change }
    }

    pub(super) fn has_time(&self) -> bool {
        self.time != NEVER
    }

    /// What events of one key are ordered by.
    pub(super) fn order(&self) -> (i64, i64) {
        (self.time, self.seq)
    }

    /// From which instant on a decision sees it.
    pub(super) fn seen_from(&self, sees: Sees) -> i64 {
        let at = if self.has_time() { self.time >> 1 } else { NEVER };
        match sees {
            Sees::Happened => at,
            Sees::Known => at.max(self.known),
        }
    }
}

impl EventLog {
    /// An empty log about these facts.
    pub fn new(facts: Vec<(FactPath, FactType)>) -> Self {
        let parts = (0..PARTS).map(|_| Vec::new()).collect();
        Self { facts, lost: BTreeSet::new(), keys: Keys::default(), changes: Changes::default(), parts, len: 0 }
    }

    /// The facts, in the order of their numbers.
    pub fn facts(&self) -> &[(FactPath, FactType)] {
        &self.facts
    }

    /// The number of a fact, which is added if it is new.
    ///
    /// Fails if the log has the fact with another type.
    pub fn fact(&mut self, path: &FactPath, kind: FactType) -> Result<usize, AsOfError> {
        let Some(position) = self.facts.iter().position(|(known, _)| known == path) else {
            self.facts.push((path.clone(), kind));
            return Ok(self.facts.len() - 1);
        };
        let known = self.facts.get(position).map_or(kind, |(_, known)| *known);
        if known == kind { Ok(position) } else { Err(other_type(path, kind, known)) }
    }

    /// How many events it holds.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Add an event, after all others of its instant and `seq`.
    ///
    /// Fails if the log has no such fact, if the change does not fit the fact's type, and if a 32-bit number would
    /// overflow (events, keys, bytes of keys, distinct changes); the log is then as it was.
    pub fn push(&mut self, event: &Event<'_>) -> Result<(), AsOfError> {
        number(self.len + 1, "events")?;
        let fact = check(&self.facts, event)?;
        let change = self.changes.intern(fact, event.change)?;
        let hash = hash::of_bytes(event.key.as_bytes());
        let key = self.keys.intern(event.key, hash)?;
        self.put(part_of(hash), Row::new(event, key, change));
        Ok(())
    }

    /// An event about this fact whose key nobody knows: it could be anybody's, so the fact is unknown for every key at
    /// all times, whatever other events and the initial value say.
    ///
    /// Fails if the log has no such fact.
    pub fn lose(&mut self, fact: usize) -> Result<(), AsOfError> {
        let Some(_) = self.facts.get(fact) else { return Err(no_fact(fact)) };
        self.lost.insert(number(fact, "facts")?);
        Ok(())
    }

    /// Add the events of another log after one's own; facts are matched by path, new ones added.
    ///
    /// Fails if a fact has two types and if a 32-bit number would overflow; the log is then of no use.
    pub fn merge(&mut self, other: Self) -> Result<(), AsOfError> {
        number(self.len + other.len, "events")?;
        let mut facts = Vec::new();
        for (path, kind) in &other.facts {
            facts.push(self.fact(path, *kind)?);
        }
        for fact in other.lost {
            if let Some(fact) = facts.get(fact as usize) {
                self.lose(*fact)?;
            }
        }
        let mut changes = Vec::with_capacity(other.changes.len());
        for (fact, change) in other.changes.iter() {
            let fact = facts.get(*fact as usize).copied().unwrap_or_default();
            changes.push(self.changes.intern(number(fact, "facts")?, change)?);
        }
        let mut keys = Vec::with_capacity(other.keys.len());
        for key in other.keys.iter() {
            keys.push(self.keys.intern(key, hash::of_bytes(key.as_bytes()))?);
        }
        for (part, rows) in other.parts.into_iter().enumerate() {
            for row in rows {
                let key = keys.get(row.key as usize).copied().unwrap_or_default();
                let change = changes.get(row.change as usize).copied().unwrap_or_default();
                self.put(part, Row { key, change, ..row });
            }
        }
        Ok(())
    }

    /// Divide by key into `parts` logs of the same facts, the key's part being [`partition_of`]; each can be folded on
    /// another machine.
    pub fn partition(self, parts: NonZeroU32) -> Result<Vec<Self>, AsOfError> {
        let empty = || Self { lost: self.lost.clone(), ..Self::new(self.facts.clone()) };
        let mut logs: Vec<Self> = (0..parts.get()).map(|_| empty()).collect();
        let mut moved = Vec::with_capacity(self.keys.len());
        for key in self.keys.iter() {
            let to = partition_of(key, parts) as usize;
            let code = logs.get_mut(to).map(|log| log.keys.intern(key, hash::of_bytes(key.as_bytes())));
            moved.push((to, code.transpose()?.unwrap_or_default()));
        }
        for (part, rows) in self.parts.into_iter().enumerate() {
            for row in rows {
                let (to, key) = moved.get(row.key as usize).copied().unwrap_or_default();
                if let (Some(log), Some((fact, change))) = (logs.get_mut(to), self.changes.at(row.change)) {
                    let change = log.changes.intern(*fact, change)?;
                    log.put(part, Row { key, change, ..row });
                }
            }
        }
        Ok(logs)
    }

    /// Bytes that it keeps, about.
    pub fn memory_bytes(&self) -> usize {
        let rows: usize = self.parts.iter().map(|part| part.capacity() * size_of::<Row>()).sum();
        rows + self.keys.memory_bytes() + self.changes.memory_bytes()
    }

    fn put(&mut self, part: usize, row: Row) {
        if let Some(rows) = self.parts.get_mut(part) {
            reserve(rows, 1);
            rows.push(row);
            self.len += 1;
        }
    }
}

/// Other bits than those that a table sorts by.
fn part_of(hash: u64) -> usize {
    usize::try_from((hash >> 40) % PARTS as u64).unwrap_or(0)
}

/// The number of the event's fact.
pub(super) fn check(facts: &[(FactPath, FactType)], event: &Event<'_>) -> Result<u32, AsOfError> {
    let Some((path, kind)) = facts.get(event.fact) else { return Err(no_fact(event.fact)) };
    let given = match event.change {
        Change::Set(value) => value.fact_type(),
        Change::Forget => *kind,
        Change::Add(_) | Change::Remove(_) => FactType::TextSet,
    };
    if given == *kind { number(event.fact, "facts") } else { Err(other_type(path, given, *kind)) }
}

pub(super) fn other_type(path: &FactPath, given: FactType, known: FactType) -> AsOfError {
    let (given, known) = (given.cedar_name(), known.cedar_name());
    AsOfError::new(format!("`{path}` is `{known}`, not `{given}`"), "give it the type of the vocabulary")
}

pub(super) fn no_fact(fact: usize) -> AsOfError {
    AsOfError::new(format!("the event log has no fact number `{fact}`"), "name its facts first")
}

/// By key, then as events of one key are ordered; stable, so what is equal keeps the order given.
pub(super) fn sort(rows: &mut [Row]) {
    rows.sort_by_key(|row| (row.key, row.order()));
}
