//! Many rows and their proofs at once: each file is read, and each hash worked out, once for all of them.

use crate::reader::Reader;
use crate::tile_files::{Entries, Tiles};
use crate::{Entry, GroupNumber, LedgerError, Receipt, Row};
use gongdao_merkle::{
    NodeHash, NodeReader, TILE_HEIGHT, TILE_WIDTH, TileKind, TilePath, TileSource, TlogProof, parse_bundle,
    prove_inclusion,
};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// Tiles that are kept with all that is worked out of them, 16 KiB each.
const TILES: usize = 512;

impl Reader {
    /// Some rows. Errors: a place at or beyond the checkpoint; a row that is not there.
    pub fn rows(&self, leaves: &BTreeSet<u64>) -> Result<BTreeMap<u64, Row>, LedgerError> {
        if let Some(last) = leaves.last() {
            self.check_leaf(*last)?;
        }
        let found = self.rows.find(leaves)?;
        match leaves.iter().find(|leaf| !found.contains_key(leaf)) {
            None => Ok(found),
            Some(leaf) => Err(crate::reader::missing(*leaf)),
        }
    }

    /// Receipts for one group of each of some rows, in the order of their places. Those whose group is not there or was erased
    /// are left out.
    pub fn receipts<'a>(
        &self,
        rows: impl IntoIterator<Item = &'a Row>,
        group: GroupNumber,
    ) -> Result<BTreeMap<u64, Receipt>, LedgerError> {
        let rows: BTreeMap<u64, &Row> = rows.into_iter().map(|row| (row.leaf, row)).collect();
        let mut entries = self.entries(&rows.keys().copied().collect())?;
        let tree = Tree { tiles: Tiles(&self.disk), size: self.size(), kept: RefCell::default() };
        let mut receipts = BTreeMap::new();
        for (leaf, row) in rows {
            let Some(entry) = entries.remove(&leaf) else { return Err(crate::reader::missing(leaf)) };
            let Some(opening) = self.opening(row, group, entry) else { continue };
            let inclusion = prove_inclusion(&tree, leaf, self.size())?;
            let proof = TlogProof { extra: None, index: leaf, inclusion, checkpoint: self.checkpoint.clone() };
            receipts.insert(leaf, Receipt::new(proof, opening));
        }
        Ok(receipts)
    }

    /// Some public entries: each bundle is read once.
    fn entries(&self, leaves: &BTreeSet<u64>) -> Result<BTreeMap<u64, Entry>, LedgerError> {
        if let Some(last) = leaves.last() {
            self.check_leaf(*last)?;
        }
        let width = u64::from(TILE_WIDTH);
        let bundles: BTreeSet<u64> = leaves.iter().map(|leaf| leaf / width).collect();
        let mut found = BTreeMap::new();
        if bundles.is_empty() {
            return Ok(found);
        }
        let files = Entries::open(&self.disk, self.size())?;
        for number in bundles {
            let bundle = files.bundle(number)?;
            for (leaf, bytes) in (number * width..).zip(parse_bundle(&bundle)?) {
                if leaves.contains(&leaf) {
                    found.insert(leaf, Entry::parse(bytes).map_err(|error| error.at(format_args!("entry {leaf}")))?);
                }
            }
        }
        Ok(found)
    }
}

/// The hashes of a tile, then those above pairs of them, and so on: as far as there are whole pairs.
type Rows = Rc<Vec<Vec<NodeHash>>>;

/// The tree out of its tiles; what was worked out of a tile is kept for the next proof.
struct Tree<'a> {
    tiles: Tiles<'a>,
    size: u64,
    kept: RefCell<HashMap<TilePath, Rows>>,
}

impl Tree<'_> {
    fn rows(&self, path: TilePath) -> Result<Rows, LedgerError> {
        if let Some(rows) = self.kept.borrow().get(&path) {
            return Ok(Rc::clone(rows));
        }
        let mut rows = vec![self.tiles.tile(path)?];
        for _ in 1..TILE_HEIGHT {
            let below = rows.last().map(Vec::as_slice).unwrap_or_default();
            let (pairs, _) = below.as_chunks::<2>();
            rows.push(pairs.iter().map(|[left, right]| NodeHash::above(*left, *right)).collect());
        }
        let rows = Rc::new(rows);
        let mut kept = self.kept.borrow_mut();
        if kept.len() >= TILES {
            // Proofs are asked for from left to right: what lies behind is not asked for again.
            kept.clear();
        }
        kept.insert(path, Rc::clone(&rows));
        Ok(rows)
    }
}

impl NodeReader for Tree<'_> {
    type Error = LedgerError;

    fn node(&self, level: u8, index: u64) -> Result<NodeHash, LedgerError> {
        let inside = level % TILE_HEIGHT;
        let beyond = || {
            let what = format!("the tiles have no hash {index} of tree level {level}");
            LedgerError::evidence(what, "restore the tiles, or rebuild them from the entries")
        };
        let first = index.checked_mul(1 << inside).ok_or_else(beyond)?;
        let path = TilePath::holding(TileKind::Hashes(level / TILE_HEIGHT), first, self.size)?;
        let place = usize::try_from((first % u64::from(TILE_WIDTH)) >> inside).map_err(|_| beyond())?;
        let rows = self.rows(path)?;
        let found = rows.get(usize::from(inside)).and_then(|row| row.get(place)).copied();
        found.ok_or_else(beyond)
    }
}
