use crate::Missing;
use std::fmt;

/// Why an event cannot follow, or a table cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterError {
    /// What is wrong: lower case, input in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// Whether it is the order of events, not the content: somebody else was faster, or the thing is elsewhere.
    pub is_order: bool,
    /// Duties that are not met, where that is the refusal.
    pub missing: Vec<Missing>,
}

impl RegisterError {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), is_order: false, missing: Vec::new() }
    }

    pub(crate) fn order(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { is_order: true, ..Self::new(message, hint) }
    }
}

impl fmt::Display for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RegisterError {}
