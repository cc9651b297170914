//! WebP (RFC 9649): XMP in a chunk `XMP `, announced in `VP8X`.

use super::riff::{self, Chunk, Riff};
use super::{Survey, exif, xmp};
use crate::LabelError;
use crate::model::Label;
use crate::source::{Source, number, size};
use crate::splice::Edit;

const HAS_XMP: u8 = 0x04;
const HAS_ALPHA: u8 = 0x10;
/// Some writers put JPEG's head before the block.
const EXIF_HEAD: &[u8] = b"Exif\0\0";

pub(crate) fn survey(source: &mut Source<'_>) -> Result<Survey, LabelError> {
    let riff = riff::open(source)?;
    let mut survey = Survey::default();
    riff::survey(source, &riff, "WebP", &mut survey)?;
    for chunk in &riff.chunks {
        let at = chunk.data_at();
        match &chunk.id {
            b"XMP " => {
                let packet = source.bytes(at, chunk.length)?;
                xmp::survey(&packet, Some(at), (at, chunk.length), "WebP XMP", &mut survey);
            }
            b"EXIF" => {
                let (block, at) = exif_block(source, chunk)?;
                exif::survey(&block, at, "WebP EXIF", &mut survey);
            }
            _ => {}
        }
    }
    Ok(survey)
}

pub(crate) fn edits(source: &mut Source<'_>, label: &Label) -> Result<Vec<Edit>, LabelError> {
    let json = label.to_json();
    let riff = riff::open(source)?;
    let labels = riff::labels(source, &riff)?;
    let mut edits: Vec<Edit> = labels.top.iter().map(|chunk| Edit::cut(chunk.at, chunk.whole())).collect();
    let mut blanks = Vec::new();
    let mut written = false;
    for chunk in &riff.chunks {
        if &chunk.id == b"XMP " && written {
            edits.push(Edit::cut(chunk.at, chunk.whole()));
        } else if &chunk.id == b"XMP " {
            let packet = source.bytes(chunk.data_at(), chunk.length)?;
            let new = xmp::relabel(&packet, Some(&json), chunk.data_at())?.unwrap_or_default();
            edits.push(Edit::replace(chunk.at, chunk.whole(), riff::chunk(*b"XMP ", &new)));
            written = true;
        } else if &chunk.id == b"EXIF" {
            let (block, at) = exif_block(source, chunk)?;
            blanks.extend(exif::blanks(&block, at));
        }
    }
    if !written {
        edits.push(Edit::insert(riff.end, riff::chunk(*b"XMP ", &xmp::packet(&json))));
    }
    edits.extend(announcement(source, &riff)?);
    edits.push(riff.resized(&edits)?);
    edits.extend(blanks);
    Ok(edits)
}

fn exif_block(source: &mut Source<'_>, chunk: &Chunk) -> Result<(Vec<u8>, u64), LabelError> {
    let bytes = source.bytes(chunk.data_at(), chunk.length)?;
    Ok(match bytes.strip_prefix(EXIF_HEAD) {
        Some(block) => (block.to_vec(), chunk.data_at() + size(EXIF_HEAD)),
        None => (bytes, chunk.data_at()),
    })
}

/// The flag in `VP8X`, or a new `VP8X` before the picture.
fn announcement(source: &mut Source<'_>, riff: &Riff) -> Result<Option<Edit>, LabelError> {
    let first = riff.chunks.first().ok_or_else(|| LabelError::malformed(12, "the file has no chunk"))?;
    if &first.id == b"VP8X" {
        let flags = source.bytes(first.data_at(), 1)?.first().copied().unwrap_or(0);
        return Ok((flags & HAS_XMP == 0).then(|| Edit::over(first.data_at(), vec![flags | HAS_XMP])));
    }
    let head = source.head(first.data_at(), 10)?;
    let (width, height, alpha) = dimensions(first.id, &head)
        .ok_or_else(|| LabelError::malformed(first.at, "the picture's head is not one of `VP8` or `VP8L`"))?;
    let flags = HAS_XMP | if alpha { HAS_ALPHA } else { 0 };
    let three = |value: u32| value.saturating_sub(1).to_le_bytes();
    let (width, height) = (three(width), three(height));
    let data = [&[flags, 0, 0, 0], width.get(..3).unwrap_or_default(), height.get(..3).unwrap_or_default()].concat();
    Ok(Some(Edit::insert(first.at, riff::chunk(*b"VP8X", &data))))
}

/// Width, height and transparency of a picture (RFC 6386, section 9.1; RFC 9649, section 3.4).
fn dimensions(id: [u8; 4], head: &[u8]) -> Option<(u32, u32, bool)> {
    match &id {
        b"VP8 " => {
            let side = |at| number::le16(head, at).map(|value| u32::from(value & 0x3fff));
            (head.get(3..6)? == [0x9d, 0x01, 0x2a]).then_some(())?;
            Some((side(6)?, side(8)?, false))
        }
        b"VP8L" => {
            (*head.first()? == 0x2f).then_some(())?;
            let bits = number::le32(head, 1)?;
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1, bits & (1 << 28) != 0))
        }
        _ => None,
    }
}
