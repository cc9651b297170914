use crate::{MerkleError, SignatureLine};

/// Bytes of a type 0x04 cosignature: time and Ed25519 signature.
const ED25519_BYTES: usize = 8 + 64;
/// Bytes of a type 0x06 cosignature: time and ML-DSA-44 signature.
const ML_DSA_44_BYTES: usize = 8 + 2420;

/// A cosignature as its line holds it (C2SP tlog-cosignature). Its length tells the algorithm; whether it fits is for
/// [`crate::VerifierKey::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cosignature {
    /// Ed25519 over time and checkpoint text.
    Ed25519 {
        /// Seconds since 1970, at most 2^63 - 1.
        at: u64,
    },
    /// ML-DSA-44 over time, origin, size and root.
    MlDsa44 {
        /// Seconds since 1970; 0 says nothing about the time.
        at: u64,
    },
    /// Another kind of signature.
    Foreign,
}

impl Cosignature {
    /// What kind of cosignature a line can be, by its length.
    pub fn of(line: &SignatureLine) -> Self {
        let at = split_timestamp(&line.signature).map(|(at, _)| at);
        match (at, line.signature.len()) {
            (Ok(at), ED25519_BYTES) => Self::Ed25519 { at },
            (Ok(at), ML_DSA_44_BYTES) => Self::MlDsa44 { at },
            _ => Self::Foreign,
        }
    }
}

/// What an Ed25519 cosigner signs: a header, the time and the checkpoint's text.
pub(crate) fn cosigned_message(at: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {at}\n{text}")
}

/// Time and signature. Errors: no time, or one above 2^63 - 1.
pub(crate) fn split_timestamp(signature: &[u8]) -> Result<(u64, &[u8]), MerkleError> {
    let (at, rest) = signature.split_first_chunk::<8>().ok_or_else(|| {
        MerkleError::new(
            format!("a cosignature of {} bytes", signature.len()),
            "a cosignature begins with 8 bytes of time",
        )
    })?;
    let at = u64::from_be_bytes(*at);
    if i64::try_from(at).is_err() {
        return Err(MerkleError::new(format!("cosignature time {at}"), "times are seconds since 1970, below 2^63"));
    }
    Ok((at, rest))
}
