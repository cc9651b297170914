//! Columns of a query's result by the types that adapters may use for them.

use crate::AuditError;
use crate::table::Fault;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_kernel::NoMoment;
use gongdao_model::Instant;
use std::path::Path;

/// Moments as timestamps, epoch milliseconds or RFC 3339 text.
pub(crate) struct Moments(gongdao_kernel::Moments);

impl Moments {
    /// The moment in a row, or the fault in words.
    pub(crate) fn at(&self, row: usize) -> Result<Instant, Fault> {
        self.0.at(row).map_err(|why| no_moment(&why))
    }
}

/// Why there is no moment, in words.
pub(crate) fn no_moment(why: &NoMoment) -> Fault {
    match why {
        NoMoment::Missing => Fault::new("time-missing", "没有时间".to_owned(), "the time is missing".to_owned())
            .hint("没有时间就无法判断适用哪部法律", "without a time nobody knows which law was in force"),
        NoMoment::Impossible { given, why } => {
            let zh = format!("`{}` 不是可能的时间", Fault::shown(given));
            Fault::new("impossible-time", zh, why.message.clone()).hint(
                "核对单位与时差：写成 2024-05-01T12:00:00+08:00，或毫秒数",
                why.hint.as_deref().unwrap_or("write it like 2024-05-01T12:00:00+08:00, or as milliseconds"),
            )
        }
    }
}

pub(crate) fn moments(batch: &RecordBatch, name: &str, file: &Path) -> Result<Moments, AuditError> {
    let read = gongdao_kernel::Moments::of(found(batch, name, file)?, name);
    read.map(Moments).map_err(|error| AuditError::new(file, error.message, error.hint))
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

fn found<'a>(batch: &'a RecordBatch, name: &str, file: &Path) -> Result<&'a ArrayRef, AuditError> {
    match batch.column_by_name(name) {
        Some(array) => Ok(array),
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
