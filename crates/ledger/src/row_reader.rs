//! Reading rows wherever they stand: sealed ones in segments, later ones in row files.

use crate::kept::Kept;
use crate::keys::Keys;
use crate::manifest::{Manifest, SEGMENTS, Segment};
use crate::row::{RawRow, unreadable};
use crate::row_files::{Frames, RowFrame, Scope, row_files};
use crate::segment::{SegmentWriter, each_found_row, each_segment_concern, each_segment_name, each_segment_row};
use crate::segment_pieces::{CheckedSegment, SegmentFile};
use crate::segment_rows::{Concern, TakeBytes, TakeConcern, TakeMade, concerns_of};
use crate::storage::Disk;
use crate::tag::MacKey;
use crate::{GroupNumber, LedgerError, PersonId, RecordId, Row};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// Reads rows of a folder.
#[derive(Clone)]
pub(crate) struct RowReader {
    disk: Disk,
    /// Segments leave out what this key makes again.
    shared: MacKey,
    /// What is kept of files that were gone through; the writer, who changes them, keeps nothing.
    kept: Option<Arc<Kept>>,
}

impl RowReader {
    /// Errors: the key of groups without a person is not there.
    pub(crate) fn new(disk: &Disk, keys: &Keys) -> Result<Self, LedgerError> {
        let missing = || LedgerError::evidence("the ledger's own key is missing", "restore the folder `keys`");
        Ok(Self { disk: disk.clone(), shared: keys.shared().ok_or_else(missing)?.mac.clone(), kept: None })
    }

    /// One that keeps where rows stand, beside what another one has found.
    pub(crate) fn keeping(self, other: Option<&Self>) -> Self {
        let kept = other.and_then(|other| other.kept.clone()).unwrap_or_default();
        Self { kept: Some(kept), ..self }
    }

    /// Rows of a range of leaves, in order, each given to `take`. Errors: a damaged row, with its file; those of `take`.
    pub(crate) fn each(
        &self,
        leaves: Range<u64>,
        mut take: impl FnMut(Row) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        self.each_bytes(leaves, |_, row| take(Row::parse(row)?))
    }

    /// The same, in the layout of docs/formats/ledger-folder.md, each with its leaf.
    pub(crate) fn each_bytes(
        &self,
        leaves: Range<u64>,
        mut take: impl FnMut(u64, &[u8]) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        self.each_made(leaves, |leaf, row, _| take(leaf, row))
    }

    /// The same, with whether the first group's commitment was made from its content just now.
    pub(crate) fn each_made(
        &self,
        leaves: Range<u64>,
        mut take: impl FnMut(u64, &[u8], bool) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        let mut next = leaves.start;
        read_steadily(&self.disk, |layout| {
            layout.each(self, next..leaves.end, &mut |leaf, row, is_made| {
                next = leaf + 1;
                take(leaf, row, is_made)
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
        self.each_concern(0..size, |leaf, number, concern| {
            if matches!(concern, Concern::Open(of, _) if of == person.as_str()) {
                scope.insert((leaf, number));
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

    /// Whom the groups of the rows of a range concern, in order; sealed rows are not made for it.
    pub(crate) fn each_concern(
        &self,
        leaves: Range<u64>,
        mut take: impl FnMut(u64, GroupNumber, Concern) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        let mut next = leaves.start;
        read_steadily(&self.disk, |layout| {
            // A file that is gone is found to be before any of its rows was taken.
            let (first, mut last) = (next, None);
            let gone = layout.each_concern(&self.disk, first..leaves.end, &mut |leaf, number, concern| {
                last = Some(leaf);
                take(leaf, number, concern)
            })?;
            next = last.map_or(first, |last| last + 1);
            Ok(gone)
        })
    }

    /// Makes a segment that this reader reads.
    pub(crate) fn segment_writer(&self) -> Result<SegmentWriter, LedgerError> {
        SegmentWriter::new(self.shared.clone())
    }

    /// Rows of a segment that is not yet in its place.
    pub(crate) fn each_of_segment(
        &self,
        bytes: Bytes,
        leaves: &Range<u64>,
        take: &mut TakeBytes,
    ) -> Result<(), LedgerError> {
        each_segment_row(bytes, leaves.start, leaves, &self.shared, &mut |leaf, row, _| take(leaf, row))
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

    /// Segments that may hold some of a range, each with its bytes; the name of one that is gone ends it.
    fn each_segment(
        &self,
        disk: &Disk,
        leaves: &Range<u64>,
        mut read: impl FnMut(u64, Range<u64>, Bytes) -> Result<(), LedgerError>,
    ) -> Result<Option<Gone>, LedgerError> {
        for segment in &self.manifest.segments {
            if segment.first >= leaves.end || segment.end <= leaves.start {
                continue;
            }
            let Some(bytes) = segment.read(disk)? else { return Ok(Some(Gone(segment.name()))) };
            let part = leaves.start.max(segment.first)..leaves.end.min(segment.end);
            read(segment.first, part, Bytes::from(bytes)).map_err(|error| error.at(segment.name()))?;
        }
        Ok(None)
    }

    /// Rows of the row files that a range has.
    fn each_frame(
        &self,
        disk: &Disk,
        leaves: &Range<u64>,
        mut take: impl FnMut(RowFrame) -> Result<(), LedgerError>,
    ) -> Result<Option<Gone>, LedgerError> {
        for (name, range) in self.files() {
            if range.start >= leaves.end || range.end <= leaves.start {
                continue;
            }
            let Some(bytes) = disk.read(name)? else { return Ok(Some(Gone(name.to_owned()))) };
            for frame in Frames::new(&bytes) {
                let frame = frame.map_err(|error| error.at(format_args!("`{name}`")))?;
                if leaves.contains(&frame.leaf) {
                    take(frame)?;
                }
            }
        }
        Ok(None)
    }

    fn each(&self, rows: &RowReader, leaves: Range<u64>, take: &mut TakeMade) -> Result<Option<Gone>, LedgerError> {
        let gone = self.each_segment(&rows.disk, &leaves, |first, part, bytes| {
            each_segment_row(bytes, first, &part, &rows.shared, take)
        })?;
        if gone.is_some() {
            Ok(gone)
        } else {
            self.each_frame(&rows.disk, &leaves, |frame| take(frame.leaf, frame.bytes, false))
        }
    }

    fn each_name(
        &self,
        disk: &Disk,
        leaves: Range<u64>,
        take: &mut dyn FnMut(u64, RecordId),
    ) -> Result<Option<Gone>, LedgerError> {
        let gone = self.each_segment(disk, &leaves, |_, part, bytes| {
            each_segment_name(bytes, &mut |leaf, record| {
                if part.contains(&leaf) {
                    take(leaf, record);
                }
            })
        })?;
        if gone.is_some() {
            return Ok(gone);
        }
        self.each_frame(disk, &leaves, |frame| {
            take(frame.leaf, RawRow::of(frame.bytes).ok_or_else(unreadable)?.record);
            Ok(())
        })
    }

    fn each_concern(
        &self,
        disk: &Disk,
        leaves: Range<u64>,
        take: &mut TakeConcern,
    ) -> Result<Option<Gone>, LedgerError> {
        let gone = self.each_segment(disk, &leaves, |_, part, bytes| {
            each_segment_concern(bytes, &mut |leaf, number, concern| {
                if part.contains(&leaf) { take(leaf, number, concern) } else { Ok(()) }
            })
        })?;
        if gone.is_some() { Ok(gone) } else { self.each_frame(disk, &leaves, |frame| concerns_of(frame.bytes, take)) }
    }

    fn find(
        &self,
        rows: &RowReader,
        leaves: &BTreeSet<u64>,
        found: &mut BTreeMap<u64, Row>,
    ) -> Result<Option<Gone>, LedgerError> {
        if let Some(kept) = &rows.kept {
            kept.retain(&self.manifest, &self.files);
        }
        for segment in &self.manifest.segments {
            let wanted: BTreeSet<u64> = leaves.range(segment.first..segment.end).copied().collect();
            if !wanted.is_empty() && !find_in_segment(rows, segment, &wanted, found)? {
                return Ok(Some(Gone(segment.name())));
            }
        }
        for (name, range) in self.files() {
            let wanted: BTreeSet<u64> = leaves.range(range).copied().collect();
            if !wanted.is_empty() && !find_in_file(rows, name, &wanted, found)? {
                return Ok(Some(Gone(name.to_owned())));
            }
        }
        Ok(None)
    }
}

/// Rows of one segment. False where its file is gone.
fn find_in_segment(
    rows: &RowReader,
    segment: &Segment,
    leaves: &BTreeSet<u64>,
    found: &mut BTreeMap<u64, Row>,
) -> Result<bool, LedgerError> {
    let mut take = |leaf: u64, row: &[u8], _: bool| {
        found.insert(leaf, Row::parse(row)?);
        Ok(())
    };
    let at = |error: LedgerError| error.at(segment.name());
    // What lies in a store comes as a whole in any case.
    let kept = rows.kept.as_ref().filter(|_| !rows.disk.has_objects(SEGMENTS));
    if let Some(checked) = kept.and_then(|kept| kept.segment(segment)) {
        let Some(file) = rows.disk.open(&segment.name())? else { return Ok(false) };
        let file = SegmentFile::new(file, Arc::clone(&checked));
        each_found_row(&file, &checked.metadata, segment.first, leaves, &rows.shared, &mut take).map_err(at)?;
        return Ok(true);
    }
    let Some(bytes) = segment.read(&rows.disk)? else { return Ok(false) };
    let bytes = Bytes::from(bytes);
    let checked = Arc::new(CheckedSegment::of(&bytes).map_err(at)?);
    if let Some(kept) = kept {
        kept.keep_segment(segment, &checked);
    }
    each_found_row(&bytes, &checked.metadata, segment.first, leaves, &rows.shared, &mut take).map_err(at)?;
    Ok(true)
}

/// Rows of one row file. False where it is gone.
fn find_in_file(
    rows: &RowReader,
    name: &str,
    leaves: &BTreeSet<u64>,
    found: &mut BTreeMap<u64, Row>,
) -> Result<bool, LedgerError> {
    let Some(file) = rows.disk.open(name)? else { return Ok(false) };
    if let Some(kept) = &rows.kept {
        let stretches = kept.places(&file)?.stretches(leaves.iter().copied());
        for (bytes, wanted) in stretches {
            let size = bytes.end.saturating_sub(bytes.start);
            // A file that was written anew may be shorter.
            let Ok(bytes) = file.read_from(bytes.start, size) else { break };
            if take_frames(&bytes, &wanted.into_iter().collect(), found).is_err() {
                break;
            }
        }
        if leaves.iter().all(|leaf| found.contains_key(leaf)) {
            return Ok(true);
        }
        // An erasure has written it anew, or it is damaged: all of it is gone through, and says which.
        kept.forget_places(name);
    }
    let bytes = file.read_from(0, file.size()?)?;
    take_frames(&bytes, leaves, found).map_err(|error| error.at(format_args!("`{name}`")))?;
    Ok(true)
}

/// Rows out of frames. Errors: one of them is damaged.
fn take_frames(bytes: &[u8], leaves: &BTreeSet<u64>, found: &mut BTreeMap<u64, Row>) -> Result<(), LedgerError> {
    let Some(last) = leaves.last() else { return Ok(()) };
    let mut frames = Frames::new(bytes);
    while let Some(leaf) = frames.peek_leaf().filter(|leaf| leaf <= last) {
        if !leaves.contains(&leaf) {
            frames.skip_one();
        } else if let Some(frame) = frames.next() {
            let frame = frame?;
            found.insert(leaf, frame.row()?);
        }
    }
    Ok(())
}
