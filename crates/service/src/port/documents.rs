use super::NewEntry;
use super::Recorded;
use crate::ServiceError;
use gongdao_model::Instant;

/// Something that is kept under a name and can be changed: an account, a session, settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Which kind of thing.
    pub collection: String,
    /// Its name.
    pub id: String,
    /// Grows by one with each change, from 1.
    pub version: u64,
    /// JSON.
    pub body: String,
    /// A second name, one of a kind within the collection.
    pub alias: Option<String>,
    /// When it counts as gone.
    pub expires: Option<Instant>,
}

/// What must hold for a change to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// There is no such document.
    Absent,
    /// It has this version.
    Version(u64),
    /// Anything.
    Any,
}

/// One change of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// Which kind of thing.
    pub collection: &'static str,
    /// Its name.
    pub id: String,
    /// What must hold.
    pub expected: Expected,
    /// The new JSON; nothing takes the document away.
    pub body: Option<String>,
    /// A second name, one of a kind within the collection.
    pub alias: Option<String>,
    /// When it counts as gone.
    pub expires: Option<Instant>,
}

/// What a change came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// New versions, one a put; 0 for what was taken away.
    pub versions: Vec<u64>,
    /// What became of the entries, in their order.
    pub entries: Vec<Recorded>,
}

/// Documents, and the journal's entries that are written in one step with them.
pub trait Documents: Send + Sync {
    /// Make all changes and entries, or none. Entries get their numbers in the order in which changes are made durable.
    ///
    /// Errors: `Changed` where what was expected does not hold; `Taken` where an alias is another document's; the database.
    fn change(&self, node: &str, puts: &[Put], entries: &[NewEntry]) -> Result<Change, ServiceError>;
    /// Keep bodies under names that say what they are: digests of them. What is there stands.
    fn keep(&self, collection: &str, named: &[(String, String)]) -> Result<(), ServiceError>;
    /// One document by its name.
    fn document(&self, collection: &str, id: &str) -> Result<Option<Document>, ServiceError>;
    /// One document by its second name.
    fn by_alias(&self, collection: &str, alias: &str) -> Result<Option<Document>, ServiceError>;
    /// Documents of a collection in the order of their names, after one.
    fn list(&self, collection: &str, after: Option<&str>, limit: u32) -> Result<Vec<Document>, ServiceError>;
    /// Take away what expired before `now`. Returns how many.
    fn purge(&self, collection: &str, now: Instant) -> Result<u64, ServiceError>;
}
