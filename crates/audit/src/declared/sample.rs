//! A bounded sample that depends on the decisions and not on their order.

use super::input::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// At most so many rows are kept: those whose identifiers have the smallest digests.
pub(crate) const MOST: usize = 20_000;

/// A recomputed decision.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// Leading half of the digest of its identifier.
    pub(super) key: u128,
    pub(super) logged: f64,
    pub(super) recomputed: f64,
    pub(super) factors: Vec<Value>,
    pub(super) others: Vec<Value>,
}

impl Kept {
    /// Logged less recomputed.
    pub(super) fn difference(&self) -> f64 {
        self.logged - self.recomputed
    }

    /// Which half it belongs to: one is learnt from, the other tested on. Independent of the order of the digests.
    pub(super) fn is_test(&self) -> bool {
        self.key & 1 == 1
    }
}

/// The sample so far.
#[derive(Debug, Default)]
pub(super) struct Sample {
    rows: BTreeMap<u128, Kept>,
}

impl Sample {
    /// Whether a decision would be kept now.
    pub(super) fn wants(&self, key: u128) -> bool {
        self.rows.len() < MOST || self.rows.last_key_value().is_none_or(|(last, _)| key <= *last)
    }

    /// Keep a decision. False if it is there already: a decision whose digest is small enough never leaves before it comes
    /// again, so a query that gives rows several times is found out.
    pub(super) fn add(&mut self, kept: Kept) -> bool {
        let is_new = self.rows.insert(kept.key, kept).is_none();
        if self.rows.len() > MOST {
            self.rows.pop_last();
        }
        is_new
    }

    /// The rows in the order of their digests.
    pub(super) fn rows(&self) -> Vec<&Kept> {
        self.rows.values().collect()
    }
}

/// Leading half of the SHA-256 digest of an identifier: the same on every machine and under every compiler.
pub(super) fn key_of(identifier: &str) -> u128 {
    let digest = Sha256::digest(identifier.as_bytes());
    digest.iter().take(16).fold(0, |key, byte| key << 8 | u128::from(*byte))
}

/// The value below which `share` of the numbers lie: one of them, the lower where two are equally near. None without numbers.
pub(super) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place within a sample of thousands"
    )]
    let place = (share * last as f64).floor() as usize;
    sorted.get(place.min(last)).copied()
}

/// Numbers in order.
pub(super) fn sorted(numbers: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut all: Vec<f64> = numbers.into_iter().collect();
    all.sort_by(f64::total_cmp);
    all
}
