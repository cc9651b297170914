//! How far off the outcomes are, in numbers and in bins for a drawing.

use super::AlgorithmVersion;
use super::column::rule_fit;
use super::sample::{Kept, quantile, sorted};
use super::tally::Tally;
use crate::summary::{Bin, Differences};
use gongdao_stats::{Moments, real};

/// About so many bins lie between the outermost hundredths.
const BINS: f64 = 9.0;
/// Steps that people count in, per power of ten.
const STEPS: [f64; 4] = [1.0, 2.0, 5.0, 10.0];

/// The differences of a version; `rows` is its sample.
pub(super) fn differences(version: &AlgorithmVersion, tally: &Tally<'_>, rows: &[&Kept]) -> Differences {
    let signed = sorted(rows.iter().map(|row| row.difference()));
    let sizes = sorted(signed.iter().map(|difference| difference.abs()));
    let of = |all: &[f64], share: f64| quantile(all, share).unwrap_or(0.0);
    let constant = of(&signed, 0.5);
    Differences {
        mean: tally.differences.mean,
        largest: tally.largest,
        median: of(&sizes, 0.5),
        p90: of(&sizes, 0.9),
        constant,
        share_with_constant: share_with(version, rows, constant, |row| row.recomputed),
        spread: spread(rows.iter().map(|row| row.difference())),
        rule_fit: rule_fit(version, rows),
        sampled: rows.len() as u64,
        bins: bins(&signed),
    }
}

/// Share of the sample within the tolerance when `constant` is added to what a rule gives.
pub(super) fn share_with(
    version: &AlgorithmVersion,
    rows: &[&Kept],
    constant: f64,
    recomputed: impl Fn(&Kept) -> f64,
) -> f64 {
    let holds = |row: &&&Kept| version.tolerance.holds(row.logged - recomputed(row) - constant, row.logged);
    let held = rows.iter().filter(holds).count();
    if rows.is_empty() { 0.0 } else { real(held as u64) / real(rows.len() as u64) }
}

/// Standard deviation; 0 below two numbers.
pub(super) fn spread(numbers: impl IntoIterator<Item = f64>) -> f64 {
    Moments::of(numbers).variance().unwrap_or(0.0).max(0.0).sqrt()
}

/// Bins of a round width over the middle 98 in 100; the outermost bins take what lies beyond.
fn bins(signed: &[f64]) -> Vec<Bin> {
    let (Some(low), Some(high)) = (quantile(signed, 0.01), quantile(signed, 0.99)) else { return Vec::new() };
    let width = width_of(high - low);
    if !width.is_finite() || width <= 0.0 {
        return vec![Bin { low, high, count: signed.len() as u64 }];
    }
    // An edge at the middle of a bin would split the decisions that are exactly right: 0 is the middle of one.
    let first = ((low / width) + 0.5).floor();
    let mut bins: Vec<Bin> = Vec::new();
    let mut edge = first;
    while edge <= ((high / width) + 0.5).floor() && bins.len() < 100 {
        bins.push(Bin { low: (edge - 0.5) * width, high: (edge + 0.5) * width, count: 0 });
        edge += 1.0;
    }
    let last = bins.len().saturating_sub(1);
    for difference in signed {
        let place = bins.partition_point(|bin| bin.high <= *difference).min(last);
        if let Some(bin) = bins.get_mut(place) {
            bin.count += 1;
        }
    }
    bins
}

fn width_of(span: f64) -> f64 {
    if span <= 0.0 {
        return 0.0;
    }
    let least = span / BINS;
    let power = 10_f64.powf(least.log10().floor());
    STEPS.into_iter().map(|step| step * power).find(|width| *width >= least).unwrap_or(least)
}
