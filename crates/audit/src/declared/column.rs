//! Which logged columns account for what the declared rule leaves open.

use super::group::{Groups, Means};
use super::input::{Input, Value};
use super::removal::paired;
use super::sample::Kept;
use super::{AlgorithmVersion, LEVEL};
use crate::summary::{ColumnFlag, ColumnTest};
use gongdao_stats::{Moments, holm, real, student_t_two_sided};

/// Fewer rows in a half are not tested.
const LEAST_TESTED: usize = 30;

/// Differences below this part of the outcome are rounding.
const ROUNDING: f64 = 1e-9;

/// Where a column's values stand in a row.
#[derive(Debug, Clone, Copy)]
enum Place {
    Factor(usize),
    Other(usize),
}

impl Place {
    fn of(self, row: &Kept) -> &Value {
        let found = match self {
            Self::Factor(place) => row.factors.get(place),
            Self::Other(place) => row.others.get(place),
        };
        found.unwrap_or(&Value::Missing)
    }
}

/// Both halves of the sample, with what is left of each outcome.
struct Halves<'a> {
    learnt: Vec<(&'a Kept, f64)>,
    tested: Vec<(&'a Kept, f64)>,
}

impl<'a> Halves<'a> {
    /// What is reproduced has nothing left: within the tolerance the rule is right, and rounding is no finding.
    fn of(version: &AlgorithmVersion, rows: &[&'a Kept]) -> Self {
        let left = |row: &'a Kept| {
            let difference = row.difference();
            (row, if version.tolerance.holds(difference, row.logged) { 0.0 } else { difference })
        };
        let (tested, learnt) = rows.iter().map(|row| left(row)).partition(|(row, _)| row.is_test());
        Self { learnt, tested }
    }

    fn is_enough(&self) -> bool {
        self.learnt.len() >= LEAST_TESTED && self.tested.len() >= LEAST_TESTED
    }

    fn is_nothing_left(&self) -> bool {
        self.learnt.iter().chain(&self.tested).all(|(_, left)| *left == 0.0)
    }

    /// Squares of what the mean of the learnt half leaves of the tested outcomes.
    fn total(&self) -> f64 {
        let mean = Moments::of(self.learnt.iter().map(|(row, _)| row.logged)).mean;
        self.tested.iter().map(|(row, _)| (row.logged - mean).powi(2)).sum()
    }

    fn left(&self) -> f64 {
        self.tested.iter().map(|(_, left)| left.powi(2)).sum()
    }
}

/// Share of the outcome's variance that the declared rule accounts for, on the tested half; none where it does not vary.
pub(super) fn rule_fit(version: &AlgorithmVersion, rows: &[&Kept]) -> Option<f64> {
    let halves = Halves::of(version, rows);
    let total = halves.total();
    (halves.is_enough() && total > 0.0).then(|| 1.0 - halves.left() / total)
}

/// One entry a column, declared factors among them, the one that accounts for most first.
pub(super) fn columns(version: &AlgorithmVersion, input: &Input, rows: &[&Kept]) -> Vec<ColumnTest> {
    let halves = Halves::of(version, rows);
    let factors = input.factors.iter().enumerate().map(|(place, column)| (Place::Factor(place), &column.name));
    let others = input.others.iter().enumerate().map(|(place, column)| (Place::Other(place), &column.name));
    let mut tests: Vec<(Place, ColumnTest)> = factors
        .chain(others)
        .map(|(place, name)| {
            let declared = matches!(place, Place::Factor(_));
            (place, ColumnTest { column: name.clone(), declared, ..test(&halves, place) })
        })
        .collect();
    let family: Vec<Option<f64>> = tests.iter().flat_map(|(_, test)| [test.p_explained, test.p_alone]).collect();
    for ((_, test), adjusted) in tests.iter_mut().zip(holm(&family).chunks_exact(2)) {
        if let [explained, alone] = adjusted {
            test.p_explained = *explained;
            test.p_alone = *alone;
        }
        let is_sure = |p: Option<f64>| p.is_some_and(|p| p < LEVEL);
        if is_sure(test.p_alone) {
            test.flag = ColumnFlag::BetterThanRule;
        } else if is_sure(test.p_explained) && test.explained.is_some_and(|share| share > 0.0) {
            test.flag = ColumnFlag::Explains;
        }
    }
    let size = |test: &ColumnTest| test.explained.unwrap_or(-1.0);
    let order = |a: &ColumnTest, b: &ColumnTest| {
        let by_flag = b.flag.stands_out().cmp(&a.flag.stands_out());
        by_flag.then_with(|| size(b).total_cmp(&size(a))).then_with(|| a.column.cmp(&b.column))
    };
    tests.sort_by(|(_, a), (_, b)| order(a, b));
    keep_own_share(version, halves, &mut tests);
    let mut tests: Vec<ColumnTest> = tests.into_iter().map(|(_, test)| test).collect();
    tests.sort_by(order);
    tests
}

/// Of the columns that stand out, the strongest first: what it accounts for is taken away, and the next must account for
/// something more.
fn keep_own_share(version: &AlgorithmVersion, mut halves: Halves<'_>, tests: &mut [(Place, ColumnTest)]) {
    let mut is_first = true;
    for (place, test) in tests.iter_mut().filter(|(_, test)| test.flag.stands_out()) {
        let Some(groups) = Groups::learn(halves.learnt.iter().map(|(row, _)| place.of(row))) else { continue };
        let means = groups.means(halves.learnt.iter().map(|(row, left)| (place.of(row), *left)));
        let pairs: Vec<(f64, f64)> =
            halves.tested.iter().map(|(row, left)| (means.expect(place.of(row)), *left)).collect();
        let says_more = is_first || correlated(&pairs).is_some_and(|p| p < LEVEL);
        if !says_more && test.flag == ColumnFlag::Explains {
            test.flag = ColumnFlag::GoesWith;
            continue;
        }
        is_first = false;
        for (row, left) in halves.learnt.iter_mut().chain(&mut halves.tested) {
            let rest = *left - means.expect(place.of(row));
            // Within the tolerance nothing is left, and rounding must not look like a pattern.
            let is_nothing = version.tolerance.holds(rest, row.logged) || rest.abs() <= ROUNDING * row.logged.abs();
            *left = if is_nothing { 0.0 } else { rest };
        }
    }
}

/// A column's test with raw p-values.
fn test(halves: &Halves<'_>, place: Place) -> ColumnTest {
    let mut test = ColumnTest {
        column: String::new(),
        declared: false,
        groups: 0,
        explained: None,
        p_explained: None,
        alone: None,
        p_alone: None,
        flag: ColumnFlag::CannotTest,
    };
    if halves.is_nothing_left() {
        test.flag = ColumnFlag::NothingLeft;
        return test;
    }
    let learnt: Vec<&Value> = halves.learnt.iter().map(|(row, _)| place.of(row)).collect();
    let tested: Vec<&Value> = halves.tested.iter().map(|(row, _)| place.of(row)).collect();
    let Some(groups) = Groups::learn(learnt.iter().copied()).filter(|_| halves.is_enough()) else { return test };
    test.groups = groups.shown();
    test.flag = ColumnFlag::NotShown;
    let left = groups.means(learnt.iter().copied().zip(halves.learnt.iter().map(|(_, left)| *left)));
    let pairs: Vec<(f64, f64)> =
        tested.iter().zip(&halves.tested).map(|(value, (_, own))| (left.expect(value), *own)).collect();
    test.explained = explained(&pairs, left.overall);
    test.p_explained = correlated(&pairs);
    let alone = groups.means(learnt.iter().copied().zip(halves.learnt.iter().map(|(row, _)| row.logged)));
    test.alone = explained(
        &tested
            .iter()
            .zip(&halves.tested)
            .map(|(value, (row, _))| (alone.expect(value), row.logged))
            .collect::<Vec<_>>(),
        alone.overall,
    );
    test.p_alone = better(halves, &tested, &alone);
    if test.p_explained.is_none() && test.p_alone.is_none() {
        test.flag = ColumnFlag::CannotTest;
    }
    test
}

/// Share of the squares around `overall` that the expected numbers take away; not below 0, none where there are no squares.
fn explained(pairs: &[(f64, f64)], overall: f64) -> Option<f64> {
    let squares = |expected: &dyn Fn(f64) -> f64| -> f64 {
        pairs.iter().map(|(group, own)| (own - expected(*group)).powi(2)).sum()
    };
    let all = squares(&|_| overall);
    (all > 0.0).then(|| (1.0 - squares(&|group| group) / all).max(0.0))
}

/// One-sided p-value that expected and actual numbers go together (t-test of their correlation). The expected ones come from
/// the other half, so that many groups find no more than few; none where either does not vary.
fn correlated(pairs: &[(f64, f64)]) -> Option<f64> {
    let expected = Moments::of(pairs.iter().map(|(expected, _)| *expected));
    let actual = Moments::of(pairs.iter().map(|(_, actual)| *actual));
    let both = (expected.squares * actual.squares).sqrt();
    if both <= 0.0 || !both.is_finite() {
        return None;
    }
    let product: f64 = pairs.iter().map(|(e, a)| (e - expected.mean) * (a - actual.mean)).sum();
    let correlation = (product / both).clamp(-1.0, 1.0);
    let freedom = real(pairs.len() as u64) - 2.0;
    let statistic = correlation * (freedom / (1.0 - correlation * correlation).max(f64::MIN_POSITIVE)).sqrt();
    Some(upper_tail(student_t_two_sided(statistic, freedom), correlation))
}

fn upper_tail(two_sided: f64, sign: f64) -> f64 {
    if sign > 0.0 { two_sided / 2.0 } else { 1.0 - two_sided / 2.0 }
}

/// One-sided p-value that the column alone leaves smaller squares than the declared rule, and than the plain mean where the rule
/// does worse than that: else every column would beat a rule in the wrong unit.
fn better(halves: &Halves<'_>, tested: &[&Value], alone: &Means) -> Option<f64> {
    if halves.left() == 0.0 {
        return None;
    }
    let is_rule_better = halves.left() <= halves.total();
    let saved = tested.iter().zip(&halves.tested).map(|(value, (row, left))| {
        let base = if is_rule_better { *left } else { row.logged - alone.overall };
        base.powi(2) - (row.logged - alone.expect(value)).powi(2)
    });
    let saved = Moments::of(saved);
    paired(saved).map(|p| upper_tail(p, saved.mean))
}
