//! One order for everything beside decisions: the journal is followed into the ledger and into the gate, and whoever
//! handed an entry in hears of it when every gate has it.
//!
//! Several processes on one database hold a lease each, with the last entry that their gate has seen. An acknowledgement
//! waits for all that are live. A process whose lease lapsed does not know the newest state: it holds decisions until it
//! has caught up.

mod apply;
mod follower;
mod presence;

pub(crate) use apply::apply_entries;
pub(crate) use follower::{Follower, FollowerParts, taken};
pub(crate) use presence::Presence;

use serde::Serialize;

/// An entry that is in the ledger and known to every gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acknowledged {
    /// Its number in the journal.
    pub seq: u64,
    /// Its place in the ledger of the process that took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaf: Option<u64>,
    /// Whether it had been taken before.
    pub is_repeat: bool,
}
