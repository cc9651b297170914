use crate::{LedgerError, Tag};
use gongdao_merkle::{Origin, sha256};
use hmac::digest::{FixedOutput, KeyInit, Update};
use hmac::{Hmac, HmacCore};
use sha2::Sha256;
use std::fmt;
use std::str::FromStr;

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

    /// The key made ready for many messages.
    pub(crate) fn ready(&self) -> MacKey {
        MacKey::new(&self.0)
    }

    /// The key of the person's tags in one epoch of one ledger. May be handed to the person or to whoever acts for them: it
    /// opens no record and says nothing of other epochs.
    pub fn tag_key(&self, ledger: &Origin, epoch: Epoch) -> TagKey {
        self.ready().tag_key(ledger, epoch)
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
        self.ready().tag(counter)
    }

    /// The mark under which the number of the person's entries stands once the epoch is closed.
    pub fn end(&self) -> Tag {
        self.ready().end()
    }

    pub(crate) fn ready(&self) -> MacKey {
        MacKey::new(&self.0)
    }
}

impl fmt::Debug for TagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TagKey(…)")
    }
}

fn truncated(bytes: [u8; 32]) -> Tag {
    Tag::from_bytes(first_half(bytes))
}

/// The first 16 bytes of a MAC.
pub(crate) fn first_half(bytes: [u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    half
}

/// HMAC-SHA256 (RFC 2104) under a key of 32 bytes whose own two blocks are hashed already: of the four steps that a short message
/// takes two are left. The key of a person or of their tags.
#[derive(Clone)]
pub(crate) struct MacKey(Option<HmacCore<Sha256>>);

impl MacKey {
    fn new(key: &[u8; 32]) -> Self {
        // A key of this size is never refused.
        Self(HmacCore::new_from_slice(key).ok())
    }

    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        // An all-zero result could not be mistaken for one.
        let Some(core) = &self.0 else { return [0; 32] };
        let mut mac: Hmac<Sha256> = Hmac::from_core(core.clone());
        for part in parts {
            Update::update(&mut mac, part);
        }
        mac.finalize_fixed().into()
    }

    /// As [`PersonKey::tag_key`].
    pub(crate) fn tag_key(&self, ledger: &Origin, epoch: Epoch) -> TagKey {
        let ledger = sha256(&[ledger.as_str().as_bytes()]);
        TagKey(self.mac(&[b"gongdao/tag/1", &ledger, &epoch.0.to_be_bytes()]))
    }

    /// As [`TagKey::tag`].
    pub(crate) fn tag(&self, counter: u64) -> Tag {
        truncated(self.mac(&[b"t", &counter.to_be_bytes()]))
    }

    /// As [`TagKey::end`].
    pub(crate) fn end(&self) -> Tag {
        truncated(self.mac(&[b"end"]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_made_ready_gives_the_macs_of_rfc_4231() {
        // Test cases 1 and 3: a shorter key means the same as one filled up with zeros.
        for (key, message, mac) in [
            (vec![0x0b; 20], b"Hi There".to_vec(), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (vec![0xaa; 20], vec![0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        ] {
            let mut full = [0; 32];
            full[..20].copy_from_slice(&key);
            let key = MacKey::new(&full);
            for cut in 0..message.len() {
                let (first, second) = message.split_at(cut);
                let found = key.mac(&[first, second]);
                let digits = mac.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
                let hex: Vec<u8> = digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
                assert_eq!(found.as_slice(), hex);
            }
        }
    }
}
