//! What a reader keeps of files that it went through once, so that one row costs one row afterwards: where rows of a row file
//! begin, and what a segment was when its digest was checked. Holds no content of rows but the least and greatest values that a
//! segment says of itself.

use crate::LedgerError;
use crate::manifest::{Manifest, Segment};
use crate::row_files::Frames;
use crate::segment_pieces::CheckedSegment;
use crate::storage::DiskFile;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Of how many rows of a row file the place of the first is kept: 0.5 to 1 byte a row, and few rows are read beside one.
const STEP: u64 = 16;

/// Shared by the readers of a folder that follow one another.
#[derive(Default)]
pub(crate) struct Kept {
    // Both by the name of the file. No segment ever has the name of another; a row file is written on, or anew by an erasure.
    frames: Mutex<HashMap<String, Arc<FramePlaces>>>,
    segments: Mutex<HashMap<String, Arc<CheckedSegment>>>,
}

impl Kept {
    /// Where the rows of a row file begin; read on from where it ended when it was looked at before.
    pub(crate) fn places(&self, file: &DiskFile) -> Result<Arc<FramePlaces>, LedgerError> {
        let known = self.frames.lock().unwrap_or_else(PoisonError::into_inner).get(file.name()).cloned();
        let known = known.unwrap_or_default();
        let size = file.size()?;
        if size <= known.end {
            return Ok(known);
        }
        let bytes = file.read_from(known.end, size - known.end)?;
        let mut places = FramePlaces::clone(&known);
        places.read_on(&bytes);
        let places = Arc::new(places);
        let mut all = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(file.name().to_owned(), Arc::clone(&places));
        Ok(places)
    }

    /// A row file is not what it was.
    pub(crate) fn forget_places(&self, name: &str) {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// A segment whose digest was found to be right; nothing where it was not looked at yet.
    pub(crate) fn segment(&self, segment: &Segment) -> Option<Arc<CheckedSegment>> {
        self.segments.lock().unwrap_or_else(PoisonError::into_inner).get(&segment.name()).cloned()
    }

    pub(crate) fn keep_segment(&self, segment: &Segment, checked: &Arc<CheckedSegment>) {
        let mut all = self.segments.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(segment.name(), Arc::clone(checked));
    }

    /// Forget files that are not there any more.
    pub(crate) fn retain(&self, manifest: &Manifest, files: &[(String, u64)]) {
        let mut frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        frames.retain(|name, _| files.binary_search_by(|(file, _)| file.as_str().cmp(name)).is_ok());
        drop(frames);
        let mut segments = self.segments.lock().unwrap_or_else(PoisonError::into_inner);
        if !segments.is_empty() {
            let named: BTreeSet<String> = manifest.segments.iter().map(Segment::name).collect();
            segments.retain(|name, _| named.contains(name));
        }
    }
}

/// Where some frames of a row file begin. It says where to look and nothing else: whoever reads there compares the row's sum and
/// place, and goes through the whole file where they are others.
#[derive(Debug, Clone, Default)]
pub(crate) struct FramePlaces {
    /// Leaf and byte of every 16th frame, ascending.
    places: Vec<(u64, u64)>,
    /// Frames that were gone through.
    rows: u64,
    /// Where the last of them ends.
    end: u64,
}

impl FramePlaces {
    /// Go on with the bytes from `end` on. A frame that is not whole is being written; it is taken next time.
    fn read_on(&mut self, bytes: &[u8]) {
        let (mut frames, mut read) = (Frames::new(bytes), 0);
        while let Some((leaf, at, end)) = frames.skip_whole() {
            if self.rows.is_multiple_of(STEP) {
                self.places.push((leaf, self.end + at));
            }
            self.rows += 1;
            read = end;
        }
        self.end += read;
    }

    /// Bytes that hold some leaves, each stretch with the leaves in it. The leaves ascend.
    pub(crate) fn stretches(&self, leaves: impl Iterator<Item = u64>) -> Vec<(Range<u64>, Vec<u64>)> {
        let mut stretches: Vec<(Range<u64>, Vec<u64>)> = Vec::new();
        for leaf in leaves {
            let after = self.places.partition_point(|(first, _)| *first <= leaf);
            let Some((_, start)) = after.checked_sub(1).and_then(|at| self.places.get(at)) else { continue };
            let end = self.places.get(after).map_or(self.end, |(_, at)| *at);
            match stretches.last_mut().filter(|(bytes, _)| *start <= bytes.end) {
                Some((bytes, held)) => {
                    bytes.end = end;
                    held.push(leaf);
                }
                None => stretches.push((*start..end, vec![leaf])),
            }
        }
        stretches
    }
}
