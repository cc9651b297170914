//! A ledger to be measured: on this machine's disk, with its random bytes and a clock that runs.

use super::told;
use gongdao_ledger::{
    Clock, Entropy, ErrorKind, Folder, Ledger, LedgerError, LoggedAt, Reader, Recovery, Setup, Storage,
};
use gongdao_merkle::NoteSigner;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

const ORIGIN: &str = "ledger.example/bench";

struct Machine(Instant);

impl Entropy for Machine {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), LedgerError> {
        getrandom::fill(bytes).map_err(|error| LedgerError {
            kind: ErrorKind::Storage,
            message: format!("no random bytes: {error}"),
            hint: "the operating system gives none",
        })
    }
}

impl Clock for Machine {
    fn now(&self) -> LoggedAt {
        LoggedAt::from_seconds(1_800_000_000 + self.0.elapsed().as_secs())
    }
}

/// Where a measured ledger stands.
pub(crate) struct Store {
    path: PathBuf,
}

impl Store {
    /// A new ledger in a folder that is not there yet.
    pub(crate) fn create(path: &Path) -> Result<Self, String> {
        let store = Self { path: path.to_owned() };
        let origin = ORIGIN.parse().map_err(told)?;
        Ledger::create(store.storage(), origin, &signer()?, &mut Machine(Instant::now())).map_err(told)?;
        Ok(store)
    }

    /// With the settings that the product has.
    pub(crate) fn open(&self) -> Result<(Ledger, Recovery), String> {
        let (clock, entropy) = (Box::new(Machine(Instant::now())), Box::new(Machine(Instant::now())));
        Ledger::open(Setup::new(self.storage(), signer()?, clock, entropy)).map_err(told)
    }

    pub(crate) fn reader(&self) -> Result<Reader, String> {
        Reader::open(self.storage()).map_err(told)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn storage(&self) -> Arc<dyn Storage> {
        Arc::new(Folder::new(&self.path))
    }
}

pub(crate) fn signer() -> Result<NoteSigner, String> {
    Ok(NoteSigner::new(ORIGIN.parse().map_err(told)?, &[1; 32]))
}
