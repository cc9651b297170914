/// `SplitMix64`: small, seeded, the same on every machine. Not for secrets.
///
/// Whole numbers only: floating-point logarithms differ between platforms in their last digit, and a city must have the
/// same bytes everywhere.
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

/// Shares are drawn in millionths.
pub(crate) const MILLION: i64 = 1_000_000;

impl Rng {
    /// A stream for `seed` and `stream`; streams do not disturb one another.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = Self(seed ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03));
        rng.next();
        rng
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 up to and without `limit`; 0 where `limit` is not positive.
    pub(crate) fn below(&mut self, limit: i64) -> i64 {
        let drawn = i64::try_from(self.next() >> 1).unwrap_or(0);
        if limit > 0 { drawn % limit } else { 0 }
    }

    /// A number from `low` up to and without `high`.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(high - low)
    }

    /// True in `millionths` of a million draws.
    pub(crate) fn chance(&mut self, millionths: i64) -> bool {
        self.below(MILLION) < millionths
    }

    /// One of `choices`; none where there are none.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let count = i64::try_from(choices.len()).unwrap_or(i64::MAX);
        choices.get(usize::try_from(self.below(count)).unwrap_or(0))
    }

    /// A draw from a distribution given by its quantiles at even steps, straight lines between them.
    pub(crate) fn quantile(&mut self, table: &[i64]) -> i64 {
        let steps = i64::try_from(table.len()).unwrap_or(1) - 1;
        let at = self.below(MILLION) * steps;
        let (step, rest) = (usize::try_from(at / MILLION).unwrap_or(0), at % MILLION);
        match (table.get(step), table.get(step + 1)) {
            (Some(low), Some(high)) => low + (high - low) * rest / MILLION,
            (Some(low), None) => *low,
            _ => 0,
        }
    }
}
