//! Places in the file that boxes name: where samples, fragments and auxiliary data stand.

use super::boxes::{Box, boxes};
use crate::LabelError;
use crate::source::{Source, number};
use crate::splice::{Edit, Edits};

const TRACK_PATH: [&[u8; 4]; 3] = [b"mdia", b"minf", b"stbl"];

/// Edits of every named place that moves. None, if nothing after `moov` moves.
pub(crate) fn moved(source: &mut Source<'_>, top: &[Box], moov: &Box, map: &Edits) -> Result<Vec<Edit>, LabelError> {
    let mut edits = Vec::new();
    for track in boxes(source, moov.data_at(), moov.end(), false)?.iter().filter(|found| &found.kind == b"trak") {
        let mut below = boxes(source, track.data_at(), track.end(), false)?;
        for step in TRACK_PATH {
            let Some(next) = below.iter().find(|found| &found.kind == step).cloned() else {
                below.clear();
                break;
            };
            below = boxes(source, next.data_at(), next.end(), false)?;
        }
        for table in &below {
            match &table.kind {
                b"stco" => edits.extend(table_of(source, table, 4, false, map)?),
                b"co64" => edits.extend(table_of(source, table, 4, true, map)?),
                b"saio" => edits.extend(auxiliary_places(source, table, map)?),
                _ => {}
            }
        }
    }
    for found in top {
        match &found.kind {
            b"moof" => edits.extend(fragment(source, found, map)?),
            b"mfra" => edits.extend(fragment_index(source, found, map)?),
            _ => {}
        }
    }
    Ok(edits)
}

/// A table of places whose count stands `skip` bytes into the box.
fn table_of(
    source: &mut Source<'_>,
    table: &Box,
    skip: u64,
    is_wide: bool,
    map: &Edits,
) -> Result<Option<Edit>, LabelError> {
    let at = table.data_at() + skip;
    let count = number::be32(&source.bytes(at, 4)?, 0).map_or(0, u64::from);
    let width = if is_wide { 8 } else { 4 };
    if count * width > table.end().saturating_sub(at + 4) {
        return Err(LabelError::malformed(table.at, "a table of places is longer than its box"));
    }
    let old = source.bytes(at + 4, count * width)?;
    let mut new = Vec::with_capacity(old.len());
    for entry in old.chunks_exact(if is_wide { 8 } else { 4 }) {
        if is_wide {
            new.extend(map.moved(number::be64(entry, 0).unwrap_or(0)).to_be_bytes());
        } else {
            new.extend(narrow(map.moved(number::be32(entry, 0).map_or(0, u64::from)))?.to_be_bytes());
        }
    }
    Ok((new != old).then(|| Edit::over(at + 4, new)))
}

fn narrow(place: u64) -> Result<u32, LabelError> {
    u32::try_from(place).map_err(|_| {
        LabelError::refused(
            "a sample would stand beyond 4 GiB, and the file's tables are too narrow for it",
            "save the file with its `moov` box at the end, or with 64-bit tables",
        )
    })
}

/// `saio` (ISO/IEC 14496-12, 8.7.9): a kind may stand before the count.
fn auxiliary_places(source: &mut Source<'_>, table: &Box, map: &Edits) -> Result<Option<Edit>, LabelError> {
    let head = source.bytes(table.data_at(), 4)?;
    let is_wide = head.first().is_some_and(|version| *version > 0);
    let has_kind = head.get(3).is_some_and(|flags| flags & 1 != 0);
    table_of(source, table, if has_kind { 12 } else { 4 }, is_wide, map)
}

/// `tfhd` with a base (8.8.7): the base is a place in the file.
fn fragment(source: &mut Source<'_>, moof: &Box, map: &Edits) -> Result<Vec<Edit>, LabelError> {
    let mut edits = Vec::new();
    for traf in boxes(source, moof.data_at(), moof.end(), false)?.iter().filter(|found| &found.kind == b"traf") {
        for head in boxes(source, traf.data_at(), traf.end(), false)?.iter().filter(|found| &found.kind == b"tfhd") {
            let flags = source.bytes(head.data_at(), 4)?;
            if flags.get(3).is_some_and(|flags| flags & 1 != 0) {
                let old = number::be64(&source.bytes(head.data_at() + 8, 8)?, 0).unwrap_or(0);
                let new = map.moved(old);
                edits.extend((new != old).then(|| Edit::over(head.data_at() + 8, new.to_be_bytes().to_vec())));
            }
        }
    }
    Ok(edits)
}

/// `tfra` (8.8.10): each entry names the place of a fragment.
fn fragment_index(source: &mut Source<'_>, mfra: &Box, map: &Edits) -> Result<Vec<Edit>, LabelError> {
    let mut edits = Vec::new();
    for index in boxes(source, mfra.data_at(), mfra.end(), false)?.iter().filter(|found| &found.kind == b"tfra") {
        let bytes = source.bytes(index.data_at(), index.data_size())?;
        let is_wide = bytes.first().is_some_and(|version| *version == 1);
        let sizes = number::be32(&bytes, 8).unwrap_or(0);
        let extra: u32 = [4, 2, 0].iter().map(|shift| ((sizes >> shift) & 3) + 1).sum();
        let width = if is_wide { 8 } else { 4 };
        let step = 2 * width + usize::try_from(extra).unwrap_or(0);
        let mut new = bytes.clone();
        let mut at = 16 + width;
        let count = number::be32(&bytes, 12).unwrap_or(0);
        for _ in 0..count {
            let Some(place) = new.get_mut(at..at + width) else { break };
            if is_wide {
                let moved = map.moved(number::be64(place, 0).unwrap_or(0));
                place.copy_from_slice(&moved.to_be_bytes());
            } else {
                let moved = narrow(map.moved(number::be32(place, 0).map_or(0, u64::from)))?;
                place.copy_from_slice(&moved.to_be_bytes());
            }
            at += step;
        }
        edits.extend((new != bytes).then(|| Edit::over(index.data_at(), new)));
    }
    Ok(edits)
}
