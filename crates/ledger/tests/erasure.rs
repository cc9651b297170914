//! Erasing: not one planted byte is left, every proof of others holds, and what was erased is accounted for.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_ledger::{
    Content, Epoch, Erasure, ErrorKind, FindingKind, GroupNumber, Ledger, LoggedAt, Receipt, Restriction, Setup,
    Stated, Target,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use support::{create, decision, folder, log, open, person, policy, reader, setup};

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn files_with(folder: &Path, planted: &[u8]) -> Vec<PathBuf> {
    let has = |path: &PathBuf| std::fs::read(path).unwrap().windows(planted.len()).any(|window| window == planted);
    files(folder).into_iter().filter(has).collect()
}

fn erase(name: &str) -> Erasure {
    let target = Target::Person(person(name));
    Erasure { target, ground: "cn.pipl/47/1".to_owned(), reference: "request-7".to_owned() }
}

/// With a write-ahead log that is quickly searched.
fn small(path: &Path) -> Ledger {
    Ledger::open(Setup { ahead_bytes: 4096, ..setup(folder(path)) }).unwrap().0
}

#[test]
fn after_a_person_is_erased_no_byte_of_theirs_is_in_any_file() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    let some = || (0..100).map(|_| decision(&["Li-Si-7731", "other"], "planted-Qx9")).collect();
    log(&ledger, some());
    ledger.close_epoch().unwrap();
    ledger.checkpoint().unwrap();
    log(&ledger, some());
    log(&ledger, vec![decision(&["Wang-Wu"], "kept")]);
    ledger.checkpoint().unwrap();
    let before = reader(dir.path());
    let (hers, others) = (before.receipt(3, GroupNumber(1)).unwrap(), before.receipt(3, GroupNumber(2)).unwrap());
    // Not only files: rows since the last checkpoint stand in the write-ahead log.
    log(&ledger, some());
    assert!(files_with(dir.path(), b"planted-Qx9 of Li-Si-7731").len() >= 2);
    let key = before.tag_key(&person("Li-Si-7731"), Epoch(0)).unwrap();

    let erased = ledger.erase(erase("Li-Si-7731")).unwrap();
    assert_eq!((erased.groups, erased.leaf), (300, 302));
    for planted in [&b"Li-Si-7731"[..], b"planted-Qx9 of Li-Si"] {
        assert_eq!(files_with(dir.path(), planted), Vec::<PathBuf>::new());
    }
    assert!(!files_with(dir.path(), b"kept of Wang-Wu").is_empty());

    let after = reader(dir.path());
    assert_eq!(after.fsck().unwrap().findings, []);
    assert_eq!(after.fsck().unwrap().erased, 300);
    assert_eq!(after.receipt(3, GroupNumber(1)).unwrap_err().message, "the content of entry 3 was erased");
    assert!(after.tag_key(&person("Li-Si-7731"), Epoch(0)).is_err());
    // Receipts given before stay valid, hers too; and those of others can still be made.
    for receipt in [hers, others, after.receipt(3, GroupNumber(2)).unwrap()] {
        Receipt::parse(receipt.to_string().as_bytes()).unwrap().verify(&policy()).unwrap();
    }
    // With the tag key that she was given before, her entries are still found in the index.
    let statement = after.statement(&person("other"), Epoch(0)).unwrap();
    let other = after.tag_key(&person("other"), Epoch(0)).unwrap();
    assert_eq!(statement.verify(&other, &policy()).unwrap().len(), 100);
    assert!(after.entry(3).unwrap().tags().contains(&key.tag(3)));
    // The erasure entry does not say whose it was.
    let row = after.row(erased.leaf).unwrap();
    assert!(matches!(&row.groups[0].content, Content::Open { person: None, .. }));
    drop(ledger);
}

#[test]
fn the_key_that_a_persons_key_was_sealed_under_is_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = small(dir.path());
    log(&ledger, vec![decision(&["a"], "x"), decision(&["b"], "y")]);
    ledger.checkpoint().unwrap();
    let before = std::fs::read(dir.path().join("keys/table")).unwrap();
    let shard_keys: Vec<&[u8]> = before.chunks(64).filter(|slot| slot[7] != 0).map(|slot| &slot[8..40]).collect();
    assert_eq!(shard_keys.len(), 64);
    let gone = || shard_keys.iter().filter(|key| files_with(dir.path(), key).is_empty()).count();
    assert_eq!(gone(), 0);
    ledger.erase(erase("a")).unwrap();
    assert_eq!(gone(), 1);
    drop(ledger);
    let ledger = small(dir.path());
    ledger.erase(erase("b")).unwrap();
    assert_eq!(gone(), 2);
}

#[test]
fn after_one_record_is_erased_its_person_has_the_others() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    log(&ledger, (0..3).map(|number| decision(&["a"], &format!("planted-{number}"))).collect());
    ledger.checkpoint().unwrap();
    let target = Target::Groups(BTreeSet::from([(2, GroupNumber(1))]));
    let reference = "request-8".to_owned();
    ledger.erase(Erasure { target, ground: "cn.pipl/47/1".to_owned(), reference }).unwrap();
    assert_eq!(files_with(dir.path(), b"planted-2"), Vec::<PathBuf>::new());
    drop(ledger);
    // The next entry of the person must not bear the tag that the erased one bears.
    let ledger = open(dir.path());
    log(&ledger, vec![decision(&["a"], "later")]);
    ledger.close_epoch().unwrap();
    ledger.checkpoint().unwrap();
    let reader = reader(dir.path());
    assert_eq!(reader.fsck().unwrap().findings, []);
    let key = reader.tag_key(&person("a"), Epoch(0)).unwrap();
    let stated = reader.statement(&person("a"), Epoch(0)).unwrap().verify(&key, &policy()).unwrap();
    let leaves: Vec<(u64, bool)> = stated
        .iter()
        .map(|stated| match stated {
            Stated::Opened(opened) => (opened.leaf, true),
            Stated::Erased { leaf, .. } => (*leaf, false),
        })
        .collect();
    assert_eq!(leaves, [(0, true), (1, true), (2, false), (4, true)]);
    drop(ledger);
}

#[test]
fn a_person_who_comes_back_has_a_new_key() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    log(&ledger, vec![decision(&["a"], "first"), decision(&["b"], "first")]);
    ledger.checkpoint().unwrap();
    let old = reader(dir.path()).tag_key(&person("a"), Epoch(0)).unwrap();
    ledger.erase(erase("a")).unwrap();
    log(&ledger, vec![decision(&["a"], "second")]);
    ledger.close_epoch().unwrap();
    ledger.checkpoint().unwrap();
    drop(ledger);
    let ledger = open(dir.path());
    let reader = reader(dir.path());
    let key = reader.tag_key(&person("a"), Epoch(0)).unwrap();
    assert_ne!(key.as_bytes(), old.as_bytes());
    assert_eq!(reader.statement(&person("a"), Epoch(0)).unwrap().verify(&key, &policy()).unwrap().len(), 1);
    assert_eq!(reader.fsck().unwrap().findings, []);
    drop(ledger);
}

#[test]
fn what_the_law_keeps_is_refused_with_its_article() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let clock = support::Hand::at(1_800_000_000);
    let mut with_clock = setup(folder(dir.path()));
    with_clock.clock = Box::new(clock.clone());
    let ledger = Ledger::open(with_clock).unwrap().0;
    log(&ledger, vec![decision(&["Zhao-Liu-31"], "x"), decision(&["b"], "y")]);
    let until = Some(LoggedAt::from_seconds(1_800_000_100));
    let restriction =
        Restriction { person: person("Zhao-Liu-31"), article: "cn.e-commerce-law/31/1".to_owned(), until };
    assert_eq!(ledger.restrict(restriction).unwrap(), 2);
    let error = ledger.erase(erase("Zhao-Liu-31")).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Input);
    assert_eq!(error.message, "the person's records are kept under `cn.e-commerce-law/31/1`");
    let groups = Target::Groups(BTreeSet::from([(0, GroupNumber(1))]));
    assert_eq!(ledger.erase(Erasure { target: groups, ..erase("a") }).unwrap_err(), error);
    ledger.erase(erase("b")).unwrap();
    assert_eq!(ledger.erase(erase("b")).unwrap_err().message, "there is nothing to erase");
    clock.0.store(1_800_000_100, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(ledger.erase(erase("Zhao-Liu-31")).unwrap().groups, 2);
    assert_eq!(files_with(dir.path(), b"Zhao-Liu-31"), Vec::<PathBuf>::new());
    let missing = Target::Groups(BTreeSet::from([(1, GroupNumber(9))]));
    assert_eq!(ledger.erase(Erasure { target: missing, ..erase("a") }).unwrap_err().message, "entry 1 has no group 9");
}

#[test]
fn a_restored_row_is_found_as_resurrected() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    log(&ledger, vec![decision(&["a"], "x"), decision(&["a"], "y")]);
    ledger.checkpoint().unwrap();
    let rows = dir.path().join("rows/00000000000000000000.rows");
    let old = std::fs::read(&rows).unwrap();
    let target = Target::Groups(BTreeSet::from([(0, GroupNumber(1))]));
    ledger.erase(Erasure { target, ..erase("a") }).unwrap();
    ledger.close().unwrap();
    let erasure_row = std::fs::read(&rows).unwrap();
    // The old rows of a copy, and the erasure's row after them: its frame is what the rewritten file has after its first two.
    let length = |bytes: &[u8]| 8 + usize::try_from(u32::from_be_bytes(bytes[..4].try_into().unwrap())).unwrap();
    let first = length(&erasure_row);
    let second = length(&erasure_row[first..]);
    std::fs::write(&rows, [&old, &erasure_row[first + second..]].concat()).unwrap();
    let found = reader(dir.path()).fsck().unwrap().findings;
    assert_eq!(
        found.iter().map(|finding| (finding.kind, finding.leaf)).collect::<Vec<_>>(),
        [(FindingKind::Resurrected, Some(0))]
    );
    assert_eq!(found[0].to_string(), "entry 0: group 1 is there although entry 2 says that it was erased");
}
