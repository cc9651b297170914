//! Rows into columns: a row is kept whole or set aside whole.

use super::cell::check;
use super::{BATCH_ROWS, Fault, Found, Table, Value};
use crate::AuditError;
use crate::adapter::ColumnKind;
use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder, TimestampMillisecondBuilder,
};
use datafusion::arrow::record_batch::RecordBatch;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// The kept rows of the batch being filled, and what was found so far in this pass.
pub(super) struct Rows {
    table: Arc<Table>,
    columns: Vec<Column>,
    files: StringBuilder,
    numbers: Int64Builder,
    kept: usize,
    /// Fingerprints of the values of unique columns; none for other columns.
    seen: Vec<Option<HashSet<u128>>>,
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
    pub(super) fn new(table: Arc<Table>) -> Self {
        let columns = table.spec.columns.iter().map(|column| Column::new(column.kind)).collect();
        let seen = table.spec.columns.iter().map(|column| column.unique.then(HashSet::new)).collect();
        let found = Found { rows: vec![0; table.spec.files.len()], ..Found::default() };
        Self { table, columns, files: StringBuilder::new(), numbers: Int64Builder::new(), kept: 0, seen, found }
    }

    pub(super) fn is_full(&self) -> bool {
        self.kept >= BATCH_ROWS
    }

    /// The number of the next row of a file, counted as read.
    pub(super) fn next_row(&mut self, file: usize) -> u64 {
        let Some(rows) = self.found.rows.get_mut(file) else { return 0 };
        *rows += 1;
        *rows
    }

    /// Keep a row, or set it aside for the first fault in it.
    pub(super) fn push(&mut self, file: usize, row: u64, cells: &[Result<Value<'_>, Fault>]) {
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
            return;
        }
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.append(cell.as_ref().copied().unwrap_or(Value::Missing));
        }
        self.files.append_value(name);
        self.numbers.append_value(i64::try_from(row).unwrap_or(i64::MAX));
        self.kept += 1;
    }

    /// Set a whole row aside.
    pub(super) fn set_aside(&mut self, file: &str, column: Option<&str>, row: u64, fault: Fault) {
        self.found.set_aside += 1;
        self.found.faults.add(file, column, row, fault, true);
    }

    /// The first unique column whose value stood in an earlier row. A row that is set aside leaves no fingerprint.
    fn duplicate<'a>(&mut self, table: &'a Table, cells: &[Result<Value<'_>, Fault>]) -> Option<(&'a str, Fault)> {
        let unique = || table.spec.columns.iter().zip(cells).zip(0_usize..);
        for ((column, cell), index) in unique() {
            let (Some(Some(seen)), Ok(value)) = (self.seen.get(index), cell) else { continue };
            if *value != Value::Missing && seen.contains(&fingerprint(*value)) {
                let shown = Fault::shown(&words(*value));
                let fault = Fault::new("duplicate", format!("`{shown}` 重复出现"), format!("`{shown}` stands twice"))
                    .hint("保留的是第一行", "the first row stays");
                return Some((column.name.as_str(), fault));
            }
        }
        for ((_, cell), index) in unique() {
            if let (Some(Some(seen)), Ok(value)) = (self.seen.get_mut(index), cell) {
                seen.insert(fingerprint(*value));
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

fn words(value: Value<'_>) -> String {
    match value {
        Value::Missing => String::new(),
        Value::Text(text) => text.to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Integer(number) | Value::Millis(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Days(days) => days.to_string(),
    }
}

fn fingerprint(value: Value<'_>) -> u128 {
    fingerprint_of(&words(value))
}

/// 128 bits of two keyed hashes: a chance repeat among ten million values is below 1 in 10^24.
pub(crate) fn fingerprint_of(text: &str) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, text).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}
