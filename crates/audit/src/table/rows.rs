//! Rows into columns: a row is kept whole or set aside whole.

use super::cell::check;
use super::survey::Sink;
use super::{BATCH_ROWS, Fault, Found, Table, Value};
use crate::AuditError;
use crate::adapter::ColumnKind;
use crate::repeats::Seen;
use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder, TimestampMillisecondBuilder,
};
use datafusion::arrow::record_batch::RecordBatch;
use std::borrow::Cow;
use std::sync::Arc;

/// The kept rows of the batch being filled, and what was found so far in this pass.
pub(super) struct Rows {
    table: Arc<Table>,
    columns: Vec<Column>,
    files: StringBuilder,
    numbers: Int64Builder,
    kept: usize,
    /// What was met in unique columns; none for other columns.
    seen: Vec<Option<Seen>>,
    pub(super) found: Found,
}

enum Column {
    Text(StringBuilder),
    Bool(BooleanBuilder),
    Integer(Int64Builder),
    Float(Float64Builder),
    Millis(TimestampMillisecondBuilder),
    Days(Date32Builder),
}

impl Rows {
    /// Errors: the values of unique columns cannot be surveyed.
    pub(super) fn new(table: Arc<Table>) -> Result<Self, AuditError> {
        let columns = table.spec.columns.iter().map(|column| Column::new(column.kind)).collect();
        let seen = table.seen()?;
        let found = Found { rows: vec![0; table.spec.files.len()], ..Found::default() };
        Ok(Self { table, columns, files: StringBuilder::new(), numbers: Int64Builder::new(), kept: 0, seen, found })
    }

    /// The first unique column whose value stood in an earlier row. A row that is set aside leaves no fingerprint.
    fn duplicate<'a>(&mut self, table: &'a Table, cells: &[Result<Value<'_>, Fault>]) -> Option<(&'a str, Fault)> {
        let unique = || table.spec.columns.iter().zip(cells).zip(0_usize..);
        for ((column, cell), index) in unique() {
            let (Some(Some(seen)), Ok(value)) = (self.seen.get(index), cell) else { continue };
            if *value != Value::Missing && seen.has(&words(*value)) {
                let shown = Fault::shown(&words(*value));
                let fault = Fault::new("duplicate", format!("`{shown}` 重复出现"), format!("`{shown}` stands twice"))
                    .hint("保留的是第一行", "the first row stays");
                return Some((column.name.as_str(), fault));
            }
        }
        for ((_, cell), index) in unique() {
            if let (Some(Some(seen)), Ok(value)) = (self.seen.get_mut(index), cell) {
                seen.meet(&words(*value));
            }
        }
        None
    }

    /// The rows kept since the last batch; none if there are none.
    pub(super) fn finish(&mut self) -> Option<Result<RecordBatch, AuditError>> {
        if self.kept == 0 {
            return None;
        }
        self.kept = 0;
        let mut columns: Vec<ArrayRef> = self.columns.iter_mut().map(Column::finish).collect();
        columns.push(Arc::new(self.files.finish()));
        columns.push(Arc::new(self.numbers.finish()));
        let batch = RecordBatch::try_new(Arc::clone(&self.table.schema), columns);
        Some(
            batch.map_err(|error| AuditError::new(&self.table.data, error.to_string(), "report this with the adapter")),
        )
    }
}

impl Sink for Rows {
    fn is_full(&self) -> bool {
        self.kept >= BATCH_ROWS
    }

    fn next_row(&mut self, file: usize) -> u64 {
        let Some(rows) = self.found.rows.get_mut(file) else { return 0 };
        *rows += 1;
        *rows
    }

    fn push(&mut self, file: usize, row: u64, cells: &[Result<Value<'_>, Fault>]) -> Result<(), AuditError> {
        let table = Arc::clone(&self.table);
        let mut fault = None;
        for (column, cell) in table.spec.columns.iter().zip(cells) {
            if let Err(wrong) = cell.clone().and_then(|value| check(column, value)) {
                fault = Some((column.name.as_str(), wrong));
                break;
            }
        }
        let fault = fault.or_else(|| self.duplicate(&table, cells));
        let name = table.spec.files.get(file).map_or("", String::as_str);
        if let Some((column, fault)) = fault {
            self.set_aside(name, Some(column), row, fault);
            return Ok(());
        }
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.append(cell.as_ref().copied().unwrap_or(Value::Missing));
        }
        self.files.append_value(name);
        self.numbers.append_value(i64::try_from(row).unwrap_or(i64::MAX));
        self.kept += 1;
        Ok(())
    }

    fn set_aside(&mut self, file: &str, column: Option<&str>, row: u64, fault: Fault) {
        self.found.set_aside += 1;
        self.found.faults.add(file, column, row, fault, true);
    }
}

impl Column {
    fn new(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Text => Self::Text(StringBuilder::new()),
            ColumnKind::Bool => Self::Bool(BooleanBuilder::new()),
            ColumnKind::Integer => Self::Integer(Int64Builder::new()),
            ColumnKind::Float => Self::Float(Float64Builder::new()),
            ColumnKind::Instant | ColumnKind::Seconds | ColumnKind::Millis => {
                Self::Millis(TimestampMillisecondBuilder::new())
            }
            ColumnKind::Date => Self::Days(Date32Builder::new()),
        }
    }

    /// INVARIANT: the value is of the column's kind or missing; another kind would be appended as missing.
    fn append(&mut self, value: Value<'_>) {
        match (self, value) {
            (Self::Text(builder), Value::Text(text)) => builder.append_value(text),
            (Self::Bool(builder), Value::Bool(truth)) => builder.append_value(truth),
            (Self::Integer(builder), Value::Integer(number)) => builder.append_value(number),
            (Self::Float(builder), Value::Float(number)) => builder.append_value(number),
            (Self::Millis(builder), Value::Millis(millis)) => builder.append_value(millis),
            (Self::Days(builder), Value::Days(days)) => builder.append_value(days),
            (Self::Text(builder), _) => builder.append_null(),
            (Self::Bool(builder), _) => builder.append_null(),
            (Self::Integer(builder), _) => builder.append_null(),
            (Self::Float(builder), _) => builder.append_null(),
            (Self::Millis(builder), _) => builder.append_null(),
            (Self::Days(builder), _) => builder.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Bool(builder) => Arc::new(builder.finish()),
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Float(builder) => Arc::new(builder.finish()),
            Self::Millis(builder) => Arc::new(builder.finish()),
            Self::Days(builder) => Arc::new(builder.finish()),
        }
    }
}

/// A value as text, for messages and fingerprints.
pub(super) fn words(value: Value<'_>) -> Cow<'_, str> {
    match value {
        Value::Missing => Cow::Borrowed(""),
        Value::Text(text) => Cow::Borrowed(text),
        Value::Bool(truth) => truth.to_string().into(),
        Value::Integer(number) | Value::Millis(number) => number.to_string().into(),
        Value::Float(number) => number.to_string().into(),
        Value::Days(days) => days.to_string().into(),
    }
}
