use super::distribution::normal_two_sided;
use super::{Interval, Share, Z_95, real};

/// Both groups inside one stratum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StratumTable {
    /// The group compared.
    pub group: Share,
    /// The group it is compared with.
    pub reference: Share,
}

impl StratumTable {
    /// Whether both groups have rows here; a stratum with one group alone says nothing of their difference.
    pub fn is_comparable(self) -> bool {
        self.group.total > 0 && self.reference.total > 0
    }
}

/// A difference of rates after stratification.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MantelHaenszel {
    /// Weighted difference of rates, group less reference.
    pub difference: f64,
    /// 95 % interval by the normal approximation.
    pub interval: Interval,
    /// Standard error.
    pub error: f64,
    /// Two-sided p-value of the difference over its error.
    pub p: f64,
    /// Strata with both groups.
    pub strata: usize,
}

/// Mantel–Haenszel risk difference with the variance of Greenland and Robins (1985, Biometrics 41:55), valid for many
/// thin strata and for few thick ones. Strata with one group alone are left out. None where none is left or nothing varies.
pub fn mantel_haenszel(tables: &[StratumTable]) -> Option<MantelHaenszel> {
    let (mut weights, mut sum, mut variance, mut strata) = (0.0, 0.0, 0.0, 0);
    for table in tables.iter().filter(|table| table.is_comparable()) {
        let (own, other) = (real(table.group.total), real(table.reference.total));
        let total = own + other;
        weights += own * other / total;
        sum += (real(table.group.events) * other - real(table.reference.events) * own) / total;
        let within_own = real(table.group.events) * real(table.group.others()) * other.powi(3);
        let within_other = real(table.reference.events) * real(table.reference.others()) * own.powi(3);
        variance += (within_own + within_other) / (own * other * total * total);
        strata += 1;
    }
    if weights <= 0.0 || variance <= 0.0 {
        return None;
    }
    let difference = sum / weights;
    let error = variance.sqrt() / weights;
    Some(MantelHaenszel {
        difference,
        interval: Interval::around(difference, Z_95 * error),
        error,
        p: normal_two_sided(difference / error),
        strata,
    })
}
