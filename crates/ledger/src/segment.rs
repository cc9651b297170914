//! A segment: rows in Parquet, as docs/formats/ledger-segment.md lays them out.

use crate::LedgerError;
use crate::RecordId;
use crate::segment_columns::{Building, schema};
use crate::segment_rows::{CONCERNING, NAMING, TakeConcern, TakeMade, each_concern, each_row, read_names};
use crate::tag::MacKey;
use arrow_array::RecordBatch;
use bytes::Bytes;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReaderBuilder, RowSelection, RowSelectionPolicy,
};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::reader::ChunkReader;
use parquet::schema::types::ColumnPath;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

/// Rows of a segment at most: a reader checks the digest of a whole file.
pub(crate) const SEGMENT_ROWS: u64 = 262_144;
const ROW_GROUP: usize = 131_072;
const PIECE: usize = 8192;

/// Random bytes: nothing to compress, nothing to look up, and statistics would hold some of them.
const RANDOM: [&str; 5] = ["record", "algorithm_nonce", "algorithm_commitment", "nonce", "commitment"];
/// Numbers that grow from row to row.
const GROWING: [&str; 2] = ["leaf", "decided_at"];
/// No value twice, but often like the one before.
const UNIQUE: [&str; 2] = ["id", "other"];

/// Facts of all paths in one: the least and the greatest of them say nothing.
const FACTS: [&[&str]; 5] =
    [&["key"], &["value", "flag"], &["value", "number"], &["value", "text"], &["value", "words", "list", "item"]];

/// Makes one segment. Rows come in the order of their leaves.
pub(crate) struct SegmentWriter {
    writer: ArrowWriter<Vec<u8>>,
    building: Building,
    sums: Vec<u32>,
}

impl SegmentWriter {
    pub(crate) fn new(shared: MacKey) -> Result<Self, LedgerError> {
        let writer = ArrowWriter::try_new(Vec::new(), schema(), Some(properties()?)).map_err(failed)?;
        Ok(Self { writer, building: Building::new(shared), sums: Vec::new() })
    }

    /// Append a row in the layout of docs/formats/ledger-folder.md.
    pub(crate) fn push(&mut self, leaf: u64, row: &[u8]) -> Result<(), LedgerError> {
        self.sums.push(crc32c::crc32c(row));
        self.building.push(leaf, row).map_err(failed)?;
        if self.building.rows() < PIECE { Ok(()) } else { self.write() }
    }

    /// The file, and the sum of each row that went into it, so that they can be compared with what comes out.
    pub(crate) fn finish(mut self) -> Result<(Vec<u8>, Vec<u32>), LedgerError> {
        self.write()?;
        Ok((self.writer.into_inner().map_err(failed)?, self.sums))
    }

    fn write(&mut self) -> Result<(), LedgerError> {
        self.writer.write(&self.building.take().map_err(failed)?).map_err(failed)
    }
}

/// Rows of a segment that begins at `first`, those of a range of leaves, in order, each given to `take`.
pub(crate) fn each_segment_row(
    bytes: Bytes,
    first: u64,
    leaves: &Range<u64>,
    shared: &MacKey,
    take: &mut TakeMade,
) -> Result<(), LedgerError> {
    let start = leaves.start.max(first);
    let place = |leaf: u64| usize::try_from(leaf.saturating_sub(first)).unwrap_or(usize::MAX);
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes)
        .map_err(unreadable)?
        .with_batch_size(PIECE)
        .with_offset(place(start))
        .with_limit(place(leaves.end).saturating_sub(place(start)))
        .build()
        .map_err(unreadable)?;
    for batch in reader {
        each_row(&batch.map_err(unreadable)?, shared, take)?;
    }
    Ok(())
}

/// Some rows of a segment that begins at `first`, in order: pages without any of them are not read, and no other row is made. The
/// leaves ascend, and are the segment's.
pub(crate) fn each_found_row<T: ChunkReader + Clone + 'static>(
    source: &T,
    metadata: &ArrowReaderMetadata,
    first: u64,
    leaves: &BTreeSet<u64>,
    shared: &MacKey,
    take: &mut TakeMade,
) -> Result<(), LedgerError> {
    let mut start = first;
    for (number, group) in metadata.metadata().row_groups().iter().enumerate() {
        let rows = usize::try_from(group.num_rows()).unwrap_or_default();
        let end = start.saturating_add(u64::try_from(rows).unwrap_or_default());
        let wanted = leaves.range(start..end).filter_map(|leaf| usize::try_from(leaf - start).ok());
        let wanted: Vec<usize> = wanted.collect();
        start = end;
        if wanted.is_empty() {
            continue;
        }
        let selection = RowSelection::from_consecutive_ranges(wanted.iter().map(|at| *at..*at + 1), rows);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(source.clone(), metadata.clone())
            .with_batch_size(wanted.len().min(PIECE))
            .with_row_groups(vec![number])
            .with_row_selection(selection)
            // A mask would have every row of a page made, to throw most of them away.
            .with_row_selection_policy(RowSelectionPolicy::Selectors)
            .build()
            .map_err(unreadable)?;
        for batch in reader {
            each_row(&batch.map_err(unreadable)?, shared, take)?;
        }
    }
    Ok(())
}

/// Names of the rows of a segment, with their leaves, without making the rows.
pub(crate) fn each_segment_name(bytes: Bytes, take: &mut dyn FnMut(u64, RecordId)) -> Result<(), LedgerError> {
    each_projected(bytes, &NAMING, &mut |batch| read_names(batch, take))
}

/// Whom the groups of its rows concern, without making the rows.
pub(crate) fn each_segment_concern(bytes: Bytes, take: &mut TakeConcern) -> Result<(), LedgerError> {
    each_projected(bytes, &CONCERNING, &mut |batch| each_concern(batch, take))
}

fn each_projected(
    bytes: Bytes,
    columns: &[&'static str],
    read: &mut dyn FnMut(&RecordBatch) -> Result<(), LedgerError>,
) -> Result<(), LedgerError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(unreadable)?;
    let columns = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let mut reader = builder.with_batch_size(PIECE).with_projection(columns).build().map_err(unreadable)?;
    reader.try_for_each(|batch| read(&batch.map_err(unreadable)?))
}

fn properties() -> Result<WriterProperties, LedgerError> {
    let mut builder = WriterProperties::builder()
        // Pages of version 2 leave the levels of lists uncompressed: 10 bytes more a record.
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by("gongdao-ledger".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).map_err(failed)?))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_statistics_enabled(EnabledStatistics::Page);
    for name in RANDOM {
        let column = ColumnPath::from(name);
        builder = builder
            .set_column_dictionary_enabled(column.clone(), false)
            .set_column_encoding(column.clone(), Encoding::PLAIN)
            .set_column_compression(column.clone(), Compression::UNCOMPRESSED)
            .set_column_statistics_enabled(column, EnabledStatistics::None);
    }
    for name in GROWING {
        builder = builder
            .set_column_dictionary_enabled(ColumnPath::from(name), false)
            .set_column_encoding(ColumnPath::from(name), Encoding::DELTA_BINARY_PACKED);
    }
    for name in UNIQUE {
        builder = builder
            .set_column_dictionary_enabled(ColumnPath::from(name), false)
            .set_column_encoding(ColumnPath::from(name), Encoding::DELTA_BYTE_ARRAY);
    }
    for path in FACTS {
        let path = ["facts", "key_value"].iter().chain(path).map(|&part| part.to_owned());
        builder = builder.set_column_statistics_enabled(ColumnPath::new(path.collect()), EnabledStatistics::None);
    }
    Ok(builder.build())
}

fn failed(error: impl fmt::Display) -> LedgerError {
    LedgerError::storage(format!("a segment cannot be made: {error}"), "report it; the rows stay where they are")
}

pub(crate) fn unreadable(error: impl fmt::Display) -> LedgerError {
    LedgerError::evidence(
        format!("a segment cannot be read: {error}"),
        "it was written by another program; see docs/formats/ledger-segment.md",
    )
}
