//! The official evaluator beside the gate: who disagrees is stopped and an alarm is raised.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_gate::{Gate, GateSettings, Oracle, StopReason};
use gongdao_model::{Cause, Facts, Instant, Outcome, PlaceCode};
use gongdao_rules::{Judged, Reference};
use support::{IN_2023, Law, check, outcome, request, settings};

/// The reference evaluator, but one rule of it errs.
#[derive(Debug)]
struct Erring {
    reference: Reference,
    version: usize,
    says: Option<Outcome>,
}

impl Erring {
    fn of(law: &Law, rule: &str, says: Option<Outcome>) -> Self {
        let version = law.rules.versions.iter().position(|version| version.key.rule.as_str().ends_with(rule));
        Self { reference: Reference::new(&law.rules).unwrap(), version: version.unwrap(), says }
    }
}

impl Oracle for Erring {
    fn judge(&self, at: Instant, action: &str, place: Option<PlaceCode>, facts: &Facts) -> Result<Vec<Judged>, String> {
        let mut judged = Oracle::judge(&self.reference, at, action, place, facts)?;
        match self.says {
            Some(says) => {
                for one in judged.iter_mut().filter(|one| one.version == self.version) {
                    (one.outcome, one.cause) = (says, None);
                }
            }
            None => judged.retain(|one| one.version != self.version),
        }
        Ok(judged)
    }
}

/// It cannot judge anything.
#[derive(Debug)]
struct Broken;

impl Oracle for Broken {
    fn judge(&self, _: Instant, _: &str, _: Option<PlaceCode>, _: &Facts) -> Result<Vec<Judged>, String> {
        Err("out of order".to_owned())
    }
}

fn always(wait: bool) -> GateSettings {
    settings(&format!("[oracle]\nshare = 1.0\nwait = {wait}"))
}

const KNOWN: &str = "context.minutes=1 context.personalInformation=true context.necessary=false resource.consents=[] \
                     context.purpose=dispatch";

fn ask(gate: &Gate) -> gongdao_gate::Checked {
    check(gate, request("dispatch", IN_2023, KNOWN))
}

#[test]
fn evaluators_that_agree_raise_no_alarm() {
    for wait in [false, true] {
        let law = Law::small();
        let gate = law.gate_with(always(wait), &gongdao_gate::Initial::new());
        for _ in 0..10 {
            ask(&gate);
        }
        gate.settle();
        assert_eq!((gate.oracle_counts().compared, gate.oracle_counts().left_out), (10, 0), "wait = {wait}");
        assert!(gate.alarms().is_empty() && gate.stopped().is_empty(), "{:?}", gate.alarms());
    }
}

#[test]
fn a_rule_on_which_they_differ_is_stopped_and_an_alarm_says_what_each_said() {
    let law = Law::small();
    let gate = law.gate_beside(always(false), Erring::of(&law, "1#limit", Some(Outcome::Violated)));
    let first = ask(&gate);
    assert_eq!(outcome(&first, "1#limit"), "not-applicable", "the answer did not wait");
    gate.settle();
    let alarm = gate.alarms().remove(0);
    assert_eq!(alarm.version.as_ref().unwrap().to_string(), "cn.example/1#limit@2022-03-01");
    assert_eq!(alarm.gate.unwrap().outcome, Some(Outcome::NotApplicable));
    assert_eq!(alarm.official.unwrap().outcome, Some(Outcome::Violated));
    assert_eq!(alarm.decision.as_str(), "d-1");
    let stopped = gate.stopped().remove(0);
    assert_eq!(stopped.reason, StopReason::Divergence { alarm: alarm.number });
    let next = ask(&gate);
    let verdict =
        next.answer.as_ref().unwrap().rules.iter().find(|verdict| verdict.version == stopped.version).unwrap();
    assert_eq!(verdict.outcome, Outcome::Undetermined);
    assert_eq!(verdict.cause, Some(Cause::EngineError("the rule is stopped".to_owned())));
    assert_ne!(next.effect.as_str(), "proceed");
    gate.settle();
    assert_eq!(gate.alarms().len(), 1, "it alarms once");
    assert!(gate.alarms_after(1).is_empty());
    assert!(gate.resume(&stopped.version).unwrap());
    assert_eq!(outcome(&ask(&gate), "1#limit"), "not-applicable", "somebody has looked and lets it judge again");
}

#[test]
fn an_answer_that_waits_is_right_itself() {
    let law = Law::small();
    for says in [Some(Outcome::Violated), Some(Outcome::Satisfied), None] {
        let gate = law.gate_beside(always(true), Erring::of(&law, "1#limit", says));
        let checked = ask(&gate);
        assert_eq!(outcome(&checked, "1#limit"), "undetermined", "{says:?}");
        assert_ne!(checked.effect.as_str(), "proceed");
        assert_eq!(gate.alarms().len(), 1);
    }
}

#[test]
fn a_demand_is_open_while_its_basis_is_stopped() {
    let law = Law::small();
    let gate = law.gate();
    assert_eq!(outcome(&ask(&gate), "3#basis"), "violated");
    let consent = law.rules.versions.iter().find(|version| version.key.rule.as_str().ends_with("3/1#consent")).unwrap();
    let reason = StopReason::Ordered { note: "regulator's order 5".to_owned() };
    gate.stop(&consent.key, reason.clone()).unwrap();
    let checked = ask(&gate);
    assert_eq!((outcome(&checked, "3/1#consent"), outcome(&checked, "3#basis")), ("undetermined", "undetermined"));
    assert_eq!(gate.stopped()[0].reason, reason);
    gate.stop(&consent.key, StopReason::Ordered { note: "again".to_owned() }).unwrap();
    assert_eq!(gate.stopped()[0].reason, reason, "the first reason stays");
    let nowhere = gongdao_model::VersionKey { from: "1999-01-01".parse().unwrap(), ..consent.key.clone() };
    assert!(gate.stop(&nowhere, reason).is_err() && gate.resume(&nowhere).is_err());
}

#[test]
fn what_is_stopped_already_is_not_compared() {
    let law = Law::small();
    let gate = law.gate_beside(always(true), Erring::of(&law, "1#limit", Some(Outcome::Violated)));
    let limit = law.rules.versions.iter().find(|version| version.key.rule.as_str().ends_with("1#limit")).unwrap();
    gate.stop(&limit.key, StopReason::Ordered { note: "by order".to_owned() }).unwrap();
    ask(&gate);
    assert!(gate.alarms().is_empty(), "{:?}", gate.alarms());
}

#[test]
fn an_official_evaluator_that_fails_raises_an_alarm() {
    let law = Law::small();
    let gate = law.gate_beside(always(false), Broken);
    assert_eq!(outcome(&ask(&gate), "1#limit"), "not-applicable");
    gate.settle();
    let alarm = gate.alarms().remove(0);
    assert_eq!((alarm.error.as_deref(), alarm.version), (Some("out of order"), None));
    assert!(gate.stopped().is_empty(), "no rule is to blame");
}

#[test]
fn the_share_is_met_evenly_whatever_the_batches() {
    let law = Law::small();
    for (share, checks, compared) in [(0.0, 1_000, 0), (0.1, 1_000, 100), (0.25, 10, 2), (1.0, 17, 17)] {
        for size in [1, 7] {
            let gate = law
                .gate_with(settings(&format!("[oracle]\nshare = {share}\nwait = true")), &gongdao_gate::Initial::new());
            let requests: Vec<_> = (0..checks).map(|_| request("dispatch", IN_2023, KNOWN)).collect();
            for batch in requests.chunks(size) {
                gate.check(batch);
            }
            assert_eq!(gate.oracle_counts().compared, compared, "{share} of {checks} by {size}");
        }
    }
}
