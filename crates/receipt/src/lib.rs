//! Receipts, checked offline by whoever holds one: server, program and browser alike.
//!
//! In: the bytes of a receipt, and whom its reader trusts. Out: what it opens, or the first step that does not hold; public
//! entries, commitments and field groups as bytes (docs/formats/ledger-entry.md, ledger-receipt.md). Contains no file or network
//! access, no clock, no random numbers and no secret: keys, and the salts and tags that are made of them, are the ledger's. It is
//! built into the WebAssembly module of the page `/verify` (ADR 16), so it imports `gongdao-merkle` and nothing else.

pub mod cbor;
mod check;
mod commitment;
mod entry;
mod error;
#[cfg(test)]
mod planted;
mod receipt;
mod told;

pub use cbor::Value;
pub use check::{Checked, Failed, Step, Trust, check, pasted};
pub use commitment::{
    Commitment, GroupCommitment, GroupNumber, Nonce, RecordId, Salt, commit_group, commit_groups, commit_record,
    group_bytes,
};
pub use entry::{Entry, EntryKind, LoggedAt, RawEntry, TAGS_CAP, Tag};
pub use error::{ErrorKind, LedgerError};
pub use receipt::{Opened, Opening, Receipt, read_group};
pub use told::told;
