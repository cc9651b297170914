//! TIFF 6.0 and BigTIFF: XMP in tag 0x2BC of the first directory. The pictures stay where they are; a new directory is
//! appended where the old one has no room for the tag.

use super::{Survey, exif, xmp};
use crate::LabelError;
use crate::model::Label;
use crate::source::{MOST_PIECES, Source, number, size};
use crate::splice::Edit;

const XMP_TAG: u16 = 0x2bc;
/// C2PA manifest (C2PA 2.1, A.3).
const CREDENTIALS_TAG: u16 = 0xcd41;
const UNDEFINED: u16 = 7;
/// Real directories have dozens of entries.
const MOST_ENTRIES: u64 = 65_536;

/// The header of a file or EXIF block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tiff {
    big_endian: bool,
    is_big: bool,
    pub(crate) first: u64,
}

/// An entry with its value's place resolved.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    tag: u16,
    at: u64,
    kind: u16,
    count: u64,
    pub(crate) value_at: u64,
    /// Bytes of the value.
    pub(crate) length: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Directory {
    at: u64,
    entries: Vec<Entry>,
    /// Where the directory of the next page stands; 0 for the last.
    next: u64,
}

impl Directory {
    pub(crate) fn entry(&self, tag: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }
}

impl Tiff {
    pub(crate) fn open(source: &mut Source<'_>) -> Result<Self, LabelError> {
        let head = source.head(0, 16)?;
        let big_endian = head.starts_with(b"MM");
        if !big_endian && !head.starts_with(b"II") {
            return Err(LabelError::malformed(0, "the byte order is neither `II` nor `MM`"));
        }
        let own = Self { big_endian, is_big: false, first: 0 };
        match own.short(&head, 2) {
            Some(42) => Ok(Self { first: own.long(&head, 4).map_or(0, u64::from), ..own }),
            Some(43) => {
                let first = own.long8(&head, 8).ok_or_else(|| LabelError::malformed(8, "the header is cut short"))?;
                Ok(Self { first, is_big: true, ..own })
            }
            _ => Err(LabelError::malformed(2, "the version is neither 42 nor 43")),
        }
    }

    pub(crate) fn is_big_endian(self) -> bool {
        self.big_endian
    }

    fn short(self, bytes: &[u8], at: usize) -> Option<u16> {
        if self.big_endian { number::be16(bytes, at) } else { number::le16(bytes, at) }
    }

    fn long(self, bytes: &[u8], at: usize) -> Option<u32> {
        if self.big_endian { number::be32(bytes, at) } else { number::le32(bytes, at) }
    }

    fn long8(self, bytes: &[u8], at: usize) -> Option<u64> {
        if self.big_endian { number::be64(bytes, at) } else { number::le64(bytes, at) }
    }

    fn word(self, bytes: &[u8], at: usize) -> Option<u64> {
        if self.is_big { self.long8(bytes, at) } else { self.long(bytes, at).map(u64::from) }
    }

    fn short_bytes(self, value: u16) -> [u8; 2] {
        if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    /// A count or offset in this file's width.
    fn word_bytes(self, value: u64) -> Result<Vec<u8>, LabelError> {
        let long = u32::try_from(value);
        match (self.is_big, self.big_endian, long) {
            (true, true, _) => Ok(value.to_be_bytes().to_vec()),
            (true, false, _) => Ok(value.to_le_bytes().to_vec()),
            (false, true, Ok(long)) => Ok(long.to_be_bytes().to_vec()),
            (false, false, Ok(long)) => Ok(long.to_le_bytes().to_vec()),
            (false, _, Err(_)) => {
                Err(LabelError::refused("the file would be larger than 4 GiB", "save it as BigTIFF or PNG"))
            }
        }
    }

    fn count_size(self) -> u64 {
        if self.is_big { 8 } else { 2 }
    }

    fn entry_size(self) -> u64 {
        if self.is_big { 20 } else { 12 }
    }

    fn word_size(self) -> u64 {
        if self.is_big { 8 } else { 4 }
    }

    pub(crate) fn directory(self, source: &mut Source<'_>, at: u64) -> Result<Directory, LabelError> {
        let head = source.bytes(at, self.count_size())?;
        let count = if self.is_big { self.long8(&head, 0) } else { self.short(&head, 0).map(u64::from) }.unwrap_or(0);
        if count > MOST_ENTRIES {
            return Err(LabelError::malformed(at, format!("a directory of {count} entries")));
        }
        let bytes = source.bytes(at + self.count_size(), count * self.entry_size())?;
        let width = usize::try_from(self.entry_size()).unwrap_or(12);
        let mut place = at + self.count_size();
        let mut entries = Vec::new();
        for raw in bytes.chunks_exact(width) {
            entries.extend(self.entry(raw, place));
            place += self.entry_size();
        }
        let next = source.bytes(place, self.word_size()).ok().and_then(|bytes| self.word(&bytes, 0)).unwrap_or(0);
        Ok(Directory { at, entries, next })
    }

    fn entry(self, raw: &[u8], at: u64) -> Option<Entry> {
        let (tag, kind) = (self.short(raw, 0)?, self.short(raw, 2)?);
        let count = self.word(raw, 4)?;
        let width = match kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16 | 17 | 18 => 8,
            _ => return None,
        };
        let length = count.checked_mul(width)?;
        let inside = 4 + self.word_size();
        let value_at =
            if length <= self.word_size() { at + inside } else { self.word(raw, usize::try_from(inside).ok()?)? };
        Some(Entry { tag, at, kind, count, value_at, length })
    }

    /// The offset that an entry holds, such as that of a directory below.
    pub(crate) fn offset(self, source: &mut Source<'_>, entry: &Entry) -> Option<u64> {
        let bytes = source.bytes(entry.value_at, entry.length).ok().filter(|_| entry.count == 1)?;
        match entry.kind {
            4 | 13 => self.long(&bytes, 0).map(u64::from),
            16 | 18 => self.long8(&bytes, 0),
            _ => None,
        }
    }
}

pub(crate) fn survey(source: &mut Source<'_>) -> Result<Survey, LabelError> {
    let tiff = Tiff::open(source)?;
    let directory = tiff.directory(source, tiff.first)?;
    let mut survey = Survey::default();
    if let Some(entry) = directory.entry(XMP_TAG) {
        let packet = source.bytes(entry.value_at, entry.length)?;
        let place = (entry.value_at, entry.length);
        xmp::survey(&packet, Some(entry.value_at), place, "TIFF 0x2BC XMP", &mut survey);
    }
    survey.credentials = credentials(tiff, source, &directory);
    exif::survey_file(source, &mut survey);
    Ok(survey)
}

/// A C2PA manifest stands in the first directory or in one of its own behind the last page. Pages that cannot be read end
/// the search, as they end it for whoever verifies.
fn credentials(tiff: Tiff, source: &mut Source<'_>, first: &Directory) -> Option<u64> {
    let mut page = first.clone();
    let mut pieces = 0;
    loop {
        if let Some(entry) = page.entry(CREDENTIALS_TAG) {
            return Some(entry.value_at);
        }
        // Pages in a ring end here too.
        pieces += 1 + page.entries.len();
        if page.next == 0 || pieces > MOST_PIECES {
            return None;
        }
        page = tiff.directory(source, page.next).ok()?;
    }
}

pub(crate) fn edits(source: &mut Source<'_>, label: &Label) -> Result<Vec<Edit>, LabelError> {
    let json = label.to_json();
    let tiff = Tiff::open(source)?;
    let directory = tiff.directory(source, tiff.first)?;
    let mut edits = exif::blanks_file(source);
    let end = source.length();
    // Offsets are even (TIFF 6.0, section 2).
    let pad = usize::try_from(end % 2).unwrap_or(0);
    let start = end + (end % 2);
    let Some(entry) = directory.entry(XMP_TAG) else {
        let packet = xmp::packet(&json);
        let next = new_directory(tiff, source, &directory, &packet, start)?;
        let packet_pad = packet.len() % 2;
        let tail = [vec![0; pad], packet.clone(), vec![0; packet_pad], next].concat();
        edits.push(Edit::insert(end, tail));
        let header = if tiff.is_big { 8 } else { 4 };
        edits.push(Edit::over(header, tiff.word_bytes(start + size(&packet) + packet_pad as u64)?));
        return Ok(edits);
    };
    let old = source.bytes(entry.value_at, entry.length)?;
    let packet = xmp::relabel(&old, Some(&json), entry.value_at)?.unwrap_or_default();
    let old_size = usize::try_from(entry.length).unwrap_or(0);
    if packet.len() <= old_size {
        let padded = [packet.clone(), vec![b' '; old_size - packet.len()]].concat();
        edits.push(Edit::over(entry.value_at, padded));
        return Ok(edits);
    }
    // The old packet would be a second copy for whoever scans the bytes.
    edits.push(Edit::over(entry.value_at, vec![b' '; old_size]));
    let count_at = entry.at + 4;
    let byte_count = packet.len() as u64;
    edits.push(Edit::over(entry.at + 2, tiff.short_bytes(UNDEFINED).to_vec()));
    edits.push(Edit::over(count_at, tiff.word_bytes(byte_count)?));
    edits.push(Edit::over(count_at + tiff.word_size(), tiff.word_bytes(start)?));
    edits.push(Edit::insert(end, [vec![0; pad], packet].concat()));
    Ok(edits)
}

/// The first directory with the tag in its place; `packet_at` is where the packet will stand.
fn new_directory(
    tiff: Tiff,
    source: &mut Source<'_>,
    old: &Directory,
    packet: &[u8],
    packet_at: u64,
) -> Result<Vec<u8>, LabelError> {
    let head = source.bytes(old.at, tiff.count_size())?;
    let count = if tiff.is_big { tiff.long8(&head, 0) } else { tiff.short(&head, 0).map(u64::from) }.unwrap_or(0);
    let entries_at = old.at + tiff.count_size();
    let entries = source.bytes(entries_at, count * tiff.entry_size())?;
    let next = source.bytes(entries_at + count * tiff.entry_size(), tiff.word_size())?;
    let width = usize::try_from(tiff.entry_size()).unwrap_or(12);
    let is_before = |raw: &&[u8]| tiff.short(raw, 0).is_some_and(|tag| tag < XMP_TAG);
    let before = entries.chunks_exact(width).take_while(is_before).count() * width;
    let (before, after) = entries.split_at_checked(before).unwrap_or((&entries, &[]));
    let own = [
        tiff.short_bytes(XMP_TAG).to_vec(),
        tiff.short_bytes(UNDEFINED).to_vec(),
        tiff.word_bytes(size(packet))?,
        tiff.word_bytes(packet_at)?,
    ]
    .concat();
    let count = if tiff.is_big {
        tiff.word_bytes(count + 1)?
    } else {
        let count = u16::try_from(count + 1).map_err(|_| LabelError::malformed(old.at, "the directory is full"))?;
        tiff.short_bytes(count).to_vec()
    };
    Ok([&count, before, &own, after, &next].concat())
}
