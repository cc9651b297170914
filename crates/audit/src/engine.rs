//! Engines: a batch of decisions in, verdict columns out. What an engine is made of, its caller cannot tell.

mod reference;
#[cfg(test)]
mod tests;
mod verdicts;

pub use reference::ReferenceEngine;
pub(crate) use verdicts::outcome;
pub use verdicts::{OUT_OF_SCOPE, Verdicts, VersionVerdicts};

use crate::AuditError;
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_rules::RuleSet;

/// Judges batches of decisions.
pub trait Engine: Send + Sync {
    /// Its word on the command line and in reports.
    fn name(&self) -> &'static str;

    /// Judge every decision of a batch whose columns are those of [`crate::columns`], state already joined.
    ///
    /// Fails only where a decision cannot be judged at all; what cannot be decided is an undetermined verdict.
    fn judge(&self, batch: &RecordBatch) -> Result<Verdicts, AuditError>;
}

/// The engines there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EngineKind {
    /// Row by row through the rule language's own evaluator.
    #[default]
    Reference,
}

impl EngineKind {
    /// Its word on the command line and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reference => "reference",
        }
    }

    /// The engine for a rule set, with so many threads within a batch.
    pub(crate) fn build(self, rules: &RuleSet, threads: usize) -> Result<Box<dyn Engine>, AuditError> {
        match self {
            Self::Reference => Ok(Box::new(ReferenceEngine::new(rules, threads)?)),
        }
    }
}
