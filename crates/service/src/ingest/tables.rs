//! Tables: Arrow's stream format and Parquet, batch by batch.

use super::columns::Columns;
use super::frames::whole;
use super::{BATCH_ROWS, Batches, BodyFault, Reading, Row};
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_ipc::reader::StreamReader;
use arrow_schema::{ArrowError, SchemaRef};
use bytes::Bytes;
use gongdao_i18n::I18nError;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

type Reader = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>;

pub(super) fn of_arrow<'a>(body: &Bytes, reading: Reading<'a>) -> Result<Batches<'a>, BodyFault> {
    let (length, cause) = whole(body);
    let body = body.slice(..length);
    let opened = guarded(|| {
        let reader = StreamReader::try_new(Cursor::new(body), None).map_err(|error| error.to_string())?;
        Ok((reader.schema(), Box::new(reader) as Reader))
    });
    let rest = cause.map(|cause| unreadable(cause, "arrow", reading));
    table(opened, "arrow", rest, reading)
}

pub(super) fn of_parquet<'a>(body: &Bytes, reading: Reading<'a>) -> Result<Batches<'a>, BodyFault> {
    let body = body.clone();
    let opened = guarded(|| {
        let builder = ParquetRecordBatchReaderBuilder::try_new(body).map_err(|error| error.to_string())?;
        let reader = builder.with_batch_size(BATCH_ROWS).build().map_err(|error| error.to_string())?;
        Ok((reader.schema(), Box::new(reader) as Reader))
    });
    table(opened, "parquet", None, reading)
}

/// A hostile table may meet a check that panics in its reader: that is a fault of the body like any other.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("its parts contradict each other".to_owned()))
}

fn table<'a>(
    opened: Result<(SchemaRef, Reader), String>,
    format: &'static str,
    rest: Option<BodyFault>,
    reading: Reading<'a>,
) -> Result<Batches<'a>, BodyFault> {
    let (schema, reader) =
        opened.map_err(|cause| rest.clone().unwrap_or_else(|| unreadable(&cause, format, reading)))?;
    let columns = Columns::of(&schema, reading)?;
    Ok(Box::new(Table { reader, columns, waiting: None, rest, row: 0, ended: false, format, reading }))
}

fn unreadable(cause: &str, format: &str, reading: Reading<'_>) -> BodyFault {
    let said = || -> Result<BodyFault, I18nError> {
        let message = reading.words.say(&format!("ingest.fault.{format}"), &[("cause", cause)])?;
        Ok(BodyFault::new(message, reading.words.say(&format!("ingest.advice.{format}"), &[])?))
    };
    said().unwrap_or_else(BodyFault::from)
}

struct Table<'a> {
    reader: Reader,
    columns: Columns<'a>,
    /// A batch of the sender's, of which the first rows are read.
    waiting: Option<(RecordBatch, usize)>,
    /// What is told after the last row, where the body does not end there.
    rest: Option<BodyFault>,
    row: u64,
    ended: bool,
    format: &'static str,
    reading: Reading<'a>,
}

impl Table<'_> {
    /// The next rows, at most `BATCH_ROWS`, whatever size the sender's batches have.
    fn piece(&mut self) -> Option<Result<RecordBatch, BodyFault>> {
        loop {
            if let Some((batch, read)) = self.waiting.take() {
                let length = (batch.num_rows() - read).min(BATCH_ROWS);
                if length > 0 {
                    let piece = batch.slice(read, length);
                    self.waiting = Some((batch, read + length));
                    return Some(Ok(piece));
                }
            }
            let reader = &mut self.reader;
            let next = guarded(|| reader.next().transpose().map_err(|error| error.to_string()));
            match next {
                Ok(Some(batch)) => self.waiting = Some((batch, 0)),
                Ok(None) => return None,
                Err(cause) => return Some(Err(unreadable(&cause, self.format, self.reading))),
            }
        }
    }
}

impl Iterator for Table<'_> {
    type Item = Result<Vec<Row>, BodyFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let rows = match self.piece() {
            Some(Ok(batch)) => self.columns.rows(&batch, self.row),
            Some(Err(fault)) => Err(fault),
            None => {
                self.ended = true;
                return self.rest.take().map(|fault| Err(fault.after(self.row)));
            }
        };
        Some(match rows {
            Ok(rows) => {
                self.row += u64::try_from(rows.len()).unwrap_or_default();
                Ok(rows)
            }
            Err(fault) => {
                self.ended = true;
                Err(fault.after(self.row))
            }
        })
    }
}
