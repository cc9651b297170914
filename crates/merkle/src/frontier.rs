use crate::{LeafHash, MerkleError, NodeHash, RootHash};

/// Trees are at most so high; sizes and indexes are 64-bit numbers.
pub const DEPTH_CAP: u8 = 64;

/// The right edge of a growing tree: the roots of the full subtrees that its leaves make, largest first (RFC 6962,
/// section 2.1). Holds at most 64 hashes, whatever the size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    // INVARIANT: one node a set bit of `size`, from the highest bit down.
    nodes: Vec<NodeHash>,
}

impl Frontier {
    /// The frontier of a tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// A frontier from its full subtrees, largest first, as [`full_subtrees`] names them.
    ///
    /// Errors: the number of nodes is not that of the size.
    pub fn from_nodes(size: u64, nodes: Vec<NodeHash>) -> Result<Self, MerkleError> {
        if usize::try_from(size.count_ones()).is_ok_and(|wanted| wanted == nodes.len()) {
            return Ok(Self { size, nodes });
        }
        Err(MerkleError::new(
            format!("{} nodes for a tree of {size} leaves", nodes.len()),
            "give one node for each full subtree, largest first",
        ))
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The full subtrees, largest first.
    pub fn nodes(&self) -> &[NodeHash] {
        &self.nodes
    }

    /// Append a leaf. `completed` is told each subtree that this leaf fills, as (level, index at that level, hash), from
    /// level 0 (the leaf itself) upwards.
    ///
    /// Errors: the tree already holds 2^64 - 1 leaves.
    pub fn push(&mut self, leaf: LeafHash, mut completed: impl FnMut(u8, u64, NodeHash)) -> Result<(), MerkleError> {
        let size = self.size.checked_add(1).ok_or_else(|| MerkleError::new("the tree is full", "start a new log"))?;
        let mut node = NodeHash::from(leaf);
        let mut index = self.size;
        let mut level = 0;
        completed(level, index, node);
        while index & 1 == 1 {
            let Some(left) = self.nodes.pop() else { break };
            node = NodeHash::above(left, node);
            index >>= 1;
            level += 1;
            completed(level, index, node);
        }
        self.nodes.push(node);
        self.size = size;
        Ok(())
    }

    /// The root of the tree so far.
    pub fn root(&self) -> RootHash {
        fold_right(&self.nodes).map_or_else(RootHash::of_empty_tree, RootHash::from)
    }
}

/// The full subtrees that leaves `start..end` are made of, left to right, as (level, index at that level), where
/// `start` is 0 or a multiple of a power of two that is not below `end - start`.
pub fn full_subtrees(start: u64, end: u64) -> Vec<(u8, u64)> {
    let mut subtrees = Vec::new();
    let mut at = start;
    while at < end {
        let level = (end - at).ilog2();
        subtrees.push((u8::try_from(level).unwrap_or(DEPTH_CAP), at >> level));
        at = at.saturating_add(1 << level);
    }
    subtrees
}

/// One hash over subtrees of falling height, joined from the right.
pub(crate) fn fold_right(nodes: &[NodeHash]) -> Option<NodeHash> {
    let (last, others) = nodes.split_last()?;
    Some(others.iter().rev().fold(*last, |right, left| NodeHash::above(*left, right)))
}
