use std::fmt;

/// What was wrong with bytes, a proof or a signature. `hint` says what to do and stands apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MerkleError {
    /// What is wrong: lower case, input in backticks, with its place where there is one.
    pub message: String,
    /// What to do about it.
    pub hint: &'static str,
}

impl MerkleError {
    pub(crate) fn new(message: impl Into<String>, hint: &'static str) -> Self {
        Self { message: message.into(), hint }
    }

    /// The same error, with the place where it was met before it.
    pub(crate) fn at(self, place: impl fmt::Display) -> Self {
        Self { message: format!("{place}: {}", self.message), hint: self.hint }
    }
}

impl fmt::Display for MerkleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for MerkleError {}
