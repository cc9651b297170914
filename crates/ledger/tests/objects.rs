//! Sealed rows in a store of objects: every step of it fails once, before or after it was done; nothing is lost and nothing erased
//! comes back. And what is packed there is the log.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_ledger::{
    Erasure, Folder, Ledger, LedgerError, Objects, Reader, Row, Setup, Storage, Target, Tiered, move_segments,
    segments_at,
};
use gongdao_merkle::{Frontier, LeafHash, SignedCheckpoint};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use support::{create, decision, folder, log, open, person, setup, signer};

/// A store in memory whose step of a certain number fails; what is done in that step may or may not have been done.
#[derive(Default)]
struct Store {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    steps: usize,
    fails_at: Option<usize>,
    /// Whether the failing step was done all the same: the answer was lost.
    is_done: bool,
}

impl Store {
    fn fail_at(&self, step: Option<usize>, is_done: bool) {
        *self.state.lock().unwrap() = State { steps: 0, fails_at: step, is_done };
    }

    fn step<T>(&self, act: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> T) -> io::Result<T> {
        let mut state = self.state.lock().unwrap();
        let fails = state.fails_at == Some(state.steps);
        state.steps += 1;
        let mut objects = self.objects.lock().unwrap();
        if fails && !state.is_done {
            return Err(io::Error::other("planted"));
        }
        let done = act(&mut objects);
        if fails { Err(io::Error::other("planted")) } else { Ok(done) }
    }

    fn has(&self, planted: &[u8]) -> bool {
        let objects = self.objects.lock().unwrap();
        objects.values().any(|bytes| bytes.windows(planted.len()).any(|window| window == planted))
    }
}

impl Objects for Store {
    fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.step(|objects| objects.get(name).cloned())
    }

    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.step(|objects| drop(objects.insert(name.to_owned(), bytes.to_vec())))
    }

    fn put_new(&self, name: &str, bytes: &[u8]) -> io::Result<bool> {
        self.step(|objects| {
            let is_free = !objects.contains_key(name);
            if is_free {
                objects.insert(name.to_owned(), bytes.to_vec());
            }
            is_free
        })
    }

    fn swap(&self, name: &str, old: Option<&[u8; 32]>, bytes: &[u8]) -> io::Result<bool> {
        self.step(|objects| {
            let there = objects.get(name).map(|there| gongdao_merkle::sha256(&[there]));
            let is_old = there.as_ref() == old;
            if is_old {
                objects.insert(name.to_owned(), bytes.to_vec());
            }
            is_old || there == Some(gongdao_merkle::sha256(&[bytes]))
        })
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let prefix = format!("{folder}/");
        self.step(|objects| {
            let names = objects.keys().filter_map(|name| name.strip_prefix(&prefix));
            names.filter(|name| !name.contains('/')).map(str::to_owned).collect()
        })
    }

    fn delete(&self, name: &str) -> io::Result<()> {
        self.step(|objects| drop(objects.remove(name)))
    }
}

fn tiered(path: &Path, store: &Arc<Store>) -> Arc<dyn Storage> {
    Arc::new(Tiered::new(folder(path), Arc::clone(store) as Arc<dyn Objects>))
}

fn writer(storage: Arc<dyn Storage>) -> Result<Ledger, LedgerError> {
    Ledger::open(Setup { ahead_bytes: 4096, ..setup(storage) }).map(|(ledger, _)| ledger)
}

fn rows(storage: Arc<dyn Storage>) -> Vec<Row> {
    let reader = Reader::open(storage).unwrap();
    let mut rows = Vec::new();
    reader
        .each_row(0..u64::MAX, |row| {
            rows.push(row);
            Ok(())
        })
        .unwrap();
    rows
}

/// Seal, log more, seal again, erase one person.
fn life(storage: &Arc<dyn Storage>) -> Result<(), LedgerError> {
    let ledger = writer(Arc::clone(storage))?;
    ledger.seal_segments(1)?;
    log(&ledger, vec![decision(&["Li-Si-7731", "other"], "planted-late")]);
    ledger.seal_segments(1)?;
    let reference = "request-7".to_owned();
    let target = Target::Person(person("Li-Si-7731"));
    ledger.erase(Erasure { target, ground: "cn.pipl/47/1".to_owned(), reference })?;
    ledger.close().map(drop)
}

#[test]
fn every_step_of_the_store_may_fail_and_the_next_start_goes_on() {
    let mut step = 0;
    let mut failures = 0;
    loop {
        let mut is_over = true;
        for is_done in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            create(dir.path());
            let ledger = writer(folder(dir.path())).unwrap();
            log(&ledger, (0..6).map(|number| decision(&["Li-Si-7731", "p"], &format!("planted-{number}"))).collect());
            ledger.close().unwrap();
            let store = Arc::new(Store::default());
            move_segments(&folder(dir.path()), &*store, "memory").unwrap();
            let storage = tiered(dir.path(), &store);
            let before = rows(Arc::clone(&storage));
            store.fail_at(Some(step), is_done);
            let failed = life(&storage);
            store.fail_at(None, false);
            if let Err(error) = &failed {
                is_over = false;
                failures += 1;
                assert!(error.message.contains("in the store: planted"), "{error}");
            }
            // Whatever was sealed or not: every row is there, and the erasure goes through.
            let now = rows(Arc::clone(&storage));
            assert_eq!(
                now.iter().take(before.len()).map(|row| row.record).collect::<Vec<_>>(),
                before.iter().map(|row| row.record).collect::<Vec<_>>()
            );
            let ledger = writer(Arc::clone(&storage)).unwrap();
            // An erasure that was begun went through with the start.
            assert_eq!(Reader::open(Arc::clone(&storage)).unwrap().fsck().unwrap().findings, [], "step {step}");
            let reference = "again".to_owned();
            let target = Target::Person(person("Li-Si-7731"));
            // Nothing is left to erase where it went through before.
            let again = ledger.erase(Erasure { target, ground: "cn.pipl/47/1".to_owned(), reference });
            assert!(again.as_ref().is_ok() || again.as_ref().unwrap_err().message.contains("nothing to erase"));
            ledger.seal_segments(1).unwrap();
            ledger.close().unwrap();
            assert!(!store.has(b"Li-Si-7731"), "step {step}");
            assert_eq!(Reader::open(storage).unwrap().fsck().unwrap().findings, []);
        }
        if is_over {
            break;
        }
        step += 1;
    }
    println!("{failures} failures in {step} steps");
    assert!(step > 15, "{step}");
}

#[test]
fn sealed_rows_move_into_a_store_once_and_a_crash_leaves_none_behind() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    log(&ledger, vec![decision(&["a"], "1"), decision(&["b"], "2")]);
    ledger.seal_segments(1).unwrap();
    let store = Arc::new(Store::default());
    let refused = move_segments(&folder(dir.path()), &*store, "memory").unwrap_err();
    assert!(refused.message.contains("another program has this folder"), "{refused}");
    ledger.close().unwrap();
    let segments = dir.path().join("segments");
    let kept: Vec<_> = std::fs::read_dir(&segments).unwrap().map(|entry| entry.unwrap().path()).collect();
    let copies: Vec<_> = kept.iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
    let before = rows(folder(dir.path()));
    for bad in ["", "two\nlines"] {
        assert!(move_segments(&folder(dir.path()), &*store, bad).is_err());
    }
    assert_eq!(segments_at(&folder(dir.path())).unwrap(), None);
    // Steps: the segment, a look at it, the manifest.
    for step in 0..2 {
        store.fail_at(Some(step), step == 1);
        assert!(move_segments(&folder(dir.path()), &*store, "memory").is_err());
        assert_eq!(rows(folder(dir.path())), before);
    }
    store.fail_at(None, false);
    move_segments(&folder(dir.path()), &*store, "memory").unwrap();
    assert_eq!(rows(tiered(dir.path(), &store)), before);
    let refused = move_segments(&folder(dir.path()), &*store, "elsewhere").unwrap_err();
    assert!(refused.message.contains("lie at `memory` already"), "{refused}");
    // Without the store nobody takes the rows for gone.
    assert!(Reader::open(folder(dir.path())).unwrap().fsck().is_err());
    // A crash before the folder's own files went.
    for (path, bytes) in copies {
        std::fs::write(path, bytes).unwrap();
    }
    writer(tiered(dir.path(), &store)).unwrap().close().unwrap();
    assert_eq!(std::fs::read_dir(&segments).unwrap().count(), 0);
    assert_eq!(rows(tiered(dir.path(), &store)), before);
}

#[test]
fn two_ledgers_do_not_share_a_store() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::default());
    let place = |name: &str| dir.path().join(name);
    for name in ["one", "two"] {
        create(&place(name));
        let ledger = open(&place(name));
        log(&ledger, vec![decision(&["a"], name)]);
        ledger.seal_segments(1).unwrap();
        ledger.close().unwrap();
    }
    move_segments(&folder(&place("one")), &*store, "memory").unwrap();
    let refused = move_segments(&folder(&place("two")), &*store, "memory").unwrap_err();
    assert!(refused.message.contains("another sealer has put"), "{refused}");
    assert_eq!(segments_at(&folder(&place("two"))).unwrap(), None);
    create(&place("three"));
    let refused = move_segments(&folder(&place("three")), &*store, "memory").unwrap_err();
    assert!(refused.message.contains("`segments/manifest`"), "{refused}");
}

/// Whoever has the packs alone makes the signed tree again.
#[test]
fn packs_hold_the_log_and_what_is_left_over_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    let store = Store::default();
    let mut whole = 0;
    for count in [300, 65_000, 400] {
        let mut left = count;
        while left > 0 {
            let call = left.min(1_000);
            log(&ledger, (0..call).map(|_| decision(&[], "x")).collect());
            left -= call;
        }
        whole += count;
        ledger.checkpoint().unwrap();
        let reader = support::reader(dir.path());
        reader.pack(&store).unwrap();
        let signed = SignedCheckpoint::parse(&store.get("checkpoint").unwrap().unwrap()).unwrap();
        let signed = signed.verify(&signer().log_key()).unwrap().clone();
        assert_eq!(signed.size, whole);
        let mut names = store.list("packs/entries").unwrap();
        assert_eq!(names, store.list("packs/hashes").unwrap());
        names.sort();
        let (mut frontier, mut hashes) = (Frontier::new(), Vec::new());
        for name in &names {
            let bytes = store.get(&format!("packs/entries/{name}")).unwrap().unwrap();
            hashes.extend(store.get(&format!("packs/hashes/{name}")).unwrap().unwrap());
            let mut rest = bytes.as_slice();
            while let Some((length, after)) = rest.split_first_chunk::<2>() {
                let (entry, after) = after.split_at(usize::from(u16::from_be_bytes(*length)));
                let hash = LeafHash::of(entry);
                let at = usize::try_from(frontier.size()).unwrap() * 32;
                frontier
                    .push(hash, |level, _, node| {
                        if level == 0 {
                            assert_eq!(&hashes[at..at + 32], node.as_bytes());
                        }
                    })
                    .unwrap();
                rest = after;
            }
        }
        assert_eq!((frontier.size(), frontier.root()), (signed.size, signed.root), "{names:?}");
    }
    assert_eq!(store.list("packs/hashes").unwrap(), ["0000000000", "0000000001-164"]);
    // A copy of another history, or one that is ahead, is left alone.
    let other = tempfile::tempdir().unwrap();
    create(other.path());
    let refused = support::reader(other.path()).pack(&store).unwrap_err();
    assert!(refused.message.contains("65700 entries, and the folder 0"), "{refused}");
    let exported = tempfile::tempdir().unwrap();
    let reader = support::reader(dir.path());
    reader.export(&Folder::new(exported.path()), None).unwrap();
    assert_eq!(std::fs::read(exported.path().join("checkpoint")).unwrap(), store.get("checkpoint").unwrap().unwrap());
}
