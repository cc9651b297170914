//! One reading of a table from its first file to its last.

use super::Table;
use super::csv_file::CsvFile;
use super::kept::Keeping;
use super::parquet_file::ParquetFile;
use super::rows::Rows;
use super::survey::Sink;
use crate::AuditError;
use crate::adapter::has_extension;
use datafusion::arrow::record_batch::RecordBatch;
use std::sync::Arc;

/// Batches of a table, in file order. What was found is handed to the table at the end, or when dropped before.
pub(super) struct Pass {
    table: Arc<Table>,
    /// None until the first row is asked for, which may need a survey of the table.
    rows: Option<Rows>,
    /// The file being read.
    file: usize,
    open: Option<Open>,
    /// What it read so far, for passes that follow.
    keeping: Option<Keeping>,
    failed: bool,
}

enum Open {
    Csv(Box<CsvFile>),
    Parquet(Box<ParquetFile>),
}

impl Pass {
    pub(super) fn new(table: Arc<Table>) -> Self {
        Self { table, rows: None, file: 0, open: None, keeping: None, failed: false }
    }

    fn batch(&mut self) -> Result<Option<Result<RecordBatch, AuditError>>, AuditError> {
        let mut rows = if let Some(rows) = self.rows.take() {
            rows
        } else {
            // Not before: a query that is planned alone makes a pass and asks for nothing.
            self.keeping = Keeping::new(Arc::clone(&self.table.schema));
            Rows::new(Arc::clone(&self.table))?
        };
        let filled = self.fill(&mut rows);
        let batch = filled.map(|()| rows.finish());
        self.rows = Some(rows);
        batch
    }

    /// The pass came to the end: those that follow have its rows.
    fn keep(&mut self) {
        if let Some(kept) = self.keeping.take().and_then(Keeping::finish) {
            // Another pass of the same query may have come first; it read the same rows.
            let _ = self.table.kept.set(kept);
        }
    }

    /// Fill the batch until it is full or the files end.
    fn fill(&mut self, rows: &mut Rows) -> Result<(), AuditError> {
        while !rows.is_full() {
            let Some(name) = self.table.spec.files.get(self.file) else {
                rows.found.complete = true;
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
                Some(Open::Csv(file)) => file.read_into(&self.table.spec, self.file, rows)?,
                Some(Open::Parquet(file)) => file.read_into(&self.table.spec, self.file, rows)?,
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
        match self.batch() {
            Ok(Some(Ok(batch))) => {
                self.keeping = self.keeping.take().and_then(|keeping| keeping.push(&batch));
                Some(Ok(batch))
            }
            Ok(None) => {
                self.keep();
                None
            }
            Ok(failed) => failed,
            Err(error) => {
                self.failed = true;
                Some(Err(error))
            }
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(rows) = &self.rows {
            self.table.keep(&rows.found);
        }
    }
}
