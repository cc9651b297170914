//! Reading the ledger while it is written.

use crate::ServiceError;
use gongdao_ledger::{GroupNumber, Ledger, Reader, Receipt, Row, Storage};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// A reader that is opened anew when something younger is asked for.
pub(crate) struct LedgerView {
    ledger: Arc<Ledger>,
    storage: Arc<dyn Storage>,
    reader: Mutex<Option<Arc<Reader>>>,
}

impl LedgerView {
    pub(crate) fn new(ledger: Arc<Ledger>, storage: Arc<dyn Storage>) -> Self {
        Self { ledger, storage, reader: Mutex::new(None) }
    }

    /// A reader of all entries up to and with one. Signs a checkpoint where there is none that covers it.
    pub(crate) fn reader_with(&self, leaf: u64) -> Result<Arc<Reader>, ServiceError> {
        let mut held = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reader) = held.as_ref().filter(|reader| leaf < reader.size()) {
            return Ok(Arc::clone(reader));
        }
        self.ledger.checkpoint()?;
        self.open(&mut held)
    }

    /// A reader of all that is signed by now.
    pub(crate) fn newest(&self) -> Result<Arc<Reader>, ServiceError> {
        self.open(&mut self.reader.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Where rows stand was found out once; the next reader need not.
    fn open(&self, held: &mut Option<Arc<Reader>>) -> Result<Arc<Reader>, ServiceError> {
        let reader = match held {
            Some(before) => before.later()?,
            None => Reader::open(Arc::clone(&self.storage))?,
        };
        let reader = Arc::new(reader);
        *held = Some(Arc::clone(&reader));
        Ok(reader)
    }

    /// A reader of whatever is signed.
    pub(crate) fn reader(&self) -> Result<Arc<Reader>, ServiceError> {
        let mut held = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reader) = held.as_ref() {
            return Ok(Arc::clone(reader));
        }
        self.open(&mut held)
    }

    /// One row.
    pub(crate) fn row(&self, leaf: u64) -> Result<Row, ServiceError> {
        Ok(self.reader_with(leaf)?.row(leaf)?)
    }

    /// Some rows, by their places: the ledger's files are gone through once for all of them.
    pub(crate) fn rows(&self, leaves: &BTreeSet<u64>) -> Result<BTreeMap<u64, Row>, ServiceError> {
        match leaves.last() {
            None => Ok(BTreeMap::new()),
            Some(last) => Ok(self.reader_with(*last)?.rows(leaves)?),
        }
    }

    /// The proof that a row is in the log, with the content of one group.
    pub(crate) fn receipt(&self, leaf: u64, group: GroupNumber) -> Result<Receipt, ServiceError> {
        Ok(self.reader_with(leaf)?.receipt(leaf, group)?)
    }

    /// Keys or files changed: whoever asks next opens anew.
    pub(crate) fn renew(&self) {
        *self.reader.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
