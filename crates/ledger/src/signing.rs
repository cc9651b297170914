//! Checkpoints: what is on the disk is signed, and the write-ahead log that it covers goes.
//!
//! A checkpoint that a caller asks for is made in steps, so that records go on being logged: the writer hands out what has to be
//! synced and goes on, the caller's thread waits for the disk, the writer signs what that covered. INVARIANT: nothing is signed
//! before every file that it covers is durable.

use crate::aside::aside;
use crate::behind::Behind;
use crate::core::{CHECKPOINT, Core, locked};
use crate::storage::{Disk, DiskFile};
use crate::wal::{Fresh, drop_covered, prepare};
use crate::{LedgerError, row_files, tile_files};
use gongdao_merkle::{Checkpoint, RootHash, SignedCheckpoint};
use std::sync::Arc;

/// A file that may hold what is not on the disk, and where it ended when it was asked for.
pub(crate) type Unsynced = (Arc<DiskFile>, u64);

/// Whether the file was synced up to there.
pub(crate) fn is_synced(synced: &[Unsynced], file: &Arc<DiskFile>, end: u64) -> bool {
    synced.iter().any(|(other, until)| Arc::ptr_eq(other, file) && *until >= end)
}

/// A write-ahead log that is to take the place of the current one.
pub(crate) struct Room {
    disk: Disk,
    bytes: u64,
}

impl Room {
    /// Write its zeros. Nobody else may sign or erase meanwhile.
    pub(crate) fn prepare(&self) -> Result<Fresh, LedgerError> {
        aside(|| prepare(&self.disk, self.bytes))
    }
}

/// What has to be durable before a checkpoint of this size is signed.
pub(crate) struct Due {
    pub(crate) size: u64,
    root: RootHash,
    disk: Disk,
    /// Files, each with the bytes that were in it.
    files: Vec<Unsynced>,
    /// Folders in which files were made.
    folders: Vec<&'static str>,
    /// What was being synced already.
    flushing: Behind,
    /// Write-ahead logs that the checkpoint makes needless.
    logs: Vec<String>,
}

impl Due {
    pub(crate) fn sync(&mut self) -> Result<(), LedgerError> {
        self.flushing.wait()?;
        self.disk.sync_files(&self.files.iter().map(|(file, _)| &**file).collect::<Vec<_>>())?;
        self.folders.iter().try_for_each(|folder| self.disk.sync_folder(folder))
    }

    /// Put the signed checkpoint in place of the last one.
    pub(crate) fn publish(&self, signed: Option<&SignedCheckpoint>) -> Result<(), LedgerError> {
        signed.map_or(Ok(()), |signed| self.disk.replace(CHECKPOINT, signed.to_string().as_bytes()))
    }

    /// Drop what the published checkpoint covers of the write-ahead log; mostly nothing.
    pub(crate) fn drop_logs(&self) -> Result<(), LedgerError> {
        if self.logs.is_empty() {
            return Ok(());
        }
        aside(|| drop_covered(&self.disk, &self.logs))
    }
}

impl Core {
    /// Sign what there is now, and wait for the disk.
    pub(crate) fn checkpoint(&mut self) -> Result<SignedCheckpoint, LedgerError> {
        let is_due = self.room().is_some();
        let mut due = self.begin_checkpoint(None, false)?;
        due.sync()?;
        if let Some(signed) = self.sign(&due)? {
            self.checkpoint = signed;
            self.write_checkpoint()?;
        }
        if is_due {
            self.rotate()?;
        }
        Ok(self.checkpoint.clone())
    }

    /// The write-ahead log that the next checkpoint should begin: where the current one is large, or holds something old.
    pub(crate) fn room(&self) -> Option<Room> {
        let now = self.last_at.max(self.clock.now()).seconds();
        let is_old = self.wal_since.is_some_and(|since| now >= since.seconds().saturating_add(self.wal_seconds));
        let is_due = is_old || self.wal.used() > self.rotate_bytes;
        is_due.then(|| Room { disk: self.disk.clone(), bytes: self.wal.room() })
    }

    /// What a checkpoint of what there is now needs. With `fresh`, later records go into that write-ahead log; with `begins_file`,
    /// later rows into a new row file.
    pub(crate) fn begin_checkpoint(&mut self, fresh: Option<Fresh>, begins_file: bool) -> Result<Due, LedgerError> {
        self.tiles.write()?;
        self.rows.write()?;
        let mut logs = Vec::new();
        // An empty log has the name of the next one already, and holds nothing to drop.
        if let Some(fresh) = fresh.filter(|_| self.wal.used() > 0) {
            let mut salt = [0; 16];
            locked(&self.entropy)?.fill(&mut salt)?;
            logs = self.wal.go_on_in(&fresh, salt)?;
            self.wal_since = None;
        }
        if begins_file {
            self.rows.begin_file();
        }
        let files = self.tiles.unsynced().chain(self.rows.unsynced()).collect();
        let made = [(tile_files::FOLDER, self.tiles.take_names()), (row_files::FOLDER, self.rows.take_names())];
        let folders = made.into_iter().filter_map(|(folder, is_made)| is_made.then_some(folder)).collect();
        let (size, root) = (self.size(), self.tiles.frontier().root());
        let flushing = std::mem::take(&mut self.flushing);
        self.is_signing = true;
        Ok(Due { size, root, disk: self.disk.clone(), files, folders, flushing, logs })
    }

    /// Sign what was synced; nothing where it was signed before.
    pub(crate) fn sign(&mut self, synced: &Due) -> Result<Option<SignedCheckpoint>, LedgerError> {
        self.is_signing = false;
        self.tiles.mark_synced(&synced.files);
        self.rows.mark_synced(&synced.files);
        if self.checkpoint.unverified().size >= synced.size {
            return Ok(None);
        }
        let origin = self.about.origin.clone();
        let unsigned = Checkpoint { origin, size: synced.size, root: synced.root, extensions: Vec::new() };
        Ok(Some(unsigned.sign(&self.signer)?))
    }

    /// Make what was recovered independent of what a crash or a failed sync left: after a failed sync the system may hold
    /// pages that never reach the disk and that it takes for written, and names that it forgets.
    pub(crate) fn settle(&mut self) -> Result<(), LedgerError> {
        self.checkpoint()?;
        self.write_checkpoint()?;
        self.rotate()
    }

    fn write_checkpoint(&self) -> Result<(), LedgerError> {
        self.disk.replace(CHECKPOINT, self.checkpoint.to_string().as_bytes())
    }

    /// Leave a write-ahead log behind that holds nothing.
    pub(crate) fn rest(&mut self) -> Result<(), LedgerError> {
        if self.checkpoint.unverified().size != self.size() {
            return Ok(());
        }
        self.wal.ahead = 0;
        self.rotate()?;
        self.wal.shrink()
    }

    /// Drop the write-ahead log; call only after a checkpoint.
    pub(crate) fn rotate(&mut self) -> Result<(), LedgerError> {
        let mut salt = [0; 16];
        locked(&self.entropy)?.fill(&mut salt)?;
        self.wal_since = None;
        self.wal.rotate(salt)
    }

    /// Keep cosignatures: the same checkpoint with more lines.
    pub(crate) fn publish(&mut self, signed: SignedCheckpoint) -> Result<(), LedgerError> {
        signed.verify(&self.about.key)?;
        if signed.unverified() != self.checkpoint.unverified() {
            return Err(LedgerError::input(
                "the checkpoint is not the current one",
                "ask the witnesses to cosign the current one",
            ));
        }
        self.checkpoint = signed;
        self.write_checkpoint()
    }
}
