//! Columns of a query's result by the types that adapters may use for them.

use crate::AuditError;
use crate::table::Fault;
use datafusion::arrow::array::{Array, AsArray, Int64Array, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMillisecondType};
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_model::Instant;
use std::path::Path;

/// Moments as timestamps, epoch milliseconds or RFC 3339 text.
pub(crate) enum Moments {
    Millis(Int64Array),
    Text(StringArray),
}

impl Moments {
    /// Whether a row has anything in it.
    pub(crate) fn is_given(&self, row: usize) -> bool {
        match self {
            Self::Millis(array) => array.is_valid(row),
            Self::Text(array) => array.is_valid(row),
        }
    }

    /// The moment in a row, or the fault in words.
    pub(crate) fn at(&self, row: usize) -> Result<Instant, Fault> {
        let read = match self {
            Self::Millis(array) if array.is_valid(row) => Instant::from_millis(array.value(row)),
            Self::Text(array) if array.is_valid(row) => array.value(row).trim().parse(),
            _ => {
                let fault = Fault::new("time-missing", "没有时间".to_owned(), "the time is missing".to_owned());
                return Err(
                    fault.hint("没有时间就无法判断适用哪部法律", "without a time nobody knows which law was in force")
                );
            }
        };
        read.map_err(|error| {
            let shown = match self {
                Self::Millis(array) => array.value(row).to_string(),
                Self::Text(array) => Fault::shown(array.value(row)),
            };
            Fault::new("impossible-time", format!("`{shown}` 不是可能的时间"), error.message).hint(
                "核对单位与时差：写成 2024-05-01T12:00:00+08:00，或毫秒数",
                error.hint.as_deref().unwrap_or("write it like 2024-05-01T12:00:00+08:00, or as milliseconds"),
            )
        })
    }
}

pub(crate) fn moments(batch: &RecordBatch, name: &str, file: &Path) -> Result<Moments, AuditError> {
    let array = found(batch, name, file)?;
    match array.data_type() {
        DataType::Timestamp(..) => {
            let millis = cast(array, &DataType::Timestamp(TimeUnit::Millisecond, None))
                .map_err(|_| wrong(file, name, array, "a moment"))?;
            Ok(Moments::Millis(millis.as_primitive::<TimestampMillisecondType>().reinterpret_cast::<Int64Type>()))
        }
        kind if kind.is_integer() => Ok(Moments::Millis(as_integers(array, name, file)?)),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Ok(Moments::Text(texts(batch, name, file)?)),
        _ => Err(wrong(file, name, array, "a timestamp, epoch milliseconds or RFC 3339 text")),
    }
}

/// Text, or integers as their digits.
pub(crate) fn texts(batch: &RecordBatch, name: &str, file: &Path) -> Result<StringArray, AuditError> {
    let array = found(batch, name, file)?;
    let is_text = matches!(
        array.data_type(),
        DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View
            | DataType::Dictionary(..)
            | DataType::Null
            | DataType::Boolean
    );
    if !is_text && !array.data_type().is_integer() {
        return Err(wrong(file, name, array, "text"));
    }
    let cast = cast(array, &DataType::Utf8).map_err(|_| wrong(file, name, array, "text"))?;
    Ok(cast.as_string::<i32>().clone())
}

/// Integers; none if the query gives no such column.
pub(crate) fn integers(batch: &RecordBatch, name: &str, file: &Path) -> Result<Option<Int64Array>, AuditError> {
    batch.column_by_name(name).map(|array| as_integers(array, name, file)).transpose()
}

fn as_integers(array: &dyn Array, name: &str, file: &Path) -> Result<Int64Array, AuditError> {
    if !array.data_type().is_integer() && *array.data_type() != DataType::Null {
        return Err(wrong(file, name, array, "an integer"));
    }
    let cast = cast(array, &DataType::Int64).map_err(|_| wrong(file, name, array, "an integer"))?;
    Ok(cast.as_primitive::<Int64Type>().clone())
}

fn found<'a>(batch: &'a RecordBatch, name: &str, file: &Path) -> Result<&'a dyn Array, AuditError> {
    match batch.column_by_name(name) {
        Some(array) => Ok(array.as_ref()),
        None => {
            Err(AuditError::new(file, format!("the query gives no column `{name}`"), "see docs/formats/adapter.md"))
        }
    }
}

fn wrong(file: &Path, name: &str, array: &dyn Array, wanted: &str) -> AuditError {
    AuditError::new(
        file,
        format!("column `{name}` of the query is `{}`, not {wanted}", array.data_type()),
        "change the column in the query, for instance with CAST",
    )
}
