//! Hashes, proofs and signed notes of transparency logs.
//!
//! In: entries, hashes, keys and the bytes of C2SP files. Out: trees (RFC 6962, SHA-256), inclusion and consistency proofs,
//! tiles, checkpoints, cosignatures, receipts, policies and witness messages, each made, read and checked. Contains no file
//! or network access, no clock and no random numbers, and nothing about what an entry means.
//!
//! Sources: RFC 6962; c2sp.org/tlog-tiles, tlog-checkpoint, signed-note, tlog-cosignature, tlog-proof, tlog-policy,
//! tlog-witness. What a reader refuses is refused with words; nothing is repaired.

mod base64;
mod bundle;
mod checkpoint;
mod cosignature;
mod error;
mod frontier;
mod hash;
mod key;
mod note;
mod policy;
mod proof;
mod receipt;
mod tile;
mod witness;

pub use base64::{decode_base64, encode_base64};
pub use bundle::{ENTRY_BYTES_CAP, parse_bundle, write_entry};
pub use checkpoint::{Checkpoint, Origin, SignedCheckpoint};
pub use cosignature::Cosignature;
pub use error::MerkleError;
pub use frontier::{DEPTH_CAP, Frontier, full_subtrees};
pub use hash::{HASH_BYTES, LeafHash, NodeHash, RootHash, sha256};
pub use key::{KeyId, KeyKind, KeyName, NoteSigner, VerifierKey};
pub use note::{Note, SignatureLine, Verified, parse_signature_lines};
pub use policy::Policy;
pub use proof::{ConsistencyProof, InclusionProof, NodeReader, prove_consistency, prove_inclusion, range_hash, root};
pub use receipt::TlogProof;
pub use tile::{
    Leaves, TILE_BYTES, TILE_HEIGHT, TILE_WIDTH, TileKind, TilePath, TileReader, TileSource, new_tiles, parse_tile,
    root_of,
};
pub use witness::{AddCheckpoint, Refusal, SIZE_MEDIA_TYPE, parse_size_answer};
