use crate::base64::{decode_base64, encode_base64};
use crate::checkpoint::parse_decimal;
use crate::{DEPTH_CAP, InclusionProof, LeafHash, MerkleError, NodeHash, Policy, SignedCheckpoint};
use std::fmt;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// That an entry was logged, to be checked offline: index, inclusion proof and checkpoint (C2SP tlog-proof).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// What an application adds; not authenticated by the proof itself.
    pub extra: Option<Vec<u8>>,
    /// Place of the entry.
    pub index: u64,
    /// From the leaf to the checkpoint's root.
    pub inclusion: InclusionProof,
    /// The checkpoint with the signatures it came with.
    pub checkpoint: SignedCheckpoint,
}

impl TlogProof {
    /// Read a `.tlog-proof` file. Errors: another first line; lines that are missing, unknown or out of order; more
    /// than 64 hashes.
    pub fn parse(bytes: &[u8]) -> Result<Self, MerkleError> {
        let text = str::from_utf8(bytes).map_err(|_| malformed("the proof is not UTF-8"))?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or_else(|| malformed("the proof has no empty line"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return Err(malformed("the first line is not `c2sp.org/tlog-proof@v1`"));
        }
        let mut line = lines.next();
        let extra = line.and_then(|line| line.strip_prefix("extra ")).map(decode_base64).transpose()?;
        if extra.is_some() {
            line = lines.next();
        }
        let index =
            line.and_then(|line| line.strip_prefix("index ")).ok_or_else(|| malformed("the index is missing"))?;
        let inclusion = InclusionProof(parse_hashes(lines)?);
        let checkpoint = SignedCheckpoint::parse(checkpoint.as_bytes())?;
        Ok(Self { extra, index: parse_decimal(index)?, inclusion, checkpoint })
    }

    /// Check that an entry with this leaf hash was logged: the policy accepts the checkpoint, and the proof leads to it.
    /// Says nothing about `extra`.
    pub fn verify(&self, leaf: LeafHash, policy: &Policy) -> Result<(), MerkleError> {
        let checkpoint = policy.verify(&self.checkpoint)?;
        self.inclusion.verify(self.index, leaf, checkpoint.size, checkpoint.root)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", encode_base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.inclusion.0.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// Hashes in Base64, one a line, at most 64.
pub(crate) fn parse_hashes<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Vec<NodeHash>, MerkleError> {
    let mut hashes = Vec::new();
    for line in lines {
        if hashes.len() == usize::from(DEPTH_CAP) {
            return Err(malformed("the proof has more than 64 hashes"));
        }
        hashes.push(
            line.parse::<NodeHash>().map_err(|error| error.at(format_args!("hash {} of the proof", hashes.len())))?,
        );
    }
    Ok(hashes)
}

fn malformed(message: &str) -> MerkleError {
    MerkleError::new(message, "a proof is its head, hashes, an empty line and a checkpoint (C2SP tlog-proof)")
}
