use super::random::Random;
use crate::real;

/// Chances this many times smaller than the largest one are nothing: no uniform number of 53 bits would ever find them.
const NOTHING: f64 = 1e-19;

/// A distribution of counts as its running sums; made with the four operations alone, so that it is the same everywhere.
#[derive(Debug)]
pub(super) struct Counts {
    first: u64,
    sums: Vec<f64>,
}

impl Counts {
    /// Poisson's distribution with a whole mean.
    pub(super) fn poisson(mean: u64) -> Self {
        let mean_of = real(mean);
        Self::around(mean, |count| mean_of / (real(count) + 1.0))
    }

    /// How many of `total` are taken if each is with chance `rate`.
    pub(super) fn binomial(total: u64, rate: f64) -> Self {
        if rate <= 0.0 || rate >= 1.0 {
            return Self { first: if rate >= 1.0 { total } else { 0 }, sums: vec![1.0] };
        }
        let odds = rate / (1.0 - rate);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to `total`")]
        let mode = (((real(total) + 1.0) * rate).floor() as u64).min(total);
        Self::around(mode, |count| real(total.saturating_sub(count)) / (real(count) + 1.0) * odds)
    }

    /// From the likeliest count outwards; `rise` is how many times likelier `count + 1` is than `count`.
    fn around(mode: u64, rise: impl Fn(u64) -> f64) -> Self {
        let (mut below, mut chance, mut first) = (Vec::new(), 1.0, mode);
        while first > 0 && chance > NOTHING {
            first -= 1;
            chance /= rise(first);
            below.push(chance);
        }
        below.reverse();
        let mut chances = below;
        let (mut chance, mut count) = (1.0, mode);
        while chance > NOTHING {
            chances.push(chance);
            chance *= rise(count);
            count += 1;
        }
        let whole: f64 = chances.iter().sum();
        let mut sum = 0.0;
        for chance in &mut chances {
            sum += *chance / whole;
            *chance = sum;
        }
        Self { first, sums: chances }
    }

    pub(super) fn draw(&self, random: &mut Random) -> u64 {
        let at = random.uniform();
        let place = self.sums.partition_point(|sum| *sum <= at).min(self.sums.len().saturating_sub(1));
        self.first + place as u64
    }
}

/// Counts around many different totals, from few distributions: a total is the sum of its digits to the base 64, and both Poisson's
/// and the binomial distribution of a sum is that of its parts drawn apart. Memory does not grow with the number of totals.
#[derive(Debug)]
pub(super) struct Summed {
    /// By level, then digit; none where no total has that digit.
    digits: Vec<Option<Counts>>,
}

const DIGIT_BITS: u32 = 6;
const DIGITS: u64 = 1 << DIGIT_BITS;

impl Summed {
    pub(super) fn new(totals: impl Iterator<Item = u64>, distribution: impl Fn(u64) -> Counts) -> Self {
        let mut digits: Vec<Option<Counts>> = Vec::new();
        for total in totals {
            for (place, value) in Self::places(total) {
                if digits.len() <= place {
                    digits.resize_with(place + 1, || None);
                }
                if let Some(slot) = digits.get_mut(place) {
                    slot.get_or_insert_with(|| distribution(value));
                }
            }
        }
        Self { digits }
    }

    /// Where the distribution of each digit above 0 stands, and what the digit is worth.
    fn places(total: u64) -> impl Iterator<Item = (usize, u64)> {
        let digit = move |level: u32| (total >> (level * DIGIT_BITS)) % DIGITS;
        let levels = (0..=u64::BITS / DIGIT_BITS).take_while(move |level| total >> (level * DIGIT_BITS) > 0);
        levels.filter(move |level| digit(*level) > 0).map(move |level| {
            let place = usize::try_from(u64::from(level) * DIGITS + digit(level)).unwrap_or(0);
            (place, digit(level) << (level * DIGIT_BITS))
        })
    }

    pub(super) fn draw(&self, total: u64, random: &mut Random) -> u64 {
        let counts = Self::places(total).filter_map(|(place, _)| self.digits.get(place)?.as_ref());
        counts.map(|counts| counts.draw(random)).sum()
    }
}
