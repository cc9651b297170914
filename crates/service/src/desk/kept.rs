//! Things of a record as they are kept. Decisions stand apart: there are many of them, and what they share is held once.

use crate::ServiceError;
use gongdao_gate::Checked;
use gongdao_model::{DecisionRecord, FactPath};
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::collections::BTreeSet;

/// One thing of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    /// As JSON has it.
    Json(Value),
    /// A decision.
    Decision(Box<KeptDecision>),
}

/// A decision of a record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeptDecision {
    /// As it was handed in.
    pub record: DecisionRecord,
    /// What the gate said, without the answer, which stands once for all decisions that have it; none for a decision that was
    /// made elsewhere.
    pub checked: Option<Checked>,
    /// Digest of the answer, which is among the verdicts; none where the gate was off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The name under which it is explained.
    pub explanation: String,
    /// Its place in the ledger.
    pub leaf: u64,
    /// The proof that it is there (docs/formats/ledger-receipt.md), where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

impl Kept {
    /// As JSON.
    ///
    /// Errors: something that JSON cannot hold, which a test excludes.
    pub fn to_json(&self) -> Result<Value, ServiceError> {
        match self {
            Self::Json(value) => Ok(value.clone()),
            Self::Decision(decision) => serde_json::to_value(decision).map_err(ServiceError::storage),
        }
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Json(value) => value.serialize(serializer),
            Self::Decision(decision) => decision.serialize(serializer),
        }
    }
}

/// Names of facts, wherever they stand in some things of a record.
pub(super) fn fact_paths<'a>(all: impl Iterator<Item = &'a Kept>) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    let mut met = BTreeSet::new();
    for kept in all {
        let decision = match kept {
            Kept::Json(value) => {
                collect_facts(value, &mut paths);
                continue;
            }
            Kept::Decision(decision) => decision,
        };
        let mut add = |fact: &FactPath| {
            if !met.contains(fact) {
                met.insert(fact.clone());
            }
        };
        decision.record.facts.iter().for_each(|(fact, _)| add(fact));
        let Some(checked) = &decision.checked else { continue };
        for facts in [&checked.seen.person, &checked.seen.algorithm, &checked.seen.parameters] {
            facts.keys().for_each(&mut add);
        }
        checked.contradictions.iter().for_each(|found| add(&found.fact));
    }
    paths.extend(met.iter().map(ToString::to_string));
    paths
}

/// Names of facts, wherever they stand: as values of `fact`, and as members of the parts of a record.
fn collect_facts(value: &Value, paths: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                match (name.as_str(), inner) {
                    ("fact", Value::String(path)) => {
                        paths.insert(path.clone());
                    }
                    ("principal" | "resource" | "context", Value::Object(facts)) => {
                        paths.extend(facts.keys().map(|fact| format!("{name}.{fact}")));
                    }
                    _ if name.contains('.') => {
                        paths.insert(name.clone());
                    }
                    _ => {}
                }
                collect_facts(inner, paths);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_facts(item, paths)),
        _ => {}
    }
}
