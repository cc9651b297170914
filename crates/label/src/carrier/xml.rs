//! Just enough XML to find names and values with their places, so that all other bytes of a packet can stay.

use std::ops::Range;

/// A piece of markup.
#[derive(Debug, Clone)]
pub(crate) enum Piece<'a> {
    Start(Tag<'a>),
    End { name: &'a str, at: Range<usize> },
    Text { raw: &'a str },
    Data { raw: &'a str },
}

/// A start tag.
#[derive(Debug, Clone)]
pub(crate) struct Tag<'a> {
    pub(crate) name: &'a str,
    pub(crate) at: Range<usize>,
    pub(crate) attributes: Vec<Attribute<'a>>,
    pub(crate) is_empty: bool,
}

/// `name="value"`; `at` begins at the name.
#[derive(Debug, Clone)]
pub(crate) struct Attribute<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
    pub(crate) value_at: usize,
    pub(crate) at: Range<usize>,
}

/// The pieces of a text, in order; the error says what is broken and where.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(open) = rest.find('<') else {
            found.push(Piece::Text { raw: rest });
            break;
        };
        if open > 0 {
            found.push(Piece::Text { raw: rest.get(..open).unwrap_or_default() });
        }
        let start = at + open;
        let markup = text.get(start..).unwrap_or_default();
        at = start + read_markup(markup, start, &mut found)?;
    }
    Ok(found)
}

/// Reads one piece of markup and gives its length.
fn read_markup<'a>(markup: &'a str, start: usize, found: &mut Vec<Piece<'a>>) -> Result<usize, String> {
    let until = |end: &str, what: &str| {
        markup.find(end).map(|at| at + end.len()).ok_or_else(|| format!("{what} at {start} does not end"))
    };
    if markup.starts_with("<!--") {
        return until("-->", "a comment");
    }
    if markup.starts_with("<![CDATA[") {
        let length = until("]]>", "character data")?;
        found.push(Piece::Data { raw: markup.get(9..length - 3).unwrap_or_default() });
        return Ok(length);
    }
    if markup.starts_with("<?") {
        return until("?>", "an instruction");
    }
    if markup.starts_with("<!") {
        return Err(format!("a document type at {start} is not read"));
    }
    if let Some(name) = markup.strip_prefix("</") {
        let length = until(">", "an end tag")?;
        let name = name.get(..length - 3).unwrap_or_default().trim();
        found.push(Piece::End { name, at: start..start + length });
        return Ok(length);
    }
    let tag = read_tag(markup, start)?;
    let length = tag.at.len();
    found.push(Piece::Start(tag));
    Ok(length)
}

fn read_tag(markup: &str, start: usize) -> Result<Tag<'_>, String> {
    let broken = || format!("a tag at {start} is broken");
    let end_of_name = markup.find(|c: char| c.is_whitespace() || c == '>' || c == '/').ok_or_else(broken)?;
    let name = markup.get(1..end_of_name).filter(|name| !name.is_empty()).ok_or_else(broken)?;
    let mut attributes = Vec::new();
    let mut at = end_of_name;
    loop {
        let rest = markup.get(at..).ok_or_else(broken)?;
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        if trimmed.starts_with("/>") {
            return Ok(Tag { name, at: start..start + at + 2, attributes, is_empty: true });
        }
        if trimmed.starts_with('>') {
            return Ok(Tag { name, at: start..start + at + 1, attributes, is_empty: false });
        }
        let equals = trimmed.find('=').ok_or_else(broken)?;
        let attribute = trimmed.get(..equals).unwrap_or_default().trim_end();
        let after = trimmed.get(equals + 1..).unwrap_or_default();
        let quoted = after.trim_start();
        let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\'')).ok_or_else(broken)?;
        let value_at = at + equals + 1 + (after.len() - quoted.len()) + 1;
        let inside = quoted.get(1..).unwrap_or_default();
        let length = inside.find(quote).ok_or_else(broken)?;
        let value = inside.get(..length).unwrap_or_default();
        let end = value_at + length + 1;
        attributes.push(Attribute { name: attribute, value, value_at: start + value_at, at: start + at..start + end });
        at = end;
    }
}

/// Text with its entities resolved; an unknown one stays as it is.
pub(crate) fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        text.push_str(rest.get(..at).unwrap_or_default());
        let tail = rest.get(at..).unwrap_or_default();
        let entity = tail.find(';').and_then(|end| Some((tail.get(1..end)?, end + 1)));
        if let Some((character, length)) = entity.and_then(|(name, length)| Some((resolve(name)?, length))) {
            text.push(character);
            rest = tail.get(length..).unwrap_or_default();
        } else {
            text.push('&');
            rest = tail.get(1..).unwrap_or_default();
        }
    }
    text.push_str(rest);
    text
}

fn resolve(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// Text for an element or an attribute.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The part of a name after its prefix, and the prefix.
pub(crate) fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}
