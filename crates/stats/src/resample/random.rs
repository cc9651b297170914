//! Random numbers that are the same on every machine: whole-number arithmetic and the four operations of IEEE 754, no clock,
//! no platform function.

use crate::real;

/// `SplitMix64` (Steele, Lea and Flood 2014, OOPSLA).
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// At least 0, below 1.
    pub(super) fn uniform(&mut self) -> f64 {
        real(self.bits() >> 11) / real(1 << 53)
    }

    /// At least 0, below `count`, each equally likely; 0 for a count of 0 (Lemire 2019, ACM TOMACS 29:1).
    pub(super) fn below(&mut self, count: u64) -> u64 {
        let Some(least) = count.wrapping_neg().checked_rem(count) else { return 0 };
        loop {
            let product = u128::from(self.bits()) * u128::from(count);
            #[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
            let low = product as u64;
            if low >= least {
                return u64::try_from(product >> 64).unwrap_or(0);
            }
        }
    }
}

/// A seed from texts: FNV-1a, 64 bits (Fowler, Noll and Vo), over their bytes, each text followed by a zero byte.
pub fn seed_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> u64 {
    let bytes = texts.into_iter().flat_map(|text| text.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
