use crate::{Interval, Z_95, real};

/// How often something happened: `events` of `total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Rows with the outcome.
    pub events: u64,
    /// Rows with a known outcome.
    pub total: u64,
}

impl Share {
    /// `events` of `total`.
    pub fn new(events: u64, total: u64) -> Self {
        Self { events, total }
    }

    /// The rate, 0 to 1; none for an empty group.
    pub fn rate(self) -> Option<f64> {
        (self.total > 0).then(|| real(self.events) / real(self.total))
    }

    /// Rows without the outcome.
    pub fn others(self) -> u64 {
        self.total.saturating_sub(self.events)
    }
}

/// Wilson's score interval of one rate (Wilson 1927), no continuity correction. None for an empty group.
pub fn wilson_interval(share: Share) -> Option<Interval> {
    let rate = share.rate()?;
    let total = real(share.total);
    let square = Z_95 * Z_95;
    let centre = rate + square / (2.0 * total);
    let half = Z_95 * (rate * (1.0 - rate) / total + square / (4.0 * total * total)).sqrt();
    let scale = 1.0 + square / total;
    Some(Interval { low: ((centre - half) / scale).max(0.0), high: ((centre + half) / scale).min(1.0) })
}

/// Difference of two independent rates, `group - reference`, with Newcombe's hybrid score interval
/// (Newcombe 1998, Statistics in Medicine 17:873, method 10). None if a group is empty.
pub fn newcombe_difference(group: Share, reference: Share) -> Option<(f64, Interval)> {
    let (first, second) = (group.rate()?, reference.rate()?);
    let (own, other) = (wilson_interval(group)?, wilson_interval(reference)?);
    let difference = first - second;
    let below = ((first - own.low).powi(2) + (other.high - second).powi(2)).sqrt();
    let above = ((own.high - first).powi(2) + (second - other.low).powi(2)).sqrt();
    Some((difference, Interval { low: difference - below, high: difference + above }))
}

/// Ratio of two independent rates, `group / reference`, with the log interval of Katz and others (1978,
/// Biometrics 34:469). None where a group is empty or has no event: the log is not defined there, and nothing is added
/// to the counts to force one.
pub fn katz_ratio(group: Share, reference: Share) -> Option<(f64, Interval)> {
    if group.events == 0 || reference.events == 0 {
        return None;
    }
    let ratio = group.rate()? / reference.rate()?;
    let variance =
        1.0 / real(group.events) - 1.0 / real(group.total) + 1.0 / real(reference.events) - 1.0 / real(reference.total);
    let factor = (Z_95 * variance.max(0.0).sqrt()).exp();
    Some((ratio, Interval { low: ratio / factor, high: ratio * factor }))
}
