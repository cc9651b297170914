//! YAML front matter, of which flat `key: value` lines are read and nothing else: no lists, no nesting, no anchors.

use crate::LawError;

/// The lines of the front matter with their numbers, then the body and the number of its first line.
pub(super) type Split<'a> = (Vec<(String, String)>, &'a str, usize);

/// Front matter and body. A text without front matter has an empty one.
pub(super) fn split(text: &str) -> Result<Split<'_>, LawError> {
    let Some(rest) = text.strip_prefix("---\n") else { return Ok((Vec::new(), text, 1)) };
    let (head, body) = rest
        .split_once("\n---\n")
        .ok_or_else(|| LawError::new("the front matter is not closed", "end it with a line of three hyphens").at(1))?;
    let mut entries: Vec<(String, String)> = Vec::new();
    for (index, line) in head.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let entry = entry(line).map_err(|error| error.at(index + 2))?;
        if entries.iter().any(|(key, _)| *key == entry.0) {
            let message = format!("the key `{}` stands twice", entry.0);
            return Err(LawError::new(message, "keep one of the lines").at(index + 2));
        }
        entries.push(entry);
    }
    Ok((entries, body, head.lines().count() + 3))
}

fn entry(line: &str) -> Result<(String, String), LawError> {
    let refuse = || {
        let message = format!("`{}` is not a flat line of front matter", line.chars().take(60).collect::<String>());
        LawError::new(message, "write `key: \"value\"`: no lists, no nesting")
    };
    let (key, value) = line.split_once(':').ok_or_else(refuse)?;
    let known = !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !known {
        return Err(refuse());
    }
    let value = value.trim();
    let value = match value.chars().next() {
        // A JSON text is a double-quoted YAML text.
        Some('"') => serde_json::from_str(value).map_err(|_| refuse())?,
        Some('\'') => {
            value.strip_prefix('\'').and_then(|v| v.strip_suffix('\'')).ok_or_else(refuse)?.replace("''", "'")
        }
        Some('[' | '{' | '&' | '*' | '|' | '>' | '!' | '%' | '@' | '`') => return Err(refuse()),
        _ => value.to_owned(),
    };
    if value.chars().any(char::is_control) {
        return Err(refuse());
    }
    Ok((key.to_owned(), value))
}

/// The front matter as text, its values in double quotes; nothing where it is empty.
pub(super) fn write(entries: &[(String, String)]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let line = |(key, value): &(String, String)| format!("{key}: {}\n", serde_json::Value::from(value.as_str()));
    let lines: String = entries.iter().map(line).collect();
    format!("---\n{lines}---\n\n")
}
