//! A copy of the whole folder, keys and rows with it, from which a ledger goes on; made beside a writer that goes on.
//!
//! The copy is what a crash could have left: the write-ahead log is read before the checkpoint, and what the checkpoint covers
//! after it, so each holds at least what those before it need. Files only grow meanwhile: what changes them in place is kept out
//! ([`Storage::keep_still`]).

use crate::LedgerError;
use crate::about::About;
use crate::core::CHECKPOINT;
use crate::manifest::{MANIFEST, Manifest, SEGMENTS, Segment};
use crate::open::read_checkpoint;
use crate::storage::{Disk, DiskFile, Storage};
use crate::wal::read_whole;
use gongdao_merkle::Origin;
use std::sync::Arc;

/// Folders whose files are copied as they are, after the checkpoint. Keys come last: each person of a row that was copied has one.
const FOLDERS: [&str; 5] = ["tiles", "rows", "epochs", "erasures", "keys"];
/// Begins each bundle of `tiles/entries`: copied before those, so that it points to nothing that the copy lacks.
const OFFSETS: &str = "tiles/offsets";
const WAL: &str = "wal";
/// Says that a folder is a copy: what was erased after it was made has to be erased again before it is used.
const COPY: &str = "copy";
const PIECE: u64 = 4 << 20;

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Whose ledger it is.
    pub origin: Origin,
    /// Entries under the copied checkpoint. What was acknowledged later, up to the beginning of the copy at least, stands in the
    /// copied write-ahead log.
    pub signed: u64,
    /// Bytes of all files.
    pub bytes: u64,
}

/// Keep the folder as a copy needs it, also for what is copied beside it; an erasure waits meanwhile.
pub fn keep_still(storage: &Arc<dyn Storage>) -> Result<Box<dyn Send + Sync>, LedgerError> {
    Disk(Arc::clone(storage)).keep_still()
}

/// Copy a ledger into an empty folder, whether or not a writer has it; records go on being logged, checkpoints being signed. What
/// was acknowledged before the call is in the copy. Sealed rows that lie in a store are copied into the folder. Whoever uses the
/// copy first erases again what was erased after it was made ([`is_copy`]).
///
/// Errors: there is no ledger, or one at the other place; a damaged file; the disks.
pub fn back_up(from: &Arc<dyn Storage>, to: Arc<dyn Storage>) -> Result<Copied, LedgerError> {
    let copy = Copying { source: Disk(Arc::clone(from)), target: Disk(to) };
    let about = About::read(&copy.source)?;
    let _still = copy.source.keep_still()?;
    if copy.target.open("ledger")?.is_some() {
        return Err(LedgerError::input("there is a ledger at the copy's place", "name an empty folder"));
    }
    copy.target.replace(COPY, b"gongdao-ledger-copy/1\n")?;
    let mut bytes = copy.wal()?;
    let signed = read_checkpoint(&copy.source, &about)?;
    bytes += copy.file(OFFSETS)?;
    for folder in FOLDERS {
        for name in copy.source.names(folder)? {
            let name = format!("{folder}/{name}");
            if !is_unfinished(&name) && name != OFFSETS {
                bytes += copy.file(&name)?;
            }
        }
        copy.sync(folder)?;
    }
    bytes += copy.segments()?;
    // After what it says the form of.
    bytes += copy.file("ledger")?;
    let text = signed.to_string();
    // Last: a folder without it is not taken for a ledger.
    copy.target.replace(CHECKPOINT, text.as_bytes())?;
    Ok(Copied {
        origin: about.origin,
        signed: signed.unverified().size,
        bytes: bytes + u64::try_from(text.len()).unwrap_or(u64::MAX),
    })
}

fn is_unfinished(name: &str) -> bool {
    name.strip_suffix(".new").is_some()
}

struct Copying {
    source: Disk,
    target: Disk,
}

impl Copying {
    /// Copy a file as long as it is now; nothing where it is gone.
    fn file(&self, name: &str) -> Result<u64, LedgerError> {
        let Some(source) = self.source.open(name)? else { return Ok(0) };
        let copy = self.target.create(name)?;
        let size = source.size()?;
        let mut at = 0;
        // A start cuts what no checkpoint covers.
        while at < size.min(source.size()?) {
            let count = PIECE.min(size.min(source.size()?) - at);
            copy.write_at(at, &source.read_from(at, count)?)?;
            at += count;
        }
        copy.sync()?;
        Ok(at)
    }

    /// The write-ahead log up to its last whole frame. A file that is dropped meanwhile is under a checkpoint.
    fn wal(&self) -> Result<u64, LedgerError> {
        const TRIES: u32 = 8;
        for _ in 0..TRIES {
            let mut bytes = 0;
            for name in self.source.names(WAL)?.into_iter().filter(|name| name.strip_suffix(".wal").is_some()) {
                let name = format!("{WAL}/{name}");
                bytes += self.source.open(&name)?.map_or(Ok(0), |file| self.log(&name, &file))?;
            }
            if bytes > 0 {
                self.sync(WAL)?;
                return Ok(bytes);
            }
        }
        Err(LedgerError::evidence(
            "the write-ahead log is gone",
            "acknowledged records may have been in it: check the disk before anything is started",
        ))
    }

    fn log(&self, name: &str, file: &DiskFile) -> Result<u64, LedgerError> {
        let read = read_whole(file);
        // One that is dropped loses its name first and then its bytes.
        if self.source.open(name)?.is_none() {
            return Ok(0);
        }
        let bytes = read?;
        let copy = self.target.create(name)?;
        copy.write_at(0, &bytes)?;
        copy.sync()?;
        Ok(u64::try_from(bytes.len()).unwrap_or(u64::MAX))
    }

    /// The segments that count, out of a store where they lie in one.
    fn segments(&self) -> Result<u64, LedgerError> {
        let manifest = Manifest::read(&self.source)?;
        let mut bytes = 0;
        for name in manifest.segments.iter().map(Segment::name) {
            bytes += self.file(&name)?;
        }
        bytes += self.file(MANIFEST)?;
        self.sync(SEGMENTS)?;
        Ok(bytes)
    }

    fn sync(&self, folder: &str) -> Result<(), LedgerError> {
        // Only what has files was made.
        if self.target.names(folder)?.is_empty() { Ok(()) } else { self.target.sync_folder(folder) }
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
