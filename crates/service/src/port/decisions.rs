use super::Cites;
use crate::ServiceError;
use gongdao_model::Instant;
use std::sync::Arc;

/// SHA-256 of a decision as it was handed in.
pub type Digest = [u8; 32];

/// A line of the projection: where the ledger has a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projected {
    /// The decision.
    pub id: String,
    /// Of what was handed in.
    pub digest: Digest,
    /// Whose ledger has it.
    pub node: String,
    /// Its place there; nothing while it is being logged.
    pub leaf: Option<u64>,
    /// About whom.
    pub person: Option<String>,
    /// By which algorithm, in which version; nothing where nobody said, and for lines from before this was kept.
    pub algorithm: Option<String>,
    /// When it was made.
    pub at: Instant,
    /// What was done.
    pub action: String,
    /// What the gate said, in one word; nothing for a decision that was made elsewhere.
    pub effect: Option<String>,
    /// What its answer cites, where it is added; lines that are read have it not.
    pub cites: Option<Arc<Cites>>,
}

/// After which decision a page begins: newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Its instant.
    pub at: Instant,
    /// Its identifier.
    pub id: String,
}

/// How many decisions about a person are logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DecisionCounts {
    /// In the ledger that was asked about.
    pub here: u64,
    /// In ledgers of other processes.
    pub elsewhere: u64,
    /// Different answers of those that are here. Lines from before answers were kept in the projection have none.
    pub answers: u64,
}

/// What became of an identifier that a process wants for itself.
#[expect(clippy::large_enum_variant, reason = "a list of a call's rows, gone with the call")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is this process's now.
    Won,
    /// It was taken before.
    Taken(Projected),
}

/// The projection of decisions: found by identifier and by person. Can be lost; it is made again from the ledger.
pub trait Decisions: Send + Sync {
    /// Whether other processes log decisions too; identifiers are claimed then, before anything is judged.
    fn is_shared(&self) -> bool;
    /// Entries of the node's ledger that were read into the projection.
    fn watermark(&self, node: &str) -> Result<u64, ServiceError>;
    /// Add lines, and note that the ledger was read so far, in one step. A line that is there already stands, but for a
    /// claim of the same node, which is filled.
    fn project(&self, node: &str, lines: &[Projected], watermark: u64) -> Result<(), ServiceError>;
    /// Take identifiers for this process; of two that want one exactly one wins. One answer a line.
    fn claim(&self, lines: &[Projected]) -> Result<Vec<Claim>, ServiceError>;
    /// Give up what this process claimed and did not log.
    fn release(&self, node: &str, ids: Option<&[String]>) -> Result<(), ServiceError>;
    /// Lines by identifier, in the order of the identifiers.
    fn find(&self, ids: &[&str]) -> Result<Vec<Option<Projected>>, ServiceError>;
    /// Every identifier there is.
    fn each_id(&self, take: &mut dyn FnMut(&str)) -> Result<(), ServiceError>;
    /// Decisions about a person, or all, newest first.
    fn page(&self, person: Option<&str>, after: Option<&Cursor>, limit: u32) -> Result<Vec<Projected>, ServiceError>;
    /// How many decisions about a person there are, those that are logged.
    fn count_about(&self, person: &str, node: &str) -> Result<DecisionCounts, ServiceError>;
    /// Take the lines about a person away.
    fn forget_decisions_of(&self, person: &str) -> Result<u64, ServiceError>;
}
