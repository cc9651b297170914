//! The rows of a whole pass in a temporary file. A run asks a table many times, once for each query; text is read and checked
//! the first time only, and a later query reads the columns that it names.

use crate::AuditError;
use bytes::Bytes;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{ChunkReader, Length};
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Rows that the writer holds before they go to the disk.
const GROUP_ROWS: usize = 16 * super::BATCH_ROWS;

/// The rows of a pass that is still going on.
pub(super) struct Keeping {
    file: File,
    writer: ArrowWriter<File>,
}

/// The rows of a pass that came to its end. The file has no name: nothing of it is left when the run ends, however it ends.
#[derive(Debug)]
pub(super) struct Kept(Shared);

impl Keeping {
    /// None where there is no room for a temporary file: the table is then read anew each time, which gives the same rows.
    pub(super) fn new(schema: SchemaRef) -> Option<Self> {
        let file = tempfile::tempfile().ok()?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_max_row_group_row_count(Some(GROUP_ROWS));
        let writer = ArrowWriter::try_new(file.try_clone().ok()?, schema, Some(properties.build())).ok()?;
        Some(Self { file, writer })
    }

    /// Keep the next batch too. None where that fails; see [`Keeping::new`].
    pub(super) fn push(mut self, batch: &RecordBatch) -> Option<Self> {
        self.writer.write(batch).ok().map(|()| self)
    }

    pub(super) fn finish(self) -> Option<Kept> {
        self.writer.close().ok()?;
        let size_bytes = self.file.metadata().ok()?.len();
        Some(Kept(Shared { file: Arc::new(self.file), size_bytes }))
    }
}

impl Kept {
    /// The batches of the pass, in its order and with its edges; of every column, or of those with these places.
    pub(super) fn read(
        &self,
        columns: Option<&[usize]>,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, AuditError>> + use<>, AuditError> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(self.0.clone()).map_err(lost)?;
        let mask = columns.map(|columns| ProjectionMask::roots(builder.parquet_schema(), columns.iter().copied()));
        let reader =
            builder.with_projection(mask.unwrap_or_else(ProjectionMask::all)).with_batch_size(super::BATCH_ROWS);
        let reader = reader.build().map_err(lost)?;
        Ok(reader.map(|batch| batch.map_err(lost)))
    }
}

/// Queries read the file at several places at once, so each read names its place.
#[derive(Debug, Clone)]
struct Shared {
    file: Arc<File>,
    size_bytes: u64,
}

impl Length for Shared {
    fn len(&self) -> u64 {
        self.size_bytes
    }
}

impl ChunkReader for Shared {
    type T = From;

    fn get_read(&self, start: u64) -> Result<From, ParquetError> {
        Ok(From { file: Arc::clone(&self.file), next: start })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, start)?;
        Ok(bytes.into())
    }
}

/// The file from a place on.
struct From {
    file: Arc<File>,
    next: u64,
}

impl Read for From {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read_at(bytes, self.next)?;
        self.next += count as u64;
        Ok(count)
    }
}

fn lost(error: impl std::fmt::Display) -> AuditError {
    let message = format!("the rows that were read before cannot be read again from a temporary file: {error}");
    AuditError::new("", message, "check the folder for temporary files (`TMPDIR`)").of_output()
}
