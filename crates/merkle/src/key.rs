use crate::base64::{decode_base64, encode_base64, shortened};
use crate::cosignature::{cosigned_message, split_timestamp};
use crate::{MerkleError, SignatureLine, sha256};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use std::fmt;
use std::str::FromStr;

const ED25519: u8 = 0x01;
const COSIGNATURE_ED25519: u8 = 0x04;
const COSIGNATURE_ML_DSA_44: u8 = 0x06;
const ML_DSA_44_KEY_BYTES: usize = 1312;

/// Name of a key: not empty, without spaces, plus signs and control characters (C2SP signed-note).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(String);

impl KeyName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = MerkleError;
    fn from_str(text: &str) -> Result<Self, MerkleError> {
        let refused = |sign: char| sign.is_whitespace() || sign == '+' || sign < ' ';
        if text.is_empty() || text.contains(refused) {
            return Err(MerkleError::new(
                format!("`{}` is no key name", shortened(text)),
                "use a name like `example.com/log`: no spaces and no plus sign",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Four bytes that tell keys of one name apart; not a digest to rely on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 4]);

impl KeyId {
    /// From the four bytes before a signature.
    pub const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// The four bytes.
    pub const fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }

    /// As recommended: start of SHA-256 of the name, a newline, the type and the key.
    fn of(name: &KeyName, encoded: &[u8]) -> Self {
        let [a, b, c, d, ..] = sha256(&[name.0.as_bytes(), b"\n", encoded]);
        Self([a, b, c, d])
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// What a key signs, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyKind {
    /// Type 0x01: Ed25519 over the note's text; a log's own signature.
    Ed25519(VerifyingKey),
    /// Type 0x04: Ed25519 over a time and a checkpoint; a witness's cosignature.
    CosignatureEd25519(VerifyingKey),
    /// Type 0x06: ML-DSA-44 cosignatures. Read and kept; not verified by this version.
    CosignatureMlDsa44(Vec<u8>),
    /// Any other type, 0xff with its longer identifier among them: read, kept and not verified.
    Foreign {
        /// The type's byte.
        kind: u8,
        /// All after it.
        key: Vec<u8>,
    },
}

/// A public key with its name: `example.com/foo+530d903a+AekyeRrm56…` (C2SP signed-note, verifier keys).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: KeyName,
    id: KeyId,
    kind: KeyKind,
}

impl VerifierKey {
    /// The key's name.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The key's id.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The key and what it signs.
    pub fn kind(&self) -> &KeyKind {
        &self.kind
    }

    /// Whether this version checks signatures of the key's type; others are kept and prove nothing here.
    pub fn is_verifiable(&self) -> bool {
        matches!(self.kind, KeyKind::Ed25519(_) | KeyKind::CosignatureEd25519(_))
    }

    /// The key's bytes without name and type: two keys with the same are duplicates (C2SP tlog-policy).
    pub fn public_bytes(&self) -> &[u8] {
        match &self.kind {
            KeyKind::Ed25519(key) | KeyKind::CosignatureEd25519(key) => key.as_bytes(),
            KeyKind::CosignatureMlDsa44(key) | KeyKind::Foreign { key, .. } => key,
        }
    }

    /// Check a signature over a note's text. Ed25519 is checked strictly: no cofactor, and keys and commitments of
    /// small order are refused.
    ///
    /// Errors: it does not fit; a type that this version does not verify.
    pub fn verify(&self, text: &str, signature: &[u8]) -> Result<(), MerkleError> {
        match &self.kind {
            KeyKind::Ed25519(key) => self.check(key, text.as_bytes(), signature),
            KeyKind::CosignatureEd25519(key) => {
                let (at, signature) = split_timestamp(signature)?;
                self.check(key, cosigned_message(at, text).as_bytes(), signature)
            }
            KeyKind::CosignatureMlDsa44(_) => Err(self.not_verified("ML-DSA-44")),
            KeyKind::Foreign { kind, .. } => Err(self.not_verified(&format!("0x{kind:02x}"))),
        }
    }

    fn check(&self, key: &VerifyingKey, message: &[u8], signature: &[u8]) -> Result<(), MerkleError> {
        let fits = Signature::from_slice(signature).and_then(|signature| key.verify_strict(message, &signature));
        fits.map_err(|_| {
            MerkleError::new(
                format!("the signature of `{}` does not fit the text", self.name),
                "the text or the signature was changed, or the key is not that of the signer: do not trust it",
            )
        })
    }

    fn not_verified(&self, kind: &str) -> MerkleError {
        MerkleError::new(
            format!("key `{}` is of type {kind}, which this version does not verify", self.name),
            "use an Ed25519 key of the same signer",
        )
    }

    fn encoded(&self) -> Vec<u8> {
        let kind = match &self.kind {
            KeyKind::Ed25519(_) => ED25519,
            KeyKind::CosignatureEd25519(_) => COSIGNATURE_ED25519,
            KeyKind::CosignatureMlDsa44(_) => COSIGNATURE_ML_DSA_44,
            KeyKind::Foreign { kind, .. } => *kind,
        };
        [&[kind], self.public_bytes()].concat()
    }
}

impl FromStr for VerifierKey {
    type Err = MerkleError;

    /// Errors: a form that is no verifier key; an id that does not belong to a type of known layout; bytes that are no
    /// point of the curve.
    fn from_str(text: &str) -> Result<Self, MerkleError> {
        let refused = |why: &str| {
            MerkleError::new(
                format!("`{}` is no verifier key: {why}", shortened(text)),
                "write it like `example.com/log+530d903a+Aeky…`: name, id, and type with key in Base64",
            )
        };
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(refused("it lacks a part"));
        };
        let name: KeyName = name.parse()?;
        let digits = id.len() == 8 && id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let number = u32::from_str_radix(id, 16).ok().filter(|_| digits);
        let id = KeyId(number.ok_or_else(|| refused("its id is not eight hexadecimal digits"))?.to_be_bytes());
        let encoded = decode_base64(key)?;
        let (kind, key) = encoded.split_first().ok_or_else(|| refused("it has no key"))?;
        let point = || {
            let bytes: Option<[u8; 32]> = key.try_into().ok();
            bytes.and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok()).ok_or_else(|| refused("no Ed25519 key"))
        };
        let kind = match *kind {
            ED25519 => KeyKind::Ed25519(point()?),
            COSIGNATURE_ED25519 => KeyKind::CosignatureEd25519(point()?),
            COSIGNATURE_ML_DSA_44 if key.len() == ML_DSA_44_KEY_BYTES => KeyKind::CosignatureMlDsa44(key.to_vec()),
            COSIGNATURE_ML_DSA_44 => return Err(refused("an ML-DSA-44 key has 1,312 bytes")),
            kind => KeyKind::Foreign { kind, key: key.to_vec() },
        };
        // Ids of foreign types are made by rules of their own.
        if !matches!(kind, KeyKind::Foreign { .. }) && id != KeyId::of(&name, &encoded) {
            return Err(refused("its id is not that of name and key"));
        }
        Ok(Self { name, id, kind })
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}+{}", self.name, self.id, encode_base64(&self.encoded()))
    }
}

/// A private Ed25519 key with its name. Its 32-byte seed comes from the caller; printing never shows it.
pub struct NoteSigner {
    name: KeyName,
    key: SigningKey,
}

impl NoteSigner {
    /// From a name and the 32 secret bytes of an Ed25519 key (RFC 8032).
    pub fn new(name: KeyName, seed: &[u8; 32]) -> Self {
        Self { name, key: SigningKey::from_bytes(seed) }
    }

    /// The key with which others check this log's own signatures (type 0x01).
    pub fn log_key(&self) -> VerifierKey {
        self.public(KeyKind::Ed25519(self.key.verifying_key()))
    }

    /// The key with which others check this witness's cosignatures (type 0x04). Use a log's key for no cosignatures.
    pub fn witness_key(&self) -> VerifierKey {
        self.public(KeyKind::CosignatureEd25519(self.key.verifying_key()))
    }

    /// Sign a note's text as a log.
    pub fn sign(&self, text: &str) -> SignatureLine {
        let signature = self.key.sign(text.as_bytes()).to_bytes().to_vec();
        SignatureLine { name: self.name.clone(), id: self.log_key().id, signature }
    }

    /// Cosign a checkpoint's text as a witness, at a time in seconds since 1970 (C2SP tlog-cosignature).
    pub fn cosign(&self, text: &str, at: u64) -> SignatureLine {
        let signature = self.key.sign(cosigned_message(at, text).as_bytes()).to_bytes();
        let signature = [at.to_be_bytes().as_slice(), &signature].concat();
        SignatureLine { name: self.name.clone(), id: self.witness_key().id, signature }
    }

    fn public(&self, kind: KeyKind) -> VerifierKey {
        let mut key = VerifierKey { name: self.name.clone(), id: KeyId([0; 4]), kind };
        key.id = KeyId::of(&key.name, &key.encoded());
        key
    }
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteSigner({})", self.name)
    }
}
