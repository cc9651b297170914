//! Checks of all files of a ledger against its checkpoint.

use crate::audit::{Audit, FindingKind, is_sealed_by};
use crate::epoch::{ClosedEpoch, each_entry};
use crate::reader::Reader;
use crate::storage::Disk;
use crate::tile_files::Tiles;
use crate::{EntryKind, Epoch, LedgerError, LoggedAt};
use gongdao_merkle::{Frontier, LeafHash, TILE_HEIGHT, TILE_WIDTH, TileKind, TilePath};
use std::collections::BTreeMap;

impl Reader {
    /// Make the tree again from the entries, compare every tile and the signed root, make every closed index again, and
    /// recompute every row to its leaf.
    ///
    /// Errors: a file that cannot be read at all; all else is a finding.
    pub fn fsck(&self) -> Result<Audit, LedgerError> {
        let mut audit = Audit::default();
        self.check_public(&mut audit)?;
        let rows = self.audit(0..self.size())?;
        audit.findings.extend(rows.findings);
        Ok(Audit { entries: rows.entries, opened: rows.opened, erased: rows.erased, ..audit })
    }

    /// The part that needs no keys and no rows: what a witness or anyone with a mirror can do.
    pub fn check_public(&self, audit: &mut Audit) -> Result<(), LedgerError> {
        let mut tree = TreeCheck::new(&self.disk);
        let mut last = LoggedAt::from_seconds(0);
        let mut seals = Vec::new();
        let walked = each_entry(&self.disk, 0..self.size(), |leaf, bytes, entry| {
            tree.push(bytes, audit)?;
            if entry.logged_at < last {
                audit.find(FindingKind::Entry, Some(leaf), "was logged before the entry in front of it");
            }
            last = entry.logged_at;
            if entry.kind == EntryKind::IndexSeal {
                seals.push((leaf, entry));
            }
            Ok(())
        });
        if let Err(error) = walked {
            audit.find(FindingKind::Entry, None, error.message);
            return Ok(());
        }
        tree.finish(audit);
        if tree.frontier.root() != self.checkpoint.unverified().root {
            audit.find(FindingKind::Tree, None, "the entries do not make the root that was signed");
        }
        let (mut start, mut earlier) = (0, 0);
        for (epoch, (leaf, entry)) in (0..).map(Epoch).zip(seals) {
            match ClosedEpoch::read(&self.disk, epoch)? {
                Some(closed) if is_sealed_by(&closed, &entry) => {
                    // After its epoch, and before the next one ends.
                    let end = closed.seal.end_leaf;
                    if closed.seal.first_leaf != start || !(earlier..=leaf).contains(&end) {
                        audit.find(FindingKind::Index, Some(leaf), "seals an epoch that leaves entries out");
                    }
                    (start, earlier) = (end, leaf.saturating_add(1));
                    if let Err(error) = closed.rebuild(&self.disk) {
                        audit.find(FindingKind::Index, Some(leaf), error.message);
                    }
                }
                _ => audit.find(
                    FindingKind::Index,
                    Some(leaf),
                    format!("the file of epoch {} is not what it seals", epoch.0),
                ),
            }
        }
        Ok(())
    }
}

/// The tree made again, tile by tile beside the files.
struct TreeCheck<'a> {
    disk: &'a Disk,
    frontier: Frontier,
    open: BTreeMap<u8, (u64, Vec<u8>)>,
}

impl<'a> TreeCheck<'a> {
    fn new(disk: &'a Disk) -> Self {
        Self { disk, frontier: Frontier::new(), open: BTreeMap::new() }
    }

    fn push(&mut self, entry: &[u8], audit: &mut Audit) -> Result<(), LedgerError> {
        let open = &mut self.open;
        let mut full = Vec::new();
        self.frontier.push(LeafHash::of(entry), |level, index, hash| {
            if level % TILE_HEIGHT != 0 {
                return;
            }
            let tile = open.entry(level / TILE_HEIGHT).or_insert_with(|| (index / u64::from(TILE_WIDTH), Vec::new()));
            tile.1.extend_from_slice(hash.as_bytes());
            if index % u64::from(TILE_WIDTH) == u64::from(TILE_WIDTH) - 1 {
                full.push(level / TILE_HEIGHT);
            }
        })?;
        for level in full {
            if let Some((index, bytes)) = self.open.remove(&level) {
                self.compare(level, index, &bytes, audit);
            }
        }
        Ok(())
    }

    fn finish(&mut self, audit: &mut Audit) {
        for (level, (index, bytes)) in std::mem::take(&mut self.open) {
            self.compare(level, index, &bytes, audit);
        }
    }

    fn compare(&self, level: u8, index: u64, bytes: &[u8], audit: &mut Audit) {
        let width = u16::try_from(bytes.len() / 32).unwrap_or(TILE_WIDTH);
        let path = TilePath::new(TileKind::Hashes(level), index, width);
        match path.map_err(LedgerError::from).and_then(|path| Tiles(self.disk).bytes(path).map(|found| (path, found))) {
            Ok((_, found)) if found == bytes => {}
            Ok((path, _)) => audit.find(FindingKind::Tree, None, format!("`{path}` is not that of the entries")),
            Err(error) => audit.find(FindingKind::Tree, None, error.message),
        }
    }
}
