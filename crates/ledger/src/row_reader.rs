//! Reading rows wherever they stand: sealed ones in segments, later ones in row files.

use crate::keys::Keys;
use crate::manifest::Manifest;
use crate::row_files::{Frames, Scope, row_files};
use crate::segment::{SegmentWriter, each_segment_name, each_segment_row};
use crate::storage::Disk;
use crate::{Content, GroupNumber, LedgerError, PersonId, PersonKey, RecordId, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Reads rows of a folder.
#[derive(Clone)]
pub(crate) struct RowReader {
    disk: Disk,
    /// Segments leave out what this key makes again.
    shared: PersonKey,
}

impl RowReader {
    /// Errors: the key of groups without a person is not there.
    pub(crate) fn new(disk: &Disk, keys: &Keys) -> Result<Self, LedgerError> {
        let missing = || LedgerError::evidence("the ledger's own key is missing", "restore the folder `keys`");
        Ok(Self { disk: disk.clone(), shared: keys.shared().ok_or_else(missing)?.clone() })
    }

    /// Rows of a range of leaves, in order, each given to `take`. Errors: a damaged row, with its file; those of `take`.
    pub(crate) fn each(
        &self,
        leaves: Range<u64>,
        mut take: impl FnMut(Row) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        let mut next = leaves.start;
        read_steadily(&self.disk, |layout| {
            layout.each(self, next..leaves.end, &mut |row| {
                next = row.leaf + 1;
                take(row)
            })
        })
    }

    /// Some rows. Those that are not there are left out. Errors: a damaged row among them.
    pub(crate) fn find(&self, leaves: &BTreeSet<u64>) -> Result<BTreeMap<u64, Row>, LedgerError> {
        let mut found = BTreeMap::new();
        read_steadily(&self.disk, |layout| layout.find(self, leaves, &mut found))?;
        Ok(found)
    }

    /// Every group that concerns a person.
    pub(crate) fn of_person(&self, size: u64, person: &PersonId) -> Result<Scope, LedgerError> {
        let mut scope = Scope::new();
        self.each(0..size, |row| {
            for (number, group) in GroupNumber::all().zip(&row.groups) {
                if matches!(&group.content, Content::Open { person: Some(of), .. } if of == person) {
                    scope.insert((row.leaf, number));
                }
            }
            Ok(())
        })?;
        Ok(scope)
    }

    /// Names of the rows of a range of leaves, in order; sealed rows are not made for it.
    pub(crate) fn each_name(&self, leaves: Range<u64>, mut take: impl FnMut(u64, RecordId)) -> Result<(), LedgerError> {
        let mut next = leaves.start;
        read_steadily(&self.disk, |layout| {
            layout.each_name(&self.disk, next..leaves.end, &mut |leaf, record| {
                next = leaf + 1;
                take(leaf, record);
            })
        })
    }

    /// Makes a segment that this reader reads.
    pub(crate) fn segment_writer(&self) -> Result<SegmentWriter, LedgerError> {
        SegmentWriter::new(self.shared.clone())
    }

    /// Rows of a segment that is not yet in its place.
    pub(crate) fn each_of_segment(
        &self,
        bytes: Vec<u8>,
        leaves: &Range<u64>,
        take: &mut dyn FnMut(Row) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        each_segment_row(bytes, leaves.start, leaves, &self.shared, take)
    }
}

/// A writer that goes on may seal or erase while others read: a file that is gone then has a successor, which the next look
/// at the manifest names. Errors: it has none.
fn read_steadily(
    disk: &Disk,
    mut read: impl FnMut(&Layout) -> Result<Option<Gone>, LedgerError>,
) -> Result<(), LedgerError> {
    let mut seen = None;
    loop {
        let layout = Layout::read(disk)?;
        let Some(Gone(name)) = read(&layout)? else { return Ok(()) };
        if seen.replace(layout.manifest.generation) == Some(layout.manifest.generation) {
            return Err(LedgerError::evidence(
                format!("`{name}` is gone"),
                "restore it from a copy, and erase again what was erased since",
            ));
        }
    }
}

/// Name of a file that was not there any more.
struct Gone(String);

/// Where rows stand: sealed ones in segments, later ones in row files.
struct Layout {
    manifest: Manifest,
    files: Vec<(String, u64)>,
}

impl Layout {
    fn read(disk: &Disk) -> Result<Self, LedgerError> {
        // In this order: row files go only after the manifest names the segments that hold their rows.
        let mut files = row_files(disk)?;
        let manifest = Manifest::read(disk)?;
        files.retain(|(_, first)| *first >= manifest.end());
        Ok(Self { manifest, files })
    }

    /// Row files that may hold some of a range, each with where the next one begins.
    fn files(&self) -> impl Iterator<Item = (&str, Range<u64>)> {
        let next = |at: usize| self.files.get(at + 1).map_or(u64::MAX, |(_, next)| *next);
        self.files.iter().enumerate().map(move |(at, (name, first))| (name.as_str(), *first..next(at)))
    }

    fn each(
        &self,
        rows: &RowReader,
        leaves: Range<u64>,
        take: &mut dyn FnMut(Row) -> Result<(), LedgerError>,
    ) -> Result<Option<Gone>, LedgerError> {
        for segment in &self.manifest.segments {
            if segment.first >= leaves.end || segment.end <= leaves.start {
                continue;
            }
            let Some(bytes) = segment.read(&rows.disk)? else { return Ok(Some(Gone(segment.name()))) };
            let part = leaves.start.max(segment.first)..leaves.end.min(segment.end);
            each_segment_row(bytes, segment.first, &part, &rows.shared, take)
                .map_err(|error| error.at(segment.name()))?;
        }
        for (name, range) in self.files() {
            if range.start >= leaves.end || range.end <= leaves.start {
                continue;
            }
            let Some(bytes) = rows.disk.read(name)? else { return Ok(Some(Gone(name.to_owned()))) };
            for frame in Frames::new(&bytes) {
                let (_, row) = frame.map_err(|error| error.at(format_args!("`{name}`")))?;
                if leaves.contains(&row.leaf) {
                    take(row)?;
                }
            }
        }
        Ok(None)
    }

    fn each_name(
        &self,
        disk: &Disk,
        leaves: Range<u64>,
        take: &mut dyn FnMut(u64, RecordId),
    ) -> Result<Option<Gone>, LedgerError> {
        for segment in &self.manifest.segments {
            if segment.first >= leaves.end || segment.end <= leaves.start {
                continue;
            }
            let Some(bytes) = segment.read(disk)? else { return Ok(Some(Gone(segment.name()))) };
            each_segment_name(bytes, &leaves, take).map_err(|error| error.at(segment.name()))?;
        }
        for (name, range) in self.files() {
            if range.start >= leaves.end || range.end <= leaves.start {
                continue;
            }
            let Some(bytes) = disk.read(name)? else { return Ok(Some(Gone(name.to_owned()))) };
            for frame in Frames::new(&bytes) {
                let (_, row) = frame.map_err(|error| error.at(format_args!("`{name}`")))?;
                if leaves.contains(&row.leaf) {
                    take(row.leaf, row.record);
                }
            }
        }
        Ok(None)
    }

    fn find(
        &self,
        rows: &RowReader,
        leaves: &BTreeSet<u64>,
        found: &mut BTreeMap<u64, Row>,
    ) -> Result<Option<Gone>, LedgerError> {
        for segment in &self.manifest.segments {
            let mut wanted = leaves.range(segment.first..segment.end);
            let Some(first) = wanted.next() else { continue };
            let last = wanted.next_back().unwrap_or(first);
            let Some(bytes) = segment.read(&rows.disk)? else { return Ok(Some(Gone(segment.name()))) };
            each_segment_row(bytes, segment.first, &(*first..last + 1), &rows.shared, &mut |row| {
                if leaves.contains(&row.leaf) {
                    found.insert(row.leaf, row);
                }
                Ok(())
            })
            .map_err(|error| error.at(segment.name()))?;
        }
        for (name, range) in self.files() {
            let Some(last) = leaves.range(range).next_back() else { continue };
            let Some(bytes) = rows.disk.read(name)? else { return Ok(Some(Gone(name.to_owned()))) };
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
        Ok(None)
    }
}
