//! A label as it stands in a file, whatever its faults.

use super::json::{self, Json};
use super::{Dialect, Key};
use std::collections::{BTreeMap, BTreeSet};

/// The members of a label object as they were found. Nothing is checked yet: see [`super::check`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundLabel {
    /// Values by key. A value that was no string is here as its text.
    pub values: BTreeMap<Key, String>,
    /// Keys that the standard does not have, with their values as text.
    pub others: Vec<(String, String)>,
    /// A key that stands twice. The values of a label with such a key mean nothing.
    pub duplicate: Option<String>,
}

/// What was understood of a label's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Understood {
    /// The label; the error is what is wrong with the text.
    pub(crate) label: Result<FoundLabel, String>,
    /// Dialects of the text.
    pub(crate) dialects: BTreeSet<Dialect>,
}

/// Which shape the guide has at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The seven keys.
    Bare,
    /// An object under `AIGC`.
    Wrapped,
}

impl FoundLabel {
    /// A value; `None` if the key is absent.
    pub fn value(&self, key: Key) -> Option<&str> {
        self.values.get(&key).map(String::as_str)
    }

    /// The value of a key that is there and not empty.
    pub fn stated(&self, key: Key) -> Option<&str> {
        self.value(key).filter(|value| !value.is_empty())
    }
}

/// Reads a label's text: JSON, bare or wrapped, and the known disguises of it.
pub(crate) fn understand(text: &str, shape: Shape) -> Understood {
    let mut dialects = BTreeSet::new();
    let label = object(text, &mut dialects).map(|value| {
        let inner = match value.member("AIGC") {
            Some(Json::Text(text)) => {
                dialects.insert(Dialect::DoubleEncoded);
                json::read(text).unwrap_or(Json::Null)
            }
            Some(inner) => inner.clone(),
            None => value.clone(),
        };
        let wrapped = value.member("AIGC").is_some();
        dialects.extend(match (shape, wrapped) {
            (Shape::Bare, true) => Some(Dialect::Wrapped),
            (Shape::Wrapped, false) => Some(Dialect::Bare),
            _ => None,
        });
        let outer = if wrapped { value.duplicate().map(str::to_owned) } else { None };
        match inner {
            Json::Object(members) => {
                let label = collect(members, &mut dialects);
                Ok(FoundLabel { duplicate: label.duplicate.clone().or(outer), ..label })
            }
            _ => Err("the value under `AIGC` is not an object".to_owned()),
        }
    });
    Understood { label: label.and_then(|label| label), dialects }
}

/// Reads members that are already apart, as front matter has them.
pub(crate) fn understand_members(members: Vec<(String, Json)>) -> Understood {
    let mut dialects = BTreeSet::new();
    let label = collect(members, &mut dialects);
    Understood { label: Ok(label), dialects }
}

/// Whether a text looks like a label, for places that hold other texts too.
pub(crate) fn looks_like_label(text: &str) -> bool {
    let text = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    let text = text.strip_prefix("AIGC").unwrap_or(text).trim_start_matches([':', '=', ' ']);
    let names = ["\"AIGC\"", "\"ContentProducer\"", "\"ServiceProvider\"", "\"ProduceID\""];
    text.starts_with('{') && names.iter().any(|name| text.contains(name))
}

fn object(text: &str, dialects: &mut BTreeSet<Dialect>) -> Result<Json, String> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{feff}');
    let text = text.strip_prefix("AIGC").map_or(text, |rest| rest.trim_start_matches([':', '=', ' ']));
    let problem = match json::read(text) {
        Ok(value @ Json::Object(_)) => return Ok(value),
        Ok(Json::Text(inner)) => {
            dialects.insert(Dialect::DoubleEncoded);
            return match json::read(&inner) {
                Ok(value @ Json::Object(_)) => Ok(value),
                _ => Err("the string does not hold an object".to_owned()),
            };
        }
        Ok(_) => "not an object".to_owned(),
        Err(problem) => problem,
    };
    let decoded = base64(text).and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded.and_then(|text| json::read(&text).ok()) {
        Some(value @ Json::Object(_)) => {
            dialects.insert(Dialect::Base64);
            Ok(value)
        }
        _ => Err(problem),
    }
}

fn collect(members: Vec<(String, Json)>, dialects: &mut BTreeSet<Dialect>) -> FoundLabel {
    let mut label = FoundLabel::default();
    let mut last = None;
    for (name, value) in members {
        if let Some(duplicate) = value.duplicate() {
            label.duplicate.get_or_insert(duplicate.to_owned());
        }
        let known = Key::named(&name).or_else(|| {
            let key = Key::misspelled(&name)?;
            dialects.insert(Dialect::KeySpelling);
            Some(key)
        });
        let (text, is_text) = plain(&value);
        if !is_text {
            dialects.insert(Dialect::NotAString);
        }
        let Some(key) = known else {
            dialects.insert(Dialect::ExtraKey);
            if label.others.iter().any(|(other, _)| *other == name) {
                label.duplicate.get_or_insert(name.clone());
            }
            label.others.push((name, text));
            continue;
        };
        if last.is_some_and(|last| last > key) {
            dialects.insert(Dialect::KeyOrder);
        }
        last = Some(key);
        if label.values.insert(key, text).is_some() {
            label.duplicate.get_or_insert(name);
        }
    }
    name_habits(&label, dialects);
    label
}

fn name_habits(label: &FoundLabel, dialects: &mut BTreeSet<Dialect>) {
    let value = |key| label.value(key).unwrap_or_default();
    if value(Key::Label) == "AIGC" {
        dialects.insert(Dialect::LabelWord);
    }
    if label.values.values().any(|value| value.contains("%!") && value.contains("(MISSING)")) {
        dialects.insert(Dialect::PrintedNothing);
    }
    if [Key::ProduceId, Key::PropagateId].iter().any(|key| value(*key).contains('(') && value(*key).contains('=')) {
        dialects.insert(Dialect::DebugPrint);
    }
    let propagator = [Key::ContentPropagator, Key::PropagateId];
    if propagator.iter().any(|key| label.value(*key) == Some("")) {
        dialects.insert(Dialect::EmptyPropagator);
    }
    for key in [Key::ReservedCode1, Key::ReservedCode2] {
        if value(key).contains("\"LabelMataData\"") {
            dialects.insert(Dialect::LabelMataData);
        }
        if value(key).contains("\"PubSd\"") {
            dialects.insert(Dialect::PubSd);
        }
    }
}

/// A value as text, and whether it was a string.
fn plain(value: &Json) -> (String, bool) {
    match value {
        Json::Text(text) => (text.clone(), true),
        Json::Number(number) => (number.clone(), false),
        Json::Bool(value) => (value.to_string(), false),
        Json::Null => (String::new(), false),
        Json::List(_) | Json::Object(_) => (print(value), false),
    }
}

/// JSON text of a value.
pub(crate) fn print(value: &Json) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Number(number) => number.clone(),
        Json::Text(text) => quoted(text),
        Json::List(values) => format!("[{}]", values.iter().map(print).collect::<Vec<_>>().join(",")),
        Json::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(key, value)| format!("{}:{}", quoted(key), print(value))).collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

/// RFC 4648, section 4, and its URL-safe alphabet; padding may be missing.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}
