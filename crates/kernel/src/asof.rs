//! The state of persons and algorithms as of a decision's instant.
//!
//! Events go into an [`EventLog`], which is folded into an [`AsOfIndex`] for many decisions at once, or opened as a
//! [`LiveIndex`] that takes more events while it is asked.

mod changes;
mod columns;
mod error;
mod fold;
mod hash;
mod index;
mod keys;
mod live;
mod log;
mod probe;
mod runs;
mod states;
#[cfg(test)]
mod tests;
mod timeline;
mod values;
mod walk;

pub use columns::column_type;
pub use error::AsOfError;
pub use hash::partition_of;
pub use index::AsOfIndex;
pub use live::LiveIndex;
pub use log::EventLog;

use changes::Changes;
use gongdao_model::{FactValue, Instant};
use std::collections::BTreeSet;

/// One change to the state of one key.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// Whose state.
    pub key: &'a str,
    /// When it happened; none where the source's time could not be read. It may then have happened at any time, so its
    /// fact is unknown for its key at all times.
    pub at: Option<Instant>,
    /// When it was recorded where decisions are made; none is at once, when it happened. Only [`Sees::Known`] asks. A
    /// time of recording that cannot be read is not "at once": give such an event as [`Change::Forget`].
    pub known_at: Option<Instant>,
    /// Order among events of one instant; none stands before all numbers. What is still equal keeps the order given.
    pub seq: Option<i64>,
    /// Number of the fact in the log.
    pub fact: usize,
    /// What happens to the fact.
    pub change: &'a Change,
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

/// Which events a decision sees.
///
/// A courier withdraws a consent at 12:00 and the platform's gate learns of it at 12:30. What was the consent for the
/// decision of 12:10? In truth it was withdrawn, so the decision lacked it; what the gate could know was a consent.
///
/// ```
/// use gongdao_kernel::{Change, Event, EventLog, Sees};
/// use gongdao_model::{FactType, FactValue, Instant};
/// use std::collections::BTreeMap;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock = |time: &str| format!("2024-05-01T{time}:00+08:00").parse::<Instant>();
/// let consent_at_ten_past = |sees: Sees| -> Result<Option<FactValue>, Box<dyn std::error::Error>> {
///     let mut log = EventLog::new(vec![("resource.consent".parse()?, FactType::Bool)]);
///     let (given, withdrawn) = (Change::Set(FactValue::Bool(true)), Change::Set(FactValue::Bool(false)));
///     let event = Event { key: "p", at: Some(clock("09:00")?), known_at: None, seq: None, fact: 0, change: &given };
///     log.push(&event)?;
///     let (at, known_at) = (Some(clock("12:00")?), Some(clock("12:30")?));
///     log.push(&Event { at, known_at, change: &withdrawn, ..event })?;
///     let index = log.fold(&BTreeMap::new(), sees, 1)?;
///     Ok(index.value(index.state_at("p", clock("12:10")?), 0).cloned())
/// };
/// assert_eq!(consent_at_ten_past(Sees::Happened)?, Some(FactValue::Bool(false)));
/// assert_eq!(consent_at_ten_past(Sees::Known)?, Some(FactValue::Bool(true)));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sees {
    /// All that had happened up to and including its instant, whenever it was recorded: was the decision lawful?
    #[default]
    Happened,
    /// Of that only what had been recorded up to and including its instant: could the operator know? What it sees is
    /// taken in the order in which it happened, so a late correction of an old event does not override a younger one.
    /// An event whose time could not be read leaves its fact unknown from its recording on.
    Known,
}
