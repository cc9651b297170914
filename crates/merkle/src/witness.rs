use crate::checkpoint::parse_decimal;
use crate::receipt::parse_hashes;
use crate::{Checkpoint, ConsistencyProof, MerkleError, RootHash, SignedCheckpoint, VerifierKey};
use std::fmt;

/// Media type of the answer to a wrong old size.
pub const SIZE_MEDIA_TYPE: &str = "text/x.tlog.size";
const CONSISTENCY_CAP: usize = 63;

/// Body of `POST /add-checkpoint`: a checkpoint, and its proof from the size that the witness knows (C2SP tlog-witness).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size that the witness is thought to have cosigned last; 0 where it knows none.
    pub old_size: u64,
    /// From that size to the checkpoint's; empty from size 0.
    pub consistency: ConsistencyProof,
    /// The new checkpoint.
    pub checkpoint: SignedCheckpoint,
}

/// Why a witness does not cosign, and with which HTTP status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// 404: the witness does not know the log.
    UnknownLog,
    /// 403: no signature of the log fits.
    NotSigned(MerkleError),
    /// 400: the old size is above the checkpoint's.
    OldSizeAboveNew,
    /// 409: the witness knows another size; the body is that size and a newline.
    OtherSize(u64),
    /// 409: the same size with another root: the log shows two histories. The body is the size and a newline.
    OtherRoot(u64),
    /// 422: the consistency proof does not hold.
    NotConsistent(MerkleError),
}

impl AddCheckpoint {
    /// Read a request's body. Errors: a form that the specification refuses; more than 63 hashes.
    pub fn parse(bytes: &[u8]) -> Result<Self, MerkleError> {
        let text = str::from_utf8(bytes).map_err(|_| malformed("the request is not UTF-8"))?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or_else(|| malformed("the request has no empty line"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old "));
        let old_size = parse_decimal(old.ok_or_else(|| malformed("the old size is missing"))?)?;
        let consistency = ConsistencyProof(parse_hashes(lines)?);
        if consistency.0.len() > CONSISTENCY_CAP {
            return Err(malformed("the request has more than 63 hashes"));
        }
        Ok(Self { old_size, consistency, checkpoint: SignedCheckpoint::parse(checkpoint.as_bytes())? })
    }

    /// What a witness may cosign: the checks of the specification in its order, without side effects. `known` is what
    /// the witness cosigned last for this origin. The caller keeps the new size and root before it answers, in one step
    /// with this check.
    pub fn check(&self, log_keys: &[VerifierKey], known: Option<(u64, RootHash)>) -> Result<&Checkpoint, Refusal> {
        let checkpoint = self.checkpoint.unverified();
        let of_log = self.checkpoint.keys_of_log(log_keys);
        if of_log.is_empty() {
            return Err(Refusal::UnknownLog);
        }
        self.checkpoint.note().verify(&of_log).map_err(Refusal::NotSigned)?;
        if self.old_size > checkpoint.size {
            return Err(Refusal::OldSizeAboveNew);
        }
        let (size, root) = known.unwrap_or((0, RootHash::of_empty_tree()));
        if self.old_size != size {
            return Err(Refusal::OtherSize(size));
        }
        if size == checkpoint.size && root != checkpoint.root {
            return Err(Refusal::OtherRoot(size));
        }
        self.check_consistency(size, root, checkpoint).map_err(Refusal::NotConsistent)?;
        Ok(checkpoint)
    }

    fn check_consistency(&self, size: u64, root: RootHash, checkpoint: &Checkpoint) -> Result<(), MerkleError> {
        if size > 0 {
            return self.consistency.verify(size, root, checkpoint.size, checkpoint.root);
        }
        // From size 0 there is nothing to prove, and the proof must be empty.
        if self.consistency.0.is_empty() { Ok(()) } else { Err(malformed("a proof from size 0 is not empty")) }
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        self.consistency.0.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl Refusal {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::UnknownLog => 404,
            Self::NotSigned(_) => 403,
            Self::OldSizeAboveNew => 400,
            Self::OtherSize(_) | Self::OtherRoot(_) => 409,
            Self::NotConsistent(_) => 422,
        }
    }

    /// The body: of a 409 the known size and a newline, of others words.
    pub fn body(&self) -> String {
        match self {
            Self::UnknownLog => "the log is not known to this witness\n".to_owned(),
            Self::NotSigned(error) | Self::NotConsistent(error) => format!("{error}\n"),
            Self::OldSizeAboveNew => "the old size is above that of the checkpoint\n".to_owned(),
            Self::OtherSize(size) | Self::OtherRoot(size) => format!("{size}\n"),
        }
    }
}

/// The size in the body of a 409 answer.
pub fn parse_size_answer(bytes: &[u8]) -> Result<u64, MerkleError> {
    let line = str::from_utf8(bytes).ok().and_then(|text| text.strip_suffix('\n'));
    parse_decimal(line.ok_or_else(|| malformed("the answer is not one line"))?)
}

fn malformed(message: &str) -> MerkleError {
    MerkleError::new(message, "see C2SP tlog-witness, add-checkpoint, for the form of requests and answers")
}
