//! What cannot be resampled, and what is left out.

use super::*;

fn why(statistic: Statistic, atoms: &[Atom], clustered: bool) -> NotResampled {
    resampled_difference(statistic, atoms, clustered, PLAN).unwrap().found.unwrap_err()
}

#[test]
fn too_few_units_give_no_interval_and_no_test() {
    assert_eq!(why(MEDIAN, &atoms(&[1.0, 2.0, 3.0, 4.0], OTHER_MICE), false), NotResampled::TooFew);
    assert_eq!(why(MEDIAN, &atoms(&[1.0; 6], &[2.0; 6]), false), NotResampled::NoVariation);
    // A hundred rows in four clusters are four units.
    let four: Vec<Atom> = (0..200)
        .map(|row| Atom { cluster: row % 8, ..atom(row % 8 < 4, f64::from(u32::try_from(row).unwrap())) })
        .collect();
    assert_eq!(why(MEDIAN, &four, true), NotResampled::TooFew);
    // One cluster that is nearly the whole side is nearly one unit.
    let mut heavy: Vec<Atom> = (0..20)
        .map(|cluster| Atom { cluster, ..atom(cluster < 10, f64::from(u32::try_from(cluster).unwrap())) })
        .collect();
    heavy[0].count = 1_000;
    assert_eq!(why(Statistic::Mean, &heavy, true), NotResampled::TooFew);
    assert_eq!(resampled_difference(MEDIAN, &atoms(MICE, &[]), false, PLAN), None, "nothing to compare with");
    assert_eq!(resampled_difference(Statistic::Gini, &atoms(&[0.0; 6], MICE), false, PLAN), None, "a Gini of nothing");
}

/// One row in twenty has a base: in a resample of twenty, one in three has none.
#[test]
fn a_quantity_that_many_resamples_do_not_have_is_not_tested() {
    let mut rows = atoms(&[1.0; 20], &[1.0; 20]);
    rows.iter_mut().enumerate().for_each(|(place, row)| row.base = f64::from(u8::from(place % 20 == 0)));
    assert_eq!(why(Statistic::Ratio, &rows, false), NotResampled::Undefined);
}

/// Clusters with rows of both groups: labels cannot be permuted, so Student's t with the bootstrap error.
#[test]
fn clusters_that_hold_both_groups_are_tested_by_their_error() {
    let mut random = Random::new(2);
    let mut rows = Vec::new();
    for cluster in 0..40 {
        let own = random.uniform();
        for in_group in [true, false] {
            let number = own + 0.2 * random.uniform() + if in_group { 0.1 } else { 0.0 };
            rows.push(Atom { cluster, ..atom(in_group, number) });
        }
    }
    let found = resampled_difference(Statistic::Mean, &rows, true, PLAN).unwrap();
    let (resampled, tested) = found.found.unwrap();
    // Pairs: the clusters' own level falls out of the difference. The closed form is the paired t test's error.
    let pairs = rows.chunks(2).map(|pair| pair[0].number - pair[1].number);
    let moments = stats::Moments::of(pairs);
    let error = (moments.variance().unwrap() / 40.0).sqrt();
    near(found.difference(), moments.mean, 1e-12);
    near(resampled.error, error, 0.03 * error);
    assert_eq!(tested.permutation, None);
    assert!(tested.p() < 0.001 && resampled.units == 40, "{tested:?}");
}

/// Without strata the group seems to earn more; within them nothing differs.
#[test]
fn strata_are_averaged_and_permuted_within() {
    let mut random = Random::new(4);
    let mut rows = Vec::new();
    for (stratum, own, other) in [(0, 150, 50), (1, 50, 150)] {
        for row in 0..own + other {
            let level = if stratum == 0 { 10.0 } else { 5.0 };
            rows.push(Atom { stratum, ..atom(row < own, level + random.uniform()) });
        }
    }
    let crude: Vec<Atom> = rows.iter().map(|row| Atom { stratum: 0, ..*row }).collect();
    let plan = Plan { seed: 1, draws: FEW };
    let crude = resampled_difference(Statistic::Mean, &crude, false, plan).unwrap();
    let within = resampled_difference(Statistic::Mean, &rows, false, plan).unwrap();
    assert!(crude.difference() > 2.0 && crude.found.unwrap().1.p() < 0.001, "{crude:?}");
    let (resampled, tested) = within.found.unwrap();
    assert!(within.difference().abs() < 0.1 && tested.p() > 0.05 && resampled.interval.contains(0.0), "{within:?}");
    assert_eq!((within.strata, resampled.units), (2, 400));
    // Welch's errors of both strata, put together with their weights.
    let square: f64 = [0, 1]
        .map(|stratum| {
            let side = |in_group| {
                let own = rows.iter().filter(|row| row.stratum == stratum && row.in_group == in_group);
                stats::Moments::of(own.map(|row| row.number))
            };
            0.25 * stats::welch(side(true), side(false)).unwrap().error.powi(2)
        })
        .iter()
        .sum();
    near(resampled.error, square.sqrt(), 0.05 * square.sqrt());
}
