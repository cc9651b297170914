//! How often a true null hypothesis is rejected at 5 %, how often the interval holds the truth, and how often a planted difference is
//! found: by simulation with a fixed seed.

use super::*;

/// What was found in many runs, as shares of the runs that could be tested.
struct Found {
    /// By the permutation test alone; by Student's t where there is none.
    rejected: f64,
    covered: f64,
    /// The larger p below 5 % and an interval that leaves out 0: what a report flags before correction.
    flagged: f64,
    /// Share of all runs.
    untested: f64,
}

fn simulate(
    (statistic, clustered, truth): (Statistic, bool, f64),
    (runs, draws): (u32, u32),
    mut sample: impl FnMut(&mut Random) -> Vec<Atom>,
) -> Found {
    let mut random = Random::new(1);
    let (mut rejected, mut covered, mut flagged, mut tested) = (0, 0, 0, 0);
    for run in 0..runs {
        let atoms = sample(&mut random);
        let plan = Plan { seed: u64::from(run), draws };
        let Ok((resampled, tests)) = resampled_difference(statistic, &atoms, clustered, plan).unwrap().found else {
            continue;
        };
        tested += 1;
        rejected += u32::from(tests.permutation.unwrap_or(tests.student) < 0.05);
        covered += u32::from(resampled.interval.contains(truth));
        flagged += u32::from(tests.p() < 0.05 && !resampled.interval.contains(0.0));
    }
    let share = |times: u32| f64::from(times) / f64::from(tested);
    Found {
        rejected: share(rejected),
        covered: share(covered),
        flagged: share(flagged),
        untested: 1.0 - f64::from(tested) / f64::from(runs),
    }
}

/// Right-skewed, mean 1, median ln 2, Gini 1/2.
fn exponential(random: &mut Random) -> f64 {
    -(1.0 - random.uniform()).ln()
}

fn rows(own: usize, other: usize, factor: f64) -> impl FnMut(&mut Random) -> Vec<Atom> {
    move |random| {
        (0..own + other)
            .map(|row| atom(row < own, exponential(random) * if row < own { factor } else { 1.0 }))
            .collect()
    }
}

/// Clusters of unlike size whose rows share a level.
fn clusters(own: usize, other: usize, by_rows: bool) -> impl FnMut(&mut Random) -> Vec<Atom> {
    move |random| {
        let mut atoms = Vec::new();
        for cluster in 0..own + other {
            let level = exponential(random);
            let count = 5 + random.below(30);
            let numbers: Vec<f64> = (0..count).map(|_| level + exponential(random)).collect();
            let own_atom = |number, base, count| Atom { cluster, base, count, ..atom(cluster < own, number) };
            if by_rows {
                atoms.extend(numbers.iter().map(|number| own_atom(*number, 1.0, 1)));
            } else {
                atoms.push(own_atom(numbers.iter().sum::<f64>() / count as f64, 1.0, count));
            }
        }
        atoms
    }
}

type Within = std::ops::Range<f64>;

fn check(name: &str, found: &Found, rejected: Within, covered: Within) {
    println!(
        "{name}: rejected {:.3}, covered {:.3}, flagged {:.3}, untested {:.3}",
        found.rejected, found.covered, found.flagged, found.untested
    );
    assert!(rejected.contains(&found.rejected), "{name}: rejected {}", found.rejected);
    assert!(covered.contains(&found.covered), "{name}: covered {}", found.covered);
}

/// A deviation of chance of 0.007 beside 5 %.
const ALIKE: Within = 0.03..0.07;
const ALL: [(&str, Statistic); 4] =
    [("mean", Statistic::Mean), ("median", MEDIAN), ("0.9", Statistic::Quantile(900)), ("gini", Statistic::Gini)];

#[test]
fn alike_groups_are_rejected_about_one_time_in_twenty() {
    for (own, other) in [(12, 12), (15, 60)] {
        for (name, statistic) in ALL {
            let found = simulate((statistic, false, 0.0), (1_000, 499), rows(own, other, 1.0));
            check(&format!("{name} {own}/{other}"), &found, ALIKE, 0.90..1.0);
            assert!(found.flagged < 0.06 && found.untested < 0.001);
        }
    }
}

/// The group has twice as much: means 2 and 1, medians 2 ln 2 and ln 2, and the same Gini coefficient.
#[test]
fn a_planted_difference_is_covered_and_found() {
    let (ln_2, ln_10) = (std::f64::consts::LN_2, std::f64::consts::LN_10);
    for ((name, statistic), truth, power) in ALL
        .into_iter()
        .zip([1.0, ln_2, ln_10, 0.0])
        .zip([0.85..1.0, 0.4..1.0, 0.4..1.0, 0.0..0.1])
        .map(|((a, b), c)| (a, b, c))
    {
        let found = simulate((statistic, false, truth), (400, 499), rows(50, 50, 2.0));
        check(&format!("{name} 50/50, twice as much"), &found, 0.0..1.1, 0.92..0.99);
        assert!(power.contains(&found.flagged), "{name}: flagged {}", found.flagged);
    }
}

/// Few clusters are tested, but not sure too often; those that cannot carry an interval say so.
#[test]
fn clusters_alike_are_rejected_about_one_time_in_twenty() {
    for (own, other, rejected) in [(5, 5, 0.0..0.07), (5, 50, 0.0..0.07), (8, 8, ALIKE), (20, 20, ALIKE)] {
        let found = simulate((Statistic::Mean, true, 0.0), (800, 1_999), clusters(own, other, false));
        check(&format!("mean, clusters {own}/{other}"), &found, rejected, 0.87..1.0);
        assert!(found.flagged < 0.06, "{}", found.flagged);
    }
    let found = simulate((MEDIAN, true, 0.0), (500, 399), clusters(20, 20, true));
    check("median, clusters 20/20", &found, ALIKE, 0.92..1.0);
}

/// Ten strata of unlike level, five or more rows a side.
#[test]
fn strata_alike_are_rejected_about_one_time_in_twenty() {
    for (name, statistic) in [("mean", Statistic::Mean), ("median", MEDIAN)] {
        let found = simulate((statistic, false, 0.0), (600, 499), |random| {
            let strata = (0..10).flat_map(|stratum| (0..13).map(move |row| (stratum, row)));
            strata
                .map(|(stratum, row)| Atom { stratum, ..atom(row < 5, stratum as f64 + exponential(random)) })
                .collect()
        });
        check(&format!("{name}, ten strata of 5/8"), &found, ALIKE, 0.92..1.0);
    }
}

/// The same mean and median, three times the spread in the smaller group: relabelling tests whether the group makes any
/// difference, so alone it rejects too often. The interval and the error do not, and a flag needs all.
#[test]
fn an_unlike_spread_is_rejected_more_often_and_not_flagged_more_often() {
    for (name, statistic) in [("mean", Statistic::Mean), ("median", MEDIAN)] {
        let found = simulate((statistic, false, 0.0), (800, 499), |random| {
            let spread = |row| if row < 15 { 3.0 } else { 1.0 };
            (0..75).map(|row| atom(row < 15, spread(row) * (random.uniform() - 0.5))).collect()
        });
        check(&format!("{name} 15/60, spread 3/1"), &found, 0.15..0.5, 0.92..1.0);
        assert!(found.flagged < 0.06, "{name}: {}", found.flagged);
    }
}
