//! Rows that cannot be recomputed are counted by what they lack, and never reproduced.

use super::*;

#[test]
fn rows_with_gaps_are_counted_and_never_reproduced() {
    let mut all = orders(20, 1_000, |_| 0.0);
    for order in &mut all[..30] {
        order.metres = None;
    }
    for order in &mut all[20..50] {
        order.storm = None;
    }
    for order in &mut all[100..107] {
        order.fee = None;
    }
    for order in &mut all[200..204] {
        order.at = NOON - 400 * 86_400_000;
    }
    for order in &mut all[300..302] {
        order.id = " ".to_owned();
    }
    let row = declared(&all);
    assert_eq!(row.rows.all, 1_000);
    assert_eq!((row.rows.without_factor, row.rows.missing["metres"], row.rows.missing["storm"]), (50, 30, 30));
    assert_eq!((row.rows.without_outcome, row.rows.outside, row.rows.unplaced), (7, 4, 2));
    assert_eq!((row.rows.recomputed, row.rows.reproduced, row.rows.not_recomputed()), (937, 937, 59));
}

#[test]
fn a_rule_that_gives_no_number_does_not_count_as_reproduced() {
    let toml = format!(
        "{HEAD}{DECLARED}expression = \"CASE WHEN storm THEN metres / 0 WHEN metres < 2500 THEN metres END\"\n"
    );
    let all = orders(21, 400, |_| 0.0);
    let row = rerun(&toml, &all).unwrap();
    let without = all.iter().filter(|order| order.storm.unwrap() || order.metres.unwrap() >= 2_500.0).count() as u64;
    assert_eq!((row.rows.undefined, row.rows.recomputed), (without, 400 - without));
}

#[test]
fn nothing_to_recompute_is_unknown_and_not_fine() {
    let mut all = orders(22, 40, |_| 0.0);
    for order in &mut all {
        order.metres = None;
    }
    let row = declared(&all);
    assert_eq!((row.flag, row.share, row.rows.without_factor), (DeclaredFlag::CannotTell, None, 40));
    assert!(row.differences.is_none() && row.removals.is_empty() && row.columns.is_empty());
    assert_eq!(declared(&[]).flag, DeclaredFlag::CannotTell);
}

#[test]
fn few_rows_are_compared_and_not_tested() {
    let row = declared(&orders(23, 40, |order| if order.phone == "dear" { 35.0 } else { 0.0 }));
    assert_eq!(row.rows.recomputed, 40);
    assert!(row.columns.iter().all(|column| column.flag == ColumnFlag::CannotTest), "{:?}", row.columns);
    assert!(declared(&orders(24, 9, |_| 1.0)).differences.is_none(), "nine rows would show one decision's size");
}

#[test]
fn the_tolerance_holds_on_its_edge_and_not_beyond() {
    for (difference, is_reproduced) in [(0.5, true), (-0.5, true), (0.625, false), (-0.625, false)] {
        // Whole metres by 20 keep the sums exact in binary.
        let mut all = orders(25, 50, |_| 0.0);
        for order in &mut all {
            order.metres = Some(1_000.0);
            order.storm = Some(false);
            order.fee = Some(400.0 + difference);
        }
        let reproduced = if is_reproduced { 50 } else { 0 };
        assert_eq!(declared(&all).rows.reproduced, reproduced, "{difference}");
    }
    let relative = DECLARED.replace("absolute = 0.5", "relative = 0.25");
    let mut all = orders(26, 20, |_| 0.0);
    for (place, order) in all.iter_mut().enumerate() {
        order.metres = Some(0.0);
        order.storm = Some(false);
        // A quarter of 400 is 100: on the edge, and just beyond it.
        order.fee = Some(if place < 10 { 400.0 } else { 401.0 });
    }
    assert_eq!(rerun(&format!("{HEAD}{relative}{EXPRESSION}"), &all).unwrap().rows.reproduced, 10);
}

#[test]
fn a_version_counts_from_its_first_to_before_its_last_day() {
    let midnight = NOON - 12 * 3_600_000;
    for (at, is_inside) in
        [(midnight - 1, false), (midnight, true), (midnight + 86_400_000 - 1, true), (midnight + 86_400_000, false)]
    {
        let mut all = orders(27, 1, |_| 0.0);
        all[0].at = at;
        let head = HEAD.replace("2025-01-01\"", "2025-10-13\"\nuntil = \"2025-10-14\"");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("fee@2025-10-13.toml");
        fs::write(&file, format!("{head}{DECLARED}{EXPRESSION}")).unwrap();
        let version = AlgorithmVersion::read(&file).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let row = runtime.block_on(run(&context(&all), &version)).unwrap();
        assert_eq!((row.rows.outside, row.rows.recomputed), (u64::from(!is_inside), u64::from(is_inside)), "{at}");
    }
}
