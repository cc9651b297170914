//! Whatever stands in one file of a ledger's folder, or of its witness's, opening and checking it ends in a ledger or in words.

use gongdao_ledger::{
    Clock, Draft, DraftGroup, Entropy, EntryKind, Folder, Ledger, LedgerError, LoggedAt, Reader, Restriction, Setup,
    Value, WitnessBook,
};
use gongdao_merkle::{NoteSigner, sha256};
use std::path::Path;
use std::sync::Arc;

struct Still(u64);

impl Clock for Still {
    fn now(&self) -> LoggedAt {
        LoggedAt::from_seconds(1_800_000_000)
    }
}

impl Entropy for Still {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), LedgerError> {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&sha256(&[&self.0.to_be_bytes()])[..chunk.len()]);
        }
        Ok(())
    }
}

fn open(folder: &Path, signer: NoteSigner, start: u64) -> Result<Ledger, LedgerError> {
    let storage = Arc::new(Folder::new(folder));
    let setup = Setup::new(storage, signer, Box::new(Still(0)), Box::new(Still(start)));
    Ok(Ledger::open(Setup { ahead_bytes: 4096, ..setup })?.0)
}

fn decision(person: &str, text: &str) -> Draft {
    let group = DraftGroup {
        person: Some(person.parse().unwrap()),
        schema: "test/1".to_owned(),
        columns: vec![Value::Text(text.to_owned()), Value::Int(5)],
    };
    Draft { kind: EntryKind::Decision, groups: vec![group] }
}

/// A small ledger with a file of every kind, an erasure that was interrupted, and a witness's memory.
pub(crate) fn make(folder: &Path, signer: &dyn Fn() -> NoteSigner) {
    let origin = signer().log_key().name().as_str().parse().unwrap();
    Ledger::create(Arc::new(Folder::new(folder)), origin, &signer(), &mut Still(1 << 40)).unwrap();
    let ledger = open(folder, signer(), 1 << 50).unwrap();
    let log = |named: Vec<(String, Draft)>| drop(ledger.append_once(named).unwrap().wait().unwrap());
    log(vec![("d-1".to_owned(), decision("a", "x")), ("d-2".to_owned(), decision("b", "y"))]);
    ledger.close_epoch().unwrap();
    ledger.seal_segments(1).unwrap();
    let article = "cn.ecommerce-law/31".to_owned();
    ledger.restrict(Restriction { person: "b".parse().unwrap(), article, until: None }).unwrap();
    ledger.checkpoint().unwrap();
    let reader = Reader::open(Arc::new(Folder::new(folder))).unwrap();
    let witness = Arc::new(Folder::new(folder.join("witness")));
    let key = NoteSigner::new("witness.example".parse().unwrap(), &[8; 32]);
    let mut book = WitnessBook::open(witness, key, vec![signer().log_key()]).unwrap();
    book.cosign(&reader.add_checkpoint(0).unwrap(), 1_800_000_000).unwrap().unwrap();
    log(vec![("d-3".to_owned(), decision("a", "not sealed"))]);
    drop(ledger);
    let text = |text: &str| Value::Text(text.to_owned());
    let scope = Value::List(vec![Value::List(vec![Value::Int(0), Value::Int(0)])]);
    let pending =
        vec![Value::Bytes(vec![5; 16]), Value::Int(5), scope, Value::Null, text("cn.pipl/47/1"), text("request-1")];
    std::fs::write(folder.join("erasures/pending"), Value::List(pending).to_bytes()).unwrap();
}

/// Check the folder, open it for writing, and check it again. It is spoiled afterwards.
pub(crate) fn drive(folder: &Path, signer: &dyn Fn() -> NoteSigner) {
    let check = || worded(Reader::open(Arc::new(Folder::new(folder))).and_then(|reader| reader.fsck()));
    check();
    if let Some(ledger) = worded(open(folder, signer(), 1 << 60)) {
        worded(ledger.close());
        check();
    }
    let key = NoteSigner::new("witness.example".parse().unwrap(), &[8; 32]);
    worded(WitnessBook::open(Arc::new(Folder::new(folder.join("witness"))), key, vec![signer().log_key()]));
}

fn worded<T>(result: Result<T, LedgerError>) -> Option<T> {
    result
        .inspect_err(|error| {
            assert!(!error.message.trim().is_empty() && !error.hint.is_empty(), "refused without a word");
        })
        .ok()
}
