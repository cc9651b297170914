use std::fmt;

/// Why an event cannot follow, or a table cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskError {
    /// What is wrong: lower case, input in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// Whether it is the order of events, not the content: somebody else was faster, or the case is elsewhere.
    pub is_order: bool,
}

impl DeskError {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), is_order: false }
    }

    pub(crate) fn order(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { is_order: true, ..Self::new(message, hint) }
    }
}

impl fmt::Display for DeskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DeskError {}
