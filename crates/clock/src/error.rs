use gongdao_i18n::I18nError;
use gongdao_model::ModelError;
use std::fmt;

/// What was wrong with a calendar, an event or a request; `hint` says what to do and stands apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockError {
    /// What is wrong: lower case, input in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    is_outside: bool,
}

impl ClockError {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()), is_outside: false }
    }

    /// A day is needed that the calendar does not have.
    pub(crate) fn outside(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { is_outside: true, ..Self::new(message, hint) }
    }

    /// Whether a day is needed that the calendar does not have.
    pub fn is_outside(&self) -> bool {
        self.is_outside
    }
}

impl fmt::Display for ClockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ClockError {}

impl From<ModelError> for ClockError {
    fn from(error: ModelError) -> Self {
        Self { message: error.message, hint: error.hint, is_outside: false }
    }
}

impl From<I18nError> for ClockError {
    fn from(error: I18nError) -> Self {
        Self { message: error.message, hint: error.hint, is_outside: false }
    }
}
