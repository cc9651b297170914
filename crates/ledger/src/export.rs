//! Copies of the public part: C2SP tlog-tiles for a plain web server, and packs for an object store. No rows, no keys, no personal data.

use crate::epoch::epoch_name;
use crate::objects::{Objects, failed, get, put_once, taken};
use crate::reader::Reader;
use crate::tile_files::{Entries, Tiles};
use crate::{Epoch, LedgerError};
use gongdao_merkle::{SignedCheckpoint, TILE_WIDTH, TileKind, TilePath, new_tiles, sha256};

const CHECKPOINT: &str = "checkpoint";
const HASHES: &str = "packs/hashes";
const ENTRIES: &str = "packs/entries";
/// Tiles of a pack: as many leaves as one tile of level 1 covers, 2 MiB of hashes.
const TILES: u64 = 256;
const PACK: u64 = TILES * 256;

impl Reader {
    /// Write what a copy lacks, tile by tile as C2SP tlog-tiles names them, and the sealed epochs. `old` is how many entries the
    /// copy is known to have; without it the copy's own checkpoint says so. The checkpoint comes last, so that whoever reads it
    /// finds every tile. Returns the number of files.
    ///
    /// Errors: the copy is of another log, or ahead of this one; the store.
    pub fn export(&self, to: &dyn Objects, old: Option<u64>) -> Result<usize, LedgerError> {
        let there = get(to, CHECKPOINT)?;
        let known = self.size_of_copy(there.as_deref())?;
        let known = old.unwrap_or(known);
        let mut files = 0;
        for path in new_tiles(known, self.size()) {
            put(to, &path.to_string(), &self.tile(path)?)?;
            files += 1;
        }
        files += self.export_epochs(to, known)?;
        self.put_checkpoint(to, there.as_deref())?;
        Ok(files + 1)
    }

    /// Write what a store lacks, 65,536 entries an object: the hashes of their leaves, and the entries with their lengths, as the
    /// folder's `tiles` has them. What is left over stands in an object that the next call replaces. Then the sealed epochs, and
    /// the checkpoint last. Returns the number of objects.
    ///
    /// Errors: the store has packs of another log, or is ahead of this one; the store.
    pub fn pack(&self, to: &dyn Objects) -> Result<usize, LedgerError> {
        let there = get(to, CHECKPOINT)?;
        let known = self.size_of_copy(there.as_deref())?;
        let mut files = 0;
        for number in known / PACK..self.size().div_ceil(PACK) {
            let end = self.size().min((number + 1) * PACK);
            let name = pack_name(number, end - number * PACK);
            put_once(to, &format!("{HASHES}/{name}"), &self.hashes(number * TILES, end)?)?;
            put_once(to, &format!("{ENTRIES}/{name}"), &self.entry_bytes(number * TILES, end)?)?;
            files += 2;
        }
        files += self.export_epochs(to, known)?;
        self.put_checkpoint(to, there.as_deref())?;
        if known % PACK != 0 && known != self.size() {
            // Nobody who reads the new checkpoint looks for it.
            let name = pack_name(known / PACK, known % PACK);
            for folder in [HASHES, ENTRIES] {
                let name = format!("{folder}/{name}");
                to.delete(&name).map_err(|error| failed("remove", &name, &error))?;
            }
        }
        Ok(files + 1)
    }

    /// Epochs whose seal the copy has not; they are public as a whole.
    fn export_epochs(&self, to: &dyn Objects, known: u64) -> Result<usize, LedgerError> {
        let (mut epoch, mut files) = (Epoch(0), 0);
        while let Some((_, sealed_at)) = self.sealed_epoch(epoch)? {
            if sealed_at >= known {
                let name = epoch_name(epoch);
                put(to, &name, &self.disk.read(&name)?.unwrap_or_default())?;
                files += 1;
            }
            epoch = Epoch(epoch.0 + 1);
        }
        Ok(files)
    }

    /// Entries that a copy has, by its own checkpoint.
    fn size_of_copy(&self, checkpoint: Option<&[u8]>) -> Result<u64, LedgerError> {
        let Some(bytes) = checkpoint else { return Ok(0) };
        let refused = |what: &str| {
            LedgerError::evidence(
                format!("the copy there {what}"),
                "name another place; if it is this log's own, the folder was rolled back: restore the newer state",
            )
        };
        let copy = SignedCheckpoint::parse(bytes)?;
        copy.verify(&self.about.key).map_err(|_| refused("is of another log"))?;
        let copy = copy.unverified();
        let ours = self.checkpoint.unverified();
        if copy.size > ours.size {
            return Err(refused(&format!("has {} entries, and the folder {}", copy.size, ours.size)));
        }
        // Nothing is proved of an empty tree.
        if copy.size > 0 {
            self.prove_consistency(copy.size)?
                .verify(copy.size, copy.root, ours.size, ours.root)
                .map_err(|_| refused("is of another history"))?;
        }
        Ok(copy.size)
    }

    fn put_checkpoint(&self, to: &dyn Objects, there: Option<&[u8]>) -> Result<(), LedgerError> {
        let old = there.map(|bytes| sha256(&[bytes]));
        let fresh = self.checkpoint.to_string();
        let is_done = to.swap(CHECKPOINT, old.as_ref(), fresh.as_bytes());
        if is_done.map_err(|error| failed("replace", CHECKPOINT, &error))? { Ok(()) } else { Err(taken(CHECKPOINT)) }
    }

    /// Hashes of leaves from a tile on.
    fn hashes(&self, first: u64, end: u64) -> Result<Vec<u8>, LedgerError> {
        let mut bytes = Vec::new();
        for (tile, width) in tiles(first, end) {
            bytes.extend(Tiles(&self.disk).bytes(TilePath::new(TileKind::Hashes(0), tile, width)?)?);
        }
        Ok(bytes)
    }

    fn entry_bytes(&self, first: u64, end: u64) -> Result<Vec<u8>, LedgerError> {
        let entries = Entries::open(&self.disk, end)?;
        let mut bytes = Vec::new();
        for (tile, _) in tiles(first, end) {
            bytes.extend(entries.bundle(tile)?);
        }
        Ok(bytes)
    }
}

/// Tiles from one on, up to an entry, with their widths.
fn tiles(first: u64, end: u64) -> impl Iterator<Item = (u64, u16)> {
    let width = u64::from(TILE_WIDTH);
    let of = move |tile: u64| u16::try_from(end - tile * width).map_or(TILE_WIDTH, |left| left.min(TILE_WIDTH));
    (first..end.div_ceil(width)).map(move |tile| (tile, of(tile)))
}

fn pack_name(number: u64, count: u64) -> String {
    if count == PACK { format!("{number:010}") } else { format!("{number:010}-{count}") }
}

fn put(to: &dyn Objects, name: &str, bytes: &[u8]) -> Result<(), LedgerError> {
    to.put(name, bytes).map_err(|error| failed("put", name, &error))
}
