//! Rows that have a difference and no test for it, and strata that are left out so that the test means something.

use super::{DENSITY, Rows, comparison, measured, near, offers, with};
use crate::summary::{MeasureFlag, Quantity};
use datafusion::arrow::array::{ArrayRef, Float64Array, StringArray};
use std::sync::Arc;

const BLOCKS: &str = "cluster = \"block\"\ncluster_zh = \"街区\"\ncluster_en = \"blocks\"\n";

/// A stratum with one block on a side would add to the difference and nothing to its error.
#[test]
fn a_stratum_with_one_block_on_a_side_is_left_out_and_counted() {
    let mut rows: Vec<Rows> = Vec::new();
    for (density, side, block, slow) in [
        ("dense", "low", "1", 12),
        ("dense", "low", "2", 9),
        ("dense", "low", "3", 14),
        ("dense", "high", "4", 6),
        ("dense", "high", "5", 4),
        ("dense", "high", "6", 9),
        ("thin", "low", "7", 20),
        ("thin", "high", "8", 1),
        ("thin", "high", "9", 0),
    ] {
        rows.push(("X", side, Some(density), block, Some(true), slow));
        rows.push(("X", side, Some(density), block, Some(false), 20 - slow));
    }
    let toml = comparison("share", "", &format!("{BLOCKS}{DENSITY}"));
    let found = measured(&offers(&rows), &toml, "SELECT * FROM t").unwrap();
    let pooled = &found.rows[1];
    assert_eq!((pooled.n_a, pooled.n_b, pooled.flag), (60, 60, MeasureFlag::NotShown));
    near(pooled.difference, 16.0 / 60.0);
    assert!(pooled.method.en.contains("1 stratum, 6 blocks;"), "{}", pooled.method.en);
    let note = pooled.note.as_ref().unwrap();
    assert_eq!(
        note.en,
        "60 rows lack a stratifying value or stand in a stratum with one group alone or a side of fewer than two blocks; the stratified row leaves them out"
    );
    assert_eq!(note.zh, "60 行缺少分层变量或所在层只有一组、某一方只有一个街区，未计入分层结果");
}

/// All against none, within every stratum: a difference of everything, and nothing to test it with.
#[test]
fn what_has_no_test_is_not_called_equal() {
    let rows = [
        ("X", "low", Some("dense"), "1", Some(true), 30),
        ("X", "high", Some("dense"), "2", Some(false), 30),
        ("X", "low", Some("thin"), "3", Some(true), 30),
        ("X", "high", Some("thin"), "4", Some(false), 30),
    ];
    let found = measured(&offers(&rows), &comparison("share", "", DENSITY), "SELECT * FROM t").unwrap();
    let [crude, pooled] = &found.rows[..] else { panic!("{found:?}") };
    assert_eq!(crude.flag, MeasureFlag::Disparity);
    near(pooled.difference, 1.0);
    assert_eq!((pooled.p, pooled.ci_low, pooled.flag), (None, None, MeasureFlag::CannotTest));
    assert!(pooled.method.en.contains("2 strata; nothing varies within: no interval, no test"), "{}", pooled.method.en);
    let clustered = measured(&offers(&rows), &comparison("share", "", BLOCKS), "SELECT * FROM t").unwrap();
    assert_eq!((clustered.rows[0].p, clustered.rows[0].flag), (None, MeasureFlag::CannotTest));
    let numbers = [vec![10.0; 15], vec![20.0; 15]].concat();
    let context = with(vec![
        (
            "side",
            Arc::new([["low"; 15], ["high"; 15]].concat().into_iter().map(Some).collect::<StringArray>()) as ArrayRef,
        ),
        ("slow", Arc::new(numbers.into_iter().map(Some).collect::<Float64Array>())),
    ]);
    let found = measured(&context, &comparison("mean", "", "unit = \"Mbps\"\n"), "SELECT * FROM t").unwrap();
    let row = &found.rows[0];
    near(row.difference, -10.0);
    assert_eq!((row.p, row.flag, row.quantity), (None, MeasureFlag::CannotTest, Quantity::Mean));
    assert!(row.method.en.contains("no interval, no test"), "{}", row.method.en);
}
