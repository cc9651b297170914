//! The statistics behind group comparisons, in plain Rust over counts and moments.
//!
//! In: counts, means and variances that a query already summed up. Out: estimates with the name of the method in the
//! type or the function. Contains no query, no text for readers and no judgement on what a difference means in law.

mod cluster;
mod distribution;
mod mean;
mod multiple;
mod power;
mod proportion;
mod resample;
mod stratified;
mod table;
#[cfg(test)]
mod tests;

pub use cluster::{ClusterCell, ClusteredDifference, clustered_difference, clustered_stratified_difference};
pub use distribution::{student_t_quantile_975, student_t_two_sided};
pub use mean::{Moments, WelchDifference, welch};
pub use multiple::holm;
pub use power::{minimal_detectable_difference, minimal_detectable_from_error};
pub use proportion::{Share, katz_ratio, newcombe_difference, wilson_interval};
pub use resample::{
    Atom, DRAWN_ROWS, FEW, LEAST_UNITS, MANY, NotResampled, Plan, Resampled, ResampledDifference, Scheme, Statistic,
    Tested, resampled_difference, resampled_quantity, seed_of,
};
pub use stratified::{MantelHaenszel, StratumTable, mantel_haenszel};
pub use table::{TableTest, two_by_two};

/// The standard normal quantile of 0.975, behind every 95 % interval here.
pub const Z_95: f64 = 1.959_963_984_540_054;
/// The standard normal quantile of 0.8, for 80 % power.
pub const Z_POWER_80: f64 = 0.841_621_233_572_914_2;

/// An interval of confidence; 95 % everywhere in this crate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Symmetric around an estimate.
    pub fn around(estimate: f64, half_width: f64) -> Self {
        Self { low: estimate - half_width, high: estimate + half_width }
    }

    /// Whether a value lies inside, ends included.
    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// A count as a number to divide with.
#[expect(clippy::cast_precision_loss, reason = "counts of rows stay far below 2^53")]
pub fn real(count: u64) -> f64 {
    count as f64
}
