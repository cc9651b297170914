//! The auditor's recomputation: every row opens to its leaf, or its missing groups are in a logged erasure. No third state.

use crate::auditor::{Auditor, Known};
use crate::closing::Epochs;
use crate::epoch::{ClosedEpoch, each_entry_bytes};
use crate::erasure::{ERASURE_SCHEMA, read_scope};
use crate::reader::Reader;
use crate::salt::salt_under;
use crate::segment::SEGMENT_ROWS;
use crate::{Content, Entry, EntryKind, GroupNumber, LedgerError, RawEntry, Row, RowGroup, commit_group, read_group};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::{ControlFlow, Range};

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
        let known = self.known()?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let parts = parts(&leaves, threads);
        if parts.len() > 1
            && let Some(audit) = self.audit_beside(&known, &parts)?
        {
            return Ok(audit);
        }
        let mut auditor = Auditor::new(self, &known, leaves)?;
        auditor.run()?;
        auditor.finish()
    }

    pub(crate) fn known(&self) -> Result<Known, LedgerError> {
        Ok(Known { erased: self.erased()?, epochs: Epochs::read(&self.disk, self.size())?.starts })
    }

    /// The parts beside each other. Nothing where something is found: in their order it is told better, and where a number of a person
    /// stands in a later part than it should only that order tells.
    pub(crate) fn audit_beside(&self, known: &Known, parts: &[Range<u64>]) -> Result<Option<Audit>, LedgerError> {
        let done = std::thread::scope(|scope| {
            let one = |part: &Range<u64>| {
                let mut auditor = Auditor::new(self, known, part.clone())?;
                auditor.run()?;
                Ok::<_, LedgerError>(auditor)
            };
            let running: Vec<_> = parts.iter().map(|part| scope.spawn(move || one(part))).collect();
            let ended = |_| LedgerError::closed("a thread ended", "try again");
            running.into_iter().map(|one| one.join().map_err(ended)?).collect::<Result<Vec<_>, _>>()
        })?;
        let mut done = done.into_iter();
        let Some(mut whole) = done.next() else { return Ok(None) };
        for next in done {
            if !whole.go_on_with(next) {
                return Ok(None);
            }
        }
        whole.finish().map(|audit| audit.findings.is_empty().then_some(audit))
    }

    /// Groups that a logged erasure names, with the erasure's place. An erasure whose own row does not open counts for nothing.
    fn erased(&self) -> Result<BTreeMap<(u64, GroupNumber), u64>, LedgerError> {
        let mut erasures = Vec::new();
        each_entry_bytes(&self.disk, 0..self.size(), |leaf, bytes| {
            let entry = RawEntry::of(bytes).map_err(|error| error.at(format_args!("entry {leaf}")))?;
            if entry.kind == EntryKind::Erasure {
                erasures.push((leaf, entry.commitment));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let mut erased = BTreeMap::new();
        for (leaf, commitment) in erasures {
            let row = self.row(leaf)?;
            if row.commitment().ok() != Some(commitment) || !self.opens(&row, GroupNumber(0)) {
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

/// Parts of a range for so many threads, cut where segments that were sealed in full end: a segment is read as a whole.
fn parts(leaves: &Range<u64>, threads: usize) -> Vec<Range<u64>> {
    let threads = u64::try_from(threads).unwrap_or(1).max(1);
    let segments = leaves.end.saturating_sub(leaves.start).div_ceil(SEGMENT_ROWS);
    let rows = segments.div_ceil(threads).max(1) * SEGMENT_ROWS;
    let mut parts = Vec::new();
    let mut start = leaves.start;
    while start < leaves.end {
        let end = leaves.end.min((start / SEGMENT_ROWS * SEGMENT_ROWS).saturating_add(rows));
        parts.push(start..end);
        start = end;
    }
    parts
}

/// An epoch as it stands in its file, beside the entry that seals it.
pub(crate) fn is_sealed_by(closed: &ClosedEpoch, entry: &Entry) -> bool {
    entry.kind == EntryKind::IndexSeal && entry.commitment == closed.seal.commitment()
}
