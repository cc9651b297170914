//! The epoch that is open, and how it is closed.

use crate::core::Core;
use crate::storage::Disk;
use crate::tag_index::{IndexLine, IndexSeal, Marked, TagIndex};
use crate::tile_files::Entries;
use crate::{Entry, EntryKind, Epoch, LedgerError, PersonId, PersonKey, Tag, TagKey};
use gongdao_merkle::{Origin, TILE_WIDTH, parse_bundle};
use std::collections::HashMap;
use std::ops::Range;

/// Tags given out since the last index seal.
pub(crate) struct OpenEpoch {
    pub(crate) epoch: Epoch,
    pub(crate) first_leaf: u64,
    pub(crate) persons: HashMap<PersonId, (TagKey, u64)>,
}

impl OpenEpoch {
    /// The person's next tag and its counter.
    pub(crate) fn next_tag(&mut self, origin: &Origin, person: &PersonId, key: &PersonKey) -> (Tag, u64) {
        if let Some((tag_key, next)) = self.persons.get_mut(person) {
            let counter = *next;
            *next += 1;
            return (tag_key.tag(counter), counter);
        }
        let tag_key = key.tag_key(origin, self.epoch);
        let tag = tag_key.tag(0);
        self.persons.insert(person.clone(), (tag_key, 1));
        (tag, 0)
    }
}

impl Core {
    /// Close the epoch: write its index and log the seal. Later entries bear the tags of the next epoch.
    pub(crate) fn close_epoch(&mut self) -> Result<IndexSeal, LedgerError> {
        self.tiles.write()?;
        let (epoch, end) = (self.epoch.epoch, self.size());
        let mut lines = entry_lines(&self.disk, self.epoch.first_leaf..end)?;
        let mut ends: Vec<IndexLine> = self
            .epoch
            .persons
            .values()
            .map(|(key, count)| IndexLine { tag: key.end(), marked: Marked::End(*count) })
            .collect();
        ends.sort_by_key(|line| line.tag);
        lines.extend(&ends);
        let seal = TagIndex::new(lines)?.seal(epoch, self.epoch.first_leaf, end);
        // Durable before the entry that commits to it; without the entry it is nothing and is written again.
        self.disk.replace(&epoch_name(epoch), &[seal.to_bytes(), ends_bytes(&ends)].concat())?;
        self.last_at = self.last_at.max(self.clock.now());
        self.commit_public(&Entry::new(EntryKind::IndexSeal, self.last_at, seal.commitment(), Vec::new())?)?;
        self.epoch = OpenEpoch { epoch: Epoch(epoch.0 + 1), first_leaf: end, persons: HashMap::new() };
        Ok(seal)
    }
}

impl Core {
    /// The epoch of an entry.
    pub(crate) fn epoch_of(&self, leaf: u64) -> Result<Epoch, LedgerError> {
        let (mut epoch, mut first) = (self.epoch.epoch, self.epoch.first_leaf);
        while leaf < first && epoch.0 > 0 {
            epoch = Epoch(epoch.0 - 1);
            let missing =
                || LedgerError::evidence(format!("`{}` is gone", epoch_name(epoch)), "restore it from a copy");
            first = ClosedEpoch::read(&self.disk, epoch)?.ok_or_else(missing)?.seal.first_leaf;
        }
        Ok(epoch)
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
    if leaves.is_empty() {
        return Ok(());
    }
    let entries = Entries::open(disk, leaves.end)?;
    let width = u64::from(TILE_WIDTH);
    for number in leaves.start / width..leaves.end.div_ceil(width) {
        let bundle = entries.bundle(number)?;
        for (leaf, bytes) in (number * width..).zip(parse_bundle(&bundle)?) {
            if leaves.contains(&leaf) {
                let entry = Entry::parse(bytes).map_err(|error| error.at(format_args!("entry {leaf}")))?;
                take(leaf, bytes, entry)?;
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
        let (seal, ends) = bytes.split_at_checked(64).ok_or_else(refused)?;
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

/// The epoch after the last one whose seal is in the log.
pub(crate) fn open_epoch(disk: &Disk, size: u64) -> Result<(Epoch, u64), LedgerError> {
    let (mut epoch, mut first_leaf) = (Epoch(0), 0);
    while let Some(closed) = ClosedEpoch::read(disk, epoch)? {
        let seal = closed.seal;
        let mut is_logged = false;
        if seal.end_leaf < size {
            each_entry(disk, seal.end_leaf..seal.end_leaf + 1, |_, _, entry| {
                is_logged = entry.kind == EntryKind::IndexSeal && entry.commitment == seal.commitment();
                Ok(())
            })?;
        }
        if !is_logged {
            break;
        }
        (epoch, first_leaf) = (Epoch(epoch.0 + 1), seal.end_leaf);
    }
    Ok((epoch, first_leaf))
}

fn ends_bytes(ends: &[IndexLine]) -> Vec<u8> {
    ends.iter().flat_map(|line| line.to_bytes()).collect()
}

pub(crate) fn epoch_name(epoch: Epoch) -> String {
    format!("epochs/{:020}", epoch.0)
}
