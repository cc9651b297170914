use super::{ColumnarEngine, Engine, EngineKind, ReferenceEngine, at_decision};
use crate::AuditError;
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_kernel::Verdicts;
use gongdao_rules::{Judged, RuleSet};

/// The columnar engine beside the reference, decision by decision.
pub struct BothEngines {
    columnar: ColumnarEngine,
    reference: ReferenceEngine,
    /// The rule versions' keys, for messages.
    keys: Vec<String>,
}

impl BothEngines {
    /// Both engines; the reference splits each batch over `threads` threads.
    pub fn new(rules: &RuleSet, threads: usize) -> Result<Self, AuditError> {
        Ok(Self {
            columnar: ColumnarEngine::new(rules)?,
            reference: ReferenceEngine::new(rules, threads)?,
            keys: rules.versions.iter().map(|version| version.key.to_string()).collect(),
        })
    }

    /// The first rule version of which the two say different things.
    fn difference(&self, columnar: &[Judged], reference: &[Judged]) -> Option<String> {
        let of = |all: &[Judged], version: usize| all.iter().find(|one| one.version == version).cloned();
        let mut versions = columnar.iter().chain(reference).map(|one| one.version);
        let differs = versions.find(|version| of(columnar, *version) != of(reference, *version))?;
        let key = self.keys.get(differs).map_or("?", String::as_str);
        let (columnar, reference) = (of(columnar, differs), of(reference, differs));
        let (columnar, reference) = (said(columnar.as_ref()), said(reference.as_ref()));
        Some(format!("the engines differ on `{key}`: columnar says {columnar}, reference says {reference}"))
    }
}

fn said(judged: Option<&Judged>) -> String {
    let Some(one) = judged else { return "nothing".to_owned() };
    let cause = one.cause.as_ref().map_or(String::new(), |cause| format!(" ({cause})"));
    format!("{}{cause}", one.outcome)
}

impl Engine for BothEngines {
    fn name(&self) -> &'static str {
        EngineKind::Both.as_str()
    }

    fn judge(&self, batch: &RecordBatch) -> Result<Verdicts, AuditError> {
        let verdicts = self.columnar.judge(batch)?;
        let reference = self.reference.judge(batch)?;
        for row in 0..batch.num_rows() {
            let (found, wanted): (Vec<Judged>, Vec<Judged>) =
                (verdicts.row(row).collect(), reference.row(row).collect());
            if let Some(message) = self.difference(&found, &wanted) {
                let hint =
                    "report this with the decision's record; `--engine reference` goes on without the columnar engine";
                return Err(at_decision(batch, row, &message, hint).of_program());
            }
        }
        Ok(verdicts)
    }
}
