//! An exported copy of the public part, checked by the second reader alone.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "support/held.rs"]
mod held;
#[path = "support/python.rs"]
mod python;
mod support;

use gongdao_ledger::{Epoch, Folder, Ledger, Reader, back_up};
use held::{Held, LONG};
use python::{python, run};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use support::{create, decision, folder, log, person, policy, reader, setup, signer};

/// Another client than ours reads an exported log, and makes its tag indexes again.
#[test]
fn a_second_reader_checks_an_exported_log() {
    let Some(python) = python() else { return };
    let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    create(dir.path());
    let ledger = support::open(dir.path());
    for epoch in 0..3 {
        log(&ledger, (0..400).map(|number| decision(&["a", &format!("p{}", number % (epoch + 9))], "x")).collect());
        ledger.close_epoch().unwrap();
    }
    ledger.close().unwrap();
    reader(dir.path()).export(&Folder::new(copy.path()), None).unwrap();
    let policy = policy_file(dir.path());
    let check = || run(&python, &[Path::new("--mirror"), copy.path(), &policy]);
    let output = check();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(serde_json::from_slice::<Json>(&output.stdout).unwrap(), json!({ "size": 1203, "epochs": 3 }));
    for (file, why) in [
        ("tile/0/001", "tile 0 1"),
        ("tile/1/000.p/4", "tile 1 0"),
        ("tile/entries/002", "root"),
        ("epochs/00000000000000000001", "index"),
    ] {
        let path = copy.path().join(file);
        let whole = std::fs::read(&path).unwrap();
        let mut bytes = whole.clone();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let output = check();
        std::fs::write(&path, whole).unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && error.contains(&format!("Refused: {why}")), "{file}: {error}");
    }
}

fn policy_file(folder: &Path) -> PathBuf {
    let policy = folder.join("policy");
    std::fs::write(&policy, format!("log {}\nquorum none\n", signer().log_key())).unwrap();
    policy
}

/// Records are logged while the index of the epoch before is made, and its seal stands after them.
#[test]
fn a_seal_that_stands_later_than_its_epoch_is_read_by_both_readers_and_survives_a_crash() {
    let (dir, copy, export) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    create(dir.path());
    let (storage, waiting, go_on) = Held::new(dir.path(), "epochs/00000000000000000000.new");
    let ledger = Ledger::open(setup(Arc::new(storage))).unwrap().0;
    let few = || vec![decision(&["a", "b"], "x"), decision(&["a"], "y")];
    log(&ledger, few());
    std::thread::scope(|scope| {
        let closing = scope.spawn(|| ledger.close_epoch().unwrap());
        waiting.recv_timeout(LONG).unwrap();
        assert_eq!(log(&ledger, few()), [2, 3]);
        ledger.checkpoint().unwrap();
        assert!(reader(dir.path()).closed_epoch(Epoch(0)).unwrap().is_none());
        assert_eq!(reader(dir.path()).fsck().unwrap().findings, []);
        // As a crash at this moment would leave it.
        back_up(&folder(dir.path()), folder(copy.path())).unwrap();
        assert_eq!(log(&ledger, few()), [4, 5]);
        go_on.send(()).unwrap();
        assert_eq!(closing.join().unwrap().end_leaf, 2);
    });
    ledger.close_epoch().unwrap();
    ledger.close().unwrap();
    assert_eq!(places_of_seals(&reader(dir.path())), [(2, 6), (7, 7)]);
    reader(dir.path()).export(&Folder::new(export.path()), Some(5)).unwrap();
    assert!(export.path().join("epochs/00000000000000000000").exists());
    reader(dir.path()).export(&Folder::new(export.path()), Some(0)).unwrap();
    if let Some(python) = python() {
        let output = run(&python, &[Path::new("--mirror"), export.path(), &policy_file(dir.path())]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(serde_json::from_slice::<Json>(&output.stdout).unwrap(), json!({ "size": 8, "epochs": 2 }));
    }
    let ledger = support::open(copy.path());
    assert_eq!(log(&ledger, few()), [4, 5]);
    assert_eq!(ledger.close_epoch().unwrap().end_leaf, 7);
    ledger.close().unwrap();
    assert_eq!(places_of_seals(&reader(copy.path())), [(2, 6), (7, 7)]);
}

/// Where epochs end and where their seals stand, after all that can be checked was checked.
fn places_of_seals(reader: &Reader) -> Vec<(u64, u64)> {
    assert_eq!(reader.fsck().unwrap().findings, []);
    let mut statements = Vec::new();
    for epoch in (0..).map(Epoch).take_while(|epoch| reader.closed_epoch(*epoch).unwrap().is_some()) {
        let statement = reader.statement(&person("a"), epoch).unwrap();
        let key = reader.tag_key(&person("a"), epoch).unwrap();
        assert!(!statement.verify(&key, &policy()).unwrap().is_empty());
        statements.push(statement);
    }
    statements.windows(2).for_each(|pair| pair[1].verify_follows(&pair[0]).unwrap());
    statements.iter().map(|statement| (statement.seal.end_leaf, statement.seal_proof.index)).collect()
}
