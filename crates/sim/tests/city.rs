//! The city as a whole: equal seeds give equal bytes, and its figures are those it was set to.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    unreachable_pub,
    reason = "tests"
)]

mod support;

use gongdao_sim::{Made, Settings, simulate};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use support::{Folder, Row, rows, settings};

fn make(name: &str, seed: u64, orders: i64) -> (Folder, Made) {
    support::make(name, &settings(seed, orders))
}

fn bytes(city: &Folder) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for folder in ["", "sql", "measures", "algorithms"].map(|name| city.0.join(name)) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                files.insert(path.strip_prefix(&city.0).unwrap().to_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn equal_seeds_give_equal_bytes_and_others_do_not() {
    let (first, made) = make("first", 7, 700);
    let (again, _) = make("again", 7, 700);
    let (other, _) = make("other", 8, 700);
    assert!(made.decisions > 2_500, "{made:?}");
    assert_eq!(bytes(&first), bytes(&again));
    for file in ["decisions.csv", "person-events.csv", "waybills.csv", "truth.csv"] {
        assert!(bytes(&first)[Path::new(file)] != bytes(&other)[Path::new(file)], "{file} does not depend on the seed");
    }
}

#[test]
fn the_number_of_orders_is_exact() {
    for orders in [168, 701, 1_000, 2_345] {
        let (_folder, made) = make(&format!("exact-{orders}"), 1, orders);
        assert_eq!(made.orders, orders);
    }
}

#[test]
fn impossible_settings_are_refused() {
    for (orders, days) in [(0, 7), (-1, 1), (100, 0), (1_000, 1_000), (10, 7)] {
        let folder = Folder::new(&format!("refused-{orders}-{days}"));
        let wrong = Settings { orders, days, ..settings(1, 1_000) };
        assert!(simulate(&wrong, &folder.0).is_err(), "{wrong:?}");
        assert!(std::fs::read_dir(&folder.0).unwrap().next().is_none(), "{wrong:?} left files");
    }
}

#[test]
fn a_city_before_the_law_that_its_truth_names_is_refused() {
    for (from, is_made) in [("2023-12-31", false), ("2024-01-01", true)] {
        let folder = Folder::new(&format!("law-{from}"));
        let early = Settings { from: from.parse().unwrap(), ..settings(1, 200) };
        assert_eq!(simulate(&early, &folder.0).is_ok(), is_made, "{from}");
    }
}

#[test]
fn an_order_that_nobody_may_take_is_cancelled_and_counted() {
    let few = Settings { couriers: Some(2), ..settings(4, 2_000) };
    let (folder, made) = support::make("few", &few);
    let served = rows(&folder.0, "waybills.csv").iter().filter(|row| row["refused"] == "false").count();
    assert!(made.unserved > 0, "{made:?}");
    assert_eq!(made.orders - made.unserved, i64::try_from(served).unwrap());
    let (_folder, usual) = make("usual", 4, 2_000);
    assert_eq!(usual.unserved, 0);
}

fn share_percent(part: usize, whole: usize) -> f64 {
    100.0 * f64::from(u32::try_from(part).unwrap()) / f64::from(u32::try_from(whole).unwrap())
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

fn check_near(what: &str, value: f64, expected: f64, tolerance: f64) {
    println!("{what}: {value:.3}, set to {expected} give or take {tolerance}");
    assert!((value - expected).abs() <= tolerance, "{what}: {value:.3}, not {expected} give or take {tolerance}");
}

/// Seconds since 1970 of a moment of the files.
fn seconds(text: &str) -> f64 {
    let at: gongdao_model::Instant = text.parse().unwrap();
    f64::from(u32::try_from(at.millis() / 1_000).unwrap())
}

#[test]
fn the_city_keeps_its_calibration() {
    let (folder, made) = make("calibration", 20, 42_000);
    let waybills = rows(&folder.0, "waybills.csv");
    let taken: Vec<_> = waybills.iter().filter(|row| row["refused"] == "false").collect();
    let metres = |row: &&Row| number(row, "straight_metres");
    check_near("mean straight-line distance, m", mean(taken.iter().map(metres)), 1_550.0, 60.0);
    let door = taken.iter().map(|row| (number(row, "arrive_time") - seconds(&row["placed_at"])) / 60.0);
    check_near("mean order to door, min", mean(door), 31.0, 1.0);
    let wait = taken.iter().map(|row| (seconds(&row["dispatched_at"]) - seconds(&row["placed_at"])) / 60.0);
    check_near("mean wait for dispatch, min", mean(wait), 4.1, 0.3);
    let late = usize::try_from(made.late).unwrap();
    check_near("late, %", share_percent(late, taken.len()), 14.5, 0.5);
    check_near("refused, %", share_percent(waybills.len() - taken.len(), taken.len()), 6.0, 0.5);
    for (hour, percent) in [(11, 17.3), (12, 11.0), (17, 8.9), (18, 11.7), (19, 8.4)] {
        let in_hour = taken.iter().filter(|row| row["dispatched_at"][11..13] == format!("{hour:02}")).count();
        check_near(&format!("dispatches at {hour}:00, %"), share_percent(in_hour, taken.len()), percent, 0.3);
    }
    check_lateness_rises_with_distance(&taken);
}

fn check_lateness_rises_with_distance(taken: &[&Row]) {
    let edges = [
        (0.0, 750.0, 7.1),
        (750.0, 1_220.0, 11.6),
        (1_220.0, 1_700.0, 15.6),
        (1_700.0, 2_300.0, 18.2),
        (2_300.0, 5_100.0, 19.9),
    ];
    for (low, high, percent) in edges {
        let within = |row: &&&Row| (low..high).contains(&number(row, "straight_metres"));
        let late = |row: &&&Row| {
            number(row, "arrive_time") - seconds(&row["placed_at"]) > number(row, "promised_minutes") * 60.0
        };
        let all = taken.iter().filter(within).count();
        let late = taken.iter().filter(within).filter(late).count();
        check_near(&format!("late at {low} to {high} m, %"), share_percent(late, all), percent, 1.2);
    }
}

#[test]
fn riders_hours_are_as_reported() {
    let (folder, _) = make("hours", 21, 42_000);
    let decisions = rows(&folder.0, "decisions.csv");
    let paid: Vec<_> =
        decisions.iter().filter(|row| row["action"] == "pay" && row["person"].starts_with("C0")).collect();
    let longest = paid.iter().map(|row| number(row, "dailyMinutes")).fold(0.0, f64::max);
    assert!(longest <= 720.0, "somebody works {longest} minutes");
    let typical = mean(paid.iter().map(|row| number(row, "dailyMinutes")));
    println!("mean work a day: {typical:.0} minutes");
    assert!((180.0..=360.0).contains(&typical), "mean work of a day is {typical} minutes");
    let continuous = decisions.iter().filter(|row| row["action"] == "dispatch" && row["person"].starts_with("C0"));
    let most = continuous.map(|row| number(row, "continuousMinutes")).fold(0.0, f64::max);
    assert!(most < 240.0, "the city itself dispatches after {most} minutes");
}

#[test]
fn a_refused_waybill_has_noughts_and_the_order_another_one() {
    let (folder, _) = make("refused-waybill", 5, 2_000);
    let waybills = rows(&folder.0, "waybills.csv");
    let refused: Vec<_> = waybills.iter().filter(|row| row["refused"] == "true").collect();
    assert!(!refused.is_empty());
    for row in refused {
        assert_eq!((&*row["grab_time"], &*row["fetch_time"], &*row["arrive_time"]), ("0", "0", "0"));
        let same_order = waybills.iter().filter(|other| other["order_id"] == row["order_id"]).count();
        assert_eq!(same_order, 2);
    }
}

#[test]
fn the_adapter_names_only_files_and_columns_that_are_there() {
    let (folder, _) = make("adapter", 6, 200);
    let text = std::fs::read_to_string(folder.0.join("adapter.toml")).unwrap();
    let adapter: toml::Table = toml::from_str(&text).unwrap();
    let tables = adapter["table"].as_array().unwrap();
    assert_eq!(tables.len(), 4);
    for table in tables {
        let file = table["files"][0].as_str().unwrap();
        let mut reader = csv::Reader::from_path(folder.0.join(file)).unwrap();
        let header: Vec<&str> = reader.headers().unwrap().iter().collect();
        let columns: Vec<&str> = table["columns"].as_table().unwrap().keys().map(String::as_str).collect();
        assert!(columns.iter().all(|column| header.contains(column)), "{file}: {header:?} against {columns:?}");
        assert_eq!(columns.len(), header.len(), "{file}: a column is written, but not read");
    }
    let named = [("state", "sql"), ("view", "sql"), ("measure", "file"), ("algorithm", "file")]
        .map(|(list, key)| (adapter[list].as_array().unwrap(), key));
    let named = named.iter().flat_map(|(list, key)| list.iter().map(|one| one[*key].as_str().unwrap()));
    for file in named.chain([adapter["decisions"]["sql"].as_str().unwrap()]) {
        assert!(folder.0.join(file).is_file(), "{file}");
    }
    for file in adapter["measure"].as_array().unwrap() {
        let path = folder.0.join(file["file"].as_str().unwrap());
        let measure: toml::Table = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let sql = path.parent().unwrap().join(measure["sql"].as_str().unwrap());
        let sql = std::fs::read_to_string(sql).unwrap();
        let named = match measure.get("comparison") {
            Some(comparison) => vec![&comparison["outcome"], &comparison["group"]],
            None => vec![&measure["concentration"]["column"]],
        };
        for column in named {
            assert!(sql.contains(column.as_str().unwrap()), "{column} is not in {sql}");
        }
    }
    let truth = std::fs::read_to_string(folder.0.join("truth-measures.toml")).unwrap();
    let truth: toml::Table = toml::from_str(&truth).unwrap();
    assert_eq!(truth["planted"][0]["difference_fen"].as_integer(), Some(12));
}
