use gongdao_i18n::I18nError;
use gongdao_model::ModelError;
use serde::Serialize;
use std::fmt;
use std::io::ErrorKind;

/// What went wrong, and where in the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LawError {
    /// The file, as it was named.
    pub file: Option<String>,
    /// 1-based line, where one is known.
    pub line: Option<usize>,
    /// What is wrong: lower case, input in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl LawError {
    /// An error with a hint, without a place.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { file: None, line: None, message: message.into(), hint: Some(hint.into()) }
    }

    /// The same error at a line.
    #[must_use]
    pub fn at(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    /// The same error in a file.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }
}

impl fmt::Display for LawError {
    /// `file:line: message`, then the hint on its own line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}:")?;
        }
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        if self.file.is_some() || self.line.is_some() {
            f.write_str(" ")?;
        }
        f.write_str(&self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "\n    hint: {hint}"))
    }
}

impl std::error::Error for LawError {}

impl From<I18nError> for LawError {
    fn from(error: I18nError) -> Self {
        Self { file: None, line: None, message: error.message, hint: error.hint }
    }
}

impl From<ModelError> for LawError {
    fn from(error: ModelError) -> Self {
        Self { file: None, line: None, message: error.message, hint: error.hint }
    }
}

/// The system's message without its number and its capital.
pub(crate) fn in_words(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is none".to_owned(),
        ErrorKind::PermissionDenied => "no right to do it".to_owned(),
        ErrorKind::NotADirectory => "it is not a folder".to_owned(),
        _ => error.to_string(),
    }
}
