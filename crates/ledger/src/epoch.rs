//! The epoch that is open, and closed ones as their files and the log have them.

use crate::keys::Slot;
use crate::storage::Disk;
use crate::tag::MacKey;
use crate::tag_index::{IndexLine, IndexSeal, Marked, TagIndex};
use crate::tile_files::Entries;
use crate::{Entry, EntryKind, Epoch, LedgerError, Tag, TagKey};
use gongdao_merkle::{TILE_WIDTH, parse_bundle};
use std::ops::{ControlFlow, Range};

/// Tags given out since the last index seal.
pub(crate) struct OpenEpoch {
    pub(crate) epoch: Epoch,
    pub(crate) first_leaf: u64,
    /// By the place of a person's key.
    persons: Vec<Option<Counted>>,
}

/// A person's key of tags, and how many were given out.
struct Counted {
    key: MacKey,
    next: u64,
}

impl OpenEpoch {
    pub(crate) fn new(epoch: Epoch, first_leaf: u64) -> Self {
        Self { epoch, first_leaf, persons: Vec::new() }
    }

    /// The person's next tag and its counter; nothing for whose key `key` gives nothing.
    pub(crate) fn next_tag(&mut self, slot: Slot, key: impl FnOnce(Epoch) -> Option<TagKey>) -> Option<(Tag, u64)> {
        let (epoch, place) = (self.epoch, self.counted(slot)?);
        if place.is_none() {
            *place = Some(Counted { key: key(epoch)?.ready(), next: 0 });
        }
        let person = place.as_mut()?;
        let counter = person.next;
        person.next += 1;
        Some((person.key.tag(counter), counter))
    }

    /// How many tags were given out to a person before a restart.
    pub(crate) fn set(&mut self, slot: Slot, key: MacKey, next: u64) {
        if let Some(counted) = self.counted(slot) {
            *counted = Some(Counted { key, next });
        }
    }

    pub(crate) fn next_of(&self, slot: Slot) -> u64 {
        self.persons.get(slot.place()).and_then(Option::as_ref).map_or(0, |counted| counted.next)
    }

    pub(crate) fn forget(&mut self, slot: Slot) {
        if let Some(counted) = self.persons.get_mut(slot.place()) {
            *counted = None;
        }
    }

    fn counted(&mut self, slot: Slot) -> Option<&mut Option<Counted>> {
        if self.persons.len() <= slot.place() {
            self.persons.resize_with(slot.place() + 1, || None);
        }
        self.persons.get_mut(slot.place())
    }

    /// End marks, sorted by tag.
    pub(crate) fn ends(&self) -> Vec<IndexLine> {
        let line = |counted: &Counted| IndexLine { tag: counted.key.end(), marked: Marked::End(counted.next) };
        let mut ends: Vec<IndexLine> = self.persons.iter().flatten().map(line).collect();
        ends.sort_unstable_by_key(|line| line.tag);
        ends
    }
}

/// Tags of a range of entries, as lines of an index.
pub(crate) fn entry_lines(disk: &Disk, leaves: Range<u64>) -> Result<Vec<IndexLine>, LedgerError> {
    let mut lines = Vec::new();
    each_entry(disk, leaves, |leaf, _, entry| {
        lines.extend(entry.tags().iter().map(|tag| IndexLine { tag: *tag, marked: Marked::Leaf(leaf) }));
        Ok(())
    })?;
    Ok(lines)
}

/// Entries of a range of leaves, in order, each with its leaf and bytes given to `take`.
pub(crate) fn each_entry(
    disk: &Disk,
    leaves: Range<u64>,
    mut take: impl FnMut(u64, &[u8], Entry) -> Result<(), LedgerError>,
) -> Result<(), LedgerError> {
    each_entry_bytes(disk, leaves, |leaf, bytes| {
        let entry = Entry::parse(bytes).map_err(|error| error.at(format_args!("entry {leaf}")))?;
        take(leaf, bytes, entry)?;
        Ok(ControlFlow::Continue(()))
    })
}

/// The same as bytes, until `take` breaks.
pub(crate) fn each_entry_bytes(
    disk: &Disk,
    leaves: Range<u64>,
    mut take: impl FnMut(u64, &[u8]) -> Result<ControlFlow<()>, LedgerError>,
) -> Result<(), LedgerError> {
    if leaves.is_empty() {
        return Ok(());
    }
    let entries = Entries::open(disk, leaves.end)?;
    let width = u64::from(TILE_WIDTH);
    for number in leaves.start / width..leaves.end.div_ceil(width) {
        let bundle = entries.bundle(number)?;
        for (leaf, bytes) in (number * width..).zip(parse_bundle(&bundle)?) {
            if leaves.contains(&leaf) && take(leaf, bytes)?.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// A closed epoch's seal and end marks, as they stand in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedEpoch {
    /// What the index-seal entry commits to.
    pub seal: IndexSeal,
    /// End marks, sorted by tag.
    pub ends: Vec<IndexLine>,
}

impl ClosedEpoch {
    /// Read the file of an epoch. Errors: another length; end marks that are none.
    pub fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let refused = || LedgerError::evidence("an epoch's file that is malformed", "see docs/formats/ledger-tags.md");
        let (seal, ends) = bytes.split_at_checked(SEAL_BYTES).ok_or_else(refused)?;
        let (lines, rest) = ends.as_chunks::<25>();
        let ends: Vec<IndexLine> = lines.iter().map(|line| IndexLine::parse(line)).collect::<Result<_, _>>()?;
        if !rest.is_empty() || ends.iter().any(|line| !matches!(line.marked, Marked::End(_))) {
            return Err(refused());
        }
        Ok(Self { seal: IndexSeal::parse(seal)?, ends })
    }

    pub(crate) fn read(disk: &Disk, epoch: Epoch) -> Result<Option<Self>, LedgerError> {
        let name = epoch_name(epoch);
        disk.read(&name)?
            .map(|bytes| Self::parse(&bytes).map_err(|error| error.at(format_args!("`{name}`"))))
            .transpose()
    }

    /// The index, made again from public entries and end marks. Errors: a tag twice; another root than was sealed.
    pub(crate) fn rebuild(&self, disk: &Disk) -> Result<TagIndex, LedgerError> {
        let mut lines = entry_lines(disk, self.seal.first_leaf..self.seal.end_leaf)?;
        lines.extend(&self.ends);
        let index = TagIndex::new(lines)?;
        if index.seal(self.seal.epoch, self.seal.first_leaf, self.seal.end_leaf) == self.seal {
            return Ok(index);
        }
        Err(LedgerError::evidence(
            format!("the index of epoch {} is not that of its entries", self.seal.epoch.0),
            "entries are hidden from persons or were added: show the seal and the entries to the witnesses",
        ))
    }
}

const SEAL_BYTES: usize = 64;

/// The seal alone: the end marks after it are as many as there were persons.
pub(crate) fn read_seal(disk: &Disk, epoch: Epoch) -> Result<Option<IndexSeal>, LedgerError> {
    let name = epoch_name(epoch);
    let Some(file) = disk.open(&name)? else { return Ok(None) };
    let bytes = file.read_from(0, u64::try_from(SEAL_BYTES).unwrap_or_default())?;
    IndexSeal::parse(&bytes).map(Some).map_err(|error| error.at(format_args!("`{name}`")))
}

/// Where the log seals an epoch; nothing where it does not. A crash, or a copy, can leave an epoch's file without it: the epoch went
/// on. Seals stand in the order of their epochs, each before the next epoch ends, so the first one after the end counts.
pub(crate) fn first_seal(disk: &Disk, seal: &IndexSeal, size: u64) -> Result<Option<u64>, LedgerError> {
    let mut found = None;
    each_entry_bytes(disk, seal.end_leaf..size, |leaf, bytes| {
        if Entry::kind_of(bytes) != Some(EntryKind::IndexSeal) {
            return Ok(ControlFlow::Continue(()));
        }
        let entry = Entry::parse(bytes).map_err(|error| error.at(format_args!("entry {leaf}")))?;
        found = (entry.commitment == seal.commitment()).then_some(leaf);
        Ok(ControlFlow::Break(()))
    })?;
    Ok(found)
}

pub(crate) fn epoch_name(epoch: Epoch) -> String {
    format!("epochs/{:020}", epoch.0)
}

/// The note of where an epoch ends.
pub(crate) fn end_name(epoch: Epoch) -> String {
    format!("epochs/{:020}.end", epoch.0)
}
