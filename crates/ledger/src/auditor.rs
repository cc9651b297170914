//! An auditor's way through the rows of a range, one after the other.

use crate::audit::{Audit, FindingKind};
use crate::closing::epoch_of;
use crate::epoch::each_entry;
use crate::keys::{Held, Slot};
use crate::reader::Reader;
use crate::row::{RawGroup, RawRow, unreadable};
use crate::salt::salt_under;
use crate::tag::MacKey;
use crate::tile_files::EntryWalk;
use crate::{EntryKind, Epoch, GroupNumber, LedgerError, RawEntry, RecordId, Tag, commit_group, commit_groups};
use std::collections::BTreeMap;
use std::ops::Range;

/// Numbers passed over at once that are looked for one by one.
const GAP_CAP: usize = 1000;

/// What is known of the whole log before any row is looked at.
pub(crate) struct Known {
    /// Groups that a logged erasure names, with the erasure's place.
    pub(crate) erased: BTreeMap<(u64, GroupNumber), u64>,
    /// Where epochs begin, closed ones, one that is not sealed yet, and the open one.
    pub(crate) epochs: Vec<u64>,
}

pub(crate) struct Auditor<'a> {
    reader: &'a Reader,
    known: &'a Known,
    /// The key of groups without a person.
    shared: Option<(Slot, &'a Held)>,
    leaves: Range<u64>,
    entries: EntryWalk,
    /// The entry whose row comes next.
    next: u64,
    /// The epoch of the last row, with its entries.
    epoch: (Epoch, Range<u64>),
    /// Those of one row's groups, one after the other.
    commitments: Vec<u8>,
    /// By the place of a person's key.
    persons: Vec<Option<Counted>>,
    /// The first numbers of persons in the epoch that began before the range.
    firsts: Vec<(Slot, Epoch, u64)>,
    /// Tags whose numbers were passed over, each with its epoch and number; an erased row leaves such a gap.
    missing: BTreeMap<Tag, (Epoch, u64)>,
    audit: Audit,
}

/// How far a person's entries were counted in an epoch.
struct Counted {
    epoch: Epoch,
    key: MacKey,
    next: u64,
}

/// What an entry says that its row is held against.
struct Said<'a> {
    leaf: u64,
    record: RecordId,
    tags: &'a [[u8; 16]],
}

impl<'a> Auditor<'a> {
    pub(crate) fn new(reader: &'a Reader, known: &'a Known, leaves: Range<u64>) -> Result<Self, LedgerError> {
        Ok(Self {
            reader,
            known,
            shared: reader.keys.slot_of("").and_then(|slot| Some((slot, reader.keys.held(slot)?))),
            entries: EntryWalk::new(&reader.disk, leaves.end)?,
            next: leaves.start,
            leaves,
            epoch: (Epoch(0), 0..0),
            commitments: Vec::new(),
            persons: Vec::new(),
            firsts: Vec::new(),
            missing: BTreeMap::new(),
            audit: Audit::default(),
        })
    }

    /// Look at every row. Memory grows with the persons of the range, not with its rows.
    pub(crate) fn run(&mut self) -> Result<(), LedgerError> {
        let leaves = self.leaves.clone();
        self.reader.rows.each_made(leaves.clone(), |leaf, row, is_made| self.take(leaf, row, is_made))?;
        self.skip_to(leaves.end)
    }

    /// Take over what another found in the range that follows. No, where something was found, or a number of a person stands
    /// there that should have come before.
    pub(crate) fn go_on_with(&mut self, other: Self) -> bool {
        if !self.audit.findings.is_empty() || !other.audit.findings.is_empty() {
            return false;
        }
        // The only epoch that the other one met without its beginning.
        self.epoch_at(other.leaves.start);
        let begins_here = self.epoch.1.start >= self.leaves.start;
        for (slot, epoch, first) in other.firsts {
            let known = self.persons.get(slot.place()).and_then(Option::as_ref).filter(|known| known.epoch == epoch);
            match known {
                Some(known) if first < known.next => return false,
                Some(known) => {
                    let passed_over = (known.next..first).take(GAP_CAP);
                    self.missing.extend(passed_over.map(|number| (known.key.tag(number), (epoch, number))));
                }
                // Their numbers before it are in no row of this range.
                None if begins_here && first > 0 => return false,
                None if begins_here => {}
                None => self.firsts.push((slot, epoch, first)),
            }
        }
        if self.persons.len() < other.persons.len() {
            self.persons.resize_with(other.persons.len(), || None);
        }
        for (place, counted) in self.persons.iter_mut().zip(other.persons) {
            *place = counted.or(place.take());
        }
        self.missing.extend(other.missing);
        self.leaves.end = other.leaves.end;
        self.audit.entries += other.audit.entries;
        self.audit.opened += other.audit.opened;
        self.audit.erased += other.audit.erased;
        true
    }

    pub(crate) fn finish(mut self) -> Result<Audit, LedgerError> {
        self.check_missing()?;
        Ok(self.audit)
    }

    /// The next row. `is_made` says that the first group's commitment was made from its content just now.
    fn take(&mut self, leaf: u64, row: &[u8], is_made: bool) -> Result<(), LedgerError> {
        if leaf < self.next {
            self.audit.find(FindingKind::Row, Some(leaf), "stands twice or out of order among the rows");
            return Ok(());
        }
        self.skip_to(leaf)?;
        self.next = leaf.saturating_add(1);
        self.audit.entries += 1;
        // Taken out for as long as the entry is looked at.
        let mut entries = std::mem::take(&mut self.entries);
        let checked = entries.at(leaf).and_then(|bytes| {
            let entry = RawEntry::of(bytes).map_err(|error| error.at(format_args!("entry {leaf}")))?;
            self.row(leaf, &entry, row, is_made)
        });
        self.entries = entries;
        checked
    }

    /// Entries up to this one have no rows.
    fn skip_to(&mut self, leaf: u64) -> Result<(), LedgerError> {
        while self.next < leaf {
            RawEntry::of(self.entries.at(self.next)?).map_err(|error| error.at(format_args!("entry {}", self.next)))?;
            self.audit.entries += 1;
            self.audit.find(FindingKind::Row, Some(self.next), "has no row: its content is hidden or lost");
            self.next += 1;
        }
        Ok(())
    }

    fn row(&mut self, leaf: u64, entry: &RawEntry, bytes: &[u8], is_made: bool) -> Result<(), LedgerError> {
        let mut row = RawRow::of(bytes).ok_or_else(unreadable)?;
        self.commitments.clear();
        for _ in 0..row.groups {
            self.commitments.extend_from_slice(row.next_group().ok_or_else(unreadable)?.commitment.as_bytes());
        }
        if !row.is_at_end() {
            return Err(unreadable());
        }
        if entry.kind == EntryKind::IndexSeal {
            // Public as a whole; compared with its epoch by the checks of the files.
            return Ok(());
        }
        if row.groups == 0 || commit_groups(row.groups, &self.commitments) != entry.commitment {
            self.audit.find(FindingKind::ThirdState, Some(leaf), "its row is not what it commits to");
            return Ok(());
        }
        let said = Said { leaf, record: row.record, tags: entry.tags };
        let mut row = RawRow::of(bytes).ok_or_else(unreadable)?;
        for number in (0..row.groups).map(GroupNumber) {
            let group = row.next_group().ok_or_else(unreadable)?;
            self.group(&said, number, &group, is_made && number.0 == 0);
        }
        Ok(())
    }

    fn group(&mut self, said: &Said, number: GroupNumber, group: &RawGroup, is_made: bool) {
        let leaf = Some(said.leaf);
        let by = if self.known.erased.is_empty() { None } else { self.known.erased.get(&(said.leaf, number)).copied() };
        let keys = &self.reader.keys;
        match (&group.content, by) {
            (Err(named), Some(by)) if *named == by => self.audit.erased += 1,
            (Err(_), _) => {
                let message = format!("group {} is gone, and no erasure names it", number.0);
                self.audit.find(FindingKind::ThirdState, leaf, message);
            }
            (Ok(content), Some(_)) if !content.person.is_empty() && keys.slot_of(content.person).is_none() => {
                // The key went first; the rows follow in the same erasure.
                self.audit.erased += 1;
            }
            (Ok(_), Some(by)) => {
                let message = format!("group {} is there although entry {by} says that it was erased", number.0);
                self.audit.find(FindingKind::Resurrected, leaf, message);
            }
            (Ok(content), None) => {
                let of = |person| keys.slot_of(person).and_then(|slot| Some((slot, keys.held(slot)?)));
                let held = if content.person.is_empty() { self.shared } else { of(content.person) };
                let opens = |key: &MacKey| {
                    let salt = salt_under(key, said.record, number, content.nonce);
                    commit_group(salt, content.bytes) == group.commitment
                };
                match held {
                    Some((slot, held)) if is_made || opens(&held.mac) => {
                        self.audit.opened += 1;
                        if !content.person.is_empty() {
                            self.tag(said, slot, &held.mac, content.counter);
                        }
                    }
                    _ => {
                        let message = format!("group {} does not open to it", number.0);
                        self.audit.find(FindingKind::ThirdState, leaf, message);
                    }
                }
            }
        }
    }

    fn tag(&mut self, said: &Said, slot: Slot, key: &MacKey, counter: u64) {
        let epoch = self.epoch_at(said.leaf);
        if self.persons.len() <= slot.place() {
            self.persons.resize_with(slot.place() + 1, || None);
        }
        let from_within = self.epoch.1.start < self.leaves.start;
        let Some(place) = self.persons.get_mut(slot.place()) else { return };
        if place.as_ref().is_none_or(|known| known.epoch != epoch) {
            let key = key.tag_key(&self.reader.about.origin, epoch).ready();
            // Of an epoch that began before the range nothing is known of the first numbers.
            *place = Some(Counted { epoch, key, next: if from_within { counter } else { 0 } });
            if from_within {
                self.firsts.push((slot, epoch, counter));
            }
        }
        let Some(known) = place else { return };
        let tag = known.key.tag(counter);
        if !said.tags.contains(tag.as_bytes()) {
            let message = "does not bear the tag of the person whom its row names";
            self.audit.find(FindingKind::Misfiled, Some(said.leaf), message);
        }
        let passed_over = (known.next..counter).take(GAP_CAP);
        self.missing.extend(passed_over.map(|number| (known.key.tag(number), (epoch, number))));
        if counter < known.next && self.missing.remove(&tag).is_none() {
            let message = format!("number {counter} of its person stands twice in epoch {}", epoch.0);
            self.audit.find(FindingKind::Duplicated, Some(said.leaf), message);
        }
        known.next = known.next.max(counter.saturating_add(1));
    }

    /// Whoever asks for the tags of a person stops at the first that is missing; what comes after would be hidden. A tag
    /// that some entry bears belongs to an erased row.
    fn check_missing(&mut self) -> Result<(), LedgerError> {
        if self.missing.is_empty() {
            return Ok(());
        }
        self.epoch_at(self.leaves.start);
        let start = self.epoch.1.start;
        each_entry(&self.reader.disk, start..self.leaves.end, |_, _, entry| {
            for tag in entry.tags() {
                self.missing.remove(tag);
            }
            Ok(())
        })?;
        for (epoch, number) in std::mem::take(&mut self.missing).into_values() {
            let message =
                format!("number {number} of a person in epoch {} is on no entry, and later ones are", epoch.0);
            self.audit.find(FindingKind::Skipped, None, message);
        }
        Ok(())
    }

    /// The epoch of an entry. Most rows are in that of the row before.
    fn epoch_at(&mut self, leaf: u64) -> Epoch {
        if !self.epoch.1.contains(&leaf) {
            let epoch = epoch_of(&self.known.epochs, leaf);
            let start = |at: u64| usize::try_from(at).ok().and_then(|at| self.known.epochs.get(at)).copied();
            let range = start(epoch.0).unwrap_or(0)..epoch.0.checked_add(1).and_then(start).unwrap_or(u64::MAX);
            self.epoch = (epoch, range);
        }
        self.epoch.0
    }
}
