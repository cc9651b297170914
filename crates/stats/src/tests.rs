//! Every figure here was computed by something else: the source stands beside it.
#![allow(clippy::unwrap_used, clippy::float_cmp, reason = "tests")]

use crate::distribution::{chi_square_one, ln_gamma, normal_two_sided};
use crate::table::fisher;
use crate::*;
use proptest::prelude::*;

mod rejections;

fn table(events: u64, total: u64, other_events: u64, other_total: u64) -> StratumTable {
    StratumTable { group: Share::new(events, total), reference: Share::new(other_events, other_total) }
}

#[track_caller]
fn near(found: f64, expected: f64, tolerance: f64) {
    let close = (found - expected).abs() <= tolerance * expected.abs().max(1e-300)
        || (found - expected).abs() <= tolerance * 1e-3;
    assert!(close, "found {found}, expected {expected}");
}

#[track_caller]
fn near_interval(found: Interval, low: f64, high: f64, tolerance: f64) {
    assert!(
        (found.low - low).abs() <= tolerance && (found.high - high).abs() <= tolerance,
        "found {found:?}, expected {low} to {high}"
    );
}

/// scipy 1.17.1: `special.erfc`, `special.gammaln`, `stats.t.sf`, `stats.t.ppf`, `stats.chi2.sf`.
#[test]
fn tails_agree_with_scipy() {
    for (x, erfc) in [
        (0.1, 0.887_537_083_981_715_2),
        (0.5, 0.479_500_122_186_953_5),
        (1.0, 0.157_299_207_050_285_16),
        (1.5, 0.033_894_853_524_689_27),
        (2.0, 0.004_677_734_981_047_266),
        (3.0, 2.209_049_699_858_544_5e-5),
        (5.0, 1.537_459_794_428_034_7e-12),
        (8.0, 1.122_429_717_298_292_8e-29),
    ] {
        near(normal_two_sided(x * std::f64::consts::SQRT_2), erfc, 1e-12);
        near(chi_square_one(2.0 * x * x), erfc, 1e-12);
    }
    for (x, value) in [
        (0.5, 0.572_364_942_924_7),
        (1.5, -0.120_782_237_635_245_26),
        (3.7, 1.428_072_326_665_388),
        (10.0, 12.801_827_480_081_469),
        (100.5, 361.435_540_467_777_57),
        (12_345.6, 103_959.185_066_168_44),
    ] {
        near(ln_gamma(x), value, 1e-12);
    }
    for (t, freedom, p) in [
        (2.0, 10.0, 0.073_388_034_770_740_37),
        (1.0, 1.0, 0.5),
        (2.5, 3.7, 0.071_822_022_911_826_78),
        (0.5, 200.2, 0.617_624_203_618_808_2),
        (6.0, 40.0, 4.726_455_132_788_180_6e-7),
        (12.0, 25.0, 7.182_973_075_034_825e-12),
    ] {
        near(student_t_two_sided(t, freedom), p, 1e-10);
    }
    for (freedom, quantile) in [
        (1.0, 12.706_204_736_174_694),
        (3.7, 2.867_520_707_191_189_5),
        (10.0, 2.228_138_851_986_274),
        (197.3, 1.972_060_501_081_843_3),
        (5_000.0, 1.960_438_551_706_507_3),
    ] {
        near(student_t_quantile_975(freedom), quantile, 1e-9);
    }
}

/// Newcombe 1998 (Statistics in Medicine 17:873–890), table II, method 10, four decimals as printed; six decimals from
/// statsmodels 0.15.0 `confint_proportions_2indep(method="newcomb")`.
#[test]
fn newcombe_interval_agrees_with_the_published_examples() {
    for (counts, low, high) in [
        ([56, 70, 48, 80], 0.052_431, 0.333_873),
        ([9, 10, 3, 10], 0.170_523, 0.809_018),
        ([6, 7, 2, 7], 0.058_228, 0.806_250),
        ([5, 56, 0, 29], -0.038_137, 0.192_560),
        ([0, 10, 0, 20], -0.161_125, 0.277_533),
        ([0, 10, 0, 10], -0.277_533, 0.277_533),
        ([10, 10, 0, 20], 0.679_086, 1.0),
        ([10, 10, 0, 10], 0.607_509, 1.0),
        ([1_436, 2_799, 210, 2_731], 0.414_806, 0.456_888),
    ] {
        let (difference, interval) =
            newcombe_difference(Share::new(counts[0], counts[1]), Share::new(counts[2], counts[3])).unwrap();
        near_interval(interval, low, high, 6e-7);
        assert!(interval.contains(difference));
    }
}

/// statsmodels 0.15.0 `proportion_confint(method="wilson")`; the first is Newcombe 1998 (17:857), 81 of 263.
#[test]
fn wilson_interval_agrees_with_statsmodels() {
    near_interval(wilson_interval(Share::new(81, 263)).unwrap(), 0.255_288_519_878, 0.366_209_576_983, 1e-11);
    near_interval(wilson_interval(Share::new(0, 20)).unwrap(), 0.0, 0.161_125_158_053, 1e-11);
    near_interval(wilson_interval(Share::new(1, 29)).unwrap(), 0.006_113_214_293, 0.171_755_218_793, 1e-11);
    assert_eq!(wilson_interval(Share::new(0, 0)), None);
}

/// statsmodels 0.15.0 `confint_proportions_2indep(compare="ratio", method="log")`; the second is the aspirin table of
/// Agresti, Categorical Data Analysis, § 3.1.3: relative risk 1.82, 1.43 to 2.31.
#[test]
fn katz_interval_agrees_with_statsmodels() {
    let (ratio, interval) = katz_ratio(Share::new(56, 70), Share::new(48, 80)).unwrap();
    near(ratio, 4.0 / 3.0, 1e-12);
    near_interval(interval, 1.076_626_422_763, 1.651_248_511_266, 1e-9);
    let (ratio, interval) = katz_ratio(Share::new(189, 11_034), Share::new(104, 11_037)).unwrap();
    near(ratio, 1.817_802, 1e-6);
    near_interval(interval, 1.433_030_903_051, 2.305_884_232_422, 1e-9);
    assert_eq!(katz_ratio(Share::new(0, 10), Share::new(3, 10)), None);
}

/// scipy 1.17.1 `chi2_contingency(correction=False)` and `fisher_exact`; [[3,1],[1,3]] is Fisher's tea tasting, 0.4857.
#[test]
fn table_tests_agree_with_scipy() {
    for (counts, p, test) in [
        ([56, 70, 48, 80], 0.008_045_081_368_196_585, TableTest::ChiSquare),
        ([20, 50, 35, 50], 0.002_568_831_527_022_716_4, TableTest::ChiSquare),
        ([100, 1_000, 130, 1_000], 0.035_488_450_466_474_63, TableTest::ChiSquare),
        ([3, 4, 1, 4], 0.485_714_285_714_285_65, TableTest::Fisher),
        ([9, 10, 3, 10], 0.019_766_611_097_880_443, TableTest::Fisher),
        ([8, 10, 1, 6], 0.034_965_034_965_034_975, TableTest::Fisher),
        ([0, 10, 5, 20], 0.140_036_209_001_726_25, TableTest::Fisher),
        ([5, 56, 0, 29], 0.160_621_443_209_471_1, TableTest::Fisher),
    ] {
        let (found, used) = two_by_two(Share::new(counts[0], counts[1]), Share::new(counts[2], counts[3])).unwrap();
        near(found, p, 1e-9);
        assert_eq!(used, test, "{counts:?}");
    }
    near(fisher(Share::new(46, 10_000), Share::new(38, 10_000)), 0.444_243_723_604_092_56, 1e-8);
    assert_eq!(two_by_two(Share::new(0, 10), Share::new(0, 12)), None);
    assert_eq!(two_by_two(Share::new(0, 0), Share::new(3, 12)), None);
}

/// The BCG trials (Colditz and others 1994, JAMA 271:698; `dat.bcg` of R's `metafor`): `rma.mh(measure="RD")` of `metafor`,
/// which uses the same variance, has −0.0033 (−0.0039 to −0.0027), z = −11.4708 in its own tests. Stata's `metan`, by
/// Greenland and Robins 1985, has −11.56.
#[test]
fn mantel_haenszel_agrees_with_metafor_on_the_bcg_trials() {
    let trials = [
        (4, 119, 11, 128),
        (6, 300, 29, 274),
        (3, 228, 11, 209),
        (62, 13_536, 248, 12_619),
        (33, 5_036, 47, 5_761),
        (180, 1_361, 372, 1_079),
        (8, 2_537, 10, 619),
        (505, 87_886, 499, 87_892),
        (29, 7_470, 45, 7_232),
        (17, 1_699, 65, 1_600),
        (186, 50_448, 141, 27_197),
        (5, 2_493, 3, 2_338),
        (27, 16_886, 29, 17_825),
    ]
    .map(|(ill, well, other_ill, other_well)| table(ill, ill + well, other_ill, other_ill + other_well));
    let found = mantel_haenszel(&trials).unwrap();
    assert!((found.difference / found.error + 11.470_8).abs() < 5e-5, "{}", found.difference / found.error);
    near_interval(found.interval, -0.003_9, -0.002_7, 5e-5);
    assert!((found.difference + 0.003_3).abs() < 5e-5);
}

/// Differences as `PythonMeta` 1.26 has them for the UGDP trial by age (Rothman and Greenland, Modern Epidemiology, 2nd ed.,
/// table 15-1): deaths 8/106 against 5/120 and 22/98 against 16/85, pooled 0.035. Errors by fractions from the formula as
/// `metafor` writes it; Greenland and Robins' own is 0.031898 there.
#[test]
fn mantel_haenszel_agrees_with_the_ugdp_example() {
    let found = mantel_haenszel(&[table(8, 106, 5, 120), table(22, 98, 16, 85)]).unwrap();
    near(found.difference, 0.034_900_269_336_918_16, 1e-10);
    near(found.error, 0.031_902_685_887_271_846, 1e-10);
    near_interval(found.interval, -0.027_627_846_012_228_92, 0.097_428_384_686_065_24, 1e-9);
    near(found.p, 0.273_972_424_472_492_5, 1e-9);
    let tables = [table(30, 200, 10, 150), table(5, 40, 12, 300), table(0, 25, 3, 60)];
    let found = mantel_haenszel(&tables).unwrap();
    near(found.difference, 0.066_787_878_787_878_78, 1e-10);
    near(found.error, 0.024_940_373_556_348_35, 1e-10);
    assert_eq!(found.strata, 3);
    let with_lonely = [&tables[..], &[table(7, 9, 0, 0)]].concat();
    assert_eq!(mantel_haenszel(&with_lonely), Some(found));
}

/// Its two limits have closed forms: one stratum has the binomial variance, pairs have `McNemar`'s (b + c − (b − c)²/n)/n².
#[test]
fn mantel_haenszel_of_one_stratum_and_of_pairs_has_the_closed_form() {
    let found = mantel_haenszel(&[table(8, 106, 5, 120)]).unwrap();
    near(found.error, (8.0 * 98.0 / 106.0_f64.powi(3) + 5.0 * 115.0 / 120.0_f64.powi(3)).sqrt(), 1e-12);
    let pairs = [vec![table(1, 1, 0, 1); 9], vec![table(0, 1, 1, 1); 3], vec![table(1, 1, 1, 1); 8]].concat();
    let found = mantel_haenszel(&pairs).unwrap();
    near(found.difference, 0.3, 1e-12);
    near(found.error, (12.0 - 36.0 / 20.0_f64).sqrt() / 20.0, 1e-12);
}

/// Differences: statsmodels 0.15.0, least squares on group (and stratum by group), the stratified estimate as a linear
/// combination of coefficients. Errors and degrees of freedom: a second implementation in Python, Student's t by Simpson's rule.
#[test]
fn clustered_differences_agree_with_a_second_implementation() {
    let cells: Vec<ClusterCell> = [
        (0, 0, true, 3, 10),
        (0, 1, true, 1, 5),
        (1, 0, true, 6, 8),
        (2, 1, true, 2, 9),
        (3, 0, false, 1, 12),
        (3, 1, false, 2, 6),
        (4, 1, false, 0, 7),
        (5, 0, false, 4, 9),
        (6, 0, true, 2, 4),
        (6, 0, false, 1, 5),
        (7, 1, false, 3, 11),
    ]
    .map(|(cluster, stratum, in_group, events, total)| ClusterCell {
        cluster,
        stratum,
        in_group,
        share: Share::new(events, total),
    })
    .to_vec();
    let flat = clustered_difference(&cells).unwrap();
    near(flat.difference, 0.168_888_888_888_888_87, 1e-12);
    near(flat.error, 0.148_640_995_567_187_54, 1e-12);
    near(flat.freedom, 5.182_456_177_750_137, 1e-12);
    near_interval(flat.interval, -0.209_194_075_323_629_52, 0.546_971_853_101_407_3, 1e-9);
    near(flat.p, 0.305_659_803_517_990_94, 1e-9);
    assert_eq!(flat.clusters, 8);
    let pooled = clustered_stratified_difference(&cells).unwrap();
    near(pooled.difference, 0.157_088_527_361_081_7, 1e-12);
    near(pooled.error, 0.125_221_177_344_158_1, 1e-12);
    near(pooled.freedom, 5.123_376_971_166_921_5, 1e-12);
    near_interval(pooled.interval, -0.162_485_188_863_151_3, 0.476_662_243_585_314_7, 1e-9);
    near(pooled.p, 0.263_853_450_296_271, 1e-9);
}

/// With clusters of one size the rates of the clusters are the data: Welch's error, and for as many clusters on both sides the
/// degrees of freedom of the plain t test.
#[test]
fn equally_large_clusters_give_the_error_of_their_rates() {
    let (own, other) = ([7, 12, 3, 9], [5, 2, 8, 4]);
    let cells: Vec<ClusterCell> = own
        .into_iter()
        .map(|events| (true, events))
        .chain(other.into_iter().map(|events| (false, events)))
        .enumerate()
        .map(|(cluster, (in_group, events))| ClusterCell {
            cluster,
            stratum: 0,
            in_group,
            share: Share::new(events, 20),
        })
        .collect();
    let found = clustered_difference(&cells).unwrap();
    let rates = |events: [u64; 4]| Moments::of(events.map(|events| real(events) / 20.0));
    let expected = welch(rates(own), rates(other)).unwrap();
    near(found.difference, expected.difference, 1e-12);
    near(found.error, expected.error, 1e-12);
    near(found.freedom, 6.0, 1e-12);
    // A stratum with one cluster on a side changes nothing, not even the difference.
    let lone = [(20, true, 19), (21, false, 1), (22, false, 2)].map(|(cluster, in_group, events)| ClusterCell {
        cluster,
        stratum: 1,
        in_group,
        share: Share::new(events, 20),
    });
    assert_eq!(clustered_stratified_difference(&[&cells[..], &lone[..]].concat()), Some(found));
}

/// scipy 1.17.1 `ttest_ind(equal_var=False)` on the unequal-size style example of the Wikipedia article on Welch's test.
#[test]
fn welch_agrees_with_scipy() {
    let first = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4];
    let second = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.2];
    let found = welch(Moments::of(first), Moments::of(second)).unwrap();
    near(found.difference / found.error, -2.841_322_271_378_381_4, 1e-10);
    near(found.freedom, 27.882_509_841_787_968, 1e-10);
    near(found.p, 0.008_303_425_483_320_234, 1e-9);
    near_interval(found.interval, -4.853_421_196_082_442, -0.786_578_803_917_559_2, 1e-9);
    assert_eq!(welch(Moments::of([1.0]), Moments::of(second)), None);
    assert_eq!(welch(Moments::of([1.0, 1.0]), Moments::of([2.0, 2.0])), None);
}

/// The aspirin table of Agresti, Categorical Data Analysis: X² = 25.01 with one degree of freedom, p < 0.0001; exact digits
/// from the closed form erfc(√(X²/2)).
#[test]
fn chi_square_agrees_with_the_aspirin_table() {
    let (p, test) = two_by_two(Share::new(189, 11_034), Share::new(104, 11_037)).unwrap();
    near(p, 5.691_896_973_740_857e-7, 1e-9);
    assert_eq!(test, TableTest::ChiSquare);
    near(chi_square_one(25.01), 5.7e-7, 5e-3);
}

/// The table of Student's t that every textbook prints.
#[test]
fn quantiles_agree_with_the_printed_table() {
    for (freedom, printed) in [(2.0, 4.303), (3.0, 3.182), (5.0, 2.571), (20.0, 2.086), (30.0, 2.042), (120.0, 1.980)] {
        assert!((student_t_quantile_975(freedom) - printed).abs() < 5e-4, "{freedom}");
    }
}

/// Where an error cannot be estimated there is no figure, not a figure of zero error.
#[test]
fn nothing_is_said_where_nothing_varies_or_too_little_is_there() {
    assert_eq!(mantel_haenszel(&[]), None);
    assert_eq!(mantel_haenszel(&[table(9, 9, 0, 7), table(3, 3, 0, 8)]), None, "all against none");
    assert_eq!(mantel_haenszel(&[table(0, 9, 0, 9), table(5, 5, 7, 7)]), None, "nobody or everybody");
    assert_eq!(mantel_haenszel(&[table(3, 9, 0, 0)]), None, "one group alone");
    let cell = |cluster, in_group, events, total| ClusterCell {
        cluster,
        stratum: 0,
        in_group,
        share: Share::new(events, total),
    };
    let two = [cell(0, true, 9, 10), cell(1, false, 1, 10)];
    assert_eq!(clustered_difference(&two), None, "one cluster a group");
    let many = (2..40).map(|cluster| cell(cluster, false, cluster as u64 % 9, 10));
    let many: Vec<_> = many.chain([cell(0, true, 9, 10)]).collect();
    assert_eq!(clustered_difference(&many), None, "one cluster in one group");
    let giant = [cell(0, true, 400, 1_000), cell(1, true, 1, 2), cell(2, false, 5, 10), cell(3, false, 2, 10)];
    assert_eq!(clustered_difference(&giant), None, "one cluster that is nearly the whole group");
    let both = [cell(0, true, 9, 10), cell(0, false, 1, 10), cell(1, true, 8, 10), cell(1, false, 2, 10)];
    assert_eq!(clustered_difference(&both), None, "no degree of freedom is left");
    let same = [cell(0, true, 5, 10), cell(1, true, 5, 10), cell(2, false, 2, 10), cell(3, false, 2, 10)];
    assert_eq!(clustered_difference(&same), None, "no variation among clusters");
    assert_eq!(clustered_difference(&[]), None);
    assert_eq!(minimal_detectable_from_error(0.0, None), None);
    assert_eq!(newcombe_difference(Share::new(0, 0), Share::new(1, 2)), None);
}

/// R, `p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm")` and a family that reaches 1.
#[test]
fn holm_agrees_with_r() {
    for (values, expected) in [
        (vec![0.01, 0.02, 0.03, 0.04, 0.05], vec![0.05, 0.08, 0.09, 0.09, 0.09]),
        (vec![0.4, 0.9, 0.6], vec![1.0, 1.0, 1.0]),
        (vec![], vec![]),
    ] {
        let values: Vec<Option<f64>> = values.into_iter().map(Some).collect();
        let found: Vec<f64> = holm(&values).into_iter().flatten().collect();
        assert_eq!(found.len(), expected.len());
        found.iter().zip(expected).for_each(|(found, expected)| near(*found, expected, 1e-12));
    }
}

/// statsmodels 0.15.0 `multipletests(method="holm")`.
#[test]
fn holm_agrees_with_statsmodels() {
    let found = holm(&[Some(0.01), Some(0.04), None, Some(0.03), Some(0.005)]);
    let expected = [Some(0.03), Some(0.06), None, Some(0.06), Some(0.02)];
    for (found, expected) in found.iter().zip(expected) {
        match (found, expected) {
            (Some(found), Some(expected)) => near(*found, expected, 1e-12),
            (None, None) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// statsmodels 0.15.0 `NormalIndPower().power` and the textbook case: 50 % pooled, 392 a group, about 10 points.
#[test]
fn minimal_detectable_difference_gives_80_percent_power() {
    let found = minimal_detectable_difference(Share::new(196, 392), Share::new(196, 392)).unwrap();
    near(found, 0.1, 2e-3);
    assert_eq!(minimal_detectable_difference(Share::new(0, 392), Share::new(0, 392)), None);
    // (1.959964 + 0.841621) · √(p (1 − p) (1/n + 1/m)) on the aspirin table.
    let found = minimal_detectable_difference(Share::new(189, 11_034), Share::new(104, 11_037)).unwrap();
    near(found, 0.004_316_618_103_009_177, 1e-9);
}

proptest! {
    #[test]
    fn swapping_the_groups_turns_the_sign(a in 0_u64..50, b in 0_u64..50, n in 50_u64..99, m in 50_u64..99) {
        let (group, reference) = (Share::new(a, n), Share::new(b, m));
        let (there, one) = newcombe_difference(group, reference).unwrap();
        let (back, other) = newcombe_difference(reference, group).unwrap();
        prop_assert!((there + back).abs() < 1e-12 && (one.low + other.high).abs() < 1e-12);
        prop_assert_eq!(two_by_two(group, reference).map(|(_, test)| test), two_by_two(reference, group).map(|(_, test)| test));
    }

    #[test]
    fn one_stratum_pooled_is_the_crude_difference(a in 1_u64..50, b in 1_u64..50, n in 51_u64..99, m in 51_u64..99) {
        let table = StratumTable { group: Share::new(a, n), reference: Share::new(b, m) };
        let pooled = mantel_haenszel(&[table]).unwrap();
        let (crude, _) = newcombe_difference(table.group, table.reference).unwrap();
        prop_assert!((pooled.difference - crude).abs() < 1e-12);
    }

    #[test]
    fn merged_moments_are_those_of_all_values(first in prop::collection::vec(-1e3..1e3_f64, 1..20), second in prop::collection::vec(-1e3..1e3_f64, 1..20)) {
        let merged = Moments::of(first.clone()).merge(Moments::of(second.clone()));
        let all = Moments::of(first.into_iter().chain(second));
        prop_assert!((merged.mean - all.mean).abs() < 1e-9 && (merged.squares - all.squares).abs() < 1e-6 * (1.0 + all.squares));
    }
}
