//! Which of many values stand more than once, in memory that does not grow with them.

use crate::AuditError;
use std::collections::HashSet;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufReader, BufWriter, Read, Seek, Write};

/// Values that are held before the first goes to the disk: 16 bytes each.
const MOST_HELD: usize = 4_000_000;
/// Temporary files; a hundred million values make each about 6 MB.
const BUCKETS: usize = 256;
const FINGERPRINT_BYTES: usize = 16;

/// Takes the fingerprints of values, gives those that came more than once.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    held: Vec<u128>,
    buckets: Vec<BufWriter<File>>,
}

impl Repeats {
    /// One more value, by its fingerprint.
    pub(crate) fn push(&mut self, fingerprint: u128) -> Result<(), AuditError> {
        self.held.push(fingerprint);
        if self.held.len() >= MOST_HELD { self.spill().map_err(|error| failed(&error)) } else { Ok(()) }
    }

    /// The fingerprints that came more than once.
    pub(crate) fn finish(mut self) -> Result<HashSet<u128>, AuditError> {
        let mut repeated = HashSet::new();
        if self.buckets.is_empty() {
            collect(&mut self.held, &mut repeated);
            return Ok(repeated);
        }
        self.spill().map_err(|error| failed(&error))?;
        for bucket in self.buckets {
            let mut values = read(bucket).map_err(|error| failed(&error))?;
            collect(&mut values, &mut repeated);
        }
        Ok(repeated)
    }

    fn spill(&mut self) -> std::io::Result<()> {
        while self.buckets.len() < BUCKETS {
            self.buckets.push(BufWriter::new(tempfile::tempfile()?));
        }
        for fingerprint in self.held.drain(..) {
            let bytes = fingerprint.to_be_bytes();
            let bucket = bytes.first().copied().map_or(0, usize::from);
            if let Some(bucket) = self.buckets.get_mut(bucket) {
                bucket.write_all(&bytes)?;
            }
        }
        Ok(())
    }
}

fn failed(error: &std::io::Error) -> AuditError {
    let message = format!("cannot keep the identifiers in a temporary file: {error}");
    AuditError::new("", message, "check the free space of the folder for temporary files (`TMPDIR`)").of_output()
}

fn read(bucket: BufWriter<File>) -> std::io::Result<Vec<u128>> {
    let mut file = bucket.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.rewind()?;
    let mut reader = BufReader::new(file);
    let mut values = Vec::new();
    let mut bytes = [0_u8; FINGERPRINT_BYTES];
    loop {
        match reader.read_exact(&mut bytes) {
            Ok(()) => values.push(u128::from_be_bytes(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(values),
            Err(error) => return Err(error),
        }
    }
}

fn collect(values: &mut [u128], repeated: &mut HashSet<u128>) {
    values.sort_unstable();
    for pair in values.windows(2) {
        if let [a, b] = pair
            && a == b
        {
            repeated.insert(*a);
        }
    }
}

/// 128 bits of two keyed hashes: a chance repeat among a hundred million values is below 1 in 10^22.
pub(crate) fn fingerprint_of(text: &str) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, text).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

/// Values that stand more than once, and which of them were met already. Others are never looked up.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    repeated: HashSet<u128>,
    met: HashSet<u128>,
}

impl Seen {
    /// With the fingerprints that come more than once; a superset will do.
    pub(crate) fn new(repeated: HashSet<u128>) -> Self {
        Self { repeated, met: HashSet::new() }
    }

    /// Whether a value was met before.
    pub(crate) fn has(&self, text: &str) -> bool {
        !self.met.is_empty() && self.met.contains(&fingerprint_of(text))
    }

    /// A value is met.
    pub(crate) fn meet(&mut self, text: &str) {
        if self.repeated.is_empty() {
            return;
        }
        let fingerprint = fingerprint_of(text);
        if self.repeated.contains(&fingerprint) {
            self.met.insert(fingerprint);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::{MOST_HELD, Repeats, Seen, fingerprint_of};
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn repeated(values: impl IntoIterator<Item = u128>) -> HashSet<u128> {
        let mut repeats = Repeats::default();
        values.into_iter().for_each(|value| repeats.push(value).unwrap());
        repeats.finish().unwrap()
    }

    proptest! {
        #[test]
        fn what_stands_twice_is_found(values in prop::collection::vec(0_u128..20, 0..60)) {
            let twice = |value: &u128| values.iter().filter(|other| *other == value).count() > 1;
            let expected: HashSet<u128> = values.iter().copied().filter(twice).collect();
            prop_assert_eq!(repeated(values), expected);
        }

        #[test]
        fn the_first_of_equal_values_is_new_and_every_later_one_was_met(values in prop::collection::vec("[ab]{1,2}", 0..30)) {
            let mut seen = Seen::new(repeated(values.iter().map(|value| fingerprint_of(value))));
            let mut before = HashSet::new();
            for value in &values {
                prop_assert_eq!(seen.has(value), !before.insert(value.clone()));
                seen.meet(value);
            }
        }
    }

    #[test]
    fn values_that_went_to_the_disk_are_compared_with_later_ones() {
        let count = u128::try_from(MOST_HELD).unwrap();
        // Spread over all buckets: the first byte decides.
        let spread = |value: u128| value.rotate_right(8);
        let values = (0..count).chain([7, count - 1, count, count]).map(spread);
        assert_eq!(repeated(values), HashSet::from([7, count - 1, count].map(spread)));
    }
}
