//! Every step of the disk is broken once, in every way; then what must hold is checked on what is left.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "support/crash_disk.rs"]
mod crash_disk;
mod support;

use crash_disk::{CrashDisk, Fault};
use gongdao_ledger::{
    Draft, Erasure, ErrorKind, FindingKind, Ledger, LedgerError, Logged, LoggedAt, Reader, RecordId, Setup, Target,
};
use gongdao_merkle::RootHash;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use support::{Hand, ORIGIN, Seeded, decision, person, setup, signer};

/// What was promised before the fault.
#[derive(Default)]
struct Promised {
    acknowledged: BTreeMap<u64, RecordId>,
    signed: Vec<(u64, RootHash)>,
    /// Place of the record that has an id.
    named: Option<u64>,
    erased: bool,
    failed: bool,
}

fn small(disk: &CrashDisk) -> Setup {
    Setup { ahead_bytes: 4096, flush_bytes: 1, rotate_bytes: 3000, rows_per_file: 3, ..setup(Arc::new(disk.clone())) }
}

/// Log, sign, seal and erase; stop at the first error, and see that nothing is acknowledged after it.
fn work(ledger: &Ledger, promised: &mut Promised) -> Result<(), LedgerError> {
    let log = |promised: &mut Promised, persons: &[&str]| -> Result<(), LedgerError> {
        let drafts = vec![decision(persons, "planted-secret"), decision(persons, "second")];
        for placed in ledger.append(drafts)?.wait()? {
            let placed = placed?;
            assert!(promised.acknowledged.insert(placed.leaf, placed.record).is_none());
        }
        Ok(())
    };
    let sign = |promised: &mut Promised| -> Result<(), LedgerError> {
        let signed = ledger.checkpoint()?;
        promised.signed.push((signed.unverified().size, signed.unverified().root));
        Ok(())
    };
    let once = |promised: &mut Promised| -> Result<(), LedgerError> {
        for placed in ledger.append_once(vec![named(), named()])?.wait()? {
            let Logged { leaf, record, is_repeat, .. } = placed?;
            assert_eq!((promised.named.unwrap_or(leaf), promised.named.is_some()), (leaf, is_repeat));
            promised.named = Some(leaf);
            promised.acknowledged.insert(leaf, record);
        }
        Ok(())
    };
    log(promised, &["a", "b"])?;
    once(promised)?;
    sign(promised)?;
    once(promised)?;
    for _ in 0..5 {
        log(promised, &["c"])?;
    }
    ledger.close_epoch()?;
    ledger.seal_segments(1)?;
    log(promised, &["a"])?;
    sign(promised)?;
    log(promised, &["a", "c"])?;
    ledger.seal_segments(1)?;
    log(promised, &["a", "b"])?;
    let reference = "request-1".to_owned();
    ledger.erase(Erasure { target: Target::Person(person("a")), ground: "cn.pipl/47/1".to_owned(), reference })?;
    promised.erased = true;
    log(promised, &["b"])?;
    ledger.seal_segments(1)?;
    sign(promised)
}

fn named() -> (String, Draft) {
    ("order-1".to_owned(), decision(&["c"], "once"))
}

fn run(disk: &CrashDisk) -> Promised {
    let mut promised = Promised::default();
    let opened = Ledger::open(small(disk));
    let Ok((ledger, _)) = opened else { return Promised { failed: true, ..promised } };
    if let Err(error) = work(&ledger, &mut promised) {
        promised.failed = true;
        assert!(matches!(error.kind, ErrorKind::Storage | ErrorKind::Closed), "{error:?}");
        // A new key fails before the writer is asked, and so does whatever needs one later.
        let after = ledger.append(vec![decision(&[], "late")]).and_then(gongdao_ledger::Pending::wait);
        if ["wal/", "keys/"].iter().any(|folder| error.message.contains(folder)) {
            assert!(after.is_err(), "acknowledged after {error}");
        }
        for placed in after.unwrap_or_default().into_iter().flatten() {
            promised.acknowledged.insert(placed.leaf, placed.record);
        }
    }
    promised
}

/// On a disk that works again: all acknowledged records are there, every signed checkpoint is a part of the next one, and
/// erased content is gone.
fn check(disk: &CrashDisk, promised: &Promised, what: &str) {
    let (ledger, recovery) = Ledger::open(small(disk)).unwrap_or_else(|error| panic!("{what}: {error}"));
    let end = promised.acknowledged.keys().next_back().map_or(0, |last| last + 1);
    assert!(recovery.size >= end, "{what}: {} of {end} entries", recovery.size);
    let again = ledger.append_once(vec![named()]).unwrap().wait().unwrap().remove(0).unwrap();
    if let Some(leaf) = promised.named {
        assert_eq!((again.leaf, again.is_repeat), (leaf, true), "{what}");
    }
    let drafts = vec![decision(&["a", "b", "c"], "after")];
    ledger.append(drafts).unwrap().wait().unwrap()[0].clone().unwrap();
    ledger.close_epoch().unwrap();
    ledger.close().unwrap();
    let reader = Reader::open(Arc::new(disk.clone())).unwrap();
    for (leaf, record) in &promised.acknowledged {
        assert_eq!(reader.row(*leaf).unwrap().record, *record, "{what}: entry {leaf}");
    }
    let now = reader.checkpoint().unverified();
    for (size, old_root) in &promised.signed {
        let proof = reader.prove_consistency(*size).unwrap();
        proof.verify(*size, *old_root, now.size, now.root).unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    let found = reader.fsck().unwrap();
    assert_eq!(found.findings, [], "{what}");
    if promised.erased {
        assert!(reader.of_person(&person("a")).unwrap().len() == 1, "{what}: only what was logged after the erasure");
        assert!(found.erased >= 8, "{what}: {found:?}");
    }
}

fn fresh() -> CrashDisk {
    let disk = CrashDisk::default();
    Ledger::create(Arc::new(disk.clone()), ORIGIN.parse().unwrap(), &signer(), &mut Seeded(1, 0)).unwrap();
    disk
}

fn steps() -> std::ops::Range<usize> {
    let disk = fresh();
    let start = disk.steps();
    let promised = run(&disk);
    assert_eq!((promised.failed, promised.acknowledged.len()), (false, 21));
    let end = disk.steps();
    check(&disk, &promised, "without a fault");
    start..end
}

#[test]
fn after_a_power_cut_at_any_step_nothing_acknowledged_is_lost() {
    let mut seed = 0_u64;
    let steps = steps();
    assert!(steps.len() > 100, "{steps:?}");
    for step in steps {
        let disk = fresh();
        disk.fail_at(step, Fault::Stop);
        let promised = run(&disk);
        for _ in 0..3 {
            let mut state = seed;
            seed += 1;
            let chance = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                state >> 62 & 1 == 1
            };
            check(&disk.after_power_cut(chance), &promised, &format!("power cut at step {step}, seed {}", seed - 1));
        }
        check(&disk.after_power_cut(|| false), &promised, &format!("power cut at step {step}, all unsynced lost"));
    }
}

#[test]
fn after_a_failed_write_or_sync_at_any_step_nothing_more_is_acknowledged_and_nothing_is_lost() {
    for fault in [Fault::ShortWrite, Fault::Full, Fault::Sync, Fault::ReadOnly] {
        for step in steps() {
            let disk = fresh();
            disk.fail_at(step, fault);
            let promised = run(&disk);
            check(&disk.copy(), &promised, &format!("{fault:?} at step {step}"));
        }
    }
}

/// A system may take pages for written whose sync failed. They are lost at the next power cut, however often they are synced.
#[test]
fn after_a_failed_sync_a_restart_and_a_power_cut_nothing_is_lost() {
    for step in steps() {
        let disk = fresh();
        disk.fail_at(step, Fault::Sync);
        let mut promised = run(&disk);
        let disk = disk.copy();
        let what = format!("failed sync at step {step}, restart, power cut");
        let (ledger, _) = Ledger::open(small(&disk)).unwrap_or_else(|error| panic!("{what}: {error}"));
        for placed in ledger.append(vec![decision(&["b", "c"], "again")]).unwrap().wait().unwrap() {
            let placed = placed.unwrap();
            promised.acknowledged.insert(placed.leaf, placed.record);
        }
        drop(ledger);
        check(&disk.after_power_cut(|| false), &promised, &what);
    }
}

#[test]
fn a_full_disk_says_what_to_do() {
    let disk = fresh();
    let (ledger, _) = Ledger::open(small(&disk)).unwrap();
    disk.fail_at(0, Fault::Full);
    let error = ledger.checkpoint().and_then(|_| ledger.close_epoch()).unwrap_err();
    assert!(error.message.contains("no storage space"), "{error}");
    assert_eq!(error.hint, "free space on the disk, then start again; nothing acknowledged is lost");
    let again = ledger.checkpoint().unwrap_err();
    assert_eq!(again, error, "the writer says the same until it is opened anew");
}

#[test]
fn a_clock_that_goes_backwards_never_shows_in_the_log() {
    let disk = fresh();
    let clock = Hand::at(1000);
    let open = |disk: &CrashDisk| Ledger::open(Setup { clock: Box::new(clock.clone()), ..small(disk) }).unwrap().0;
    let mut ledger = open(&disk);
    let logged = |ledger: &Ledger, now: u64| {
        clock.0.store(now, Ordering::SeqCst);
        let leaf = support::log(ledger, vec![decision(&["a"], "x")])[0];
        ledger.checkpoint().unwrap();
        Reader::open(Arc::new(disk.clone())).unwrap().entry(leaf).unwrap().logged_at
    };
    assert_eq!(logged(&ledger, 1000), LoggedAt::from_seconds(1000));
    assert_eq!(logged(&ledger, 400), LoggedAt::from_seconds(1000));
    drop(ledger);
    ledger = open(&disk);
    assert_eq!(logged(&ledger, 500), LoggedAt::from_seconds(1000));
    assert_eq!(logged(&ledger, 1001), LoggedAt::from_seconds(1001));
}

#[test]
fn a_record_damaged_in_the_middle_of_the_log_is_named_and_not_cut() {
    let dir = tempfile::tempdir().unwrap();
    support::create(dir.path());
    let ledger = support::open(dir.path());
    for _ in 0..3 {
        support::log(&ledger, vec![decision(&["a"], "x")]);
    }
    drop(ledger);
    let wal = dir.path().join("wal/00000000000000000000.wal");
    let whole = std::fs::read(&wal).unwrap();
    let frames: Vec<usize> = (0..whole.len()).step_by(512).filter(|at| whole[*at..].starts_with(b"GWAL")).collect();
    assert_eq!(frames.len(), 3);
    let damaged = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at + 40] ^= 1;
        std::fs::write(&wal, bytes).unwrap();
        Ledger::open(setup(support::folder(dir.path())))
            .map(|(_, recovery)| recovery.size)
            .map_err(|error| error.message)
    };
    let name = "wal/00000000000000000000.wal";
    assert_eq!(
        damaged(frames[1]),
        Err(format!("frame 1 at byte {} of `{name}` is damaged or missing, and later ones are there", frames[1]))
    );
    assert_eq!(
        damaged(frames[0]),
        Err(format!("frame 0 at byte 512 of `{name}` is damaged or missing, and later ones are there"))
    );
    // Nothing follows the last one: it is a torn tail, which was never acknowledged.
    assert_eq!(damaged(frames[2]), Ok(2));
}

#[test]
fn a_write_ahead_log_that_is_gone_or_torn_out_is_named() {
    let dir = tempfile::tempdir().unwrap();
    support::create(dir.path());
    let open = || {
        Ledger::open(setup(support::folder(dir.path())))
            .map(|(_, recovery)| recovery.size)
            .map_err(|error| error.message)
    };
    let checkpoint = dir.path().join("checkpoint");
    let empty = std::fs::read(&checkpoint).unwrap();
    let ledger = support::open(dir.path());
    support::log(&ledger, vec![decision(&["a"], "x"), decision(&["a"], "y")]);
    drop(ledger);
    // The next start signs and begins a new log; then one more record is acknowledged.
    let ledger = support::open(dir.path());
    support::log(&ledger, vec![decision(&["a"], "z")]);
    drop(ledger);
    let signed = std::fs::read(&checkpoint).unwrap();
    std::fs::write(&checkpoint, empty).unwrap();
    assert_eq!(open(), Err("entries 0 to 1 are missing".to_owned()));
    std::fs::write(&checkpoint, signed).unwrap();
    let wal = dir.path().join("wal");
    let kept = dir.path().join("kept");
    std::fs::rename(&wal, &kept).unwrap();
    assert_eq!(open(), Err("the write-ahead log is gone".to_owned()));
    std::fs::rename(&kept, &wal).unwrap();
    assert_eq!(open(), Ok(3));
}

#[test]
fn a_changed_hash_row_or_key_is_found() {
    let dir = tempfile::tempdir().unwrap();
    support::create(dir.path());
    let ledger = support::open(dir.path());
    support::log(&ledger, (0..300).map(|_| decision(&["a"], "x")).collect());
    ledger.close_epoch().unwrap();
    ledger.close().unwrap();
    let flipped = |file: &str, at: usize| {
        let path = dir.path().join(file);
        let whole = std::fs::read(&path).unwrap();
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let found = Reader::open(support::folder(dir.path())).and_then(|reader| reader.fsck());
        std::fs::write(&path, whole).unwrap();
        found.map(|audit| audit.findings.first().map(|finding| finding.kind)).map_err(|error| error.message)
    };
    assert_eq!(flipped("tiles/0", 40), Ok(Some(FindingKind::Tree)));
    assert_eq!(flipped("tiles/1", 4), Ok(Some(FindingKind::Tree)));
    assert_eq!(flipped("tiles/entries", 30), Ok(Some(FindingKind::Tree)));
    assert_eq!(flipped("epochs/00000000000000000000", 70), Ok(Some(FindingKind::Index)));
    assert_eq!(
        flipped("rows/00000000000000000000.rows", 60),
        Err("`rows/00000000000000000000.rows`: the row at byte 0 is damaged".to_owned())
    );
    assert!(flipped("keys/log", 60).is_err());
    assert_eq!(
        flipped("checkpoint", 22),
        Err("the signature of `ledger.example/city` does not fit the text".to_owned())
    );
}

#[test]
fn a_folder_that_may_not_be_written_is_refused_for_writing_and_read() {
    // Root may write anywhere, so the disk itself refuses.
    let disk = fresh();
    assert!(!run(&disk).failed);
    let (size, steps) = (Reader::open(Arc::new(disk.clone())).unwrap().size(), disk.steps());
    disk.fail_at(0, Fault::ReadOnly);
    let refused = Ledger::open(small(&disk)).map(|_| ()).unwrap_err();
    assert_eq!((refused.kind, refused.hint), (ErrorKind::Storage, "give the program write access to the folder"));
    let origin = ORIGIN.parse().unwrap();
    let empty = CrashDisk::default();
    empty.fail_at(0, Fault::ReadOnly);
    let refused = Ledger::create(Arc::new(empty), origin, &signer(), &mut Seeded(1, 0)).unwrap_err();
    assert_eq!(refused.hint, "give the program write access to the folder");
    // Reading takes no step that changes something.
    let before = disk.steps();
    assert!(before > steps);
    let reader = Reader::open(Arc::new(disk.clone())).unwrap();
    assert_eq!((reader.size(), reader.fsck().unwrap().findings), (size, Vec::new()));
    assert_eq!(disk.steps(), before);
}
