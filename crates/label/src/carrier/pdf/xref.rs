//! Where objects stand: cross-reference tables and streams (ISO 32000-1, 7.5), newest first.

use super::object::{self, Object, Reader};
use crate::LabelError;
use crate::source::{MOST_BYTES, Source};
use std::collections::{BTreeMap, BTreeSet};

const TAIL: u64 = 4096;
const MOST_UPDATES: usize = 4096;
/// No stream of objects or places unpacks to more.
const MOST_UNPACKED: usize = 128 << 20;
const FIRST_READ: u64 = 8 << 10;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// From the start of the file.
    Plain(u64),
    Packed {
        stream: u32,
        index: usize,
    },
}

pub(crate) struct Xref {
    base: u64,
    /// Place of the newest section, from the base.
    start: u64,
    is_stream: bool,
    places: BTreeMap<u32, Option<Place>>,
    /// The newest trailer, parsed and as bytes.
    trailer: Object,
    trailer_bytes: Vec<u8>,
}

/// One section: its trailer and where the older ones are.
struct Section {
    trailer: Object,
    bytes: Vec<u8>,
    is_stream: bool,
}

impl Xref {
    pub(crate) fn read(source: &mut Source<'_>) -> Result<Self, LabelError> {
        let head = source.head(0, 1024)?;
        let base = head.windows(5).position(|window| window == b"%PDF-").unwrap_or(0) as u64;
        let tail_at = source.length().saturating_sub(TAIL);
        let tail = source.bytes(tail_at, source.length() - tail_at)?;
        let broken = || LabelError::malformed(tail_at, "no `startxref` ends the file");
        let mark = tail.windows(9).rposition(|window| window == b"startxref").ok_or_else(broken)?;
        let (start, _) = Reader::new(&tail).integer(mark + 9).ok_or_else(broken)?;
        let start = u64::try_from(start).map_err(|_| broken())?;
        let mut places = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let mut queue = vec![start];
        let mut newest = None;
        while let Some(at) = queue.pop() {
            if !seen.insert(at) || seen.len() > MOST_UPDATES {
                continue;
            }
            let section = section(source, base.saturating_add(at), base, &mut places)?;
            let older = |key| section.trailer.member(key).and_then(Object::number);
            // A hybrid file's stream comes before older sections (7.5.8.4).
            queue.extend(older("Prev"));
            queue.extend(older("XRefStm"));
            newest.get_or_insert(section);
        }
        let section = newest.ok_or_else(broken)?;
        let (trailer, trailer_bytes, is_stream) = (section.trailer, section.bytes, section.is_stream);
        Ok(Self { base, start, is_stream, places, trailer, trailer_bytes })
    }

    /// Where the file's own offsets count from.
    pub(crate) fn base(&self) -> u64 {
        self.base
    }

    pub(crate) fn start(&self) -> u64 {
        self.base + self.start
    }

    pub(crate) fn trailer_member(&self, key: &str) -> Option<&Object> {
        self.trailer.member(key)
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.trailer.member("Encrypt").is_some()
    }

    pub(crate) fn place(&self, number: u32) -> Option<Place> {
        self.places.get(&number).copied().flatten()
    }

    /// The number that the next new object gets.
    pub(crate) fn size(&self) -> u32 {
        let stated = self.trailer.member("Size").and_then(Object::number).and_then(|size| u32::try_from(size).ok());
        let known = self.places.keys().next_back().map_or(1, |last| last.saturating_add(1));
        stated.unwrap_or(1).max(known)
    }

    /// The section that ends an update: one object at `object_at`, itself at `own_at`, both from the base.
    pub(crate) fn update(&self, object: (u32, u32), object_at: u64, own_at: u64) -> Result<Vec<u8>, LabelError> {
        let (number, generation) = object;
        let size = self.size().max(number.saturating_add(1));
        let mut members = format!("/Prev {} /Info {number} {generation} R", self.start).into_bytes();
        for key in ["Root", "ID"] {
            if let Some(value) = object::member_bytes(&self.trailer_bytes, key) {
                members.extend([format!(" /{key} ").as_bytes(), value].concat());
            }
        }
        let end = format!("startxref\n{own_at}\n%%EOF\n").into_bytes();
        if !self.is_stream {
            if object_at > 9_999_999_999 {
                return Err(LabelError::refused("the PDF is too large for its tables", "save it with streams"));
            }
            let table = format!("xref\n{number} 1\n{object_at:010} {generation:05} n\r\ntrailer\n<< /Size {size} ")
                .into_bytes();
            return Ok([&table, &members[..], b" >>\n", &end].concat());
        }
        let own = size;
        let row = |at: u64, generation: u32| {
            let generation = u16::try_from(generation).unwrap_or(0);
            [&[1], &at.to_be_bytes()[..], &generation.to_be_bytes()].concat()
        };
        let rows = [row(object_at, generation), row(own_at, 0)].concat();
        let head = format!(
            "{own} 0 obj\n<< /Type /XRef /Size {} /W [1 8 2] /Index [{number} 1 {own} 1] /Length {} ",
            own.saturating_add(1),
            rows.len()
        );
        Ok([head.as_bytes(), &members, b" >>\nstream\n", &rows, b"\nendstream\nendobj\n", &end].concat())
    }
}

/// Reads more and more from `at` until `parse` is content.
fn growing<T>(
    source: &mut Source<'_>,
    at: u64,
    parse: impl Fn(&[u8]) -> Option<T>,
) -> Result<Option<(T, Vec<u8>)>, LabelError> {
    let mut count = FIRST_READ;
    loop {
        let bytes = source.head(at, count)?;
        if let Some(found) = parse(&bytes) {
            return Ok(Some((found, bytes)));
        }
        if at.saturating_add(count) >= source.length() || count >= MOST_BYTES {
            return Ok(None);
        }
        count = (count * 8).min(MOST_BYTES);
    }
}

type Places = BTreeMap<u32, Option<Place>>;

fn section(source: &mut Source<'_>, at: u64, base: u64, places: &mut Places) -> Result<Section, LabelError> {
    let broken = || LabelError::malformed(at, "no cross-reference table stands where the file says");
    let head = source.head(at, 64)?;
    let start = Reader::new(&head).skip(0);
    if head.get(start..).is_some_and(|head| head.starts_with(b"xref")) {
        let ((rows, trailer, bytes), _) = growing(source, at, |bytes| table(bytes, start + 4))?.ok_or_else(broken)?;
        for (number, offset) in rows {
            places.entry(number).or_insert(offset.map(|offset| Place::Plain(base.saturating_add(offset))));
        }
        return Ok(Section { trailer, bytes, is_stream: false });
    }
    let (dictionary, bytes, data) = stream(source, at)?.ok_or_else(broken)?;
    rows_of_stream(&dictionary, &data, base, places).ok_or_else(broken)?;
    Ok(Section { trailer: dictionary, bytes, is_stream: true })
}

type Table = (Vec<(u32, Option<u64>)>, Object, Vec<u8>);

/// Rows of a table, its trailer, and the trailer's bytes.
fn table(bytes: &[u8], at: usize) -> Option<Table> {
    let reader = Reader::new(bytes);
    let mut rows = Vec::new();
    let mut at = at;
    loop {
        let start = reader.skip(at);
        let word = reader.word(start);
        if word == b"trailer" {
            let from = reader.skip(start + word.len());
            let (trailer, end) = reader.object(from)?;
            return Some((rows, trailer, bytes.get(from..end)?.to_vec()));
        }
        let (first, after) = reader.integer(start)?;
        let (count, after) = reader.integer(after)?;
        at = after;
        for row in 0..count {
            let (offset, after) = reader.integer(at)?;
            let (_, after) = reader.integer(after)?;
            let kind = reader.skip(after);
            let number = u32::try_from(first.checked_add(row)?).ok()?;
            let is_used = bytes.get(kind) == Some(&b'n');
            rows.push((number, u64::try_from(offset).ok().filter(|_| is_used)));
            at = kind + 1;
        }
    }
}

fn rows_of_stream(dictionary: &Object, data: &[u8], base: u64, places: &mut Places) -> Option<()> {
    let Object::List(widths) = dictionary.member("W")? else { return None };
    let widths: Vec<usize> =
        widths.iter().map(|width| width.number().and_then(|w| usize::try_from(w).ok())).collect::<Option<_>>()?;
    let [kind_width, first_width, second_width] = widths[..] else { return None };
    let step = kind_width.checked_add(first_width)?.checked_add(second_width).filter(|step| (1..64).contains(step))?;
    let size = dictionary.member("Size").and_then(Object::number)?;
    let index = match dictionary.member("Index") {
        Some(Object::List(pairs)) => pairs.iter().map(Object::number).collect::<Option<Vec<_>>>()?,
        _ => vec![0, size],
    };
    let mut rows = data.chunks_exact(step);
    for pair in index.chunks_exact(2) {
        let (first, count) = (*pair.first()?, *pair.get(1)?);
        for number in first..first.saturating_add(count) {
            let Some(row) = rows.next() else { return Some(()) };
            let value = |from: usize, width: usize| {
                row.get(from..from + width)
                    .unwrap_or_default()
                    .iter()
                    .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte))
            };
            let kind = if kind_width == 0 { 1 } else { value(0, kind_width) };
            let (first, second) = (value(kind_width, first_width), value(kind_width + first_width, second_width));
            let place = match kind {
                1 => Some(Place::Plain(base.saturating_add(first))),
                2 => Some(Place::Packed { stream: u32::try_from(first).ok()?, index: usize::try_from(second).ok()? }),
                _ => None,
            };
            places.entry(u32::try_from(number).ok()?).or_insert(place);
        }
    }
    Some(())
}

/// Dictionary, its bytes, unpacked data.
type Stream = (Object, Vec<u8>, Vec<u8>);

/// The stream object at `at`.
fn stream(source: &mut Source<'_>, at: u64) -> Result<Option<Stream>, LabelError> {
    let parse = |bytes: &[u8]| {
        let reader = Reader::new(bytes);
        let (_, after) = reader.integer(0)?;
        let (_, after) = reader.integer(after)?;
        let from = reader.skip(after);
        let (dictionary, end) = reader.object(from + reader.word(from).len())?;
        let mark = reader.skip(end);
        (reader.word(mark) == b"stream").then_some(())?;
        // The data begins after one line end (7.3.8.1).
        let start = match (bytes.get(mark + 6)?, bytes.get(mark + 7)) {
            (b'\r', Some(b'\n')) => mark + 8,
            _ => mark + 7,
        };
        let from = reader.skip(from + reader.word(from).len());
        Some((dictionary, bytes.get(from..end)?.to_vec(), start))
    };
    let Some(((dictionary, bytes, start), _)) = growing(source, at, parse)? else { return Ok(None) };
    let Some(length) = dictionary.member("Length").and_then(Object::number) else { return Ok(None) };
    let raw = source.bytes(at + start as u64, length)?;
    Ok(unpack(&dictionary, raw).map(|data| (dictionary, bytes, data)))
}

fn unpack(dictionary: &Object, raw: Vec<u8>) -> Option<Vec<u8>> {
    let filter = match dictionary.member("Filter") {
        None => return Some(raw),
        Some(Object::List(filters)) if filters.len() == 1 => filters.first()?,
        Some(filter) => filter,
    };
    if !matches!(filter, Object::Name(name) if name == "FlateDecode") {
        return None;
    }
    let data = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&raw, MOST_UNPACKED).ok()?;
    let parameters = match dictionary.member("DecodeParms") {
        Some(Object::List(list)) => list.first().cloned(),
        other => other.cloned(),
    };
    let number = |key| parameters.as_ref().and_then(|parameters| parameters.member(key)).and_then(Object::number);
    match number("Predictor").unwrap_or(1) {
        1 => Some(data),
        10.. => unpredicted(&data, usize::try_from(number("Columns").unwrap_or(1)).ok()?),
        _ => None,
    }
}

/// PNG predictors (ISO/IEC 15948, clause 9) over rows of bytes.
fn unpredicted(data: &[u8], columns: usize) -> Option<Vec<u8>> {
    let mut above = vec![0_u8; columns.min(MOST_UNPACKED)];
    let mut plain = Vec::with_capacity(data.len());
    for row in data.chunks(columns.checked_add(1)?) {
        let (kind, row) = row.split_first()?;
        let mut now = Vec::with_capacity(columns);
        let (mut left, mut corner) = (0_u8, 0_u8);
        for (byte, up) in row.iter().zip(&above) {
            let guess = match kind {
                1 => left,
                2 => *up,
                3 => u8::try_from(u16::midpoint(u16::from(left), u16::from(*up))).ok()?,
                4 => paeth(left, *up, corner),
                _ => 0,
            };
            left = byte.wrapping_add(guess);
            corner = *up;
            now.push(left);
        }
        plain.extend_from_slice(&now);
        now.resize(columns.min(MOST_UNPACKED), 0);
        above = now;
    }
    Some(plain)
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let distance = |byte: u8| (guess - i16::from(byte)).abs();
    if distance(left) <= distance(up) && distance(left) <= distance(corner) {
        left
    } else if distance(up) <= distance(corner) {
        up
    } else {
        corner
    }
}

/// The bytes from the value of a plain object on, and their place; `None` if another object stands there.
pub(crate) fn plain_object(
    source: &mut Source<'_>,
    at: u64,
    number: u32,
) -> Result<Option<(Vec<u8>, u64)>, LabelError> {
    let parse = |bytes: &[u8]| {
        let reader = Reader::new(bytes);
        let (own, after) = reader.integer(0)?;
        let (_, after) = reader.integer(after)?;
        let mark = reader.skip(after);
        (own == i64::from(number) && reader.word(mark) == b"obj").then_some(())?;
        let from = reader.skip(mark + 3);
        reader.object(from)?;
        Some(from)
    };
    let found = growing(source, at, parse)?;
    Ok(found.map(|(from, bytes)| (bytes.get(from..).unwrap_or_default().to_vec(), at + from as u64)))
}

/// The bytes from an object's value on, of an object in a stream (7.5.7).
pub(crate) fn packed_object(
    source: &mut Source<'_>,
    xref: &Xref,
    number: u32,
    index: usize,
) -> Result<Option<Vec<u8>>, LabelError> {
    let Some(Place::Plain(at)) = xref.place(number) else { return Ok(None) };
    let Some((dictionary, _, data)) = stream(source, at)? else { return Ok(None) };
    let find = || {
        let first = usize::try_from(dictionary.member("First").and_then(Object::number)?).ok()?;
        let reader = Reader::new(&data);
        let mut at = 0;
        for place in 0..=index {
            let (_, after) = reader.integer(at)?;
            let (offset, after) = reader.integer(after)?;
            if place == index {
                return Some(data.get(first.checked_add(usize::try_from(offset).ok()?)?..)?.to_vec());
            }
            at = after;
        }
        None
    };
    Ok(find())
}
