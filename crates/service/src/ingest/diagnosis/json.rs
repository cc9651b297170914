//! JSON with the place of every part, so that a fault can say where it stands.

use std::ops::Range;

/// A value and where it stands: bytes of the text.
#[derive(Debug)]
pub struct Located {
    pub(super) span: Range<usize>,
    pub(super) value: Json,
}

impl Located {
    /// Where the items of a list stand; none of anything else.
    pub fn items(&self) -> Option<Vec<Range<usize>>> {
        match &self.value {
            Json::List(values) => Some(values.iter().map(|one| one.span.clone()).collect()),
            _ => None,
        }
    }

    /// An object's members by name, in the order of the text; none of anything else.
    pub fn members(&self) -> Option<Vec<(&str, &Self)>> {
        match &self.value {
            Json::Object(members) => Some(members.iter().map(|one| (one.name.as_str(), &one.value)).collect()),
            _ => None,
        }
    }

    /// Takes a member out of an object; none where it has none of that name.
    pub fn take(&mut self, name: &str) -> Option<Self> {
        match &mut self.value {
            Json::Object(members) => {
                let place = members.iter().position(|one| one.name == name)?;
                Some(members.swap_remove(place).value)
            }
            _ => None,
        }
    }

    /// A text's content; none of anything else.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Bytes of the text.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

#[derive(Debug)]
pub(super) enum Json {
    Null,
    Bool,
    /// As written.
    Number(String),
    Text(String),
    List(Vec<Located>),
    /// In the order of the text; a name can stand twice.
    Object(Vec<Member>),
}

#[derive(Debug)]
pub(super) struct Member {
    /// Where the name begins.
    pub(super) at: usize,
    pub(super) name: String,
    pub(super) value: Located,
}

/// Why a text is not JSON.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Byte of the text.
    pub at: usize,
    /// What is wrong.
    pub kind: MalformedKind,
    /// The parser's words.
    pub words: String,
}

/// What is wrong with a text that is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MalformedKind {
    /// The text ends too early.
    Ends,
    /// Something stands after the first value.
    More,
    /// Anything else.
    Other,
}

/// Reads a whole text. Nesting is bounded by the JSON parser's own limit.
pub fn read(text: &str) -> Result<Located, Malformed> {
    // The known parser decides what is JSON; the scanner below only finds places in text that passed.
    serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|error| malformed(text, &error))?;
    let mut scanner = Scanner { text, at: 0 };
    scanner.value().ok_or_else(|| Malformed {
        at: floor(text, scanner.at),
        kind: MalformedKind::Other,
        words: "a text with an impossible escape".to_owned(),
    })
}

/// 1-based line and column of a byte; the column counts characters.
pub fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..floor(text, at)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|index| text.is_char_boundary(*index)).unwrap_or(0)
}

fn malformed(text: &str, error: &serde_json::Error) -> Malformed {
    let start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = if error.is_eof() { text.trim_end().len() } else { start + error.column().saturating_sub(1) };
    let words = error.to_string();
    let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words).to_owned();
    let kind = match words.as_str() {
        _ if error.is_eof() => MalformedKind::Ends,
        "trailing characters" => MalformedKind::More,
        _ => MalformedKind::Other,
    };
    Malformed { at: floor(text, at), kind, words }
}

/// Walks text that is known to be JSON; `None` where that is not so after all.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        self.rest().bytes().next()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn value(&mut self) -> Option<Located> {
        let first = self.peek()?;
        let start = self.at;
        let value = match first {
            b'{' => self.object()?,
            b'[' => self.list()?,
            b'"' => Json::Text(self.string()?),
            _ => self.word()?,
        };
        Some(Located { span: start..self.at, value })
    }

    fn object(&mut self) -> Option<Json> {
        self.eat(b'{')?;
        let mut members = Vec::new();
        while self.peek()? != b'}' {
            let at = self.at;
            let name = self.string()?;
            self.eat(b':')?;
            members.push(Member { at, name, value: self.value()? });
            if self.peek()? == b',' {
                self.at += 1;
                self.peek()?;
            }
        }
        self.eat(b'}')?;
        Some(Json::Object(members))
    }

    fn list(&mut self) -> Option<Json> {
        self.eat(b'[')?;
        let mut values = Vec::new();
        while self.peek()? != b']' {
            values.push(self.value()?);
            if self.peek()? == b',' {
                self.at += 1;
            }
        }
        self.eat(b']')?;
        Some(Json::List(values))
    }

    fn string(&mut self) -> Option<String> {
        let mut escaped = false;
        let closing = self.rest().bytes().skip(1).position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        })?;
        let raw = self.rest().get(..closing + 2)?;
        let text = serde_json::from_str(raw).ok()?;
        self.at += closing + 2;
        Some(text)
    }

    fn word(&mut self) -> Option<Json> {
        let rest = self.rest();
        let length = rest.find([',', ']', '}', ' ', '\t', '\n', '\r']).unwrap_or(rest.len());
        let word = rest.get(..length)?.to_owned();
        self.at += length;
        Some(match word.as_str() {
            "null" => Json::Null,
            "true" | "false" => Json::Bool,
            _ => Json::Number(word),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Json, Located, line_and_column, read};

    /// The tree again as JSON, to be compared with what the JSON parser reads.
    fn plain(text: &str, one: &Located) -> serde_json::Value {
        match &one.value {
            Json::Null => serde_json::Value::Null,
            Json::Bool => text[one.span.clone()].parse::<bool>().unwrap().into(),
            Json::Number(digits) => serde_json::from_str(digits).unwrap(),
            Json::Text(word) => word.as_str().into(),
            Json::List(values) => values.iter().map(|one| plain(text, one)).collect(),
            Json::Object(members) => members.iter().map(|one| (one.name.clone(), plain(text, &one.value))).collect(),
        }
    }

    #[test]
    fn the_tree_holds_what_the_json_parser_reads() {
        let rows = [
            "null",
            " [ ] ",
            "{}",
            "-1.5e3",
            r#""a\"b\\""#,
            r#"{"a":[1,2,{"b":null}],"中":"\u4e2d\n"}"#,
            "[true,false , [[]] ]",
            "\t{\r\n\"x\" : 1 ,\n \"y\":\"{[,\" }\n",
        ];
        for row in rows {
            let read = read(row).unwrap();
            assert_eq!(plain(row, &read), serde_json::from_str::<serde_json::Value>(row).unwrap(), "{row}");
            assert_eq!(&row[read.span.clone()], row.trim(), "{row}");
        }
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        let rows = [
            ("", 1, 1),
            ("{", 1, 2),
            ("{\"a\":1,}", 1, 8),
            ("[1 2]", 1, 4),
            ("{\n  'a': 1\n}", 2, 3),
            ("{} {}", 1, 4),
            ("{\"中文\": x}", 1, 8),
            (r#"["\ud800"]"#, 1, 2),
        ];
        for (row, line, column) in rows {
            let error = read(row).unwrap_err();
            assert_eq!(line_and_column(row, error.at), (line, column), "{row}: {error:?}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_and_not_a_crash() {
        assert!(read(&"[".repeat(100_000)).is_err());
    }
}
