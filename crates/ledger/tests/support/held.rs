//! A folder in which the making of one file waits until the test lets it go on.

use gongdao_ledger::{Folder, Storage, StoredFile};
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Nothing that is waited for takes so long.
pub(crate) const LONG: Duration = Duration::from_mins(2);

pub(crate) struct Held {
    folder: Folder,
    name: &'static str,
    /// Says that it waits, and hears when to go on.
    gate: Mutex<Option<(Sender<()>, Receiver<()>)>>,
}

impl Held {
    /// Holds the first making of a file with this name. Tells when it waits; goes on when it is told to.
    pub(crate) fn new(path: &Path, name: &'static str) -> (Self, Receiver<()>, Sender<()>) {
        let ((waits, waiting), (go_on, told)) = (channel(), channel());
        (Self { folder: Folder::new(path), name, gate: Mutex::new(Some((waits, told))) }, waiting, go_on)
    }
}

impl Storage for Held {
    fn open(&self, name: &str) -> io::Result<Option<Box<dyn StoredFile>>> {
        self.folder.open(name)
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn StoredFile>> {
        if name == self.name
            && let Some((waits, told)) = self.gate.lock().unwrap().take()
        {
            waits.send(()).unwrap();
            // Whoever tells may have failed: a test that waits for ever says nothing.
            told.recv_timeout(LONG).unwrap();
        }
        self.folder.create(name)
    }

    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        self.folder.names(folder)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.folder.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.folder.remove(name)
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        self.folder.sync_folder(folder)
    }

    fn lock(&self) -> io::Result<Box<dyn Send>> {
        self.folder.lock()
    }

    fn keep_still(&self) -> io::Result<Box<dyn Send + Sync>> {
        self.folder.keep_still()
    }

    fn keep_copies_out(&self, waits: bool) -> io::Result<Option<Box<dyn Send + Sync>>> {
        self.folder.keep_copies_out(waits)
    }
}
