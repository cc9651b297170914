//! The file of keys. What is appended under the lock of all keys is written and synced outside of it, so that whoever waits for the
//! disk keeps nobody from looking keys up; those that wait for each other share one sync.
//!
//! INVARIANT: what was written is synced before anything more is written, so a crash tears one write at most.

use crate::LedgerError;
use crate::core::locked;
use crate::storage::DiskFile;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) struct KeyLog {
    file: DiskFile,
    /// What is to be written next; taken under `written`.
    pending: Mutex<Pending>,
    /// INVARIANT: after a write or sync that failed nothing more is written, as a later sync may pass over what the first one lost.
    written: Mutex<Result<Written, LedgerError>>,
    /// Keys in `written`, for those who need none of the newest; none after a failure.
    durable: AtomicUsize,
}

#[derive(Default)]
struct Pending {
    frames: Vec<u8>,
    /// Keys there are with these frames; they are counted in the order in which they came.
    keys: usize,
}

/// What is on the disk.
#[derive(Clone, Copy)]
struct Written {
    bytes: u64,
    keys: usize,
}

impl KeyLog {
    /// A file of so many bytes.
    pub(crate) fn new(file: DiskFile, bytes: u64) -> Self {
        let written = Mutex::new(Ok(Written { bytes, keys: 0 }));
        Self { file, pending: Mutex::default(), written, durable: AtomicUsize::new(0) }
    }

    /// Write what was read, and cut what comes after: after a failed sync it may be in memory only, and keys must outlive their
    /// records.
    pub(crate) fn write_anew(&self, bytes: &[u8]) -> Result<(), LedgerError> {
        self.file.set_size(u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
        self.file.write_at(0, bytes)?;
        self.file.sync()
    }

    /// So many keys were read from it.
    pub(crate) fn began_with(&self, keys: usize) -> Result<(), LedgerError> {
        locked(&self.pending)?.keys = keys;
        if let Ok(written) = &mut *locked(&self.written)? {
            written.keys = keys;
        }
        self.durable.store(keys, Ordering::SeqCst);
        Ok(())
    }

    /// Append frames, with which there are so many keys; call it under the lock of all keys. Nothing is written yet.
    pub(crate) fn append(&self, frames: &[u8], keys: usize) -> Result<(), LedgerError> {
        let mut pending = locked(&self.pending)?;
        pending.frames.extend_from_slice(frames);
        pending.keys = keys;
        Ok(())
    }

    /// Return when the first `keys` keys are durable. Errors: the disk, now or before.
    pub(crate) fn sync(&self, keys: usize) -> Result<(), LedgerError> {
        if self.durable.load(Ordering::SeqCst) >= keys.max(1) {
            return Ok(());
        }
        let mut written = locked(&self.written)?;
        if written.clone()?.keys < keys {
            self.write(&mut written)?;
        }
        Ok(())
    }

    /// Return when everything appended is durable.
    pub(crate) fn sync_all(&self) -> Result<(), LedgerError> {
        self.write(&mut *locked(&self.written)?)
    }

    fn write(&self, written: &mut Result<Written, LedgerError>) -> Result<(), LedgerError> {
        *written = written.clone().and_then(|before| self.write_after(before));
        self.durable.store(written.as_ref().map_or(0, |written| written.keys), Ordering::SeqCst);
        written.clone().map(drop)
    }

    fn write_after(&self, before: Written) -> Result<Written, LedgerError> {
        let (frames, keys) = {
            let mut pending = locked(&self.pending)?;
            (std::mem::take(&mut pending.frames), pending.keys)
        };
        self.file.write_at(before.bytes, &frames)?;
        self.file.sync()?;
        Ok(Written { bytes: before.bytes + u64::try_from(frames.len()).unwrap_or(u64::MAX), keys })
    }
}
