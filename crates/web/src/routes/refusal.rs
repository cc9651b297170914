//! Rows that were refused, as problems, and places in the ledger.

use crate::problem::{Problem, ProblemKind};
use gongdao_i18n::{Catalogue, Language};
use gongdao_service::ingest::{BodyFault, RowFault};
use gongdao_service::{Place, RowRefusal};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Where a record stands in a ledger.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LedgerPosition {
    /// Which ledger: its origin
    origin: String,
    /// The entry's place, from 0
    leaf: u64,
}

impl LedgerPosition {
    pub(crate) fn of(place: &Place) -> Self {
        Self { origin: place.node.to_string(), leaf: place.leaf }
    }
}

/// A row that was refused
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusedRow {
    /// 1-based
    row: u64,
    /// Why
    #[schema(value_type = crate::schema::Problem)]
    problem: Map<String, Value>,
    #[serde(skip)]
    untold: Problem,
}

impl RefusedRow {
    pub(crate) fn of_problem(row: u64, untold: Problem) -> Self {
        Self { row, problem: Map::new(), untold }
    }

    pub(crate) fn of_faults(row: u64, faults: &[RowFault]) -> Self {
        Self::of_problem(row, of_faults(faults))
    }

    pub(crate) fn into_problem(self) -> Problem {
        self.untold
    }

    /// With the problem in words.
    pub(crate) fn told(self, catalogue: &Catalogue, language: Language) -> Self {
        Self { problem: self.untold.json(catalogue, language), ..self }
    }
}

/// A record with everything that is wrong with it.
fn of_faults(faults: &[RowFault]) -> Problem {
    let first = faults.first();
    let problem = Problem {
        detail: first.map(|fault| fault.message.clone()),
        hint: first.and_then(|fault| fault.hint.clone()),
        ..Problem::of(ProblemKind::Input)
    };
    problem.with("errors", serde_json::to_value(faults).unwrap_or_default())
}

/// A body of which nothing, or not everything, can be read.
pub(crate) fn of_rows(fault: &BodyFault) -> Problem {
    let problem = Problem::new(ProblemKind::Malformed, fault.message.clone(), fault.hint.clone());
    match fault.after_row {
        Some(row) => problem.with("after_row", row),
        None => problem,
    }
}

/// A row that is not in the ledger.
pub(crate) fn of_row(refusal: RowRefusal) -> Problem {
    match refusal {
        RowRefusal::Check(refusal) => {
            let kind = match refusal.kind {
                gongdao_gate::RefusalKind::Failed => ProblemKind::Internal,
                _ => ProblemKind::Input,
            };
            let word = serde_json::to_value(refusal.kind).unwrap_or_default();
            Problem::new(kind, refusal.message, refusal.hint).with("refusal", word)
        }
        RowRefusal::Duplicate { is_same } => {
            let detail =
                if is_same { "the same decision was logged before" } else { "another decision has this identifier" };
            Problem::new(ProblemKind::Taken, detail, "give every decision an identifier of its own")
                .with("same", is_same)
        }
        RowRefusal::Service(error) => error.into(),
    }
}
