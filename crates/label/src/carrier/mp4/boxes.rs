//! Boxes in a file and in memory.

use crate::LabelError;
use crate::source::{Source, number, push, size};
use crate::splice::Edit;

#[derive(Debug, Clone)]
pub(crate) struct Box {
    pub(crate) kind: [u8; 4],
    pub(crate) at: u64,
    head: u64,
    pub(crate) size: u64,
    /// Its length is given as "to the end of the file".
    is_open: bool,
}

impl Box {
    pub(crate) fn data_at(&self) -> u64 {
        self.at + self.head
    }

    pub(crate) fn data_size(&self) -> u64 {
        self.size - self.head
    }

    pub(crate) fn end(&self) -> u64 {
        self.at + self.size
    }

    /// The edit of its length field when it grows by `more` bytes.
    pub(crate) fn resized(&self, source: &mut Source<'_>, more: i64) -> Result<Edit, LabelError> {
        let new = self.size.checked_add_signed(more);
        let new = new.ok_or_else(|| LabelError::malformed(self.at, "a box is shorter than what it holds"))?;
        if self.is_open {
            return Ok(Edit::over(self.at, source.bytes(self.at, 4)?));
        }
        if self.head == 16 {
            return Ok(Edit::over(self.at + 8, new.to_be_bytes().to_vec()));
        }
        let new = u32::try_from(new).map_err(|_| {
            LabelError::refused("a box of metadata would be larger than 4 GiB", "save the file with less metadata")
        })?;
        Ok(Edit::over(self.at, new.to_be_bytes().to_vec()))
    }
}

/// The boxes between two places. Within others, a length of 0 ends the list (QuickTime user data).
pub(crate) fn boxes(source: &mut Source<'_>, from: u64, to: u64, is_top: bool) -> Result<Vec<Box>, LabelError> {
    let mut found = Vec::new();
    let mut at = from;
    while at + 8 <= to {
        let bytes = source.bytes(at, 8)?;
        let kind = number::array(&bytes, 4).unwrap_or_default();
        let short = number::be32(&bytes, 0).map_or(0, u64::from);
        let (head, length, is_open) = match short {
            0 if is_top => (8, to - at, true),
            0 => break,
            1 => (16, number::be64(&source.bytes(at + 8, 8)?, 0).unwrap_or(0), false),
            _ => (8, short, false),
        };
        if length < head || length > to - at {
            let name = String::from_utf8_lossy(&kind).into_owned();
            return Err(LabelError::malformed(at, format!("the box `{name}` has a wrong length")));
        }
        push(&mut found, Box { kind, at, head, size: length, is_open }, from)?;
        at += length;
    }
    Ok(found)
}

/// A box around a body.
pub(crate) fn wrap(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    match u32::try_from(size(body) + 8) {
        Ok(length) => [&length.to_be_bytes()[..], &kind, body].concat(),
        Err(_) => [&[0, 0, 0, 1], &kind[..], &(size(body) + 16).to_be_bytes(), body].concat(),
    }
}

/// A box of a body in memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'a> {
    pub(crate) kind: [u8; 4],
    /// Where the box begins in the body.
    pub(crate) at: usize,
    pub(crate) whole: &'a [u8],
    pub(crate) data: &'a [u8],
}

/// The boxes of a body; `None` if a length is wrong.
pub(crate) fn pieces(body: &[u8]) -> Option<Vec<Piece<'_>>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at + 8 <= body.len() {
        let length = usize::try_from(number::be32(body, at)?).ok()?;
        if length == 0 {
            break;
        }
        let whole = body.get(at..at.checked_add(length)?)?;
        found.push(Piece { kind: number::array(body, at + 4)?, at, whole, data: whole.get(8..)? });
        at += length;
    }
    Some(found)
}
