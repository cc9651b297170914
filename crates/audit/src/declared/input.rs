//! The columns of the decisions: found, typed, and read row by row.

use super::AlgorithmVersion;
use crate::AuditError;
use crate::columns::{AT, DECISION, FILE, ROW};
use crate::query::sql_error;
use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, Field, Float64Type, Schema, SchemaRef};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::{Expr, cast, ident};
use datafusion::prelude::SessionContext;
use std::collections::BTreeMap;
use std::sync::Arc;

/// At most so many undeclared columns are looked at, in the order of the query.
const MOST_COLUMNS: usize = 60;
/// Longer texts of undeclared columns are told apart by their beginning and length.
const LONGEST: usize = 64;

/// One cell, as a rule or a test sees it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Missing,
    Number(f64),
    Truth(bool),
    Text(String),
}

/// A column with its type: `Float64`, `Boolean` or `Utf8`.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: DataType,
}

/// The decisions of a version, as a query that gives columns under names of our own.
pub(super) struct Input {
    pub(super) frame: DataFrame,
    pub(super) factors: Vec<Column>,
    pub(super) others: Vec<Column>,
    pub(super) left_out: Vec<String>,
}

/// Names of our own, so that no column of the query can stand in for another.
pub(super) const OUTCOME: &str = "outcome";

fn factor_name(place: usize) -> String {
    format!("factor {place}")
}

fn other_name(place: usize) -> String {
    format!("other {place}")
}

impl Input {
    /// Find the columns that the version names.
    pub(super) async fn open(context: &SessionContext, version: &AlgorithmVersion) -> Result<Self, AuditError> {
        let table = context.table(version.query.as_str()).await.map_err(|_| {
            let hint = "name a `[[table]]` or `[[view]]` of the adapter";
            AuditError::new(&version.file, format!("the adapter has no table or view `{}`", version.query), hint)
        })?;
        let fields: Vec<(String, DataType)> =
            table.schema().fields().iter().map(|field| (field.name().clone(), field.data_type().clone())).collect();
        let kinds: BTreeMap<&str, &DataType> = fields.iter().map(|(name, kind)| (name.as_str(), kind)).collect();
        let found = |name: &str| kinds.get(name).copied().ok_or_else(|| unknown(version, name, &fields));
        let typed = |name: &String| {
            let column = |kind| Column { name: name.clone(), kind };
            found(name).and_then(|kind| sort(kind).map(column).ok_or_else(|| wrong_type(version, name, kind)))
        };
        found(&version.id)?;
        found(&version.at)?;
        let outcome = found(&version.outcome)?;
        if !(outcome.is_numeric() || *outcome == DataType::Boolean) {
            return Err(wrong_type(version, &version.outcome, outcome));
        }
        let factors: Vec<Column> = version.factors.iter().map(typed).collect::<Result<_, _>>()?;
        let (others, left_out) = match &version.other {
            Some(named) => (named.iter().map(typed).collect::<Result<_, _>>()?, Vec::new()),
            None => undeclared(version, &fields),
        };
        let mut selected = vec![ident(&version.id).alias(DECISION), ident(&version.at).alias(AT)];
        selected.push(cast(ident(&version.outcome), DataType::Float64).alias(OUTCOME));
        selected.extend([FILE, ROW].into_iter().filter(|name| kinds.contains_key(name)).map(ident));
        let own =
            |column: &Column, name: String| -> Expr { cast(ident(&column.name), column.kind.clone()).alias(name) };
        selected.extend(factors.iter().enumerate().map(|(place, column)| own(column, factor_name(place))));
        selected.extend(others.iter().enumerate().map(|(place, column)| own(column, other_name(place))));
        let frame = table.select(selected).map_err(|error| sql_error(&version.file, &error))?;
        Ok(Self { frame, factors, others, left_out })
    }

    /// The factors under their declared names.
    pub(super) fn factor_schema(&self) -> SchemaRef {
        let field = |column: &Column| Field::new(&column.name, column.kind.clone(), true);
        Arc::new(Schema::new(self.factors.iter().map(field).collect::<Vec<_>>()))
    }

    /// The arrays of the factors in a batch of [`Self::frame`].
    pub(super) fn factor_arrays(&self, batch: &RecordBatch) -> Result<Vec<ArrayRef>, AuditError> {
        (0..self.factors.len()).map(|place| crate::columns::column(batch, &factor_name(place)).cloned()).collect()
    }

    /// The arrays of the undeclared columns.
    pub(super) fn other_arrays(&self, batch: &RecordBatch) -> Result<Vec<ArrayRef>, AuditError> {
        (0..self.others.len()).map(|place| crate::columns::column(batch, &other_name(place)).cloned()).collect()
    }
}

/// Every column that is nothing else, and those that cannot be looked at.
fn undeclared(version: &AlgorithmVersion, fields: &[(String, DataType)]) -> (Vec<Column>, Vec<String>) {
    let is_own = |name: &str| {
        [version.id.as_str(), &version.at, &version.outcome, FILE, ROW].contains(&name)
            || version.factors.iter().any(|factor| factor == name)
    };
    let (mut columns, mut left_out) = (Vec::new(), Vec::new());
    for (name, kind) in fields.iter().filter(|(name, _)| !is_own(name)) {
        match sort(kind) {
            Some(kind) if columns.len() < MOST_COLUMNS => columns.push(Column { name: name.clone(), kind }),
            _ => left_out.push(name.clone()),
        }
    }
    (columns, left_out)
}

/// The type that a column is read as; none for times, lists and the like.
fn sort(kind: &DataType) -> Option<DataType> {
    match kind {
        DataType::Boolean => Some(DataType::Boolean),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => Some(DataType::Utf8),
        kind if kind.is_numeric() => Some(DataType::Float64),
        _ => None,
    }
}

fn unknown(version: &AlgorithmVersion, name: &str, fields: &[(String, DataType)]) -> AuditError {
    let known: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    let message = format!("`{}` has no column `{name}`", version.query);
    AuditError::new(&version.file, message, format!("its columns: {}", known.join(", ")))
}

fn wrong_type(version: &AlgorithmVersion, name: &str, kind: &DataType) -> AuditError {
    let (wanted, hint) = if name == version.outcome {
        ("a number or a boolean", "CAST it in a view, or compare it: `result = 'refused'`")
    } else {
        ("a number, a boolean or text", "CAST it in a view, for instance to minutes since midnight")
    };
    AuditError::new(&version.file, format!("column `{name}` is `{kind}`, not {wanted}"), hint)
}

/// The cell of a row. A number that is none counts as missing.
pub(super) fn value(array: &ArrayRef, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Missing;
    }
    if let Some(numbers) = array.as_primitive_opt::<Float64Type>() {
        return Some(numbers.value(row)).filter(|number| !number.is_nan()).map_or(Value::Missing, Value::Number);
    }
    if let Some(truths) = array.as_boolean_opt() {
        return Value::Truth(truths.value(row));
    }
    array.as_string_opt::<i32>().map_or(Value::Missing, |texts| Value::Text(texts.value(row).to_owned()))
}

/// The same for a test, which needs to tell texts apart and nothing else.
pub(super) fn short_value(array: &ArrayRef, row: usize) -> Value {
    match value(array, row) {
        Value::Text(text) if text.len() > LONGEST => {
            let start: String = text.chars().take(LONGEST).collect();
            Value::Text(format!("{start}… {}", text.len()))
        }
        other => other,
    }
}
