//! A disk in memory that forgets what was not synced, in part or in whole, and that fails when told.

use gongdao_ledger::{Storage, StoredFile};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

const BLOCK: usize = 512;

/// What goes wrong at the chosen step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The machine stops.
    Stop,
    /// A write reaches the disk in half.
    ShortWrite,
    /// No space is left.
    Full,
    /// A sync says that it failed.
    Sync,
    /// From this step on nothing may be changed.
    ReadOnly,
}

#[derive(Clone, Default)]
struct Content {
    durable: Vec<u8>,
    current: Vec<u8>,
    /// Blocks that a failed sync left as if they were written: a later sync passes them over unless they are written again.
    forgotten: BTreeSet<usize>,
    /// Syncs that failed: every open file is told once, as Linux does since 4.13.
    failures: usize,
}

impl Content {
    fn sync(&mut self) {
        let mut durable = self.current.clone();
        for block in &self.forgotten {
            let place = block * BLOCK..((block + 1) * BLOCK).min(durable.len());
            for (at, byte) in durable.iter_mut().enumerate().take(place.end).skip(place.start) {
                *byte = self.durable.get(at).copied().unwrap_or(0);
            }
        }
        self.durable = durable;
    }

    fn fail_to_sync(&mut self) {
        self.failures += 1;
        let differs = |block: &usize| {
            let at = block * BLOCK;
            let part = |bytes: &[u8]| bytes.get(at..(at + BLOCK).min(bytes.len())).map(<[u8]>::to_vec);
            part(&self.durable) != part(&self.current)
        };
        self.forgotten = (0..self.current.len().div_ceil(BLOCK)).filter(differs).collect();
    }
}

#[derive(Clone, Default)]
struct State {
    files: Vec<Content>,
    durable_names: BTreeMap<String, usize>,
    names: BTreeMap<String, usize>,
    steps: usize,
    fault: Option<(usize, Fault)>,
    stopped: bool,
    locked: bool,
}

#[derive(Clone, Default)]
pub(crate) struct CrashDisk(Arc<Mutex<State>>);

struct Open {
    disk: CrashDisk,
    file: usize,
    /// Failed syncs that it was told of.
    told: AtomicUsize,
}

impl CrashDisk {
    /// Steps that changed something so far.
    pub(crate) fn steps(&self) -> usize {
        self.0.lock().unwrap().steps
    }

    pub(crate) fn fail_at(&self, step: usize, fault: Fault) {
        self.0.lock().unwrap().fault = Some((step, fault));
    }

    /// Another disk with all that this one has, synced or not.
    pub(crate) fn copy(&self) -> Self {
        let mut state = self.0.lock().unwrap().clone();
        (state.locked, state.fault) = (false, None);
        Self(Arc::new(Mutex::new(state)))
    }

    /// What is there after a power cut: of what was not synced some blocks, some sizes, and some folders as they were.
    pub(crate) fn after_power_cut(&self, mut chance: impl FnMut() -> bool) -> Self {
        let old = self.0.lock().unwrap();
        let mut state = State::default();
        let mut folders = BTreeMap::new();
        for (name, file) in old.durable_names.iter().chain(&old.names) {
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            let is_new = *folders.entry(folder.to_owned()).or_insert_with(&mut chance);
            let holds = if is_new { &old.names } else { &old.durable_names };
            if holds.get(name) == Some(file) {
                state.names.insert(name.clone(), *file);
            }
        }
        state.durable_names = state.names.clone();
        for content in &old.files {
            let left =
                if content.durable == content.current { content.current.clone() } else { torn(content, &mut chance) };
            state.files.push(Content { durable: left.clone(), current: left, ..Content::default() });
        }
        Self(Arc::new(Mutex::new(state)))
    }

    fn step(&self, writes: bool, syncs: bool) -> io::Result<Option<Fault>> {
        let mut state = self.0.lock().unwrap();
        if state.stopped {
            return Err(io::Error::other("the machine has stopped"));
        }
        let step = state.steps;
        state.steps += 1;
        let Some((at, fault)) = state.fault else { return Ok(None) };
        let fits = match fault {
            Fault::Stop | Fault::ReadOnly => true,
            Fault::ShortWrite | Fault::Full => writes,
            Fault::Sync => syncs,
        };
        if step < at || !fits {
            return Ok(None);
        }
        if fault == Fault::ReadOnly {
            return Err(io::Error::from(io::ErrorKind::ReadOnlyFilesystem));
        }
        state.fault = None;
        match fault {
            Fault::Stop => {
                state.stopped = true;
                Err(io::Error::other("the machine has stopped"))
            }
            Fault::ShortWrite | Fault::ReadOnly => Ok(Some(fault)),
            Fault::Full => Err(io::Error::from(io::ErrorKind::StorageFull)),
            Fault::Sync => Err(io::Error::other("the disk did not write")),
        }
    }

    fn open_file(&self, file: usize) -> Box<dyn StoredFile> {
        let told = AtomicUsize::new(self.0.lock().unwrap().files[file].failures);
        Box::new(Open { disk: self.clone(), file, told })
    }
}

fn torn(content: &Content, chance: &mut impl FnMut() -> bool) -> Vec<u8> {
    let size = if chance() { content.current.len() } else { content.durable.len() };
    let mut left = vec![0; size];
    for (at, block) in left.chunks_mut(BLOCK).enumerate() {
        let from = if chance() { &content.current } else { &content.durable };
        for (place, byte) in block.iter_mut().enumerate() {
            *byte = from.get(at * BLOCK + place).copied().unwrap_or(0);
        }
    }
    left
}

impl Storage for CrashDisk {
    fn open(&self, name: &str) -> io::Result<Option<Box<dyn StoredFile>>> {
        let file = self.0.lock().unwrap().names.get(name).copied();
        Ok(file.map(|file| self.open_file(file)))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn StoredFile>> {
        self.step(true, false)?;
        let mut state = self.0.lock().unwrap();
        state.files.push(Content::default());
        let file = state.files.len() - 1;
        state.names.insert(name.to_owned(), file);
        drop(state);
        Ok(self.open_file(file))
    }

    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        let state = self.0.lock().unwrap();
        let inside = state.names.keys().filter_map(|name| name.strip_prefix(folder)?.strip_prefix('/'));
        Ok(inside.map(str::to_owned).collect())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.step(false, false)?;
        let mut state = self.0.lock().unwrap();
        let file = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.names.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.step(false, false)?;
        self.0.lock().unwrap().names.remove(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(())
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        self.step(false, true)?;
        let mut state = self.0.lock().unwrap();
        let is_in = |name: &String| name.rsplit_once('/').map_or("", |(parent, _)| parent) == folder;
        let kept: BTreeMap<_, _> = state.durable_names.clone().into_iter().filter(|(name, _)| !is_in(name)).collect();
        let fresh: Vec<_> = state.names.clone().into_iter().filter(|(name, _)| is_in(name)).collect();
        state.durable_names = kept;
        state.durable_names.extend(fresh);
        Ok(())
    }

    fn lock(&self) -> io::Result<Box<dyn Send>> {
        let mut state = self.0.lock().unwrap();
        if std::mem::replace(&mut state.locked, true) {
            return Err(io::Error::from(io::ErrorKind::WouldBlock));
        }
        Ok(Box::new(Unlock(self.clone())))
    }
}

struct Unlock(CrashDisk);

impl Drop for Unlock {
    fn drop(&mut self) {
        self.0.0.lock().unwrap().locked = false;
    }
}

impl StoredFile for Open {
    fn size(&self) -> io::Result<u64> {
        Ok(u64::try_from(self.disk.0.lock().unwrap().files[self.file].current.len()).unwrap())
    }

    fn read_at(&self, at: u64, to: &mut [u8]) -> io::Result<()> {
        let state = self.disk.0.lock().unwrap();
        let at = usize::try_from(at).unwrap();
        let bytes = state.files[self.file].current.get(at..at + to.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        to.copy_from_slice(bytes);
        Ok(())
    }

    fn write_at(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let fault = self.disk.step(true, false)?;
        let written = if fault.is_some() { &bytes[..bytes.len() / 2] } else { bytes };
        let mut state = self.disk.0.lock().unwrap();
        let current = &mut state.files[self.file].current;
        let at = usize::try_from(at).unwrap();
        if current.len() < at + written.len() {
            current.resize(at + written.len(), 0);
        }
        current[at..at + written.len()].copy_from_slice(written);
        let touched = at / BLOCK..(at + written.len()).div_ceil(BLOCK);
        state.files[self.file].forgotten.retain(|block| !touched.contains(block));
        if fault.is_some() { Err(io::Error::from(io::ErrorKind::WriteZero)) } else { Ok(()) }
    }

    fn set_size(&self, size: u64) -> io::Result<()> {
        self.disk.step(true, false)?;
        self.disk.0.lock().unwrap().files[self.file].current.resize(usize::try_from(size).unwrap(), 0);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let stepped = self.disk.step(false, true);
        let mut state = self.disk.0.lock().unwrap();
        let content = &mut state.files[self.file];
        match stepped {
            Ok(_) => content.sync(),
            Err(_) => content.fail_to_sync(),
        }
        let failures = content.failures;
        drop(state);
        if self.told.swap(failures, Ordering::SeqCst) < failures {
            stepped.and(Err(io::Error::other("the disk did not write")))
        } else {
            stepped.map(drop)
        }
    }
}
