//! Which tags an epoch has, as a sorted tree: a tag is in it, or two neighbours show that it is not.

use crate::{Commitment, Epoch, LedgerError, Tag};
use gongdao_merkle::{InclusionProof, LeafHash, Leaves, RootHash, prove_inclusion, root_of, sha256};

/// What stands under a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marked {
    /// The entry at this index bears the tag.
    Leaf(u64),
    /// The end mark of a person with so many entries in the epoch.
    End(u64),
}

/// One line of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexLine {
    /// The tag or end mark.
    pub tag: Tag,
    /// What it marks.
    pub marked: Marked,
}

impl IndexLine {
    /// 25 bytes: tag, 0 for an entry or 1 for an end, number.
    pub fn to_bytes(self) -> [u8; 25] {
        let (kind, number) = match self.marked {
            Marked::Leaf(leaf) => (0, leaf),
            Marked::End(count) => (1, count),
        };
        let mut bytes = [0; 25];
        let parts = self.tag.as_bytes().iter().copied().chain([kind]).chain(number.to_be_bytes());
        bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        bytes
    }

    /// Errors: another length or kind.
    pub fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let refused =
            || LedgerError::evidence("a line of the tag index that is malformed", "see docs/formats/ledger-tags.md");
        let (tag, rest) = bytes.split_first_chunk::<16>().ok_or_else(refused)?;
        let (kind, number) = rest.split_first().ok_or_else(refused)?;
        let number = u64::from_be_bytes(number.try_into().map_err(|_| refused())?);
        let marked = match kind {
            0 => Marked::Leaf(number),
            1 => Marked::End(number),
            _ => return Err(refused()),
        };
        Ok(Self { tag: Tag::from_bytes(*tag), marked })
    }

    fn leaf_hash(self) -> LeafHash {
        LeafHash::of(&self.to_bytes())
    }
}

/// What the index-seal entry of an epoch commits to; public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexSeal {
    /// Which epoch.
    pub epoch: Epoch,
    /// First entry of the epoch.
    pub first_leaf: u64,
    /// The entry after its last; the seal itself stands at or after it.
    pub end_leaf: u64,
    /// Lines of the index.
    pub count: u64,
    /// Root over the sorted lines.
    pub root: RootHash,
}

impl IndexSeal {
    /// 64 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        for number in [self.epoch.0, self.first_leaf, self.end_leaf, self.count] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(self.root.as_bytes());
        bytes
    }

    /// Errors: another length.
    pub fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let refused =
            || LedgerError::evidence("a seal of another length than 64 bytes", "see docs/formats/ledger-tags.md");
        let (numbers, root) = bytes.split_at_checked(32).ok_or_else(refused)?;
        let (numbers, _) = numbers.as_chunks::<8>();
        let [epoch, first_leaf, end_leaf, count] = numbers else { return Err(refused()) };
        Ok(Self {
            epoch: Epoch(u64::from_be_bytes(*epoch)),
            first_leaf: u64::from_be_bytes(*first_leaf),
            end_leaf: u64::from_be_bytes(*end_leaf),
            count: u64::from_be_bytes(*count),
            root: RootHash::try_from(root).map_err(|_| refused())?,
        })
    }

    /// What stands in the index-seal entry.
    pub fn commitment(&self) -> Commitment {
        Commitment::from_bytes(sha256(&[b"gongdao/index/1", &self.to_bytes()]))
    }
}

/// The sorted lines of a closed epoch.
#[derive(Debug, Clone)]
pub struct TagIndex {
    lines: Vec<IndexLine>,
    hashes: Vec<LeafHash>,
}

/// That a line is in the index: where, and the hashes beside its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// The line.
    pub line: IndexLine,
    /// Its place among the sorted lines.
    pub position: u64,
    /// From the line to the root.
    pub inclusion: InclusionProof,
}

/// That a tag is not in the index: the lines on both sides of where it would stand. At an end of the index one is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// The last line before it.
    pub before: Option<Presence>,
    /// The first line after it.
    pub after: Option<Presence>,
}

impl TagIndex {
    /// Sort the lines. Errors: a tag that stands twice, with both places.
    pub fn new(mut lines: Vec<IndexLine>) -> Result<Self, LedgerError> {
        lines.sort_by_key(|line| line.tag);
        for pair in lines.windows(2) {
            if let [left, right] = pair
                && left.tag == right.tag
            {
                return Err(LedgerError::evidence(
                    format!("{:?} stands twice: {:?} and {:?}", left.tag, left.marked, right.marked),
                    "each tag belongs to one entry; whoever wrote the second hides an entry from a person",
                ));
            }
        }
        let hashes = lines.iter().map(|line| line.leaf_hash()).collect();
        Ok(Self { lines, hashes })
    }

    /// The lines, sorted by tag.
    pub fn lines(&self) -> &[IndexLine] {
        &self.lines
    }

    /// What to seal for an epoch of entries `first_leaf..end_leaf`.
    pub fn seal(&self, epoch: Epoch, first_leaf: u64, end_leaf: u64) -> IndexSeal {
        let count = u64::try_from(self.lines.len()).unwrap_or(u64::MAX);
        IndexSeal { epoch, first_leaf, end_leaf, count, root: root_of(&self.hashes) }
    }

    /// Prove that a tag is in the index. Errors: it is not.
    pub fn prove_presence(&self, tag: Tag) -> Result<Presence, LedgerError> {
        let position = self
            .lines
            .binary_search_by_key(&tag, |line| line.tag)
            .map_err(|_| LedgerError::input(format!("{tag:?} is not in the index"), "ask for its absence instead"))?;
        self.line_at(position).ok_or_else(|| LedgerError::input("no such line", "ask for a tag of the index"))
    }

    /// Prove that a tag is not in the index. Errors: it is.
    pub fn prove_absence(&self, tag: Tag) -> Result<Absence, LedgerError> {
        match self.lines.binary_search_by_key(&tag, |line| line.tag) {
            Ok(_) => Err(LedgerError::input(format!("{tag:?} is in the index"), "ask for its presence instead")),
            Err(after) => Ok(Absence {
                before: after.checked_sub(1).and_then(|before| self.line_at(before)),
                after: self.line_at(after),
            }),
        }
    }

    fn line_at(&self, at: usize) -> Option<Presence> {
        let line = *self.lines.get(at)?;
        let (position, count) = (u64::try_from(at).ok()?, u64::try_from(self.lines.len()).ok()?);
        let inclusion = prove_inclusion(&Leaves(&self.hashes), position, count).ok()?;
        Some(Presence { line, position, inclusion })
    }
}

impl Presence {
    /// Check that the line is in the sealed index.
    pub fn verify(&self, seal: &IndexSeal) -> Result<(), LedgerError> {
        Ok(self.inclusion.verify(self.position, self.line.leaf_hash(), seal.count, seal.root)?)
    }
}

impl Absence {
    /// Check that the tag is not in the sealed index. Errors: lines that are not neighbours, or not on both sides of it.
    pub fn verify(&self, tag: Tag, seal: &IndexSeal) -> Result<(), LedgerError> {
        let refused = |what| LedgerError::evidence(what, "the absence is not proved; ask for the proof again");
        for neighbour in self.before.iter().chain(&self.after) {
            neighbour.verify(seal)?;
        }
        let before_end = match &self.before {
            Some(before) if before.line.tag < tag => before.position.saturating_add(1),
            Some(_) => return Err(refused("the line before does not stand before the tag")),
            None => 0,
        };
        let after_start = match &self.after {
            Some(after) if tag < after.line.tag => after.position,
            Some(_) => return Err(refused("the line after does not stand after the tag")),
            None => seal.count,
        };
        if before_end == after_start { Ok(()) } else { Err(refused("the lines are no neighbours")) }
    }
}
