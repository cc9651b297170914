//! CSV: header, comma, quotes of RFC 4180, UTF-8 with or without a byte-order mark.

use super::rows::Rows;
use super::{Fault, Value, read_text_cell};
use crate::AuditError;
use crate::adapter::TableSpec;
use csv::{ByteRecord, Reader, ReaderBuilder};
use std::fs::File;
use std::path::{Path, PathBuf};

pub(super) struct CsvFile {
    path: PathBuf,
    reader: Reader<File>,
    record: ByteRecord,
    /// Where each declared column stands in a record.
    positions: Vec<usize>,
    /// Fields in the header.
    width: usize,
}

/// Names in the header.
pub(super) fn column_names(path: &Path) -> Result<Vec<String>, AuditError> {
    header(path, &mut open(path)?)
}

fn open(path: &Path) -> Result<Reader<File>, AuditError> {
    let file = File::open(path).map_err(|error| AuditError::io(path, "read the file", &error))?;
    // Flexible, so that a row with another number of fields is ours to count.
    Ok(ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(1 << 16).from_reader(file))
}

fn header(path: &Path, reader: &mut Reader<File>) -> Result<Vec<String>, AuditError> {
    let mut record = ByteRecord::new();
    let found = reader.read_byte_record(&mut record).map_err(|error| failed(path, &error))?;
    if !found || record.iter().all(<[u8]>::is_empty) {
        return Err(AuditError::new(
            path,
            "the file is empty",
            "it needs at least a header; check that it was written to the end",
        ));
    }
    let mut names = Vec::new();
    for (index, name) in record.iter().enumerate() {
        let name = if index == 0 { name.strip_prefix(b"\xef\xbb\xbf").unwrap_or(name) } else { name };
        let name = std::str::from_utf8(name).map_err(|_| {
            AuditError::new(path, format!("the name of column {} is not UTF-8", index + 1), "save the file as UTF-8")
        })?;
        names.push(name.trim().trim_matches('"').to_owned());
    }
    Ok(names)
}

fn failed(path: &Path, error: &csv::Error) -> AuditError {
    match error.kind() {
        csv::ErrorKind::Io(error) => AuditError::io(path, "read the file", error),
        _ => AuditError::new(path, format!("cannot read the file as CSV: {error}"), "check quotes and commas"),
    }
}

impl CsvFile {
    pub(super) fn open(path: PathBuf, spec: &TableSpec) -> Result<Self, AuditError> {
        let mut reader = open(&path)?;
        let names = header(&path, &mut reader)?;
        let positions = spec
            .columns
            .iter()
            .map(|column| names.iter().position(|name| *name == column.from).unwrap_or(usize::MAX))
            .collect();
        Ok(Self { path, reader, record: ByteRecord::new(), positions, width: names.len() })
    }

    /// Read rows until the batch is full (`true`) or the file ends (`false`).
    pub(super) fn read_into(&mut self, spec: &TableSpec, file: usize, rows: &mut Rows) -> Result<bool, AuditError> {
        while !rows.is_full() {
            if !self.reader.read_byte_record(&mut self.record).map_err(|error| failed(&self.path, &error))? {
                return Ok(false);
            }
            let row = rows.next_row(file);
            if self.record.len() != self.width {
                let name = spec.files.get(file).map_or("", String::as_str);
                rows.set_aside(name, None, row, field_count(self.record.len(), self.width));
                continue;
            }
            let cells: Vec<Result<Value<'_>, Fault>> = spec
                .columns
                .iter()
                .zip(&self.positions)
                .map(|(column, position)| read_text_cell(column, self.record.get(*position).unwrap_or_default()))
                .collect();
            rows.push(file, row, &cells);
        }
        Ok(true)
    }
}

fn field_count(found: usize, expected: usize) -> Fault {
    Fault::new(
        "field-count",
        format!("该行有 `{found}` 个字段，表头有 {expected} 个"),
        format!("the row has `{found}` fields, the header {expected}"),
    )
    .hint("检查引号和逗号", "check quotes and commas")
}
