//! CSV: header, comma, quotes of RFC 4180, UTF-8 with or without a byte-order mark.

use super::survey::Sink;
use super::{Fault, Value, read_text_cell};
use crate::AuditError;
use crate::adapter::TableSpec;
use csv::{ByteRecord, Position, Reader, ReaderBuilder};
use std::fs::File;
use std::io::{Chain, Read};
use std::path::{Path, PathBuf};

/// Put behind every file: a record of its own, unless a quote before it is still open.
const END: &[u8] = b"\n\x1eend\x1e\n";

pub(super) struct CsvFile {
    records: Records,
    record: ByteRecord,
    /// Where each declared column stands in a record.
    positions: Vec<usize>,
    /// Fields in the header.
    width: usize,
}

/// The records of a file, the header included.
struct Records {
    path: PathBuf,
    reader: Reader<Chain<File, &'static [u8]>>,
    /// Where the reader stands when it has read [`END`].
    last_byte: u64,
}

impl Records {
    fn open(path: PathBuf) -> Result<Self, AuditError> {
        let failed = |error| AuditError::io(&path, "read the file", &error);
        let file = super::open_regular(&path)?;
        let last_byte = file.metadata().map_err(failed)?.len() + END.len() as u64;
        // Flexible, so that a row with another number of fields is ours to count.
        let mut builder = ReaderBuilder::new();
        let builder = builder.has_headers(false).flexible(true).buffer_capacity(1 << 16);
        Ok(Self { reader: builder.from_reader(file.chain(END)), path, last_byte })
    }

    /// The next record; false at the end of the file. A quote that is never closed has swallowed every row after it, and
    /// nobody knows how many there were: that ends the run.
    fn next(&mut self, record: &mut ByteRecord) -> Result<bool, AuditError> {
        if !self.reader.read_byte_record(record).map_err(|error| self.failed(&error))? {
            return Ok(false);
        }
        if self.reader.position().byte() < self.last_byte {
            return Ok(true);
        }
        if record.iter().next_back().is_some_and(|last| last.ends_with(END)) {
            let line = record.position().map_or(0, Position::line);
            let hint = "close the quote; check that the file was written to the end";
            let message = format!("a quote in the row that begins on line {line} is never closed");
            return Err(AuditError::new(&self.path, message, hint));
        }
        Ok(false)
    }

    fn header(&mut self) -> Result<Vec<String>, AuditError> {
        let mut record = ByteRecord::new();
        if !self.next(&mut record)? || record.iter().all(<[u8]>::is_empty) {
            return Err(AuditError::new(
                &self.path,
                "the file is empty",
                "it needs at least a header; check that it was written to the end",
            ));
        }
        let mut names = Vec::new();
        for (index, name) in record.iter().enumerate() {
            let name = if index == 0 { name.strip_prefix(b"\xef\xbb\xbf").unwrap_or(name) } else { name };
            let name = std::str::from_utf8(name).map_err(|_| {
                let message = format!("the name of column {} is not UTF-8", index + 1);
                AuditError::new(&self.path, message, "save the file as UTF-8")
            })?;
            names.push(name.trim().trim_matches('"').to_owned());
        }
        Ok(names)
    }

    fn failed(&self, error: &csv::Error) -> AuditError {
        match error.kind() {
            csv::ErrorKind::Io(error) => AuditError::io(&self.path, "read the file", error),
            _ => {
                AuditError::new(&self.path, format!("cannot read the file as CSV: {error}"), "check quotes and commas")
            }
        }
    }
}

/// Names in the header.
pub(super) fn column_names(path: &Path) -> Result<Vec<String>, AuditError> {
    Records::open(path.to_owned())?.header()
}

impl CsvFile {
    pub(super) fn open(path: PathBuf, spec: &TableSpec) -> Result<Self, AuditError> {
        let mut records = Records::open(path)?;
        let names = records.header()?;
        let positions = spec
            .columns
            .iter()
            .map(|column| names.iter().position(|name| *name == column.from).unwrap_or(usize::MAX))
            .collect();
        Ok(Self { records, record: ByteRecord::new(), positions, width: names.len() })
    }

    /// Read rows until the batch is full (`true`) or the file ends (`false`).
    pub(super) fn read_into(&mut self, spec: &TableSpec, file: usize, rows: &mut dyn Sink) -> Result<bool, AuditError> {
        while !rows.is_full() {
            if !self.records.next(&mut self.record)? {
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
            rows.push(file, row, &cells)?;
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
