//! Rules tried on facts that are about nobody: cases of the packs, or facts put in by hand. Nothing of it is a decision, nothing is
//! logged, no state of a person or an algorithm is joined.

use crate::{Caller, Right, Service, ServiceError};
use gongdao_kernel::{Case, CompiledRules, Judge};
use gongdao_model::{Cause, Facts, Instant, Outcome, PlaceCode, ProvisionId, VersionKey};
use gongdao_rules::{Judged, Reference};
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};

/// What rules are tried on.
#[derive(Debug, Clone, PartialEq)]
pub struct Trying {
    /// When, which decides the law in force.
    pub at: Instant,
    /// What is done.
    pub action: String,
    /// Where; without it only national law speaks.
    pub place: Option<PlaceCode>,
    /// What is known. What is absent is unknown.
    pub facts: Facts,
}

/// What one evaluator says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// It.
    pub outcome: Outcome,
    /// Why it cannot be told, in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The fact that is missing, where that is why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
}

impl Said {
    fn of(judged: &Judged) -> Self {
        let missing = match &judged.cause {
            Some(Cause::MissingFact(fact)) => Some(fact.to_string()),
            _ => None,
        };
        Self { outcome: judged.outcome, cause: judged.cause.as_ref().map(ToString::to_string), missing }
    }
}

/// What a rule version in force says, twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleSaid {
    /// The version.
    pub version: VersionKey,
    /// The provision that it implements.
    pub provision: ProvisionId,
    /// By the rules as the gate has compiled them.
    pub gate: Said,
    /// By the official evaluator.
    pub official: Said,
    /// Whether both say the same.
    pub agree: bool,
}

/// Both evaluators over the rules in use.
pub(crate) struct RuleBench {
    compiled: Arc<CompiledRules>,
    reference: Reference,
}

/// Made when somebody first asks.
#[derive(Default)]
pub(crate) struct RuleBenchSlot(Mutex<Option<Arc<RuleBench>>>);

impl Service {
    /// What every rule in force says of each of these, by the gate's rules and by the official evaluator; an error where the facts
    /// do not fit the vocabulary.
    ///
    /// Errors: the caller may not.
    pub fn try_rules(
        &self,
        caller: &Caller,
        tried: &[Trying],
    ) -> Result<Vec<Result<Vec<RuleSaid>, ServiceError>>, ServiceError> {
        caller.may(Right::ReadAlarms)?;
        let bench = self.rule_bench()?;
        let mut judge = Judge::new(Arc::clone(&bench.compiled));
        Ok(tried.iter().map(|one| self.said_of(&bench, &mut judge, one)).collect())
    }

    fn said_of(&self, bench: &RuleBench, judge: &mut Judge, one: &Trying) -> Result<Vec<RuleSaid>, ServiceError> {
        // The official evaluator refuses what the vocabulary does not have.
        let official = bench.reference.judge(one.at, &one.action, one.place, &one.facts).map_err(|error| {
            ServiceError::input(error.message, error.hint.unwrap_or_else(|| "see the vocabulary".to_owned()))
        })?;
        let case = Case { at: one.at, action: &one.action, place: one.place, facts: &one.facts };
        let verdicts = judge.judge_cases(&[case]).map_err(|error| ServiceError::input(error.message, error.hint))?;
        let gate: Vec<Judged> = verdicts.row(0).collect();
        let versions = &self.gate().rules().versions;
        let mut said = Vec::with_capacity(official.len());
        for judged in &official {
            let Some(version) = versions.get(judged.version) else { continue };
            let official = Said::of(judged);
            // A rule of which the gate says nothing is one on which they differ.
            let gate = gate.iter().find(|other| other.version == judged.version).map(Said::of);
            let agree = gate.as_ref() == Some(&official);
            let silent = Said { outcome: Outcome::NotApplicable, cause: None, missing: None };
            said.push(RuleSaid {
                version: version.key.clone(),
                provision: version.provision.clone(),
                gate: gate.unwrap_or(silent),
                official,
                agree,
            });
        }
        Ok(said)
    }

    fn rule_bench(&self) -> Result<Arc<RuleBench>, ServiceError> {
        let mut held = self.rule_bench.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bench) = held.as_ref() {
            return Ok(Arc::clone(bench));
        }
        let rules = self.gate().rules();
        let compiled = CompiledRules::new(rules).map_err(|error| ServiceError::storage(error.message))?;
        let reference = Reference::new(rules).map_err(ServiceError::storage)?;
        let bench = Arc::new(RuleBench { compiled: Arc::new(compiled), reference });
        *held = Some(Arc::clone(&bench));
        Ok(bench)
    }
}
