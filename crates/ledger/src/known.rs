//! Records whose callers named them, so that one that is handed over again is logged once.

use crate::{Content, LedgerError, RecordId, Row};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Where the records logged last stand, by name. Holds the last `cap` of them at least and little more than twice as many at most.
///
/// In many small tables: one that grows is written anew as a whole, and the writer's thread would stand still for it.
pub(crate) struct Known {
    cap: usize,
    parts: Vec<Part>,
}

/// Records of a part of a large table, on the average.
const PART: usize = 4096;
const MOST_PARTS: usize = 1024;

#[derive(Default)]
struct Part {
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
        let count = (cap / PART).next_power_of_two().min(MOST_PARTS);
        let mean = cap / count;
        // Of the last `cap` names no part has so many more than its share: names are as good as random (8 standard deviations).
        let of_part = if count == 1 { cap } else { mean + 8 * mean.isqrt() };
        let part = || Part { cap: of_part, ..Part::default() };
        Self { cap, parts: std::iter::repeat_with(part).take(count).collect() }
    }

    pub(crate) fn cap(&self) -> u64 {
        u64::try_from(self.cap).unwrap_or(u64::MAX)
    }

    pub(crate) fn add(&mut self, record: RecordId, leaf: u64) {
        let half = half(record);
        let place = self.place(half);
        let Some(part) = self.parts.get_mut(place).filter(|part| part.cap > 0) else { return };
        if part.young.len() >= part.cap {
            // As large as the one before: to grow step by step is slow.
            let fresh = Places::with_capacity_and_hasher(part.cap, BuildHasherDefault::default());
            part.old = std::mem::replace(&mut part.young, fresh);
        }
        part.young.insert(half, leaf);
    }

    /// Where a record of this name may stand.
    pub(crate) fn leaf_of(&self, record: RecordId) -> Option<u64> {
        let half = half(record);
        let part = self.parts.get(self.place(half))?;
        part.young.get(&half).or_else(|| part.old.get(&half)).copied()
    }

    /// The part that has a name: by bits that places within a part do not depend on.
    fn place(&self, half: u64) -> usize {
        usize::try_from(half >> 32).unwrap_or_default() & (self.parts.len() - 1)
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

#[cfg(test)]
mod tests {
    use super::Known;
    use crate::RecordId;
    use gongdao_merkle::sha256;

    fn name(number: u64) -> RecordId {
        RecordId::from_bytes(*sha256(&[&number.to_be_bytes()]).first_chunk().unwrap())
    }

    #[test]
    fn the_last_names_are_known_and_few_more_than_twice_as_many_are_kept() {
        for cap in [0, 1, 100, 5_000, 20_000] {
            let mut known = Known::new(cap);
            let count = 5 * u64::try_from(cap).unwrap() + 3;
            for number in 0..count {
                known.add(name(number), number);
                // The oldest of the last `cap` goes first.
                let oldest = (number + 1).saturating_sub(known.cap());
                if cap > 0 {
                    assert_eq!(known.leaf_of(name(oldest)), Some(oldest), "{oldest} of {cap} after {number}");
                }
            }
            let kept: usize = known.parts.iter().map(|part| part.young.len() + part.old.len()).sum();
            assert!(kept <= 2 * cap + cap / 2, "{kept} of {cap}");
            assert_eq!(known.leaf_of(name(count)), None);
        }
    }
}
