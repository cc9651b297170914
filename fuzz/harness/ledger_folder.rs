//! Whatever stands in one file of a ledger's folder, opening and checking the ledger ends in a ledger or in words.

use gongdao_ledger::{Clock, Entropy, Folder, Ledger, LedgerError, LoggedAt, Reader, Setup};
use gongdao_merkle::NoteSigner;
use std::path::Path;
use std::sync::Arc;

struct Still;

impl Clock for Still {
    fn now(&self) -> LoggedAt {
        LoggedAt::from_seconds(1_800_000_000)
    }
}

impl Entropy for Still {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), LedgerError> {
        bytes.fill(9);
        Ok(())
    }
}

/// Check the folder, open it for writing, and check it again. It is spoiled afterwards.
pub(crate) fn drive(folder: &Path, signer: NoteSigner) {
    let storage = || Arc::new(Folder::new(folder));
    let check = || worded(Reader::open(storage()).and_then(|reader| reader.fsck()));
    check();
    let opened =
        Ledger::open(Setup { ahead_bytes: 4096, ..Setup::new(storage(), signer, Box::new(Still), Box::new(Still)) });
    if let Some((ledger, _)) = worded(opened) {
        worded(ledger.close());
        check();
    }
}

fn worded<T>(result: Result<T, LedgerError>) -> Option<T> {
    result
        .inspect_err(|error| {
            assert!(!error.message.trim().is_empty() && !error.hint.is_empty(), "refused without a word");
        })
        .ok()
}
