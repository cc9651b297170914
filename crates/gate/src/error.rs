use gongdao_model::DecisionId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a gate cannot be built, or settings not be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateError {
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl GateError {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

impl fmt::Display for GateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for GateError {}

/// What is wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalKind {
    /// The vocabulary has no such action.
    UnknownAction,
    /// The vocabulary has no such fact.
    UnknownFact,
    /// The fact has another type.
    WrongType,
    /// The fact cannot have this word.
    UnknownWord,
    /// The gate could not judge it; nothing is known.
    Failed,
}

/// Why a decision was not judged. The caller must not go on: nobody looked at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRefusal {
    /// The decision.
    pub decision: DecisionId,
    /// What is wrong, as a word.
    pub kind: RefusalKind,
    /// What is wrong: lower case, no full stop, input in backticks.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl fmt::Display for CheckRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CheckRefusal {}

/// Why an event was not applied; the state is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRefusal {
    /// What is wrong: lower case, no full stop, input in backticks.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl EventRefusal {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

impl fmt::Display for EventRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EventRefusal {}
