//! Columns of groups, taken one after the other.

use crate::ServiceError;
use gongdao_gate::StateFacts;
use gongdao_ledger::{Value, fact_value, read_fact};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Facts as a list of path and value, sorted by path.
pub(super) fn facts(facts: &StateFacts) -> Value {
    let pair = |(path, value): (&gongdao_model::FactPath, &gongdao_model::FactValue)| {
        Value::List(vec![Value::Text(path.to_string()), fact_value(value)])
    };
    Value::List(facts.iter().map(pair).collect())
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

/// A word of a closed list, as JSON writes it.
pub(super) fn word<T: Serialize>(word: &T) -> Value {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(text)) => Value::Text(text),
        _ => Value::Null,
    }
}

pub(super) fn read_word<T: DeserializeOwned>(text: &str) -> Result<T, ServiceError> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|_| malformed())
}

pub(super) fn malformed() -> ServiceError {
    ServiceError::storage("a row of the ledger has other columns than its schema: see docs/formats/ledger-service.md")
}
