use gongdao_model::{Cause, Outcome};
use gongdao_rules::Judged;
use std::collections::BTreeMap;

/// The code of a rule version that does not speak about a decision's action, day or place.
pub const OUT_OF_SCOPE: u8 = u8::MAX;

/// What an engine says of a batch: one column a rule version that was in force for any of its decisions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// Decisions in the batch.
    pub rows: usize,
    /// The columns, ordered by version index.
    pub versions: Vec<VersionVerdicts>,
    /// Causes of undetermined verdicts, each once.
    pub causes: Vec<Cause>,
}

/// One rule version's outcomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionVerdicts {
    /// Index into `RuleSet::versions`.
    pub version: usize,
    /// For each decision the position of its outcome in [`Outcome::ALL`], or [`OUT_OF_SCOPE`].
    pub outcomes: Vec<u8>,
    /// For each decision 0, or one more than the position of its cause in [`Verdicts::causes`].
    pub causes: Vec<u32>,
}

impl Verdicts {
    /// From one list of judgements a decision.
    pub fn from_rows(rows: &[Vec<Judged>]) -> Self {
        let mut columns: BTreeMap<usize, VersionVerdicts> = BTreeMap::new();
        let mut numbers: BTreeMap<Cause, u32> = BTreeMap::new();
        let mut causes = Vec::new();
        for (row, judged) in rows.iter().enumerate() {
            for one in judged {
                let column = columns.entry(one.version).or_insert_with(|| VersionVerdicts {
                    version: one.version,
                    outcomes: vec![OUT_OF_SCOPE; rows.len()],
                    causes: vec![0; rows.len()],
                });
                let number = one.cause.as_ref().map_or(0, |cause| {
                    *numbers.entry(cause.clone()).or_insert_with(|| {
                        causes.push(cause.clone());
                        u32::try_from(causes.len()).unwrap_or(0)
                    })
                });
                if let (Some(outcome), Some(cause)) = (column.outcomes.get_mut(row), column.causes.get_mut(row)) {
                    *outcome = code(one.outcome);
                    *cause = number;
                }
            }
        }
        Self { rows: rows.len(), versions: columns.into_values().collect(), causes }
    }

    /// The judgements of one decision, ordered by version.
    pub fn row(&self, row: usize) -> impl Iterator<Item = Judged> {
        self.versions.iter().filter_map(move |column| {
            let outcome = outcome(column.outcomes.get(row).copied()?)?;
            Some(Judged { version: column.version, outcome, cause: self.cause(column, row).cloned() })
        })
    }

    /// Why a version could not judge a decision.
    pub fn cause(&self, column: &VersionVerdicts, row: usize) -> Option<&Cause> {
        let number = column.causes.get(row).copied()?.checked_sub(1)?;
        self.causes.get(number as usize)
    }
}

/// The code of an outcome.
fn code(outcome: Outcome) -> u8 {
    Outcome::ALL.iter().zip(0..).find(|(known, _)| **known == outcome).map_or(OUT_OF_SCOPE, |(_, code)| code)
}

/// The outcome of a code; none for [`OUT_OF_SCOPE`].
pub(crate) fn outcome(code: u8) -> Option<Outcome> {
    Outcome::ALL.get(usize::from(code)).copied()
}
