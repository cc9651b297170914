//! Ogg (RFC 3533): the comment packet of Vorbis, Opus, Theora, Speex or FLAC. The packet is written back into as many pages
//! as before, so that no page after it changes.

use super::{Survey, flac, vorbis};
use crate::LabelError;
use crate::model::Label;
use crate::source::{Source, number, size};
use crate::splice::Edit;

const PAGE_HEAD: u64 = 27;
const CONTINUED: u8 = 1;
const MOST_SEGMENTS: usize = 255;
/// Comments with pictures have some megabytes.
const MOST_PAGES: usize = 4096;

struct Page {
    at: u64,
    head: Vec<u8>,
    lacing: Vec<u8>,
}

impl Page {
    fn serial(&self) -> Option<u32> {
        number::le32(&self.head, 14)
    }

    fn data_at(&self) -> u64 {
        self.at + PAGE_HEAD + size(&self.lacing)
    }

    fn data_size(&self) -> u64 {
        self.lacing.iter().map(|length| u64::from(*length)).sum()
    }

    fn whole(&self) -> u64 {
        PAGE_HEAD + size(&self.lacing) + self.data_size()
    }
}

/// How a codec marks its comment packet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Codec {
    Marked(&'static [u8]),
    Speex,
    Flac,
}

impl Codec {
    fn of(first_packet: &[u8]) -> Option<Self> {
        let rows: [(&[u8], Self); 5] = [
            (b"\x01vorbis", Self::Marked(b"\x03vorbis")),
            (b"OpusHead", Self::Marked(b"OpusTags")),
            (b"\x80theora", Self::Marked(b"\x81theora")),
            (b"Speex   ", Self::Speex),
            (b"\x7fFLAC", Self::Flac),
        ];
        rows.iter().find(|(mark, _)| first_packet.starts_with(mark)).map(|(_, codec)| *codec)
    }

    fn head_size(self) -> usize {
        match self {
            Self::Marked(mark) => mark.len(),
            Self::Speex => 0,
            Self::Flac => 4,
        }
    }
}

/// The pages that hold the comment packet and whatever shares them.
struct Comment {
    codec: Codec,
    pages: Vec<Page>,
    bytes: Vec<u8>,
    /// Ends of the packets in `bytes`.
    ends: Vec<usize>,
}

impl Comment {
    fn packet(&self) -> &[u8] {
        self.bytes.get(..self.ends.first().copied().unwrap_or(0)).unwrap_or_default()
    }

    fn block(&self) -> Option<&[u8]> {
        let packet = self.packet();
        if let Codec::Marked(mark) = self.codec {
            return packet.strip_prefix(mark);
        }
        packet.get(self.codec.head_size()..)
    }

    /// Where a byte of the packet stands in the file.
    fn place(&self, at: u64) -> u64 {
        let mut left = at;
        for page in &self.pages {
            if left < page.data_size() {
                return page.data_at() + left;
            }
            left -= page.data_size();
        }
        self.pages.first().map_or(0, |page| page.at)
    }
}

pub(crate) fn survey(source: &mut Source<'_>) -> Result<Survey, LabelError> {
    let mut survey = Survey::default();
    let comment = comment(source)?;
    let block = comment.block().unwrap_or_default();
    match vorbis::read(block) {
        Some(comments) => {
            for (range, text) in comments.labels(block) {
                let at = comment.place((comment.codec.head_size() + range.start) as u64);
                survey.text("Ogg comment AIGC", (at, range.len() as u64), text, &[]);
            }
        }
        None => survey.unread.push("Ogg comment: the packet is broken".to_owned()),
    }
    Ok(survey)
}

pub(crate) fn edits(source: &mut Source<'_>, label: &Label) -> Result<Vec<Edit>, LabelError> {
    let comment = comment(source)?;
    let start = comment.pages.first().map_or(0, |page| page.at);
    let broken = || LabelError::malformed(start, "the comment packet is broken");
    let block = comment.block().ok_or_else(broken)?;
    let new = vorbis::read(block).ok_or_else(broken)?.relabel(block, &label.to_json());
    let old_head = comment.packet().get(..comment.codec.head_size()).unwrap_or_default();
    let head = if comment.codec == Codec::Flac { flac::packet_head(old_head, &new)? } else { old_head.to_vec() };
    let packet = [head, new].concat();
    let old_end = comment.ends.first().copied().unwrap_or(0);
    let rest = comment.bytes.get(old_end..).unwrap_or_default();
    let mut lengths = vec![packet.len()];
    lengths.extend(comment.ends.windows(2).filter_map(|pair| Some(pair.get(1)? - pair.first()?)));
    repaginate(&comment.pages, &lengths, &[packet.as_slice(), rest].concat())
}

/// The packets over the same pages.
fn repaginate(pages: &[Page], lengths: &[usize], bytes: &[u8]) -> Result<Vec<Edit>, LabelError> {
    let mut lacing = Vec::new();
    for length in lengths {
        lacing.extend(std::iter::repeat_n(u8::MAX, length / 255));
        lacing.push(u8::try_from(length % 255).unwrap_or(0));
    }
    let count = pages.len().max(1);
    let share = lacing.len().div_ceil(count);
    if share > MOST_SEGMENTS || lacing.len() <= (count - 1) * share {
        return Err(LabelError::refused(
            "the pages of the comment packet have no room for the label",
            "save the file with fewer or smaller comments and pictures",
        ));
    }
    let mut edits = Vec::new();
    let (mut rest, mut continued) = (bytes, false);
    for (page, lacing) in pages.iter().zip(lacing.chunks(share)) {
        let length = lacing.iter().map(|length| usize::from(*length)).sum();
        let (data, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        edits.push(Edit::replace(page.at, page.whole(), new_page(&page.head, lacing, data, continued)));
        continued = lacing.last() == Some(&u8::MAX);
        rest = after;
    }
    Ok(edits)
}

fn new_page(old_head: &[u8], lacing: &[u8], data: &[u8], continued: bool) -> Vec<u8> {
    let flags = old_head.get(5).copied().unwrap_or(0) & !CONTINUED | u8::from(continued);
    // A page on which no packet ends has no position.
    let ends = lacing.iter().any(|length| *length != u8::MAX);
    let position: &[u8] = if ends { &[0; 8] } else { &[0xff; 8] };
    let middle = old_head.get(14..22).unwrap_or_default();
    let count = u8::try_from(lacing.len()).unwrap_or(u8::MAX);
    let before = [b"OggS\0", &[flags][..], position, middle].concat();
    let after = [&[count], lacing, data].concat();
    let sum = checksum(&[before.as_slice(), &[0; 4], &after].concat());
    [before.as_slice(), &sum.to_le_bytes(), &after].concat()
}

/// CRC-32 with polynomial 0x04C11DB7, not reflected, from 0 (RFC 3533, section 6).
fn checksum(bytes: &[u8]) -> u32 {
    let mut sum = 0_u32;
    for byte in bytes {
        sum ^= u32::from(*byte) << 24;
        for _ in 0..8 {
            sum = if sum & 0x8000_0000 == 0 { sum << 1 } else { (sum << 1) ^ 0x04c1_1db7 };
        }
    }
    sum
}

fn page(source: &mut Source<'_>, at: u64) -> Result<Page, LabelError> {
    let head = source.bytes(at, PAGE_HEAD)?;
    if !head.starts_with(b"OggS\0") {
        return Err(LabelError::malformed(at, "a page does not begin with `OggS`"));
    }
    let count = head.get(26).copied().unwrap_or(0);
    let lacing = source.bytes(at + PAGE_HEAD, u64::from(count))?;
    Ok(Page { at, head, lacing })
}

fn comment(source: &mut Source<'_>) -> Result<Comment, LabelError> {
    let mut at = 0;
    let mut stream: Option<(u32, Codec)> = None;
    let mut found = Vec::new();
    let mut bytes = Vec::new();
    let (mut ends, mut length) = (Vec::new(), 0);
    for _ in 0..MOST_PAGES {
        let page = page(source, at)?;
        at += page.whole();
        let Some((serial, codec)) = stream else {
            let first = source.bytes(page.data_at(), page.data_size())?;
            let codec = Codec::of(&first);
            let is_first = page.head.get(5).is_some_and(|flags| flags & 2 != 0);
            if !is_first {
                break;
            }
            stream = codec.and_then(|codec| Some((page.serial()?, codec)));
            continue;
        };
        if page.serial() != Some(serial) {
            continue;
        }
        bytes.extend(source.bytes(page.data_at(), page.data_size())?);
        for segment in &page.lacing {
            length += usize::from(*segment);
            if *segment != u8::MAX {
                ends.push(length);
            }
        }
        found.push(page);
        if ends.last() == Some(&bytes.len()) {
            return Ok(Comment { codec, pages: found, bytes, ends });
        }
    }
    Err(LabelError::malformed(at, "no comment packet of Vorbis, Opus, Theora, Speex or FLAC begins the file"))
}
