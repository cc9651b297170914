use std::fmt;

/// Why a batch was not judged, or rules were not compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KernelError {
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// The row at fault, from 0, where one is.
    pub row: Option<usize>,
}

impl KernelError {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), row: None }
    }

    pub(crate) fn at(self, row: usize) -> Self {
        Self { row: Some(row), ..self }
    }
}

impl fmt::Display for KernelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row {
            Some(row) => write!(f, "row {}: {}", row + 1, self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for KernelError {}
