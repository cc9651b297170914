//! Rows by leaf, in files that can be rewritten: an erasure puts a file without the erased bytes in place of the old one.

use crate::row::Parts;
use crate::storage::{Disk, DiskFile};
use crate::{GroupNumber, LedgerError, Row};
use std::collections::BTreeSet;
use std::ops::Range;

const FOLDER: &str = "rows";
const FRAME_HEAD: usize = 8;
/// Full files at most that wait for a sync; each is an open file.
const FULL_FILES: usize = 16;

/// Which groups of which entries an erasure takes.
pub type Scope = BTreeSet<(u64, GroupNumber)>;

/// The files, the last of them open for appending.
pub(crate) struct RowFiles {
    disk: Disk,
    rows_per_file: u64,
    open: Option<(DiskFile, u64, u64)>,
    /// Files that are full and not synced: a commit does not wait for them, the next checkpoint does.
    full: Vec<DiskFile>,
    pending: Vec<u8>,
}

impl RowFiles {
    /// Open them as they were when the log had `size` entries; what came after is dropped.
    pub(crate) fn open(disk: &Disk, size: u64, rows_per_file: u64) -> Result<Self, LedgerError> {
        let mut last = None;
        for (name, first) in row_files(disk)? {
            if first >= size {
                disk.remove(&name)?;
            } else {
                last = Some((name, first));
            }
        }
        let mut files = Self { disk: disk.clone(), rows_per_file, open: None, full: Vec::new(), pending: Vec::new() };
        let Some((name, first)) = last else { return Ok(files) };
        let Some(file) = disk.open(&name)? else { return Ok(files) };
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
        Ok(files)
    }

    /// Append a row; nothing is written yet unless a file is full.
    pub(crate) fn push(&mut self, row: &Row) -> Result<(), LedgerError> {
        // Files end where a number is a multiple, also those that began after a sealing.
        let chapter = |leaf: u64| leaf / self.rows_per_file;
        let is_full = self.open.as_ref().is_some_and(|(_, first, _)| chapter(row.leaf) != chapter(*first));
        if is_full || self.open.is_none() {
            self.write()?;
            self.full.extend(self.open.take().map(|(file, _, _)| file));
            if self.full.len() > FULL_FILES {
                self.sync()?;
            }
            let first = row.leaf;
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

    /// Let the next row begin a new file. Call only when everything appended is durable.
    pub(crate) fn begin_file(&mut self) {
        self.open = None;
    }

    /// Files that may hold what is not synced, for a sync together with others.
    pub(crate) fn unsynced(&self) -> impl Iterator<Item = &DiskFile> {
        self.full.iter().chain(self.open.as_ref().map(|(file, _, _)| file))
    }

    /// Say that all of them were synced.
    pub(crate) fn mark_synced(&mut self) {
        self.full.clear();
    }

    /// Return when everything appended is durable.
    pub(crate) fn sync(&mut self) -> Result<(), LedgerError> {
        self.write()?;
        self.unsynced().try_for_each(DiskFile::sync)?;
        self.mark_synced();
        Ok(())
    }

    /// Rewrite the files that hold groups of the scope, without their content.
    pub(crate) fn erase(&mut self, scope: &Scope, by: u64) -> Result<(), LedgerError> {
        self.sync()?;
        let files = row_files(&self.disk)?;
        let ends = files.iter().skip(1).map(|(_, next)| *next).chain([u64::MAX]);
        for ((name, first), end) in files.iter().zip(ends) {
            if scope.range((*first, GroupNumber(0))..(end, GroupNumber(0))).next().is_none() {
                continue;
            }
            let bytes = self.disk.read(name)?.unwrap_or_default();
            let mut fresh = Vec::with_capacity(bytes.len());
            for frame in Frames::new(&bytes) {
                let (_, mut row) = frame.map_err(|error| error.at(format_args!("`{name}`")))?;
                row.erase(scope, by);
                write_frame(&mut fresh, &row);
            }
            self.disk.replace(name, &fresh)?;
            if self.open.as_ref().is_some_and(|(_, open, _)| open == first) {
                let file = self.disk.open_or_create(name)?;
                let end = file.size()?;
                self.open = Some((file, *first, end));
            }
        }
        Ok(())
    }
}

/// Remove the row files before an entry; their rows are sealed.
pub(crate) fn remove_row_files(disk: &Disk, end: u64) -> Result<(), LedgerError> {
    let sealed = row_files(disk)?.into_iter().filter(|(_, first)| *first < end);
    disk.remove_all(&sealed.map(|(name, _)| name).collect::<Vec<_>>())
}

/// Names of the row files, each with the first entry in it, ascending.
pub(crate) fn row_files(disk: &Disk) -> Result<Vec<(String, u64)>, LedgerError> {
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
pub(crate) struct Frames<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Frames<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Place in the log of the next row, without a check of its bytes.
    pub(crate) fn peek_leaf(&self) -> Option<u64> {
        Parts(self.bytes.get(self.at + FRAME_HEAD..)?).number()
    }

    pub(crate) fn skip_one(&mut self) {
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
