//! Rows in segments: read as before, erased without a byte left, refused when changed, and read by an engine that is not ours.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "support/python.rs"]
mod python;
mod support;

use gongdao_ledger::{
    Draft, Epoch, Erasure, GroupNumber, Ledger, Reader, Receipt, Row, Sealed, Setup, Target, decision_draft,
};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use support::{create, folder, log, open, person, policy, reader, setup};

fn json(number: usize, person: &str) -> Json {
    json!({
        "id": format!("order-{number}"), "at": format!("2026-05-01T12:{:02}:00Z", number % 60), "action": "dispatch",
        "place": "110000", "algorithm": "dispatch-v7", "person": person,
        "principal": { "filed": number.is_multiple_of(2) },
        "resource": { "consents": ["location", "photo"], "ageGroup": "adult" },
        "context": { "continuousMinutes": number, "note": format!("planted-{person}") },
    })
}

fn draft(number: usize, person: &str) -> Draft {
    decision_draft(&serde_json::from_value(json(number, person)).unwrap()).unwrap()
}

fn drafts(numbers: std::ops::Range<usize>) -> Vec<Draft> {
    numbers.map(|number| draft(number, if number % 3 == 0 { "Li-Si-7731" } else { "Wang-Wu" })).collect()
}

fn rows(reader: &Reader) -> Vec<Row> {
    let mut rows = Vec::new();
    reader
        .each_row(0..u64::MAX, |row| {
            rows.push(row);
            Ok(())
        })
        .unwrap();
    rows
}

fn names(path: &Path, folder: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(path.join(folder)) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

fn files_with(folder: &Path, planted: &[u8]) -> Vec<PathBuf> {
    let has = |path: &PathBuf| std::fs::read(path).unwrap().windows(planted.len()).any(|window| window == planted);
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(
            |path| {
                if path.is_dir() { files_with(&path, planted) } else { vec![path].into_iter().filter(has).collect() }
            },
        )
        .collect()
}

#[test]
fn sealed_rows_are_read_as_before_and_later_ones_from_row_files() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    log(&ledger, drafts(0..50));
    log(&ledger, vec![support::decision(&["other"], "generic")]);
    ledger.close_epoch().unwrap();
    ledger.checkpoint().unwrap();
    let before = rows(&reader(dir.path()));
    let statement = reader(dir.path()).statement(&person("Wang-Wu"), Epoch(0)).unwrap();
    // Opened before the sealing, read after it.
    let early = reader(dir.path());
    assert_eq!(ledger.seal_segments(53).unwrap(), Sealed::default());
    assert_eq!(names(dir.path(), "segments"), Vec::<String>::new());
    assert_eq!(ledger.seal_segments(52).unwrap(), Sealed { rows: 52, end: 52 });
    assert_eq!(names(dir.path(), "rows"), Vec::<String>::new());
    assert_eq!(names(dir.path(), "segments"), ["00000000000000000000-0000000001.parquet", "manifest"]);
    assert_eq!(rows(&early), before);
    assert_eq!(early.statement(&person("Wang-Wu"), Epoch(0)).unwrap(), statement);
    log(&ledger, drafts(50..60));
    ledger.checkpoint().unwrap();
    assert_eq!(names(dir.path(), "rows"), ["00000000000000000052.rows"]);
    let later = reader(dir.path());
    assert_eq!(rows(&later)[..52], before);
    assert_eq!(rows(&later).len(), 62);
    for leaf in [0, 20, 50, 51, 52, 61] {
        assert_eq!(later.row(leaf).unwrap().leaf, leaf);
    }
    let receipt = later.receipt(7, GroupNumber(1)).unwrap();
    Receipt::parse(receipt.to_string().as_bytes()).unwrap().verify(&policy()).unwrap();
    let both = later.rows(&[7, 55].into()).unwrap();
    assert_eq!(later.receipts(both.values(), GroupNumber(1)).unwrap()[&7], receipt, "of sealed rows and later ones");
    assert_eq!(later.fsck().unwrap().findings, []);
    assert_eq!(ledger.seal_segments(1).unwrap(), Sealed { rows: 10, end: 62 });
    assert_eq!(ledger.seal_segments(1).unwrap(), Sealed::default());
    drop(ledger);
    let ledger = open(dir.path());
    assert_eq!(log(&ledger, drafts(60..61)), [62]);
    ledger.close().unwrap();
    assert_eq!(reader(dir.path()).fsck().unwrap().findings, []);
}

#[test]
fn after_an_erasure_no_planted_byte_is_left_in_a_segment() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    // A write-ahead log that is quickly searched.
    let ledger = Ledger::open(Setup { ahead_bytes: 4096, ..setup(folder(dir.path())) }).unwrap().0;
    log(&ledger, drafts(0..100));
    ledger.seal_segments(1).unwrap();
    log(&ledger, drafts(100..200));
    ledger.seal_segments(1).unwrap();
    log(&ledger, (200..300).map(|number| draft(number, "Wang-Wu")).collect());
    ledger.seal_segments(1).unwrap();
    log(&ledger, drafts(300..310));
    let before = names(dir.path(), "segments");
    // Statistics, dictionaries and names that two rows share stand uncompressed; pages are looked into by reading them.
    assert!(!files_with(&dir.path().join("segments"), b"Li-Si-7731").is_empty());
    let others = rows(&reader(dir.path())).into_iter().filter(|row| row.leaf % 3 != 0).collect::<Vec<_>>();
    let hers = reader(dir.path()).receipt(3, GroupNumber(1)).unwrap();

    let target = Target::Person(person("Li-Si-7731"));
    let reference = "request-7".to_owned();
    let erased = ledger.erase(Erasure { target, ground: "cn.pipl/47/1".to_owned(), reference }).unwrap();
    assert_eq!(erased.groups, 34 + 33 + 4);
    for planted in [&b"Li-Si-7731"[..], b"planted-Li"] {
        assert_eq!(files_with(dir.path(), planted), Vec::<PathBuf>::new());
    }
    let after = reader(dir.path());
    for row in rows(&after) {
        assert!(!format!("{row:?}").contains("Li-Si"));
    }
    // Two segments are new files, the third is the same, and none of the old ones is left.
    let now = names(dir.path(), "segments");
    assert_eq!(now.len(), before.len());
    assert_eq!(now.iter().filter(|name| before.contains(name)).count(), 2, "{now:?}");
    let kept = rows(&after).into_iter().filter(|row| row.leaf % 3 != 0 && row.leaf < 310);
    assert_eq!(kept.filter(|row| others.contains(row)).count(), others.len());
    let found = after.fsck().unwrap();
    assert_eq!((found.findings, found.erased), (Vec::new(), 71));
    hers.verify(&policy()).unwrap();
    drop(ledger);
}

#[test]
fn whoever_reads_meanwhile_sees_every_row_once() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = Ledger::open(Setup { ahead_bytes: 4096, rows_per_file: 7, ..setup(folder(dir.path())) }).unwrap().0;
    log(&ledger, drafts(0..50));
    ledger.checkpoint().unwrap();
    let is_done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let mut rounds = 0;
            while !is_done.load(std::sync::atomic::Ordering::SeqCst) {
                let reader = reader(dir.path());
                let size = reader.size();
                let leaves: Vec<u64> = rows(&reader).iter().map(|row| row.leaf).collect();
                assert_eq!(leaves, (0..size).collect::<Vec<_>>());
                assert_eq!(reader.row(size / 2).unwrap().leaf, size / 2);
                rounds += 1;
            }
            rounds
        });
        for round in 0..30 {
            log(&ledger, drafts(50..60));
            ledger.seal_segments(1).unwrap();
            let target = Target::Groups([(round * 2, GroupNumber(1))].into());
            let reference = round.to_string();
            ledger.erase(Erasure { target, ground: "cn.pipl/47/1".to_owned(), reference }).unwrap();
        }
        is_done.store(true, std::sync::atomic::Ordering::SeqCst);
        assert!(reading.join().unwrap() > 0);
    });
    let found = reader(dir.path()).fsck().unwrap();
    assert_eq!((found.findings, found.erased), (Vec::new(), 30));
    drop(ledger);
}

#[test]
fn a_changed_removed_or_older_file_is_named_and_nothing_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    log(&ledger, drafts(0..20));
    ledger.seal_segments(1).unwrap();
    let manifest = dir.path().join("segments/manifest");
    let first = std::fs::read(&manifest).unwrap();
    log(&ledger, drafts(20..40));
    ledger.seal_segments(1).unwrap();
    ledger.close().unwrap();
    let segment = "segments/00000000000000000000-0000000001.parquet";
    let with = |file: &str, bytes: Option<&[u8]>| {
        let path = dir.path().join(file);
        let whole = std::fs::read(&path).unwrap();
        match bytes {
            Some(bytes) => std::fs::write(&path, bytes).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        let files = (names(dir.path(), "segments"), names(dir.path(), "rows"));
        let read = Reader::open(folder(dir.path())).and_then(|reader| reader.fsck());
        let opened = Ledger::open(setup(folder(dir.path())));
        assert_eq!((names(dir.path(), "segments"), names(dir.path(), "rows")), files);
        std::fs::write(&path, whole).unwrap();
        let read = read.map(|audit| audit.findings.len()).map_err(|error| error.message);
        (read, opened.map(|_| ()).map_err(|error| error.message))
    };
    let whole = std::fs::read(dir.path().join(segment)).unwrap();
    for at in (0..whole.len()).step_by(97) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        let message = format!("`{segment}` is not the file that the manifest signs for");
        assert_eq!(with(segment, Some(&bytes)).0, Err(message));
    }
    assert_eq!(with(segment, None).0, Err(format!("`{segment}` is gone")));
    let gone = Err("`segments/manifest` is gone, and rows were sealed".to_owned());
    assert_eq!(with("segments/manifest", None), (gone.clone().map(|()| 0), gone));
    let older = "the manifest of 20 sealed rows does not go with the files around it";
    assert_eq!(with("segments/manifest", Some(&first)), (Ok(20), Err(older.to_owned())));
    let mut changed = first.clone();
    changed[60] ^= 1;
    assert!(with("segments/manifest", Some(&changed)).0.is_err());
    assert_eq!(
        with("segments/manifest", Some(b"gongdao-segments/1\n")).1.unwrap_err().split(':').next(),
        Some("`segments/manifest`")
    );
    // One from before an erasure: the files that it names are gone, and those that hold the rows must stay.
    let second = std::fs::read(&manifest).unwrap();
    let ledger = open(dir.path());
    let target = Target::Groups([(4, GroupNumber(1))].into());
    ledger.erase(Erasure { target, ground: "cn.pipl/47/1".to_owned(), reference: "request-9".to_owned() }).unwrap();
    ledger.close().unwrap();
    let older = "the manifest of 40 sealed rows does not go with the files around it";
    let gone = format!("`{segment}` is gone");
    assert_eq!(with("segments/manifest", Some(&second)), (Err(gone), Err(older.to_owned())));
    assert_eq!(Reader::open(folder(dir.path())).unwrap().fsck().unwrap().findings, []);
}

/// What `DuckDB` says of a segment, beside what was logged.
#[test]
fn duckdb_reads_a_segment_as_it_is() {
    let Some(python) = python::python_with("duckdb", "segment-reader") else { return };
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    log(&ledger, drafts(0..300));
    ledger.close_epoch().unwrap();
    ledger.seal_segments(1).unwrap();
    let target = Target::Groups([(4, GroupNumber(1))].into());
    let reference = "request-8".to_owned();
    ledger.erase(Erasure { target, ground: "cn.pipl/47/1".to_owned(), reference }).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent/segments.py");
    let output = std::process::Command::new(python).arg(script).arg(dir.path().join("segments")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&said["rows"], &said["decisions"], &said["erased"]), (&json!(301), &json!(299), &json!([[4, 301]])));
    let expected: Vec<Json> = (0..300)
        .filter(|number| *number != 4)
        .map(|number| {
            let mut decision = json(number, if number % 3 == 0 { "Li-Si-7731" } else { "Wang-Wu" });
            decision["leaf"] = json!(number);
            decision
        })
        .collect();
    assert_eq!(said["all"], json!(expected));
    assert_eq!(said["longest"], json!([["Li-Si-7731", 297, 100], ["Wang-Wu", 299, 199]]));
    drop(ledger);
}
