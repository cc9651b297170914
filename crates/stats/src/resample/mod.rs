//! Intervals by bootstrap and tests by permutation, where no closed form holds.
//!
//! In: distinct numbers with how many rows have them, summed up by a query. Out: an interval, an error and a p-value that are the
//! same on every machine for the same seed. What is resampled are rows, or whole clusters where rows of one are not independent.

mod bootstrap;
mod counts;
mod permutation;
mod random;
mod sample;
mod statistic;
#[cfg(test)]
mod tests;

pub use random::seed_of;
pub use sample::Atom;
pub use statistic::Statistic;

use crate::{Interval, student_t_two_sided};
use bootstrap::bootstrap;
use permutation::permute;
use sample::Sample;

/// Rows of one side of one stratum up to which each row is drawn; above, each distinct number's count is drawn at once.
pub const DRAWN_ROWS: u64 = 10_000;
/// Distinct numbers, with rows where rows are drawn, up to which [`MANY`] resamples are made.
const CHEAP: u64 = 10_000;
/// Resamples of a small sample, and relabellings.
pub const MANY: u32 = 9_999;
/// Resamples of a large one.
pub const FEW: u32 = 1_999;
/// Fewer rows, or fewer clusters where there are some, on a side of a stratum are no sample to draw from.
pub const LEAST_UNITS: u64 = 5;

/// How often to draw, and from which seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Beginning of the sequence of random numbers; see [`seed_of`].
    pub seed: u64,
    /// Resamples of the bootstrap, and relabellings of the test.
    pub draws: u32,
}

impl Plan {
    /// As many draws as a sample of this size is worth: [`MANY`] or [`FEW`].
    pub fn new(seed: u64, atoms: &[Atom], clustered: bool) -> Self {
        let rows: u64 = if clustered { 0 } else { atoms.iter().map(|atom| atom.count).sum() };
        let work = (atoms.len() as u64).saturating_add(rows);
        Self { seed, draws: if work <= CHEAP { MANY } else { FEW } }
    }
}

/// What was resampled, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// As many rows as there are, drawn with replacement.
    Rows,
    /// Each distinct number of a side above [`DRAWN_ROWS`] takes a count from Poisson's distribution around its own, so that the
    /// size of the resample varies; smaller sides by rows. In a relabelling of two such sides, each row is the group's with the
    /// same chance: binomial counts (Hanley and `MacGibbon` 2006, Computer Methods and Programs in
    /// Biomedicine 83:57; Chamandy and others 2012, Google).
    Counts,
    /// As many whole clusters as there are, drawn with replacement (Davison and Hinkley 1997, § 3.8).
    Clusters,
}

/// What two tests say of a difference; [`Tested::p`] is the larger.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tested {
    /// Group labels permuted among rows, or among whole clusters, within strata. None where clusters hold both groups, so that their
    /// labels cannot be permuted.
    pub permutation: Option<f64>,
    /// What the permutation test worked on.
    pub relabelled: Scheme,
    /// The difference over its bootstrap error, by Student's t.
    pub student: f64,
}

impl Tested {
    /// Two-sided p-value: the larger one. Relabelling alone tests whether the group makes any difference at all and rejects too often
    /// where only the spread differs; the error alone is an approximation.
    pub fn p(self) -> f64 {
        self.permutation.map_or(self.student, |p| p.max(self.student))
    }
}

/// Why there is neither interval nor test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotResampled {
    /// Fewer than [`LEAST_UNITS`] rows or clusters on a side, or one that is nearly the whole side.
    TooFew,
    /// All resamples give the same.
    NoVariation,
    /// More than one in a hundred resamples has no such quantity.
    Undefined,
}

/// What the bootstrap says of a quantity or of a difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resampled {
    /// 95 % interval.
    pub interval: Interval,
    /// Standard error, scaled up for the number of units.
    pub error: f64,
    /// Degrees of freedom behind the expansion.
    pub freedom: f64,
    /// What was drawn.
    pub scheme: Scheme,
    /// Resamples.
    pub draws: u32,
    /// Clusters; rows where there are none.
    pub units: u64,
}

/// A difference of two groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResampledDifference {
    /// In the group, a weighted mean over the strata.
    pub group: f64,
    /// In the reference.
    pub reference: f64,
    /// Strata that took part.
    pub strata: usize,
    /// Interval, error and tests.
    pub found: Result<(Resampled, Tested), NotResampled>,
}

impl ResampledDifference {
    /// Group less reference.
    pub fn difference(&self) -> f64 {
        self.group - self.reference
    }
}

/// Difference of a quantity between two groups, within strata: interval by bootstrap (Efron and Tibshirani 1993, chs. 8, 13), test by
/// permutation (ch. 15; p is one plus the relabellings whose difference is at least as large, over one plus all: Davison and
/// Hinkley 1997, ch. 4).
///
/// The strata's differences are averaged with the weights of Mantel and Haenszel, `n_a n_b / (n_a + n_b)` in rows (of a ratio: in
/// its base), taken as fixed. The interval is the percentile interval with its tails expanded as Student's t is wider than the
/// normal distribution and by what a bootstrap of few units loses, m / (m − 1) (Hesterberg 2015, American Statistician
/// 69:371); degrees of freedom after Welch and Satterthwaite over the sides of all strata. Not `BCa`: its acceleration rests on the
/// jackknife, which fails for quantiles (Efron and Tibshirani, § 11.6).
///
/// The permutation test's null hypothesis is that the group makes no difference to the whole distribution. Where the spread differs
/// and the sizes do too, it rejects too often or too seldom though the quantity is the same (Romano 1990, JASA 85:686); hence the
/// second test.
///
/// None where a side is empty or the quantity is not defined.
pub fn resampled_difference(
    statistic: Statistic,
    atoms: &[Atom],
    clustered: bool,
    plan: Plan,
) -> Option<ResampledDifference> {
    let sample = Sample::new(statistic, atoms, clustered, &[true, false])?;
    let (group, reference) = (sample.seen(true)?, sample.seen(false)?);
    let found = bootstrap(&sample, plan).map(|found| {
        let student = student_t_two_sided((group - reference) / found.error, found.freedom);
        let permuted = permute(&sample, group - reference, plan);
        let relabelled = permuted.map_or(found.scheme, |(_, scheme)| scheme);
        (found, Tested { permutation: permuted.map(|(p, _)| p), relabelled, student })
    });
    Some(ResampledDifference { group, reference, strata: sample.strata.len(), found })
}

/// A quantity of one group (rows with `in_group`, strata put together), with its bootstrap interval.
pub fn resampled_quantity(
    statistic: Statistic,
    atoms: &[Atom],
    clustered: bool,
    plan: Plan,
) -> Option<(f64, Result<Resampled, NotResampled>)> {
    let flat: Vec<Atom> = atoms.iter().map(|atom| Atom { stratum: 0, in_group: true, ..*atom }).collect();
    let sample = Sample::new(statistic, &flat, clustered, &[true])?;
    let value = sample.seen(true)?;
    Some((value, bootstrap(&sample, plan)))
}
