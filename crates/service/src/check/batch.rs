//! Rows between judge and finisher.

use super::slots::Slots;
use crate::ServiceError;
use crate::port::Digest;
use crate::record::written;
use gongdao_gate::Checked;
use gongdao_ledger::{Pending, WrittenDecision};
use gongdao_model::{DecisionRecord, Instant};
use std::sync::Arc;

/// A row's place in its call.
#[derive(Clone)]
pub(super) struct Slot {
    pub(super) slots: Arc<Slots>,
    pub(super) row: usize,
}

/// What a call wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wants {
    /// An answer of the gate.
    Answer,
    /// That the row is logged.
    Log,
}

/// A row with its bytes, which whoever called has written: the judge is one thread for all.
pub(super) struct Arriving {
    pub(super) record: DecisionRecord,
    pub(super) decision: Result<WrittenDecision, ServiceError>,
}

impl Arriving {
    pub(super) fn of(record: DecisionRecord) -> Self {
        let decision = written(&record);
        Self { record, decision }
    }
}

/// One call.
pub(super) struct Job {
    pub(super) wants: Wants,
    pub(super) rows: Vec<Arriving>,
    pub(super) key: Option<String>,
    pub(super) slots: Arc<Slots>,
}

/// A row that goes into the ledger.
pub(super) struct Waiting {
    pub(super) slot: Slot,
    pub(super) id: String,
    pub(super) digest: Digest,
    pub(super) person: Option<String>,
    pub(super) algorithm: Option<String>,
    pub(super) at: Instant,
    pub(super) action: String,
    pub(super) checked: Option<Arc<Checked>>,
    /// Digests of the answer and the frame whose meaning the row carries into the ledger.
    pub(super) carries: Vec<String>,
}

/// A row whose identifier another row took that is on its way.
pub(super) struct Again {
    pub(super) slot: Slot,
    pub(super) wants: Wants,
    pub(super) id: String,
    pub(super) digest: Digest,
}

/// Rows that were handed to the ledger together, and those that wait for rows before them.
pub(super) struct Batch {
    pub(super) pending: Result<Pending, ServiceError>,
    pub(super) waiting: Vec<Waiting>,
    pub(super) again: Vec<Again>,
    /// Answers that the database lacks: digest, JSON.
    pub(super) answers: Vec<(String, String)>,
}

impl Slot {
    pub(super) fn fill(&self, result: super::RowResult) {
        self.slots.fill(self.row, result);
    }
}
