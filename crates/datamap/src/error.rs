use std::fmt;

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The map is not what it should be.
    Map,
    /// What was asked cannot be done.
    Request,
    /// The database refused, or is not there. Nothing was changed.
    Database,
}

/// What went wrong. Nothing was changed then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapError {
    /// What kind.
    pub kind: ErrorKind,
    /// What is wrong: lower case, input in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl MapError {
    pub(crate) fn map(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Map, message: message.into(), hint: hint.into() }
    }

    pub(crate) fn request(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Request, message: message.into(), hint: hint.into() }
    }

    /// A driver's own words. They can hold values of a row, so they are for whoever may see the database.
    pub(crate) fn database(error: impl fmt::Display) -> Self {
        Self {
            kind: ErrorKind::Database,
            message: format!("the database refused: {error}"),
            hint: "nothing was changed; check the address, the rights of the account and the map, then try again"
                .to_owned(),
        }
    }
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for MapError {}
