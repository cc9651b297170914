//! One reading of a table from its first file to its last.

use super::Table;
use super::csv_file::CsvFile;
use super::parquet_file::ParquetFile;
use super::rows::Rows;
use crate::AuditError;
use crate::adapter::has_extension;
use datafusion::arrow::record_batch::RecordBatch;
use std::sync::Arc;

/// Batches of a table, in file order. What was found is handed to the table at the end, or when dropped before.
pub(super) struct Pass {
    table: Arc<Table>,
    rows: Rows,
    /// The file being read.
    file: usize,
    open: Option<Open>,
    failed: bool,
}

enum Open {
    Csv(Box<CsvFile>),
    Parquet(Box<ParquetFile>),
}

impl Pass {
    pub(super) fn new(table: Arc<Table>) -> Self {
        Self { rows: Rows::new(Arc::clone(&table)), table, file: 0, open: None, failed: false }
    }

    /// Fill the batch until it is full or the files end.
    fn fill(&mut self) -> Result<(), AuditError> {
        while !self.rows.is_full() {
            let Some(name) = self.table.spec.files.get(self.file) else {
                self.rows.found.complete = true;
                return Ok(());
            };
            if self.open.is_none() {
                let path = self.table.data.join(name);
                self.open = Some(if has_extension(name, "parquet") {
                    Open::Parquet(Box::new(ParquetFile::open(path, &self.table.spec)?))
                } else {
                    Open::Csv(Box::new(CsvFile::open(path, &self.table.spec)?))
                });
            }
            let more = match &mut self.open {
                Some(Open::Csv(file)) => file.read_into(&self.table.spec, self.file, &mut self.rows)?,
                Some(Open::Parquet(file)) => file.read_into(&self.table.spec, self.file, &mut self.rows)?,
                None => false,
            };
            if !more {
                self.open = None;
                self.file += 1;
            }
        }
        Ok(())
    }
}

impl Iterator for Pass {
    type Item = Result<RecordBatch, AuditError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        if let Err(error) = self.fill() {
            self.failed = true;
            return Some(Err(error));
        }
        self.rows.finish()
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.table.keep(&self.rows.found);
    }
}
