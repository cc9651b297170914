use crate::Share;
use crate::distribution::{chi_square_one, ln_gamma};
use crate::real;

/// Which test a p-value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableTest {
    /// Fisher's exact test, two-sided: all tables with the same margins that are no more likely than the one seen.
    Fisher,
    /// Pearson's chi-square with one degree of freedom, no continuity correction.
    ChiSquare,
}

/// Below this expected count in any cell the chi-square approximation is not used (Cochran's rule).
const LEAST_EXPECTED: f64 = 5.0;
/// Tables whose probability equals the seen one up to rounding count as equally likely.
const ROUNDING: f64 = 1e-7;

/// Two-sided p-value that two rates are the same. None if a group is empty, or nobody or everybody has the outcome.
pub fn two_by_two(group: Share, reference: Share) -> Option<(f64, TableTest)> {
    let events = group.events + reference.events;
    let others = group.others() + reference.others();
    if group.total == 0 || reference.total == 0 || events == 0 || others == 0 {
        return None;
    }
    let total = real(events + others);
    let least = real(events.min(others)) * real(group.total.min(reference.total)) / total;
    if least < LEAST_EXPECTED {
        return Some((fisher(group, reference), TableTest::Fisher));
    }
    let cross = real(group.events) * real(reference.others()) - real(reference.events) * real(group.others());
    let margins = real(group.total) * real(reference.total) * real(events) * real(others);
    Some((chi_square_one(total * cross * cross / margins), TableTest::ChiSquare))
}

/// Fisher's exact test by summing the hypergeometric distribution.
pub(super) fn fisher(group: Share, reference: Share) -> f64 {
    let events = group.events + reference.events;
    let first = events.saturating_sub(reference.total);
    let last = events.min(group.total);
    let log_choose = |n: u64, k: u64| ln_gamma(real(n) + 1.0) - ln_gamma(real(k) + 1.0) - ln_gamma(real(n - k) + 1.0);
    let all = log_choose(group.total + reference.total, events);
    let log_probability = |k: u64| log_choose(group.total, k) + log_choose(reference.total, events - k) - all;
    let seen = log_probability(group.events) + ROUNDING;
    (first..=last).map(log_probability).filter(|p| *p <= seen).map(f64::exp).sum::<f64>().min(1.0)
}
