//! Copies that are made while a writer logs, signs, closes epochs, seals and erases: each is a ledger that holds, with everything
//! that was acknowledged before it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_ledger::{
    Epoch, Erasure, Ledger, Objects, Reader, Setup, Target, Tiered, back_up, is_copy, keep_still, move_segments,
    take_copy_over,
};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use support::{create, decision, folder, log, open, person, reader, setup};

/// Files that are small, so that many begin and go.
fn small(path: &Path) -> Ledger {
    let setup = Setup { rotate_bytes: 16 << 10, rows_per_file: 64, ahead_bytes: 4096, ..setup(folder(path)) };
    Ledger::open(setup).unwrap().0
}

fn erase(ledger: &Ledger, name: &str, reference: &str) -> bool {
    let target = Target::Person(person(name));
    let erasure = Erasure { target, ground: "cn.pipl/47/1".to_owned(), reference: reference.to_owned() };
    ledger.erase(erasure).is_ok()
}

/// Threads end when it goes, also where a test fails.
struct Stopping<'a>(&'a AtomicBool);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Open a copy as its writer, and check all of it; how many entries it has.
fn used(copy: &Path) -> u64 {
    assert!(is_copy(&folder(copy)).unwrap());
    let ledger = open(copy);
    let before = log(&ledger, vec![decision(&["after"], "goes on")])[0];
    take_copy_over(&folder(copy)).unwrap();
    ledger.close().unwrap();
    let audit = reader(copy).fsck().unwrap();
    assert!(audit.findings.is_empty(), "{}: {:?}", copy.display(), audit.findings);
    assert!(!is_copy(&folder(copy)).unwrap());
    before
}

#[test]
fn a_copy_beside_a_busy_writer_holds_and_has_what_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("source");
    create(&source);
    let ledger = small(&source);
    let (stop, acknowledged, erased) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    let goes_on = || !stop.load(Ordering::SeqCst);
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let (ledger, acknowledged) = (&ledger, &acknowledged);
            scope.spawn(move || {
                for number in 0_u64.. {
                    if !goes_on() {
                        break;
                    }
                    let names = [format!("p-{thread}-{}", number % 7), "everybody".to_owned()];
                    let drafts = (0..4).map(|_| decision(&[&names[0], &names[1]], "planted")).collect();
                    // Whoever is erased meanwhile is refused.
                    let placed = ledger.append(drafts).unwrap().wait().unwrap().into_iter().filter_map(Result::ok);
                    let end = placed.map(|logged| logged.leaf + 1).max().unwrap_or(0);
                    acknowledged.fetch_max(end, Ordering::SeqCst);
                }
            });
        }
        scope.spawn(|| {
            for turn in 0_u64.. {
                if !goes_on() {
                    break;
                }
                ledger.checkpoint().unwrap();
                match turn % 5 {
                    1 => {
                        ledger.seal_segments(100).unwrap();
                    }
                    2 => {
                        ledger.close_epoch().unwrap();
                    }
                    3 => {
                        let was_there =
                            erase(&ledger, &format!("p-{}-{}", turn % 2, turn % 7), &format!("case-{turn}"));
                        erased.fetch_add(u64::from(was_there), Ordering::SeqCst);
                    }
                    _ => {}
                }
            }
        });
        let _stopping = Stopping(&stop);
        let mut sealed = 0;
        for number in 0..15 {
            std::thread::sleep(Duration::from_millis(60));
            let copy = dir.path().join(format!("copy-{number}"));
            let before = acknowledged.load(Ordering::SeqCst);
            let copied = back_up(&folder(&source), folder(&copy)).unwrap();
            assert!(copied.signed <= acknowledged.load(Ordering::SeqCst) + 1000 && copied.bytes > 0);
            assert!(!copy.join("erasures/pending").exists(), "an erasure is in it as a whole, or not");
            sealed += usize::from(copy.join("segments/manifest").exists());
            assert!(used(&copy) >= before, "copy {number} lacks what was acknowledged");
        }
        assert!(sealed > 0, "nothing was sealed");
    });
    assert!(erased.load(Ordering::SeqCst) > 0 && acknowledged.load(Ordering::SeqCst) > 100);
    let taken = back_up(&folder(&source), folder(&dir.path().join("copy-0")));
    assert!(taken.unwrap_err().message.contains("there is a ledger"));
    assert!(back_up(&folder(&dir.path().join("nothing")), folder(&dir.path().join("x"))).is_err());
}

/// Logs that are needed no longer lose their names first, then zeros take the place of their frames, piece by piece.
#[test]
fn a_copy_holds_while_large_logs_are_wiped() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("source");
    create(&source);
    let large = Setup { rotate_bytes: 1, ahead_bytes: 13 << 20, ..setup(folder(&source)) };
    let ledger = Ledger::open(large).unwrap().0;
    let (stop, acknowledged) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                log(&ledger, vec![decision(&["one"], "planted")]);
                acknowledged.fetch_add(1, Ordering::SeqCst);
                ledger.checkpoint().unwrap();
            }
        });
        let _stopping = Stopping(&stop);
        for number in 0..6 {
            std::thread::sleep(Duration::from_millis(70));
            let before = acknowledged.load(Ordering::SeqCst);
            let copy = dir.path().join(format!("copy-{number}"));
            back_up(&folder(&source), folder(&copy)).unwrap();
            assert!(used(&copy) >= before, "copy {number} lacks what was acknowledged");
        }
    });
    assert!(acknowledged.load(Ordering::SeqCst) > 3, "few logs were wiped");
    let names = || -> Vec<_> {
        std::fs::read_dir(source.join("wal")).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    };
    assert!(names().len() == 2 && names().contains(&"spare".into()), "{:?}", names());
    let spare = std::fs::read(source.join("wal/spare")).unwrap();
    assert!(spare.len() >= 13 << 20 && spare.iter().all(|byte| *byte == 0), "{} bytes", spare.len());
    // It becomes the next log, and the log before it the next spare one.
    let number = |name: &str| std::fs::metadata(source.join("wal").join(name)).unwrap().ino();
    let before = number("spare");
    log(&ledger, vec![decision(&["one"], "planted")]);
    ledger.checkpoint().unwrap();
    assert!(names().iter().any(|name| number(name.to_str().unwrap()) == before) && number("spare") != before);
    ledger.close().unwrap();
    assert_eq!(names().len(), 1, "{:?}", names());
}

/// A crash, or the instant of a copy, can leave the file of an epoch without the entry that seals it: the epoch went on.
#[test]
fn the_file_of_an_epoch_that_no_entry_seals_counts_for_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (source, copy, export) = (dir.path().join("source"), dir.path().join("copy"), dir.path().join("export"));
    create(&source);
    let ledger = open(&source);
    log(&ledger, vec![decision(&["one"], "planted"), decision(&["two"], "planted")]);
    ledger.checkpoint().unwrap();
    back_up(&folder(&source), folder(&copy)).unwrap();
    ledger.close_epoch().unwrap();
    std::fs::create_dir_all(copy.join("epochs")).unwrap();
    std::fs::copy(source.join("epochs/00000000000000000000"), copy.join("epochs/00000000000000000000")).unwrap();
    assert_eq!(used(&copy), 2);
    let reader = reader(&copy);
    assert!(reader.closed_epoch(Epoch(0)).unwrap().is_none());
    reader.export(&gongdao_ledger::Folder::new(&export), None).unwrap();
    assert!(!export.join("epochs").exists());
    let ledger = open(&copy);
    assert_eq!(ledger.close_epoch().unwrap().end_leaf, 3);
    log(&ledger, vec![decision(&["one"], "goes on")]);
    ledger.checkpoint().unwrap();
    let reader = Reader::open(folder(&copy)).unwrap();
    assert!(reader.fsck().unwrap().findings.is_empty());
    assert_eq!(reader.closed_epoch(Epoch(0)).unwrap().unwrap().seal.end_leaf, 3);
}

#[test]
fn an_erasure_waits_for_a_copy_and_a_sealing_is_put_off_but_checkpoints_are_not() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    log(&ledger, vec![decision(&["one"], "planted"), decision(&["two"], "planted")]);
    let storage = folder(dir.path());
    let still = keep_still(&storage).unwrap();
    let second = keep_still(&storage).unwrap();
    let began = Instant::now();
    std::thread::scope(|scope| {
        let erasing = scope.spawn(|| {
            assert!(erase(&ledger, "one", "case-1"));
            began.elapsed()
        });
        std::thread::sleep(Duration::from_millis(200));
        assert_eq!(ledger.checkpoint().unwrap().unverified().size, 2);
        assert_eq!(ledger.seal_segments(1).unwrap().rows, 0);
        assert_eq!(log(&ledger, vec![decision(&["two"], "planted")]), [2]);
        assert!(!erasing.is_finished());
        drop(still);
        std::thread::sleep(Duration::from_millis(100));
        assert!(!erasing.is_finished(), "the other copy goes on");
        drop(second);
        assert!(erasing.join().unwrap() >= Duration::from_millis(300));
    });
    assert_eq!(ledger.seal_segments(1).unwrap().rows, 4);
    // Held by somebody in this process, an erasure here does not wait for itself.
    let alone = ledger.keep_copies_out().unwrap();
    assert!(erase(&ledger, "two", "case-2"));
    let copying = std::thread::spawn(move || drop(keep_still(&storage).unwrap()));
    std::thread::sleep(Duration::from_millis(100));
    assert!(!copying.is_finished(), "no copy of half of what is erased");
    drop(alone);
    copying.join().unwrap();
}

#[test]
fn sealed_rows_in_a_store_are_in_the_copy_which_needs_no_store() {
    let dir = tempfile::tempdir().unwrap();
    let (source, store, copy) = (dir.path().join("source"), dir.path().join("store"), dir.path().join("copy"));
    create(&source);
    let ledger = open(&source);
    log(&ledger, vec![decision(&["one"], "planted"), decision(&["two"], "planted")]);
    ledger.seal_segments(1).unwrap();
    ledger.close().unwrap();
    let objects: Arc<dyn Objects> = Arc::new(gongdao_ledger::Folder::new(&store));
    move_segments(&folder(&source), &*objects, &format!("file://{}", store.display())).unwrap();
    let tiered: Arc<dyn gongdao_ledger::Storage> = Arc::new(Tiered::new(folder(&source), objects));
    back_up(&tiered, folder(&copy)).unwrap();
    std::fs::remove_dir_all(&store).unwrap();
    assert!(!copy.join("objects").exists());
    assert_eq!(used(&copy), 2);
}
