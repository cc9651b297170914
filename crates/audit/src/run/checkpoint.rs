//! The folder that a run works in, and what it needs to go on after it was stopped or killed.

use crate::AuditError;
use crate::run::tally::Tally;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// How far a run came. Written after each part, under a temporary name, then renamed.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    /// Digest of everything that the result depends on; a run with another one starts anew.
    pub(crate) key: String,
    /// Parts written.
    pub(crate) parts: usize,
    /// Batches of the decisions query that are in them.
    pub(crate) batches: usize,
    pub(crate) tally: Tally,
}

/// The folder `OUT.partial` of one run, locked against a second one.
#[derive(Debug)]
pub(crate) struct Workplace {
    folder: PathBuf,
    out: PathBuf,
    /// Held open for the lock; the system gives it back when the program ends, however it ends.
    _lock: File,
}

/// The file that tells a folder of results from any other folder.
pub(crate) const SUMMARY: &str = "summary.json";
const CHECKPOINT: &str = "checkpoint.json";

impl Workplace {
    /// Open the work folder beside `out`, with the checkpoint that lies in it if it is of the same `key`.
    ///
    /// Errors: `out` holds something else than an audit's results; another audit works there.
    pub(crate) fn open(out: &Path, key: &str, fresh: bool) -> Result<(Self, Checkpoint), AuditError> {
        refuse_foreign(out)?;
        let mut name = out.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let folder = out.with_file_name(name);
        std::fs::create_dir_all(&folder).map_err(|error| AuditError::io(&folder, "make the folder", &error))?;
        let lock = lock(&folder)?;
        let workplace = Self { folder, out: out.to_path_buf(), _lock: lock };
        let found = if fresh { None } else { workplace.checkpoint().filter(|found| found.key == key) };
        if let Some(found) = found {
            return Ok((workplace, found));
        }
        workplace.clear()?;
        Ok((workplace, Checkpoint { key: key.to_owned(), ..Checkpoint::default() }))
    }

    /// A file of the work folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The work folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The part's file of a kind, `verdicts` or `findings`.
    pub(crate) fn part(&self, kind: &str, number: usize) -> PathBuf {
        self.folder.join(format!("part-{kind}-{number:06}.parquet"))
    }

    /// Keep how far the run came.
    pub(crate) fn keep(&self, checkpoint: &Checkpoint) -> Result<(), AuditError> {
        let text = serde_json::to_string(checkpoint).map_err(|error| {
            AuditError::new(&self.folder, format!("cannot word the checkpoint: {error}"), "report this")
        })?;
        self.write(CHECKPOINT, text.as_bytes())
    }

    /// Write a file whole: a temporary name, the disk, then its own name.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), AuditError> {
        let temporary = self.folder.join(format!("{name}.new"));
        let written = File::create(&temporary).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        written
            .and_then(|()| std::fs::rename(&temporary, self.folder.join(name)))
            .map_err(|error| AuditError::io(&self.folder.join(name), "write the file", &error))
    }

    /// Take away what only a resumed run needs, and put the folder in its place. An earlier result goes last.
    pub(crate) fn finish(self) -> Result<(), AuditError> {
        for path in self.entries()? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with("part-") || name == CHECKPOINT || name == "lock" {
                std::fs::remove_file(&path).map_err(|error| AuditError::io(&path, "remove the file", &error))?;
            }
        }
        let mut old = self.out.file_name().unwrap_or_default().to_owned();
        old.push(".old");
        let old = self.out.with_file_name(old);
        let failed = |error: std::io::Error| AuditError::io(&self.out, "put the results in place", &error);
        let replaces = self.out.exists();
        if replaces {
            remove_folder(&old).and_then(|()| std::fs::rename(&self.out, &old)).map_err(failed)?;
        }
        std::fs::rename(&self.folder, &self.out).map_err(failed)?;
        if replaces { remove_folder(&old).map_err(failed) } else { Ok(()) }
    }

    /// The checkpoint on the disk, if it and all its parts can be read.
    pub(crate) fn checkpoint(&self) -> Option<Checkpoint> {
        let text = std::fs::read_to_string(self.file(CHECKPOINT)).ok()?;
        let found: Checkpoint = serde_json::from_str(&text).ok()?;
        let is_whole = (0..found.parts)
            .all(|number| self.part("verdicts", number).is_file() && self.part("findings", number).is_file());
        is_whole.then_some(found)
    }

    fn clear(&self) -> Result<(), AuditError> {
        for path in self.entries()? {
            if path.file_name().is_some_and(|name| name != "lock") {
                std::fs::remove_file(&path).map_err(|error| AuditError::io(&path, "remove the file", &error))?;
            }
        }
        Ok(())
    }

    fn entries(&self) -> Result<Vec<PathBuf>, AuditError> {
        let listing =
            std::fs::read_dir(&self.folder).map_err(|error| AuditError::io(&self.folder, "read the folder", &error))?;
        Ok(listing.flatten().map(|entry| entry.path()).collect())
    }
}

fn remove_folder(folder: &Path) -> std::io::Result<()> {
    if folder.exists() { std::fs::remove_dir_all(folder) } else { Ok(()) }
}

/// Only the results of an earlier audit are replaced; anything else stays.
fn refuse_foreign(out: &Path) -> Result<(), AuditError> {
    if !out.exists() || out.join(SUMMARY).is_file() {
        return Ok(());
    }
    let is_empty = std::fs::read_dir(out).is_ok_and(|mut listing| listing.next().is_none());
    if is_empty {
        return Ok(());
    }
    let message = "the folder holds something that is not an audit's result";
    Err(AuditError::new(out, message, "name another folder with `--out`, or empty this one"))
}

fn lock(folder: &Path) -> Result<File, AuditError> {
    let path = folder.join("lock");
    let file = File::create(&path).map_err(|error| AuditError::io(&path, "make the lock", &error))?;
    file.try_lock()
        .map(|()| file)
        .map_err(|_| AuditError::new(folder, "another audit is writing here", "wait for it, or name another `--out`"))
}
