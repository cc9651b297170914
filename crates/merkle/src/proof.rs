use crate::frontier::{fold_right, full_subtrees};
use crate::{LeafHash, MerkleError, NodeHash, RootHash};

/// Where the hashes of full subtrees come from: tiles, memory, a file.
pub trait NodeReader {
    /// What goes wrong when a hash cannot be read.
    type Error: From<MerkleError>;

    /// The hash of leaves `index << level .. (index + 1) << level`; asked for full subtrees only.
    fn node(&self, level: u8, index: u64) -> Result<NodeHash, Self::Error>;
}

/// That a leaf stands at an index of a tree: the hashes beside its path, from the leaf up (RFC 6962, section 2.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof(pub Vec<NodeHash>);

/// That a tree is the start of a larger one (RFC 6962, section 2.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyProof(pub Vec<NodeHash>);

/// The hash of leaves `start..end`, as [`full_subtrees`] takes them. Errors: those of the reader; an empty range.
pub fn range_hash<R: NodeReader>(reader: &R, start: u64, end: u64) -> Result<NodeHash, R::Error> {
    let nodes: Result<Vec<_>, _> =
        full_subtrees(start, end).into_iter().map(|(level, index)| reader.node(level, index)).collect();
    fold_right(&nodes?).ok_or_else(|| MerkleError::new("an empty range of leaves", "ask for at least one leaf").into())
}

/// The root of the first `size` leaves. Errors: those of the reader.
pub fn root<R: NodeReader>(reader: &R, size: u64) -> Result<RootHash, R::Error> {
    if size == 0 { Ok(RootHash::of_empty_tree()) } else { range_hash(reader, 0, size).map(RootHash::from) }
}

/// Prove that the leaf at `index` is in the tree of the first `size` leaves. Errors: `index` is not below `size`; those
/// of the reader.
pub fn prove_inclusion<R: NodeReader>(reader: &R, index: u64, size: u64) -> Result<InclusionProof, R::Error> {
    check_index(index, size)?;
    let (mut start, mut end) = (0, size);
    let mut proof = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(range_hash(reader, middle, end)?);
            end = middle;
        } else {
            proof.push(range_hash(reader, start, middle)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(InclusionProof(proof))
}

/// Prove that the tree of the first `old` leaves is the start of that of the first `new`. Errors: `old` is 0 or above
/// `new`; those of the reader.
pub fn prove_consistency<R: NodeReader>(reader: &R, old: u64, new: u64) -> Result<ConsistencyProof, R::Error> {
    check_sizes(old, new)?;
    let (mut start, mut end) = (0, new);
    let mut proof = Vec::new();
    // INVARIANT: the old tree ends in `start + 1 ..= end`; the rest of both trees is in `proof`.
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            proof.push(range_hash(reader, middle, end)?);
            end = middle;
        } else {
            proof.push(range_hash(reader, start, middle)?);
            start = middle;
        }
    }
    if start != 0 {
        proof.push(range_hash(reader, start, end)?);
    }
    proof.reverse();
    Ok(ConsistencyProof(proof))
}

impl InclusionProof {
    /// Check that `leaf` stands at `index` of the tree with this size and root.
    ///
    /// Errors: an index outside the tree, a proof of another length than the place has, another root.
    pub fn verify(&self, index: u64, leaf: LeafHash, size: u64, root: RootHash) -> Result<(), MerkleError> {
        self.verify_in_subtree(index, leaf, 0, size, root)
    }

    /// The same in the subtree of leaves `start..end` with the given hash (draft-ietf-plants-merkle-tree-certs, subtree
    /// inclusion proofs).
    pub fn verify_in_subtree(
        &self,
        index: u64,
        leaf: LeafHash,
        start: u64,
        end: u64,
        root: RootHash,
    ) -> Result<(), MerkleError> {
        check_subtree(start, end)?;
        let index = index.checked_sub(start).ok_or_else(|| outside(index, end))?;
        check_index(index, end - start)?;
        let (mut at, mut last) = (index, end - start - 1);
        let mut hash = NodeHash::from(leaf);
        for sibling in &self.0 {
            if last == 0 {
                return Err(too_long());
            }
            if at & 1 == 1 || at == last {
                hash = NodeHash::above(*sibling, hash);
                while at & 1 == 0 && at != 0 {
                    at >>= 1;
                    last >>= 1;
                }
            } else {
                hash = NodeHash::above(hash, *sibling);
            }
            at >>= 1;
            last >>= 1;
        }
        compare(last, RootHash::from(hash), root)
    }
}

impl ConsistencyProof {
    /// Check that the tree of `old_size` leaves with `old_root` is the start of that of `new_size` with `new_root`.
    ///
    /// Errors: `old_size` is 0 (nothing is proved of an empty tree; a caller that accepts it does so before), or above
    /// `new_size`; a proof of another length than the sizes have; another root.
    pub fn verify(
        &self,
        old_size: u64,
        old_root: RootHash,
        new_size: u64,
        new_root: RootHash,
    ) -> Result<(), MerkleError> {
        check_sizes(old_size, new_size)?;
        self.verify_subtree(0, old_size, old_root, new_size, new_root)
    }

    /// Check that the subtree of leaves `start..end` with `subtree_root` is part of the tree of `size` leaves with `root`
    /// (draft-ietf-plants-merkle-tree-certs, subtree consistency proofs). An empty subtree is part of any tree that it
    /// does not lie outside of; the proof is then empty too.
    pub fn verify_subtree(
        &self,
        start: u64,
        end: u64,
        subtree_root: RootHash,
        size: u64,
        root: RootHash,
    ) -> Result<(), MerkleError> {
        check_subtree(start, end)?;
        if end > size {
            return Err(outside(end, size));
        }
        if start == end {
            return if self.0.is_empty() {
                compare(0, RootHash::of_empty_tree(), subtree_root)
            } else {
                Err(too_long())
            };
        }
        let mut walk = Walk::begin(start, end - 1, size - 1);
        let (first, rest) = if walk.first == walk.last {
            (NodeHash::from(subtree_root), self.0.as_slice())
        } else {
            let (first, rest) = self.0.split_first().ok_or_else(too_short)?;
            (*first, rest)
        };
        let (mut part, mut whole) = (first, first);
        for sibling in rest {
            walk.step(*sibling, &mut part, &mut whole)?;
        }
        compare(walk.tree_last, RootHash::from(part), subtree_root)?;
        compare(walk.tree_last, RootHash::from(whole), root)
    }
}

/// Where first and last leaf of a subtree and the last leaf of the tree stand, one level after the other.
struct Walk {
    first: u64,
    last: u64,
    tree_last: u64,
}

impl Walk {
    fn begin(first: u64, last: u64, tree_last: u64) -> Self {
        let mut walk = Self { first, last, tree_last };
        if last == tree_last {
            while walk.first != walk.last {
                walk.rise();
            }
        } else {
            while walk.first != walk.last && walk.last & 1 == 1 {
                walk.rise();
            }
        }
        walk
    }

    fn rise(&mut self) {
        self.first >>= 1;
        self.last >>= 1;
        self.tree_last >>= 1;
    }

    fn step(&mut self, sibling: NodeHash, part: &mut NodeHash, whole: &mut NodeHash) -> Result<(), MerkleError> {
        if self.tree_last == 0 {
            return Err(too_long());
        }
        if self.last & 1 == 1 || self.last == self.tree_last {
            if self.first < self.last {
                *part = NodeHash::above(sibling, *part);
            }
            *whole = NodeHash::above(sibling, *whole);
            while self.last & 1 == 0 && self.last != 0 {
                self.rise();
            }
        } else {
            *whole = NodeHash::above(*whole, sibling);
        }
        self.rise();
        Ok(())
    }
}

/// Leaves left of the root's split: the largest power of two below `size`, which is above 1.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// A subtree starts at a multiple of the smallest power of two that holds its leaves.
fn check_subtree(start: u64, end: u64) -> Result<(), MerkleError> {
    let aligned = end.checked_sub(start).is_some_and(|leaves| match leaves.checked_next_power_of_two() {
        Some(width) => start.is_multiple_of(width),
        None => start == 0,
    });
    if aligned {
        return Ok(());
    }
    Err(MerkleError::new(
        format!("leaves {start} to {end} are no subtree"),
        "start at a multiple of a power of two that holds all its leaves",
    ))
}

fn check_index(index: u64, size: u64) -> Result<(), MerkleError> {
    if index < size { Ok(()) } else { Err(outside(index, size)) }
}

fn check_sizes(old: u64, new: u64) -> Result<(), MerkleError> {
    if old == 0 {
        return Err(MerkleError::new(
            "a consistency proof from a tree without leaves",
            "nothing is proved from size 0; accept it without a proof or ask from a larger size",
        ));
    }
    if old <= new { Ok(()) } else { Err(outside(old, new)) }
}

fn outside(index: u64, size: u64) -> MerkleError {
    MerkleError::new(format!("place {index} lies outside a tree of {size} leaves"), "check the index and the tree size")
}

fn too_long() -> MerkleError {
    MerkleError::new("the proof is longer than its place in the tree", PROOF_HINT)
}

fn too_short() -> MerkleError {
    MerkleError::new("the proof is shorter than its place in the tree", PROOF_HINT)
}

const PROOF_HINT: &str = "ask for the proof again, for the same index and tree size; do not rely on what it claims";

fn compare(left: u64, found: RootHash, wanted: RootHash) -> Result<(), MerkleError> {
    if left != 0 {
        return Err(too_short());
    }
    if found == wanted {
        return Ok(());
    }
    Err(MerkleError::new(format!("the proof leads to `{found}`, not to `{wanted}`"), PROOF_HINT))
}
