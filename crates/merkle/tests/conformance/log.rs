//! A tiled log at each size, tile paths, and the answers of a large real log.

use gongdao_merkle::{
    ConsistencyProof, Frontier, LeafHash, Leaves, NodeHash, Origin, Policy, RootHash, SignedCheckpoint, TileKind,
    TilePath, TlogProof, VerifierKey, parse_bundle, parse_tile, prove_consistency, prove_inclusion, root,
};
use serde_json::Value;
use std::path::Path;

pub(crate) fn run(folder: &Path, file: &str, bytes: &[u8]) -> Option<usize> {
    let key: VerifierKey = std::fs::read_to_string(folder.join("vkey")).unwrap().trim().parse().unwrap();
    if file == "vkey" {
        return Some(1);
    }
    if let Some(size) = file.strip_prefix("checkpoint.") {
        let signed = SignedCheckpoint::parse(bytes).unwrap();
        let checkpoint = signed.verify(&key).unwrap();
        assert_eq!(checkpoint.size.to_string(), size);
        assert_eq!(checkpoint.origin, key.name().as_str().parse::<Origin>().unwrap());
        assert_eq!(signed.to_string().as_bytes(), bytes);
        receipts(folder, &signed, key);
        return Some(1);
    }
    let path: TilePath = file.parse().ok()?;
    match path.kind() {
        TileKind::Entries => {
            let leaves: Vec<LeafHash> = parse_bundle(bytes).unwrap().into_iter().map(LeafHash::of).collect();
            let tile = TilePath::new(TileKind::Hashes(0), path.index(), path.width()).unwrap().to_string();
            let hashes = parse_tile(&std::fs::read(folder.join(tile)).unwrap()).unwrap();
            assert_eq!(leaves.into_iter().map(NodeHash::from).collect::<Vec<_>>(), hashes, "{file}");
        }
        TileKind::Hashes(_) => assert_eq!(parse_tile(bytes).unwrap().len(), usize::from(path.width()), "{file}"),
    }
    Some(1)
}

/// Each leaf's receipt, and consistency with each smaller tree.
fn receipts(folder: &Path, signed: &SignedCheckpoint, key: VerifierKey) {
    let checkpoint = signed.unverified();
    let policy = Policy::of_log(key);
    let leaves = leaves(folder, checkpoint.size);
    let reader = Leaves(&leaves);
    assert_eq!(root(&reader, checkpoint.size).unwrap(), checkpoint.root);
    let mut frontier = Frontier::new();
    for (index, leaf) in (0..).zip(&leaves) {
        frontier.push(*leaf, |_, _, _| {}).unwrap();
        let inclusion = prove_inclusion(&reader, index, checkpoint.size).unwrap();
        let receipt = TlogProof { extra: None, index, inclusion, checkpoint: signed.clone() };
        let read = TlogProof::parse(receipt.to_string().as_bytes()).unwrap();
        read.verify(*leaf, &policy).unwrap();
        assert!(read.verify(LeafHash::of(b"another"), &policy).is_err());
        let older = prove_consistency(&reader, index + 1, checkpoint.size).unwrap();
        older.verify(index + 1, frontier.root(), checkpoint.size, checkpoint.root).unwrap();
    }
    assert_eq!(frontier.root(), checkpoint.root);
}

fn leaves(folder: &Path, size: u64) -> Vec<LeafHash> {
    let Ok(path) = TilePath::holding(TileKind::Entries, 0, size) else { return Vec::new() };
    let bytes = std::fs::read(folder.join(path.to_string())).unwrap();
    parse_bundle(&bytes).unwrap().into_iter().map(LeafHash::of).collect()
}

pub(crate) fn tile_paths(text: &str) -> usize {
    let value: Value = serde_json::from_str(text).unwrap();
    let mut cases = 0;
    for (list, rows) in value.as_object().unwrap() {
        for row in rows.as_array().unwrap() {
            let number = |key: &str| row[key].as_u64().unwrap();
            let wanted = row["path"].as_str().unwrap();
            let path = match list.as_str() {
                "entries_for_index" => TilePath::holding(TileKind::Entries, number("index"), number("size")).unwrap(),
                "tile" => {
                    let width = u16::try_from(number("width")).unwrap();
                    let level = u8::try_from(number("level")).unwrap();
                    TilePath::new(TileKind::Hashes(level), number("index"), if width == 0 { 256 } else { width })
                        .unwrap()
                }
                other => panic!("`{other}` is not understood"),
            };
            assert_eq!(path.to_string(), wanted);
            assert_eq!(wanted.parse::<TilePath>().unwrap(), path);
            cases += 1;
        }
    }
    cases
}

pub(crate) fn certificate_log(folder: &Path, file: &str) -> Option<usize> {
    match file {
        "get-sth.json" | "old-root.txt" => return Some(0),
        "get-sth-consistency-3654490-961984011.json" => {}
        _ => return None,
    }
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let head: Value = serde_json::from_str(&read("get-sth.json")).unwrap();
    let proof: Value = serde_json::from_str(&read(file)).unwrap();
    let hashes = proof["consistency"].as_array().unwrap().iter().map(|hash| hash.as_str().unwrap().parse().unwrap());
    let old = read("old-root.txt");
    let (size, old_root) = old.trim().split_once(' ').unwrap();
    let new_root: RootHash = head["sha256_root_hash"].as_str().unwrap().parse().unwrap();
    let proof = ConsistencyProof(hashes.collect());
    let (size, old_root) = (size.parse().unwrap(), old_root.parse().unwrap());
    proof.verify(size, old_root, head["tree_size"].as_u64().unwrap(), new_root).unwrap();
    assert!(proof.verify(size, new_root, head["tree_size"].as_u64().unwrap(), new_root).is_err());
    Some(1)
}
