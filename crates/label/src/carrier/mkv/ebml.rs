//! EBML (RFC 8794): elements in a file and in memory.

use crate::LabelError;
use crate::source::{Source, push};
use std::ops::Range;

/// Elements that stand right under a segment or beside it; any of them ends a cluster of open length.
const LEVEL_ONE: [u32; 9] = [
    0x114d_9b74,
    0x1549_a966,
    0x1f43_b675,
    0x1654_ae6b,
    0x1c53_bb6b,
    0x1941_a469,
    0x1043_a770,
    0x1254_c367,
    0x1853_8067,
];

/// An element of a file.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    pub(crate) id: u32,
    pub(crate) at: u64,
    pub(crate) length_at: u64,
    data_at: u64,
    pub(crate) length: u64,
    pub(crate) is_open: bool,
}

impl Element {
    pub(crate) fn data_at(&self) -> u64 {
        self.data_at
    }

    pub(crate) fn end(&self) -> u64 {
        self.data_at + self.length
    }
}

/// An element of a body in memory.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) id: u32,
    pub(crate) at: usize,
    pub(crate) whole: usize,
    pub(crate) data: Range<usize>,
}

/// Identifier with its marker, and its width.
fn id(bytes: &[u8]) -> Option<(u32, usize)> {
    let width = usize::try_from(bytes.first()?.leading_zeros()).ok()? + 1;
    let raw = bytes.get(..width).filter(|_| width <= 4)?;
    Some((raw.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte)), width))
}

/// A length, `None` within if it is open, and its width.
fn length(bytes: &[u8]) -> Option<(Option<u64>, usize)> {
    let first = *bytes.first()?;
    let width = usize::try_from(first.leading_zeros()).ok()? + 1;
    let raw = bytes.get(..width).filter(|_| width <= 8)?;
    let bits = u32::try_from(width).ok()? * 7;
    let value = raw.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte)) & ((1 << bits) - 1);
    Some(((value != (1 << bits) - 1).then_some(value), width))
}

/// A length in exactly `width` bytes.
pub(crate) fn sized(value: u64, width: u64) -> Option<Vec<u8>> {
    let bits = u32::try_from(width).ok().filter(|width| (1..=8).contains(width))? * 7;
    if value >= (1 << bits) - 1 {
        return None;
    }
    let marked = value | (1 << bits);
    Some(marked.to_be_bytes().get(8 - usize::try_from(width).ok()?..)?.to_vec())
}

/// An element with the narrowest length.
pub(crate) fn element(id: u32, body: &[u8]) -> Vec<u8> {
    let length = (1..=8).find_map(|width| sized(body.len() as u64, width)).unwrap_or_default();
    let id = id.to_be_bytes();
    let start = id.iter().take_while(|byte| **byte == 0).count();
    [id.get(start..).unwrap_or_default(), &length, body].concat()
}

/// A `Void` of exactly `whole` bytes; none is shorter than 2.
pub(crate) fn void(whole: u64) -> Option<Vec<u8>> {
    if whole == 0 {
        return Some(Vec::new());
    }
    let width = if whole < 128 { 1 } else { 8 };
    let body = whole.checked_sub(1 + width)?;
    let length = sized(body, width)?;
    Some([&[0xec], &length[..], &vec![0; usize::try_from(body).ok()?]].concat())
}

/// The elements between two places of the file.
pub(crate) fn children(source: &mut Source<'_>, from: u64, to: u64) -> Result<Vec<Element>, LabelError> {
    let mut found = Vec::new();
    let mut at = from;
    while at < to {
        let next = read(source, at, to)?;
        at = next.end();
        push(&mut found, next, from)?;
    }
    Ok(found)
}

fn read(source: &mut Source<'_>, at: u64, to: u64) -> Result<Element, LabelError> {
    let head = source.head(at, 12)?;
    let broken = || LabelError::malformed(at, "an element's head is broken");
    let (id, id_width) = id(&head).ok_or_else(broken)?;
    let (value, width) = length(head.get(id_width..).unwrap_or_default()).ok_or_else(broken)?;
    let length_at = at + id_width as u64;
    let data_at = length_at + width as u64;
    if data_at > to {
        return Err(broken());
    }
    let is_open = value.is_none();
    let length = match value {
        Some(length) if length > to - data_at => {
            return Err(LabelError::malformed(at, "an element reaches past the end of its parent"));
        }
        Some(length) => length,
        // A segment of open length is the rest of the file; a cluster ends at the next element of its level.
        None if id == 0x1853_8067 => to - data_at,
        None => open_end(source, data_at, to)? - data_at,
    };
    Ok(Element { id, at, length_at, data_at, length, is_open })
}

fn open_end(source: &mut Source<'_>, from: u64, to: u64) -> Result<u64, LabelError> {
    let mut at = from;
    while at < to {
        let head = source.head(at, 12)?;
        let broken = || LabelError::malformed(at, "an element's head is broken");
        let (id, id_width) = id(&head).ok_or_else(broken)?;
        if LEVEL_ONE.contains(&id) {
            break;
        }
        let (value, width) = length(head.get(id_width..).unwrap_or_default()).ok_or_else(broken)?;
        let body = value.filter(|value| *value <= to).ok_or_else(broken)?;
        at = at + (id_width + width) as u64 + body;
    }
    if at > to {
        return Err(LabelError::malformed(from, "a cluster reaches past the end of the file"));
    }
    Ok(at)
}

/// The elements of a body; `None` if a length is wrong.
pub(crate) fn items(body: &[u8]) -> Option<Vec<Item>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < body.len() {
        let (id, id_width) = id(body.get(at..)?)?;
        let (value, width) = length(body.get(at + id_width..)?)?;
        let start = at + id_width + width;
        let end = start.checked_add(usize::try_from(value?).ok()?)?;
        body.get(start..end)?;
        found.push(Item { id, at, whole: end - at, data: start..end });
        at = end;
    }
    Some(found)
}
