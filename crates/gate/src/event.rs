//! Changes of the state of persons and algorithms.

use gongdao_kernel::Change;
use gongdao_model::{FactPath, FactValue, Instant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One change to what is so of a person or an algorithm. Which of the two, the fact's path says: `resource.…` or
/// `principal.…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateEvent {
    /// Whose state: the person or algorithm as decisions name it.
    pub key: String,
    /// The fact that changes.
    pub fact: FactPath,
    /// What happens to it.
    pub change: StateChange,
    /// When it happened or takes effect. An event dated ahead counts from that moment on.
    pub at: Instant,
    /// When it was recorded, by the clock of whoever acknowledges it. Every later check sees an event whose `at` is not
    /// after this, whatever moment the check names.
    pub recorded_at: Instant,
    /// Order among events of one instant, where the source has one; without it the order of application counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
}

/// What an event does to its fact. In JSON: `{"op": "set", "value": false}`, `{"op": "forget"}`,
/// `{"op": "add", "value": ["tag"]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", content = "value", rename_all = "kebab-case")]
pub enum StateChange {
    /// From now on it is this.
    Set(FactValue),
    /// From now on nobody knows it, and no caller may claim it.
    Forget,
    /// These words join the set.
    Add(BTreeSet<String>),
    /// These words leave the set.
    Remove(BTreeSet<String>),
}

impl From<StateChange> for Change {
    fn from(change: StateChange) -> Self {
        match change {
            StateChange::Set(value) => Self::Set(value),
            StateChange::Forget => Self::Forget,
            StateChange::Add(words) => Self::Add(words),
            StateChange::Remove(words) => Self::Remove(words),
        }
    }
}
