//! Rows by leaf, in files that can be rewritten: an erasure puts a file without the erased bytes in place of the old one.

use crate::row::Parts;
use crate::signing::{Unsynced, is_synced};
use crate::storage::{Disk, DiskFile};
use crate::{GroupNumber, LedgerError, Row};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) const FOLDER: &str = "rows";
const FRAME_HEAD: usize = 8;
/// Full files at most that wait for a sync; each is an open file.
const FULL_FILES: usize = 128;

/// Which groups of which entries an erasure takes.
pub type Scope = BTreeSet<(u64, GroupNumber)>;

/// The files, the last of them open for appending.
pub(crate) struct RowFiles {
    disk: Disk,
    rows_per_file: u64,
    open: Option<Open>,
    /// Files that are full and not synced: a commit does not wait for them, the next checkpoint does.
    full: Vec<Unsynced>,
    /// Files were made whose names are not durable.
    has_names: bool,
    pending: Vec<u8>,
}

struct Open {
    file: Arc<DiskFile>,
    first: u64,
    end: u64,
    /// Bytes that were to be synced before a checkpoint asks for it.
    flushed: u64,
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
        let disk = disk.clone();
        let mut files =
            Self { disk, rows_per_file, open: None, full: Vec::new(), has_names: last.is_some(), pending: Vec::new() };
        let Some((name, first)) = last else { return Ok(files) };
        let Some(file) = files.disk.open(&name)? else { return Ok(files) };
        let bytes = file.read_from(0, file.size()?)?;
        let mut end = 0;
        for frame in Frames::new(&bytes) {
            let Ok(frame) = frame else { break };
            if frame.leaf >= size || frame.row().is_err() {
                break;
            }
            end = frame.end;
        }
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        file.set_size(end)?;
        files.open = Some(Open { file: Arc::new(file), first, end, flushed: end });
        Ok(files)
    }

    /// Append a row; nothing is written yet unless a file is full.
    pub(crate) fn push(&mut self, leaf: u64, row: &[u8]) -> Result<(), LedgerError> {
        // Files end where a number is a multiple, also those that began after a sealing.
        let chapter = |leaf: u64| leaf / self.rows_per_file;
        let is_full = self.open.as_ref().is_some_and(|open| chapter(leaf) != chapter(open.first));
        if is_full || self.open.is_none() {
            self.write()?;
            self.begin_file();
            if self.full.len() > FULL_FILES {
                self.sync()?;
            }
            // The next checkpoint makes its name durable: until then the write-ahead log has its rows.
            let (file, is_new) = self.disk.open_or_begin(&format!("{FOLDER}/{leaf:020}.rows"))?;
            self.has_names |= is_new;
            let end = file.size()?;
            self.open = Some(Open { file: Arc::new(file), first: leaf, end, flushed: end });
        }
        write_frame(&mut self.pending, row);
        Ok(())
    }

    /// Hand what was appended to the file system.
    pub(crate) fn write(&mut self) -> Result<(), LedgerError> {
        if let Some(open) = self.open.as_mut().filter(|_| !self.pending.is_empty()) {
            open.file.write_at(open.end, &self.pending)?;
            open.end += u64::try_from(self.pending.len()).unwrap_or(u64::MAX);
            self.pending.clear();
        }
        Ok(())
    }

    /// Let the next row begin a new file. Call only when everything appended is written.
    pub(crate) fn begin_file(&mut self) {
        self.full.extend(self.open.take().map(|open| (open.file, open.end)));
    }

    /// Files that may hold what is not synced, for a sync together with others.
    pub(crate) fn unsynced(&self) -> impl Iterator<Item = Unsynced> {
        self.full.iter().cloned().chain(self.open.as_ref().map(|open| (Arc::clone(&open.file), open.end)))
    }

    /// The open file, if at least so many bytes were written to it since it was last returned here.
    pub(crate) fn take_due(&mut self, least: u64) -> Option<Arc<DiskFile>> {
        let open = self.open.as_mut().filter(|open| open.end - open.flushed.min(open.end) >= least)?;
        open.flushed = open.end;
        Some(Arc::clone(&open.file))
    }

    /// Whether the folder is to be synced too; whoever asks does it.
    pub(crate) fn take_names(&mut self) -> bool {
        std::mem::take(&mut self.has_names)
    }

    /// Say what was synced.
    pub(crate) fn mark_synced(&mut self, synced: &[Unsynced]) {
        self.full.retain(|(file, end)| !is_synced(synced, file, *end));
    }

    /// Return when everything appended is durable.
    pub(crate) fn sync(&mut self) -> Result<(), LedgerError> {
        self.write()?;
        let files: Vec<Unsynced> = self.unsynced().collect();
        files.iter().try_for_each(|(file, _)| file.sync())?;
        self.mark_synced(&files);
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
                let frame = frame.map_err(|error| error.at(format_args!("`{name}`")))?;
                match erased(frame.leaf, frame.bytes, scope, by)? {
                    Some(row) => write_frame(&mut fresh, &row.to_bytes()),
                    None => write_frame(&mut fresh, frame.bytes),
                }
            }
            self.disk.replace(name, &fresh)?;
            if self.open.as_ref().is_some_and(|open| open.first == *first) {
                let file = self.disk.open_or_create(name)?;
                let end = file.size()?;
                self.open = Some(Open { file: Arc::new(file), first: *first, end, flushed: end });
            }
        }
        Ok(())
    }
}

/// The row without what the scope takes of it; nothing where it takes nothing.
pub(crate) fn erased(leaf: u64, row: &[u8], scope: &Scope, by: u64) -> Result<Option<Row>, LedgerError> {
    let concerned = (leaf, GroupNumber(0))..(leaf + 1, GroupNumber(0));
    if scope.range(concerned).next().is_none() {
        return Ok(None);
    }
    let mut row = Row::parse(row)?;
    Ok(row.erase(scope, by).then_some(row))
}

/// Row files before an entry whose rows are sealed.
pub(crate) fn sealed_row_files(disk: &Disk, end: u64) -> Result<Vec<String>, LedgerError> {
    let sealed = row_files(disk)?.into_iter().filter(|(_, first)| *first < end);
    Ok(sealed.map(|(name, _)| name).collect())
}

/// Names of the row files, each with the first entry in it, ascending.
pub(crate) fn row_files(disk: &Disk) -> Result<Vec<(String, u64)>, LedgerError> {
    let names = disk.names(FOLDER)?;
    let number = |name: &String| name.strip_suffix(".rows").and_then(|digits| digits.parse().ok());
    Ok(names.iter().filter_map(|name| number(name).map(|first| (format!("{FOLDER}/{name}"), first))).collect())
}

fn write_frame(to: &mut Vec<u8>, row: &[u8]) {
    to.extend_from_slice(&u32::try_from(row.len()).unwrap_or(u32::MAX).to_be_bytes());
    to.extend_from_slice(&crc32c::crc32c(row).to_be_bytes());
    to.extend_from_slice(row);
}

/// One row as it stands in a file, its bytes compared with their sum.
pub(crate) struct RowFrame<'a> {
    /// Place in the log.
    pub(crate) leaf: u64,
    pub(crate) bytes: &'a [u8],
    /// Where the frame ends in the file.
    pub(crate) end: usize,
}

impl RowFrame<'_> {
    pub(crate) fn row(&self) -> Result<Row, LedgerError> {
        Row::parse(self.bytes)
    }
}

/// The rows of a file.
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

    /// Step over a frame that is there as a whole, without a check of its bytes: its leaf, and where it begins and ends. Nothing
    /// where there is none.
    pub(crate) fn skip_whole(&mut self) -> Option<(u64, u64, u64)> {
        let rest = self.bytes.get(self.at..)?;
        let end = self.at.checked_add(FRAME_HEAD)?.checked_add(Parts(rest).length()?)?;
        if end > self.bytes.len() {
            return None;
        }
        let found = (self.peek_leaf()?, u64::try_from(self.at).ok()?, u64::try_from(end).ok()?);
        self.at = end;
        Some(found)
    }

    fn read(&self) -> Option<RowFrame<'a>> {
        let (head, rest) = self.bytes.get(self.at..)?.split_first_chunk::<FRAME_HEAD>()?;
        let mut head = Parts(head);
        let length = head.length()?;
        let bytes = rest.get(..length)?;
        let is_whole = crc32c::crc32c(bytes) == u32::from_be_bytes(head.fixed()?);
        let leaf = Parts(bytes).number().filter(|_| is_whole)?;
        Some(RowFrame { leaf, bytes, end: self.at + FRAME_HEAD + length })
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<RowFrame<'a>, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let Some(frame) = self.read() else {
            let at = std::mem::replace(&mut self.at, self.bytes.len());
            return Some(Err(LedgerError::evidence(
                format!("the row at byte {at} is damaged"),
                "restore the file from a copy, and erase again what was erased since",
            )));
        };
        self.at = frame.end;
        Some(Ok(frame))
    }
}
