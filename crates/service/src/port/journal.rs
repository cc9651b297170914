use crate::ServiceError;
use gongdao_model::Instant;
use std::str::FromStr;

/// What an entry of the journal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JournalKind {
    /// The state of a person changed: a consent, a tag, a restriction.
    PersonEvent,
    /// The state of an algorithm changed: filed, published, suspended.
    AlgorithmEvent,
    /// Settings of the gate changed.
    Settings,
    /// Something that takes two people was asked for, or decided.
    Approval,
    /// Someone looked a person's records up.
    LookUp,
    /// Who may do what changed: accounts, roles, keys.
    Access,
    /// A request of a person came in, or went on.
    Case,
    /// A mandate was proposed, confirmed or taken back.
    Mandate,
    /// An algorithm, a version of one, or a consultation over it went on in the register.
    Register,
    /// A photo was added to a request.
    Photo,
    /// A regulator's order was made, or went on.
    Order,
}

impl JournalKind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::PersonEvent,
        Self::AlgorithmEvent,
        Self::Settings,
        Self::Approval,
        Self::LookUp,
        Self::Access,
        Self::Case,
        Self::Mandate,
        Self::Register,
        Self::Photo,
        Self::Order,
    ];

    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PersonEvent => "person-event",
            Self::AlgorithmEvent => "algorithm-event",
            Self::Settings => "settings",
            Self::Approval => "approval",
            Self::LookUp => "look-up",
            Self::Access => "access",
            Self::Case => "case",
            Self::Mandate => "mandate",
            Self::Register => "register",
            Self::Photo => "photo",
            Self::Order => "order",
        }
    }

    /// Whether it changes what the gate knows.
    pub fn is_state(self) -> bool {
        matches!(self, Self::PersonEvent | Self::AlgorithmEvent)
    }
}

impl FromStr for JournalKind {
    type Err = ServiceError;

    fn from_str(text: &str) -> Result<Self, ServiceError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| ServiceError::storage(format_args!("`{text}` is no kind of journal entry")))
    }
}

/// Something that happened and is to be written into the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// What it is about.
    pub kind: JournalKind,
    /// Its name, one of a kind for ever; sent twice, it is taken once.
    pub id: String,
    /// Whom it concerns, by pseudonym.
    pub person: Option<String>,
    /// What it concerns: an algorithm, a setting, an approval.
    pub subject: Option<String>,
    /// Who did it: an account, a key, or the service itself.
    pub actor: String,
    /// When it was recorded.
    pub at: Instant,
    /// JSON.
    pub body: String,
}

/// An entry in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// Its number: 1, 2, 3, ... over all processes, in the order in which they became durable.
    pub seq: u64,
    /// Whose ledger it goes into.
    pub node: String,
    /// What it says.
    pub entry: NewEntry,
    /// Its place in that ledger, once it is there.
    pub leaf: Option<u64>,
}

/// What became of an entry that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It has this number now.
    New(u64),
    /// It was there under this number, with the same content.
    Same(u64),
    /// Another entry has the identifier. Nothing of the whole change was made.
    Other,
}

/// Everything that happened beside decisions, in one order: the outbox of the ledger.
pub trait Journal: Send + Sync {
    /// Entries after a number, in order.
    fn after(&self, seq: u64, limit: u32) -> Result<Vec<JournalEntry>, ServiceError>;
    /// Entries of a node that are in no ledger yet, in order.
    fn unlogged(&self, node: &str, limit: u32) -> Result<Vec<JournalEntry>, ServiceError>;
    /// Note where entries stand in the ledger: number, place.
    fn note_leaves(&self, leaves: &[(u64, u64)]) -> Result<(), ServiceError>;
    /// Entries that the ledger of a node has, with their places: note the places, and add entries that are not there, in
    /// this order. Returns how many were added.
    fn adopt(&self, node: &str, entries: &[(NewEntry, u64)]) -> Result<u64, ServiceError>;
    /// The highest place that is noted for a node.
    fn last_leaf(&self, node: &str) -> Result<Option<u64>, ServiceError>;
    /// The last number; 0 where there is none.
    fn last(&self) -> Result<u64, ServiceError>;
    /// Entries of some kinds about a person, newest first, before a number.
    fn of_person(
        &self,
        person: &str,
        kinds: &[JournalKind],
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, ServiceError>;
    /// How many entries of a kind about a person there are.
    fn count_of_person(&self, person: &str, kind: JournalKind) -> Result<u64, ServiceError>;
    /// Entries of a kind about a subject, newest first, before a number. Without a subject: of the kind.
    fn of_subject(
        &self,
        kind: JournalKind,
        subject: Option<&str>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, ServiceError>;
    /// Take all entries about a person away.
    fn forget_person(&self, person: &str) -> Result<u64, ServiceError>;
}
