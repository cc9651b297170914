use gongdao_merkle::MerkleError;
use std::fmt;

/// What went wrong in a ledger, or with what is checked of one offline: one type for both, so that a caller needs no second. `hint`
/// says what to do and stands apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerError {
    /// What kind of thing it is, for a caller that acts on it.
    pub kind: ErrorKind,
    /// What is wrong: lower case, input in backticks, with its place.
    pub message: String,
    /// What to do about it.
    pub hint: &'static str,
}

/// Who has to act on an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The caller's input; the ledger goes on.
    Input,
    /// A proof, receipt or file that does not hold: someone changed it, or it is of another ledger.
    Evidence,
    /// The disk: the writer has stopped, and nothing more is acknowledged.
    Storage,
    /// Another writer has the folder, or the writer has stopped.
    Closed,
}

impl LedgerError {
    /// What the caller gave cannot be used.
    pub fn input(message: impl Into<String>, hint: &'static str) -> Self {
        Self { kind: ErrorKind::Input, message: message.into(), hint }
    }

    /// A proof, receipt or file does not hold.
    pub fn evidence(message: impl Into<String>, hint: &'static str) -> Self {
        Self { kind: ErrorKind::Evidence, message: message.into(), hint }
    }

    /// The disk does not do as it should.
    pub fn storage(message: impl Into<String>, hint: &'static str) -> Self {
        Self { kind: ErrorKind::Storage, message: message.into(), hint }
    }

    /// Another writer has the folder, or the writer has stopped.
    pub fn closed(message: impl Into<String>, hint: &'static str) -> Self {
        Self { kind: ErrorKind::Closed, message: message.into(), hint }
    }

    /// The same error, with the place where it was met before it.
    #[must_use]
    pub fn at(self, place: impl fmt::Display) -> Self {
        Self { message: format!("{place}: {}", self.message), ..self }
    }
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for LedgerError {}

impl From<MerkleError> for LedgerError {
    fn from(error: MerkleError) -> Self {
        Self { kind: ErrorKind::Evidence, message: error.message, hint: error.hint }
    }
}
