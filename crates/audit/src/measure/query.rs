//! Running a measure's query and reading its result column by column.

use super::{Comparison, MeasureSpec};
use crate::AuditError;
use crate::query::{own_error, read_only};
use datafusion::arrow::array::{Array, ArrayRef, Float64Array, Int64Array, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;

/// A column name as SQL takes it literally.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL takes it literally.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A column as text.
pub(super) fn text(name: &str) -> String {
    format!("CAST({} AS VARCHAR)", quoted(name))
}

/// `a` or `b`, the side that a row is on; null for other rows.
pub(super) fn side_of(own: &Comparison) -> String {
    let list = |values: &[String]| values.iter().map(|value| literal(value)).collect::<Vec<_>>().join(", ");
    let group = text(&own.group);
    format!(
        "CASE WHEN {group} IN ({}) THEN 'a' WHEN {group} IN ({}) THEN 'b' END",
        list(&own.a.values),
        list(&own.b.values)
    )
}

/// The rows of `sql`, which is the measure's own query or stands around it.
pub(super) async fn frame(context: &SessionContext, spec: &MeasureSpec, sql: &str) -> Result<DataFrame, AuditError> {
    context.sql_with_options(sql, read_only()).await.map_err(|error| failed(spec, &error))
}

/// Run and collect.
pub(super) async fn collect(spec: &MeasureSpec, frame: DataFrame) -> Result<Vec<Lines>, AuditError> {
    let batches = frame.collect().await.map_err(|error| failed(spec, &error))?;
    Ok(batches.into_iter().filter(|batch| batch.num_rows() > 0).map(Lines).collect())
}

pub(super) fn failed(spec: &MeasureSpec, error: &DataFusionError) -> AuditError {
    own_error(error).unwrap_or_else(|| failure(spec, &error.strip_backtrace()))
}

fn failure(spec: &MeasureSpec, words: &str) -> AuditError {
    let first = words.lines().next().unwrap_or_default();
    AuditError::new(
        &spec.sql_file,
        format!("the query of measure `{}` failed: {first}", spec.id),
        "check the query against the tables of the adapter",
    )
}

/// One batch of a result.
pub(super) struct Lines(RecordBatch);

impl Lines {
    /// How many lines.
    pub(super) fn len(&self) -> usize {
        self.0.num_rows()
    }

    /// The text in a column; none where it is missing.
    pub(super) fn texts(&self, spec: &MeasureSpec, column: usize) -> Result<Vec<Option<String>>, AuditError> {
        let array = self.column(spec, column, &DataType::Utf8)?;
        let texts = array.as_any().downcast_ref::<StringArray>().ok_or_else(|| failure(spec, "text expected"))?;
        Ok(texts.iter().map(|text| text.map(str::to_owned)).collect())
    }

    /// The whole numbers in a column; 0 where missing (a sum over no rows).
    pub(super) fn counts(&self, spec: &MeasureSpec, column: usize) -> Result<Vec<u64>, AuditError> {
        let array = self.column(spec, column, &DataType::Int64)?;
        let counts =
            array.as_any().downcast_ref::<Int64Array>().ok_or_else(|| failure(spec, "whole number expected"))?;
        Ok(counts.iter().map(|count| count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0)).collect())
    }

    /// The numbers in a column; none where missing or not finite.
    pub(super) fn numbers(&self, spec: &MeasureSpec, column: usize) -> Result<Vec<Option<f64>>, AuditError> {
        let array = self.column(spec, column, &DataType::Float64)?;
        let numbers = array.as_any().downcast_ref::<Float64Array>().ok_or_else(|| failure(spec, "number expected"))?;
        Ok(numbers.iter().map(|number| number.filter(|number| number.is_finite())).collect())
    }

    fn column(&self, spec: &MeasureSpec, column: usize, kind: &DataType) -> Result<ArrayRef, AuditError> {
        let array = self.0.columns().get(column).ok_or_else(|| failure(spec, "a column is missing"))?;
        cast(array, kind).map_err(|error| failure(spec, &error.to_string()))
    }
}
