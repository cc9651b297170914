use crate::MerkleError;
use crate::base64::{decode_base64, encode_base64, shortened};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// Bytes of a SHA-256 hash.
pub const HASH_BYTES: usize = 32;
const LEAF_PREFIX: [u8; 1] = [0];
const NODE_PREFIX: [u8; 1] = [1];

macro_rules! hash {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; HASH_BYTES]);

        impl $name {
            /// From the 32 bytes of a hash that was worked out elsewhere.
            pub const fn from_bytes(bytes: [u8; HASH_BYTES]) -> Self {
                Self(bytes)
            }

            /// The 32 bytes.
            pub const fn as_bytes(&self) -> &[u8; HASH_BYTES] {
                &self.0
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = MerkleError;
            fn try_from(bytes: &[u8]) -> Result<Self, MerkleError> {
                bytes.try_into().map(Self).map_err(|_| wrong_length(bytes.len()))
            }
        }

        impl FromStr for $name {
            type Err = MerkleError;
            /// From Base64, as hashes stand in notes and proofs.
            fn from_str(text: &str) -> Result<Self, MerkleError> {
                let bytes = decode_base64(text)?;
                Self::try_from(bytes.as_slice()).map_err(|error| error.at(format_args!("`{}`", shortened(text))))
            }
        }

        impl fmt::Display for $name {
            /// Base64, as hashes stand in notes and proofs.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&encode_base64(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

hash!(
    /// Hash of one entry: SHA-256 of a zero byte and the entry (RFC 6962, section 2.1).
    LeafHash
);
hash!(
    /// Hash of a subtree of any height; that of a single leaf is its leaf hash.
    NodeHash
);
hash!(
    /// Hash of a whole tree of a known size.
    RootHash
);

impl LeafHash {
    /// The hash of an entry's bytes.
    pub fn of(entry: &[u8]) -> Self {
        Self(sha256(&[&LEAF_PREFIX, entry]))
    }
}

impl NodeHash {
    /// The node above two: SHA-256 of a one byte, the left and the right hash (RFC 6962, section 2.1).
    #[must_use]
    pub fn above(left: Self, right: Self) -> Self {
        Self(sha256(&[&NODE_PREFIX, &left.0, &right.0]))
    }
}

impl RootHash {
    /// The root of the tree without leaves: SHA-256 of nothing.
    pub fn of_empty_tree() -> Self {
        Self(sha256(&[]))
    }
}

impl From<LeafHash> for NodeHash {
    fn from(leaf: LeafHash) -> Self {
        Self(leaf.0)
    }
}

impl From<NodeHash> for RootHash {
    fn from(node: NodeHash) -> Self {
        Self(node.0)
    }
}

impl From<RootHash> for NodeHash {
    /// A whole tree as a part of a larger one.
    fn from(root: RootHash) -> Self {
        Self(root.0)
    }
}

/// SHA-256 of the parts, one after the other.
pub fn sha256(parts: &[&[u8]]) -> [u8; HASH_BYTES] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

fn wrong_length(bytes: usize) -> MerkleError {
    MerkleError::new(format!("a hash of {bytes} bytes"), "hashes here are SHA-256: 32 bytes")
}
