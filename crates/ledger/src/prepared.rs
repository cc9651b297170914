//! Rows that are ready but for their places: written once, by the caller's thread, and copied from then on.

use crate::keys::Slot;
use crate::row::{write_head, write_open};
use crate::salt::fixed_bytes_at;
use crate::{Commitment, EntryKind, GroupCommitment, LedgerError, Nonce, RecordId, commit_record};
use std::ops::Range;

/// Records of one call.
#[derive(Default)]
pub(crate) struct Prepared {
    /// The rows, one after the other, as docs/formats/ledger-folder.md lays them out; places and counters are zero.
    rows: Vec<u8>,
    records: Vec<PreparedRecord>,
    persons: Vec<PreparedPerson>,
}

pub(crate) struct PreparedRecord {
    pub(crate) kind: EntryKind,
    /// By the caller's id.
    pub(crate) is_named: bool,
    pub(crate) record: RecordId,
    pub(crate) commitment: Commitment,
    row: Range<usize>,
    persons: Range<usize>,
}

/// One person of a record.
#[derive(Clone, Copy)]
pub(crate) struct PreparedPerson {
    /// Whose key the group was committed to under.
    pub(crate) slot: Slot,
    /// Where in the row the person's counter goes.
    pub(crate) counter_at: usize,
}

impl Prepared {
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn records(&self) -> &[PreparedRecord] {
        &self.records
    }

    pub(crate) fn row(&self, record: &PreparedRecord) -> &[u8] {
        self.rows.get(record.row.clone()).unwrap_or_default()
    }

    pub(crate) fn persons(&self, record: &PreparedRecord) -> &[PreparedPerson] {
        self.persons.get(record.persons.clone()).unwrap_or_default()
    }
}

/// Writes rows of a [`Prepared`].
#[derive(Default)]
pub(crate) struct RowWriter {
    prepared: Prepared,
    record: Option<RecordId>,
    start: usize,
    first_person: usize,
    commitments: Vec<GroupCommitment>,
}

impl RowWriter {
    /// For so many records of so many bytes in all, about.
    pub(crate) fn with_room(records: usize, bytes: usize) -> Self {
        let prepared =
            Prepared { rows: Vec::with_capacity(bytes), records: Vec::with_capacity(records), persons: Vec::new() };
        Self { prepared, ..Self::default() }
    }

    pub(crate) fn begin(&mut self, record: RecordId, groups: usize) {
        self.start = self.prepared.rows.len();
        self.first_person = self.prepared.persons.len();
        self.record = Some(record);
        self.commitments.clear();
        write_head(&mut self.prepared.rows, 0, record, groups);
    }

    /// One group: `write` appends its bytes, `commit` commits to them.
    pub(crate) fn group(
        &mut self,
        person: Option<(&str, Slot)>,
        nonce: Nonce,
        write: impl FnOnce(&mut Vec<u8>),
        commit: impl FnOnce(&[u8]) -> GroupCommitment,
    ) -> Result<(), LedgerError> {
        let rows = &mut self.prepared.rows;
        let commitment_at = rows.len();
        rows.extend_from_slice(&[0; 32]);
        let name = person.map_or("", |(name, _)| name);
        if name.len() > 255 {
            let what = format!("a person's pseudonym of {} bytes", name.len());
            return Err(LedgerError::input(what, "give 1 to 255 bytes"));
        }
        let (counter_at, bytes) = write_open(rows, name, 0, nonce, write);
        if u32::try_from(bytes.len()).is_err() {
            return Err(LedgerError::input("a group above 4 GiB", "split the record"));
        }
        let commitment = commit(rows.get(bytes).unwrap_or_default());
        if let Some((_, slot)) = person {
            self.prepared.persons.push(PreparedPerson { slot, counter_at: counter_at - self.start });
        }
        fixed_bytes_at(rows, commitment_at, commitment.as_bytes());
        self.commitments.push(commitment);
        Ok(())
    }

    pub(crate) fn end(&mut self, kind: EntryKind, is_named: bool) -> Result<(), LedgerError> {
        let commitment = commit_record(&self.commitments)?;
        let Some(record) = self.record.take() else { return Ok(()) };
        let row = self.start..self.prepared.rows.len();
        let persons = self.first_person..self.prepared.persons.len();
        self.prepared.records.push(PreparedRecord { kind, is_named, record, commitment, row, persons });
        Ok(())
    }

    pub(crate) fn finish(self) -> Prepared {
        self.prepared
    }
}
