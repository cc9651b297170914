//! Damaged ledger files, through the same harness as the fuzz target `ledger`; and folders with one damaged file.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "../../../fuzz/harness/ledger.rs"]
mod ledger;
#[path = "../../../fuzz/harness/ledger_folder.rs"]
mod ledger_folder;
#[path = "../../../fuzz/harness/mutate.rs"]
mod mutate;
mod support;

use gongdao_ledger::{Epoch, GroupNumber, Receipt};
use mutate::{damage, damaged};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use support::{create, decision, log, open, person, reader, signer};

const WORDS: [&str; 6] = ["\u{1}", "\n", "extra ", "index 0\n", "A", "gongdao"];

/// A good input for each reader, from a small ledger.
static MADE: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    log(&ledger, vec![decision(&["a", "b"], "x"), decision(&["a"], "y")]);
    ledger.close_epoch().unwrap();
    ledger.seal_segments(1).unwrap();
    log(&ledger, vec![decision(&["a"], "not sealed")]);
    ledger.checkpoint().unwrap();
    log(&ledger, vec![decision(&["c"], "not yet signed")]);
    let reader = reader(dir.path());
    let receipt = reader.receipt(0, GroupNumber(1)).unwrap();
    let statement = reader.statement(&person("a"), Epoch(0)).unwrap();
    let epoch = std::fs::read(dir.path().join("epochs/00000000000000000000")).unwrap();
    vec![
        receipt.opening().to_bytes(),
        receipt.opening().entry.to_bytes(),
        receipt.opening().to_bytes(),
        statement.to_bytes(),
        statement.seal.to_bytes(),
        statement.next.before.as_ref().or(statement.next.after.as_ref()).unwrap().line.to_bytes().to_vec(),
        epoch,
        receipt.to_string().into_bytes(),
    ]
});

#[test]
fn every_reader_has_a_seed() {
    assert_eq!(MADE.len(), usize::from(ledger::READERS));
    for (reader, seed) in (0..).zip(MADE.iter()) {
        ledger::drive(reader, seed);
    }
}

/// More groups than there are numbers for, in what a stranger hands over.
#[test]
fn a_receipt_of_too_many_groups_is_refused_in_words() {
    let receipt = Receipt::parse(&MADE[7]).unwrap();
    for count in [65_534, 65_535, 65_536, 65_537, 140_000] {
        let mut opening = receipt.opening().clone();
        opening.others = vec![opening.others[0]; count];
        opening.others[usize::from(opening.group.0)] = None;
        let text = Receipt::new(receipt.proof().clone(), opening).to_string();
        let error = Receipt::parse(text.as_bytes()).unwrap().verify(&support::policy()).unwrap_err();
        let words = if count < 65_536 { "the content is not what the entry commits to" } else { "a record of " };
        assert!(error.message.starts_with(words), "{count}: {error}");
    }
}

/// A folder with a file of every kind.
static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    ledger_folder::make(dir.path(), &signer);
    dir
});

#[test]
fn a_folder_that_nobody_damaged_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    copy(FOLDER.path(), dir.path());
    let kinds = [
        "checkpoint",
        "copying",
        "epochs",
        "erasures",
        "keys",
        "ledger",
        "lock",
        "rows",
        "segments",
        "tiles",
        "wal",
        "witness",
    ];
    let mut found: Vec<String> =
        std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    assert_eq!(found, kinds);
    // The erasure that was interrupted is carried out.
    let (ledger, recovery) = gongdao_ledger::Ledger::open(support::setup(support::folder(dir.path()))).unwrap();
    assert!(recovery.resumed_erasure);
    ledger.close().unwrap();
    let checked = reader(dir.path()).fsck().unwrap();
    assert_eq!((checked.findings, checked.erased), (Vec::new(), 1));
    ledger_folder::drive(dir.path(), &signer);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn copy(from: &Path, to: &Path) {
    for path in files(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&path, target).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn damaged_input_is_read_or_refused_in_words(reader in 0..ledger::READERS, acts in damage()) {
        ledger::drive(reader, &damaged(&MADE[usize::from(reader)], &acts, &WORDS));
    }

    #[test]
    fn noise_is_refused_in_words(reader in 0..ledger::READERS, bytes in prop::collection::vec(any::<u8>(), 0..96)) {
        ledger::drive(reader, &bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_folder_with_a_damaged_file_is_opened_or_refused_in_words(which in any::<prop::sample::Index>(), acts in damage(), start in 0..700_usize) {
        let dir = tempfile::tempdir().unwrap();
        copy(FOLDER.path(), dir.path());
        let files = files(dir.path());
        let file = which.get(&files);
        let whole = std::fs::read(file).unwrap();
        // The write-ahead log is mostly zeros; damage falls near its frames.
        let near = start.min(whole.len());
        let end = (near + 600).min(whole.len());
        let part = damaged(&whole[near..end], &acts, &WORDS);
        std::fs::write(file, [&whole[..near], &part, &whole[end..]].concat()).unwrap();
        ledger_folder::drive(dir.path(), &signer);
    }
}
