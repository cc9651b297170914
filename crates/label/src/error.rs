use std::fmt;

/// Why a file cannot be read or labelled, in words a person can act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelError {
    /// What kind of fault it is, for exit codes.
    pub kind: ErrorKind,
    /// What is wrong: lower case, input in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// Where in the file, in bytes from its start, if it is at one place.
    pub offset: Option<u64>,
}

/// Kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// No place for a label is known in such a file.
    Unsupported,
    /// The file is not what its kind of file must be.
    Malformed,
    /// What was asked for is not allowed or not possible.
    Refused,
    /// The label to be written breaks the standard.
    Label,
    /// A file cannot be read or written.
    Io,
    /// The program itself is at fault.
    Program,
}

impl LabelError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: hint.into(), offset: None }
    }

    /// The container is at fault at `offset`.
    pub(crate) fn malformed(offset: u64, message: impl Into<String>) -> Self {
        let hint = "save the file again with the program that made it, and label that copy";
        Self { offset: Some(offset), ..Self::new(ErrorKind::Malformed, message, hint) }
    }

    pub(crate) fn refused(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(ErrorKind::Refused, message, hint)
    }

    pub(crate) fn io(error: &std::io::Error) -> Self {
        Self::new(
            ErrorKind::Io,
            format!("the file cannot be read or written: {error}"),
            "check the path, the rights and the free space",
        )
    }
}

impl fmt::Display for LabelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.offset {
            Some(offset) => write!(f, " (byte {offset})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for LabelError {}

impl From<std::io::Error> for LabelError {
    fn from(error: std::io::Error) -> Self {
        Self::io(&error)
    }
}
