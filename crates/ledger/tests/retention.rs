//! The write-ahead log holds what records say, and is gone by the clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_ledger::{Ledger, Setup};
use std::path::Path;
use std::sync::atomic::Ordering;
use support::{Hand, create, decision, folder, log, reader, setup};

fn log_holds(path: &Path, planted: &[u8]) -> bool {
    let files = std::fs::read_dir(path.join("wal")).unwrap().map(|entry| entry.unwrap().path());
    files.map(|file| std::fs::read(file).unwrap()).any(|bytes| bytes.windows(planted.len()).any(|part| part == planted))
}

#[test]
fn a_checkpoint_drops_the_write_ahead_log_once_its_oldest_record_is_old_enough() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let clock = Hand::at(1_000_000);
    let small =
        || Setup { clock: Box::new(clock.clone()), wal_seconds: 600, ahead_bytes: 4096, ..setup(folder(dir.path())) };
    let mut ledger = Ledger::open(small()).unwrap().0;
    log(&ledger, vec![decision(&["a"], "planted-1")]);
    // When, what is logged then, and whether the log holds the first record afterwards.
    for (now, logged, holds) in [
        (1_000_000, None, true),
        (1_000_599, Some("planted-2"), true),
        // A clock that goes backwards makes nothing older, and nothing younger.
        (999_000, None, true),
        (1_000_600, None, false),
        (1_000_601, Some("planted-3"), false),
    ] {
        clock.0.store(now, Ordering::SeqCst);
        if let Some(text) = logged {
            log(&ledger, vec![decision(&["a"], text)]);
        }
        ledger.checkpoint().unwrap();
        assert_eq!(log_holds(dir.path(), b"planted-1"), holds, "at {now}");
    }
    assert!(!log_holds(dir.path(), b"planted-2") && log_holds(dir.path(), b"planted-3"));
    // Ages count from the oldest record of the log as it is now.
    clock.0.store(1_001_200, Ordering::SeqCst);
    ledger.checkpoint().unwrap();
    assert!(log_holds(dir.path(), b"planted-3"));
    clock.0.store(1_001_201, Ordering::SeqCst);
    ledger.checkpoint().unwrap();
    assert!(!log_holds(dir.path(), b"planted-3"));
    log(&ledger, vec![decision(&["a"], "planted-4")]);
    drop(ledger);
    // A start drops it, whatever the clock says: everything in it stands elsewhere by then.
    ledger = Ledger::open(small()).unwrap().0;
    assert!(!log_holds(dir.path(), b"planted-4"));
    ledger.close().unwrap();
    let reader = reader(dir.path());
    assert_eq!((reader.size(), reader.fsck().unwrap().findings), (4, Vec::new()));
}
