//! The part of YAML 1.2 in which labels are written: one mapping of scalars, in block or flow style.

use crate::model::json::Json;

/// A scalar of one line: plain, or quoted; comments after it are gone.
pub(crate) fn scalar(text: &str) -> Option<String> {
    let text = text.trim();
    match text.chars().next() {
        None => Some(String::new()),
        Some(quote @ ('"' | '\'')) => {
            let (value, rest) = quoted(text, quote)?;
            let rest = rest.trim();
            (rest.is_empty() || rest.starts_with('#')).then_some(value)
        }
        Some(_) => {
            let end = text.find(" #").unwrap_or(text.len());
            text.get(..end).map(|plain| plain.trim_end().to_owned())
        }
    }
}

/// A quoted scalar at the start of a text, and what follows it.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if quote == '\'' && character == '\'' {
            if characters.next_if(|(_, next)| *next == '\'').is_some() {
                value.push('\'');
                continue;
            }
            return Some((value, text.get(at + 1..)?));
        }
        if quote == '"' && character == '"' {
            return Some((value, text.get(at + 1..)?));
        }
        if quote == '"' && character == '\\' {
            let (_, escaped) = characters.next()?;
            value.push(escape(escaped, &mut characters)?);
            continue;
        }
        value.push(character);
    }
    None
}

fn escape(escaped: char, rest: &mut impl Iterator<Item = (usize, char)>) -> Option<char> {
    let mut hexadecimal = |digits: usize| {
        let text: String = rest.by_ref().take(digits).map(|(_, digit)| digit).collect();
        u32::from_str_radix(&text, 16).ok().and_then(char::from_u32)
    };
    match escaped {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        '0' => Some('\0'),
        'x' => hexadecimal(2),
        'u' => hexadecimal(4),
        'U' => hexadecimal(8),
        other => Some(other),
    }
}

/// A flow mapping `{key: value, …}` of scalars; `None` if it is something else.
pub(crate) fn flow_mapping(text: &str) -> Option<Vec<(String, Json)>> {
    let mut rest = text.trim().strip_prefix('{')?;
    let mut members = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            return after.trim().is_empty().then_some(members);
        }
        let (key, after) = flow_scalar(rest, &[':'])?;
        let after = after.trim_start().strip_prefix(':')?;
        let (value, after) = flow_scalar(after.trim_start(), &[',', '}'])?;
        members.push((key, Json::Text(value)));
        let after = after.trim_start();
        rest = after.strip_prefix(',').unwrap_or(after);
        if rest.len() == after.len() && !rest.starts_with('}') {
            return None;
        }
    }
}

fn flow_scalar<'a>(text: &'a str, ends: &[char]) -> Option<(String, &'a str)> {
    if let Some(quote @ ('"' | '\'')) = text.chars().next() {
        return quoted(text, quote);
    }
    let (plain, rest) = text.split_at_checked(text.find(ends)?)?;
    Some((plain.trim().to_owned(), rest))
}

/// The lines of a block mapping; `None` if one is not `key: scalar`.
pub(crate) fn block_mapping(lines: &[&str]) -> Option<Vec<(String, Json)>> {
    let mut members = Vec::new();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let own = lines.iter().find(|line| is_content(line)).map(|line| indent(line))?;
    let mut rest = lines.iter().filter(|line| is_content(line)).peekable();
    while let Some(line) = rest.next() {
        if indent(line) != own {
            return None;
        }
        let (key, value) = line.trim().split_once(':')?;
        let key = scalar(key)?;
        let value = match value.trim() {
            // A block scalar: the deeper lines, joined.
            ">" | ">-" | "|" | "|-" | "|+" | ">+" => {
                let mut text = Vec::new();
                while let Some(line) = rest.next_if(|line| indent(line) > own) {
                    text.push(line.trim());
                }
                text.join("")
            }
            value => scalar(value)?,
        };
        members.push((key, Json::Text(value)));
    }
    Some(members)
}

fn is_content(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with('#')
}

/// A single-quoted scalar.
pub(crate) fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
