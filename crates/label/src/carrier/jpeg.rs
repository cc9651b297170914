//! JPEG (ITU-T T.81): XMP in an `APP1` segment (ISO 16684-1, annex).

use super::{Content, Survey, exif, xmp};
use crate::LabelError;
use crate::model::{Dialect, Label, Shape, looks_like_label};
use crate::source::{Source, number, size};
use crate::splice::Edit;

const XMP_HEAD: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXIF_HEAD: &[u8] = b"Exif\0\0";
/// A segment's length field counts itself and has 16 bits.
const MOST_DATA: usize = 65_533;
/// All segments of real pictures together have less.
const MOST_METADATA: u64 = 256 << 20;

struct Segment {
    at: u64,
    marker: u8,
    data: Vec<u8>,
}

impl Segment {
    fn data_at(&self) -> u64 {
        self.at + 4
    }

    fn whole(&self) -> u64 {
        size(&self.data) + 4
    }
}

pub(crate) fn survey(source: &mut Source<'_>) -> Result<Survey, LabelError> {
    let mut survey = Survey::default();
    for segment in segments(source)? {
        let at = segment.data_at();
        if let Some(packet) = segment.data.strip_prefix(XMP_HEAD).filter(|_| segment.marker == 0xe1) {
            let base = at + size(XMP_HEAD);
            xmp::survey(packet, Some(base), (base, size(packet)), "JPEG APP1 XMP", &mut survey);
        } else if let Some(tiff) = segment.data.strip_prefix(EXIF_HEAD).filter(|_| segment.marker == 0xe1) {
            exif::survey(tiff, at + size(EXIF_HEAD), "JPEG APP1 EXIF", &mut survey);
        } else if segment.marker == 0xeb && segment.data.starts_with(b"JP") {
            survey.credentials.get_or_insert(segment.at);
        } else if let Some(text) = loose_label(&segment) {
            let shape = if text.contains("\"AIGC\"") { Shape::Wrapped } else { Shape::Bare };
            survey.text(name(segment.marker), (at, size(&segment.data)), text.clone(), &[Dialect::JpegSegment]);
            if let Some(site) = survey.sites.last_mut() {
                site.content = Content::Text(text, shape);
            }
        }
    }
    Ok(survey)
}

pub(crate) fn edits(source: &mut Source<'_>, label: &Label) -> Result<Vec<Edit>, LabelError> {
    let json = label.to_json();
    let segments = segments(source)?;
    let mut edits = Vec::new();
    let mut written = false;
    for segment in &segments {
        if let Some(packet) = segment.data.strip_prefix(XMP_HEAD).filter(|_| segment.marker == 0xe1) {
            let new = xmp::relabel(packet, (!written).then_some(&json), segment.data_at())?;
            if let Some(packet) = new {
                edits.push(Edit::replace(segment.at, segment.whole(), xmp_segment(&packet, segment.at)?));
            }
            written = true;
        } else if let Some(tiff) = segment.data.strip_prefix(EXIF_HEAD).filter(|_| segment.marker == 0xe1) {
            edits.extend(exif::blanks(tiff, segment.data_at() + size(EXIF_HEAD)));
        } else if loose_label(segment).is_some() {
            edits.push(Edit::cut(segment.at, segment.whole()));
        }
    }
    if !written {
        // JFIF wants `APP0` first, EXIF wants its `APP1` first: the label follows them.
        let is_leading = |segment: &&Segment| segment.marker == 0xe0 || segment.data.starts_with(EXIF_HEAD);
        let at = segments.iter().take_while(is_leading).last().map_or(2, |last| last.at + last.whole());
        edits.push(Edit::insert(at, xmp_segment(&xmp::packet(&json), at)?));
    }
    Ok(edits)
}

fn xmp_segment(packet: &[u8], at: u64) -> Result<Vec<u8>, LabelError> {
    let most = MOST_DATA - XMP_HEAD.len();
    let packet = if packet.len() > most { without_padding(packet) } else { packet.to_vec() };
    if packet.len() > most {
        let problem = LabelError::refused(
            format!("the XMP packet would have {} bytes, and a JPEG segment holds {most}", packet.len()),
            "save the picture with less metadata, or as PNG",
        );
        return Err(LabelError { offset: Some(at), ..problem });
    }
    let length = u16::try_from(packet.len() + XMP_HEAD.len() + 2).unwrap_or(u16::MAX);
    Ok([&[0xff, 0xe1], &length.to_be_bytes()[..], XMP_HEAD, &packet].concat())
}

/// White space before the packet's last line is there to be used up (ISO 16684-1, 7.3).
fn without_padding(packet: &[u8]) -> Vec<u8> {
    let trailer = packet.windows(13).rposition(|window| window == b"<?xpacket end");
    let Some((body, trailer)) = trailer.and_then(|at| packet.split_at_checked(at)) else { return packet.to_vec() };
    [body.trim_ascii_end(), b"\n", trailer].concat()
}

/// A label in an application or comment segment of its own.
fn loose_label(segment: &Segment) -> Option<String> {
    let is_place = matches!(segment.marker, 0xe0..=0xef | 0xfe);
    let start = segment.data.get(..segment.data.len().min(16))?;
    let is_near = is_place && (start.contains(&b'{'));
    let text = is_near.then(|| String::from_utf8_lossy(&segment.data).into_owned())?;
    looks_like_label(&text).then_some(text)
}

fn name(marker: u8) -> String {
    if marker == 0xfe { "JPEG COM".to_owned() } else { format!("JPEG APP{}", marker & 0x0f) }
}

/// The segments before the first scan.
fn segments(source: &mut Source<'_>) -> Result<Vec<Segment>, LabelError> {
    let mut segments = Vec::new();
    let mut at = 2;
    loop {
        let head = source.bytes(at, 2)?;
        let (Some(0xff), Some(marker)) = (head.first(), head.get(1).copied()) else {
            return Err(LabelError::malformed(at, "a segment does not begin with 0xFF"));
        };
        match marker {
            // A fill byte.
            0xff => at += 1,
            // The picture begins, or ends.
            0xda | 0xd9 => return Ok(segments),
            // Markers without data.
            0x01 | 0xd0..=0xd8 => at += 2,
            _ => {
                let length = source.bytes(at + 2, 2)?;
                let length = u64::from(number::be16(&length, 0).unwrap_or(0));
                if length < 2 {
                    return Err(LabelError::malformed(at, "a segment is shorter than its own length field"));
                }
                if at > MOST_METADATA {
                    return Err(LabelError::malformed(at, "the picture does not begin within 256 MiB"));
                }
                segments.push(Segment { at, marker, data: source.bytes(at + 4, length - 2)? });
                at += 2 + length;
            }
        }
    }
}
