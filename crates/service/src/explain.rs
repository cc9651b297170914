//! What is said of a decision to whom it concerns: out of what was captured when it was made. Shares are worked out by the rule
//! that was declared then, bound to its digest; nothing that came later changes them.

mod rule;

pub use rule::{NoShares, OutcomeShown, PreviousShown, RegionShown, RuleOfDecision, ShareShown, VersionShown};
pub(crate) use rule::{actual, outcome_under};

use crate::access::Field;
use crate::{Caller, DecisionView, Purpose, Role, Service, ServiceError};
use gongdao_gate::{Checked, Contradiction, Directive, InTrial, RegisterHold, StateFacts};
use gongdao_model::{Cause, Entity, FactPath, FactValue, Facts, Instant, Outcome, RuleVerdict};
use gongdao_rules::Grade;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Why a decision came out as it did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The decision.
    pub decision: String,
    /// When it was made.
    pub at: Instant,
    /// What was done.
    pub action: Named,
    /// By which algorithm, in which version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
    /// What the gate told the operator to do; none for a decision that was made without asking it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Directive>,
    /// Why the register did not let the version decide, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register: Option<RegisterHold>,
    /// The trial whose version decided, and why it did not let it, where it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trial: Option<InTrial>,
    /// What the declared rule says of it.
    pub rule: RuleOfDecision,
    /// What was known of it: by whom, as of when.
    pub factors: Vec<FactorShown>,
    /// Where the operator said something else than what was held.
    pub contradictions: Vec<Contradiction>,
    /// What each rule that speaks about it says, with its provision.
    pub verdicts: Vec<RuleVerdict>,
    /// How many rules were looked at and do not speak about it.
    pub not_applicable: u64,
    /// Declared factors that were not used: none where nobody said which were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_used: Option<BTreeSet<String>>,
    /// Facts that rules needed and nobody recorded.
    pub missing: BTreeSet<FactPath>,
    /// Who decided.
    pub decided_by: DecidedBy,
    /// What the person can do.
    pub contest: Vec<ContestWay>,
    /// What is not shown to whoever asks, and why: keys of the catalogue below `explain.withheld`.
    pub withheld: BTreeSet<&'static str>,
    /// Whose ledger has it.
    pub origin: String,
    /// Its place there.
    pub leaf: u64,
}

/// A word with its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// The word.
    pub word: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// One thing that was known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FactorShown {
    /// Its path.
    pub fact: FactPath,
    /// What it was.
    pub value: FactValue,
    /// Where it came from.
    pub source: Source,
    /// As of when.
    pub at: Instant,
    /// `observed`, `derived`, or `asserted`: the operator's own claim.
    pub grade: &'static str,
    /// The unit of a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What it means, Chinese.
    pub zh: String,
    /// What it means, English.
    pub en: String,
    /// Whether it is about the person, who can have it corrected (PIPL art. 46).
    pub correctable: bool,
}

/// Where a fact came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The operator gave it with the decision.
    Given,
    /// The person's state, as recorded choices made it.
    Person,
    /// The algorithm's state, as it was registered.
    Algorithm,
    /// A number that the law sets.
    Law,
}

/// Who decided, as far as it was recorded. What nobody recorded is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DecidedBy {
    /// A machine took part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automated: Option<bool>,
    /// A machine alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub solely_automated: Option<bool>,
    /// A person looked at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewed_by_person: Option<bool>,
}

/// Something that the person can do, with its articles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContestWay {
    /// The kind of request that is filed at `/v1/cases`.
    pub kind: &'static str,
    /// Its name, Chinese.
    pub zh: String,
    /// Its name, English.
    pub en: String,
    /// The articles that it rests on.
    pub rests_on: Vec<String>,
    /// The provider's published limit for the answer, in the words of a period; none where none is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
}

impl Service {
    /// Why a decision came out as it did. Whoever may see the decision may have it explained; a look by another is logged.
    ///
    /// Errors: as for the decision.
    pub fn explanation(&self, caller: &Caller, id: &str, purpose: &Purpose) -> Result<Explanation, ServiceError> {
        let view = self.decision_for_desk(caller, id, purpose)?;
        let word = view.record.action.clone();
        let named = self.vocabulary.actions.get(&word);
        let (zh, en) = named.map(|named| (named.zh.clone(), named.en.clone())).unwrap_or_default();
        let answer = view.checked.as_ref().and_then(|checked| checked.answer.as_ref());
        let (verdicts, rest): (Vec<RuleVerdict>, Vec<RuleVerdict>) = answer
            .map(|answer| answer.rules.clone())
            .unwrap_or_default()
            .into_iter()
            .partition(|rule| rule.outcome != Outcome::NotApplicable);
        let missing = verdicts.iter().filter_map(|rule| match &rule.cause {
            Some(Cause::MissingFact(path)) => Some(path.clone()),
            _ => None,
        });
        let known = known(&view);
        Ok(Explanation {
            decision: view.record.id.to_string(),
            at: view.record.at,
            action: Named { word, zh, en },
            algorithm: view.record.algorithm.clone(),
            effect: view.checked.as_ref().map(|checked| checked.effect),
            register: view.checked.as_ref().and_then(|checked| checked.register),
            trial: view.checked.as_ref().and_then(|checked| checked.trial.clone()),
            rule: self.rule_of(&view, &known)?,
            factors: self.factors(&view),
            contradictions: view.checked.as_ref().map(|checked| checked.contradictions.clone()).unwrap_or_default(),
            missing: missing.collect(),
            not_applicable: rest.len() as u64,
            verdicts,
            not_used: not_used(&known),
            decided_by: DecidedBy {
                automated: flag(&known, "context.automatedDecision"),
                solely_automated: flag(&known, "context.solelyAutomated"),
                reviewed_by_person: flag(&known, "context.reviewedByPerson"),
            },
            contest: self.ways(caller)?,
            withheld: withheld(&view),
            origin: view.place.node.to_string(),
            leaf: view.place.leaf,
        })
    }

    fn factors(&self, view: &DecisionView) -> Vec<FactorShown> {
        let mut factors = Vec::new();
        let mut add = |facts: &mut dyn Iterator<Item = (&FactPath, &FactValue)>, source: Source, at: Instant| {
            for (fact, value) in facts {
                let declared = self.vocabulary.facts.get(fact);
                factors.push(FactorShown {
                    fact: fact.clone(),
                    value: value.clone(),
                    source,
                    at,
                    grade: declared.map_or("observed", |declared| grade(declared.grade)),
                    unit: declared.and_then(|declared| declared.unit.clone()),
                    zh: declared.map(|declared| declared.zh.clone()).unwrap_or_default(),
                    en: declared.map(|declared| declared.en.clone()).unwrap_or_default(),
                    correctable: matches!(fact.entity(), Entity::Person | Entity::Decision),
                });
            }
        };
        add(&mut view.record.facts.iter(), Source::Given, view.record.at);
        if let Some(checked) = &view.checked {
            add(&mut checked.seen.person.iter(), Source::Person, checked.state_at);
            add(&mut checked.seen.algorithm.iter(), Source::Algorithm, checked.state_at);
            add(&mut checked.seen.parameters.iter(), Source::Law, view.record.at);
        }
        factors
    }

    /// What the person can do about it; the articles are those of the desk's table.
    fn ways(&self, caller: &Caller) -> Result<Vec<ContestWay>, ServiceError> {
        use gongdao_desk::RequestKind;
        // Machines and engineers contest nothing.
        if caller.roles.iter().all(|role| matches!(role, Role::Machine | Role::Engineer)) {
            return Ok(Vec::new());
        }
        let limits = self.desk_limits()?.value;
        let way = |kind: RequestKind| {
            let right = self.desk.rights.of(kind)?;
            let limit = if kind == RequestKind::Contest { limits.review } else { limits.answer };
            Ok(ContestWay {
                kind: kind.as_str(),
                zh: right.zh.clone(),
                en: right.en.clone(),
                rests_on: right.rests_on.iter().map(ToString::to_string).collect(),
                limit: limit.map(|limit| limit.0.to_string()),
            })
        };
        [RequestKind::Contest, RequestKind::Correct, RequestKind::Explain, RequestKind::Complain]
            .into_iter()
            .map(way)
            .collect()
    }
}

/// All that was known: what was held goes before what was given.
fn known(view: &DecisionView) -> StateFacts {
    all_known(&view.record.facts, view.checked.as_ref())
}

/// The same of a decision as the ledger has it.
pub(crate) fn all_known(given: &Facts, checked: Option<&Checked>) -> StateFacts {
    let mut known: StateFacts =
        given.iter().map(|(fact, value)| (fact.clone(), value.clone())).collect::<BTreeMap<_, _>>();
    if let Some(Checked { seen, .. }) = checked {
        for facts in [&seen.person, &seen.algorithm, &seen.parameters] {
            known.extend(facts.iter().map(|(fact, value)| (fact.clone(), value.clone())));
        }
    }
    known
}

fn fact<'a>(known: &'a StateFacts, path: &str) -> Option<&'a FactValue> {
    fact_of(known, &path.parse().ok()?)
}

fn fact_of<'a>(known: &'a StateFacts, path: &FactPath) -> Option<&'a FactValue> {
    known.get(path)
}

fn flag(known: &StateFacts, path: &str) -> Option<bool> {
    match fact(known, path) {
        Some(FactValue::Bool(value)) => Some(*value),
        _ => None,
    }
}

/// Declared and not used. Where either is unknown, so is this.
fn not_used(known: &StateFacts) -> Option<BTreeSet<String>> {
    let (Some(FactValue::TextSet(declared)), Some(FactValue::TextSet(used))) =
        (fact(known, "principal.declaredFactors"), fact(known, "context.factorsUsed"))
    else {
        return None;
    };
    Some(declared.difference(used).cloned().collect())
}

fn withheld(view: &DecisionView) -> BTreeSet<&'static str> {
    let mut withheld = BTreeSet::new();
    if !view.fields.contains(&Field::Facts) {
        withheld.insert("facts");
    }
    if !view.fields.contains(&Field::Verdicts) {
        withheld.insert("verdicts");
    }
    match &view.checked {
        None if view.fields.contains(&Field::Verdicts) => withheld.insert("not-checked"),
        Some(checked) if checked.answer.is_none() => withheld.insert("gate-off"),
        _ => false,
    };
    withheld
}

fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Observed => "observed",
        Grade::Derived => "derived",
        Grade::Asserted => "asserted",
    }
}
