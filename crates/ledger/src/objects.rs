//! Whole files under names, as an object store keeps them, and a folder whose sealed rows lie in one.
//!
//! Nothing here speaks to a network: whoever opens the ledger gives the store. A manifest is replaced only where the one that it
//! follows is still there, so that of two sealers one wins.

use crate::LedgerError;
use crate::manifest::{MANIFEST, Manifest, SEGMENTS};
use crate::storage::{Disk, Folder, Storage, StoredFile};
use gongdao_merkle::sha256;
use std::fs::{File, OpenOptions};
use std::io;
use std::sync::Arc;

/// Says where the segments of a folder lie.
const PLACE: &str = "objects";
const PLACE_CAP: u64 = 4096;

/// Keeps whole objects. Names are relative, with `/` between parts. What was put is durable on return.
pub trait Objects: Send + Sync {
    /// All bytes; nothing where there is no such object.
    fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>>;
    /// Put under a name, in place of what is there.
    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// Put under a name that is free. False: something is there, and stays.
    fn put_new(&self, name: &str, bytes: &[u8]) -> io::Result<bool>;
    /// Put in place of the bytes with this SHA-256, or under a name that is free. False: something else is there, and stays. Of
    /// several that swap at once one wins; whoever finds their own bytes there has won.
    fn swap(&self, name: &str, old: Option<&[u8; 32]>, bytes: &[u8]) -> io::Result<bool>;
    /// Names of the objects directly under a folder, without it, sorted.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;
    /// Remove; nothing happens where there is none.
    fn delete(&self, name: &str) -> io::Result<()>;
}

/// A folder is a store for everybody who reaches it: a lock on its file `objects.lock` makes each step one.
impl Objects for Folder {
    fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match std::fs::read(self.path().join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let _locked = self.locked()?;
        self.write_whole(name, bytes)
    }

    fn put_new(&self, name: &str, bytes: &[u8]) -> io::Result<bool> {
        let _locked = self.locked()?;
        if self.path().join(name).exists() {
            return Ok(false);
        }
        self.write_whole(name, bytes).map(|()| true)
    }

    fn swap(&self, name: &str, old: Option<&[u8; 32]>, bytes: &[u8]) -> io::Result<bool> {
        let _locked = self.locked()?;
        let there = self.get(name)?.map(|there| sha256(&[&there]));
        if there.as_ref() != old {
            return Ok(there == Some(sha256(&[bytes])));
        }
        self.write_whole(name, bytes).map(|()| true)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.names(folder)
    }

    fn delete(&self, name: &str) -> io::Result<()> {
        let _locked = self.locked()?;
        match self.remove(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => self.sync_folder(crate::storage::parent(name)),
        }
    }
}

impl Folder {
    /// Held until dropped; waits for others.
    fn locked(&self) -> io::Result<File> {
        std::fs::create_dir_all(self.path())?;
        let path = self.path().join("objects.lock");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        file.lock()?;
        Ok(file)
    }

    fn write_whole(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let fresh = format!("{name}.new");
        let file = self.create(&fresh)?;
        file.write_at(0, bytes)?;
        file.sync()?;
        self.rename(&fresh, name)?;
        self.sync_folder(crate::storage::parent(name))
    }
}

/// A folder whose sealed rows lie in an object store. Keys, rows that are not sealed, tiles and the write-ahead log stay in the
/// folder.
pub struct Tiered {
    local: Arc<dyn Storage>,
    objects: Arc<dyn Objects>,
}

impl Tiered {
    /// Both halves. The folder must say that its segments lie in this store ([`segments_at`]).
    pub fn new(local: Arc<dyn Storage>, objects: Arc<dyn Objects>) -> Self {
        Self { local, objects }
    }
}

impl Storage for Tiered {
    fn open(&self, name: &str) -> io::Result<Option<Box<dyn StoredFile>>> {
        self.local.open(name)
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn StoredFile>> {
        self.local.create(name)
    }

    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        self.local.names(folder)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.local.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.local.remove(name)
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        self.local.sync_folder(folder)
    }

    fn sync_files(&self, files: &[&dyn StoredFile]) -> io::Result<()> {
        self.local.sync_files(files)
    }

    fn lock(&self) -> io::Result<Box<dyn Send>> {
        self.local.lock()
    }

    fn keep_still(&self) -> io::Result<Box<dyn Send + Sync>> {
        self.local.keep_still()
    }

    fn keep_copies_out(&self, waits: bool) -> io::Result<Option<Box<dyn Send + Sync>>> {
        self.local.keep_copies_out(waits)
    }

    fn objects(&self, name: &str) -> Option<&dyn Objects> {
        let is_sealed = name == SEGMENTS || name.strip_prefix(SEGMENTS).is_some_and(|rest| rest.starts_with('/'));
        is_sealed.then_some(&*self.objects)
    }
}

/// The address of the store in which the sealed rows of a folder lie; nothing where they lie in the folder itself.
pub fn segments_at(storage: &Arc<dyn Storage>) -> Result<Option<String>, LedgerError> {
    let Some(file) = Disk(Arc::clone(storage)).open(PLACE)? else { return Ok(None) };
    let refused = || LedgerError::evidence(format!("`{PLACE}` is no address"), "see docs/formats/ledger-folder.md");
    let size = Some(file.size()?).filter(|size| *size <= PLACE_CAP).ok_or_else(refused)?;
    let text = String::from_utf8(file.read_from(0, size)?).map_err(|_| refused())?;
    let line = text.strip_suffix('\n').filter(|line| !line.is_empty() && !line.contains(char::is_control));
    line.map(|line| Some(line.to_owned())).ok_or_else(refused)
}

/// Let the sealed rows of a folder lie in a store from now on. What is sealed already is copied there first, checked, and only then
/// leaves the folder; a crash in between leaves it in both, and the next writer removes the one in the folder.
///
/// Errors: a writer has the folder; it has a store already; the store holds another ledger's segments.
pub fn move_segments(storage: &Arc<dyn Storage>, objects: &dyn Objects, address: &str) -> Result<(), LedgerError> {
    let disk = Disk(Arc::clone(storage));
    let _lock = disk.lock()?;
    let _alone = disk.keep_copies_out(true)?;
    if address.is_empty() || address.contains(char::is_control) || address.len() as u64 >= PLACE_CAP {
        return Err(LedgerError::input("this is no address of a store", "name it like `s3://bucket/city`"));
    }
    if let Some(there) = segments_at(storage)? {
        let message = format!("the sealed rows of this folder lie at `{there}` already");
        return Err(LedgerError::input(message, "seal there; rows are moved once"));
    }
    let manifest = Manifest::read(&disk)?;
    for segment in &manifest.segments {
        let bytes = segment
            .read(&disk)?
            .ok_or_else(|| LedgerError::evidence(format!("`{}` is gone", segment.name()), "restore it from a copy"))?;
        put_once(objects, &segment.name(), &bytes)?;
    }
    match disk.read(MANIFEST)? {
        Some(bytes) => put_once(objects, MANIFEST, &bytes)?,
        None if get(objects, MANIFEST)?.is_some() => return Err(taken(MANIFEST)),
        None => {}
    }
    disk.replace(PLACE, format!("{address}\n").as_bytes())?;
    drop_local_segments(&disk)
}

/// Sealed rows that a move left in the folder.
pub(crate) fn drop_local_segments(disk: &Disk) -> Result<(), LedgerError> {
    let names = disk.local_names(SEGMENTS)?;
    disk.remove_local(&names.into_iter().map(|name| format!("{SEGMENTS}/{name}")).collect::<Vec<_>>())
}

/// Put bytes under a name that nothing else has. A try before this one may have put them.
pub(crate) fn put_once(objects: &dyn Objects, name: &str, bytes: &[u8]) -> Result<(), LedgerError> {
    let is_new = objects.put_new(name, bytes).map_err(|error| failed("put", name, &error))?;
    if is_new || get(objects, name)?.is_some_and(|there| there == bytes) { Ok(()) } else { Err(taken(name)) }
}

pub(crate) fn get(objects: &dyn Objects, name: &str) -> Result<Option<Vec<u8>>, LedgerError> {
    objects.get(name).map_err(|error| failed("get", name, &error))
}

pub(crate) fn taken(name: &str) -> LedgerError {
    LedgerError::closed(
        format!("another sealer has put `{name}` into the store"),
        "two writers have copies of one folder, or two ledgers one address: keep the one whose manifest is there",
    )
}

pub(crate) fn failed(what: &str, name: &str, error: &io::Error) -> LedgerError {
    LedgerError::storage(
        format!("cannot {what} `{name}` in the store: {error}"),
        "check address, credentials and network, then start again; what was acknowledged is in the folder",
    )
}

/// An object that was read whole.
pub(crate) struct Held(pub(crate) Vec<u8>);

impl StoredFile for Held {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }

    fn read_at(&self, at: u64, to: &mut [u8]) -> io::Result<()> {
        let from = usize::try_from(at).ok().and_then(|at| self.0.get(at..)?.get(..to.len()));
        to.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, _: u64, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn set_size(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
