//! Pictures as evidence: read by their content, and written anew with nothing but the picture. Where and with what it was taken
//! stays with the person.

use crate::ServiceError;

/// Bytes of a picture at most, as it comes in: phones write less.
pub const MOST_PHOTO_BYTES: usize = 8 << 20;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Chunks that a PNG needs to be seen as it was (ISO/IEC 15948): all others say something about it.
const KEPT_CHUNKS: [&[u8; 4]; 8] = [b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"IDAT", b"IEND"];
const EXIF: &[u8] = b"Exif\0\0";

/// A picture without anything about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cleaned {
    /// `image/png` or `image/jpeg`.
    pub(super) media_type: &'static str,
    pub(super) bytes: Vec<u8>,
}

/// The picture alone. Of a JPEG's metadata stays which side is up, or it would be shown lying.
///
/// Errors: it is neither PNG nor JPEG by its content, broken, or too large.
pub(super) fn cleaned(bytes: &[u8]) -> Result<Cleaned, ServiceError> {
    if bytes.len() > MOST_PHOTO_BYTES {
        let hint = format!("send at most {} MiB; take it again with fewer pixels", MOST_PHOTO_BYTES >> 20);
        return Err(ServiceError::input("the picture is too large", hint));
    }
    let found = if bytes.starts_with(PNG) {
        png(bytes).map(|bytes| Cleaned { media_type: "image/png", bytes })
    } else if bytes.starts_with(&[0xff, 0xd8]) {
        jpeg(bytes).map(|bytes| Cleaned { media_type: "image/jpeg", bytes })
    } else {
        return Err(ServiceError::input("this is no picture in PNG or JPEG", "send a photo or a screenshot"));
    };
    found.ok_or_else(|| ServiceError::input("the picture is broken", "take or save it again"))
}

fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    let [high, low]: [u8; 2] = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
    Some(usize::from(u16::from_be_bytes([high, low])))
}

fn be32(bytes: &[u8], at: usize) -> Option<usize> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(four)).ok()
}

/// Nothing where it is broken. What follows `IEND` is no picture.
fn png(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut clean = PNG.to_vec();
    let (mut at, mut has_pixels) = (PNG.len(), false);
    loop {
        let length = be32(bytes, at)?;
        let kind: &[u8; 4] = bytes.get(at + 4..at + 8)?.try_into().ok()?;
        let whole = bytes.get(at..at.checked_add(length)?.checked_add(12)?)?;
        if at == PNG.len() && (kind != b"IHDR" || length != 13 || be32(whole, 8)? == 0 || be32(whole, 12)? == 0) {
            return None;
        }
        if KEPT_CHUNKS.contains(&kind) {
            clean.extend_from_slice(whole);
        }
        has_pixels |= kind == b"IDAT";
        if kind == b"IEND" {
            return (has_pixels && length == 0).then_some(clean);
        }
        at += whole.len();
    }
}

/// Nothing where it is broken. What follows the end of the first picture is another one, or none.
fn jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut clean = vec![0xff, 0xd8];
    let (mut at, mut up, mut has_frame) = (2, None, false);
    let mut body = Vec::with_capacity(bytes.len());
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            // A fill byte.
            0xff => at += 1,
            0xd9 => {
                body.extend_from_slice(&[0xff, 0xd9]);
                clean.extend(up.map(side_up).unwrap_or_default());
                clean.extend(body);
                return has_frame.then_some(clean);
            }
            // Markers without data do not stand between segments.
            0x00 | 0x01 | 0xd0..=0xd8 => return None,
            _ => {
                let length = be16(bytes, at + 2).filter(|length| *length >= 2)?;
                let segment = bytes.get(at..at.checked_add(length)?.checked_add(2)?)?;
                let data = segment.get(4..)?;
                at += segment.len();
                match marker {
                    0xe1 => up = up.or_else(|| data.strip_prefix(EXIF).and_then(orientation)),
                    // How the colours are to be read (Adobe), and nothing else of applications and comments.
                    0xee if data.starts_with(b"Adobe") && data.len() == 12 => body.extend_from_slice(segment),
                    0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                        // Height may be 0 and come later; width may not.
                        has_frame = be16(data, 3)? > 0;
                        body.extend_from_slice(segment);
                    }
                    0xda => {
                        body.extend_from_slice(segment);
                        let end = scan_end(bytes, at)?;
                        body.extend_from_slice(bytes.get(at..end)?);
                        at = end;
                    }
                    // Tables for Huffman and arithmetic codes and quantisation, restarts, number of lines, levels.
                    0xc4 | 0xcc | 0xdb..=0xdf => body.extend_from_slice(segment),
                    _ => {}
                }
            }
        }
    }
}

/// Where the pixels of a scan end: at a marker that is neither a stuffed byte nor a restart.
fn scan_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        if !matches!(bytes.get(at + 1)?, 0x00 | 0xd0..=0xd7) {
            return Some(at);
        }
        at += 2;
    }
}

/// Which side is up, by the first directory of EXIF (CIPA DC-008, tag 0x0112); nothing where it is the usual one.
fn orientation(tiff: &[u8]) -> Option<u8> {
    let is_big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let two = |at: usize| {
        let [one, other]: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_big { u16::from_be_bytes([one, other]) } else { u16::from_le_bytes([one, other]) })
    };
    let directory = {
        let four: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
        usize::try_from(if is_big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }).ok()?
    };
    let count = usize::from(two(directory)?);
    let entry = (0..count).map(|number| directory.saturating_add(2 + 12 * number));
    let at = entry.into_iter().find(|at| two(*at) == Some(0x0112))?;
    u8::try_from(two(at + 8)?).ok().filter(|side| (2..=8).contains(side))
}

/// EXIF with that one entry.
fn side_up(side: u8) -> Vec<u8> {
    let mut segment = vec![0xff, 0xe1, 0, 34];
    segment.extend_from_slice(EXIF);
    segment.extend_from_slice(b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0");
    segment.extend_from_slice(&[side, 0, 0, 0, 0, 0, 0]);
    segment
}
