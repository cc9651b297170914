//! Records whose callers named them, so that one that is handed over again is logged once.

use crate::draft::Prepared;
use crate::{Content, LedgerError, RecordId, Row};
use std::collections::HashMap;

/// Where the records logged last stand, by name. Holds the last `cap` of them at least and twice as many at most.
pub(crate) struct Known {
    cap: usize,
    // Half of a name is enough to find a row; the row has the whole of it.
    young: HashMap<u64, u64>,
    old: HashMap<u64, u64>,
}

impl Known {
    pub(crate) fn new(cap: usize) -> Self {
        Self { cap, young: HashMap::new(), old: HashMap::new() }
    }

    pub(crate) fn cap(&self) -> u64 {
        u64::try_from(self.cap).unwrap_or(u64::MAX)
    }

    pub(crate) fn add(&mut self, record: RecordId, leaf: u64) {
        if self.cap == 0 {
            return;
        }
        if self.young.len() >= self.cap {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(half(record), leaf);
    }

    /// Where a record of this name may stand.
    pub(crate) fn leaf_of(&self, record: RecordId) -> Option<u64> {
        let half = half(record);
        self.young.get(&half).or_else(|| self.old.get(&half)).copied()
    }
}

fn half(record: RecordId) -> u64 {
    record.as_bytes().first_chunk::<8>().copied().map(u64::from_be_bytes).unwrap_or_default()
}

/// Whether a record is the one that was logged; no, where only half of their names is the same.
///
/// Errors: another record has this name, or its content was erased since.
pub(crate) fn is_repeat(row: &Row, record: &Prepared) -> Result<bool, LedgerError> {
    if row.record != record.record {
        return Ok(false);
    }
    if row.groups.iter().any(|group| matches!(group.content, Content::Erased { .. })) {
        return Err(LedgerError::input(
            format!("the record was logged as entry {} and erased since", row.leaf),
            "do not log it again; if there is a new ground to keep it, give it a new id",
        ));
    }
    let is_same = row.groups.len() == record.groups.len()
        && row.groups.iter().zip(&record.groups).all(|(logged, given)| match &logged.content {
            Content::Open { person, bytes, .. } => {
                person.as_ref() == given.person.as_ref().map(|(person, _)| person) && *bytes == given.bytes
            }
            Content::Erased { .. } => false,
        });
    if is_same {
        return Ok(true);
    }
    Err(LedgerError::input(
        format!("entry {} has the id of this record and other content", row.leaf),
        "give each record an id of its own; log a correction to change what was logged",
    ))
}
