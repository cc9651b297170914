//! A copy of the whole folder, keys and rows with it, from which a ledger goes on.

use crate::LedgerError;
use crate::core::Core;
use crate::storage::{Disk, Storage};
use std::sync::Arc;

/// Folders of a ledger, in `docs/formats/ledger-folder.md`.
const FOLDERS: [&str; 8] = ["", "tiles", "rows", "segments", "epochs", "keys", "wal", "erasures"];
/// Says that a folder is a copy: what was erased after it was made has to be erased again before it is used.
const COPY: &str = "copy";
const PIECE: u64 = 4 << 20;

impl Core {
    /// Copy every file, with nothing written meanwhile. Returns their bytes. The checkpoint comes last.
    pub(crate) fn back_up(&mut self, to: Arc<dyn Storage>) -> Result<u64, LedgerError> {
        self.checkpoint()?;
        let target = Disk(to);
        if target.open("ledger")?.is_some() {
            return Err(LedgerError::input("there is a ledger at the backup's place", "name an empty folder"));
        }
        let mut bytes = 0;
        target.replace(COPY, b"gongdao-ledger-copy/1\n")?;
        for folder in FOLDERS {
            for file in self.disk.names(folder)? {
                let name = if folder.is_empty() { file.clone() } else { format!("{folder}/{file}") };
                let is_unfinished = name.strip_suffix(".new").is_some() || name == "wal/next";
                if !is_unfinished && !["lock", "checkpoint", COPY].contains(&name.as_str()) {
                    bytes += self.copy(&target, &name)?;
                }
            }
        }
        Ok(bytes + self.copy(&target, "checkpoint")?)
    }

    fn copy(&self, target: &Disk, name: &str) -> Result<u64, LedgerError> {
        let Some(source) = self.disk.open(name)? else { return Ok(0) };
        let size = source.size()?;
        let fresh = format!("{name}.new");
        let copy = target.create(&fresh)?;
        let mut at = 0;
        while at < size {
            let count = PIECE.min(size - at);
            copy.write_at(at, &source.read_from(at, count)?)?;
            at += count;
        }
        copy.sync()?;
        target.rename(&fresh, name)?;
        Ok(size)
    }
}

/// Whether a folder is a copy that nobody has used yet.
pub fn is_copy(storage: &Arc<dyn Storage>) -> Result<bool, LedgerError> {
    Ok(Disk(Arc::clone(storage)).open(COPY)?.is_some())
}

/// The erasures after the copy was made were done again: it is the ledger now.
pub fn take_copy_over(storage: &Arc<dyn Storage>) -> Result<(), LedgerError> {
    let disk = Disk(Arc::clone(storage));
    if disk.open(COPY)?.is_some() { disk.remove(COPY) } else { Ok(()) }
}
