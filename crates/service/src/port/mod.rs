//! What the service needs from outside. Everything blocks: call it from threads that may.

mod citations;
mod clock;
mod decisions;
mod desk;
mod documents;
mod journal;
mod leases;
mod register;

pub use citations::{Citations, Cited, CitedCount, Cites, ContestCount};
pub use clock::{Clock, Entropy};
pub use decisions::{Claim, Cursor, DecisionCounts, Decisions, Digest, Projected};
pub use desk::{CaseCount, CaseLine, ClockLine, ClockQuery, Desk, Due, MandateLine, TaskLine, TaskQuery};
pub use documents::{Change, Document, Documents, Expected, Put};
pub use journal::{Journal, JournalEntry, JournalKind, NewEntry, Recorded};
pub use leases::{Lease, Leases};
pub use register::{AlgorithmCount, PublishedCount, PublishedFilter, PublishedLine, PublishedWords, Register};

/// All that is kept beside the ledger.
pub trait Store: Documents + Journal + Leases + Decisions + Citations + Desk + Register {}

impl<T: Documents + Journal + Leases + Decisions + Citations + Desk + Register> Store for T {}
