use std::fmt;

/// Why a model cannot be read or run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl ScoreError {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }

    /// The file itself is at fault.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(message, "export the model again, and check the file with ONNX's own checker")
    }
}

impl fmt::Display for ScoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ScoreError {}
