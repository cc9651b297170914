//! PDF objects (ISO 32000-1, 7.3) in a slice.

use std::ops::Range;

/// Deeper nesting is no PDF.
const MOST_DEPTH: usize = 64;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Object {
    Dictionary(Vec<(String, Object)>),
    List(Vec<Object>),
    Name(String),
    Text(Vec<u8>),
    Number(i64),
    Reference(u32, u32),
    /// Reals, booleans, null.
    Other,
}

impl Object {
    pub(crate) fn member(&self, name: &str) -> Option<&Object> {
        match self {
            Self::Dictionary(members) => members.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(crate) fn number(&self) -> Option<u64> {
        if let Self::Number(number) = self { u64::try_from(*number).ok() } else { None }
    }
}

pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// The place after white space and comments.
    pub(crate) fn skip(&self, mut at: usize) -> usize {
        while let Some(byte) = self.byte(at) {
            if byte == b'%' {
                while self.byte(at).is_some_and(|byte| byte != b'\n' && byte != b'\r') {
                    at += 1;
                }
            } else if is_space(byte) {
                at += 1;
            } else {
                break;
            }
        }
        at
    }

    /// A run of regular characters from `at`.
    pub(crate) fn word(&self, at: usize) -> &'a [u8] {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let end = rest.iter().position(|byte| is_space(*byte) || is_delimiter(*byte)).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    /// A whole number after white space, and the place after it.
    pub(crate) fn integer(&self, at: usize) -> Option<(i64, usize)> {
        let start = self.skip(at);
        let word = self.word(start);
        let number = std::str::from_utf8(word).ok()?.parse().ok()?;
        Some((number, start + word.len()))
    }

    /// The object at or after `at`, and the place after it.
    pub(crate) fn object(&self, at: usize) -> Option<(Object, usize)> {
        self.nested(at, 0)
    }

    fn nested(&self, at: usize, depth: usize) -> Option<(Object, usize)> {
        if depth > MOST_DEPTH {
            return None;
        }
        let at = self.skip(at);
        match (self.byte(at)?, self.byte(at + 1)) {
            (b'<', Some(b'<')) => self.dictionary(at + 2, depth),
            (b'<', _) => self.hexadecimal(at + 1),
            (b'(', _) => self.literal(at + 1),
            (b'/', _) => {
                let word = self.word(at + 1);
                Some((Object::Name(name(word)), at + 1 + word.len()))
            }
            (b'[', _) => self.list(at + 1, depth),
            _ => self.plain(at),
        }
    }

    fn plain(&self, at: usize) -> Option<(Object, usize)> {
        let word = self.word(at);
        if word.is_empty() {
            return None;
        }
        let end = at + word.len();
        let Some(number) = std::str::from_utf8(word).ok().and_then(|text| text.parse::<i64>().ok()) else {
            return Some((Object::Other, end));
        };
        // `12 0 R` is one object.
        let reference = u32::try_from(number).ok().and_then(|number| {
            let (generation, after) = self.integer(end)?;
            let mark = self.skip(after);
            (self.word(mark) == b"R").then_some((number, u32::try_from(generation).ok()?, mark + 1))
        });
        match reference {
            Some((number, generation, end)) => Some((Object::Reference(number, generation), end)),
            None => Some((Object::Number(number), end)),
        }
    }

    fn dictionary(&self, mut at: usize, depth: usize) -> Option<(Object, usize)> {
        let mut members = Vec::new();
        loop {
            at = self.skip(at);
            match (self.byte(at)?, self.byte(at + 1)) {
                (b'>', Some(b'>')) => return Some((Object::Dictionary(members), at + 2)),
                (b'/', _) => {
                    let word = self.word(at + 1);
                    let (value, end) = self.nested(at + 1 + word.len(), depth + 1)?;
                    members.push((name(word), value));
                    at = end;
                }
                _ => return None,
            }
        }
    }

    fn list(&self, mut at: usize, depth: usize) -> Option<(Object, usize)> {
        let mut values = Vec::new();
        loop {
            at = self.skip(at);
            if self.byte(at)? == b']' {
                return Some((Object::List(values), at + 1));
            }
            let (value, end) = self.nested(at, depth + 1)?;
            values.push(value);
            at = end;
        }
    }

    fn hexadecimal(&self, mut at: usize) -> Option<(Object, usize)> {
        let mut digits = Vec::new();
        loop {
            let byte = self.byte(at)?;
            at += 1;
            match byte {
                b'>' => break,
                _ if is_space(byte) => {}
                _ => digits.push(u8::try_from(char::from(byte).to_digit(16)?).ok()?),
            }
        }
        let pair = |pair: &[u8]| (pair.first().unwrap_or(&0) << 4) | pair.get(1).unwrap_or(&0);
        Some((Object::Text(digits.chunks(2).map(pair).collect()), at))
    }

    fn literal(&self, mut at: usize) -> Option<(Object, usize)> {
        let mut text = Vec::new();
        let mut depth = 0;
        loop {
            let byte = self.byte(at)?;
            at += 1;
            match byte {
                b'(' => depth += 1,
                b')' if depth == 0 => return Some((Object::Text(text), at)),
                b')' => depth -= 1,
                b'\\' => {
                    at = self.escaped(at, &mut text)?;
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
    }

    fn escaped(&self, at: usize, text: &mut Vec<u8>) -> Option<usize> {
        let byte = self.byte(at)?;
        match byte {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'\n' => {}
            b'\r' => return Some(at + 1 + usize::from(self.byte(at + 1) == Some(b'\n'))),
            b'0'..=b'7' => {
                let digits: Vec<u8> =
                    (at..at + 3).map_while(|place| self.byte(place).filter(|b| (b'0'..=b'7').contains(b))).collect();
                let value = digits.iter().fold(0_u32, |sum, digit| sum * 8 + u32::from(digit - b'0'));
                text.push(u8::try_from(value & 0xff).ok()?);
                return Some(at + digits.len());
            }
            other => text.push(other),
        }
        Some(at + 1)
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// A name with its `#xx` resolved (7.3.5).
fn name(word: &[u8]) -> String {
    let mut bytes = Vec::new();
    let mut rest = word;
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'#').then(|| after.get(..2)).flatten();
        let code = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Key and value of a dictionary's member: the key's start, the value's range.
fn members(bytes: &[u8]) -> Vec<(String, usize, Range<usize>)> {
    let reader = Reader::new(bytes);
    let mut found = Vec::new();
    let mut at = reader.skip(0) + 2;
    loop {
        at = reader.skip(at);
        if bytes.get(at) != Some(&b'/') {
            return found;
        }
        let word = reader.word(at + 1);
        let start = reader.skip(at + 1 + word.len());
        let Some((_, end)) = reader.object(start) else { return found };
        found.push((name(word), at, start..end));
        at = end;
    }
}

/// Where a member's value stands in the bytes of a dictionary.
pub(crate) fn member_range(bytes: &[u8], key: &str) -> Option<Range<usize>> {
    members(bytes).into_iter().find(|(name, ..)| name == key).map(|(_, _, range)| range)
}

/// The bytes of a member's value.
pub(crate) fn member_bytes<'a>(bytes: &'a [u8], key: &str) -> Option<&'a [u8]> {
    bytes.get(member_range(bytes, key)?)
}

/// What stands between a dictionary's brackets, without a member.
pub(crate) fn without_member(bytes: &[u8], key: &str) -> Vec<u8> {
    let mut inner = Vec::new();
    for (_, start, range) in members(bytes).into_iter().filter(|(name, ..)| name != key) {
        inner.push(b'\n');
        inner.extend_from_slice(bytes.get(start..range.end).unwrap_or_default());
    }
    inner
}

/// A text string (7.9.2.2): UTF-16 or UTF-8 with its mark, else one byte a character.
pub(crate) fn decode_text(bytes: &[u8]) -> String {
    if let Some(units) = bytes.strip_prefix(&[0xfe, 0xff]) {
        let units: Vec<u16> = units.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
        return String::from_utf16_lossy(&units);
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}
