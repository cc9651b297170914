use crate::ServiceError;
use std::time::Duration;

/// A process that checks decisions, and how far it follows the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Name of the process: the origin of its ledger.
    pub node: String,
    /// The last entry that its gate has seen.
    pub applied: u64,
    /// Whether it still counts; by the clock of the database.
    pub is_live: bool,
}

/// Who has to have seen an entry before it is acknowledged.
pub trait Leases: Send + Sync {
    /// Say that this process is there for another while, and how far it is.
    fn renew(&self, node: &str, applied: u64, lasts: Duration) -> Result<(), ServiceError>;
    /// All processes.
    fn leases(&self) -> Result<Vec<Lease>, ServiceError>;
    /// Stop counting.
    fn give_up(&self, node: &str) -> Result<(), ServiceError>;
}
