//! The disk, small enough to be replaced by one that fails.

use crate::LedgerError;
use crate::objects::{Held, Objects, failed as failed_object, put_once, taken};
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A folder of files. Names are relative, with `/` between parts.
pub trait Storage: Send + Sync {
    /// Open a file for reading and writing; nothing where it does not exist.
    fn open(&self, name: &str) -> io::Result<Option<Box<dyn StoredFile>>>;
    /// Make an empty file, or empty the one that is there.
    fn create(&self, name: &str) -> io::Result<Box<dyn StoredFile>>;
    /// Names of the files in a folder, sorted; none where it does not exist.
    fn names(&self, folder: &str) -> io::Result<Vec<String>>;
    /// Put a file in place of another in one step.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Remove a file.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Make creations, renames and removals in a folder durable.
    fn sync_folder(&self, folder: &str) -> io::Result<()>;
    /// Return only when the contents of all these files are durable. May do so for all at once: a journal that is shared
    /// is then written once.
    fn sync_files(&self, files: &[&dyn StoredFile]) -> io::Result<()> {
        files.iter().try_for_each(|file| file.sync())
    }
    /// Take the folder for one writer. Errors: another has it. Given up when the returned value is dropped.
    fn lock(&self) -> io::Result<Box<dyn Send>>;
    /// For a copy: erasures and sealing, which change files in place, are kept out until the returned value is dropped. Waits for
    /// one that is going on; several copies may be made at once. Storages that one process alone uses need none of it.
    fn keep_still(&self) -> io::Result<Box<dyn Send + Sync>> {
        Ok(Box::new(()))
    }
    /// The reverse, for erasures and sealing. Waits for copies where `waits`; else nothing is returned while one is made.
    fn keep_copies_out(&self, _waits: bool) -> io::Result<Option<Box<dyn Send + Sync>>> {
        Ok(Some(Box::new(())))
    }
    /// The store in which a file or the files of a folder lie as whole objects; nothing where they lie here.
    fn objects(&self, _name: &str) -> Option<&dyn Objects> {
        None
    }
}

/// One file of a [`Storage`].
pub trait StoredFile: Send + Sync {
    /// Bytes in it.
    fn size(&self) -> io::Result<u64>;
    /// Fill the buffer from a place. Errors: the file ends before.
    fn read_at(&self, at: u64, to: &mut [u8]) -> io::Result<()>;
    /// Write all bytes at a place.
    fn write_at(&self, at: u64, bytes: &[u8]) -> io::Result<()>;
    /// Cut or lengthen.
    fn set_size(&self, size: u64) -> io::Result<()>;
    /// Return only when contents are durable.
    fn sync(&self) -> io::Result<()>;
}

/// Bytes of a file that is put in place of another that are synced at once.
const PIECE: usize = 1 << 20;
/// Bytes of files that go at once, and how long commits have the disk for themselves then. Some file systems tell the disk at once what
/// has become free (ext4 mounted with `discard`): a millisecond a MiB, for which every sync waits.
const CUT: u64 = 4 << 20;
const BETWEEN_CUTS: Duration = Duration::from_millis(10);

/// A folder of the local file system.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at a path; it is made when the first file is.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Taken by whoever copies together with others, by an erasure or a sealing alone.
    fn copying(&self) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(self.root.join("copying"))
    }

    fn make_parent(path: &Path) -> io::Result<()> {
        let Some(parent) = path.parent().filter(|parent| !parent.is_dir()) else { return Ok(()) };
        std::fs::create_dir_all(parent)?;
        // A folder that a crash forgets would take its files with it.
        match parent.parent() {
            // A name alone lies in the current folder.
            Some(above) if above.as_os_str().is_empty() => File::open(".")?.sync_all(),
            Some(above) => File::open(above)?.sync_all(),
            None => Ok(()),
        }
    }
}

impl Storage for Folder {
    fn open(&self, name: &str) -> io::Result<Option<Box<dyn StoredFile>>> {
        match OpenOptions::new().read(true).write(true).open(self.root.join(name)) {
            Ok(file) => Ok(Some(Box::new(LocalFile(file)))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            // Readers of a folder that they may not change need no more.
            Err(error)
                if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) =>
            {
                Ok(Some(Box::new(LocalFile(File::open(self.root.join(name))?))))
            }
            Err(error) => Err(error),
        }
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn StoredFile>> {
        let path = self.root.join(name);
        Self::make_parent(&path)?;
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
        Ok(Box::new(LocalFile(file)))
    }

    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        let entries = match std::fs::read_dir(self.root.join(folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.root.join(from), self.root.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.root.join(name))
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        File::open(self.root.join(folder))?.sync_all()
    }

    fn sync_files(&self, files: &[&dyn StoredFile]) -> io::Result<()> {
        std::thread::scope(|scope| {
            let running: Vec<_> = files.iter().map(|file| scope.spawn(|| file.sync())).collect();
            // The scope waits for all, also after one has failed.
            running
                .into_iter()
                .try_for_each(|one| one.join().unwrap_or_else(|_| Err(io::Error::other("a thread ended"))))
        })
    }

    fn lock(&self) -> io::Result<Box<dyn Send>> {
        let path = self.root.join("lock");
        Self::make_parent(&path)?;
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        file.try_lock().map_err(io::Error::from)?;
        Ok(Box::new(file))
    }

    fn keep_still(&self) -> io::Result<Box<dyn Send + Sync>> {
        let file = self.copying()?;
        file.lock_shared()?;
        Ok(Box::new(file))
    }

    fn keep_copies_out(&self, waits: bool) -> io::Result<Option<Box<dyn Send + Sync>>> {
        let file = self.copying()?;
        if waits {
            file.lock()?;
            return Ok(Some(Box::new(file)));
        }
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

struct LocalFile(File);

impl StoredFile for LocalFile {
    fn size(&self) -> io::Result<u64> {
        self.0.metadata().map(|about| about.len())
    }

    fn read_at(&self, at: u64, to: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(to, at)
    }

    fn write_at(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all_at(bytes, at)
    }

    fn set_size(&self, size: u64) -> io::Result<()> {
        self.0.set_len(size)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}

/// A storage whose errors say the file and what to do.
#[derive(Clone)]
pub(crate) struct Disk(pub(crate) Arc<dyn Storage>);

/// An open file with its name.
pub(crate) struct DiskFile {
    name: String,
    file: Box<dyn StoredFile>,
}

impl Disk {
    pub(crate) fn open(&self, name: &str) -> Result<Option<DiskFile>, LedgerError> {
        if let Some(objects) = self.0.objects(name) {
            let held = objects.get(name).map_err(|error| failed_object("get", name, &error))?;
            return Ok(held.map(|bytes| DiskFile { name: name.to_owned(), file: Box::new(Held(bytes)) }));
        }
        let file = self.0.open(name).map_err(|error| failed("open", name, &error))?;
        Ok(file.map(|file| DiskFile { name: name.to_owned(), file }))
    }

    pub(crate) fn create(&self, name: &str) -> Result<DiskFile, LedgerError> {
        let file = self.0.create(name).map_err(|error| failed("make", name, &error))?;
        Ok(DiskFile { name: name.to_owned(), file })
    }

    /// Open a file, or make it empty and its name durable.
    pub(crate) fn open_or_create(&self, name: &str) -> Result<DiskFile, LedgerError> {
        if let Some(file) = self.open(name)? {
            return Ok(file);
        }
        let file = self.create(name)?;
        file.sync()?;
        self.sync_folder(parent(name))?;
        Ok(file)
    }

    /// Open a file, or make it empty; whether its folder is still to be synced, so that its name stays.
    pub(crate) fn open_or_begin(&self, name: &str) -> Result<(DiskFile, bool), LedgerError> {
        match self.open(name)? {
            Some(file) => Ok((file, false)),
            None => Ok((self.create(name)?, true)),
        }
    }

    pub(crate) fn names(&self, folder: &str) -> Result<Vec<String>, LedgerError> {
        match self.0.objects(folder) {
            Some(objects) => objects.list(folder).map_err(|error| failed_object("list", folder, &error)),
            None => self.local_names(folder),
        }
    }

    /// Whether files of a folder lie in a store.
    pub(crate) fn has_objects(&self, folder: &str) -> bool {
        self.0.objects(folder).is_some()
    }

    /// Names of files in the folder itself, also where others lie in a store.
    pub(crate) fn local_names(&self, folder: &str) -> Result<Vec<String>, LedgerError> {
        self.0.names(folder).map_err(|error| failed("list", folder, &error))
    }

    pub(crate) fn rename(&self, from: &str, to: &str) -> Result<(), LedgerError> {
        self.0.rename(from, to).map_err(|error| failed("rename", from, &error))?;
        self.sync_folder(parent(to))
    }

    pub(crate) fn remove(&self, name: &str) -> Result<(), LedgerError> {
        self.0.remove(name).map_err(|error| failed("remove", name, &error))?;
        self.sync_folder(parent(name))
    }

    /// Remove files of one folder, with one sync for all.
    pub(crate) fn remove_all(&self, names: &[String]) -> Result<(), LedgerError> {
        let Some(objects) = names.first().and_then(|name| self.0.objects(name)) else {
            return self.remove_local(names);
        };
        names.iter().try_for_each(|name| objects.delete(name).map_err(|error| failed_object("remove", name, &error)))
    }

    /// The same, of files in the folder itself.
    pub(crate) fn remove_local(&self, names: &[String]) -> Result<(), LedgerError> {
        for name in names {
            self.0.remove(name).map_err(|error| failed("remove", name, &error))?;
        }
        names.last().map_or(Ok(()), |name| self.sync_folder(parent(name)))
    }

    /// Remove local files of one folder while a writer goes on, in no hurry. Who has one open can still read it.
    pub(crate) fn remove_slowly(&self, names: &[String]) -> Result<(), LedgerError> {
        let mut gone = 0;
        for name in names {
            gone += self.open(name)?.map_or(Ok(0), |file| file.size())?;
            self.0.remove(name).map_err(|error| failed("remove", name, &error))?;
            if gone >= CUT {
                std::thread::sleep(BETWEEN_CUTS);
                gone = 0;
            }
        }
        names.last().map_or(Ok(()), |name| self.sync_folder(parent(name)))
    }

    /// Take a large local file's name away, durably, then its bytes, in no hurry. Who has it open can no longer read it. `going` is its
    /// name meanwhile, in the same folder; after a crash it means nothing.
    pub(crate) fn cut_away(&self, name: &str, going: &str) -> Result<(), LedgerError> {
        self.rename(name, going)?;
        if let Some(file) = self.open(going)? {
            let mut left = file.size()?;
            while left > CUT {
                left -= CUT;
                file.set_size(left)?;
                std::thread::sleep(BETWEEN_CUTS);
            }
        }
        self.remove(going)
    }

    pub(crate) fn sync_files(&self, files: &[&DiskFile]) -> Result<(), LedgerError> {
        let names: Vec<&str> = files.iter().map(|file| file.name()).collect();
        let files: Vec<&dyn StoredFile> = files.iter().map(|file| &*file.file).collect();
        self.0.sync_files(&files).map_err(|error| failed("sync", &names.join("`, `"), &error))
    }

    pub(crate) fn lock(&self) -> Result<Box<dyn Send>, LedgerError> {
        self.0.lock().map_err(|error| {
            if error.kind() == io::ErrorKind::WouldBlock {
                LedgerError::closed(
                    "another program has this folder",
                    "stop the other one first; two writers would fork the log",
                )
            } else {
                failed("lock", "lock", &error)
            }
        })
    }

    pub(crate) fn keep_still(&self) -> Result<Box<dyn Send + Sync>, LedgerError> {
        self.0.keep_still().map_err(|error| failed("lock", "copying", &error))
    }

    pub(crate) fn keep_copies_out(&self, waits: bool) -> Result<Option<Box<dyn Send + Sync>>, LedgerError> {
        self.0.keep_copies_out(waits).map_err(|error| failed("lock", "copying", &error))
    }

    pub(crate) fn sync_folder(&self, folder: &str) -> Result<(), LedgerError> {
        self.0.sync_folder(folder).map_err(|error| failed("sync", folder, &error))
    }

    /// All bytes of a file; nothing where it does not exist.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        self.open(name)?.map(|file| file.read_from(0, file.size()?)).transpose()
    }

    /// Put bytes under a name so that after a crash either the old or the new ones are there, whole.
    pub(crate) fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), LedgerError> {
        if let Some(objects) = self.0.objects(name) {
            return put_once(objects, name, bytes);
        }
        let fresh = format!("{name}.new");
        let file = self.create(&fresh)?;
        let mut at = 0;
        for piece in bytes.chunks(PIECE) {
            file.write_at(at, piece)?;
            at += u64::try_from(piece.len()).unwrap_or(u64::MAX);
            // Commits wait for the same disk.
            file.sync()?;
        }
        if bytes.is_empty() {
            file.sync()?;
        }
        self.rename(&fresh, name)
    }

    /// The same, in place of the bytes with this SHA-256. In the folder itself the writer's lock keeps others away; in a store
    /// nothing else does.
    pub(crate) fn swap(&self, name: &str, old: Option<&[u8; 32]>, bytes: &[u8]) -> Result<(), LedgerError> {
        let Some(objects) = self.0.objects(name) else { return self.replace(name, bytes) };
        let is_done = objects.swap(name, old, bytes).map_err(|error| failed_object("replace", name, &error))?;
        if is_done { Ok(()) } else { Err(taken(name)) }
    }
}

impl DiskFile {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn size(&self) -> Result<u64, LedgerError> {
        self.file.size().map_err(|error| failed("measure", &self.name, &error))
    }

    pub(crate) fn read_from(&self, at: u64, count: u64) -> Result<Vec<u8>, LedgerError> {
        // What a damaged file says of lengths must not become memory.
        let end = at.checked_add(count).filter(|end| self.size().is_ok_and(|size| *end <= size));
        let count = end.and_then(|_| usize::try_from(count).ok()).ok_or_else(|| {
            LedgerError::evidence(
                format!("`{}` ends before byte {}", self.name, at.saturating_add(count)),
                "the file was cut or another one is damaged; restore it from a copy",
            )
        })?;
        let mut bytes = vec![0; count];
        self.file.read_at(at, &mut bytes).map_err(|error| failed("read", &self.name, &error))?;
        Ok(bytes)
    }

    pub(crate) fn write_at(&self, at: u64, bytes: &[u8]) -> Result<(), LedgerError> {
        self.file.write_at(at, bytes).map_err(|error| failed("write", &self.name, &error))
    }

    pub(crate) fn set_size(&self, size: u64) -> Result<(), LedgerError> {
        self.file.set_size(size).map_err(|error| failed("cut", &self.name, &error))
    }

    pub(crate) fn sync(&self) -> Result<(), LedgerError> {
        self.file.sync().map_err(|error| failed("sync", &self.name, &error))
    }
}

pub(crate) fn parent(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn failed(what: &str, name: &str, error: &io::Error) -> LedgerError {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free space on the disk, then start again; nothing acknowledged is lost"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "give the program write access to the folder"
        }
        _ => "check the disk, then start again; what was acknowledged is recovered or its loss is named",
    };
    LedgerError::storage(format!("cannot {what} `{name}`: {error}"), hint)
}
