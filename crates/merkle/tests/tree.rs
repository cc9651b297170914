//! The tree beside two others: the recursive definition of RFC 6962, and the crate `tlog_tiles`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use gongdao_merkle::{
    Frontier, LeafHash, Leaves, MerkleError, NodeHash, RootHash, TileKind, TilePath, TileReader, TileSource,
    full_subtrees, new_tiles, prove_consistency, prove_inclusion, root, root_of, sha256,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tlog_tiles::{Hash, HashReader};

fn leaves(count: u64) -> Vec<LeafHash> {
    (0..count).map(|number: u64| LeafHash::of(&number.to_be_bytes())).collect()
}

/// MTH, PATH and PROOF word for word as RFC 6962, section 2.1, over hashes of leaves.
mod naive {
    use super::{LeafHash, sha256};

    pub(crate) fn split(leaves: usize) -> usize {
        let mut width = 1;
        while width * 2 < leaves {
            width *= 2;
        }
        width
    }

    pub(crate) fn root(leaves: &[LeafHash]) -> [u8; 32] {
        match leaves {
            [] => sha256(&[]),
            [leaf] => *leaf.as_bytes(),
            _ => {
                let (left, right) = leaves.split_at(split(leaves.len()));
                sha256(&[&[1], &root(left), &root(right)])
            }
        }
    }

    pub(crate) fn path(index: usize, leaves: &[LeafHash]) -> Vec<[u8; 32]> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let (left, right) = leaves.split_at(split(leaves.len()));
        let (mut hashes, last) = if index < left.len() {
            (path(index, left), root(right))
        } else {
            (path(index - left.len(), right), root(left))
        };
        hashes.push(last);
        hashes
    }

    pub(crate) fn consistency(old: usize, leaves: &[LeafHash], whole: bool) -> Vec<[u8; 32]> {
        if old == leaves.len() {
            return if whole { Vec::new() } else { vec![root(leaves)] };
        }
        let (left, right) = leaves.split_at(split(leaves.len()));
        let (mut proof, last) = if old <= left.len() {
            (consistency(old, left, whole), root(right))
        } else {
            (consistency(old - left.len(), right, false), root(left))
        };
        proof.push(last);
        proof
    }
}

fn bytes(hashes: &[NodeHash]) -> Vec<[u8; 32]> {
    hashes.iter().map(|hash| *hash.as_bytes()).collect()
}

#[test]
fn every_small_tree_is_that_of_the_definition() {
    let all = leaves(70);
    let mut frontier = Frontier::new();
    for size in 0..=all.len() {
        let (part, size_wide) = (&all[..size], u64::try_from(size).unwrap());
        let reader = Leaves(part);
        let wanted = RootHash::from_bytes(naive::root(part));
        assert_eq!(root(&reader, size_wide).unwrap(), wanted);
        assert_eq!(root_of(part), wanted);
        assert_eq!(frontier.root(), wanted);
        assert_eq!(Frontier::from_nodes(size_wide, frontier.nodes().to_vec()).unwrap(), frontier);
        for index in 0..size {
            let at = u64::try_from(index).unwrap();
            let proof = prove_inclusion(&reader, at, size_wide).unwrap();
            assert_eq!(bytes(&proof.0), naive::path(index, part));
            proof.verify(at, part[index], size_wide, wanted).unwrap();
            let old = index + 1;
            let proof = prove_consistency(&reader, at + 1, size_wide).unwrap();
            assert_eq!(bytes(&proof.0), naive::consistency(old, part, true));
            let old_root = RootHash::from_bytes(naive::root(&part[..old]));
            proof.verify(at + 1, old_root, size_wide, wanted).unwrap();
        }
        if size < all.len() {
            frontier.push(all[size], |_, _, _| {}).unwrap();
        }
    }
}

/// Hashes by the index under which `tlog_tiles` keeps them.
struct Stored(BTreeMap<u64, Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|index| self.0[index]).collect())
    }
}

#[test]
fn proofs_are_those_of_another_implementation() {
    let mut stored = Stored(BTreeMap::new());
    let mut frontier = Frontier::new();
    let all = leaves(600);
    for leaf in &all {
        let mut told = Vec::new();
        frontier
            .push(*leaf, |level, index, hash| told.push((tlog_tiles::stored_hash_index(level, index), hash)))
            .unwrap();
        stored.0.extend(told.into_iter().map(|(index, hash)| (index, Hash(*hash.as_bytes()))));
    }
    let reader = Leaves(&all);
    for size in [1_u64, 2, 3, 255, 256, 257, 511, 513, 599, 600] {
        let theirs = tlog_tiles::tree_hash(size, &stored).unwrap();
        let ours = root(&reader, size).unwrap();
        assert_eq!(theirs.0, *ours.as_bytes());
        for at in (0..size).step_by(7) {
            let proof = prove_inclusion(&reader, at, size).unwrap();
            let record = tlog_tiles::prove_record(size, at, &stored).unwrap();
            assert_eq!(bytes(&proof.0), record.iter().map(|hash| hash.0).collect::<Vec<_>>());
            let tree = tlog_tiles::prove_tree(size, at + 1, &stored).unwrap();
            let proof = prove_consistency(&reader, at + 1, size).unwrap();
            assert_eq!(bytes(&proof.0), tree.iter().map(|hash| hash.0).collect::<Vec<_>>());
        }
    }
}

/// Tiles in memory, at the width they were last written.
#[derive(Default)]
struct Tiles(BTreeMap<(u8, u64), Vec<NodeHash>>);

impl TileSource for &Tiles {
    type Error = MerkleError;

    fn tile(&self, path: TilePath) -> Result<Vec<NodeHash>, MerkleError> {
        let TileKind::Hashes(level) = path.kind() else { panic!("asked for entries") };
        Ok(self.0.get(&(level, path.index())).cloned().unwrap_or_default())
    }
}

#[test]
fn tiles_hold_what_proofs_need() {
    let all = leaves(66_000);
    let mut tiles = Tiles::default();
    let mut frontier = Frontier::new();
    for leaf in &all {
        frontier
            .push(*leaf, |level, index, hash| {
                if level % 8 == 0 {
                    tiles.0.entry((level / 8, index / 256)).or_default().push(hash);
                }
            })
            .unwrap();
    }
    for size in [1_u64, 255, 256, 257, 65_535, 65_536, 65_537, 66_000] {
        let reader = TileReader::new(&tiles, size);
        let part = &all[..usize::try_from(size).unwrap()];
        let wanted = root_of(part);
        assert_eq!(root(&reader, size).unwrap(), wanted);
        for at in [0, size / 3, size - 1] {
            let proof = prove_inclusion(&reader, at, size).unwrap();
            proof.verify(at, part[usize::try_from(at).unwrap()], size, wanted).unwrap();
            let old = root(&reader, at + 1).unwrap();
            prove_consistency(&reader, at + 1, size).unwrap().verify(at + 1, old, size, wanted).unwrap();
        }
    }
    let short = Tiles(BTreeMap::from([((0, 0), vec![NodeHash::from(all[0])])]));
    let error = root(&TileReader::new(&short, 2), 2).unwrap_err();
    assert_eq!(error.message, "`tile/0/000.p/2` holds 1 hashes");
}

#[test]
fn new_tiles_are_those_of_the_specification() {
    let names = |old, new| new_tiles(old, new).iter().map(ToString::to_string).collect::<Vec<_>>();
    let all = names(0, 70_000);
    assert_eq!(all.iter().filter(|name| name.starts_with("tile/0/")).count(), 274);
    assert_eq!(all.iter().filter(|name| name.starts_with("tile/entries/")).count(), 274);
    for name in ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"] {
        assert!(all.iter().any(|found| found == name), "{name}");
    }
    assert_eq!(names(255, 256), ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(names(256, 257), ["tile/entries/001.p/1", "tile/0/001.p/1"]);
    assert!(names(300, 300).is_empty());
}

proptest! {
    /// Whatever is changed in a proof, its place or its claim, it is refused.
    #[test]
    fn a_changed_proof_is_refused(size in 2_u64..300, at in any::<u64>(), what in 0..6_u8, bit in 0..256_usize, which in any::<usize>()) {
        let all = leaves(size);
        let reader = Leaves(&all);
        let at = at % size;
        let mut proof = prove_inclusion(&reader, at, size).unwrap();
        let mut leaf = all[usize::try_from(at).unwrap()];
        let mut place = at;
        let mut root = root_of(&all);
        let flip = |hash: &[u8; 32]| { let mut bytes = *hash; bytes[bit / 8] ^= 1 << (bit % 8); bytes };
        match what {
            0 => { let which = which % proof.0.len(); proof.0[which] = NodeHash::from_bytes(flip(proof.0[which].as_bytes())); }
            1 => { proof.0.pop(); }
            2 => proof.0.push(NodeHash::from(leaf)),
            3 => leaf = LeafHash::from_bytes(flip(leaf.as_bytes())),
            4 => place = (at + 1) % size,
            _ => root = RootHash::from_bytes(flip(root.as_bytes())),
        }
        prop_assert!(proof.verify(place, leaf, size, root).is_err());
    }

    #[test]
    fn full_subtrees_cover_the_range(size in any::<u64>()) {
        let mut at = 0_u64;
        for (level, index) in full_subtrees(0, size) {
            prop_assert_eq!(index << level, at);
            at += 1_u64 << level;
        }
        prop_assert_eq!(at, size);
    }

    #[test]
    fn a_tile_path_is_read_as_printed(level in 0..64_u8, index in any::<u64>(), width in 1..=256_u16, entries in any::<bool>()) {
        let kind = if entries { TileKind::Entries } else { TileKind::Hashes(level) };
        let path = TilePath::new(kind, index, width).unwrap();
        prop_assert_eq!(path.to_string().parse::<TilePath>().unwrap(), path);
    }
}
