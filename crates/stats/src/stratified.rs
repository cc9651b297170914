use crate::distribution::normal_two_sided;
use crate::{Interval, Share, Z_95, real};

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

/// Mantel–Haenszel risk difference with the variance of Sato, Greenland and Robins (1989, Biometrics 45:1323), valid for few
/// thick strata and for many thin ones, pairs included. The binomial variance of each stratum (Greenland and Robins 1985)
/// would be too small by (n − 1)/n: with 300 strata of two a side it rejects 15.7 % of true null hypotheses, this one 5.4 %,
/// at 5 % (`many_thin_strata_reject_about_one_in_twenty`). It takes the difference to be the same in all strata. Strata with
/// one group alone are left out. None where none is left or nothing varies.
pub fn mantel_haenszel(tables: &[StratumTable]) -> Option<MantelHaenszel> {
    let (mut weights, mut sum, mut discordant, mut skew, mut strata) = (0.0, 0.0, 0.0, 0.0, 0);
    for table in tables.iter().filter(|table| table.is_comparable()) {
        let (own, other) = (real(table.group.total), real(table.reference.total));
        let (events, other_events) = (real(table.group.events), real(table.reference.events));
        let total = own + other;
        weights += own * other / total;
        sum += (events * other - other_events * own) / total;
        discordant +=
            (events * real(table.reference.others()) + other_events * real(table.group.others())) / total / 2.0;
        let (share, other_share) = (own / total, other / total);
        skew += other_events * share * share - events * other_share * other_share
            + share * other_share * (other - own) / 2.0;
        strata += 1;
    }
    if weights <= 0.0 {
        return None;
    }
    let difference = sum / weights;
    let variance = difference * skew + discordant;
    // Without any variation the two parts cancel; what rounding leaves of them is no variance.
    if variance <= (difference * skew).abs().max(discordant) * 1e-12 {
        return None;
    }
    let error = variance.sqrt() / weights;
    Some(MantelHaenszel {
        difference,
        interval: Interval::around(difference, Z_95 * error),
        error,
        p: normal_two_sided(difference / error),
        strata,
    })
}
