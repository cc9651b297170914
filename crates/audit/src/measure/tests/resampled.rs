//! Quantities whose interval is found by resampling, from the table to the row: what the engine counts is what the statistics get.

use super::{DENSITY, HEAD, comparison, measured, near, with};
use crate::summary::{MeasureFlag, Quantity, format_of};
use datafusion::arrow::array::{ArrayRef, Float64Array, StringArray};
use datafusion::prelude::SessionContext;
use gongdao_stats::{Atom, MANY, Plan, Statistic, resampled_difference, resampled_quantity, seed_of};
use std::sync::Arc;

const WORKERS: &str = "cluster = \"worker\"\ncluster_zh = \"骑手\"\ncluster_en = \"couriers\"\n";

/// One shift: worker, side, density, pay, hours.
type Shift = (u32, bool, &'static str, Option<f64>, Option<f64>);

/// 24 couriers of 4 to 6 shifts each, the first half paid less; every number has two decimals.
fn shifts() -> Vec<Shift> {
    let mut shifts = Vec::new();
    for worker in 0..24_u32 {
        for shift in 0..4 + worker % 3 {
            let noise = f64::from((worker * 7_919 + shift * 104_729) % 997) / 100.0;
            let hours = 2.0 + f64::from((worker + shift) % 5) / 2.0;
            let level = if worker < 12 { 18.0 } else { 24.0 };
            let density = if worker % 2 == 0 { "dense" } else { "thin" };
            shifts.push((
                worker,
                worker < 12,
                density,
                Some(((level + noise) * hours * 100.0).round() / 100.0),
                Some(hours),
            ));
        }
    }
    shifts
}

fn table(shifts: &[Shift]) -> SessionContext {
    let side = shifts.iter().map(|shift| Some(if shift.1 { "low" } else { "high" }));
    let columns: [(&str, ArrayRef); 5] = [
        ("worker", Arc::new(shifts.iter().map(|shift| Some(format!("w{}", shift.0))).collect::<StringArray>())),
        ("side", Arc::new(side.collect::<StringArray>())),
        ("density", Arc::new(shifts.iter().map(|shift| Some(shift.2)).collect::<StringArray>())),
        ("slow", Arc::new(shifts.iter().map(|shift| shift.3).collect::<Float64Array>())),
        ("hours", Arc::new(shifts.iter().map(|shift| shift.4).collect::<Float64Array>())),
    ];
    with(columns.into())
}

/// The names of the couriers in their own order: w0, w1, w10, w11, …
fn number_of(worker: u32) -> usize {
    let mut names: Vec<String> = (0..24).map(|worker| format!("w{worker}")).collect();
    names.sort();
    names.iter().position(|name| *name == format!("w{worker}")).unwrap()
}

fn atoms(shifts: &[Shift], base: bool) -> Vec<Atom> {
    let atom = |shift: &Shift| Atom {
        cluster: number_of(shift.0),
        stratum: usize::from(shift.2 == "thin"),
        in_group: shift.1,
        number: shift.3.unwrap(),
        base: if base { shift.4.unwrap() } else { 1.0 },
        count: 1,
    };
    shifts.iter().map(atom).collect()
}

fn flat(atoms: &[Atom]) -> Vec<Atom> {
    atoms.iter().map(|atom| Atom { stratum: 0, ..*atom }).collect()
}

#[test]
fn a_median_is_compared_by_bootstrap_and_permutation() {
    let toml = comparison("quantile", "", "unit = \"USD\"\nquantile = 0.5\n");
    let found = measured(&table(&shifts()), &toml, "SELECT * FROM t -- all of it").unwrap();
    let [row] = &found.rows[..] else { panic!("{found:?}") };
    let plan = Plan { seed: seed_of(["m", "crude"]), draws: MANY };
    let expected =
        resampled_difference(Statistic::Quantile(500), &flat(&atoms(&shifts(), false)), false, plan).unwrap();
    let (resampled, tested) = expected.found.unwrap();
    assert_eq!((row.difference, row.p), (Some(expected.difference()), Some(tested.p())));
    assert_eq!((row.ci_low, row.ci_high), (Some(resampled.interval.low), Some(resampled.interval.high)));
    assert_eq!((row.n_a, row.n_b, row.quantity, row.unit.as_deref()), (60, 60, Quantity::Quantile, Some("USD")));
    assert_eq!(row.flag, MeasureFlag::Disparity);
    assert_eq!(
        row.method.en,
        "difference of the median: bootstrap, 9999 resamples of rows, drawn with replacement; percentile 95 % interval, its tails expanded after Student's t; p: the larger of a permutation test, labels permuted among rows 9999 times (its null hypothesis is that the group makes no difference to the whole distribution, not to this quantity alone), and of Student's t with the bootstrap error; Holm correction over 1 comparison"
    );
    assert_eq!(
        row.method.zh,
        "中位数之差：自助法，重抽样 9999 次（逐行有放回抽取），百分位 95% 区间，两端按 t 分布加宽；p 取两者中较大的：置换检验（在各行之间置换组别 9999 次；零假设是组别对整个分布没有影响，不只是此量相等），与自助误差的 t 检验；Holm 校正（1 次比较）"
    );
    assert!(row.power.as_ref().unwrap().en.contains(" USD or more is found"), "{:?}", row.power);
    assert_eq!((format_of(&found.rows), format_of(&[])), (2, 1));
}

/// Whatever order the rows come in, and in whichever parts.
#[test]
fn the_order_of_the_rows_says_nothing() {
    let toml = comparison("quantile", "", &format!("unit = \"USD\"\nquantile = 0.9\n{WORKERS}{DENSITY}"));
    let found = measured(&table(&shifts()), &toml, "SELECT * FROM t").unwrap();
    let mut backwards = shifts();
    backwards.reverse();
    assert_eq!(measured(&table(&backwards), &toml, "SELECT * FROM t").unwrap(), found);
    assert_eq!(measured(&table(&shifts()), &toml, "SELECT * FROM t ORDER BY hours, slow DESC").unwrap(), found);
}

/// Sums a courier in the engine, shifts one by one here: the same quantity, crude and with the density held equal.
#[test]
fn clusters_are_drawn_whole_in_means_and_ratios() {
    for (kind, more, statistic, quantity) in [
        ("mean", "", Statistic::Mean, Quantity::Mean),
        ("ratio", "per = \"hours\"\n", Statistic::Ratio, Quantity::Ratio),
    ] {
        let toml = comparison(kind, "", &format!("unit = \"USD/h\"\n{more}{WORKERS}{DENSITY}"));
        let found = measured(&table(&shifts()), &toml, "SELECT * FROM t").unwrap();
        let [crude, pooled] = &found.rows[..] else { panic!("{found:?}") };
        let rows = atoms(&shifts(), kind == "ratio");
        for (row, rows, name) in [(crude, flat(&rows), "crude"), (pooled, rows.clone(), "pooled")] {
            let plan = Plan { seed: seed_of(["m", name]), draws: MANY };
            let expected = resampled_difference(statistic, &rows, true, plan).unwrap();
            let (resampled, tested) = expected.found.unwrap();
            near(row.difference, expected.difference());
            near(row.ci_low, resampled.interval.low);
            near(row.ci_high, resampled.interval.high);
            near(row.p, tested.p());
            assert_eq!(
                (row.quantity, row.n_a, row.n_b, row.flag),
                (quantity, 60, 60, MeasureFlag::Disparity),
                "{name}"
            );
        }
        assert!(
            crude.method.en.contains("of whole couriers, drawn with replacement, 24 in all"),
            "{}",
            crude.method.en
        );
        assert!(crude.method.zh.contains("以骑手为单位有放回抽取，共 24 个"), "{}", crude.method.zh);
        assert!(pooled.method.en.contains("Mantel–Haenszel weights, 2 strata; "), "{}", pooled.method.en);
        assert!(pooled.method.en.contains("permuted among couriers within strata 9999 times"), "{}", pooled.method.en);
        assert!(pooled.method.zh.contains("各层之内在骑手之间置换组别 9999 次"), "{}", pooled.method.zh);
    }
}

/// What has no finite number above and below is missing; strata with too few couriers on a side are left out, and both are said.
#[test]
fn what_is_left_out_is_said() {
    let mut rows = shifts();
    rows.extend([
        (0, true, "dense", None, Some(1.0)),
        (1, true, "thin", Some(1.0), None),
        (2, true, "dense", Some(f64::NAN), Some(1.0)),
    ]);
    rows.extend([(3, true, "thin", Some(f64::INFINITY), Some(1.0)), (4, true, "dense", Some(1e16), Some(1.0))]);
    rows.extend([(5, true, "empty", Some(1.0), Some(1.0)), (13, false, "empty", Some(1.0), Some(1.0))]);
    let toml = comparison("ratio", "", &format!("unit = \"USD/h\"\nper = \"hours\"\n{WORKERS}{DENSITY}"));
    let found = measured(&table(&rows), &toml, "SELECT * FROM t").unwrap();
    let [crude, pooled] = &found.rows[..] else { panic!("{found:?}") };
    assert_eq!((crude.n_a, crude.n_b, pooled.n_a, pooled.n_b), (61, 61, 60, 60));
    assert_eq!(crude.note.as_ref().unwrap().en, "5 rows without the outcome are left out");
    assert_eq!(
        pooled.note.as_ref().unwrap().en,
        "5 rows without the outcome are left out. 2 rows lack a stratifying value or stand in a stratum with one group alone or a side of fewer than 5 couriers; the stratified row leaves them out"
    );
    assert!(pooled.note.as_ref().unwrap().zh.contains("某一方不足 5 个骑手"), "{:?}", pooled.note);
}

#[test]
fn too_few_clusters_and_small_cells_give_no_test() {
    let few: Vec<Shift> = shifts().into_iter().filter(|shift| (8..16).contains(&shift.0)).collect();
    let clustered = comparison("gini", "", &format!("{WORKERS}{DENSITY}"));
    let found = measured(&table(&few), &clustered, "SELECT * FROM t").unwrap();
    for row in &found.rows {
        assert!(row.difference.is_some() && !row.suppressed, "{row:?}");
        assert_eq!((row.ci_low, row.p, row.flag, row.quantity), (None, None, MeasureFlag::CannotTest, Quantity::Gini));
        assert!(row.method.en.contains("too few couriers to resample: below 5 on a side"), "{}", row.method.en);
        assert!(row.method.zh.contains("骑手太少"), "{}", row.method.zh);
    }
    let found = measured(&table(&few), &comparison("gini", "min_cell = 30\n", ""), "SELECT * FROM t").unwrap();
    let row = &found.rows[0];
    assert_eq!((row.flag, row.difference, row.rate_a, row.p), (MeasureFlag::TooFew, None, None, None));
    assert_eq!(row.method.en, "fewer rows than the minimum cell: figures are withheld");
}

const CONCENTRATION: &str = "[concentration]\ncolumn = \"income\"\nzh = \"收入\"\nen = \"income\"\n";

/// The incomes of `crates/stats/src/resample/tests.rs`, at place `b`; at `a` there are too few, and `c` has nothing to share.
#[test]
fn a_gini_coefficient_stands_with_its_interval() {
    let incomes = [541.0, 1_463.0, 2_445.0, 3_438.0, 4_437.0, 5_401.0, 6_392.0, 8_304.0, 11_904.0, 22_261.0];
    let rows: Vec<String> = incomes.iter().map(|income| format!("('b', {income})")).collect();
    let nothing = ["('c', 0.0)"; 12].join(", ");
    let sql =
        format!("SELECT * FROM (VALUES ('a', 1.0), ('b', NULL), {}, {nothing}) AS v(class, income)", rows.join(", "));
    let toml = format!("{HEAD}kind = \"gini\"\nwithin = [\"class\"]\n{CONCENTRATION}");
    let found = measured(&SessionContext::new(), &toml, &sql).unwrap();
    let [few, shown, none] = &found.figures[..] else { panic!("{found:?}") };
    let atom = |number: &f64| Atom { cluster: 0, stratum: 0, in_group: true, number: *number, base: 1.0, count: 1 };
    let plan = Plan { seed: seed_of(["m", "figure", "b"]), draws: MANY };
    let atoms: Vec<Atom> = incomes.iter().map(atom).collect();
    let (value, expected) = resampled_quantity(Statistic::Gini, &atoms, false, plan).unwrap();
    let interval = expected.unwrap().interval;
    near(shown.value, 0.513_434_589);
    assert_eq!((shown.value, shown.low, shown.high), (Some(value), Some(interval.low), Some(interval.high)));
    assert_eq!((shown.n, shown.unit.as_str(), shown.label.zh.as_str()), (10, "gini", "收入：基尼系数"));
    assert_eq!(
        shown.method.as_ref().unwrap().en,
        "Gini coefficient: bootstrap, 9999 resamples of rows, drawn with replacement; percentile 95 % interval, its tails expanded after Student's t; 1 rows without the outcome are left out"
    );
    assert_eq!((few.value, few.low, few.suppressed), (None, None, true));
    assert_eq!((none.value, none.low, none.suppressed), (None, None, false));
}

#[test]
fn what_cannot_be_resampled_is_refused_with_words() {
    let mut rows = shifts();
    rows.push((1, true, "dense", Some(-3.0), Some(-1.0)));
    let ratio = comparison("ratio", "", "unit = \"USD/h\"\nper = \"hours\"\n");
    for (toml, message) in [
        (comparison("gini", "", ""), "the query of measure `m` gives a `slow` below 0"),
        (ratio, "the query of measure `m` gives a `hours` below 0"),
    ] {
        let refused = measured(&table(&rows), &toml, "SELECT * FROM t").unwrap_err();
        assert_eq!(refused.problems[0].message, message);
        assert!(refused.problems[0].hint.is_some());
    }
    let many = "SELECT 'low' AS side, a.n * 501 + b.n AS slow FROM t AS a CROSS JOIN t AS b";
    let numbers: ArrayRef = Arc::new((0..501).map(|number| Some(f64::from(number))).collect::<Float64Array>());
    let toml = comparison("quantile", "", "unit = \"USD\"\n");
    let refused = measured(&with(vec![("n", numbers)]), &toml, many).unwrap_err();
    assert_eq!(
        refused.problems[0].message,
        "measure `m` has more than 250000 different numbers or clusters to resample"
    );
    assert!(refused.problems[0].hint.as_ref().unwrap().contains("ROUND(pay, 2)"));
}
