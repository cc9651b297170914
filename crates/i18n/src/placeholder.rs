//! `{name}` in a text; `{{` and `}}` stand for braces.

use std::collections::BTreeSet;

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Plain(&'a str),
    Brace(char),
    Name(&'a str),
}

/// Splits a text; the error is what is wrong with it, in words.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(position) = rest.find(['{', '}']) {
        let (plain, tail) = rest.split_at(position);
        if !plain.is_empty() {
            found.push(Piece::Plain(plain));
        }
        rest = if let Some(after) = tail.strip_prefix("{{") {
            found.push(Piece::Brace('{'));
            after
        } else if let Some(after) = tail.strip_prefix("}}") {
            found.push(Piece::Brace('}'));
            after
        } else {
            let (name, after) = tail
                .strip_prefix('{')
                .and_then(|inside| inside.split_once('}'))
                .ok_or_else(|| format!("a single brace in `{text}`"))?;
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
                return Err(format!("`{{{name}}}` is not a placeholder"));
            }
            found.push(Piece::Name(name));
            after
        };
    }
    if !rest.is_empty() {
        found.push(Piece::Plain(rest));
    }
    Ok(found)
}

/// The names that a text needs.
pub(crate) fn names(text: &str) -> Result<BTreeSet<&str>, String> {
    let pieces = pieces(text)?;
    Ok(pieces.into_iter().filter_map(|piece| if let Piece::Name(name) = piece { Some(name) } else { None }).collect())
}
