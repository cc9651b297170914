//! Decisions made elsewhere, read out of what systems send: JSON, lines of JSON, Arrow, Parquet, CloudEvents.
//!
//! In: a whole body and what its sender calls it. Out: batches of rows, each a decision record or everything that is wrong
//! with it and where. A bad row never takes a good one with it; a body that breaks off says after which row. Contains no
//! judgement and stores nothing.

mod columns;
pub mod diagnosis;
mod events;
mod frames;
mod lines;
mod media;
mod record;
mod strict;
mod tables;
#[cfg(test)]
mod tests;

pub use media::MediaType;
pub use record::fits;

use bytes::Bytes;
use gongdao_i18n::{I18nError, Words};
use gongdao_model::DecisionRecord;
use gongdao_rules::Vocabulary;
use serde::Serialize;
use std::fmt;

/// Rows of one batch: what is judged and logged at once.
pub const BATCH_ROWS: usize = 512;

/// One row of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// 1-based, in the order of the body.
    pub number: u64,
    /// The decision, or all that is wrong with the row.
    pub record: Result<DecisionRecord, Vec<RowFault>>,
}

/// One thing wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowFault {
    /// 1-based line of the body, where it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// 1-based column in that line, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// Name of the table's column, where the body is a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong: lower case, input in backticks.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// The body as a whole cannot be read, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyFault {
    /// What is wrong: lower case, input in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// The last row that was read before; none where not even the first could be.
    pub after_row: Option<u64>,
}

impl BodyFault {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), after_row: None }
    }

    fn after(self, row: u64) -> Self {
        Self { after_row: (row > 0).then_some(row), ..self }
    }
}

impl fmt::Display for BodyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for BodyFault {}

impl From<I18nError> for BodyFault {
    /// A text that is missing is the program's fault.
    fn from(error: I18nError) -> Self {
        Self::new(error.message, error.hint.unwrap_or_default())
    }
}

/// Batches of rows, in order. After a fault nothing follows.
pub type Batches<'a> = Box<dyn Iterator<Item = Result<Vec<Row>, BodyFault>> + 'a>;

/// What a record is held against, and the language of its faults.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// Actions and facts with their types.
    pub vocabulary: &'a Vocabulary,
    /// The language of the faults.
    pub words: Words<'a>,
}

/// The rows of a body.
///
/// Errors: a body of which nothing can be read. One that breaks off gives its rows and then a fault.
pub fn batches<'a>(media: MediaType, body: &Bytes, reading: Reading<'a>) -> Result<Batches<'a>, BodyFault> {
    match media {
        MediaType::Json => record::of_json(body, reading),
        MediaType::Ndjson => Ok(Box::new(lines::Lines::new(body, reading))),
        MediaType::ArrowStream => tables::of_arrow(body, reading),
        MediaType::Parquet => tables::of_parquet(body, reading),
        MediaType::CloudEvent | MediaType::CloudEventBatch => events::of(body, reading),
    }
}
