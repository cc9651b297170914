use gongdao_service::{Category, PersonRecord, ServiceError};
use serde_json::Value;

/// One value of a record, with where it stands.
pub(super) struct Line {
    /// Which kind of thing.
    pub(super) category: Category,
    /// Which of them, from 1.
    pub(super) item: usize,
    /// Which part of it: `record.context.priceFen`.
    pub(super) field: String,
    /// What it is.
    pub(super) value: Value,
}

/// All values of a record, in its order. Lists of plain values are one value.
///
/// Errors: something that JSON cannot hold, which a test excludes.
pub(super) fn lines(record: &PersonRecord) -> Result<Vec<Line>, ServiceError> {
    let mut lines = Vec::new();
    for (category, items) in &record.sections {
        for (number, item) in items.iter().enumerate() {
            add(*category, number + 1, String::new(), item.to_json()?, &mut lines);
        }
    }
    Ok(lines)
}

fn add(category: Category, item: usize, field: String, value: Value, lines: &mut Vec<Line>) {
    let below = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
    match value {
        Value::Object(members) if !members.is_empty() => {
            // A picture is in the data alone: nobody reads it in a table.
            for (name, inner) in members.into_iter().filter(|(name, _)| name != "base64") {
                add(category, item, below(&name), inner, lines);
            }
        }
        Value::Array(items) if items.iter().any(|one| one.is_object() || one.is_array()) => {
            for (number, inner) in items.into_iter().enumerate() {
                add(category, item, below(&(number + 1).to_string()), inner, lines);
            }
        }
        value => lines.push(Line { category, item, field, value }),
    }
}

/// A plain value as people read it; a list of words with commas.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// What a field means, where it is a fact of the vocabulary: its path ends with the fact's.
pub(super) fn meaning<'a>(record: &'a PersonRecord, field: &str) -> Option<&'a gongdao_service::Meaning> {
    let known = |(path, _): &(&String, &gongdao_service::Meaning)| {
        field.strip_suffix(path.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    record.glossary.iter().find(known).map(|(_, meaning)| meaning)
}
