//! A folder that remembers which thread synced what, and in which one sync can be made to wait.

use gongdao_ledger::{Folder, Storage, StoredFile};
use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Gate = (&'static str, Sender<()>, Receiver<()>);

/// Nothing that is waited for takes so long.
pub(crate) const LONG: Duration = Duration::from_mins(2);

#[derive(Clone)]
pub(crate) struct Watched(Arc<Inner>);

struct Inner {
    folder: Folder,
    /// Thread and file or folder.
    synced: Mutex<Vec<(String, String)>>,
    gate: Mutex<Option<Gate>>,
}

struct WatchedFile {
    watched: Watched,
    name: String,
    file: Box<dyn StoredFile>,
}

impl Watched {
    pub(crate) fn new(path: &Path) -> Self {
        Self(Arc::new(Inner { folder: Folder::new(path), synced: Mutex::default(), gate: Mutex::default() }))
    }

    pub(crate) fn synced(&self) -> Vec<(String, String)> {
        self.0.synced.lock().unwrap().clone()
    }

    pub(crate) fn forget(&self) {
        self.0.synced.lock().unwrap().clear();
    }

    /// Holds the next sync of a file. Tells when it waits; goes on when it is told to.
    pub(crate) fn hold(&self, name: &'static str) -> (Receiver<()>, Sender<()>) {
        let ((waits, waiting), (go_on, told)) = (channel(), channel());
        *self.0.gate.lock().unwrap() = Some((name, waits, told));
        (waiting, go_on)
    }

    fn syncs(&self, name: &str) {
        let thread = std::thread::current().name().unwrap_or_default().to_owned();
        self.0.synced.lock().unwrap().push((thread, name.to_owned()));
        let held = self.0.gate.lock().unwrap().take_if(|(held, ..)| *held == name);
        if let Some((_, waits, told)) = held {
            waits.send(()).unwrap();
            // Whoever tells may have failed: a test that waits for ever says nothing.
            told.recv_timeout(LONG).unwrap();
        }
    }

    fn file(&self, name: &str, file: Box<dyn StoredFile>) -> Box<dyn StoredFile> {
        Box::new(WatchedFile { watched: self.clone(), name: name.to_owned(), file })
    }
}

impl Storage for Watched {
    fn open(&self, name: &str) -> io::Result<Option<Box<dyn StoredFile>>> {
        Ok(self.0.folder.open(name)?.map(|file| self.file(name, file)))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn StoredFile>> {
        Ok(self.file(name, self.0.folder.create(name)?))
    }

    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        self.0.folder.names(folder)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.0.folder.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.0.folder.remove(name)
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        self.syncs(folder);
        self.0.folder.sync_folder(folder)
    }

    fn lock(&self) -> io::Result<Box<dyn Send>> {
        self.0.folder.lock()
    }
}

impl StoredFile for WatchedFile {
    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }

    fn read_at(&self, at: u64, to: &mut [u8]) -> io::Result<()> {
        self.file.read_at(at, to)
    }

    fn write_at(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_at(at, bytes)
    }

    fn set_size(&self, size: u64) -> io::Result<()> {
        self.file.set_size(size)
    }

    fn sync(&self) -> io::Result<()> {
        self.watched.syncs(&self.name);
        self.file.sync()
    }
}
