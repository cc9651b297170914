//! A ledger in a temporary folder, with a clock and random bytes that the test holds.
#![allow(dead_code, reason = "each test file uses a part")]

use gongdao_ledger::{
    Clock, Draft, DraftGroup, Entropy, EntryKind, Folder, Ledger, LedgerError, LoggedAt, PersonId, Reader, Setup,
    Storage, Value,
};
use gongdao_merkle::{NoteSigner, Policy, sha256};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) const ORIGIN: &str = "ledger.example/city";

/// Bytes that only look random.
pub(crate) struct Seeded(pub(crate) u64, pub(crate) u64);

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), LedgerError> {
        for chunk in bytes.chunks_mut(32) {
            self.1 += 1;
            let block = sha256(&[&self.0.to_be_bytes(), &self.1.to_be_bytes()]);
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

/// A clock that the test sets.
#[derive(Clone)]
pub(crate) struct Hand(pub(crate) Arc<AtomicU64>);

impl Hand {
    pub(crate) fn at(seconds: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seconds)))
    }
}

impl Clock for Hand {
    fn now(&self) -> LoggedAt {
        LoggedAt::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) fn signer() -> NoteSigner {
    NoteSigner::new(ORIGIN.parse().unwrap(), &[7; 32])
}

pub(crate) fn policy() -> Policy {
    Policy::of_log(signer().log_key())
}

pub(crate) fn folder(path: &Path) -> Arc<dyn Storage> {
    Arc::new(Folder::new(path))
}

pub(crate) fn create(path: &Path) {
    Ledger::create(folder(path), ORIGIN.parse().unwrap(), &signer(), &mut Seeded(1, 0)).unwrap();
}

/// Random bytes differ from start to start, as real ones do.
pub(crate) fn setup(storage: Arc<dyn Storage>) -> Setup {
    static STARTS: AtomicU64 = AtomicU64::new(2);
    let seed = STARTS.fetch_add(1, Ordering::SeqCst) << 32 | u64::from(std::process::id());
    Setup::new(storage, signer(), Box::new(Hand::at(1_800_000_000)), Box::new(Seeded(seed, 0)))
}

pub(crate) fn open(path: &Path) -> Ledger {
    Ledger::open(setup(folder(path))).unwrap().0
}

pub(crate) fn reader(path: &Path) -> Reader {
    Reader::open(folder(path)).unwrap()
}

pub(crate) fn person(name: &str) -> PersonId {
    name.parse().unwrap()
}

/// A decision about some persons; each group has `text`.
pub(crate) fn decision(persons: &[&str], text: &str) -> Draft {
    let shared =
        DraftGroup { person: None, schema: "test/shared/1".to_owned(), columns: vec![Value::Text("v7".to_owned())] };
    let group = |name: &&str| DraftGroup {
        person: Some(person(name)),
        schema: "test/person/1".to_owned(),
        columns: vec![Value::Text(format!("{text} of {name}")), Value::Int(-5), Value::Bool(true), Value::Null],
    };
    Draft { kind: EntryKind::Decision, groups: std::iter::once(shared).chain(persons.iter().map(group)).collect() }
}

/// Log the drafts and wait; the places.
pub(crate) fn log(ledger: &Ledger, drafts: Vec<Draft>) -> Vec<u64> {
    ledger.append(drafts).unwrap().wait().unwrap().into_iter().map(|placed| placed.unwrap().leaf).collect()
}
