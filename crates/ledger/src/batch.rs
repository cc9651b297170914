//! One commit: a frame of the write-ahead log, put together in place, and where its entries and rows stand in it.

use crate::salt::fixed_bytes_at;
use crate::wal::FRAME_HEAD;
use crate::{Entry, LedgerError};
use std::ops::Range;

/// Entries and rows of one commit, in the layout of docs/formats/ledger-folder.md. Its room is used again for the next one.
#[derive(Default)]
pub(crate) struct Batch {
    first: u64,
    /// Head of the frame, left free, and payload.
    frame: Vec<u8>,
    /// Entry and row of each record.
    records: Vec<(Range<usize>, Range<usize>)>,
    /// The row that is being put together.
    row: Vec<u8>,
}

impl Batch {
    /// Empty it, for records from this place on.
    pub(crate) fn begin(&mut self, first: u64) {
        self.clear();
        self.first = first;
        self.frame.resize(FRAME_HEAD, 0);
        self.frame.extend_from_slice(&first.to_be_bytes());
    }

    pub(crate) fn clear(&mut self) {
        self.frame.clear();
        self.records.clear();
    }

    /// The place of the next record.
    pub(crate) fn next(&self) -> u64 {
        self.first.saturating_add(u64::try_from(self.records.len()).unwrap_or(u64::MAX))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The frame; its head is to be filled in.
    pub(crate) fn frame(&mut self) -> &mut [u8] {
        &mut self.frame
    }

    /// Append a record.
    pub(crate) fn add(
        &mut self,
        entry: impl FnOnce(&mut Vec<u8>),
        row: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), LedgerError> {
        let entry = self.counted(entry)?;
        let row = self.counted(row)?;
        self.records.push((entry, row));
        Ok(())
    }

    /// Begin with a row whose place and counters are still to be filled in.
    pub(crate) fn begin_row(&mut self, row: &[u8]) {
        self.row.clear();
        self.row.extend_from_slice(row);
        let leaf = self.next().to_be_bytes();
        fixed_bytes_at(&mut self.row, 0, &leaf);
    }

    pub(crate) fn set_counter(&mut self, at: usize, counter: u64) {
        fixed_bytes_at(&mut self.row, at, &counter.to_be_bytes());
    }

    /// Append the row that was begun, with its entry.
    pub(crate) fn end_row(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        let row = std::mem::take(&mut self.row);
        let added = self.add(|to| entry.write(to), |to| to.extend_from_slice(&row));
        self.row = row;
        added
    }

    /// Place, entry and row of each record.
    pub(crate) fn records(&self) -> impl Iterator<Item = (u64, &[u8], &[u8])> {
        let part = |range: &Range<usize>| self.frame.get(range.clone()).unwrap_or_default();
        (self.first..).zip(&self.records).map(move |(leaf, (entry, row))| (leaf, part(entry), part(row)))
    }

    pub(crate) fn row(&self, leaf: u64) -> Option<&[u8]> {
        let place = usize::try_from(leaf.checked_sub(self.first)?).ok()?;
        self.frame.get(self.records.get(place)?.1.clone())
    }

    fn counted(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<Range<usize>, LedgerError> {
        let at = self.frame.len();
        self.frame.extend_from_slice(&[0; 4]);
        let start = self.frame.len();
        write(&mut self.frame);
        let place = start..self.frame.len();
        let length = u32::try_from(place.len()).map_err(|_| LedgerError::input("a record above 4 GiB", "split it"))?;
        fixed_bytes_at(&mut self.frame, at, &length.to_be_bytes());
        Ok(place)
    }
}
