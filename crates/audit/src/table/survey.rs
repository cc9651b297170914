//! A first look at unique columns alone: which of their values stand more than once. All later passes look up only those,
//! so that memory does not grow with the rows.

use super::csv_file::CsvFile;
use super::parquet_file::ParquetFile;
use super::rows::words;
use super::{Fault, Value};
use crate::AuditError;
use crate::adapter::{TableSpec, has_extension};
use crate::repeats::{Repeats, fingerprint_of};
use std::collections::HashSet;
use std::path::Path;

/// What takes the cells of rows.
pub(super) trait Sink {
    /// Whether no more rows fit.
    fn is_full(&self) -> bool;
    /// The number of the next row of a file, counted as read.
    fn next_row(&mut self, file: usize) -> u64;
    /// A row with the right number of cells.
    fn push(&mut self, file: usize, row: u64, cells: &[Result<Value<'_>, Fault>]) -> Result<(), AuditError>;
    /// A row that is none.
    fn set_aside(&mut self, file: &str, column: Option<&str>, row: u64, fault: Fault);
}

/// For each column of the table the fingerprints of repeated values; none for a column that is not unique. A row that is
/// set aside later counts here too: a value more to look up, and nothing else.
pub(super) fn repeated(spec: &TableSpec, data: &Path) -> Result<Vec<Option<HashSet<u128>>>, AuditError> {
    let unique =
        TableSpec { columns: spec.columns.iter().filter(|column| column.unique).cloned().collect(), ..spec.clone() };
    if unique.columns.is_empty() {
        return Ok(spec.columns.iter().map(|_| None).collect());
    }
    let mut survey = Survey { columns: unique.columns.iter().map(|_| Repeats::default()).collect() };
    for (number, name) in unique.files.iter().enumerate() {
        let path = data.join(name);
        if has_extension(name, "parquet") {
            let mut file = ParquetFile::open(path, &unique)?;
            while file.read_into(&unique, number, &mut survey)? {}
        } else {
            let mut file = CsvFile::open(path, &unique)?;
            while file.read_into(&unique, number, &mut survey)? {}
        }
    }
    let mut found = survey.columns.into_iter();
    let of_column = |is_unique: bool| if is_unique { found.next().map(Repeats::finish).transpose() } else { Ok(None) };
    spec.columns.iter().map(|column| column.unique).map(of_column).collect()
}

struct Survey {
    columns: Vec<Repeats>,
}

impl Sink for Survey {
    fn is_full(&self) -> bool {
        false
    }

    fn next_row(&mut self, _: usize) -> u64 {
        0
    }

    fn push(&mut self, _: usize, _: u64, cells: &[Result<Value<'_>, Fault>]) -> Result<(), AuditError> {
        for (repeats, cell) in self.columns.iter_mut().zip(cells) {
            if let Ok(value) = cell
                && *value != Value::Missing
            {
                repeats.push(fingerprint_of(&words(*value)))?;
            }
        }
        Ok(())
    }

    fn set_aside(&mut self, _: &str, _: Option<&str>, _: u64, _: Fault) {}
}
