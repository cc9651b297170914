//! Engines: a batch of decisions in, verdict columns out. What an engine is made of, its caller cannot tell.

mod both;
mod columnar;
mod reference;
#[cfg(test)]
mod tests;

pub use both::BothEngines;
pub use columnar::ColumnarEngine;
pub use reference::ReferenceEngine;

use crate::AuditError;
use crate::columns::{self, DECISION, FILE, ROW};
use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_kernel::Verdicts;
use gongdao_rules::RuleSet;
use std::path::Path;

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
    /// Rules compiled to columns.
    #[default]
    Columnar,
    /// Row by row through the rule language's own evaluator.
    Reference,
    /// Both of them; a difference ends the run.
    Both,
}

impl EngineKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Columnar, Self::Reference, Self::Both];

    /// Its word on the command line and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Columnar => "columnar",
            Self::Reference => "reference",
            Self::Both => "both",
        }
    }

    /// The engine for a rule set, with so many threads within a batch.
    pub(crate) fn build(self, rules: &RuleSet, threads: usize) -> Result<Box<dyn Engine>, AuditError> {
        Ok(match self {
            Self::Columnar => Box::new(ColumnarEngine::new(rules)?),
            Self::Reference => Box::new(ReferenceEngine::new(rules, threads)?),
            Self::Both => Box::new(BothEngines::new(rules, threads)?),
        })
    }
}

/// An error about one decision of a batch, at its place in the data.
fn at_decision(batch: &RecordBatch, row: usize, message: &str, hint: &str) -> AuditError {
    let text = |name| columns::column(batch, name).map(|array| array.as_string::<i32>().value(row).to_owned());
    let (id, file) = (text(DECISION).unwrap_or_default(), text(FILE).unwrap_or_default());
    let number = columns::column(batch, ROW).map_or(0, |array| array.as_primitive::<Int64Type>().value(row));
    AuditError::new(Path::new(&file), format!("row {number}: decision `{id}`: {message}"), hint)
}
