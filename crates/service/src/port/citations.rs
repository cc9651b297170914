use super::Projected;
use crate::ServiceError;

/// What an answer says of the articles and rules that speak; decisions with the same answer share one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cites {
    /// The answer, by a number out of its digest.
    pub answer: i64,
    /// Articles and rules, by their identifiers, each with an outcome in one word.
    pub subjects: Vec<(String, &'static str)>,
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
    /// Those about one person with their outcomes, newest first.
    fn cited_about(&self, subject: &str, person: &str, limit: u32) -> Result<Vec<(Projected, String)>, ServiceError>;
    /// Contests of decisions that cited it.
    fn contests_citing(&self, subject: &str) -> Result<ContestCount, ServiceError>;
}
