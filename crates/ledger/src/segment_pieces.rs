//! A segment that is read in pieces. Its digest is compared once, over all of it; from then on every piece that is read is compared
//! with the sum that it had then, so that what a disk loses afterwards is still noticed.

use crate::LedgerError;
use crate::segment::unreadable;
use crate::storage::DiskFile;
use bytes::{Buf, Bytes};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::errors::ParquetError;
use parquet::file::metadata::PageIndexPolicy;
use parquet::file::reader::{ChunkReader, Length};
use std::io::{self, Read};
use std::sync::Arc;

/// Bytes that one sum is about.
const PIECE: u64 = 16 << 10;

/// What a segment was when its digest was right.
pub(crate) struct CheckedSegment {
    size: u64,
    /// CRC-32C of each piece.
    sums: Vec<u32>,
    pub(crate) metadata: ArrowReaderMetadata,
}

impl CheckedSegment {
    /// Of bytes whose digest was compared. Errors: no segment.
    pub(crate) fn of(bytes: &Bytes) -> Result<Self, LedgerError> {
        // The places of pages, so that those without a wanted row are not read; what is in them is not needed for that.
        let options = ArrowReaderOptions::new().with_offset_index_policy(PageIndexPolicy::Optional);
        let metadata = ArrowReaderMetadata::load(bytes, options).map_err(unreadable)?;
        let piece = usize::try_from(PIECE).unwrap_or(usize::MAX);
        let sums = bytes.chunks(piece).map(crc32c::crc32c).collect();
        Ok(Self { size: u64::try_from(bytes.len()).unwrap_or(u64::MAX), sums, metadata })
    }
}

/// The file of a checked segment.
#[derive(Clone)]
pub(crate) struct SegmentFile {
    file: Arc<DiskFile>,
    checked: Arc<CheckedSegment>,
}

impl SegmentFile {
    pub(crate) fn new(file: DiskFile, checked: Arc<CheckedSegment>) -> Self {
        Self { file: Arc::new(file), checked }
    }

    fn read(&self, start: u64, length: u64) -> Result<Bytes, ParquetError> {
        let end = start.checked_add(length).filter(|end| *end <= self.checked.size);
        let end = end.ok_or_else(|| ParquetError::EOF("it ends before a part that it names".to_owned()))?;
        let first = start / PIECE;
        let from = first * PIECE;
        let until = end.next_multiple_of(PIECE).min(self.checked.size);
        let read = self.file.read_from(from, until.saturating_sub(from));
        let bytes = Bytes::from(read.map_err(|error| ParquetError::General(error.to_string()))?);
        let piece = usize::try_from(PIECE).unwrap_or(usize::MAX);
        let sums = self.checked.sums.iter().skip(usize::try_from(first).unwrap_or(usize::MAX));
        for (number, (bytes, sum)) in (first..).zip(bytes.chunks(piece).zip(sums)) {
            if crc32c::crc32c(bytes) != *sum {
                let at = number * PIECE;
                return Err(ParquetError::General(format!(
                    "its bytes from {at} on are not those that were checked before: restore the file from a copy"
                )));
            }
        }
        let place = |at: u64| usize::try_from(at - from).unwrap_or(usize::MAX);
        Ok(bytes.slice(place(start)..place(end)))
    }
}

impl Length for SegmentFile {
    fn len(&self) -> u64 {
        self.checked.size
    }
}

impl ChunkReader for SegmentFile {
    type T = SegmentRead;

    fn get_read(&self, start: u64) -> Result<SegmentRead, ParquetError> {
        Ok(SegmentRead { file: self.clone(), at: start, held: Bytes::new() })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.read(start, u64::try_from(length).unwrap_or(u64::MAX))
    }
}

/// Reads on from a place, a piece at once.
pub(crate) struct SegmentRead {
    file: SegmentFile,
    at: u64,
    held: Bytes,
}

impl Read for SegmentRead {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.held.is_empty() {
            let end = (self.at + 1).next_multiple_of(PIECE).min(self.file.checked.size);
            let length = end.saturating_sub(self.at);
            if length == 0 {
                return Ok(0);
            }
            self.held = self.file.read(self.at, length).map_err(io::Error::other)?;
            self.at = end;
        }
        let count = to.len().min(self.held.len());
        self.held.copy_to_slice(to.get_mut(..count).unwrap_or_default());
        Ok(count)
    }
}
