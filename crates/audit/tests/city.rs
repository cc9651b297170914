//! A city with known truth: the audit finds exactly what was planted, and an interrupted run ends in the same bytes.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod common;

use common::{Ask, Resumed, Silent, StopAfter, bytes_of, complete, law, parquet_rows, run};
use gongdao_audit::Adapter;
use gongdao_audit::run::Ended;
use gongdao_sim::{Settings, simulate};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::Path;

/// Decision, rule, reading.
type Found = BTreeSet<(String, String, String)>;

fn city(folder: &Path, decisions: i64) -> Adapter {
    let data = folder.join("city");
    std::fs::create_dir(&data).unwrap();
    let orders = Settings::orders_for(decisions);
    let settings = Settings { seed: 11, orders, couriers: None, days: 7, from: "2025-10-13".parse().unwrap() };
    let made = simulate(&settings, &data).unwrap();
    println!("{made:?}");
    assert!(made.decisions * 10 >= decisions * 9, "{made:?}");
    Adapter::read(&data.join("adapter.toml")).unwrap()
}

fn planted(adapter: &Adapter, kind: &str) -> Found {
    let mut reader = csv::Reader::from_path(adapter.data.join("truth.csv")).unwrap();
    let rows = reader.records().map(Result::unwrap).filter(|row| &row[3] == kind);
    rows.map(|row| (row[0].to_owned(), row[1].to_owned(), row[2].to_owned())).collect()
}

fn check_equal(what: &str, found: &Found, planted: &Found) {
    let first = |of: &Found, other: &Found| of.difference(other).take(20).cloned().collect::<Vec<_>>();
    let (false_alarms, overlooked) = (first(found, planted), first(planted, found));
    println!("{what}: {} planted, {} found", planted.len(), found.len());
    assert!(
        false_alarms.is_empty() && overlooked.is_empty(),
        "{what}: false alarms {false_alarms:#?}, overlooked {overlooked:#?}"
    );
}

/// Precision and recall are 1, a rule and reading at a time. `GONGDAO_CITY_DECISIONS` makes the city larger.
#[test]
fn exactly_the_planted_violations_are_found_among_100_000_decisions() {
    let folder = tempfile::tempdir().unwrap();
    let decisions = std::env::var("GONGDAO_CITY_DECISIONS").ok().map_or(100_000, |count| count.parse().unwrap());
    let adapter = city(folder.path(), decisions);
    let out = folder.path().join("out");
    let law = law();
    let ask = Ask { adapter: &adapter, data: None, out: &out, strict: true };
    let summary = complete(run(&law, &ask, &Silent));

    let found = parquet_rows(&out.join("findings.parquet"), &["decision_id", "rule", "reading"]);
    let found: Found = found
        .into_iter()
        .map(|row| (row["decision_id"].clone(), row["rule"].clone(), row["reading"].clone()))
        .collect();
    check_equal("violated", &found, &planted(&adapter, "violated"));

    let undetermined: u64 = summary.rules.iter().map(|rule| rule.count(gongdao_model::Outcome::Undetermined)).sum();
    assert_eq!(undetermined, planted(&adapter, "undetermined").len() as u64, "undetermined");
    assert_eq!(summary.counts.set_aside, 0);
    check_the_statistical_truth(&summary);
    check_the_published_fee(&summary, &adapter);
}

/// What no single decision shows: returning consumers pay twelve fen more. The interval holds it, and the row says how
/// small a difference could have been seen.
fn check_the_statistical_truth(summary: &gongdao_audit::summary::Summary) {
    let row = summary.measures.iter().find(|row| row.measure == "delivery-fee-by-tenure").unwrap();
    let (low, high) = (row.ci_low.unwrap(), row.ci_high.unwrap());
    println!("planted 12 fen, found {:?} in [{low}, {high}], {:?}", row.difference, row.power);
    assert!(low <= 12.0 && 12.0 <= high, "the planted 12 fen lie outside [{low}, {high}]");
    assert!(row.power.is_some());
    // Twelve fen more for the same delivery shift the whole distribution, its median too.
    let row = summary.measures.iter().find(|row| row.measure == "median-fee-by-tenure").unwrap();
    let (low, high) = (row.ci_low.unwrap(), row.ci_high.unwrap());
    println!("planted 12 fen, median {:?} in [{low}, {high}], p {:?}: {}", row.difference, row.p, row.method.en);
    assert!(low <= 12.0 && 12.0 <= high, "the planted 12 fen lie outside [{low}, {high}]");
    let pay = summary.figures.iter().find(|row| row.measure == "courier-pay").unwrap();
    println!("{:?} in {:?} to {:?} over {} couriers", pay.value, pay.low, pay.high, pay.n);
    assert!(pay.low < pay.value && pay.value < pay.high && pay.n > 100, "{pay:?}");
    assert_eq!(summary.format, 2);
}

/// The published fee holds for new consumers to the fen; what it keeps silent about is who returns. Counted here by a plain loop.
fn check_the_published_fee(summary: &gongdao_audit::summary::Summary, adapter: &Adapter) {
    let mut reader = csv::Reader::from_path(adapter.data.join("decisions.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|own| own == name).unwrap();
    let (action, group, metres) = (place("action"), place("person_group"), place("distanceMetres"));
    let (mut new, mut returning, mut without) = (0, 0, 0);
    for row in reader.records().map(Result::unwrap).filter(|row| &row[action] == "price") {
        match (&row[group], row[metres].is_empty()) {
            (_, true) => without += 1,
            ("new", _) => new += 1,
            ("returning", _) => returning += 1,
            other => panic!("{other:?}"),
        }
    }
    let found = &summary.declared[0];
    println!("{new} follow the published fee, {returning} do not, {without} without distance: {:?}", found.rows);
    assert_eq!(found.key(), "delivery-fee@2024-01-01");
    let rows = &found.rows;
    assert_eq!((rows.reproduced, rows.recomputed, rows.without_factor), (new, new + returning, without));
    assert_eq!(rows.missing["road_metres"], without);
    let standing: Vec<_> = found.columns.iter().filter(|column| column.flag.stands_out()).collect();
    assert_eq!(standing.iter().map(|column| column.column.as_str()).collect::<Vec<_>>(), ["person_group"]);
    assert!(standing[0].explained.unwrap() > 0.95 && !standing[0].declared, "{:?}", standing[0]);
    let differences = found.differences.as_ref().unwrap();
    assert!((differences.median - 12.0).abs() < 1.0 && differences.sampled == 20_000, "{differences:?}");
    assert!(found.provisions.iter().all(|id| summary.provisions.iter().any(|known| known.id == *id)), "words for each");
}

#[test]
fn an_interrupted_run_goes_on_and_ends_in_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let adapter = city(folder.path(), 45_000);
    let law = law();
    let (whole, broken) = (folder.path().join("whole"), folder.path().join("broken"));
    complete(run(&law, &Ask { adapter: &adapter, data: None, out: &whole, strict: false }, &Silent));

    // Stopped after the first part, then after three more, then not at all.
    let ask = Ask { adapter: &adapter, data: None, out: &broken, strict: false };
    for (questions, least) in [(1, 8_000), (3, 30_000)] {
        let ended = run(&law, &ask, &StopAfter(Cell::new(questions))).unwrap();
        let Ended::Stopped { decisions, kept_in } = ended else { panic!("not stopped after {questions}") };
        assert!(decisions >= least, "{decisions} kept after {questions} batches");
        assert!(kept_in.is_dir() && !broken.exists(), "nothing is in place before the end");
    }
    let watch = Resumed::default();
    let resumed = complete(run(&law, &ask, &watch));
    assert!(watch.0.get() >= 30_000, "the last run went on from {} decisions", watch.0.get());
    assert_eq!(bytes_of(&whole).keys().collect::<Vec<_>>(), bytes_of(&broken).keys().collect::<Vec<_>>());
    for (name, bytes) in bytes_of(&whole) {
        assert!(bytes == bytes_of(&broken)[&name], "{name} differs after an interruption");
    }
    // And again over the earlier result.
    complete(run(&law, &ask, &Silent));
    assert!(bytes_of(&whole) == bytes_of(&broken), "a second run differs");
    assert_eq!(resumed.counts.decisions, parquet_rows(&broken.join("verdicts.parquet"), &["decision_id"]).len() as u64);
}
