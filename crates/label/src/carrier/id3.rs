//! ID3v2 before MP3 frames: a `TXXX` frame whose description is `AIGC`. Other frames are copied as they stand.

use super::Survey;
use crate::LabelError;
use crate::model::Label;
use crate::source::{Source, number, size};
use crate::splice::Edit;

const HEADER: u64 = 10;
const UNSYNCHRONISED: u8 = 0x80;
const EXTENDED: u8 = 0x40;
const FOOTER: u8 = 0x10;

struct Tag {
    version: u8,
    flags: u8,
    /// With header and footer.
    whole: u64,
    frames: Vec<Frame>,
    /// Frames were written with zeros between, and stand here without them; places are not those of the file then.
    is_unpacked: bool,
}

struct Frame {
    at: u64,
    id: String,
    /// With its header.
    raw: Vec<u8>,
    body: Vec<u8>,
}

pub(crate) fn survey(source: &mut Source<'_>) -> Result<Survey, LabelError> {
    let mut survey = Survey::default();
    let Some(tag) = read(source)? else { return Ok(survey) };
    // C2PA 2.1, A.3: an encapsulated object whose type names the manifest store.
    let is_manifest = |frame: &&Frame| frame.id == "GEOB" && frame.body.windows(4).take(64).any(|part| part == b"c2pa");
    survey.credentials = tag.frames.iter().find(is_manifest).map(|frame| frame.at);
    for frame in &tag.frames {
        let Some(value) = label_text(frame) else { continue };
        let place = if tag.is_unpacked { (0, tag.whole) } else { (frame.at, size(&frame.raw)) };
        survey.text("ID3v2 TXXX AIGC", place, value, &[]);
    }
    Ok(survey)
}

pub(crate) fn edits(source: &mut Source<'_>, label: &Label) -> Result<Vec<Edit>, LabelError> {
    let tag = read(source)?;
    let (version, whole) = tag.as_ref().map_or((4, 0), |tag| (tag.version, tag.whole));
    let mut body = own_frame(version, &label.to_json())?;
    let kept = tag.iter().flat_map(|tag| &tag.frames).filter(|frame| label_text(frame).is_none());
    kept.for_each(|frame| body.extend_from_slice(&frame.raw));
    let flags = tag.as_ref().map_or(0, |tag| {
        let gone = EXTENDED | FOOTER | if tag.is_unpacked { UNSYNCHRONISED } else { 0 };
        tag.flags & !gone
    });
    let length = synchsafe(body.len()).ok_or_else(|| {
        LabelError::refused("the ID3 tag would be larger than 256 MiB", "save the file with fewer pictures in its tag")
    })?;
    let new = [b"ID3", &[version, 0, flags], &length[..], &body].concat();
    Ok(vec![Edit::replace(0, whole, new)])
}

fn own_frame(version: u8, json: &str) -> Result<Vec<u8>, LabelError> {
    // Encoding 0 is Latin-1; a written label is ASCII.
    let body = [b"\0AIGC\0", json.as_bytes()].concat();
    let too_long = || LabelError::refused("the label is too long for an ID3 frame", "shorten its reserved codes");
    Ok(match version {
        2 => {
            let length = u32::try_from(body.len()).ok().filter(|length| *length < 1 << 24).ok_or_else(too_long)?;
            [b"TXX", length.to_be_bytes().get(1..).unwrap_or_default(), &body].concat()
        }
        3 => {
            let length = u32::try_from(body.len()).map_err(|_| too_long())?;
            [b"TXXX", &length.to_be_bytes()[..], &[0, 0], &body].concat()
        }
        _ => [b"TXXX", &synchsafe(body.len()).ok_or_else(too_long)?[..], &[0, 0], &body].concat(),
    })
}

fn synchsafe(length: usize) -> Option<[u8; 4]> {
    let length = u32::try_from(length).ok().filter(|length| *length < 1 << 28)?;
    Some([21, 14, 7, 0].map(|shift| u8::try_from((length >> shift) & 0x7f).unwrap_or(0)))
}

fn from_synchsafe(bytes: &[u8], at: usize) -> Option<u64> {
    let four: [u8; 4] = number::array(bytes, at)?;
    four.iter().all(|byte| *byte < 0x80).then(|| four.iter().fold(0, |sum, byte| (sum << 7) | u64::from(*byte)))
}

fn read(source: &mut Source<'_>) -> Result<Option<Tag>, LabelError> {
    let head = source.head(0, HEADER)?;
    if !head.starts_with(b"ID3") {
        return Ok(None);
    }
    let version = head.get(3).copied().unwrap_or(0);
    let flags = head.get(5).copied().unwrap_or(0);
    if !(2..=4).contains(&version) {
        return Err(LabelError::malformed(3, format!("ID3 version 2.{version} is not known")));
    }
    let length = from_synchsafe(&head, 6).ok_or_else(|| LabelError::malformed(6, "the ID3 tag's length is broken"))?;
    let mut bytes = source.bytes(HEADER, length)?;
    // In 2.4 zeros are put in frame by frame, and lengths count them.
    let is_unpacked = flags & UNSYNCHRONISED != 0 && version < 4;
    if is_unpacked {
        bytes = without_stuffing(&bytes);
    }
    let footer = if version == 4 && flags & FOOTER != 0 { HEADER } else { 0 };
    let start = extended_header(version, flags, &bytes)?;
    let frames = frames(version, &bytes, start)?;
    Ok(Some(Tag { version, flags, whole: HEADER + length + footer, frames, is_unpacked }))
}

fn extended_header(version: u8, flags: u8, bytes: &[u8]) -> Result<usize, LabelError> {
    if version == 2 || flags & EXTENDED == 0 {
        return Ok(0);
    }
    let length = if version == 4 {
        from_synchsafe(bytes, 0)
    } else {
        number::be32(bytes, 0).map(|length| u64::from(length) + 4)
    };
    let length = length.and_then(|length| usize::try_from(length).ok()).filter(|length| *length <= bytes.len());
    length.ok_or_else(|| LabelError::malformed(HEADER, "the extended header's length is broken"))
}

/// Frames up to padding.
fn frames(version: u8, bytes: &[u8], start: usize) -> Result<Vec<Frame>, LabelError> {
    let mut frames = Vec::new();
    let (id_size, head_size) = if version == 2 { (3, 6) } else { (4, 10) };
    let mut at = start;
    while let Some(id) = bytes.get(at..at + id_size).filter(|id| id.iter().all(u8::is_ascii_alphanumeric)) {
        let place = HEADER + at as u64;
        let broken = || LabelError::malformed(place, "an ID3 frame is longer than its tag");
        let length = match version {
            2 => bytes.get(at + 3..at + 6).map(|three| three.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte))),
            3 => number::be32(bytes, at + 4).map(u64::from),
            _ => from_synchsafe(bytes, at + 4),
        };
        let length = length.and_then(|length| usize::try_from(length).ok()).ok_or_else(broken)?;
        let end = at.checked_add(head_size + length).ok_or_else(broken)?;
        let raw = bytes.get(at..end).ok_or_else(broken)?;
        frames.push(Frame {
            at: place,
            id: String::from_utf8_lossy(id).into_owned(),
            raw: raw.to_vec(),
            body: raw.get(head_size..).unwrap_or_default().to_vec(),
        });
        at = end;
    }
    Ok(frames)
}

/// `FF 00` stands for `FF` (ID3v2.3, section 5).
fn without_stuffing(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut after_ff = false;
    for byte in bytes {
        if !(after_ff && *byte == 0) {
            plain.push(*byte);
        }
        after_ff = *byte == 0xff;
    }
    plain
}

/// The value of a user text frame whose description names the label.
fn label_text(frame: &Frame) -> Option<String> {
    if frame.id != "TXXX" && frame.id != "TXX" {
        return None;
    }
    let (encoding, text) = frame.body.split_first()?;
    let text = match encoding {
        1 | 2 => utf16(text, *encoding == 2),
        _ => String::from_utf8_lossy(text).into_owned(),
    };
    let (description, value) = text.split_once('\0')?;
    description.contains("AIGC").then(|| value.trim_matches(['\0', '\u{feff}']).to_owned())
}

fn utf16(bytes: &[u8], is_big_endian: bool) -> String {
    let is_big_endian = is_big_endian || bytes.starts_with(&[0xfe, 0xff]);
    let unit = |pair: &[u8; 2]| if is_big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
    let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(unit).collect();
    String::from_utf16_lossy(&units).trim_start_matches('\u{feff}').to_owned()
}
