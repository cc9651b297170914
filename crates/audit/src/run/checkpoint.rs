//! The folder that a run works in, and what it needs to go on after it was stopped or killed.
//!
//! `OUT.partial` is locked while a run works in it. Publishing goes in steps, each of which a later run can finish: the
//! results are whole (`complete` says so), the parts go, an earlier result moves in as `old`, the folder is renamed to
//! `OUT`, and what is not a result is taken out of it. No folder of anybody else's is ever touched.

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
    /// Parts written, one a batch of the decisions query.
    pub(crate) parts: usize,
    /// Digest over the identifiers of those decisions, in order.
    pub(crate) decisions: String,
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

/// What was found in the work folder.
#[derive(Debug)]
pub(crate) enum Opened {
    /// A run to begin or to go on with.
    Begun(Workplace, Box<Checkpoint>),
    /// A run that was killed after its results were whole; they only have to be put in place.
    Complete(Workplace),
}

/// The file that the results are known by.
pub(crate) const SUMMARY: &str = "summary.json";
/// The files of a result (docs/formats/results.md).
pub(crate) const RESULTS: [&str; 5] =
    ["findings.parquet", "findings.sarif", "report.html", SUMMARY, "verdicts.parquet"];
const CHECKPOINT: &str = "checkpoint.json";
const COMPLETE: &str = "complete";
const LOCK: &str = "lock";
const OLD: &str = "old";

impl Workplace {
    /// Open the work folder beside `out`, with what lies in it if it is of the same `key`.
    ///
    /// Errors: `out` or the work folder holds something that no audit wrote; another audit works there.
    pub(crate) fn open(out: &Path, key: &str, fresh: bool) -> Result<Opened, AuditError> {
        refuse_foreign(out)?;
        let mut name = out.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let folder = out.with_file_name(name);
        if folder.exists() && !holds_only(&folder, is_work) {
            let message = "the folder holds something that no audit wrote, and an audit works there";
            return Err(AuditError::new(&folder, message, "move it away, or name another `--out`").of_output());
        }
        std::fs::create_dir_all(&folder).map_err(|error| io(&folder, "make the folder", &error))?;
        let lock = lock(&folder)?;
        let workplace = Self { folder, out: out.to_path_buf(), _lock: lock };
        if !fresh && std::fs::read_to_string(workplace.file(COMPLETE)).is_ok_and(|found| found == key) {
            return Ok(Opened::Complete(workplace));
        }
        let found = if fresh { None } else { workplace.checkpoint().filter(|found| found.key == key) };
        if let Some(found) = found {
            return Ok(Opened::Begun(workplace, Box::new(found)));
        }
        workplace.clear()?;
        Ok(Opened::Begun(workplace, Box::new(Checkpoint { key: key.to_owned(), ..Checkpoint::default() })))
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
            AuditError::new(&self.folder, format!("cannot word the checkpoint: {error}"), "report this").of_program()
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
            .map_err(|error| io(&self.folder.join(name), "write the file", &error))
    }

    /// The results are whole: from here on a killed run is finished by the next one instead of begun anew.
    pub(crate) fn complete(&self, key: &str) -> Result<(), AuditError> {
        self.write(COMPLETE, key.as_bytes())
    }

    /// Put the results in place. An earlier result goes last.
    pub(crate) fn publish(self) -> Result<(), AuditError> {
        refuse_foreign(&self.out)?;
        self.remove(|name| !RESULTS.contains(&name) && ![LOCK, COMPLETE, OLD].contains(&name))?;
        let failed = |error: std::io::Error| io(&self.out, "put the results in place", &error);
        if self.out.exists() {
            // An `old` from an earlier attempt means that the present one was never replaced.
            remove_folder(&self.file(OLD)).map_err(failed)?;
            std::fs::rename(&self.out, self.file(OLD)).map_err(failed)?;
        }
        std::fs::rename(&self.folder, &self.out).map_err(failed)?;
        remove_folder(&self.out.join(OLD)).map_err(failed)?;
        for name in [COMPLETE, LOCK] {
            std::fs::remove_file(self.out.join(name)).map_err(failed)?;
        }
        Ok(())
    }

    /// The checkpoint on the disk, if it and all its parts can be read.
    fn checkpoint(&self) -> Option<Checkpoint> {
        let text = std::fs::read_to_string(self.file(CHECKPOINT)).ok()?;
        let found: Checkpoint = serde_json::from_str(&text).ok()?;
        let is_whole = (0..found.parts)
            .all(|number| self.part("verdicts", number).is_file() && self.part("findings", number).is_file());
        is_whole.then_some(found)
    }

    /// Begin anew. A result that an interrupted publication moved in here goes back to its place first.
    fn clear(&self) -> Result<(), AuditError> {
        let old = self.file(OLD);
        if old.is_dir() && !self.out.exists() {
            std::fs::rename(&old, &self.out).map_err(|error| io(&self.out, "put the earlier result back", &error))?;
        }
        remove_folder(&old).map_err(|error| io(&old, "remove the folder", &error))?;
        self.remove(|name| name != LOCK)
    }

    fn remove(&self, wanted: impl Fn(&str) -> bool) -> Result<(), AuditError> {
        for path in entries(&self.folder).map_err(|error| io(&self.folder, "read the folder", &error))? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if wanted(&name) {
                std::fs::remove_file(&path).map_err(|error| io(&path, "remove the file", &error))?;
            }
        }
        Ok(())
    }
}

fn io(path: &Path, doing: &str, error: &std::io::Error) -> AuditError {
    AuditError::io(path, doing, error).of_output()
}

fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
}

fn remove_folder(folder: &Path) -> std::io::Result<()> {
    if folder.exists() { std::fs::remove_dir_all(folder) } else { Ok(()) }
}

/// Names that only an audit's work folder has, besides the results themselves.
fn is_work(name: &str) -> bool {
    let plain = name.strip_suffix(".new").unwrap_or(name);
    let is_part = plain.starts_with("part-") && plain.ends_with(".parquet");
    is_part || RESULTS.contains(&plain) || [CHECKPOINT, COMPLETE, LOCK, OLD].contains(&plain)
}

fn holds_only(folder: &Path, known: impl Fn(&str) -> bool) -> bool {
    let is_known = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()).is_some_and(&known);
    entries(folder).is_ok_and(|paths| paths.iter().all(is_known))
}

/// Only the results of an earlier audit are replaced; anything else stays.
fn refuse_foreign(out: &Path) -> Result<(), AuditError> {
    let is_empty = || entries(out).is_ok_and(|paths| paths.is_empty());
    if !out.exists() || out.is_dir() && (is_empty() || holds_only(out, is_work) && is_summary(&out.join(SUMMARY))) {
        return Ok(());
    }
    let message = "the folder holds something that is not an audit's result";
    Err(AuditError::new(out, message, "name another folder with `--out`, or empty this one").of_output())
}

/// Whether a file is an audit's summary, and not another program's of the same name.
fn is_summary(path: &Path) -> bool {
    let value: Option<serde_json::Value> =
        std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let program = value.as_ref().and_then(|value| value.pointer("/run/program")).and_then(serde_json::Value::as_str);
    program.is_some_and(|program| program.starts_with("gongdao "))
}

fn lock(folder: &Path) -> Result<File, AuditError> {
    let path = folder.join(LOCK);
    let file = File::create(&path).map_err(|error| io(&path, "make the lock", &error))?;
    let busy = || {
        let hint = "wait for it, or name another `--out`";
        AuditError::new(folder, "another audit is writing here", hint).of_output()
    };
    file.try_lock().map_err(|_| busy())?;
    // The folder may have been renamed into place between the two steps; then the lock is of nobody's work.
    if path.exists() { Ok(file) } else { Err(busy()) }
}
