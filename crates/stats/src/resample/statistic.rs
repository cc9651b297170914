use crate::real;

/// A quantity of many numbers for whose error no closed form is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// Mean of the numbers.
    Mean,
    /// Sum of the numbers over the sum of their bases.
    Ratio,
    /// The quantile of so many thousandths, 1 to 999: the smallest number with at least that part of the rows at or below it; where
    /// exactly that part is, the middle between it and the next (definition 2 of Hyndman and Fan 1996, American Statistician
    /// 50:361). 500 is the median.
    Quantile(u16),
    /// Gini coefficient: half the mean difference between two rows over the mean, 0 for equal numbers up to 1 where one row has
    /// all; two different rows, so that small groups are not lower by themselves (n / (n − 1), Deltas 2003, Review of Economics
    /// and Statistics 85:226). For numbers of 0 and more.
    Gini,
}

/// So many rows of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weighed {
    pub number: f64,
    pub base: f64,
    pub weight: u64,
}

impl Statistic {
    /// The quantity of rows that come in the order of their numbers. None where it is not defined: no rows, a base that sums up
    /// to nothing, a Gini coefficient of nothing or of one row.
    pub(super) fn of(self, rows: impl Iterator<Item = Weighed> + Clone) -> Option<f64> {
        match self {
            Self::Mean | Self::Ratio => ratio(rows),
            Self::Quantile(thousandths) => quantile(rows, u64::from(thousandths)),
            Self::Gini => gini(rows),
        }
    }
}

fn ratio(rows: impl Iterator<Item = Weighed>) -> Option<f64> {
    let (mut sum, mut base) = (0.0, 0.0);
    for row in rows {
        let weight = real(row.weight);
        sum += weight * row.number;
        base += weight * row.base;
    }
    (base > 0.0).then(|| sum / base)
}

fn quantile(rows: impl Iterator<Item = Weighed> + Clone, thousandths: u64) -> Option<f64> {
    let all: u64 = rows.clone().map(|row| row.weight).sum();
    let aim = all * thousandths;
    let mut sum = 0;
    let mut exactly = None;
    for row in rows.filter(|row| row.weight > 0) {
        if let Some(before) = exactly {
            return Some(f64::midpoint(before, row.number));
        }
        sum += row.weight;
        match (sum * 1_000).cmp(&aim) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => exactly = Some(row.number),
            std::cmp::Ordering::Greater => return Some(row.number),
        }
    }
    exactly
}

fn gini(rows: impl Iterator<Item = Weighed>) -> Option<f64> {
    let (mut before, mut ranked, mut sum) = (0, 0.0, 0.0);
    for row in rows.filter(|row| row.weight > 0) {
        let held = real(row.weight) * row.number;
        ranked += held * real(2 * before + row.weight);
        sum += held;
        before += row.weight;
    }
    // The differences of all pairs, over the pairs of two different rows and the mean.
    (before > 1 && sum > 0.0).then(|| (ranked - real(before) * sum) / (sum * real(before - 1)))
}
