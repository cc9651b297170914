use std::fmt;

/// What was wrong with a catalogue or a request to it; `hint` says what to do and stands apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct I18nError {
    /// What is wrong: lower case, input in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl I18nError {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()) }
    }
}

impl fmt::Display for I18nError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for I18nError {}
