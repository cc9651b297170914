//! Columns of groups, taken one after the other.

use crate::ServiceError;
use gongdao_gate::{Shared, StateFacts};
use gongdao_ledger::{Columns, Value, read_fact};
use serde::de::DeserializeOwned;

/// Facts as a list of path and value, sorted by path.
pub(super) fn facts(columns: &mut Columns<'_>, facts: &Shared<StateFacts>) {
    columns.value(facts.recorded(|facts| Columns::bytes_of(|columns| write_facts(columns, facts))));
}

fn write_facts(columns: &mut Columns<'_>, facts: &StateFacts) {
    columns.list(facts.len());
    for (path, value) in facts {
        columns.list(2);
        columns.path(path);
        columns.fact(value);
    }
}

pub(super) fn read_facts(value: &Value) -> Result<StateFacts, ServiceError> {
    let pairs = value.as_list().ok_or_else(malformed)?.iter().map(|pair| match pair.as_list() {
        Some([Value::Text(path), value]) => Ok((path.parse()?, read_fact(value)?)),
        _ => Err(malformed()),
    });
    pairs.collect()
}

pub(super) fn optional(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| Value::Text(text.to_owned()))
}

pub(super) fn read_optional(value: &Value) -> Result<Option<String>, ServiceError> {
    match value {
        Value::Null => Ok(None),
        Value::Text(text) => Ok(Some(text.clone())),
        _ => Err(malformed()),
    }
}

/// A word of a closed list, as its text is.
pub(super) fn read_word<T: DeserializeOwned>(text: &str) -> Result<T, ServiceError> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|_| malformed())
}

pub(super) fn malformed() -> ServiceError {
    ServiceError::storage("a row of the ledger has other columns than its schema: see docs/formats/ledger-service.md")
}
