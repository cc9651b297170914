//! What the tests of the gate share: packs, requests in one line, events.
#![allow(dead_code, reason = "each test file uses a part of it")]

#[path = "../../../pack/tests/support/mod.rs"]
pub(crate) mod files;

use files::Files;
use gongdao_gate::{CheckRequest, Checked, Gate, GateSettings, Initial, Oracle, StateChange, StateEvent};
use gongdao_model::{Cause, FactValue, Facts, Instant, Outcome, VersionKey};
use gongdao_pack::{Drafts, Packs};
use gongdao_rules::RuleSet;
use std::sync::Arc;

pub(crate) const IN_2023: &str = "2023-05-01T12:00:00+08:00";

/// Packs and their rules, drafts included.
pub(crate) struct Law {
    pub(crate) packs: Packs,
    pub(crate) rules: RuleSet,
}

impl Law {
    pub(crate) fn of(files: &Files) -> Self {
        let (packs, problems) = files.survey();
        assert!(problems.is_empty(), "{problems:#?}");
        let packs = packs.unwrap().with_drafts(Drafts::Included);
        let rules = RuleSet::load(&packs).unwrap_or_else(|problems| panic!("{problems:#?}"));
        Self { packs, rules }
    }

    pub(crate) fn small() -> Self {
        Self::of(&Files::good())
    }

    pub(crate) fn real() -> Self {
        Self::of(&Files::real())
    }

    pub(crate) fn gate(&self) -> Gate {
        self.gate_with(quiet(), &Initial::new())
    }

    pub(crate) fn gate_with(&self, settings: GateSettings, initial: &Initial) -> Gate {
        Gate::new(&self.packs, &self.rules, settings, initial).unwrap()
    }

    pub(crate) fn gate_beside(&self, settings: GateSettings, oracle: impl Oracle + 'static) -> Gate {
        Gate::with_oracle(&self.packs, &self.rules, settings, &Initial::new(), Arc::new(oracle)).unwrap()
    }
}

/// Settings under which the official evaluator is not asked.
pub(crate) fn quiet() -> GateSettings {
    settings("[oracle]\nshare = 0.0")
}

pub(crate) fn settings(text: &str) -> GateSettings {
    toml::from_str(text).unwrap()
}

/// `resource.optedOut=true context.minutes=240 context.purpose=ads resource.consents=[ads,dispatch]`
pub(crate) fn facts(text: &str) -> Facts {
    text.split_whitespace()
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(path, text)| (path.parse().unwrap(), value(text)))
        .collect()
}

pub(crate) fn value(text: &str) -> FactValue {
    match text {
        "true" | "false" => FactValue::Bool(text == "true"),
        number if number.parse::<i64>().is_ok() => FactValue::Long(number.parse().unwrap()),
        list if list.starts_with('[') => {
            let words = list.trim_matches(['[', ']']).split(',').filter(|word| !word.is_empty());
            FactValue::TextSet(words.map(str::to_owned).collect())
        }
        word => FactValue::Text(word.to_owned()),
    }
}

pub(crate) fn moment(text: &str) -> Instant {
    text.parse().unwrap()
}

/// A request about the person `p` by the algorithm `a`.
pub(crate) fn request(action: &str, at: &str, known: &str) -> CheckRequest {
    CheckRequest {
        id: "d-1".parse().unwrap(),
        at: moment(at),
        action: action.to_owned(),
        place: None,
        algorithm: Some("a".to_owned()),
        person: Some("p".to_owned()),
        facts: facts(known),
    }
}

/// An event of `p` or `a`: `resource.optedOut set true`, `resource.consents add [ads]`, `resource.optedOut forget`.
pub(crate) fn event(text: &str, at: &str) -> StateEvent {
    let mut parts = text.split_whitespace();
    let fact: gongdao_model::FactPath = parts.next().unwrap().parse().unwrap();
    let op = parts.next().unwrap();
    let words = |given: Option<&str>| match value(given.unwrap()) {
        FactValue::TextSet(words) => words,
        other => panic!("{other:?} is no list"),
    };
    let change = match op {
        "set" => StateChange::Set(value(parts.next().unwrap())),
        "forget" => StateChange::Forget,
        "add" => StateChange::Add(words(parts.next())),
        "remove" => StateChange::Remove(words(parts.next())),
        other => panic!("`{other}` is no change"),
    };
    let key = if fact.entity() == gongdao_model::Entity::Person { "p" } else { "a" };
    StateEvent { key: key.to_owned(), fact, change, at: moment(at), recorded_at: moment(at), seq: None }
}

/// The answer to one check.
pub(crate) fn check(gate: &Gate, request: CheckRequest) -> Checked {
    gate.check(&[request]).remove(0).unwrap()
}

/// Version, outcome and cause of each rule.
pub(crate) type Told = Vec<(VersionKey, Outcome, Option<Cause>)>;

pub(crate) fn told(checked: &Checked) -> Told {
    let rules = checked.answer.iter().flat_map(|answer| &answer.rules);
    rules.map(|verdict| (verdict.version.clone(), verdict.outcome, verdict.cause.clone())).collect()
}

/// An answer's JSON out of its frame's pieces is what serde writes of the answer, to the byte.
fn held_against_serde(answer: &gongdao_gate::Told) {
    let (brief, frame) = answer.brief().unwrap();
    let mut pieced = Vec::new();
    frame.pieces().unwrap().write(brief, &mut pieced).unwrap();
    assert_eq!(String::from_utf8(pieced).unwrap(), serde_json::to_string(answer).unwrap());
}

/// What the reference evaluator says of the same facts.
pub(crate) fn expected(rules: &RuleSet, judged: Vec<gongdao_rules::Judged>) -> Told {
    judged.into_iter().map(|one| (rules.versions[one.version].key.clone(), one.outcome, one.cause)).collect()
}

/// The outcome of a rule by its name after `#`; `silent` where it is not in force.
pub(crate) fn outcome(checked: &Checked, rule: &str) -> &'static str {
    checked.answer.iter().for_each(held_against_serde);
    let rules = checked.answer.as_ref().unwrap().rules.iter();
    let mut found = rules.filter(|verdict| verdict.version.rule.as_str().ends_with(rule));
    found.next().map_or("silent", |verdict| verdict.outcome.as_str())
}
