//! What an operator who cheats could write, and who finds it. Needs the inside of the writer: the library itself never does so.

use crate::core::{Core, locked};
use crate::draft::{Draft, DraftGroup, Names, prepare};
use crate::open;
use crate::prepared::Prepared;
use crate::{
    Clock, Entropy, Entry, EntryKind, Epoch, Finding, FindingKind, Folder, GroupNumber, LedgerError, LoggedAt,
    PersonId, Reader, Setup, Tag, Value,
};
use gongdao_merkle::{NoteSigner, Policy, sha256};
use std::path::Path;
use std::sync::Arc;

struct Fixed(u64);

impl Entropy for Fixed {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), LedgerError> {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&sha256(&[&self.0.to_be_bytes()])[..chunk.len()]);
        }
        Ok(())
    }
}

impl Clock for Fixed {
    fn now(&self) -> LoggedAt {
        LoggedAt::from_seconds(1_800_000_000)
    }
}

fn signer() -> NoteSigner {
    NoteSigner::new("cheat.example".parse().unwrap(), &[9; 32])
}

fn core(path: &Path) -> Core {
    let storage = Arc::new(Folder::new(path));
    open::create(storage.clone(), "cheat.example".parse().unwrap(), &signer(), &mut Fixed(1 << 20)).unwrap();
    open::open(Setup::new(storage, signer(), Box::new(Fixed(0)), Box::new(Fixed(0)))).unwrap().0
}

fn person(name: &str) -> PersonId {
    name.parse().unwrap()
}

fn prepared(core: &Core, name: &str) -> Prepared {
    let columns = vec![Value::Text("fee".to_owned())];
    let group = DraftGroup { person: Some(person(name)), schema: "test/1".to_owned(), columns };
    let draft = Draft { kind: EntryKind::Decision, groups: vec![group] };
    prepare(&[draft], &Names::Random, &core.keys, &core.entropy).unwrap()
}

fn log(core: &mut Core, name: &str) -> u64 {
    let records = prepared(core, name);
    let leaf = core.commit(&[&records]).unwrap()[0][0].as_ref().unwrap().leaf;
    core.file().unwrap();
    leaf
}

/// Say that a person has had so many entries.
fn count_anew(core: &mut Core, name: &str, count: impl FnOnce(u64) -> u64) {
    count_anew_in(core, name, Epoch(0), count);
}

fn count_anew_in(core: &mut Core, name: &str, epoch: Epoch, count: impl FnOnce(u64) -> u64) {
    let keys = locked(&core.keys).unwrap();
    let slot = keys.slot_of(name).unwrap();
    let key = keys.held(slot).unwrap().mac.tag_key(&core.about.origin, epoch).ready();
    let next = core.epoch.next_of(slot);
    core.epoch.set(slot, key, count(next));
}

/// Log a record whose entry bears the tag that `change` gives.
fn log_with_tag(core: &mut Core, name: &str, tag: Tag) -> u64 {
    let record = prepared(core, name);
    let leaf = core.size();
    let (entry, row) = core.place_for_tests(&record, leaf).unwrap();
    let entry = Entry::new(entry.kind, entry.logged_at, entry.commitment, vec![tag]).unwrap();
    core.write_for_tests(&entry, &row).unwrap();
    leaf
}

fn sealed(mut core: Core, path: &Path) -> Reader {
    core.close_epoch().unwrap();
    core.checkpoint().unwrap();
    drop(core);
    Reader::open(Arc::new(Folder::new(path))).unwrap()
}

fn kinds(findings: &[Finding]) -> Vec<(FindingKind, Option<u64>)> {
    findings.iter().map(|finding| (finding.kind, finding.leaf)).collect()
}

#[test]
fn a_record_under_a_random_tag_is_found_by_the_auditor_and_by_a_receipt() {
    let dir = tempfile::tempdir().unwrap();
    let mut core = core(dir.path());
    log(&mut core, "a");
    let hidden = log_with_tag(&mut core, "a", Tag::from_bytes([5; 16]));
    log(&mut core, "b");
    let reader = sealed(core, dir.path());
    assert_eq!(kinds(&reader.fsck().unwrap().findings), [(FindingKind::Misfiled, Some(1))]);
    // The person sees an end mark of 2 and one tag.
    let policy = Policy::of_log(signer().log_key());
    let receipt = reader.receipt(hidden, GroupNumber(0)).unwrap().verify(&policy).unwrap();
    let statement = reader.statement(&person("a"), Epoch(0)).unwrap();
    assert_eq!(statement.hidden([&receipt]), [1]);
    let key = reader.tag_key(&person("a"), Epoch(0)).unwrap();
    let error = statement.verify(&key, &policy).unwrap_err();
    assert_eq!(error.message, "the end mark is not yours, or does not say 1 entries");
}

#[test]
fn a_record_under_another_persons_tag_is_found_by_the_auditor() {
    let dir = tempfile::tempdir().unwrap();
    let mut core = core(dir.path());
    log(&mut core, "a");
    log(&mut core, "b");
    let key = locked(&core.keys).unwrap().of(&person("b")).unwrap().tag_key(&core.about.origin, Epoch(0));
    log_with_tag(&mut core, "a", key.tag(1));
    let reader = sealed(core, dir.path());
    assert_eq!(kinds(&reader.fsck().unwrap().findings), [(FindingKind::Misfiled, Some(2))]);
}

#[test]
fn a_skipped_number_is_found_by_person_and_auditor() {
    let dir = tempfile::tempdir().unwrap();
    let mut core = core(dir.path());
    log(&mut core, "a");
    count_anew(&mut core, "a", |next| next + 1);
    log(&mut core, "a");
    let reader = sealed(core, dir.path());
    assert_eq!(kinds(&reader.fsck().unwrap().findings), [(FindingKind::Skipped, None)]);
    let statement = reader.statement(&person("a"), Epoch(0)).unwrap();
    let key = reader.tag_key(&person("a"), Epoch(0)).unwrap();
    let error = statement.verify(&key, &Policy::of_log(signer().log_key())).unwrap_err();
    assert_eq!(error.message, "the end mark is not yours, or does not say 1 entries");
}

#[test]
fn a_tag_on_two_entries_cannot_be_sealed_and_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let mut core = core(dir.path());
    log(&mut core, "a");
    count_anew(&mut core, "a", |_| 0);
    log(&mut core, "a");
    let error = core.close_epoch().unwrap_err();
    assert!(error.message.ends_with("stands twice: Leaf(0) and Leaf(1)"), "{error}");
    core.checkpoint().unwrap();
    drop(core);
    let reader = Reader::open(Arc::new(Folder::new(dir.path()))).unwrap();
    assert_eq!(kinds(&reader.fsck().unwrap().findings), [(FindingKind::Duplicated, Some(1))]);
}

#[test]
fn an_entry_without_a_row_and_a_row_that_was_changed_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let mut core = core(dir.path());
    log(&mut core, "a");
    let entry =
        Entry::new(EntryKind::Decision, core.last_at, crate::Commitment::from_bytes([3; 32]), Vec::new()).unwrap();
    core.tiles.push(&entry.to_bytes()).unwrap();
    log(&mut core, "b");
    let records = prepared(&core, "c");
    let (entry, mut row) = core.place_for_tests(&records, 3).unwrap();
    if let crate::Content::Open { bytes, .. } = &mut row.groups[0].content {
        *bytes = crate::group_bytes("test/1", vec![Value::Text("another fee".to_owned())]);
    }
    core.write_for_tests(&entry, &row).unwrap();
    core.checkpoint().unwrap();
    drop(core);
    let reader = Reader::open(Arc::new(Folder::new(dir.path()))).unwrap();
    let found = reader.fsck().unwrap().findings;
    assert_eq!(kinds(&found), [(FindingKind::Row, Some(1)), (FindingKind::ThirdState, Some(3))]);
    assert_eq!(found[0].to_string(), "entry 1: has no row: its content is hidden or lost");
    assert_eq!(found[1].to_string(), "entry 3: group 0 does not open to it");
}

#[test]
fn content_that_is_gone_without_an_erasure_entry_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let mut core = core(dir.path());
    log(&mut core, "a");
    log(&mut core, "b");
    core.rows.erase(&[(0, GroupNumber(0))].into(), 1).unwrap();
    locked(&core.keys).unwrap().destroy(&person("b"), &mut Fixed(1 << 30)).unwrap();
    core.checkpoint().unwrap();
    drop(core);
    let reader = Reader::open(Arc::new(Folder::new(dir.path()))).unwrap();
    let found = reader.fsck().unwrap().findings;
    assert_eq!(kinds(&found), [(FindingKind::ThirdState, Some(0)), (FindingKind::ThirdState, Some(1))]);
    assert_eq!(found[0].message, "group 0 is gone, and no erasure names it");
}

/// Cut anywhere, the parts together say what the whole says; where something is found, nothing.
#[test]
fn parts_that_are_looked_at_beside_each_other_say_the_same_as_the_whole() {
    for is_whole in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let mut core = core(dir.path());
        for name in ["a", "b", "a"] {
            log(&mut core, name);
        }
        core.close_epoch().unwrap();
        for name in ["a", "c", "a", "b"] {
            log(&mut core, name);
        }
        if !is_whole {
            count_anew_in(&mut core, "a", Epoch(1), |next| next - 1);
        }
        log(&mut core, "a");
        core.erase(&crate::Erasure {
            target: crate::Target::Groups([(4, GroupNumber(0)), (7, GroupNumber(0))].into()),
            ground: "cn.pipl/47/1".to_owned(),
            reference: "r".to_owned(),
        })
        .unwrap();
        core.checkpoint().unwrap();
        drop(core);
        let reader = Reader::open(Arc::new(Folder::new(dir.path()))).unwrap();
        let whole = reader.audit(0..reader.size()).unwrap();
        assert_eq!(whole.findings.is_empty(), is_whole, "{whole:?}");
        let known = reader.known().unwrap();
        let mut told = 0;
        for first in 0..reader.size() {
            for second in first..reader.size() {
                let parts = [0..first, first..second, second..reader.size()];
                let beside = reader.audit_beside(&known, &parts).unwrap();
                told += usize::from(beside.is_some());
                assert!(beside.is_none_or(|beside| is_whole && beside == whole), "{first} {second}");
            }
        }
        assert!(!is_whole || told > 10, "{told}");
    }
}
