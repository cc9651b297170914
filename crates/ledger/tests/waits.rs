//! What the writer waits for: its log, and nothing else of the disk.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;
#[path = "support/watched.rs"]
mod watched;

use gongdao_ledger::{Ledger, Setup};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::{create, decision, log, setup};
use watched::Watched;

const SOON: Duration = Duration::from_secs(30);

#[test]
fn while_records_are_logged_the_writer_syncs_its_log_alone() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let watched = Watched::new(dir.path());
    let few = Setup { rows_per_file: 40, ahead_bytes: 1 << 16, ..setup(Arc::new(watched.clone())) };
    let (ledger, _) = Ledger::open(few).unwrap();
    watched.forget();
    // New files of rows, a new level of tiles, new persons, and more than there were zeros for.
    for number in 0..300 {
        log(&ledger, vec![decision(&[&format!("p{number}")], &"x".repeat(1000))]);
    }
    let synced = watched.synced();
    let by_writer: BTreeSet<String> =
        synced.iter().filter(|(thread, _)| thread == "ledger").map(|(_, name)| name.clone()).collect();
    assert_eq!(by_writer, BTreeSet::from(["wal/00000000000000000000.wal".to_owned()]));
    assert!(synced.iter().any(|(thread, name)| thread == "ledger-behind" && name.starts_with("wal/")), "no zeros");
    assert!(dir.path().join("rows/00000000000000000280.rows").exists() && dir.path().join("tiles/1").exists());
    // What the writer did not wait for stands on the disk before anything is signed.
    watched.forget();
    ledger.checkpoint().unwrap();
    let names: BTreeSet<String> = watched.synced().into_iter().map(|(_, name)| name).collect();
    for name in ["rows", "tiles", "tiles/0", "tiles/1", "tiles/entries", "rows/00000000000000000000.rows"] {
        assert!(names.contains(name), "{name} is not synced: {names:?}");
    }
}

#[test]
fn what_comes_together_between_checkpoints_is_synced_before_one_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let watched = Watched::new(dir.path());
    let (ledger, _) = Ledger::open(Setup { flush_bytes: 4096, ..setup(Arc::new(watched.clone())) }).unwrap();
    let started = Instant::now();
    let is_flushed = |name: &str| {
        let synced = watched.synced();
        synced.iter().any(|(thread, other)| thread == "ledger-behind" && other == name)
    };
    while !(is_flushed("rows/00000000000000000000.rows") && is_flushed("tiles/entries") && is_flushed("tiles/0")) {
        assert!(started.elapsed() < SOON, "{:?}", watched.synced());
        log(&ledger, vec![decision(&["a"], &"x".repeat(200)), decision(&["a"], "y")]);
    }
    ledger.close().unwrap();
    assert_eq!(support::reader(dir.path()).fsck().unwrap().findings, []);
}

#[test]
fn a_key_on_its_way_to_the_disk_holds_back_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let watched = Watched::new(dir.path());
    let (ledger, _) = Ledger::open(setup(Arc::new(watched.clone()))).unwrap();
    log(&ledger, vec![decision(&["known"], "x")]);
    let (waits, go_on) = watched.hold("keys/log");
    std::thread::scope(|scope| {
        let fresh = scope.spawn(|| log(&ledger, vec![decision(&["new"], "x")])[0]);
        waits.recv_timeout(SOON).unwrap();
        // The key is made and not durable: a record under another one is logged, one under this one is not.
        assert_eq!(log(&ledger, vec![decision(&["known"], "y")]), [1]);
        let second = scope.spawn(|| log(&ledger, vec![decision(&["new"], "y")])[0]);
        assert_eq!(log(&ledger, vec![decision(&["known"], "z")]), [2]);
        assert!(!fresh.is_finished() && !second.is_finished());
        go_on.send(()).unwrap();
        let places = BTreeSet::from([fresh.join().unwrap(), second.join().unwrap()]);
        assert_eq!(places, BTreeSet::from([3, 4]));
    });
    ledger.close().unwrap();
    assert_eq!(support::reader(dir.path()).fsck().unwrap().findings, []);
}
