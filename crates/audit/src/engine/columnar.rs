use super::{Engine, EngineKind, at_decision};
use crate::{AuditError, columns};
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_kernel::{CompiledRules, Judge, Verdicts};
use gongdao_rules::RuleSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Rules compiled to steps over columns.
pub struct ColumnarEngine {
    rules: Arc<CompiledRules>,
    /// Judges at rest; each remembers words and laws that it met.
    judges: Mutex<Vec<Judge>>,
}

impl ColumnarEngine {
    /// Compile the rules.
    pub fn new(rules: &RuleSet) -> Result<Self, AuditError> {
        let compiled =
            CompiledRules::new(rules).map_err(|error| AuditError::new("", error.message, error.hint).of_program())?;
        Ok(Self { rules: Arc::new(compiled), judges: Mutex::default() })
    }
}

impl Engine for ColumnarEngine {
    fn name(&self) -> &'static str {
        EngineKind::Columnar.as_str()
    }

    fn judge(&self, batch: &RecordBatch) -> Result<Verdicts, AuditError> {
        let resting = self.judges.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut judge = resting.unwrap_or_else(|| Judge::new(Arc::clone(&self.rules)));
        let verdicts = judge.judge(batch).map_err(|error| match error.row {
            Some(row) => at_decision(batch, row, &error.message, &error.hint),
            None => columns::internal(&error.message),
        })?;
        self.judges.lock().unwrap_or_else(PoisonError::into_inner).push(judge);
        Ok(verdicts)
    }
}
