use super::{Engine, EngineKind, at_decision};
use crate::AuditError;
use crate::columns::{self, ACTION, AT, FactReader, PLACE};
use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_kernel::Verdicts;
use gongdao_model::Instant;
use gongdao_rules::{Judged, Reference, RuleSet};
use std::ops::Range;

/// One decision after the other through [`Reference`]: slow, and what other engines are compared with.
pub struct ReferenceEngine {
    reference: Reference,
    threads: usize,
}

impl ReferenceEngine {
    /// An engine that splits each batch over `threads` threads (at least one).
    pub fn new(rules: &RuleSet, threads: usize) -> Result<Self, AuditError> {
        let reference = Reference::new(rules)
            .map_err(|error| AuditError::new("", error.message, error.hint.unwrap_or_default()))?;
        Ok(Self { reference, threads: threads.max(1) })
    }

    fn judge_rows(&self, batch: &RecordBatch, rows: Range<usize>) -> Result<Vec<Vec<Judged>>, AuditError> {
        let at = columns::column(batch, AT)?.as_primitive::<Int64Type>();
        let action = columns::column(batch, ACTION)?.as_string::<i32>();
        let place = columns::column(batch, PLACE)?.as_string::<i32>();
        let facts = FactReader::new(batch)?;
        let mut judged = Vec::with_capacity(rows.len());
        for row in rows {
            let instant = Instant::from_millis(at.value(row)).map_err(|error| columns::internal(&error.message))?;
            let code = if place.is_valid(row) { place.value(row).parse().ok() } else { None };
            let verdicts = self.reference.judge(instant, action.value(row), code, &facts.facts(row));
            let verdicts = verdicts
                .map_err(|error| at_decision(batch, row, &error.message, error.hint.as_deref().unwrap_or_default()))?;
            judged.push(verdicts);
        }
        Ok(judged)
    }
}

impl Engine for ReferenceEngine {
    fn name(&self) -> &'static str {
        EngineKind::Reference.as_str()
    }

    fn judge(&self, batch: &RecordBatch) -> Result<Verdicts, AuditError> {
        let rows = batch.num_rows();
        let share = rows.div_ceil(self.threads).max(1);
        let ranges = (0..rows).step_by(share).map(|start| start..(start + share).min(rows));
        let parts: Vec<Result<Vec<Vec<Judged>>, AuditError>> = std::thread::scope(|scope| {
            let running: Vec<_> = ranges.map(|range| scope.spawn(|| self.judge_rows(batch, range))).collect();
            let joined = running
                .into_iter()
                .map(|one| one.join().unwrap_or_else(|_| Err(columns::internal("a thread of the engine failed"))));
            joined.collect()
        });
        let mut judged = Vec::with_capacity(rows);
        for part in parts {
            judged.extend(part?);
        }
        Ok(Verdicts::from_rows(&judged))
    }
}
