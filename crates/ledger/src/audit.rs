//! The auditor's recomputation: every row opens to its leaf, or its missing groups are in a logged erasure. No third state.

use crate::commitment::salt_under;
use crate::epoch::{ClosedEpoch, each_entry};
use crate::erasure::{ERASURE_SCHEMA, read_scope};
use crate::reader::Reader;
use crate::receipt::read_group;
use crate::tag::MacKey;
use crate::{Content, Entry, EntryKind, Epoch, GroupNumber, LedgerError, PersonId, Row, RowGroup, Tag, commit_group};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Range;

/// What a check found wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind.
    pub kind: FindingKind,
    /// Place in the log, where it is about one entry.
    pub leaf: Option<u64>,
    /// In words.
    pub message: String,
}

/// Kinds of what can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// The tree of the files is not that of the checkpoint.
    Tree,
    /// An entry that cannot be read, or whose time is before that of an earlier one.
    Entry,
    /// A tag index that is not that of the entries, or epochs that leave entries out.
    Index,
    /// An entry without a row, or a row without an entry.
    Row,
    /// Content that neither opens to its leaf nor is in a logged erasure.
    ThirdState,
    /// Content that is there although its erasure was logged.
    Resurrected,
    /// A row whose person's tag its entry does not bear.
    Misfiled,
    /// A person's counter that no entry has.
    Skipped,
    /// A person's counter that two entries have.
    Duplicated,
}

/// The outcome of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// Entries that were looked at.
    pub entries: u64,
    /// Groups that open to their leaf.
    pub opened: u64,
    /// Groups whose erasure is logged.
    pub erased: u64,
    /// What is wrong; nothing where all holds.
    pub findings: Vec<Finding>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.leaf {
            Some(leaf) => write!(f, "entry {leaf}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl Audit {
    pub(crate) fn find(&mut self, kind: FindingKind, leaf: Option<u64>, message: impl Into<String>) {
        self.findings.push(Finding { kind, leaf, message: message.into() });
    }
}

impl Reader {
    /// Recompute every row of a range to its leaf. Needs the keys: an auditor does it at the operator's, or on a copy.
    ///
    /// Errors: a file that cannot be read at all; all else is a finding.
    pub fn audit(&self, leaves: Range<u64>) -> Result<Audit, LedgerError> {
        let leaves = leaves.start..leaves.end.min(self.size());
        let mut auditor = Auditor {
            reader: self,
            erased: self.erased()?,
            epochs: self.epochs()?,
            start: leaves.start,
            persons: HashMap::new(),
            missing: BTreeMap::new(),
            audit: Audit::default(),
        };
        let mut rows = Vec::new();
        let mut start = leaves.start;
        // In pieces: memory grows with the persons of the range, not with its rows.
        while start < leaves.end {
            let end = leaves.end.min(start + PIECE);
            rows.clear();
            self.rows.each(start..end, |row| {
                rows.push(row);
                Ok(())
            })?;
            auditor.piece(start..end, &rows)?;
            start = end;
        }
        auditor.check_missing(leaves)?;
        Ok(auditor.audit)
    }

    /// Groups that a logged erasure names, with the erasure's place. An erasure whose own row does not open counts for nothing.
    fn erased(&self) -> Result<BTreeMap<(u64, GroupNumber), u64>, LedgerError> {
        let mut erasures = Vec::new();
        each_entry(&self.disk, 0..self.size(), |leaf, _, entry| {
            if entry.kind == EntryKind::Erasure {
                erasures.push((leaf, entry));
            }
            Ok(())
        })?;
        let mut erased = BTreeMap::new();
        for (leaf, entry) in erasures {
            let row = self.row(leaf)?;
            if row.commitment().ok() != Some(entry.commitment) || !self.opens(&row, GroupNumber(0)) {
                continue;
            }
            let Some(Content::Open { bytes, .. }) = row.groups.first().map(|group| &group.content) else { continue };
            let (schema, columns) = read_group(bytes)?;
            if let (ERASURE_SCHEMA, Some(scope)) = (schema.as_str(), columns.get(2)) {
                erased.extend(read_scope(scope)?.into_iter().map(|group| (group, leaf)));
            }
        }
        Ok(erased)
    }

    /// Where each epoch begins, closed ones and the open one.
    fn epochs(&self) -> Result<Vec<u64>, LedgerError> {
        let mut starts = vec![0];
        while let Some(closed) = self.closed_epoch(Epoch(u64::try_from(starts.len()).unwrap_or(u64::MAX) - 1))? {
            starts.push(closed.seal.end_leaf);
        }
        Ok(starts)
    }

    /// Whether a group's content is what its commitment says.
    pub(crate) fn opens(&self, row: &Row, group: GroupNumber) -> bool {
        let Some(RowGroup { commitment, content: Content::Open { person, nonce, bytes, .. } }) =
            row.groups.get(usize::from(group.0))
        else {
            return false;
        };
        let Some(key) = self.key_of(person.as_ref()) else { return false };
        commit_group(salt_under(key, row.record, group, *nonce), bytes) == *commitment
    }
}

const PIECE: u64 = 65_536;
/// Numbers passed over at once that are looked for one by one.
const GAP_CAP: usize = 1000;

struct Auditor<'a> {
    reader: &'a Reader,
    erased: BTreeMap<(u64, GroupNumber), u64>,
    epochs: Vec<u64>,
    start: u64,
    persons: HashMap<PersonId, Counted>,
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

impl Auditor<'_> {
    fn piece(&mut self, leaves: Range<u64>, rows: &[Row]) -> Result<(), LedgerError> {
        let mut rows = rows.iter().peekable();
        each_entry(&self.reader.disk, leaves, |leaf, _, entry| {
            self.audit.entries += 1;
            while let Some(row) = rows.next_if(|row| row.leaf < leaf) {
                self.audit.find(FindingKind::Row, Some(row.leaf), "stands twice or out of order among the rows");
            }
            match rows.next_if(|row| row.leaf == leaf) {
                Some(row) => self.row(&entry, row),
                None => self.audit.find(FindingKind::Row, Some(leaf), "has no row: its content is hidden or lost"),
            }
            Ok(())
        })
    }

    fn row(&mut self, entry: &Entry, row: &Row) {
        let leaf = Some(row.leaf);
        if entry.kind == EntryKind::IndexSeal {
            // Public as a whole; compared with its epoch by the checks of the files.
            return;
        }
        if row.commitment().ok() != Some(entry.commitment) {
            self.audit.find(FindingKind::ThirdState, leaf, "its row is not what it commits to");
            return;
        }
        for (number, group) in GroupNumber::all().zip(&row.groups) {
            let by = self.erased.get(&(row.leaf, number)).copied();
            match (&group.content, by) {
                (Content::Erased { by: named }, Some(by)) if *named == by => self.audit.erased += 1,
                (Content::Erased { .. }, _) => {
                    self.audit.find(
                        FindingKind::ThirdState,
                        leaf,
                        format!("group {} is gone, and no erasure names it", number.0),
                    );
                }
                (Content::Open { person: Some(person), .. }, Some(_)) if self.reader.key_of(Some(person)).is_none() => {
                    // The key went first; the rows follow in the same erasure.
                    self.audit.erased += 1;
                }
                (Content::Open { .. }, Some(by)) => {
                    let message = format!("group {} is there although entry {by} says that it was erased", number.0);
                    self.audit.find(FindingKind::Resurrected, leaf, message);
                }
                (Content::Open { person, counter, .. }, None) => {
                    if self.reader.opens(row, number) {
                        self.audit.opened += 1;
                        self.tag(entry, row.leaf, person.as_ref(), *counter);
                    } else {
                        self.audit.find(
                            FindingKind::ThirdState,
                            leaf,
                            format!("group {} does not open to it", number.0),
                        );
                    }
                }
            }
        }
    }

    fn tag(&mut self, entry: &Entry, leaf: u64, person: Option<&PersonId>, counter: u64) {
        let Some(person) = person else { return };
        let epoch = self.epoch_of(leaf);
        if self.persons.get(person).is_none_or(|known| known.epoch != epoch) {
            let Ok(key) = self.reader.tag_key(person, epoch) else { return };
            let key = key.ready();
            // Of an epoch that began before the range nothing is known of the first numbers.
            let next = if self.epoch_start(epoch) < self.start { counter } else { 0 };
            self.persons.insert(person.clone(), Counted { epoch, key, next });
        }
        let Some(known) = self.persons.get_mut(person) else { return };
        let tag = known.key.tag(counter);
        if !entry.tags().contains(&tag) {
            self.audit.find(
                FindingKind::Misfiled,
                Some(leaf),
                "does not bear the tag of the person whom its row names",
            );
        }
        let passed_over = (known.next..counter).take(GAP_CAP);
        self.missing.extend(passed_over.map(|number| (known.key.tag(number), (epoch, number))));
        if counter < known.next && self.missing.remove(&tag).is_none() {
            let message = format!("number {counter} of its person stands twice in epoch {}", epoch.0);
            self.audit.find(FindingKind::Duplicated, Some(leaf), message);
        }
        known.next = known.next.max(counter.saturating_add(1));
    }

    /// Whoever asks for the tags of a person stops at the first that is missing; what comes after would be hidden. A tag
    /// that some entry bears belongs to an erased row.
    fn check_missing(&mut self, leaves: Range<u64>) -> Result<(), LedgerError> {
        if self.missing.is_empty() {
            return Ok(());
        }
        let start = self.epoch_start(self.epoch_of(leaves.start));
        each_entry(&self.reader.disk, start..leaves.end, |_, _, entry| {
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

    fn epoch_start(&self, epoch: Epoch) -> u64 {
        usize::try_from(epoch.0).ok().and_then(|at| self.epochs.get(at)).copied().unwrap_or(0)
    }

    fn epoch_of(&self, leaf: u64) -> Epoch {
        let after = self.epochs.partition_point(|start| *start <= leaf);
        Epoch(u64::try_from(after).unwrap_or(1).saturating_sub(1))
    }
}

/// An epoch as it stands in its file, beside the entry that seals it.
pub(crate) fn is_sealed_by(closed: &ClosedEpoch, entry: &Entry) -> bool {
    entry.kind == EntryKind::IndexSeal && entry.commitment == closed.seal.commitment()
}
