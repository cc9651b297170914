use gongdao_model::FactPath;
use std::fmt;

/// Why a decision cannot be judged at all: its record does not fit the vocabulary. Never a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesError {
    /// What is wrong: lower case, input in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The fact at fault, if one is.
    pub fact: Option<FactPath>,
}

impl RulesError {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()), fact: None }
    }

    pub(crate) fn about(mut self, fact: &FactPath) -> Self {
        self.fact = Some(fact.clone());
        self
    }
}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RulesError {}
