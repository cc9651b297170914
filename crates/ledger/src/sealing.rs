//! Sealing: rows out of the row files into segments. The caller waits for it, a thread that stands back does it; the writer
//! only says how far, and is told of the new manifest.
//!
//! Order: a checkpoint, and a new row file for what comes after it; the segments, read again and compared; the manifest; the
//! row files go. A crash in between leaves files that no manifest names, or row files whose rows are sealed; the next start
//! removes them.

use crate::about::{About, Form};
use crate::core::Core;
use crate::manifest::{Manifest, SEGMENTS, Segment};
use crate::objects::drop_local_segments;
use crate::row_files::{Scope, erased, row_files, sealed_row_files};
use crate::row_reader::RowReader;
use crate::segment::{SEGMENT_ROWS, SegmentWriter};
use crate::storage::Disk;
use crate::{GroupNumber, LedgerError};
use bytes::Bytes;
use gongdao_merkle::NoteSigner;
use std::ops::Range;
use std::sync::Arc;

/// What a sealing did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sealed {
    /// Rows that it put into segments.
    pub rows: u64,
    /// Entries whose rows stand in segments now, from 0 on.
    pub end: u64,
}

/// What is to be sealed. INVARIANT: nothing else changes the manifest until this is done.
pub(crate) struct SealPlan {
    disk: Disk,
    rows: RowReader,
    about: About,
    signer: Arc<NoteSigner>,
    manifest: Manifest,
    end: u64,
}

impl SealPlan {
    /// Write the segments, and read them again: their rows are about to stand nowhere else.
    ///
    /// Errors: an entry without a row; a damaged row; the disk.
    pub(crate) fn carry_out(&self) -> Result<Vec<Segment>, LedgerError> {
        let mut segments = Vec::new();
        let mut first = self.manifest.end();
        while first < self.end {
            let end = self.end.min(first + SEGMENT_ROWS);
            let mut writer = self.rows.segment_writer()?;
            let mut next = first;
            self.rows.each_bytes(first..end, |leaf, row| {
                if leaf != next {
                    return Err(missing(next));
                }
                next += 1;
                writer.push(leaf, row)
            })?;
            if next != end {
                return Err(missing(next));
            }
            segments.push(write_checked(&self.disk, &self.rows, first..end, self.manifest.generation + 1, writer)?);
            first = end;
        }
        Ok(segments)
    }

    /// Name the finished segments in the manifest, and drop the row files whose rows they hold.
    pub(crate) fn publish(mut self, segments: Vec<Segment>) -> Result<Manifest, LedgerError> {
        if !About::has(&self.disk, Form::Segments)? {
            // A folder that says it has segments has a manifest, so that one without is known for damaged.
            if self.manifest.generation == 0 {
                self.manifest.write(&self.disk, &self.about, &self.signer)?;
            }
            self.about.extend(&self.disk, Form::Segments)?;
        }
        self.manifest.generation += 1;
        self.manifest.segments.extend(segments);
        self.manifest.write(&self.disk, &self.about, &self.signer)?;
        self.disk.remove_slowly(&sealed_row_files(&self.disk, self.manifest.end())?)?;
        Ok(self.manifest)
    }
}

impl Core {
    /// Whether so many rows wait to be sealed.
    pub(crate) fn is_seal_due(&self, least: u64) -> bool {
        self.size() - self.manifest.end() >= least.max(1)
    }

    /// What to seal: all rows before `end`, which is signed and begins a row file.
    pub(crate) fn plan_seal(&mut self, end: u64) -> Result<SealPlan, LedgerError> {
        if self.disk.has_objects(SEGMENTS) {
            // Of a sealing that failed: their names are to be free.
            let strays = self.manifest.strays(&self.disk)?;
            self.fence(&strays)?;
        }
        Ok(SealPlan {
            disk: self.disk.clone(),
            rows: self.row_reader.clone(),
            about: self.about.clone(),
            signer: Arc::clone(&self.signer),
            manifest: self.manifest.clone(),
            end,
        })
    }

    /// Take over what was published.
    pub(crate) fn adopt(&mut self, manifest: Manifest) -> Sealed {
        let before = std::mem::replace(&mut self.manifest, manifest).end();
        Sealed { rows: self.manifest.end() - before, end: self.manifest.end() }
    }

    /// Rewrite the segments that hold groups of the scope, without their content; then remove every file that the manifest
    /// does not name.
    pub(crate) fn erase_segments(&mut self, scope: &Scope, by: u64) -> Result<(), LedgerError> {
        let strays = if self.disk.has_objects(SEGMENTS) { self.manifest.strays(&self.disk)? } else { Vec::new() };
        self.fence(&strays)?;
        let mut fresh = self.manifest.clone();
        fresh.generation += 1;
        let generation = fresh.generation;
        for segment in &mut fresh.segments {
            let range = (segment.first, GroupNumber(0))..(segment.end, GroupNumber(0));
            if scope.range(range).next().is_some()
                && let Some(rewritten) = self.rewrite(segment, generation, scope, by)?
            {
                *segment = rewritten;
            }
        }
        if !self.disk.has_objects(SEGMENTS) {
            if fresh.segments != self.manifest.segments {
                self.replace_manifest(fresh)?;
            }
            return self.disk.remove_all(&self.manifest.strays(&self.disk)?);
        }
        let gone = self.manifest.segments.iter().filter(|segment| !fresh.segments.contains(segment));
        let gone: Vec<String> = gone.map(Segment::name).collect();
        if !gone.is_empty() {
            self.replace_manifest(fresh)?;
        }
        self.disk.remove_all(&gone)
    }

    /// Remove objects that the manifest does not name. Another writer may just have put them: a manifest of the next generation
    /// comes first, so that whoever has not replaced the present one can no longer do it, and the rows stay in their row files.
    fn fence(&mut self, strays: &[String]) -> Result<(), LedgerError> {
        if strays.is_empty() {
            return Ok(());
        }
        let mut fresh = self.manifest.clone();
        fresh.generation += 1;
        self.replace_manifest(fresh)?;
        self.disk.remove_all(strays)
    }

    /// Nothing where the segment holds nothing that is to go any more.
    fn rewrite(
        &self,
        segment: &Segment,
        generation: u64,
        scope: &Scope,
        by: u64,
    ) -> Result<Option<Segment>, LedgerError> {
        let mut writer = self.row_reader.segment_writer()?;
        let mut is_changed = false;
        self.row_reader.each_bytes(segment.first..segment.end, |leaf, bytes| {
            let Some(row) = erased(leaf, bytes, scope, by)? else { return writer.push(leaf, bytes) };
            is_changed = true;
            writer.push(leaf, &row.to_bytes())
        })?;
        if !is_changed {
            return Ok(None);
        }
        let leaves = segment.first..segment.end;
        write_checked(&self.disk, &self.row_reader, leaves, generation, writer).map(Some)
    }

    fn replace_manifest(&mut self, mut fresh: Manifest) -> Result<(), LedgerError> {
        fresh.write(&self.disk, &self.about, &self.signer)?;
        self.manifest = fresh;
        Ok(())
    }
}

/// The manifest, after what a crash left of a sealing was removed. Call before the row files are opened.
///
/// Errors: the manifest does not go with the files around it; then nothing is removed.
pub(crate) fn settle_segments(
    disk: &Disk,
    about: &About,
    signer: &NoteSigner,
    size: u64,
) -> Result<Manifest, LedgerError> {
    if disk.has_objects(SEGMENTS) {
        drop_local_segments(disk)?;
    }
    let mut manifest = Manifest::read(disk)?;
    let strays = manifest.strays(disk)?;
    if manifest.generation == 0 && strays.is_empty() {
        return Ok(manifest);
    }
    let sealed = manifest.end();
    let files = row_files(disk)?;
    let has_next = sealed == size || files.iter().any(|(_, first)| *first == sealed);
    if sealed > size || !has_next || !manifest.is_whole(disk)? {
        return Err(LedgerError::evidence(
            format!("the manifest of {sealed} sealed rows does not go with the files around it"),
            "the manifest, the checkpoint, segments or row files were put back or lost: restore the folder as a whole",
        ));
    }
    let has_sealed_files = files.iter().any(|(_, first)| *first < sealed);
    if has_sealed_files || !strays.is_empty() {
        // A sync of the manifest may have failed: what it replaces goes only when it is surely on the disk.
        let is_in_store = disk.has_objects(SEGMENTS);
        if is_in_store && !strays.is_empty() {
            // As `fence` does.
            manifest.generation += 1;
        }
        manifest.write(disk, about, signer)?;
        disk.remove_local(&sealed_row_files(disk, sealed)?)?;
        // In the folder looked for again: an unfinished manifest was one of them, and has just become this one.
        let gone = if is_in_store { strays } else { manifest.strays(disk)? };
        disk.remove_all(&gone)?;
    }
    Ok(manifest)
}

fn write_checked(
    disk: &Disk,
    rows: &RowReader,
    leaves: Range<u64>,
    generation: u64,
    writer: SegmentWriter,
) -> Result<Segment, LedgerError> {
    let (bytes, sums) = writer.finish()?;
    let bytes = Bytes::from(bytes);
    let (mut expected, mut is_same) = (leaves.clone().zip(&sums), true);
    rows.each_of_segment(bytes.clone(), &leaves, &mut |leaf, row| {
        is_same &= expected.next() == Some((leaf, &crc32c::crc32c(row)));
        Ok(())
    })?;
    if !is_same || expected.next().is_some() {
        return Err(LedgerError::storage(
            format!("the segment from entry {} on does not give its rows back", leaves.start),
            "report it; the rows stay where they are",
        ));
    }
    Segment::write(disk, leaves, generation, &bytes)
}

fn missing(leaf: u64) -> LedgerError {
    LedgerError::evidence(
        format!("entry {leaf} has no row, so nothing from it on can be sealed"),
        "run the checks of the whole ledger; restore the row files from a copy",
    )
}
