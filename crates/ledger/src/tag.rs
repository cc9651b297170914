use crate::LedgerError;
use crate::commitment::fixed_bytes;
use gongdao_merkle::{Origin, sha256};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::fmt;
use std::str::FromStr;

fixed_bytes!(
    /// Marks an entry as concerning someone. Unlinkable to another tag and to a person without the tag key.
    Tag,
    16
);

/// A person as the operator's systems name them: a pseudonym of 1 to 255 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(String);

impl PersonId {
    /// The pseudonym.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PersonId {
    type Err = LedgerError;
    fn from_str(text: &str) -> Result<Self, LedgerError> {
        if text.is_empty() || text.len() > 255 {
            return Err(LedgerError::input(
                format!("a person's pseudonym of {} bytes", text.len()),
                "give 1 to 255 bytes; use a pseudonym, not a name or number of a document",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A period after which the tag index is closed, by number from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u64);

/// The ledger's clock: whole seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LoggedAt(u64);

impl LoggedAt {
    /// From seconds since 1970.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970.
    pub const fn seconds(self) -> u64 {
        self.0
    }
}

/// A person's secret: 32 random bytes. Once it is destroyed nobody can make or check their salts and tags. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonKey([u8; 32]);

impl PersonKey {
    /// From 32 random bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The secret bytes, for the key file.
    pub(crate) const fn secret(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA256 of the parts, one after the other.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.0, parts)
    }

    /// The key of the person's tags in one epoch of one ledger. May be handed to the person or to whoever acts for them: it
    /// opens no record and says nothing of other epochs.
    pub fn tag_key(&self, ledger: &Origin, epoch: Epoch) -> TagKey {
        let ledger = sha256(&[ledger.as_str().as_bytes()]);
        TagKey(self.mac(&[b"gongdao/tag/1", &ledger, &epoch.0.to_be_bytes()]))
    }
}

impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonKey(…)")
    }
}

/// Finds a person's entries of one epoch.
#[derive(Clone, PartialEq, Eq)]
pub struct TagKey([u8; 32]);

impl TagKey {
    /// From the 32 bytes that the person was given.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes, to be handed over.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The tag of the person's entry number `counter` in the epoch, from 0.
    pub fn tag(&self, counter: u64) -> Tag {
        truncated(mac(&self.0, &[b"t", &counter.to_be_bytes()]))
    }

    /// The mark under which the number of the person's entries stands once the epoch is closed.
    pub fn end(&self) -> Tag {
        truncated(mac(&self.0, &[b"end"]))
    }
}

impl fmt::Debug for TagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TagKey(…)")
    }
}

fn truncated(bytes: [u8; 32]) -> Tag {
    let mut tag = [0; 16];
    tag.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    Tag(tag)
}

/// HMAC-SHA256 (RFC 2104) under a key of 32 bytes.
fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // A key of this size is never refused; an all-zero result could not be mistaken for one.
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
