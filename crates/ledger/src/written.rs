//! Records in bytes: whoever logs many writes their columns as they go, without a value of each.

use crate::cbor::{write_bool, write_int, write_list, write_null, write_optional, write_text};
use crate::decision::{write_columns, write_fact, write_path};
use crate::draft::Loggable;
use crate::{ALGORITHM_SCHEMA, DECISION_SCHEMA, EntryKind, LedgerError, PersonId};
use gongdao_merkle::sha256;
use gongdao_model::{DecisionRecord, FactPath, FactValue};
use std::ops::Range;

/// A record to be logged, of which the bytes are there already; the same as a [`Draft`](crate::Draft) with the same columns.
#[derive(Debug, Clone)]
pub struct Written {
    kind: EntryKind,
    bytes: Vec<u8>,
    groups: Vec<(Option<PersonId>, Range<usize>)>,
}

/// Appends the columns of a group.
pub struct Columns<'a>(&'a mut Vec<u8>);

/// The columns of a decision in bytes, and the digest of what was handed in.
#[derive(Debug, Clone)]
pub struct WrittenDecision {
    person: Option<PersonId>,
    /// Group 0, then the six columns of group 1 without what stands before them.
    bytes: Vec<u8>,
    columns_at: usize,
    digest: [u8; 32],
}

/// Bytes that more columns and groups take, about.
const ROOM: usize = 2048;
/// Columns of `gongdao/decision/1`.
const DECISION_COLUMNS: usize = 6;

impl WrittenDecision {
    /// Errors: a pseudonym that is empty or above 255 bytes.
    pub fn of(record: &DecisionRecord) -> Result<Self, LedgerError> {
        let person = record.person.as_deref().map(str::parse::<PersonId>).transpose()?;
        let mut bytes = Vec::with_capacity(1024);
        write_list(&mut bytes, 2);
        write_text(&mut bytes, ALGORITHM_SCHEMA);
        write_optional(&mut bytes, record.algorithm.as_deref());
        let group_at = bytes.len();
        begin(&mut bytes, DECISION_SCHEMA, DECISION_COLUMNS);
        let columns_at = bytes.len();
        write_columns(record, &mut bytes);
        let digest = sha256(&[&bytes]);
        bytes.drain(group_at..columns_at);
        Ok(Self { person, bytes, columns_at: group_at, digest })
    }

    /// SHA-256 over the bytes of its two groups, as they are without a check.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The decision as it was made elsewhere.
    pub fn alone(self) -> Written {
        self.under(DECISION_SCHEMA, 0, |_| {})
    }

    /// The decision with so many more columns about its person, under a schema of their own.
    pub fn under(self, schema: &str, more: usize, write: impl FnOnce(&mut Columns<'_>)) -> Written {
        let Self { person, bytes: mut own, columns_at, .. } = self;
        let columns = own.split_off(columns_at);
        if more > 0 {
            own.reserve(columns.len() + ROOM);
        }
        let first = 0..own.len();
        begin(&mut own, schema, DECISION_COLUMNS + more);
        own.extend_from_slice(&columns);
        write(&mut Columns(&mut own));
        let second = first.end..own.len();
        Written { kind: EntryKind::Decision, bytes: own, groups: vec![(None, first), (person, second)] }
    }
}

impl Written {
    /// Add a group about nobody with so many columns.
    pub fn group(&mut self, schema: &str, columns: usize, write: impl FnOnce(&mut Columns<'_>)) {
        let start = self.bytes.len();
        begin(&mut self.bytes, schema, columns);
        write(&mut Columns(&mut self.bytes));
        self.groups.push((None, start..self.bytes.len()));
    }

    /// Whom each group concerns, and its bytes.
    pub fn groups(&self) -> impl Iterator<Item = (Option<&PersonId>, &[u8])> {
        let bytes = |range: &Range<usize>| self.bytes.get(range.clone()).unwrap_or_default();
        self.groups.iter().map(move |(person, range)| (person.as_ref(), bytes(range)))
    }
}

fn begin(to: &mut Vec<u8>, schema: &str, columns: usize) {
    write_list(to, columns + 1);
    write_text(to, schema);
}

impl Columns<'_> {
    /// The bytes of one value, for [`Self::value`] to append again and again.
    pub fn bytes_of(write: impl FnOnce(&mut Columns<'_>)) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut Columns(&mut bytes));
        bytes
    }

    /// A value whose bytes [`Self::bytes_of`] gave.
    pub fn value(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// No value.
    pub fn null(&mut self) {
        write_null(self.0);
    }

    /// True or false.
    pub fn bool(&mut self, is: bool) {
        write_bool(self.0, is);
    }

    /// A whole number.
    pub fn int(&mut self, number: i64) {
        write_int(self.0, number);
    }

    /// Text.
    pub fn text(&mut self, text: &str) {
        write_text(self.0, text);
    }

    /// Text, or no value.
    pub fn optional(&mut self, text: Option<&str>) {
        write_optional(self.0, text);
    }

    /// The head of a list of so many values, which follow.
    pub fn list(&mut self, count: usize) {
        write_list(self.0, count);
    }

    /// A fact's path, as text.
    pub fn path(&mut self, path: &FactPath) {
        write_path(self.0, path);
    }

    /// A fact's value.
    pub fn fact(&mut self, value: &FactValue) {
        write_fact(self.0, value);
    }
}

impl Loggable for Written {
    fn kind(&self) -> EntryKind {
        self.kind
    }

    fn check(&self) -> Result<(), LedgerError> {
        // One person at most, and few columns: see how it is made.
        Ok(())
    }

    fn groups(&self) -> usize {
        self.groups.len()
    }

    fn person(&self, group: usize) -> Option<&str> {
        self.groups.get(group)?.0.as_ref().map(PersonId::as_str)
    }

    fn room(&self) -> usize {
        self.bytes.len()
    }

    fn write(&self, group: usize, to: &mut Vec<u8>) {
        if let Some((_, range)) = self.groups.get(group) {
            to.extend_from_slice(self.bytes.get(range.clone()).unwrap_or_default());
        }
    }
}
