use crate::commitment::fixed_bytes;
use crate::{Commitment, LedgerError};
use gongdao_merkle::LeafHash;
use std::fmt;

const VERSION: u8 = 1;
const HEAD_BYTES: usize = 44;
const TAG_BYTES: usize = 16;
/// Tags of an entry at most: the largest power of two whose entry fits into 65,535 bytes.
pub const TAGS_CAP: usize = 2048;

/// What an entry records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// An automated decision.
    Decision,
    /// A person's use of a right, or what was done about it; restriction among it.
    Rights,
    /// A correction of an earlier record.
    Correction,
    /// That the contents of earlier records were erased, and on what ground.
    Erasure,
    /// That a range of rows was sealed.
    SegmentSeal,
    /// The root of an epoch's tag index.
    IndexSeal,
    /// That the log's signing key changes.
    KeyEpoch,
    /// A value from outside: a time stamp, a beacon.
    Anchor,
    /// What the operator does or declares that is no decision about a person: settings, versions of algorithms.
    Operation,
}

const KINDS: [EntryKind; 9] = [
    EntryKind::Decision,
    EntryKind::Rights,
    EntryKind::Correction,
    EntryKind::Erasure,
    EntryKind::SegmentSeal,
    EntryKind::IndexSeal,
    EntryKind::KeyEpoch,
    EntryKind::Anchor,
    EntryKind::Operation,
];

impl EntryKind {
    /// Its name, as JSON has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Rights => "rights",
            Self::Correction => "correction",
            Self::Erasure => "erasure",
            Self::SegmentSeal => "segment-seal",
            Self::IndexSeal => "index-seal",
            Self::KeyEpoch => "key-epoch",
            Self::Anchor => "anchor",
            Self::Operation => "operation",
        }
    }

    /// Its byte in an entry, from 1.
    pub fn code(self) -> u8 {
        match self {
            Self::Decision => 1,
            Self::Rights => 2,
            Self::Correction => 3,
            Self::Erasure => 4,
            Self::SegmentSeal => 5,
            Self::IndexSeal => 6,
            Self::KeyEpoch => 7,
            Self::Anchor => 8,
            Self::Operation => 9,
        }
    }
}

fixed_bytes!(
    /// Marks an entry as concerning someone. Unlinkable to another tag and to a person without the tag key.
    Tag,
    16
);

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

/// What everybody sees of a record: its leaf. Holds no personal data (docs/formats/ledger-entry.md).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it records.
    pub kind: EntryKind,
    /// When the ledger took it, whole seconds of the ledger's clock, never decreasing.
    pub logged_at: LoggedAt,
    /// To everything else about it.
    pub commitment: Commitment,
    // INVARIANT: strictly ascending; none, or a power of two of them.
    tags: Vec<Tag>,
}

impl Entry {
    /// An entry with tags in any order. Errors: a number of tags that is no power of two, or above 2,048; a tag twice.
    pub fn new(
        kind: EntryKind,
        logged_at: LoggedAt,
        commitment: Commitment,
        mut tags: Vec<Tag>,
    ) -> Result<Self, LedgerError> {
        tags.sort_unstable();
        let entry = Self { kind, logged_at, commitment, tags };
        entry.check_tags()?;
        Ok(entry)
    }

    /// One tag for each person concerned, and random ones up to the next power of two, ascending.
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// 44 bytes and 16 for each tag.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD_BYTES + self.tags.len() * TAG_BYTES);
        self.write(&mut bytes);
        bytes
    }

    /// Append [`Self::to_bytes`].
    pub fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&[VERSION, self.kind.code()]);
        to.extend_from_slice(&u16::try_from(self.tags.len()).unwrap_or(u16::MAX).to_be_bytes());
        to.extend_from_slice(&self.logged_at.seconds().to_be_bytes());
        to.extend_from_slice(self.commitment.as_bytes());
        for tag in &self.tags {
            to.extend_from_slice(tag.as_bytes());
        }
    }

    /// Its tags, to be used for the next entry.
    pub fn into_tags(self) -> Vec<Tag> {
        self.tags
    }

    /// What an entry records, by its bytes; nothing where it is of another version or of no kind.
    pub fn kind_of(bytes: &[u8]) -> Option<EntryKind> {
        let [VERSION, code, ..] = bytes else { return None };
        KINDS.into_iter().find(|known| known.code() == *code)
    }

    /// Read an entry. Errors: another version or kind; another length than the number of tags gives; tags out of order.
    pub fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let RawEntry { kind, logged_at, commitment, tags } = RawEntry::of(bytes)?;
        Ok(Self { kind, logged_at, commitment, tags: tags.iter().copied().map(Tag::from_bytes).collect() })
    }

    /// Its hash in the tree.
    pub fn leaf_hash(&self) -> LeafHash {
        LeafHash::of(&self.to_bytes())
    }

    fn check_tags(&self) -> Result<(), LedgerError> {
        check_tags(self.tags.len(), self.tags.is_sorted_by(|left, right| left < right))
    }
}

/// An entry as it stands in its bytes.
#[derive(Debug, Clone, Copy)]
pub struct RawEntry<'a> {
    /// What it records.
    pub kind: EntryKind,
    /// When the ledger took it.
    pub logged_at: LoggedAt,
    /// To everything else about it.
    pub commitment: Commitment,
    /// Its tags, ascending.
    pub tags: &'a [[u8; TAG_BYTES]],
}

impl<'a> RawEntry<'a> {
    /// Errors: as those of [`Entry::parse`].
    pub fn of(bytes: &'a [u8]) -> Result<Self, LedgerError> {
        let refused =
            |what: String| LedgerError::evidence(what, "see docs/formats/ledger-entry.md; a newer reader may know it");
        let (head, rest) = bytes
            .split_first_chunk::<HEAD_BYTES>()
            .ok_or_else(|| refused(format!("an entry of {} bytes", bytes.len())))?;
        let [version, code, count_high, count_low, middle @ ..] = head;
        if *version != VERSION {
            return Err(refused(format!("entry version {version}")));
        }
        let kind = KINDS.into_iter().find(|known| known.code() == *code);
        let kind = kind.ok_or_else(|| refused(format!("an entry of unknown kind {code}")))?;
        let (logged_at, commitment) = middle.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        let commitment: [u8; 32] =
            commitment.try_into().map_err(|_| refused("an entry without commitment".to_owned()))?;
        let (tags, left) = rest.as_chunks::<TAG_BYTES>();
        if !left.is_empty() || tags.len() != usize::from(u16::from_be_bytes([*count_high, *count_low])) {
            return Err(refused(format!("an entry of {} bytes that names another number of tags", bytes.len())));
        }
        check_tags(tags.len(), tags.is_sorted_by(|left, right| left < right))?;
        let (logged_at, commitment) =
            (LoggedAt::from_seconds(u64::from_be_bytes(*logged_at)), Commitment::from_bytes(commitment));
        Ok(Self { kind, logged_at, commitment, tags })
    }
}

fn check_tags(count: usize, is_ascending: bool) -> Result<(), LedgerError> {
    if count > TAGS_CAP || !(count == 0 || count.is_power_of_two()) {
        return Err(LedgerError::input(format!("an entry with {count} tags"), "pad tags to 1, 2, 4, … at most 2,048"));
    }
    if is_ascending {
        return Ok(());
    }
    Err(LedgerError::input("tags of an entry that repeat or are out of order", "sort them; each stands once"))
}
