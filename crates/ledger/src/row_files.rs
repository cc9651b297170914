//! Rows by leaf, in files that can be rewritten: an erasure puts a file without the erased bytes in place of the old one.

use crate::row::Parts;
use crate::storage::{Disk, DiskFile};
use crate::{Content, GroupNumber, LedgerError, PersonId, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

const FOLDER: &str = "rows";
const FRAME_HEAD: usize = 8;

/// Which groups of which entries an erasure takes.
pub type Scope = BTreeSet<(u64, GroupNumber)>;

/// The files, the last of them open for appending.
pub(crate) struct RowFiles {
    disk: Disk,
    rows_per_file: u64,
    open: Option<(DiskFile, u64, u64)>,
    pending: Vec<u8>,
}

impl RowFiles {
    /// Open them as they were when the log had `size` entries; what came after is dropped.
    pub(crate) fn open(disk: &Disk, size: u64, rows_per_file: u64) -> Result<Self, LedgerError> {
        let mut files = Self { disk: disk.clone(), rows_per_file, open: None, pending: Vec::new() };
        for (name, first) in row_files(disk)? {
            if first >= size {
                disk.remove(&name)?;
                continue;
            }
            let Some(file) = disk.open(&name)? else { continue };
            if first.saturating_add(rows_per_file) < size {
                continue;
            }
            let bytes = file.read_from(0, file.size()?)?;
            let mut end = 0;
            for frame in Frames::new(&bytes) {
                let Ok((from, row)) = frame else { break };
                if row.leaf >= size {
                    break;
                }
                end = from.end;
            }
            let end = u64::try_from(end).unwrap_or(u64::MAX);
            file.set_size(end)?;
            files.open = Some((file, first, end));
        }
        Ok(files)
    }

    /// Append a row; nothing is written yet unless a file is full.
    pub(crate) fn push(&mut self, row: &Row) -> Result<(), LedgerError> {
        let is_full =
            self.open.as_ref().is_some_and(|(_, first, _)| row.leaf >= first.saturating_add(self.rows_per_file));
        if is_full || self.open.is_none() {
            self.sync()?;
            let first = row.leaf - row.leaf % self.rows_per_file;
            let file = self.disk.open_or_create(&format!("{FOLDER}/{first:020}.rows"))?;
            let end = file.size()?;
            self.open = Some((file, first, end));
        }
        write_frame(&mut self.pending, row);
        Ok(())
    }

    /// Hand what was appended to the file system.
    pub(crate) fn write(&mut self) -> Result<(), LedgerError> {
        if let Some((file, _, end)) = self.open.as_mut().filter(|_| !self.pending.is_empty()) {
            file.write_at(*end, &self.pending)?;
            *end += u64::try_from(self.pending.len()).unwrap_or(u64::MAX);
            self.pending.clear();
        }
        Ok(())
    }

    /// The file that is open for appending, for a sync together with others.
    pub(crate) fn unsynced(&self) -> Option<&DiskFile> {
        self.open.as_ref().map(|(file, _, _)| file)
    }

    /// Return when everything appended is durable.
    pub(crate) fn sync(&mut self) -> Result<(), LedgerError> {
        self.write()?;
        if let Some((file, _, _)) = &self.open { file.sync() } else { Ok(()) }
    }

    /// Rewrite the files that hold groups of the scope, without their content.
    pub(crate) fn erase(&mut self, scope: &Scope, by: u64) -> Result<(), LedgerError> {
        self.sync()?;
        for (name, first) in row_files(&self.disk)? {
            let range = (first, GroupNumber(0))..(first.saturating_add(self.rows_per_file), GroupNumber(0));
            if scope.range(range).next().is_none() {
                continue;
            }
            let bytes = self.disk.read(&name)?.unwrap_or_default();
            let mut fresh = Vec::with_capacity(bytes.len());
            for frame in Frames::new(&bytes) {
                let (_, mut row) = frame.map_err(|error| error.at(format_args!("`{name}`")))?;
                for (number, group) in GroupNumber::all().zip(&mut row.groups) {
                    let is_open = matches!(group.content, Content::Open { .. });
                    if is_open && scope.contains(&(row.leaf, number)) {
                        group.content = Content::Erased { by };
                    }
                }
                write_frame(&mut fresh, &row);
            }
            self.disk.replace(&name, &fresh)?;
            if self.open.as_ref().is_some_and(|(_, open, _)| *open == first) {
                let file = self.disk.open_or_create(&name)?;
                let end = file.size()?;
                self.open = Some((file, first, end));
            }
        }
        Ok(())
    }
}

/// Rows of a range of leaves, in order, each given to `take`. Errors: a damaged row, with its file; those of `take`.
pub(crate) fn each_row(
    disk: &Disk,
    leaves: Range<u64>,
    mut take: impl FnMut(Row) -> Result<(), LedgerError>,
) -> Result<(), LedgerError> {
    let files = row_files(disk)?;
    for (at, (name, first)) in files.iter().enumerate() {
        let next = files.get(at + 1).map_or(u64::MAX, |(_, next)| *next);
        if *first >= leaves.end || next <= leaves.start {
            continue;
        }
        let bytes = disk.read(name)?.unwrap_or_default();
        for frame in Frames::new(&bytes) {
            let (_, row) = frame.map_err(|error| error.at(format_args!("`{name}`")))?;
            if leaves.contains(&row.leaf) {
                take(row)?;
            }
        }
    }
    Ok(())
}

/// Some rows. Those that are not there are left out. Errors: a damaged row among them.
pub(crate) fn find_rows(disk: &Disk, leaves: &BTreeSet<u64>) -> Result<BTreeMap<u64, Row>, LedgerError> {
    let mut found = BTreeMap::new();
    let files = row_files(disk)?;
    for (at, (name, first)) in files.iter().enumerate() {
        let next = files.get(at + 1).map_or(u64::MAX, |(_, next)| *next);
        let Some(last) = leaves.range(*first..next).next_back() else { continue };
        let bytes = disk.read(name)?.unwrap_or_default();
        let mut frames = Frames::new(&bytes);
        while let Some(leaf) = frames.peek_leaf().filter(|leaf| leaf <= last) {
            if !leaves.contains(&leaf) {
                frames.skip_one();
            } else if let Some(frame) = frames.next() {
                let (_, row) = frame.map_err(|error| error.at(format_args!("`{name}`")))?;
                found.insert(leaf, row);
            }
        }
    }
    Ok(found)
}

/// Every group that concerns a person.
pub(crate) fn scope_of(disk: &Disk, size: u64, person: &PersonId) -> Result<Scope, LedgerError> {
    let mut scope = Scope::new();
    each_row(disk, 0..size, |row| {
        for (number, group) in GroupNumber::all().zip(&row.groups) {
            if matches!(&group.content, Content::Open { person: Some(of), .. } if of == person) {
                scope.insert((row.leaf, number));
            }
        }
        Ok(())
    })?;
    Ok(scope)
}

/// How many entries each person has from a leaf on.
pub(crate) fn counters(disk: &Disk, leaves: Range<u64>) -> Result<BTreeMap<PersonId, u64>, LedgerError> {
    let mut counters = BTreeMap::new();
    each_row(disk, leaves, |row| {
        for group in row.groups {
            if let Content::Open { person: Some(person), counter, .. } = group.content {
                let next: &mut u64 = counters.entry(person).or_default();
                *next = (*next).max(counter.saturating_add(1));
            }
        }
        Ok(())
    })?;
    Ok(counters)
}

fn row_files(disk: &Disk) -> Result<Vec<(String, u64)>, LedgerError> {
    let names = disk.names(FOLDER)?;
    let number = |name: &String| name.strip_suffix(".rows").and_then(|digits| digits.parse().ok());
    Ok(names.iter().filter_map(|name| number(name).map(|first| (format!("{FOLDER}/{name}"), first))).collect())
}

fn write_frame(to: &mut Vec<u8>, row: &Row) {
    let mut bytes = Vec::with_capacity(256);
    row.write(&mut bytes);
    to.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    to.extend_from_slice(&crc32c::crc32c(&bytes).to_be_bytes());
    to.extend_from_slice(&bytes);
}

/// The rows of a file, each with where it stands.
struct Frames<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Frames<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Place in the log of the next row, without a check of its bytes.
    fn peek_leaf(&self) -> Option<u64> {
        Parts(self.bytes.get(self.at + FRAME_HEAD..)?).number()
    }

    fn skip_one(&mut self) {
        let length = self.bytes.get(self.at..).and_then(|rest| Parts(rest).length());
        self.at = length.map_or(self.bytes.len(), |length| self.at + FRAME_HEAD + length);
    }

    fn read(&self) -> Option<(Range<usize>, &'a [u8])> {
        let (head, rest) = self.bytes.get(self.at..)?.split_first_chunk::<FRAME_HEAD>()?;
        let mut head = Parts(head);
        let length = head.length()?;
        let bytes = rest.get(..length)?;
        let is_whole = crc32c::crc32c(bytes) == u32::from_be_bytes(head.fixed()?);
        is_whole.then_some((self.at..self.at + FRAME_HEAD + length, bytes))
    }
}

impl Iterator for Frames<'_> {
    type Item = Result<(Range<usize>, Row), LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let Some((place, bytes)) = self.read() else {
            let at = std::mem::replace(&mut self.at, self.bytes.len());
            return Some(Err(LedgerError::evidence(
                format!("the row at byte {at} is damaged"),
                "restore the file from a copy, and erase again what was erased since",
            )));
        };
        self.at = place.end;
        Some(Row::parse(bytes).map(|row| (place, row)))
    }
}
