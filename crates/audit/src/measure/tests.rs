//! Measures over small tables whose figures are known from elsewhere, and measures that are refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod refused;
mod resampled;
mod untested;

use super::{MeasureSpec, Measured, run};
use crate::AuditError;
use crate::summary::{MeasureFlag, MeasureRow, Quantity};
use datafusion::arrow::array::{ArrayRef, BooleanArray, Float64Array, StringArray};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::prelude::{SessionConfig, SessionContext};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

const HEAD: &str =
    "format = 1\nid = \"m\"\nprovision = \"cn.pipl/24/1\"\nzh = \"题\"\nen = \"Title\"\nsql = \"m.sql\"\n";
const COMPARISON: &str = "[comparison]\noutcome = \"slow\"\noutcome_zh = \"慢\"\noutcome_en = \"slow\"\ngroup = \"side\"\n\
                          a = { values = [\"low\"], zh = \"甲\", en = \"A\" }\n\
                          b = { values = [\"high\", \"top\"], zh = \"乙\", en = \"B\" }\n";
const DENSITY: &str = "[[confounder]]\ncolumn = \"density\"\nzh = \"密度\"\nen = \"density\"\n";

fn read(toml: &str, sql: &str) -> Result<MeasureSpec, AuditError> {
    let folder = tempfile::tempdir().unwrap();
    let file: PathBuf = folder.path().join("m.toml");
    fs::write(folder.path().join("m.sql"), sql).unwrap();
    fs::write(&file, toml).unwrap();
    MeasureSpec::read(&file)
}

/// So many rows of one city, side, density, block and outcome.
type Rows = (&'static str, &'static str, Option<&'static str>, &'static str, Option<bool>, usize);

fn offers(rows: &[Rows]) -> SessionContext {
    let all = || rows.iter().flat_map(|row| std::iter::repeat_n(row, row.5));
    let columns: [(&str, ArrayRef); 5] = [
        ("city", Arc::new(all().map(|row| Some(row.0)).collect::<StringArray>())),
        ("side", Arc::new(all().map(|row| Some(row.1)).collect::<StringArray>())),
        ("density", Arc::new(all().map(|row| row.2).collect::<StringArray>())),
        ("block", Arc::new(all().map(|row| Some(row.3)).collect::<StringArray>())),
        ("slow", Arc::new(all().map(|row| row.4).collect::<BooleanArray>())),
    ];
    with(columns.into())
}

fn with(columns: Vec<(&str, ArrayRef)>) -> SessionContext {
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    context.register_batch("t", RecordBatch::try_from_iter_with_nullable(columns).unwrap()).unwrap();
    context
}

fn measured(context: &SessionContext, toml: &str, sql: &str) -> Result<Measured, AuditError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(run(context, &read(toml, sql)?))
}

fn comparison(kind: &str, more_head: &str, more: &str) -> String {
    format!("{HEAD}kind = \"{kind}\"\n{more_head}{COMPARISON}{more}")
}

#[track_caller]
fn near(found: Option<f64>, expected: f64) {
    let found = found.unwrap();
    assert!((found - expected).abs() < 5e-7, "found {found}, expected {expected}");
}

/// Every figure of a row: none may be there where it is withheld.
fn figures(row: &MeasureRow) -> [Option<f64>; 10] {
    [
        row.rate_a,
        row.rate_b,
        row.difference,
        row.ci_low,
        row.ci_high,
        row.ratio,
        row.ratio_low,
        row.ratio_high,
        row.p,
        row.p_adjusted,
    ]
}

/// 56 of 70 against 48 of 80: Newcombe 1998, table II (a); the other figures as in `crates/stats/src/tests.rs`.
#[test]
fn a_share_is_compared_by_the_published_methods() {
    let rows = [
        ("X", "low", None, "1", Some(true), 56),
        ("X", "low", None, "1", Some(false), 14),
        ("X", "high", None, "1", Some(true), 40),
        ("X", "top", None, "1", Some(true), 8),
        ("X", "top", None, "1", Some(false), 32),
        ("X", "middle", None, "1", Some(true), 500),
    ];
    let found = measured(&offers(&rows), &comparison("share", "", ""), "SELECT * FROM t -- all of it").unwrap();
    let [row] = &found.rows[..] else { panic!("{found:?}") };
    assert_eq!(
        (row.n_a, row.n_b, row.quantity, row.pooled, row.flag),
        (70, 80, Quantity::Share, false, MeasureFlag::Disparity)
    );
    let expected = [0.8, 0.6, 0.2, 0.052_431, 0.333_873, 4.0 / 3.0, 1.076_626, 1.651_249, 0.008_045, 0.008_045];
    figures(row).into_iter().zip(expected).for_each(|(found, expected)| near(found, expected));
    assert_eq!(
        row.method.en,
        "difference: Newcombe hybrid score 95 % interval; ratio: Katz log 95 % interval; Pearson's chi-square test without continuity correction; Holm correction over 1 comparison"
    );
    assert_eq!(
        row.method.zh,
        "差：Newcombe 混合得分 95% 区间；比：Katz 对数 95% 区间；Pearson 卡方检验（无连续性校正）；Holm 校正（1 次比较）"
    );
    assert_eq!(
        row.power.as_ref().unwrap().en,
        "at the 5 % two-sided level, before correction, only a difference of 21.14 percentage points or more is found with 80 % power"
    );
    assert_eq!((row.note.as_ref(), row.confounders.len(), row.suppressed), (None, 0, false));
    assert_eq!((row.group_a.en.as_str(), row.group_b.zh.as_str(), row.outcome.en.as_str()), ("A", "乙", "slow"));
}

/// The smaller side decides; whatever the outcomes are, nothing of a small cell gets out, not even which test it was.
#[test]
fn a_small_cell_gives_no_figure() {
    for (slow_a, slow_b) in [(0, 0), (9, 200), (9, 0), (4, 100)] {
        let rows = [
            ("X", "low", Some("d"), "1", Some(true), slow_a),
            ("X", "low", Some("d"), "2", Some(false), 9 - slow_a),
            ("X", "high", Some("d"), "3", Some(true), slow_b),
            ("X", "high", Some("d"), "4", Some(false), 200 - slow_b),
        ];
        for (least, cluster) in [("", ""), ("min_cell = 10\n", "cluster = \"block\"\n"), ("min_cell = 201\n", "")] {
            let toml = comparison("share", least, &format!("{cluster}{DENSITY}"));
            let found = measured(&offers(&rows), &toml, "SELECT * FROM t").unwrap();
            assert_eq!(found.rows.len(), 2);
            for row in &found.rows {
                assert_eq!((row.n_a, row.n_b, row.flag, row.suppressed), (9, 200, MeasureFlag::TooFew, true));
                assert_eq!(figures(row), [None; 10], "{row:?}");
                assert_eq!((row.power.as_ref(), row.note.as_ref()), (None, None));
                assert_eq!(row.method.en, "fewer rows than the minimum cell: figures are withheld");
            }
        }
        let shown = measured(&offers(&rows), &comparison("share", "min_cell = 9\n", ""), "SELECT * FROM t").unwrap();
        assert!(!shown.rows[0].suppressed && shown.rows[0].rate_a.is_some(), "9 rows are enough for 9");
    }
}

#[test]
fn the_correction_is_over_all_comparisons_of_the_measure_that_were_made() {
    let mut rows = Vec::new();
    for (city, slow) in [("B", 35), ("A", 45), ("C", 22)] {
        rows.push((city, "low", None, "1", Some(true), slow));
        rows.push((city, "low", None, "1", Some(false), 100 - slow));
        rows.push((city, "high", None, "1", Some(true), 20));
        rows.push((city, "high", None, "1", Some(false), 80));
    }
    rows.extend([("D", "low", None, "1", Some(true), 3), ("D", "high", None, "1", Some(false), 50)]);
    rows.extend([("E", "low", None, "1", Some(true), 20), ("E", "high", None, "1", Some(true), 20)]);
    let found = measured(&offers(&rows), &comparison("share", "within = [\"city\"]\n", ""), "SELECT * FROM t").unwrap();
    let cities: Vec<&str> = found.rows.iter().map(|row| row.stratum["city"].as_str()).collect();
    assert_eq!(cities, ["A", "B", "C", "D", "E"]);
    let [a, b, c, few, all] = &found.rows[..] else { panic!("{found:?}") };
    near(a.p_adjusted, 3.0 * a.p.unwrap());
    near(b.p_adjusted, 2.0 * b.p.unwrap());
    near(c.p_adjusted, c.p.unwrap());
    assert_eq!((few.suppressed, few.p_adjusted), (true, None), "too few rows");
    assert_eq!(
        (all.suppressed, all.p_adjusted, all.flag),
        (false, None, MeasureFlag::CannotTest),
        "everybody has the outcome"
    );
    assert!(b.p.unwrap() < 0.05 && b.p_adjusted.unwrap() < 0.05 && b.flag == MeasureFlag::Disparity);
    assert!(c.p.unwrap() > 0.05 && c.flag == MeasureFlag::NotShown && c.power.is_some());
    assert!(a.method.en.ends_with("Holm correction over 3 comparisons"));
    assert!(all.method.en.contains("no test: all outcomes are the same"));
}

/// Two comparisons of p = 0.0356 are no disparity together: 0.071.
#[test]
fn a_difference_that_is_sure_only_before_correction_is_not_flagged() {
    let rows =
        |city, slow| [(city, "low", None, "1", Some(true), slow), (city, "low", None, "1", Some(false), 1_000 - slow)];
    let high = |city| [(city, "high", None, "1", Some(true), 130), (city, "high", None, "1", Some(false), 870)];
    let all = [rows("A", 100), high("A"), rows("B", 100), high("B")].concat();
    let found = measured(&offers(&all), &comparison("share", "within = [\"city\"]\n", ""), "SELECT * FROM t").unwrap();
    for row in &found.rows {
        near(row.p, 0.035_488);
        near(row.p_adjusted, 0.070_977);
        assert!(row.ci_high.unwrap() < 0.0);
        assert_eq!(row.flag, MeasureFlag::NotShown);
    }
}

/// The UGDP trial by age (Rothman and Greenland, table 15-1): pooled 0.0349, −0.0276 to 0.0974.
#[test]
fn strata_are_pooled_and_what_is_left_out_is_said() {
    let rows = [
        ("X", "low", Some("young"), "1", Some(true), 8),
        ("X", "low", Some("young"), "1", Some(false), 98),
        ("X", "high", Some("young"), "1", Some(true), 5),
        ("X", "high", Some("young"), "1", Some(false), 115),
        ("X", "low", Some("old"), "1", Some(true), 22),
        ("X", "low", Some("old"), "1", Some(false), 76),
        ("X", "high", Some("old"), "1", Some(true), 16),
        ("X", "high", Some("old"), "1", Some(false), 69),
        ("X", "low", None, "1", Some(true), 3),
        ("X", "high", None, "1", Some(true), 2),
        ("X", "low", Some("alone"), "1", Some(true), 4),
        ("X", "high", Some("alone"), "1", None, 6),
    ];
    let toml = comparison("share", "note_zh = \"自注。\"\nnote_en = \"Own note.\"\n", DENSITY);
    let found = measured(&offers(&rows), &toml, "SELECT * FROM t").unwrap();
    let [crude, pooled] = &found.rows[..] else { panic!("{found:?}") };
    assert_eq!((crude.pooled, crude.n_a, crude.n_b, crude.confounders.len()), (false, 211, 207, 0));
    assert_eq!(crude.note.as_ref().unwrap().en, "Own note. 6 rows without the outcome are left out");
    assert_eq!(crude.note.as_ref().unwrap().zh, "自注。6 行缺少结果，未计入");
    assert_eq!((pooled.pooled, pooled.n_a, pooled.n_b, pooled.flag), (true, 204, 205, MeasureFlag::NotShown));
    near(pooled.difference, 0.034_900);
    near(pooled.ci_low, -0.027_628);
    near(pooled.ci_high, 0.097_428);
    assert!((pooled.rate_a.unwrap() - pooled.rate_b.unwrap() - pooled.difference.unwrap()).abs() < 1e-12);
    assert_eq!((pooled.ratio_low, pooled.confounders[0].en.as_str()), (None, "density"));
    assert_eq!(
        pooled.note.as_ref().unwrap().en,
        "Own note. 9 rows lack a stratifying value or stand in a stratum with one group alone; the stratified row leaves them out"
    );
    assert!(pooled.method.en.ends_with("test, 2 strata; Holm correction over 2 comparisons"), "{}", pooled.method.en);
}

/// The clusters of `clustered_differences_agree_with_a_second_implementation`, row by row.
#[test]
fn clusters_make_the_error_and_too_few_clusters_make_none() {
    let mut rows: Vec<Rows> = Vec::new();
    for (block, density, side, slow, all) in [
        ("0", "0", "low", 3, 10),
        ("0", "1", "low", 1, 5),
        ("1", "0", "low", 6, 8),
        ("2", "1", "low", 2, 9),
        ("3", "0", "high", 1, 12),
        ("3", "1", "high", 2, 6),
        ("4", "1", "high", 0, 7),
        ("5", "0", "high", 4, 9),
        ("6", "0", "low", 2, 4),
        ("6", "0", "high", 1, 5),
        ("7", "1", "high", 3, 11),
    ] {
        rows.push(("X", side, Some(density), block, Some(true), slow));
        rows.push(("X", side, Some(density), block, Some(false), all - slow));
    }
    let clustered = format!("cluster = \"block\"\ncluster_zh = \"街区\"\ncluster_en = \"blocks\"\n{DENSITY}");
    let found = measured(&offers(&rows), &comparison("share", "", &clustered), "SELECT * FROM t").unwrap();
    let [crude, pooled] = &found.rows[..] else { panic!("{found:?}") };
    near(crude.difference, 0.168_889);
    near(crude.ci_low, -0.209_194);
    near(crude.p, 0.305_660);
    near(pooled.difference, 0.157_089);
    near(pooled.ci_high, 0.476_662);
    near(pooled.p, 0.263_853);
    assert!(pooled.method.en.contains("2 strata, 8 blocks;"), "{}", pooled.method.en);
    // One block a side: by rows the difference would be beyond doubt, by blocks nothing can be said.
    let two: [Rows; 4] = [
        ("X", "low", Some("0"), "1", Some(true), 90),
        ("X", "low", Some("0"), "1", Some(false), 10),
        ("X", "high", Some("0"), "2", Some(true), 10),
        ("X", "high", Some("0"), "2", Some(false), 90),
    ];
    let found = measured(&offers(&two), &comparison("share", "", &clustered), "SELECT * FROM t").unwrap();
    for row in &found.rows {
        near(row.difference, 0.8);
        assert_eq!(
            (row.ci_low, row.ci_high, row.ratio_low, row.p, row.flag),
            (None, None, None, None, MeasureFlag::CannotTest)
        );
        assert!(row.method.en.contains("too few blocks"), "{}", row.method.en);
        assert!(row.method.zh.contains("街区太少"), "{}", row.method.zh);
    }
    assert!(found.rows[1].pooled && found.rows[1].method.en.starts_with("stratified: "));
}

/// The example of Welch's test in `crates/stats/src/tests.rs`, with rows that are no numbers.
#[test]
fn a_mean_leaves_out_what_is_no_number_and_says_so() {
    let first = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4];
    let second = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.2];
    let nothing = [Some(f64::NAN), None, Some(f64::INFINITY), Some(f64::NEG_INFINITY)];
    let side = [["low"; 15], ["high"; 15]].concat().into_iter().chain(["low"; 4]);
    let numbers = first.into_iter().chain(second).map(Some).chain(nothing);
    let context = with(vec![
        ("side", Arc::new(side.map(Some).collect::<StringArray>()) as ArrayRef),
        ("slow", Arc::new(numbers.collect::<Float64Array>())),
    ]);
    let found =
        measured(&context, &comparison("mean", "", "unit = \"Mbps\"\nleast_difference = 2.9\n"), "SELECT * FROM t")
            .unwrap();
    let [row] = &found.rows[..] else { panic!("{found:?}") };
    assert_eq!((row.n_a, row.n_b, row.quantity, row.unit.as_deref()), (15, 15, Quantity::Mean, Some("Mbps")));
    near(row.rate_a, 20.82);
    near(row.difference, -2.82);
    near(row.ci_low, -4.853_421);
    near(row.ci_high, -0.786_579);
    near(row.p, 0.008_303);
    assert_eq!((row.ratio_low, row.flag), (None, MeasureFlag::NotShown));
    assert_eq!(
        row.note.as_ref().unwrap().en,
        "4 rows without the outcome are left out. a difference exists, but below this measure's threshold of 2.9 Mbps"
    );
}

#[test]
fn a_sure_but_small_difference_is_a_remark_and_no_flag() {
    let rows = [
        ("X", "low", None, "1", Some(true), 560),
        ("X", "low", None, "1", Some(false), 440),
        ("X", "high", None, "1", Some(true), 490),
        ("X", "high", None, "1", Some(false), 510),
    ];
    for (least, flag, note) in [
        (
            "0.0701",
            MeasureFlag::NotShown,
            Some("a difference exists, but below this measure's threshold of 7.01 percentage points"),
        ),
        ("0.07", MeasureFlag::Disparity, None),
        ("0", MeasureFlag::Disparity, None),
    ] {
        let toml = comparison("share", "", &format!("least_difference = {least}\n"));
        let found = measured(&offers(&rows), &toml, "SELECT * FROM t").unwrap();
        assert_eq!(
            (found.rows[0].flag, found.rows[0].note.as_ref().map(|note| note.en.as_str())),
            (flag, note),
            "{least}"
        );
    }
}

const FIGURE: &str = "kind = \"figure\"\nwithin = [\"class\"]\ncount = \"n\"\n[[value]]\ncolumn = \"mean\"\nunit = \"fen\"\nzh = \"均\"\nen = \"mean\"\n";

#[test]
fn figures_stand_in_the_query_s_order_and_small_ones_are_withheld() {
    let sql = "SELECT * FROM (VALUES ('b', 10, 1.5), ('a', 9, 2.5), (NULL, 30, NULL), ('c', 40, CAST('NaN' AS DOUBLE))) \
               AS v(class, n, mean) ORDER BY n DESC -- the largest first";
    let found = measured(&SessionContext::new(), &format!("{HEAD}{FIGURE}"), sql).unwrap();
    let rows: Vec<_> =
        found.figures.iter().map(|row| (row.cell["class"].as_str(), row.n, row.value, row.suppressed)).collect();
    assert_eq!(
        rows,
        [("c", 40, None, false), ("", 30, None, false), ("b", 10, Some(1.5), false), ("a", 9, None, true)]
    );
    assert_eq!(
        (found.rows.len(), found.figures[0].unit.as_str(), found.figures[0].label.zh.as_str()),
        (0, "fen", "均")
    );
}

#[test]
fn two_lines_of_one_place_are_refused() {
    let context = SessionContext::new();
    let values = |rows: &str| format!("SELECT * FROM (VALUES {rows}) AS v(class, n, mean)");
    for (rows, place) in [
        ("('a', 10, 1.5), ('b', 10, 1.5), ('a', 20, 2.5)", "`class = a`"),
        ("(NULL, 10, 1.5), ('NULL', 10, 1.5), (NULL, 20, 2.5)", "`class = NULL`"),
    ] {
        let refused = measured(&context, &format!("{HEAD}{FIGURE}"), &values(rows)).unwrap_err();
        let message = &refused.problems[0].message;
        assert!(message.starts_with("the query of measure `"), "{message}");
        assert!(message.ends_with(&format!("gives more than one line for {place}")), "{message}");
    }
    let kept = measured(&context, &format!("{HEAD}{FIGURE}"), &values("('', 10, 1.5), (NULL, 10, 2.5)"));
    assert_eq!(kept.unwrap().figures.len(), 2, "an empty text is not a missing one");
}

/// Column names and values that would mean something in SQL are taken as they stand.
#[test]
fn names_and_values_are_quoted() {
    const HOSTILE: &str = "x\" FROM t; DROP TABLE t; --";
    for (name, value) in
        [(HOSTILE, "x' OR '1'='1"), ("k0", "'"), ("seen", "--"), ("measured", "甲"), ("Slow Offers", "\\")]
    {
        let outcome = [true, false, true, true].repeat(10).into_iter().map(Some).collect::<BooleanArray>();
        let side = [value, "high"].repeat(20).into_iter().map(Some).collect::<StringArray>();
        let context = with(vec![(name, Arc::new(outcome) as ArrayRef), ("side", Arc::new(side))]);
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let toml =
            comparison("share", "", "").replace("\"slow\"\noutcome_zh", &format!("{}\noutcome_zh", quoted(name)));
        let toml = toml.replace("\"low\"", &quoted(value));
        let found = measured(&context, &toml, "SELECT * FROM t").unwrap();
        assert_eq!((found.rows[0].n_a, found.rows[0].n_b), (20, 20), "{name}");
        near(found.rows[0].rate_a, 1.0);
        near(found.rows[0].rate_b, 0.5);
    }
}
