use gongdao_ledger::LedgerError;
use gongdao_model::ModelError;
use std::fmt;

/// Why the service does not do what it was asked. `hint` says what to do and stands apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceError {
    /// Who has to act, and how an interface answers.
    pub kind: ErrorKind,
    /// What is wrong: lower case, input in backticks. Shown to the caller; holds nothing of the inside.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// What happened inside, for the operator's log alone.
    pub internal: Option<String>,
}

/// Kinds of refusal; an interface has one address for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// The input is not what it should be.
    Input,
    /// Nobody is logged in, or the token is not known.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// There is no such thing, or the caller may not know of it.
    NotFound,
    /// The thing was changed since it was read.
    Changed,
    /// It cannot be done as the thing stands: something has to happen first, or it is too late.
    NotNow,
    /// The name or identifier is taken by another thing.
    Taken,
    /// The same idempotency key came with another request.
    KeyReused,
    /// A second person has to agree first.
    NeedsApproval,
    /// The queue is full: the same request can be sent again.
    Busy,
    /// This process cannot know the state of persons and algorithms at the moment: hold.
    Lapsed,
    /// Too many attempts.
    TooMany,
    /// The content was erased.
    Erased,
    /// The database or the disk failed.
    Storage,
    /// The service is going down.
    Closed,
}

impl ErrorKind {
    /// All kinds, in the order in which they are described.
    pub const ALL: [Self; 15] = [
        Self::Input,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::Changed,
        Self::NotNow,
        Self::Taken,
        Self::KeyReused,
        Self::NeedsApproval,
        Self::Busy,
        Self::Lapsed,
        Self::TooMany,
        Self::Erased,
        Self::Storage,
        Self::Closed,
    ];

    /// The word in addresses and files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::Changed => "changed",
            Self::NotNow => "not-now",
            Self::Taken => "taken",
            Self::KeyReused => "key-reused",
            Self::NeedsApproval => "needs-approval",
            Self::Busy => "busy",
            Self::Lapsed => "lapsed",
            Self::TooMany => "too-many",
            Self::Erased => "erased",
            Self::Storage => "storage",
            Self::Closed => "closed",
        }
    }

    /// Whether the same request can succeed later without a change.
    pub fn can_be_repeated(self) -> bool {
        matches!(self, Self::Busy | Self::Lapsed | Self::TooMany | Self::Storage | Self::Closed)
    }
}

impl ServiceError {
    /// An error with a hint.
    pub fn new(kind: ErrorKind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: Some(hint.into()), internal: None }
    }

    /// The database or the disk failed; `what` goes to the operator's log.
    pub fn storage(what: impl fmt::Display) -> Self {
        let error = Self::new(ErrorKind::Storage, "the service cannot store at the moment", "try again later");
        Self { internal: Some(what.to_string()), ..error }
    }

    pub(crate) fn input(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, message, hint)
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(ErrorKind::NotFound, format!("there is no such {what}"), "check the identifier")
    }

    pub(crate) fn changed() -> Self {
        Self::new(ErrorKind::Changed, "it was changed since it was read", "read it again, and decide on what it is now")
    }

    pub(crate) fn closed() -> Self {
        Self::new(ErrorKind::Closed, "the service is going down", "try again in a moment")
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ServiceError {}

impl From<ModelError> for ServiceError {
    fn from(error: ModelError) -> Self {
        Self { kind: ErrorKind::Input, message: error.message, hint: error.hint, internal: None }
    }
}

impl From<LedgerError> for ServiceError {
    fn from(error: LedgerError) -> Self {
        match error.kind {
            gongdao_ledger::ErrorKind::Input => Self::input(error.message, error.hint),
            gongdao_ledger::ErrorKind::Closed => Self { internal: Some(error.message), ..Self::closed() },
            gongdao_ledger::ErrorKind::Evidence | gongdao_ledger::ErrorKind::Storage => {
                Self::storage(format_args!("ledger: {}; {}", error.message, error.hint))
            }
        }
    }
}
