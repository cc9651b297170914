//! GIF89a: XMP in an application extension. The packet stands there as it is, and a trailer of falling numbers leads a
//! reader that takes its bytes for block lengths to the end (ISO 16684-1, annex).

use super::{Survey, xmp};
use crate::LabelError;
use crate::model::Label;
use crate::source::{Source, size};
use crate::splice::Edit;

const HEAD: &[u8] = b"\x21\xff\x0bXMP DataXMP";
/// The extension that holds a C2PA manifest (C2PA 2.1, A.3).
const CREDENTIALS_HEAD: &[u8] = b"\x21\xff\x0bC2PA_GIF";
const SCREEN_END: u64 = 13;

struct Extension {
    at: u64,
    whole: u64,
    packet: Vec<u8>,
    /// Else it is a C2PA manifest.
    is_xmp: bool,
    /// The packet stands in one piece.
    is_plain: bool,
}

pub(crate) fn survey(source: &mut Source<'_>) -> Result<Survey, LabelError> {
    let mut survey = Survey::default();
    let found = extensions(source)?;
    survey.credentials = found.iter().find(|extension| !extension.is_xmp).map(|extension| extension.at);
    for extension in found.into_iter().filter(|extension| extension.is_xmp) {
        let at = extension.at + size(HEAD);
        let place = (extension.at, extension.whole);
        let base = extension.is_plain.then_some(at);
        xmp::survey(&extension.packet, base, place, "GIF application extension XMP", &mut survey);
    }
    Ok(survey)
}

pub(crate) fn edits(source: &mut Source<'_>, label: &Label) -> Result<Vec<Edit>, LabelError> {
    let json = label.to_json();
    let mut edits = Vec::new();
    let mut written = false;
    for extension in extensions(source)?.into_iter().filter(|extension| extension.is_xmp) {
        if written {
            edits.push(Edit::cut(extension.at, extension.whole));
            continue;
        }
        let packet = xmp::relabel(&extension.packet, Some(&json), extension.at)?.unwrap_or_default();
        edits.push(Edit::replace(extension.at, extension.whole, block(&packet)));
        written = true;
    }
    if !written {
        let at = first_block(source)?;
        edits.push(Edit::insert(at, block(&xmp::packet(&json))));
        // Extensions came with version 89a; a file that has one says so.
        if source.bytes(0, 6)? == b"GIF87a" {
            edits.push(Edit::over(3, b"89a".to_vec()));
        }
    }
    Ok(edits)
}

fn trailer() -> Vec<u8> {
    let mut bytes = vec![1];
    bytes.extend((0..=u8::MAX).rev());
    bytes.push(0);
    bytes
}

fn block(packet: &[u8]) -> Vec<u8> {
    [HEAD, packet, &trailer()].concat()
}

/// Where blocks begin: after the screen's colours.
fn first_block(source: &mut Source<'_>) -> Result<u64, LabelError> {
    let flags = source.bytes(10, 1)?.first().copied().unwrap_or(0);
    Ok(SCREEN_END + colours(flags))
}

/// Bytes of a colour table (GIF89a, section 18).
fn colours(flags: u8) -> u64 {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

fn extensions(source: &mut Source<'_>) -> Result<Vec<Extension>, LabelError> {
    let mut found = Vec::new();
    let mut at = first_block(source)?;
    // A file without its last byte is still shown by every viewer.
    while let Some(kind) = source.head(at, 1)?.first().copied() {
        match kind {
            0x3b => break,
            0x21 => {
                let is_xmp = source.head(at, size(HEAD))? == HEAD;
                let end = after_blocks(source, at + 2)?;
                if is_xmp {
                    found.push(extension(source, at, end)?);
                } else if source.head(at, size(CREDENTIALS_HEAD))? == CREDENTIALS_HEAD {
                    found.push(Extension { at, whole: end - at, packet: Vec::new(), is_xmp: false, is_plain: false });
                }
                at = end;
            }
            0x2c => {
                let flags = source.bytes(at + 9, 1)?.first().copied().unwrap_or(0);
                at = after_blocks(source, at + 10 + colours(flags) + 1)?;
            }
            _ => return Err(LabelError::malformed(at, format!("a block of kind {kind} is not known"))),
        }
    }
    Ok(found)
}

/// The end of a chain of blocks.
fn after_blocks(source: &mut Source<'_>, mut at: u64) -> Result<u64, LabelError> {
    loop {
        let length = source.bytes(at, 1)?.first().copied().unwrap_or(0);
        at += 1 + u64::from(length);
        if length == 0 {
            return Ok(at);
        }
    }
}

fn extension(source: &mut Source<'_>, at: u64, end: u64) -> Result<Extension, LabelError> {
    let start = at + size(HEAD);
    let raw = source.bytes(start, end - start)?;
    if let Some(packet) = raw.strip_suffix(&trailer()[..]) {
        return Ok(Extension { at, whole: end - at, packet: packet.to_vec(), is_xmp: true, is_plain: true });
    }
    // Some writers cut the packet into blocks like any other data.
    let mut packet = Vec::new();
    let mut rest = &raw[..];
    while let Some((length, after)) = rest.split_first() {
        let Some((block, after)) = after.split_at_checked(usize::from(*length)) else { break };
        packet.extend_from_slice(block);
        rest = after;
    }
    Ok(Extension { at, whole: end - at, packet, is_xmp: true, is_plain: false })
}
