//! Parquet through Arrow's reader: typed columns are taken as they are, anything else is read as its text.

use super::cell::wrong_type;
use super::survey::Sink;
use super::{Fault, Value, read_text_cell};
use crate::AuditError;
use crate::adapter::{ColumnKind, ColumnSpec, TableSpec};
use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, TimeUnit, TimestampMillisecondType};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::util::display::array_value_to_string;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) struct ParquetFile {
    path: PathBuf,
    reader: ParquetRecordBatchReader,
    /// Rows of the last batch that did not fit, and where they begin.
    rest: Option<(RecordBatch, usize)>,
}

fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, AuditError> {
    let file = super::open_regular(path)?;
    let size = file.metadata().map_err(|error| AuditError::io(path, "read the file", &error))?.len();
    if size == 0 {
        return Err(AuditError::new(path, "the file is empty", "check that it was written to the end"));
    }
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| unreadable(path, &error.to_string()))
}

fn unreadable(path: &Path, words: &str) -> AuditError {
    let words = words.strip_prefix("Parquet error: ").unwrap_or(words);
    AuditError::new(
        path,
        format!("cannot read the file as Parquet: {words}"),
        "check that the file was written to the end",
    )
}

/// Names of the columns.
pub(super) fn column_names(path: &Path) -> Result<Vec<String>, AuditError> {
    Ok(open(path)?.schema().fields().iter().map(|field| field.name().clone()).collect())
}

impl ParquetFile {
    pub(super) fn open(path: PathBuf, spec: &TableSpec) -> Result<Self, AuditError> {
        let builder = open(&path)?;
        let wanted: Vec<usize> = builder
            .schema()
            .fields()
            .iter()
            .enumerate()
            .filter(|(_, field)| spec.columns.iter().any(|column| column.from == *field.name()))
            .map(|(index, _)| index)
            .collect();
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
        let reader = builder
            .with_projection(mask)
            .with_batch_size(super::BATCH_ROWS)
            .build()
            .map_err(|error| unreadable(&path, &error.to_string()))?;
        Ok(Self { path, reader, rest: None })
    }

    /// Read rows until the batch is full (`true`) or the file ends (`false`).
    pub(super) fn read_into(&mut self, spec: &TableSpec, file: usize, rows: &mut dyn Sink) -> Result<bool, AuditError> {
        let (batch, start) = match self.rest.take() {
            Some(rest) => rest,
            None => match self.reader.next() {
                None => return Ok(false),
                Some(Ok(batch)) => (batch, 0),
                Some(Err(error)) => return Err(unreadable(&self.path, &error.to_string())),
            },
        };
        let mut columns = Vec::with_capacity(spec.columns.len());
        for column in &spec.columns {
            let array = self.typed(column, &batch)?;
            columns.push(Read { lost: lost(column, &batch, &array), array, shift: shift(column, &batch) });
        }
        for index in start..batch.num_rows() {
            if rows.is_full() {
                self.rest = Some((batch, index));
                return Ok(true);
            }
            let row = rows.next_row(file);
            let cells: Vec<_> =
                spec.columns.iter().zip(&columns).map(|(column, read)| cell(column, read, index)).collect();
            rows.push(file, row, &cells)?;
        }
        Ok(true)
    }

    /// A column as the type its kind is read from: the kind's own where the file has a like one, else text.
    fn typed(&self, column: &ColumnSpec, batch: &RecordBatch) -> Result<ArrayRef, AuditError> {
        let array = batch.column_by_name(&column.from).ok_or_else(|| {
            AuditError::new(
                &self.path,
                format!("column `{}` is missing", column.from),
                "check the file against the adapter",
            )
        })?;
        let found = array.data_type();
        if column.kind == ColumnKind::Instant
            && matches!(found, DataType::Timestamp(_, None))
            && column.offset.is_none()
        {
            let message = format!("the moments of column `{}` have no time zone", column.from);
            let hint = "declare `offset` on the column, for instance \"+08:00\", or write the file with a time zone";
            return Err(AuditError::new(&self.path, message, hint));
        }
        let target = match column.kind {
            ColumnKind::Bool if *found == DataType::Boolean => DataType::Boolean,
            ColumnKind::Integer if found.is_integer() && *found != DataType::UInt64 => DataType::Int64,
            ColumnKind::Float if found.is_numeric() => DataType::Float64,
            ColumnKind::Instant | ColumnKind::Seconds | ColumnKind::Millis
                if matches!(found, DataType::Timestamp(..)) =>
            {
                DataType::Timestamp(TimeUnit::Millisecond, None)
            }
            ColumnKind::Date if matches!(found, DataType::Date32 | DataType::Date64) => DataType::Date32,
            _ => DataType::Utf8,
        };
        cast(array, &target).map_err(|_| {
            AuditError::new(
                &self.path,
                format!("column `{}` of type `{found}` cannot be read as `{}`", column.from, column.kind.as_str()),
                "nested columns are not read; flatten the column, or leave it out of the adapter",
            )
        })
    }
}

/// A column as it is read, and what the reading could not carry over.
struct Read {
    array: ArrayRef,
    /// The column as the file has it, where a value of it became missing: bytes that are no text, a moment that does not
    /// fit into milliseconds.
    lost: Option<ArrayRef>,
    /// Milliseconds to take off moments that the file has without a time zone.
    shift: i64,
}

/// What a declared offset makes of moments that carry none; others are in UTC already.
fn shift(column: &ColumnSpec, batch: &RecordBatch) -> i64 {
    let kind = batch.column_by_name(&column.from).map(|array| array.data_type().clone());
    match (kind, column.kind, column.offset) {
        (Some(DataType::Timestamp(_, None)), ColumnKind::Instant, Some(offset)) => {
            i64::from(offset.local_minus_utc()) * 1_000
        }
        _ => 0,
    }
}

fn lost(column: &ColumnSpec, batch: &RecordBatch, read: &ArrayRef) -> Option<ArrayRef> {
    let own = batch.column_by_name(&column.from)?;
    (read.logical_null_count() > own.logical_null_count()).then(|| Arc::clone(own))
}

fn cell<'a>(column: &ColumnSpec, read: &'a Read, index: usize) -> Result<Value<'a>, Fault> {
    let array = &read.array;
    if array.is_null(index) {
        return match &read.lost {
            Some(own) if own.is_valid(index) => lost_cell(column, own, index),
            _ => Ok(Value::Missing),
        };
    }
    Ok(match array.data_type() {
        DataType::Boolean => Value::Bool(array.as_boolean().value(index)),
        DataType::Int64 => Value::Integer(array.as_primitive::<Int64Type>().value(index)),
        DataType::Float64 => match array.as_primitive::<Float64Type>().value(index) {
            number if number.is_finite() => Value::Float(number),
            number => return Err(wrong_type(column, &number.to_string())),
        },
        DataType::Timestamp(..) => {
            let millis = array.as_primitive::<TimestampMillisecondType>().value(index);
            Value::Millis(millis.saturating_sub(read.shift))
        }
        DataType::Date32 => Value::Days(array.as_primitive::<Date32Type>().value(index)),
        _ => return read_text_cell(column, array.as_string::<i32>().value(index).as_bytes()),
    })
}

/// A cell that is there and could not be carried over is a fault, never a missing cell.
fn lost_cell<'a>(column: &ColumnSpec, own: &ArrayRef, index: usize) -> Result<Value<'a>, Fault> {
    let bytes = match own.data_type() {
        DataType::Binary => own.as_binary::<i32>().value(index).to_vec(),
        _ => array_value_to_string(own, index).unwrap_or_default().into_bytes(),
    };
    match read_text_cell(column, &bytes) {
        Err(fault) => Err(fault),
        Ok(_) => Err(wrong_type(column, &String::from_utf8_lossy(&bytes))),
    }
}
