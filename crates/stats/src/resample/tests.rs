//! Figures from books and from scipy 1.17.1 with numpy 2.4.6; the command stands beside each.
#![allow(clippy::unwrap_used, clippy::float_cmp, clippy::cast_precision_loss, reason = "tests")]

use super::counts::{Counts, Summed};
use super::random::Random;
use super::statistic::Weighed;
use super::*;
use stats::{ClusterCell, Share, clustered_difference};

use crate as stats;

mod edges;
mod rejections;

const MICE: &[f64] = &[94.0, 197.0, 16.0, 38.0, 99.0, 141.0, 23.0];
const OTHER_MICE: &[f64] = &[52.0, 104.0, 146.0, 10.0, 51.0, 30.0, 40.0, 27.0, 46.0];
const INCOMES: &[f64] = &[541.0, 1_463.0, 2_445.0, 3_438.0, 4_437.0, 5_401.0, 6_392.0, 8_304.0, 11_904.0, 22_261.0];
const MEDIAN: Statistic = Statistic::Quantile(500);

fn atom(in_group: bool, number: f64) -> Atom {
    Atom { cluster: 0, stratum: 0, in_group, number, base: 1.0, count: 1 }
}

fn atoms(group: &[f64], reference: &[f64]) -> Vec<Atom> {
    let side = |in_group| move |number: &f64| atom(in_group, *number);
    group.iter().map(side(true)).chain(reference.iter().map(side(false))).collect()
}

/// `[((i*7919)%1009)**2/1009 for i in range(1,41)]` and `[((i*104729)%997)*1.3 for i in range(1,61)]`.
fn made() -> Vec<Atom> {
    let square = |i: u32| f64::from((i * 7_919) % 1_009).powi(2) / 1_009.0;
    let line = |i: u32| f64::from((i * 104_729) % 997) * 1.3;
    atoms(&(1..41).map(square).collect::<Vec<_>>(), &(1..61).map(line).collect::<Vec<_>>())
}

const PLAN: Plan = Plan { seed: 7, draws: MANY };

#[track_caller]
fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected} ± {tolerance}");
}

fn of(statistic: Statistic, numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    statistic.of(sorted.iter().map(|number| Weighed { number: *number, base: 1.0, weight: 1 })).unwrap()
}

/// `numpy.quantile(x, q, method="averaged_inverted_cdf")`; the incomes and their Gini coefficient, 0.462 as n, 0.513 as n − 1,
/// are the example of the R packages `ineq` and `DescTools`.
#[test]
fn quantities_agree_with_numpy_and_the_published_gini() {
    for (thousandths, mice, other, incomes) in [
        (100, 16.0, 10.0, 1_002.0),
        (250, 23.0, 30.0, 2_445.0),
        (500, 94.0, 46.0, 4_919.0),
        (900, 197.0, 146.0, 17_082.5),
    ] {
        let found = [MICE, OTHER_MICE, INCOMES].map(|numbers| of(Statistic::Quantile(thousandths), numbers));
        assert_eq!(found, [mice, other, incomes], "{thousandths}");
    }
    near(of(Statistic::Gini, INCOMES), 0.513_434_589_186_248_6, 1e-12);
    near(of(Statistic::Gini, INCOMES) * 0.9, 0.462_091_130_267_623_8, 1e-12);
    near(of(Statistic::Gini, &[3.0; 8]), 0.0, 1e-12);
    near(of(Statistic::Gini, &[0.0, 0.0, 0.0, 5.0]), 1.0, 1e-12);
}

/// `SplitMix64`: the first numbers of seed 1234567 in its reference implementation. FNV-1a: `"a\0b\0"`.
#[test]
fn the_sequence_and_the_seed_are_the_published_ones() {
    let mut random = Random::new(1_234_567);
    let shifted = [6_457_827_717_110_365_317_u64, 3_203_168_211_198_807_973]
        .map(|bits| (bits >> 11) as f64 / (1_u64 << 53) as f64);
    assert_eq!([random.uniform(), random.uniform()], shifted);
    assert_eq!(seed_of(["a", "b"]), 0xab40_d782_0d40_8076);
    assert_ne!(seed_of(["ab"]), seed_of(["a", "b"]));
    let mut seen = [0_u32; 6];
    (0..60_000).for_each(|_| seen[usize::try_from(random.below(6)).unwrap()] += 1);
    assert!(seen.iter().all(|times| (9_600..10_400).contains(times)), "{seen:?}");
}

/// `scipy.stats.poisson.cdf(k, mean)`, `scipy.stats.binom.cdf(k, total, rate)`; shares of 40,000 draws.
#[test]
fn counts_follow_their_distributions() {
    let check = |table: &Counts, ends: &[(u64, f64)]| {
        let mut random = Random::new(3);
        let drawn: Vec<u64> = (0..40_000).map(|_| table.draw(&mut random)).collect();
        for (end, share) in ends {
            let found = drawn.iter().filter(|count| *count <= end).count() as f64 / 40_000.0;
            near(found, *share, 0.008);
        }
    };
    check(&Counts::poisson(7), &[(0, 0.000_912), (3, 0.081_765), (7, 0.598_714), (12, 0.973_000)]);
    check(&Counts::poisson(50_000), &[(49_500, 0.012_649), (50_000, 0.501_189), (50_400, 0.963_229)]);
    check(&Counts::binomial(20, 0.3), &[(0, 0.000_798), (3, 0.107_087), (6, 0.608_010), (12, 0.998_721)]);
    check(&Counts::binomial(90_000, 0.25), &[(22_300, 0.062_192), (22_500, 0.501_791), (22_800, 0.989_569)]);
}

/// A count drawn by its digits has the mean and the variance of the whole.
#[test]
fn a_sum_of_digits_is_distributed_as_the_whole() {
    for total in [1, 63, 64, 4_095, 70_001] {
        for (counts, spread) in [
            (Summed::new([total, 5].into_iter(), Counts::poisson), 1.0),
            (Summed::new([total, 5].into_iter(), |count| Counts::binomial(count, 0.25)), 0.75),
        ] {
            let mean = if spread < 1.0 { 0.25 * total as f64 } else { total as f64 };
            let mut random = Random::new(total);
            let drawn = stats::Moments::of((0..20_000).map(|_| counts.draw(total, &mut random) as f64));
            near(drawn.mean, mean, 4.0 * (mean * spread / 20_000.0).sqrt());
            near(drawn.variance().unwrap() / (mean * spread), 1.0, 0.06);
        }
    }
}

/// Efron and Tibshirani 1993, tables 2.1 and 2.2: the mice's medians have bootstrap errors of 37.83 and 13.08 with infinitely many
/// resamples. Ours is larger by the square root of n / (n − 1).
#[test]
fn errors_agree_with_the_mice_of_efron_and_tibshirani() {
    for (numbers, expected) in [(MICE, 37.83), (OTHER_MICE, 13.08)] {
        let n = numbers.len() as f64;
        let error = |seed| {
            let (median, found) =
                resampled_quantity(MEDIAN, &atoms(numbers, &[]), false, Plan { seed, ..PLAN }).unwrap();
            assert_eq!(median, of(MEDIAN, numbers));
            found.unwrap().error / (n / (n - 1.0)).sqrt()
        };
        near((0..20).map(error).sum::<f64>() / 20.0, expected, 0.015 * expected);
    }
}

/// `scipy.stats.bootstrap(method="percentile", n_resamples=400_000, confidence_level=1 - 2 * tail)`, its `standard_error` scaled up,
/// and the share of `permutation_test(n_resamples=400_000).null_distribution` that is at least as large. The mice: all 11,440
/// relabellings.
#[test]
fn differences_agree_with_scipy() {
    let mice = atoms(MICE, OTHER_MICE);
    for (name, atoms, statistic, seen, low, high, error, p) in [
        ("mice, mean", &mice, Statistic::Mean, 30.634_921, -32.079_365, 96.507_937, 29.006_586, 0.278_322),
        ("mice, median", &mice, MEDIAN, 48.0, -66.0, 151.0, 43.102_964, 0.302_448),
        ("median", &made(), MEDIAN, -301.569_128, -514.691_328, -76.051_635, 109.901_682, 0.005_92),
        ("0.9", &made(), Statistic::Quantile(900), -270.519_177, -493.994_599, -88.301_784, 101.767_042, 0.015_015),
        ("gini", &made(), Statistic::Gini, 0.154_223, 0.037_090, 0.262_908, 0.056_641, 0.006_295),
        ("mean", &made(), Statistic::Mean, -246.276_954, -380.381_967, -110.301_704, 67.950_716, 0.000_718),
    ] {
        let found = resampled_difference(statistic, atoms, false, PLAN).unwrap();
        let (resampled, tested) = found.found.unwrap();
        println!("{name}: {resampled:?} {tested:?}");
        near(found.difference(), seen, 1e-5);
        near(resampled.interval.low, low, 0.25 * error);
        near(resampled.interval.high, high, 0.25 * error);
        near(resampled.error, error, 0.025 * error);
        near(tested.permutation.unwrap(), p, 4.0 * (p / f64::from(MANY)).sqrt());
        assert_eq!((resampled.scheme, resampled.draws), (Scheme::Rows, MANY), "{name}");
    }
}

/// The ten cities of Davison and Hinkley 1997, example 1.2: the ratio is 1.520. The interval as in
/// `differences_agree_with_scipy`, with `paired=True` and the bases' 5.9 equally large cities.
#[test]
fn a_ratio_agrees_with_davison_and_hinkley_and_scipy() {
    let before = [138.0, 93.0, 61.0, 179.0, 48.0, 37.0, 29.0, 23.0, 30.0, 2.0];
    let after = [143.0, 104.0, 69.0, 260.0, 75.0, 63.0, 50.0, 48.0, 111.0, 50.0];
    let cities = before.iter().zip(after).map(|(base, number)| Atom { base: *base, ..atom(true, number) });
    let (ratio, found) = resampled_quantity(Statistic::Ratio, &cities.collect::<Vec<_>>(), false, PLAN).unwrap();
    let found = found.unwrap();
    near(ratio, 1.520_312_5, 1e-9);
    near(found.error, 0.242_926, 0.006);
    near(found.interval.low, 1.170_702, 0.02);
    near(found.interval.high, 2.650_735, 0.15);
}

/// The same for every machine: these very bits.
#[test]
fn the_same_seed_gives_the_same_bits() {
    let all = |seed| {
        let plan = Plan { seed, draws: FEW };
        let found = resampled_difference(MEDIAN, &made(), false, plan).unwrap();
        let (resampled, tested) = found.found.unwrap();
        [resampled.interval.low, resampled.interval.high, resampled.error, tested.permutation.unwrap()]
    };
    let found = all(7);
    assert_eq!(found, [-513.900_891_972_249_7, -82.849_207_135_778_1, 108.428_395_225_452_99, 0.0075]);
    assert_ne!(found, all(8));
    let backwards: Vec<Atom> = made().into_iter().rev().collect();
    let turned = resampled_difference(MEDIAN, &backwards, false, Plan { seed: 7, draws: FEW }).unwrap();
    assert_eq!(turned.found.unwrap().1.permutation, Some(found[3]), "the order of the rows says nothing");
}

/// A share is a mean of zeros and ones: by clusters its bootstrap error is the linearised one's, and so are the interval and the p.
#[test]
fn clusters_agree_with_the_linearised_error() {
    let mut random = Random::new(11);
    let (mut atoms, mut cells) = (Vec::new(), Vec::new());
    for cluster in 0..70 {
        let in_group = cluster < 30;
        let rate = 0.25 + 0.5 * random.uniform() + if in_group { 0.1 } else { 0.0 };
        let total = 20 + random.below(30);
        let events = (0..total).filter(|_| random.uniform() < rate).count() as u64;
        cells.push(ClusterCell { cluster, stratum: 0, in_group, share: Share::new(events, total) });
        let number = events as f64 / total as f64;
        atoms.push(Atom { cluster, stratum: 0, in_group, number, base: 1.0, count: total });
    }
    let linear = clustered_difference(&cells).unwrap();
    let found = resampled_difference(Statistic::Mean, &atoms, true, PLAN).unwrap();
    let (resampled, tested) = found.found.unwrap();
    println!("{linear:?}\n{resampled:?} {tested:?}");
    near(found.difference(), linear.difference, 1e-12);
    near(resampled.error, linear.error, 0.03 * linear.error);
    near(resampled.interval.low, linear.interval.low, 0.1 * linear.error);
    near(resampled.interval.high, linear.interval.high, 0.1 * linear.error);
    near(tested.permutation.unwrap(), linear.p, 0.02);
    near(tested.student, linear.p, 0.001);
    assert_eq!((resampled.scheme, resampled.units), (Scheme::Clusters, 70));
    // The rows of each cluster one by one, so that a median can be taken too: the same mean, the same draws, the same figures.
    let rows: Vec<Atom> = atoms
        .iter()
        .zip(&cells)
        .flat_map(|(atom, cell)| {
            let part = |number, count| Atom { number, count, ..*atom };
            [part(1.0, cell.share.events), part(0.0, cell.share.others())]
        })
        .collect();
    let by_rows = resampled_difference(Statistic::Mean, &rows, true, PLAN).unwrap().found.unwrap();
    near(by_rows.0.error, resampled.error, 1e-9);
    assert_eq!(by_rows.1.permutation, tested.permutation);
}

/// Above [`DRAWN_ROWS`] the counts of distinct numbers are drawn: the same error and p as Welch's, far below them as drawn rows.
#[test]
fn drawn_counts_agree_with_drawn_rows_and_with_welch() {
    let mut random = Random::new(5);
    let mut side = |in_group: bool, rows: u64, shift: f64| -> Vec<Atom> {
        let mut counts = std::collections::BTreeMap::new();
        (0..rows).for_each(|_| *counts.entry(random.below(400) + random.below(400)).or_insert(0) += 1);
        counts.into_iter().map(|(number, count)| Atom { count, ..atom(in_group, number as f64 + shift) }).collect()
    };
    let atoms = [side(true, 30_000, 2.0), side(false, 12_000, 0.0)].concat();
    let found = resampled_difference(Statistic::Mean, &atoms, false, Plan::new(1, &atoms, false)).unwrap();
    let (resampled, tested) = found.found.unwrap();
    let moments = |in_group| {
        let numbers = atoms.iter().filter(|atom| atom.in_group == in_group);
        stats::Moments::of(numbers.flat_map(|atom| (0..atom.count).map(|_| atom.number)))
    };
    let welch = stats::welch(moments(true), moments(false)).unwrap();
    println!("{welch:?}\n{resampled:?} {tested:?}");
    near(resampled.error, welch.error, 0.05 * welch.error);
    near(resampled.interval.low, welch.interval.low, 0.2 * welch.error);
    near(resampled.interval.high, welch.interval.high, 0.2 * welch.error);
    near(tested.permutation.unwrap(), welch.p, 0.03);
    near(tested.student, welch.p, 0.03);
    assert_eq!((resampled.scheme, resampled.draws), (Scheme::Counts, FEW));
}
