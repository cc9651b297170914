//! Records whose callers named them, so that one that is handed over again is logged once.

use crate::{Content, LedgerError, RecordId, Row};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Where the records logged last stand, by name. Holds the last `cap` of them at least and twice as many at most.
pub(crate) struct Known {
    cap: usize,
    // Half of a name is enough to find a row; the row has the whole of it.
    young: Places,
    old: Places,
}

type Places = HashMap<u64, u64, BuildHasherDefault<AsIs>>;

/// Names are HMACs under the ledger's own key: as good as any hash, and nobody outside can choose them.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Known {
    pub(crate) fn new(cap: usize) -> Self {
        Self { cap, young: Places::default(), old: Places::default() }
    }

    pub(crate) fn cap(&self) -> u64 {
        u64::try_from(self.cap).unwrap_or(u64::MAX)
    }

    pub(crate) fn add(&mut self, record: RecordId, leaf: u64) {
        if self.cap == 0 {
            return;
        }
        if self.young.len() >= self.cap {
            // As large as the one before: to grow step by step is slow.
            let fresh = Places::with_capacity_and_hasher(self.cap, BuildHasherDefault::default());
            self.old = std::mem::replace(&mut self.young, fresh);
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
pub(crate) fn is_repeat(row: &Row, given: &Row) -> Result<bool, LedgerError> {
    if row.record != given.record {
        return Ok(false);
    }
    if row.groups.iter().any(|group| matches!(group.content, Content::Erased { .. })) {
        return Err(LedgerError::input(
            format!("the record was logged as entry {} and erased since", row.leaf),
            "do not log it again; if there is a new ground to keep it, give it a new id",
        ));
    }
    let content = |row: &Row| -> Vec<_> {
        let groups = row.groups.iter().map(|group| match &group.content {
            Content::Open { person, bytes, .. } => Some((person.clone(), bytes.clone())),
            Content::Erased { .. } => None,
        });
        groups.collect()
    };
    let is_same = content(row) == content(given);
    if is_same {
        return Ok(true);
    }
    Err(LedgerError::input(
        format!("entry {} has the id of this record and other content", row.leaf),
        "give each record an id of its own; log a correction to change what was logged",
    ))
}
