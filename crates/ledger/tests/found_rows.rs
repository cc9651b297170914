//! Some rows out of many: the same as all of them say, whatever was kept from before, and whatever changed since.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_ledger::{Content, Draft, Erasure, GroupNumber, Ledger, Reader, Row, Setup, Target, decision_draft};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use support::{create, folder, log, person, reader, setup};

/// Rows of different lengths; one of seven is no typed one.
fn drafts(numbers: std::ops::Range<usize>) -> Vec<Draft> {
    let decision = |number: usize| {
        let who = if number.is_multiple_of(3) { "Li-Si" } else { "Wang-Wu" };
        if number.is_multiple_of(7) {
            return support::decision(&[who], &"generic ".repeat(number % 11));
        }
        let record = json!({
            "id": format!("order-{number}"), "at": "2026-05-01T12:00:00Z", "action": "dispatch", "place": "110000",
            "algorithm": "dispatch-v7", "person": who,
            "context": { "continuousMinutes": number, "note": "long ".repeat(number % 13) },
            "resource": { "consents": ["location", format!("of {number}")] },
        });
        decision_draft(&serde_json::from_value(record).unwrap()).unwrap()
    };
    numbers.map(decision).collect()
}

fn opened(path: &Path) -> Ledger {
    Ledger::open(Setup { ahead_bytes: 4096, rows_per_file: 100, ..setup(folder(path)) }).unwrap().0
}

fn all(reader: &Reader) -> BTreeMap<u64, Row> {
    let mut rows = BTreeMap::new();
    reader
        .each_row(0..u64::MAX, |row| {
            rows.insert(row.leaf, row);
            Ok(())
        })
        .unwrap();
    rows
}

/// Each row alone, and stretches of many kinds, are what a walk over everything finds.
fn check(reader: &Reader) {
    let rows = all(reader);
    assert_eq!(rows.len() as u64, reader.size());
    for leaf in rows.keys().step_by(29) {
        assert_eq!(reader.row(*leaf).unwrap(), rows[leaf]);
    }
    for step in [1, 2, 15, 16, 17, 50, 101] {
        for first in [0, 5, 16, 99] {
            let leaves: BTreeSet<u64> = rows.keys().copied().skip(first).step_by(step).collect();
            let wanted: BTreeMap<u64, Row> = leaves.iter().map(|leaf| (*leaf, rows[leaf].clone())).collect();
            assert_eq!(reader.rows(&leaves).unwrap(), wanted, "every {step}th from {first}");
        }
    }
}

fn erase(ledger: &Ledger, name: &str) {
    let target = Target::Person(person(name));
    let (ground, reference) = ("cn.pipl/47/1".to_owned(), format!("request of {name}"));
    ledger.erase(Erasure { target, ground, reference }).unwrap();
}

#[test]
fn some_rows_are_found_wherever_they_stand() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = opened(dir.path());
    log(&ledger, drafts(0..330));
    ledger.checkpoint().unwrap();
    let mut reading = reader(dir.path());
    check(&reading);
    // The last file is written on, and others begin.
    log(&ledger, drafts(330..555));
    ledger.checkpoint().unwrap();
    assert_eq!(reading.size(), 330, "it reads what was signed when it was opened");
    check(&reading);
    reading = reading.later().unwrap();
    check(&reading);
    // Rows go into segments, first all of them, then with later ones beside.
    ledger.seal_segments(1).unwrap();
    check(&reading);
    log(&ledger, drafts(555..700));
    ledger.checkpoint().unwrap();
    reading = reading.later().unwrap();
    check(&reading);
    ledger.seal_segments(1).unwrap();
    log(&ledger, drafts(700..710));
    ledger.checkpoint().unwrap();
    check(&reading.later().unwrap());
    check(&reading);
    ledger.close().unwrap();
}

#[test]
fn an_erasure_is_seen_by_who_had_kept_where_rows_stood() {
    for sealed in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        create(dir.path());
        let ledger = opened(dir.path());
        log(&ledger, drafts(0..450));
        ledger.checkpoint().unwrap();
        if sealed {
            ledger.seal_segments(1).unwrap();
        }
        let early = reader(dir.path());
        check(&early);
        erase(&ledger, "Li-Si");
        ledger.checkpoint().unwrap();
        // What was found out before is not right any more, neither for it nor for one that goes on from it.
        check(&early);
        check(&early.later().unwrap());
        let row = early.row(3).unwrap();
        assert!(matches!(row.groups[1].content, Content::Erased { .. }), "sealed: {sealed}");
        assert!(matches!(early.row(4).unwrap().groups[1].content, Content::Open { .. }));
        assert_eq!(reader(dir.path()).fsck().unwrap().findings, []);
        ledger.close().unwrap();
    }
}

#[test]
fn what_a_disk_loses_after_it_was_looked_at_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = opened(dir.path());
    log(&ledger, drafts(0..400));
    ledger.seal_segments(1).unwrap();
    log(&ledger, drafts(400..450));
    ledger.close().unwrap();
    let reading = reader(dir.path());
    let whole = all(&reading);
    check(&reading);
    for file in ["segments/00000000000000000000-0000000001.parquet", "rows/00000000000000000400.rows"] {
        let path = dir.path().join(file);
        let bytes = std::fs::read(&path).unwrap();
        let (mut wrong, mut right) = (0, 0);
        for at in (0..bytes.len()).step_by(bytes.len() / 60) {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            std::fs::write(&path, &changed).unwrap();
            for leaf in [7, 200, 401, 425] {
                match reading.row(leaf) {
                    Ok(row) => {
                        assert_eq!(row, whole[&leaf], "byte {at} of {file}");
                        right += 1;
                    }
                    Err(error) => {
                        assert!(format!("{error:?}").contains("restore"), "{error:?}");
                        wrong += 1;
                    }
                }
            }
        }
        std::fs::write(&path, &bytes).unwrap();
        assert!(wrong > 0 && right > 0, "{file}: {wrong} {right}");
        check(&reading);
        std::fs::remove_file(&path).unwrap();
        let leaves: BTreeSet<u64> = [7, 425].into();
        assert!(reading.rows(&leaves).is_err(), "{file} is gone");
        std::fs::write(&path, &bytes).unwrap();
    }
    assert_eq!(reading.row(425).unwrap().groups[1].content, whole[&425].groups[1].content);
    assert!(reading.receipt(200, GroupNumber(1)).is_ok());
}
