//! An exported copy of the public part, checked by the second reader alone.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "support/python.rs"]
mod python;
mod support;

use gongdao_ledger::Folder;
use python::{python, run};
use serde_json::{Value as Json, json};
use std::path::Path;
use support::{create, decision, log, reader, signer};

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
    let policy = dir.path().join("policy");
    std::fs::write(&policy, format!("log {}\nquorum none\n", signer().log_key())).unwrap();
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
