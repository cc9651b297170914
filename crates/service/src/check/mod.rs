//! Checks and decisions made elsewhere, through one queue: judged together, logged together, answered when durable.
//!
//! ```text
//! submit --bounded queue--> judge (one thread) --ledger's own queue--> finish (one thread) --bounded--> project (one thread)
//! ```
//!
//! An identifier is taken once. Of the same decision sent again the first answer is given; another decision under its
//! identifier is refused. The judge sorts rows, the finisher answers in the same order: so whoever waits for a row that
//! is on its way is answered after it.

mod batch;
mod book;
mod finish;
mod judge;
mod keys;
mod parts;
mod project;
mod queue;
mod replay;
mod slots;
#[cfg(test)]
mod tests;

pub use queue::{CheckQueue, Limits, Returned};

pub(crate) use book::Book;
pub(crate) use project::{ANSWERS, put_answers};
pub(crate) use queue::Wiring;
pub(crate) use replay::{Answers, answer_of, found_answer, read_answer, rebuilt};

use crate::ServiceError;
use gongdao_gate::{CheckRefusal, Checked};
use gongdao_ledger::RecordId;
use std::sync::Arc;

/// Called once with what came out; on a thread of the queue, so it must not block.
pub type Reply<T> = Box<dyn FnOnce(Result<T, ServiceError>) + Send>;

/// Where the ledger has a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Whose ledger: its origin.
    pub node: Arc<str>,
    /// The entry's place.
    pub leaf: u64,
    /// The name that the ledger gave the record.
    pub record: RecordId,
}

impl Place {
    /// The name as text, 32 hexadecimal digits: under it the decision is explained.
    pub fn explanation(&self) -> String {
        hex(self.record.as_bytes())
    }
}

/// A row that is in the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// What the gate said; none for a decision that was made elsewhere.
    pub checked: Option<Arc<Checked>>,
    /// Where it stands.
    pub place: Place,
    /// Whether it had been taken before, and this is the first answer again.
    pub is_repeat: bool,
}

/// Why a row is not in the ledger. The caller must not go on with the decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowRefusal {
    /// The gate cannot judge it: a word or fact is not of the vocabulary.
    Check(CheckRefusal),
    /// The identifier was taken by another decision, or by the same one where that is not an answer.
    Duplicate {
        /// Whether it is the same decision.
        is_same: bool,
    },
    /// Anything else.
    Service(ServiceError),
}

/// What became of a row.
pub type RowResult = Result<Taken, RowRefusal>;

/// SHA-256 of some bytes, 64 hexadecimal digits.
pub fn digest_of(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    hex(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
