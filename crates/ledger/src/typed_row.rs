//! A decision's row as plain columns, so that any reader of Parquet sees it; every other row stays bytes.

use crate::cbor::Value;
use crate::receipt::read_group;
use crate::{
    ALGORITHM_SCHEMA, Content, DECISION_SCHEMA, GroupCommitment, GroupNumber, Nonce, PersonId, PersonKey, RecordId,
    Row, RowGroup, commit_group, group_bytes, salt,
};
use std::collections::BTreeSet;

/// Milliseconds up to the year 9999; readers of time stamps fail on what lies beyond.
const LAST_INSTANT: u64 = 253_402_300_799_999;

/// A row with the groups `gongdao/algorithm/1` and `gongdao/decision/1`, or what an erasure left of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TypedRow {
    pub(crate) leaf: u64,
    pub(crate) record: RecordId,
    /// The commitment stands here only where the content is gone: the ledger's own key, which no erasure takes, makes it
    /// again from nonce and content.
    pub(crate) algorithm: Part<Option<String>>,
    pub(crate) decision: Part<Decision>,
}

/// One group: its content, or the place of the entry that erased it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part<T> {
    pub(crate) commitment: Option<GroupCommitment>,
    pub(crate) content: Result<(Nonce, T), u64>,
}

/// Columns of `gongdao/decision/1`, and the person's counter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) counter: u64,
    pub(crate) id: String,
    pub(crate) at: i64,
    pub(crate) action: String,
    pub(crate) place: Option<String>,
    pub(crate) person: Option<String>,
    pub(crate) facts: Vec<(String, Fact)>,
}

/// The value of a fact.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    Bool(bool),
    Number(i64),
    Text(String),
    Words(Vec<String>),
}

impl TypedRow {
    /// Nothing where the row is not exactly what [`Self::to_row`] would make again, to the byte.
    pub(crate) fn of(row: &Row, shared: &PersonKey) -> Option<Self> {
        let [algorithm, decision] = row.groups.as_slice() else { return None };
        let mut typed = Self {
            leaf: row.leaf,
            record: row.record,
            algorithm: part(algorithm, |_, bytes| match columns(bytes, ALGORITHM_SCHEMA)?.as_slice() {
                [algorithm] => optional_text(algorithm),
                _ => None,
            })?,
            decision: part(decision, |counter, bytes| read_decision(counter, &columns(bytes, DECISION_SCHEMA)?))?,
        };
        if typed.algorithm.content.is_ok() {
            typed.algorithm.commitment = None;
        }
        (typed.to_row(shared).as_ref() == Some(row)).then_some(typed)
    }

    /// The row; nothing where the person is no pseudonym.
    pub(crate) fn to_row(&self, shared: &PersonKey) -> Option<Row> {
        let algorithm = match &self.algorithm.content {
            Err(by) => Content::Erased { by: *by },
            Ok((nonce, algorithm)) => Content::Open {
                person: None,
                counter: 0,
                nonce: *nonce,
                bytes: group_bytes(ALGORITHM_SCHEMA, vec![text_value(algorithm.as_ref())]),
            },
        };
        let decision = match &self.decision.content {
            Err(by) => Content::Erased { by: *by },
            Ok((nonce, decision)) => Content::Open {
                person: decision.person.as_deref().map(str::parse::<PersonId>).transpose().ok()?,
                counter: decision.counter,
                nonce: *nonce,
                bytes: group_bytes(DECISION_SCHEMA, decision.columns()),
            },
        };
        let commitment = match (&algorithm, self.algorithm.commitment) {
            (Content::Open { nonce, bytes, .. }, None) => {
                commit_group(salt(shared, self.record, GroupNumber(0), *nonce), bytes)
            }
            (Content::Erased { .. }, Some(commitment)) => commitment,
            _ => return None,
        };
        let groups = vec![
            RowGroup { commitment, content: algorithm },
            RowGroup { commitment: self.decision.commitment?, content: decision },
        ];
        Some(Row { leaf: self.leaf, record: self.record, groups })
    }
}

impl Decision {
    fn columns(&self) -> Vec<Value> {
        let fact = |(path, fact): &(String, Fact)| Value::List(vec![Value::Text(path.clone()), fact.value()]);
        vec![
            Value::Text(self.id.clone()),
            Value::Int(self.at),
            Value::Text(self.action.clone()),
            text_value(self.place.as_ref()),
            text_value(self.person.as_ref()),
            Value::List(self.facts.iter().map(fact).collect()),
        ]
    }
}

impl Fact {
    fn value(&self) -> Value {
        match self {
            Self::Bool(is) => Value::Bool(*is),
            Self::Number(number) => Value::Int(*number),
            Self::Text(text) => Value::Text(text.clone()),
            Self::Words(words) => Value::List(words.iter().cloned().map(Value::Text).collect()),
        }
    }

    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(is) => Some(Self::Bool(*is)),
            Value::Int(number) => Some(Self::Number(*number)),
            Value::Text(text) => Some(Self::Text(text.clone())),
            Value::List(words) => words.iter().map(text).collect::<Option<_>>().map(Self::Words),
            Value::Null | Value::Bytes(_) => None,
        }
    }
}

fn part<T>(group: &RowGroup, read: impl FnOnce(u64, &[u8]) -> Option<T>) -> Option<Part<T>> {
    let content = match &group.content {
        Content::Erased { by } => Err(*by),
        Content::Open { counter, nonce, bytes, .. } => Ok((*nonce, read(*counter, bytes)?)),
    };
    Some(Part { commitment: Some(group.commitment), content })
}

fn columns(bytes: &[u8], schema: &str) -> Option<Vec<Value>> {
    let (named, columns) = read_group(bytes).ok()?;
    (named == schema).then_some(columns)
}

fn read_decision(counter: u64, columns: &[Value]) -> Option<Decision> {
    let [id, Value::Int(at), action, place, person, Value::List(facts)] = columns else { return None };
    let facts = facts.iter().map(|fact| match fact.as_list()? {
        [path, value] => Some((text(path)?, Fact::of(value)?)),
        _ => None,
    });
    let facts = facts.collect::<Option<Vec<_>>>()?;
    // Keys of a map: of two that are equal a reader may keep one.
    let paths: BTreeSet<&str> = facts.iter().map(|(path, _)| path.as_str()).collect();
    if paths.len() < facts.len() || at.unsigned_abs() > LAST_INSTANT {
        return None;
    }
    Some(Decision {
        counter,
        id: text(id)?,
        at: *at,
        action: text(action)?,
        place: optional_text(place)?,
        person: optional_text(person)?,
        facts,
    })
}

fn text(value: &Value) -> Option<String> {
    value.as_text().map(str::to_owned)
}

#[expect(clippy::option_option, reason = "no such value, beside the value of none")]
fn optional_text(value: &Value) -> Option<Option<String>> {
    if *value == Value::Null { Some(None) } else { text(value).map(Some) }
}

fn text_value(text: Option<&String>) -> Value {
    text.map_or(Value::Null, |text| Value::Text(text.clone()))
}
