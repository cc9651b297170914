//! A fast hash of keys that is the same on every machine and in every version.
//!
//! It spreads keys over tables and partitions. It is no protection against someone who chooses keys so that they
//! collide: keys are the platform's own identifiers of persons and algorithms.

use gongdao_model::FactValue;
use std::num::NonZeroU32;

/// Digits of pi, made odd.
const START: u64 = 0x243f_6a88_85a3_08d3;
const STEP: u64 = 0x1319_8a2e_0370_7345;
const END: u64 = 0xa409_3822_299f_31d1;
const PARTS: u64 = 0x082e_fa98_ec4e_6c89;

/// Both halves of the 128-bit product, so that every bit of `a` and `b` can reach every bit of the result.
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
    let (low, high) = (product as u64, (product >> 64) as u64);
    low ^ high
}

/// One more word; the end's mix is the caller's.
fn with(hash: u64, word: u64) -> u64 {
    mix(hash ^ word, STEP)
}

pub(super) fn of_bytes(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut hash = START ^ bytes.len() as u64;
    for word in words {
        hash = with(hash, u64::from_le_bytes(*word));
    }
    let tail = rest.iter().rev().fold(0, |tail, byte| (tail << 8) | u64::from(*byte));
    mix(with(hash, tail), END)
}

pub(super) fn of_numbers(numbers: impl Iterator<Item = u32>) -> u64 {
    mix(numbers.fold(START, |hash, number| with(hash, u64::from(number))), END)
}

pub(super) fn of_value(value: &FactValue) -> u64 {
    match value {
        FactValue::Bool(truth) => mix(with(START, u64::from(*truth)), END),
        FactValue::Long(number) => mix(with(START, number.cast_unsigned()), END),
        FactValue::Text(text) => of_bytes(text.as_bytes()),
        FactValue::TextSet(words) => of_words(words.iter()),
    }
}

pub(super) fn of_words<'a>(words: impl Iterator<Item = &'a String>) -> u64 {
    mix(words.fold(START, |hash, word| with(hash, of_bytes(word.as_bytes()))), END)
}

/// Which of `parts` parts a key belongs to, from 0. [`crate::EventLog::partition`] divides by it; divide decisions by
/// it too and each part can be judged alone. Equal on every machine and in every version.
pub fn partition_of(key: &str, parts: NonZeroU32) -> u32 {
    // Mixed once more: the tables use the same hash, and a part's keys must still spread over its table.
    let hash = mix(of_bytes(key.as_bytes()) ^ PARTS, STEP);
    let part = (u128::from(hash) * u128::from(parts.get())) >> 64;
    u32::try_from(part).unwrap_or(0)
}
