use crate::Problem;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Packs are three folders deep; deeper nesting is a mistake or a link that leads back up.
const DEEPEST: usize = 8;

/// All files of a packs folder, each read once, so that the digest covers exactly what was judged by.
pub(crate) struct Snapshot {
    files: BTreeMap<PathBuf, Vec<u8>>,
    /// What could not be read.
    pub(crate) problems: Vec<Problem>,
    unreadable: BTreeSet<PathBuf>,
}

impl Snapshot {
    pub(crate) fn of_files(files: BTreeMap<PathBuf, Vec<u8>>) -> Self {
        Self { files, problems: Vec::new(), unreadable: BTreeSet::new() }
    }

    /// Hidden files do not count. Only a root that cannot be listed refuses the whole.
    pub(crate) fn of_folder(root: &Path) -> Result<Self, Box<Problem>> {
        if let Err(error) = std::fs::read_dir(root) {
            let message = format!("cannot read the packs folder: {}", in_words(&error));
            return Err(Box::new(Problem::error(root, None, message).hint("name the folder that holds the packs")));
        }
        let mut snapshot = Self::of_files(BTreeMap::new());
        snapshot.collect(root, "", 0);
        Ok(snapshot)
    }

    fn collect(&mut self, root: &Path, folder: &str, depth: usize) {
        let listing = match std::fs::read_dir(root.join(folder)) {
            Ok(listing) if depth < DEEPEST => listing,
            Ok(_) => {
                let hint = "packs are `jurisdiction/instrument/rules`; look for a link that leads back up";
                self.problems.push(Problem::error(folder, None, "the folder is nested too deeply").hint(hint));
                return;
            }
            Err(error) => return self.cannot_read(folder, &error),
        };
        for entry in listing.filter_map(Result::ok) {
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                let path = Path::new(folder).join(&name);
                let problem = Problem::error(path, None, "the file name is not UTF-8");
                self.problems.push(problem.hint("rename it; names are part of the digest"));
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            if entry.path().is_dir() {
                self.collect(root, &path, depth + 1);
                continue;
            }
            match std::fs::read(entry.path()) {
                Ok(bytes) => drop(self.files.insert(PathBuf::from(path), bytes)),
                Err(error) => self.cannot_read(&path, &error),
            }
        }
    }

    fn cannot_read(&mut self, path: &str, error: &std::io::Error) {
        let problem = Problem::error(path, None, format!("cannot be read: {}", in_words(error)));
        self.problems.push(problem.hint("fix its rights, or take it out"));
        self.unreadable.insert(PathBuf::from(path));
    }

    /// All files with their bytes, or what could not be read.
    pub(crate) fn into_files(self) -> Result<BTreeMap<PathBuf, Vec<u8>>, Vec<Problem>> {
        if self.problems.is_empty() { Ok(self.files) } else { Err(self.problems) }
    }

    /// The bytes of a file, if it is there and could be read.
    pub(crate) fn bytes(&self, path: &Path) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// Whether the file is there; it may be unreadable, which has been reported then.
    pub(crate) fn has(&self, path: &Path) -> bool {
        self.files.contains_key(path) || self.unreadable.contains(path)
    }

    /// Files that lie right in a folder, sorted.
    pub(crate) fn files_in(&self, folder: &Path) -> Vec<PathBuf> {
        self.files.keys().filter(|path| path.parent() == Some(folder)).cloned().collect()
    }

    /// Folders that lie right in a folder, sorted.
    pub(crate) fn folders(&self, folder: &Path) -> Vec<PathBuf> {
        let below = self.files.keys().filter_map(|path| {
            let rest = path.strip_prefix(folder).ok()?;
            let mut parts = rest.components();
            let first = parts.next()?;
            parts.next().map(|_| folder.join(first))
        });
        below.collect::<BTreeSet<_>>().into_iter().collect()
    }

    pub(crate) fn digest(&self) -> String {
        digest(self.files.iter().map(|(path, bytes)| (path.as_path(), bytes)))
    }

    /// The same over one folder, paths relative to it, without one file.
    pub(crate) fn digest_of(&self, folder: &Path, without: &Path) -> String {
        let files = self.files.iter().filter(|(path, _)| path.as_path() != without);
        digest(files.filter_map(|(path, bytes)| Some((path.strip_prefix(folder).ok()?, bytes))))
    }
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn hex_digest(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn digest<'a>(files: impl Iterator<Item = (&'a Path, &'a Vec<u8>)>) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in files {
        let name = path.to_string_lossy();
        hash.update((name.len() as u64).to_be_bytes());
        hash.update(name.as_bytes());
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
    format!("sha256:{:x}", hash.finalize())
}

/// The system's message without its number and its capital.
pub(crate) fn in_words(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is none".to_owned(),
        ErrorKind::PermissionDenied => "no right to read it".to_owned(),
        ErrorKind::NotADirectory => "it is not a folder".to_owned(),
        _ => error.to_string(),
    }
}
