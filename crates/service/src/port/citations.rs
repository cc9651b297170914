use super::Projected;
use crate::ServiceError;
pub use gongdao_gate::Cited;

/// What an answer says of articles and rules; decisions with the same answer say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cites {
    /// The answer's digest.
    pub answer: [u8; 32],
    /// Articles and rules, each with a word.
    pub cited: Cited,
}

/// Decisions of a month with one outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitedCount {
    /// In Asia/Shanghai, `2026-03`.
    pub month: String,
    /// In one word.
    pub outcome: String,
    /// How many.
    pub decisions: u64,
}

/// Contests of decisions that cited an article or a rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContestCount {
    /// How many were filed.
    pub filed: u64,
    /// How many a person decided.
    pub reviewed: u64,
    /// In how many of those something was changed.
    pub changed: u64,
}

/// Which decisions cited what: part of the projection, counted as its lines are added.
pub trait Citations: Send + Sync {
    /// Decisions that cited an article or a rule, by month and outcome, the newest month first.
    fn cited(&self, subject: &str) -> Result<Vec<CitedCount>, ServiceError>;
    /// Decisions about one person that were judged, each with its answer's digest, newest first.
    fn judged_about(&self, person: &str, limit: u32) -> Result<Vec<(Projected, [u8; 32])>, ServiceError>;
    /// Contests of decisions that cited it, among those whose answers were read.
    fn contests_citing(&self, subject: &str) -> Result<ContestCount, ServiceError>;
    /// Answers of contested decisions that were not read yet.
    fn unread_contested(&self, limit: u32) -> Result<Vec<[u8; 32]>, ServiceError>;
    /// Keep what answers of contested decisions say; of one that is nowhere to be found, that it was read.
    fn put_contested(&self, answer: &[u8; 32], cited: Option<&Cited>) -> Result<(), ServiceError>;
}
