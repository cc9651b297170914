use crate::frontier::{fold_right, full_subtrees};
use crate::{DEPTH_CAP, HASH_BYTES, LeafHash, MerkleError, NodeHash, NodeReader};
use std::fmt;
use std::str::FromStr;

/// Hashes of a full tile.
pub const TILE_WIDTH: u16 = 256;
/// Tree levels that one tile spans.
pub const TILE_HEIGHT: u8 = 8;
/// Bytes of a full tile.
pub const TILE_BYTES: usize = TILE_WIDTH as usize * HASH_BYTES;
/// Highest level of a tile (C2SP tlog-tiles, Merkle Tree).
const LEVEL_CAP: u8 = 63;

/// What a tile path names: hashes of a level, or the entries beside the tiles of level 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// `tile/<L>/…`: hashes of full subtrees of `256^L` leaves.
    Hashes(u8),
    /// `tile/entries/…`: an entry bundle.
    Entries,
}

/// Path of a tile or an entry bundle: `tile/0/x001/x234/067.p/8` (C2SP tlog-tiles).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    kind: TileKind,
    index: u64,
    width: u16,
}

impl TilePath {
    /// Errors: a level above 63; a width of 0 or above 256.
    pub fn new(kind: TileKind, index: u64, width: u16) -> Result<Self, MerkleError> {
        if let TileKind::Hashes(level) = kind
            && level > LEVEL_CAP
        {
            return Err(MerkleError::new(format!("tile level {level}"), "levels go from 0 to 63"));
        }
        if width == 0 || width > TILE_WIDTH {
            return Err(MerkleError::new(format!("tile width {width}"), "tiles hold 1 to 256 hashes"));
        }
        Ok(Self { kind, index, width })
    }

    /// The tile that holds hash `index` of tile level `level` in a tree of `size` leaves.
    ///
    /// Errors: the tree has no such hash.
    pub fn holding(kind: TileKind, index: u64, size: u64) -> Result<Self, MerkleError> {
        let level = if let TileKind::Hashes(level) = kind { level } else { 0 };
        let hashes = 1_u64.checked_shl(u32::from(level) * u32::from(TILE_HEIGHT)).map_or(0, |leaves| size / leaves);
        if index >= hashes {
            return Err(MerkleError::new(
                format!("hash {index} of level {level} in a tree of {size} leaves"),
                "ask for a hash that the tree has",
            ));
        }
        let tile = index / u64::from(TILE_WIDTH);
        let width = (hashes - tile * u64::from(TILE_WIDTH)).min(u64::from(TILE_WIDTH));
        Self::new(kind, tile, u16::try_from(width).unwrap_or(TILE_WIDTH))
    }

    /// Hashes of which level, or entries.
    pub fn kind(self) -> TileKind {
        self.kind
    }

    /// Number of the tile in its level.
    pub fn index(self) -> u64 {
        self.index
    }

    /// Hashes or entries in it, 1 to 256.
    pub fn width(self) -> u16 {
        self.width
    }

    /// Whether it is still growing.
    pub fn is_partial(self) -> bool {
        self.width < TILE_WIDTH
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(f, "tile/{level}")?,
            TileKind::Entries => f.write_str("tile/entries")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        while groups.len() > 1 {
            write!(f, "/x{:03}", groups.pop().unwrap_or_default())?;
        }
        write!(f, "/{:03}", groups.pop().unwrap_or_default())?;
        if self.is_partial() { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

impl FromStr for TilePath {
    type Err = MerkleError;

    /// Reads exactly what is printed: one path for one tile.
    fn from_str(text: &str) -> Result<Self, MerkleError> {
        let refused = || {
            let shown = crate::base64::shortened(text);
            MerkleError::new(format!("`{shown}` is no tile path"), "write it like `tile/0/x001/234.p/8`")
        };
        let rest = text.strip_prefix("tile/").ok_or_else(refused)?;
        let (level, rest) = rest.split_once('/').ok_or_else(refused)?;
        let kind = match level {
            "entries" => TileKind::Entries,
            number => TileKind::Hashes(number.parse().map_err(|_| refused())?),
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, width.parse().map_err(|_| refused())?),
            None => (rest, TILE_WIDTH),
        };
        let mut number = 0_u64;
        for group in index.split('/') {
            let digits: u64 = group.strip_prefix('x').unwrap_or(group).parse().map_err(|_| refused())?;
            number = number.checked_mul(1000).and_then(|high| high.checked_add(digits)).ok_or_else(refused)?;
        }
        let path = Self::new(kind, number, width)?;
        // Leading zeros, signs, groups of another length and a needless `x000` all print otherwise.
        if path.to_string() == text { Ok(path) } else { Err(refused()) }
    }
}

/// All tiles of hashes and bundles that a tree of `new` leaves has and one of `old` has not, in order of level and index.
pub fn new_tiles(old: u64, new: u64) -> Vec<TilePath> {
    let mut tiles = Vec::new();
    let mut add = |kind: TileKind, old: u64, new: u64| {
        let width = u64::from(TILE_WIDTH);
        let mut tile = old / width;
        while tile * width < new && old < new {
            let held = (new - tile * width).min(width);
            tiles.extend(TilePath::new(kind, tile, u16::try_from(held).unwrap_or(TILE_WIDTH)));
            tile += 1;
        }
    };
    add(TileKind::Entries, old, new);
    for level in 0..DEPTH_CAP / TILE_HEIGHT {
        let shift = u32::from(level * TILE_HEIGHT);
        add(TileKind::Hashes(level), old >> shift, new >> shift);
    }
    tiles
}

/// The hashes of a tile: each of 32 bytes, 1 to 256 of them.
///
/// Errors: a length that is no such multiple.
pub fn parse_tile(bytes: &[u8]) -> Result<Vec<NodeHash>, MerkleError> {
    let (chunks, rest) = bytes.as_chunks::<HASH_BYTES>();
    if chunks.is_empty() || !rest.is_empty() || bytes.len() > TILE_BYTES {
        return Err(MerkleError::new(
            format!("a tile of {} bytes", bytes.len()),
            "tiles hold 1 to 256 hashes of 32 bytes; fetch it again",
        ));
    }
    Ok(chunks.iter().copied().map(NodeHash::from_bytes).collect())
}

/// Where tiles of hashes come from.
pub trait TileSource {
    /// What goes wrong when a tile cannot be read.
    type Error: From<MerkleError>;

    /// At least the first `path.width()` hashes of the tile.
    fn tile(&self, path: TilePath) -> Result<Vec<NodeHash>, Self::Error>;
}

/// Reads the hash of any full subtree out of the tiles of a tree.
///
/// It trusts the tiles: check a proof or root made of them against a signed checkpoint.
#[derive(Debug)]
pub struct TileReader<S> {
    source: S,
    size: u64,
}

impl<S> TileReader<S> {
    /// Reads tiles of a tree of `size` leaves.
    pub fn new(source: S, size: u64) -> Self {
        Self { source, size }
    }
}

impl<S: TileSource> NodeReader for TileReader<S> {
    type Error = S::Error;

    fn node(&self, level: u8, index: u64) -> Result<NodeHash, S::Error> {
        let inside = level % TILE_HEIGHT;
        let beyond = || MerkleError::new(format!("hash {index} of tree level {level}"), "ask for a hash the tree has");
        let first = index.checked_mul(1 << inside).ok_or_else(beyond)?;
        let path = TilePath::holding(TileKind::Hashes(level / TILE_HEIGHT), first, self.size)?;
        let hashes = self.source.tile(path)?;
        let from = usize::try_from(first % u64::from(TILE_WIDTH)).map_err(|_| beyond())?;
        let part = hashes.get(from..from + (1 << inside)).ok_or_else(|| {
            MerkleError::new(
                format!("`{path}` holds {} hashes", hashes.len()),
                "fetch the tile again, at its full width",
            )
        })?;
        join(part).ok_or_else(|| beyond().into())
    }
}

/// The hash above neighbouring hashes of one level.
fn join(hashes: &[NodeHash]) -> Option<NodeHash> {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row
            .chunks(2)
            .filter_map(|pair| pair.first().zip(pair.get(1)))
            .map(|(l, r)| NodeHash::above(*l, *r))
            .collect();
    }
    row.first().copied()
}

/// All leaf hashes of a tree in memory; for small trees, as those of an index, and for tests.
#[derive(Debug, Clone, Copy)]
pub struct Leaves<'a>(pub &'a [LeafHash]);

impl NodeReader for Leaves<'_> {
    type Error = MerkleError;

    fn node(&self, level: u8, index: u64) -> Result<NodeHash, MerkleError> {
        let beyond = || MerkleError::new(format!("hash {index} of tree level {level}"), "ask for a hash the tree has");
        let width = 1_u64.checked_shl(u32::from(level)).ok_or_else(beyond)?;
        let start = index.checked_mul(width).ok_or_else(beyond)?;
        let end = start.checked_add(width).ok_or_else(beyond)?;
        let bounds = usize::try_from(start).ok().zip(usize::try_from(end).ok()).ok_or_else(beyond)?;
        let part: Vec<NodeHash> =
            self.0.get(bounds.0..bounds.1).ok_or_else(beyond)?.iter().copied().map(NodeHash::from).collect();
        join(&part).ok_or_else(beyond)
    }
}

/// The root over rows of hashes as a tree of their own, largest subtrees first.
pub fn root_of(leaves: &[LeafHash]) -> crate::RootHash {
    let size = u64::try_from(leaves.len()).unwrap_or(u64::MAX);
    let reader = Leaves(leaves);
    let nodes: Vec<NodeHash> =
        full_subtrees(0, size).into_iter().filter_map(|(level, index)| reader.node(level, index).ok()).collect();
    fold_right(&nodes).map_or_else(crate::RootHash::of_empty_tree, crate::RootHash::from)
}
