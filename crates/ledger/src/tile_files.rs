//! Public entries and hashes: one growing file for each tile level, one for the entries, one for where bundles begin.

use crate::LedgerError;
use crate::signing::Unsynced;
use crate::storage::{Disk, DiskFile};
use gongdao_merkle::{
    Frontier, LeafHash, NodeHash, TILE_HEIGHT, TILE_WIDTH, TileKind, TilePath, TileReader, TileSource, full_subtrees,
    parse_bundle, parse_tile, range_hash, write_entry,
};
use std::ops::Range;
use std::sync::Arc;

pub(crate) const FOLDER: &str = "tiles";
const ENTRIES: &str = "tiles/entries";
const OFFSETS: &str = "tiles/offsets";
const HASH: u64 = 32;
/// Levels of tiles that a tree of 2^64 leaves has.
const LEVELS: usize = 8;

/// The files, open for appending.
pub(crate) struct TileFiles {
    disk: Disk,
    entries: Growing,
    offsets: Growing,
    levels: Vec<Growing>,
    /// Files were made whose names are not durable.
    has_names: bool,
    frontier: Frontier,
}

/// A file with what was appended since the last write.
struct Growing {
    file: Arc<DiskFile>,
    size: u64,
    pending: Vec<u8>,
    /// Bytes that are surely on the disk.
    synced: Option<u64>,
    /// Bytes that were to be synced before a checkpoint asks for it.
    flushed: u64,
}

impl Growing {
    fn open(disk: &Disk, name: &str, size: u64) -> Result<Self, LedgerError> {
        let file = disk.open_or_create(name)?;
        let found = file.size()?;
        if found < size {
            return Err(LedgerError::evidence(
                format!("`{name}` holds {found} bytes, and the last checkpoint needs {size}"),
                "the file was cut after the checkpoint was signed; restore it from a copy",
            ));
        }
        file.set_size(size)?;
        // Cut or not, what a crash left may be in memory only.
        Ok(Self::of(file, size))
    }

    /// An empty one whose name is not durable yet.
    fn begin(disk: &Disk, name: &str) -> Result<Self, LedgerError> {
        let (file, _) = disk.open_or_begin(name)?;
        file.set_size(0)?;
        Ok(Self::of(file, 0))
    }

    fn of(file: DiskFile, size: u64) -> Self {
        Self { file: Arc::new(file), size, pending: Vec::new(), synced: None, flushed: size }
    }

    fn end(&self) -> u64 {
        self.size + u64::try_from(self.pending.len()).unwrap_or(u64::MAX)
    }

    fn write(&mut self) -> Result<(), LedgerError> {
        if !self.pending.is_empty() {
            self.file.write_at(self.size, &self.pending)?;
            self.size = self.end();
            self.pending.clear();
        }
        Ok(())
    }
}

impl TileFiles {
    /// Open them as they were when the tree had `size` leaves; what came after is dropped.
    pub(crate) fn open(disk: &Disk, size: u64) -> Result<Self, LedgerError> {
        let mut levels = Vec::new();
        let mut hashes = size;
        loop {
            let level = levels.len();
            levels.push(Growing::open(disk, &level_name(level), hashes * HASH)?);
            hashes /= u64::from(TILE_WIDTH);
            if hashes == 0 {
                break;
            }
        }
        let reader = TileReader::new(Tiles(disk), size);
        let nodes = full_subtrees(0, size)
            .into_iter()
            .map(|(level, index)| range_hash(&reader, index << level, (index + 1) << level));
        let frontier = Frontier::from_nodes(size, nodes.collect::<Result<_, LedgerError>>()?)?;
        let bundles = size.div_ceil(u64::from(TILE_WIDTH));
        let end = if size == 0 { 0 } else { Entries::open(disk, size)?.end()? };
        Ok(Self {
            disk: disk.clone(),
            entries: Growing::open(disk, ENTRIES, end)?,
            offsets: Growing::open(disk, OFFSETS, bundles * 8)?,
            levels,
            // Also of what is found: the start before may have ended in between.
            has_names: true,
            frontier,
        })
    }

    pub(crate) fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Append one entry; nothing is written yet.
    pub(crate) fn push(&mut self, entry: &[u8]) -> Result<(), LedgerError> {
        if self.frontier.size().is_multiple_of(u64::from(TILE_WIDTH)) {
            let start = self.entries.end().to_be_bytes();
            self.offsets.pending.extend_from_slice(&start);
        }
        write_entry(&mut self.entries.pending, entry)?;
        let mut whole = [None; LEVELS];
        self.frontier.push(LeafHash::of(entry), |level, _, hash| {
            if level % TILE_HEIGHT == 0
                && let Some(place) = whole.get_mut(usize::from(level / TILE_HEIGHT))
            {
                *place = Some(hash);
            }
        })?;
        for (level, hash) in whole.into_iter().enumerate() {
            let Some(hash) = hash else { break };
            while self.levels.len() <= level {
                let name = level_name(self.levels.len());
                self.levels.push(Growing::begin(&self.disk, &name)?);
                self.has_names = true;
            }
            if let Some(file) = self.levels.get_mut(level) {
                file.pending.extend_from_slice(hash.as_bytes());
            }
        }
        Ok(())
    }

    /// Hand what was appended to the file system.
    pub(crate) fn write(&mut self) -> Result<(), LedgerError> {
        self.files().try_for_each(Growing::write)
    }

    /// Files that were written since they were last synced.
    pub(crate) fn unsynced(&self) -> impl Iterator<Item = Unsynced> {
        let files = [&self.entries, &self.offsets].into_iter().chain(&self.levels);
        let dirty = files.filter(|growing| growing.synced.is_none_or(|synced| synced < growing.size));
        dirty.map(|growing| (Arc::clone(&growing.file), growing.size))
    }

    /// Files to which at least so many bytes were written since they were last returned here or synced.
    pub(crate) fn take_due(&mut self, least: u64) -> impl Iterator<Item = Arc<DiskFile>> {
        self.files().filter_map(move |growing| {
            let since = growing.size - growing.flushed.max(growing.synced.unwrap_or(0)).min(growing.size);
            (since >= least).then(|| {
                growing.flushed = growing.size;
                Arc::clone(&growing.file)
            })
        })
    }

    /// Whether the folder is to be synced too; whoever asks does it.
    pub(crate) fn take_names(&mut self) -> bool {
        std::mem::take(&mut self.has_names)
    }

    /// Say what was synced.
    pub(crate) fn mark_synced(&mut self, synced: &[Unsynced]) {
        for growing in self.files() {
            let until = synced.iter().find(|(file, _)| Arc::ptr_eq(file, &growing.file)).map(|(_, until)| *until);
            growing.synced = growing.synced.max(until);
        }
    }

    fn files(&mut self) -> impl Iterator<Item = &mut Growing> {
        [&mut self.entries, &mut self.offsets].into_iter().chain(&mut self.levels)
    }
}

/// Reads hashes of tiles out of the files.
#[derive(Clone, Copy)]
pub(crate) struct Tiles<'a>(pub(crate) &'a Disk);

impl Tiles<'_> {
    /// The bytes of a tile of hashes.
    pub(crate) fn bytes(self, path: TilePath) -> Result<Vec<u8>, LedgerError> {
        let TileKind::Hashes(level) = path.kind() else {
            return Err(LedgerError::input("entries are no hashes", "read the bundle instead"));
        };
        let missing = || {
            LedgerError::evidence(
                format!("`{path}` is not there"),
                "restore the tiles, or rebuild them from the entries",
            )
        };
        let file = self.0.open(&level_name(usize::from(level)))?.ok_or_else(missing)?;
        let start = path.index().checked_mul(u64::from(TILE_WIDTH) * HASH).ok_or_else(missing)?;
        file.read_from(start, u64::from(path.width()) * HASH)
    }
}

impl TileSource for Tiles<'_> {
    type Error = LedgerError;

    fn tile(&self, path: TilePath) -> Result<Vec<NodeHash>, LedgerError> {
        Ok(parse_tile(&self.bytes(path)?)?)
    }
}

/// Reads entries out of the files.
pub(crate) struct Entries {
    data: DiskFile,
    offsets: DiskFile,
    size: u64,
}

impl Entries {
    /// Entries of the first `size` leaves.
    pub(crate) fn open(disk: &Disk, size: u64) -> Result<Self, LedgerError> {
        let open = |name: &str| {
            let missing =
                || LedgerError::evidence(format!("`{name}` is not there"), "restore it from a copy or a mirror");
            disk.open(name)?.ok_or_else(missing)
        };
        Ok(Self { data: open(ENTRIES)?, offsets: open(OFFSETS)?, size })
    }

    /// The bundle with this number, cut to the tree's size.
    pub(crate) fn bundle(&self, number: u64) -> Result<Vec<u8>, LedgerError> {
        let width = u64::from(TILE_WIDTH);
        let count = self.size.saturating_sub(number.saturating_mul(width)).min(width);
        let start = self.offset(number)?;
        // The file may hold more bundles than the tree has: a writer goes on.
        let has_next = (number + 2) * 8 <= self.offsets.size()?;
        let end = if has_next { self.offset(number + 1)? } else { self.data.size()? };
        let wrong = || {
            LedgerError::evidence(format!("bundle {number} of `{ENTRIES}` is damaged"), "restore the file from a copy")
        };
        let mut bytes = self.data.read_from(start, end.checked_sub(start).ok_or_else(wrong)?)?;
        let mut kept = 0_usize;
        for _ in 0..count {
            let rest = bytes.get(kept..).ok_or_else(wrong)?;
            let (length, _) = rest.split_first_chunk::<2>().ok_or_else(wrong)?;
            kept += 2 + usize::from(u16::from_be_bytes(*length));
        }
        if kept > bytes.len() {
            return Err(wrong());
        }
        bytes.truncate(kept);
        Ok(bytes)
    }

    /// Where the entries of the tree end in the file.
    fn end(&self) -> Result<u64, LedgerError> {
        let Some(last) = self.size.checked_sub(1) else { return Ok(0) };
        let number = last / u64::from(TILE_WIDTH);
        Ok(self.offset(number)?.saturating_add(u64::try_from(self.bundle(number)?.len()).unwrap_or(u64::MAX)))
    }

    fn offset(&self, number: u64) -> Result<u64, LedgerError> {
        let bytes = self.offsets.read_from(number * 8, 8)?;
        Ok(bytes.first_chunk::<8>().copied().map(u64::from_be_bytes).unwrap_or_default())
    }
}

fn level_name(level: usize) -> String {
    format!("tiles/{level}")
}

/// Entries one after the other, as bytes, for whoever goes through something else beside them.
#[derive(Default)]
pub(crate) struct EntryWalk {
    entries: Option<Entries>,
    /// The bundle that was read last, and where its entries are in it.
    bundle: Vec<u8>,
    places: Vec<Range<usize>>,
    number: Option<u64>,
}

impl EntryWalk {
    /// Of the first `size` entries.
    pub(crate) fn new(disk: &Disk, size: u64) -> Result<Self, LedgerError> {
        let entries = if size == 0 { None } else { Some(Entries::open(disk, size)?) };
        Ok(Self { entries, bundle: Vec::new(), places: Vec::new(), number: None })
    }

    /// Errors: there is no such entry; a damaged bundle.
    pub(crate) fn at(&mut self, leaf: u64) -> Result<&[u8], LedgerError> {
        let width = u64::from(TILE_WIDTH);
        let missing = || LedgerError::evidence(format!("entry {leaf} is not in the files"), "restore them from a copy");
        let number = leaf / width;
        if self.number != Some(number) {
            self.bundle = self.entries.as_ref().ok_or_else(missing)?.bundle(number)?;
            self.places.clear();
            let mut at = 0;
            for entry in parse_bundle(&self.bundle)? {
                self.places.push(at + 2..at + 2 + entry.len());
                at += 2 + entry.len();
            }
            self.number = Some(number);
        }
        let place = usize::try_from(leaf % width).ok().and_then(|at| self.places.get(at)).ok_or_else(missing)?;
        self.bundle.get(place.clone()).ok_or_else(missing)
    }
}
