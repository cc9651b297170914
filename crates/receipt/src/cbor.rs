//! Deterministic CBOR (RFC 8949, section 4.2.1), the part that field groups use: whole numbers of 64 bits, bytes, text, lists,
//! true, false and null. One value has one encoding; the reader refuses every other. No floats, maps, tags or open lengths.
//!
//! Values are written and read one by one, too, without a [`Value`] for each: the ledger's writer does so a million times a second,
//! and is another crate, so what is small is marked `#[inline]`.

use crate::LedgerError;

/// Lists in lists at most.
const DEPTH_CAP: usize = 16;

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number, -2^63 to 2^63 - 1.
    Int(i64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Text, UTF-8.
    Text(String),
    /// Values in order.
    List(Vec<Value>),
}

impl Value {
    /// Its one encoding.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }

    /// Append its encoding.
    pub fn write(&self, to: &mut Vec<u8>) {
        match self {
            Self::Null => write_null(to),
            Self::Bool(is) => write_bool(to, *is),
            Self::Int(number) => write_int(to, *number),
            Self::Bytes(bytes) => write_counted(to, 2, bytes),
            Self::Text(text) => write_text(to, text),
            Self::List(values) => {
                write_list(to, values.len());
                for value in values {
                    value.write(to);
                }
            }
        }
    }

    /// Read one value that fills the bytes. Errors: another encoding than the one that [`Self::to_bytes`] gives, with its
    /// place; bytes left over.
    pub fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let mut reader = Reader::new(bytes);
        let value = reader.value(0)?;
        if reader.is_at_end() { Ok(value) } else { Err(reader.refused("bytes after the value")) }
    }

    /// The number, where it is one and not negative.
    pub fn as_unsigned(&self) -> Option<u64> {
        if let Self::Int(number) = self { u64::try_from(*number).ok() } else { None }
    }

    /// The bytes, where it is some.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// The text, where it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The values, where it is a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Self::List(values) = self { Some(values) } else { None }
    }

    /// A number that a leaf, size or count is. Those above 2^63 - 1 do not occur: no log reaches them.
    pub fn unsigned(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Append null.
#[inline]
pub fn write_null(to: &mut Vec<u8>) {
    to.push(0xf6);
}

/// Append true or false.
#[inline]
pub fn write_bool(to: &mut Vec<u8>, is: bool) {
    to.push(if is { 0xf5 } else { 0xf4 });
}

/// Append a whole number.
#[inline]
pub fn write_int(to: &mut Vec<u8>, number: i64) {
    // A negative number n stands as -1 - n, which is its bits turned over.
    let (major, size) = if number < 0 { (1, number.unsigned_abs() - 1) } else { (0, number.unsigned_abs()) };
    write_head(to, major, size);
}

/// Append a text.
#[inline]
pub fn write_text(to: &mut Vec<u8>, text: &str) {
    write_counted(to, 3, text.as_bytes());
}

/// One text out of two pieces.
#[inline]
pub fn write_joined(to: &mut Vec<u8>, [first, second]: [&str; 2]) {
    write_head(to, 3, length(first.len() + second.len()));
    to.extend_from_slice(first.as_bytes());
    to.extend_from_slice(second.as_bytes());
}

/// Append a text, or null where there is none.
#[inline]
pub fn write_optional(to: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => write_text(to, text),
        None => write_null(to),
    }
}

/// The head of a list of so many values, which follow.
#[inline]
pub fn write_list(to: &mut Vec<u8>, count: usize) {
    write_head(to, 4, length(count));
}

#[inline]
fn write_counted(to: &mut Vec<u8>, major: u8, bytes: &[u8]) {
    write_head(to, major, length(bytes.len()));
    to.extend_from_slice(bytes);
}

/// The shortest form of a number, as rule 1 of core deterministic encoding asks.
#[inline]
fn write_head(to: &mut Vec<u8>, major: u8, number: u64) {
    let major = major << 5;
    if let Ok(number) = u8::try_from(number) {
        if number < 24 {
            to.push(major | number);
        } else {
            to.extend_from_slice(&[major | 0x18, number]);
        }
    } else if let Ok(number) = u16::try_from(number) {
        to.push(major | 0x19);
        to.extend_from_slice(&number.to_be_bytes());
    } else if let Ok(number) = u32::try_from(number) {
        to.push(major | 0x1a);
        to.extend_from_slice(&number.to_be_bytes());
    } else {
        to.push(major | 0x1b);
        to.extend_from_slice(&number.to_be_bytes());
    }
}

/// A value, or the head of a list, as it stands in the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item<'a> {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Text, UTF-8.
    Text(&'a str),
    /// So many values follow.
    List(u64),
}

/// Takes values off the front; refuses every encoding but the one.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// From their beginning.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Whether nothing is left.
    #[inline]
    pub fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn value(&mut self, depth: usize) -> Result<Value, LedgerError> {
        if depth > DEPTH_CAP {
            return Err(self.refused("lists that are nested too deep"));
        }
        Ok(match self.item()? {
            Item::Null => Value::Null,
            Item::Bool(is) => Value::Bool(is),
            Item::Int(number) => Value::Int(number),
            Item::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
            Item::Text(text) => Value::Text(text.to_owned()),
            Item::List(count) => {
                // Each value takes a byte, so a count that lies cannot make a large list.
                let mut values = Vec::new();
                for _ in 0..count {
                    values.push(self.value(depth + 1)?);
                }
                Value::List(values)
            }
        })
    }

    /// The next value without what a list holds. Errors: another encoding than the one, with its place.
    #[inline]
    pub fn item(&mut self) -> Result<Item<'a>, LedgerError> {
        let first = *self.take(1)?.first().ok_or_else(|| self.refused("no value"))?;
        match (first >> 5, first & 31) {
            (7, 20) => Ok(Item::Bool(false)),
            (7, 21) => Ok(Item::Bool(true)),
            (7, 22) => Ok(Item::Null),
            (0, short) => self.signed(short).map(Item::Int),
            (1, short) => self.signed(short).map(|number| Item::Int(-1 - number)),
            (2, short) => self.counted(short).map(Item::Bytes),
            (3, short) => {
                let text = self.counted(short)?;
                str::from_utf8(text).map(Item::Text).map_err(|_| self.refused("text that is not UTF-8"))
            }
            (4, short) => self.number(short).map(Item::List),
            _ => Err(self.refused("a kind of value that field groups do not use")),
        }
    }

    #[inline]
    fn signed(&mut self, short: u8) -> Result<i64, LedgerError> {
        let number = self.number(short)?;
        i64::try_from(number).map_err(|_| self.refused("a number beyond 64 bits with sign"))
    }

    #[inline]
    fn counted(&mut self, short: u8) -> Result<&'a [u8], LedgerError> {
        let count = self.number(short)?;
        self.take(usize::try_from(count).unwrap_or(usize::MAX))
    }

    #[inline]
    fn number(&mut self, short: u8) -> Result<u64, LedgerError> {
        let (width, least) = match short {
            0..=23 => return Ok(u64::from(short)),
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            _ => return Err(self.refused("an open length")),
        };
        let number = self.take(width)?.iter().fold(0_u64, |high, byte| high << 8 | u64::from(*byte));
        if number < least { Err(self.refused("a number in a longer form than needed")) } else { Ok(number) }
    }

    #[inline]
    fn take(&mut self, count: usize) -> Result<&'a [u8], LedgerError> {
        let end = self.at.checked_add(count);
        let taken =
            end.and_then(|end| self.bytes.get(self.at..end)).ok_or_else(|| self.refused("bytes that end early"))?;
        self.at += count;
        Ok(taken)
    }

    fn refused(&self, what: &str) -> LedgerError {
        LedgerError::evidence(
            format!("byte {} of the encoded value: {what}", self.at),
            "the bytes are not deterministic CBOR as docs/formats/ledger-entry.md says; do not rely on them",
        )
    }
}
