//! All files of a folder, in parallel. What was read is noted in a journal line by line, so that a stopped scan goes on.

use crate::report::{Report, report};
use crate::{ErrorKind, LabelError, read};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What to scan.
#[derive(Debug, Clone, Copy)]
pub struct ScanRequest<'a> {
    /// The folder. Links in it are not followed.
    pub folder: &'a Path,
    /// Files that are read at once; at least 1.
    pub threads: usize,
    /// Where finished files are noted. Lines of an earlier scan count while a file's size and time of change are the same.
    pub journal: Option<&'a Path>,
}

/// Who watches a scan.
pub trait Watch: Sync {
    /// So many files of so many are done.
    fn progress(&self, done: usize, all: usize);
    /// Whether to stop after the files in hand.
    fn is_stopped(&self) -> bool;
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// From the folder on, with `/` between.
    pub path: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Time of last change, in milliseconds since 1970; 0 where the system does not say.
    pub changed_millis: u64,
    /// What came out.
    pub outcome: Outcome,
}

/// What came out of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// It was read.
    Read {
        /// What it says.
        report: Report,
    },
    /// No place for a label is known in such a file.
    Unsupported {
        /// Which kind.
        message: String,
    },
    /// It cannot be read.
    Failed {
        /// Why.
        message: String,
        /// What to do.
        hint: String,
    },
}

/// A folder's files, in the order of their paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scan {
    /// The files that are done.
    pub entries: Vec<Entry>,
    /// So many of them come from the journal.
    pub resumed: usize,
    /// Whether all files are done.
    pub is_complete: bool,
}

/// How many files came out how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All.
    pub files: usize,
    /// One label, as the standard asks.
    pub conforms: usize,
    /// A label that does not keep the standard.
    pub fails: usize,
    /// No label.
    pub absent: usize,
    /// Not fully read.
    pub cannot_tell: usize,
    /// No place for a label is known.
    pub unsupported: usize,
    /// Could not be read.
    pub failed: usize,
}

impl Scan {
    /// The counts.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { files: self.entries.len(), ..Counts::default() };
        for entry in &self.entries {
            let count = match &entry.outcome {
                Outcome::Read { report } => match report.conformity.as_str() {
                    "conforms" => &mut counts.conforms,
                    "fails" => &mut counts.fails,
                    "absent" => &mut counts.absent,
                    _ => &mut counts.cannot_tell,
                },
                Outcome::Unsupported { .. } => &mut counts.unsupported,
                Outcome::Failed { .. } => &mut counts.failed,
            };
            *count += 1;
        }
        counts
    }
}

/// Scans a folder.
///
/// Errors: the folder or the journal cannot be read or written. A file that cannot be read is an entry, not an error.
pub fn scan(request: &ScanRequest<'_>, watch: &dyn Watch) -> Result<Scan, LabelError> {
    let mut known = request.journal.map(read_journal).transpose()?.unwrap_or_default();
    let skipped = request.journal.and_then(|journal| std::fs::canonicalize(journal).ok());
    let mut todo = Vec::new();
    let mut entries = Vec::new();
    for (path, size_bytes, changed_millis) in files(request.folder, skipped.as_deref())? {
        match known.remove(&path) {
            Some(entry) if entry.size_bytes == size_bytes && entry.changed_millis == changed_millis => {
                entries.push(entry);
            }
            _ => todo.push((path, size_bytes, changed_millis)),
        }
    }
    let resumed = entries.len();
    let all = resumed + todo.len();
    let journal = request.journal.map(append_to).transpose()?.map(Mutex::new);
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(resumed);
    let found = Mutex::new(Vec::with_capacity(todo.len()));
    let fault = Mutex::new(None);
    watch.progress(resumed, all);
    std::thread::scope(|scope| {
        for _ in 0..request.threads.max(1) {
            scope.spawn(|| {
                while !watch.is_stopped() {
                    let Some((path, size, changed)) = todo.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                    let entry = entry(request.folder, path, *size, *changed);
                    if let Err(error) = note(journal.as_ref(), &entry) {
                        locked(&fault).get_or_insert(error);
                        break;
                    }
                    locked(&found).push(entry);
                    watch.progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);
                }
            });
        }
    });
    if let Some(error) = locked(&fault).take() {
        return Err(error);
    }
    entries.append(&mut locked(&found));
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    let is_complete = entries.len() == all;
    Ok(Scan { entries, resumed, is_complete })
}

/// A lock that a panicking thread held still guards whole values here.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn entry(folder: &Path, path: &str, size_bytes: u64, changed_millis: u64) -> Entry {
    let outcome =
        match File::open(folder.join(path)).map_err(LabelError::from).and_then(|mut file| read(&mut file, path)) {
            Ok(reading) => Outcome::Read { report: report(&reading) },
            Err(error) if error.kind == ErrorKind::Unsupported => Outcome::Unsupported { message: error.message },
            Err(error) => Outcome::Failed { message: error.to_string(), hint: error.hint },
        };
    Entry { path: path.to_owned(), size_bytes, changed_millis, outcome }
}

/// Path, size and time of change of every file below a folder.
type Listed = (String, u64, u64);

fn files(folder: &Path, skipped: Option<&Path>) -> Result<Vec<Listed>, LabelError> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for item in std::fs::read_dir(&next)? {
            let item = item?;
            let kind = item.file_type()?;
            if kind.is_dir() {
                folders.push(item.path());
            } else if kind.is_file()
                && skipped.is_none_or(|skipped| item.path().canonicalize().is_ok_and(|p| p != skipped))
            {
                let metadata = item.metadata()?;
                let changed = metadata.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
                let changed = changed.and_then(|since| u64::try_from(since.as_millis()).ok()).unwrap_or(0);
                found.push((relative(folder, &item.path()), metadata.len(), changed));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn relative(folder: &Path, path: &Path) -> String {
    let below = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<String> = below.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    parts.join("/")
}

/// Entries of a journal by path; the last line of a path counts. A line that is torn is left out: its file is read again.
fn read_journal(journal: &Path) -> Result<BTreeMap<String, Entry>, LabelError> {
    let file = match File::open(journal) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error.into()),
    };
    let mut known = BTreeMap::new();
    for line in BufReader::new(file).split(b'\n') {
        if let Ok(entry) = serde_json::from_slice::<Entry>(&line?) {
            known.insert(entry.path.clone(), entry);
        }
    }
    Ok(known)
}

/// The journal, with a line end after a torn line.
fn append_to(journal: &Path) -> Result<File, LabelError> {
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(journal)?;
    if file.metadata()?.len() > 0 {
        file.write_all(b"\n")?;
    }
    Ok(file)
}

fn note(journal: Option<&Mutex<File>>, entry: &Entry) -> Result<(), LabelError> {
    let Some(journal) = journal else { return Ok(()) };
    let mut line = serde_json::to_vec(entry)
        .map_err(|error| LabelError::new(ErrorKind::Program, error.to_string(), "report it"))?;
    line.push(b'\n');
    locked(journal).write_all(&line)?;
    Ok(())
}
