use gongdao_clock::ClockError;
use gongdao_i18n::I18nError;
use std::fmt;

/// What is wrong with a description, with the law that it is held against, or with what is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessError {
    /// What is wrong: lower case, input in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// 1-based line of the description, where it is at fault.
    pub line: Option<usize>,
}

impl AssessError {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()), line: None }
    }

    pub(crate) fn at(self, line: usize) -> Self {
        Self { line: Some(line), ..self }
    }

    /// A fault that no input can cause.
    pub(crate) fn of_program(message: impl Into<String>) -> Self {
        Self::new(message, "this is a fault of the program; please report it")
    }
}

impl fmt::Display for AssessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for AssessError {}

impl From<I18nError> for AssessError {
    fn from(error: I18nError) -> Self {
        Self { message: error.message, hint: error.hint, line: None }
    }
}

impl From<ClockError> for AssessError {
    fn from(error: ClockError) -> Self {
        Self { message: error.message, hint: error.hint, line: None }
    }
}

impl From<gongdao_model::ModelError> for AssessError {
    fn from(error: gongdao_model::ModelError) -> Self {
        Self { message: error.message, hint: error.hint, line: None }
    }
}

impl From<minijinja::Error> for AssessError {
    fn from(error: minijinja::Error) -> Self {
        Self::of_program(format!("the report's template: {error:#}"))
    }
}
