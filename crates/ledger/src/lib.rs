//! The ledger: append-only, verifiable, erasable.
//!
//! In: records of decisions and rights, split by whom they concern; a storage, a clock, random bytes and a signing key. Out:
//! entries without personal data in an RFC 6962 tree, signed checkpoints, receipts that stay valid after erasure, statements of
//! all that was logged about a person, and findings of whoever checks. Contains no network, no clock and no random numbers of
//! its own, and nothing about what a decision means; a store of objects is given to it as a port. Formats: docs/formats/ledger-*.md. What is promised and what is not:
//! docs/guarantees.md; what happens when something fails: docs/failure-modes.md.

mod about;
mod aside;
mod audit;
mod auditor;
mod backup;
mod batch;
mod behind;
mod closing;
mod core;
mod decision;
mod decision_numbers;
mod draft;
mod epoch;
mod erasure;
mod export;
mod fsck;
mod kept;
mod key_log;
mod keys;
mod known;
mod ledger;
mod manifest;
mod objects;
mod open;
#[cfg(test)]
mod planted_tests;
mod ports;
mod prepared;
mod reader;
mod receipts;
mod row;
mod row_files;
mod row_reader;
mod salt;
mod sealing;
mod segment;
mod segment_columns;
mod segment_pieces;
mod segment_rows;
#[cfg(test)]
mod segment_tests;
mod signing;
mod statement;
mod storage;
mod tag;
mod tag_index;
mod tile_files;
mod typed_row;
mod wal;
mod witness_book;
mod written;

use gongdao_receipt::{RawEntry, cbor, commit_groups};

pub use about::About;
pub use audit::{Audit, Finding, FindingKind};
pub use backup::{Copied, back_up, is_copy, keep_still, take_copy_over};
pub use core::Logged;
pub use decision::{ALGORITHM_SCHEMA, DECISION_SCHEMA, decision_draft, fact_value, read_decision, read_fact};
pub use decision_numbers::decision_numbers;
pub use draft::{Draft, DraftGroup};
pub use epoch::ClosedEpoch;
pub use erasure::{ERASURE_SCHEMA, Erased, Erasure, RESTRICTION_SCHEMA, Restriction, Target};
pub use gongdao_receipt::{
    Checked, Commitment, Entry, EntryKind, ErrorKind, Failed, GroupCommitment, GroupNumber, LedgerError, LoggedAt,
    Nonce, Opened, Opening, Receipt, RecordId, Salt, Step, TAGS_CAP, Tag, Trust, Value, check, commit_group,
    commit_record, group_bytes, pasted, read_group,
};
pub use ledger::{Ledger, NoCopies, Pending};
pub use objects::{Objects, Tiered, move_segments, segments_at};
pub use open::{Recovery, Setup};
pub use ports::{Clock, Entropy, Witness};
pub use reader::Reader;
pub use row::{Content, Row, RowGroup};
pub use row_files::Scope;
pub use salt::salt;
pub use sealing::Sealed;
pub use statement::{Stated, Statement, StatementEntry};
pub use storage::{Folder, Storage, StoredFile};
pub use tag::{Epoch, PersonId, PersonKey, TagKey};
pub use tag_index::{Absence, IndexLine, IndexSeal, Marked, Presence, TagIndex};
pub use witness_book::WitnessBook;
pub use written::{Columns, Written, WrittenDecision};
