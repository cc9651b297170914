//! What a check sees of the state: withdrawals, late events, events of one instant, events dated ahead, unknown facts.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_gate::{Initial, StateEvent};
use gongdao_model::Entity;
use std::sync::mpsc::sync_channel;
use support::{Law, check, event, moment, outcome, quiet, request, value};

const BASIS: &str = "3#basis";
const KNOWN: &str =
    "context.personalInformation=true context.purpose=dispatch context.necessary=false context.minutes=1";

fn at(clock: &str) -> String {
    format!("2023-05-01T{clock}+08:00")
}

#[test]
fn a_withdrawal_counts_in_the_very_next_check() {
    let gate = Law::small().gate();
    let basis = |clock: &str| outcome(&check(&gate, request("dispatch", &at(clock), KNOWN)), BASIS);
    gate.apply(&event("resource.consents set [dispatch]", &at("09:00:00"))).unwrap();
    assert_eq!(basis("12:00:00"), "satisfied");
    gate.apply(&event("resource.consents remove [dispatch]", &at("12:00:00"))).unwrap();
    assert_eq!(basis("12:00:00"), "violated");
}

#[test]
fn a_withdrawal_counts_for_a_caller_whose_clock_is_behind() {
    let gate = Law::small().gate();
    let basis = |clock: &str| outcome(&check(&gate, request("dispatch", &at(clock), KNOWN)), BASIS);
    gate.apply(&event("resource.consents set [dispatch]", &at("09:00:00"))).unwrap();
    gate.apply(&event("resource.consents remove [dispatch]", &at("12:00:00"))).unwrap();
    assert_eq!(basis("11:59:59"), "violated", "it was acknowledged before this check began");
    let past = gate.check_as_of(&[request("dispatch", &at("11:59:59"), KNOWN)]).remove(0).unwrap();
    assert_eq!(outcome(&past, BASIS), "satisfied", "a decision of the past is judged by the state of its instant");
}

#[test]
fn a_withdrawal_counts_in_the_next_check_of_every_other_thread() {
    let gate = Law::small().gate();
    gate.apply(&event("resource.consents set [dispatch]", &at("09:00:00"))).unwrap();
    std::thread::scope(|scope| {
        let (ask, asked) = sync_channel::<()>(0);
        let (tell, told) = sync_channel::<&'static str>(0);
        let other = &gate;
        scope.spawn(move || {
            while asked.recv().is_ok() {
                tell.send(outcome(&check(other, request("dispatch", &at("12:00:00"), KNOWN)), BASIS)).unwrap();
            }
        });
        let on_the_other_thread = || {
            ask.send(()).unwrap();
            told.recv().unwrap()
        };
        for round in 0..200 {
            let (change, expected) = if round % 2 == 0 { ("remove", "violated") } else { ("add", "satisfied") };
            let clock = format!("12:{:02}:{:02}", round / 60, round % 60);
            gate.apply(&event(&format!("resource.consents {change} [dispatch]"), &at(&clock))).unwrap();
            assert_eq!(on_the_other_thread(), expected, "round {round}");
        }
        drop(ask);
    });
}

#[test]
fn the_state_of_an_instant_follows_time_then_number_then_arrival() {
    let consents = |events: &[(&str, &str, Option<i64>)], clock: &str| {
        let gate = Law::small().gate();
        for (words, at_clock, seq) in events {
            gate.apply(&StateEvent { seq: *seq, ..event(&format!("resource.consents {words}"), &at(at_clock)) })
                .unwrap();
        }
        gate.state_of(Entity::Person, "p", moment(&at(clock))).remove(&"resource.consents".parse().unwrap())
    };
    for (name, events, clock, expected) in [
        ("nothing happened", vec![], "12:00:00", None),
        ("before it", vec![("set [a]", "12:00:00", None)], "11:59:59", None),
        ("at its instant", vec![("set [a]", "12:00:00", None)], "12:00:00", Some("[a]")),
        (
            "two of one instant, by arrival",
            vec![("set [a]", "12:00:00", None), ("set [b]", "12:00:00", None)],
            "12:00:00",
            Some("[b]"),
        ),
        (
            "two of one instant, by number",
            vec![("set [a]", "12:00:00", Some(2)), ("set [b]", "12:00:00", Some(1))],
            "12:00:00",
            Some("[a]"),
        ),
        (
            "a late one does not override a younger one",
            vec![("set [b]", "12:00:00", None), ("set [a]", "11:00:00", None)],
            "12:30:00",
            Some("[b]"),
        ),
        (
            "a late one counts from its instant",
            vec![("set [b]", "12:00:00", None), ("set [a]", "11:00:00", None)],
            "11:30:00",
            Some("[a]"),
        ),
        (
            "a late word joins what came after",
            vec![("set [a]", "10:00:00", None), ("add [c]", "12:00:00", None), ("add [b]", "11:00:00", None)],
            "12:30:00",
            Some("[a,b,c]"),
        ),
    ] {
        assert_eq!(consents(&events, clock), expected.map(value), "{name}");
    }
}

#[test]
fn an_event_dated_ahead_counts_from_its_instant_on() {
    let gate = Law::small().gate();
    let narrow = |clock: &str| {
        outcome(
            &check(
                &gate,
                request("recommend", &at(clock), "context.personalised=true context.personalInformation=false"),
            ),
            "2#stop",
        )
    };
    gate.apply(&event("resource.optedOut set false", &at("09:00:00"))).unwrap();
    gate.apply(&StateEvent {
        recorded_at: moment(&at("10:00:00")),
        ..event("resource.optedOut set true", &at("12:00:00"))
    })
    .unwrap();
    assert_eq!(narrow("11:59:59"), "not-applicable");
    assert_eq!(narrow("12:00:00"), "violated");
}

#[test]
fn the_state_wins_over_the_caller_and_the_answer_says_so() {
    let initial: Initial = [("resource.optedOut".parse().unwrap(), value("false"))].into();
    for (name, events, given, optedout, contradiction) in [
        ("nobody knows", vec![], "", "undetermined", None),
        ("the caller alone", vec![], "resource.optedOut=false", "not-applicable", None),
        ("both agree", vec!["resource.optedOut set true"], "resource.optedOut=true", "violated", None),
        (
            "the caller denies it",
            vec!["resource.optedOut set true"],
            "resource.optedOut=false",
            "violated",
            Some("true"),
        ),
        (
            "the caller claims what was forgotten",
            vec!["resource.optedOut forget"],
            "resource.optedOut=false",
            "undetermined",
            Some("unknown"),
        ),
        (
            "known again",
            vec!["resource.optedOut forget", "resource.optedOut set true"],
            "resource.optedOut=false",
            "violated",
            Some("true"),
        ),
    ] {
        let gate = Law::small().gate();
        for one in events {
            gate.apply(&event(one, &at("09:00:00"))).unwrap();
        }
        let known = format!("{given} context.personalised=true context.personalInformation=false");
        let checked = check(&gate, request("recommend", &at("12:00:00"), &known));
        assert_eq!(outcome(&checked, "2#stop"), optedout, "{name}");
        let held = |held: &Option<gongdao_model::FactValue>| {
            held.as_ref().map_or("unknown".to_owned(), |value| serde_json::to_string(value).unwrap())
        };
        let found = checked.contradictions.first().map(|one| held(&one.held));
        assert_eq!(found.as_deref(), contradiction, "{name}");
    }
    let gate = Law::small().gate_with(quiet(), &initial);
    let known = "resource.optedOut=true context.personalised=true context.personalInformation=false";
    let checked = check(&gate, request("recommend", &at("12:00:00"), known));
    assert_eq!(outcome(&checked, "2#stop"), "not-applicable", "who has no event has the initial value");
    let nobody = gongdao_gate::CheckRequest { person: None, ..request("recommend", &at("12:00:00"), known) };
    assert_eq!(outcome(&check(&gate, nobody), "2#stop"), "violated", "without a person there is no state");
}

#[test]
fn a_word_added_to_an_unknown_set_takes_the_claim_from_the_caller() {
    let gate = Law::small().gate();
    let known = format!("{KNOWN} resource.consents=[dispatch]");
    let basis = || outcome(&check(&gate, request("dispatch", &at("12:00:00"), &known)), BASIS);
    assert_eq!(basis(), "satisfied");
    gate.apply(&event("resource.consents remove [dispatch]", &at("11:00:00"))).unwrap();
    assert_eq!(basis(), "undetermined", "something was withdrawn, and nobody knows what is left");
}

#[test]
fn the_answer_holds_the_joined_facts_that_the_rules_in_force_refer_to() {
    let gate = Law::small().gate();
    gate.apply(&event("resource.consents set [dispatch]", &at("09:00:00"))).unwrap();
    gate.apply(&event("resource.optedOut set true", &at("09:00:00"))).unwrap();
    gate.apply(&event("principal.filed set true", &at("09:00:00"))).unwrap();
    let checked = check(&gate, request("dispatch", "2024-05-01T12:00:00+08:00", KNOWN));
    let seen = serde_json::to_value(&checked.seen).unwrap();
    let expected = serde_json::json!({
        "person": {"resource.consents": ["dispatch"]},
        "algorithm": {"principal.filed": true},
        "parameters": {"context.parameters.limitMinutes": 200},
    });
    assert_eq!(seen, expected);
    for _ in 0..2 {
        let mut json = b"before".to_vec();
        assert!(checked.seen.write_json(&mut json));
        assert_eq!(json, [b"before".as_slice(), &serde_json::to_vec(&checked.seen).unwrap()].concat());
    }
    let text = serde_json::to_string(&checked).unwrap();
    let back: gongdao_gate::Checked = serde_json::from_str(&text).unwrap();
    assert_eq!(back, checked, "the answer can be read back: {text}");
}

/// Facts and answers are made when somebody looks. What has happened since then must not show in them.
#[test]
fn an_answer_that_is_looked_into_later_says_what_was_so_at_the_check() {
    let gate = Law::small().gate();
    gate.apply(&event("resource.consents set [dispatch]", &at("09:00:00"))).unwrap();
    let asked = || check(&gate, request("dispatch", "2024-05-01T12:00:00+08:00", KNOWN));
    let (looked_into, kept) = (asked(), asked());
    let at_once = serde_json::to_value(&looked_into).unwrap();
    gate.apply(&event("resource.consents remove [dispatch]", &at("10:00:00"))).unwrap();
    let after = asked();
    assert_ne!(serde_json::to_value(&after).unwrap()["seen"], at_once["seen"]);
    assert_ne!(after.answer, kept.answer);
    drop(gate);
    assert_eq!(serde_json::to_value(&kept).unwrap(), at_once);
}

#[test]
fn an_event_that_cannot_be_applied_changes_nothing() {
    let gate = Law::small().gate();
    gate.apply(&event("resource.consents set [dispatch]", &at("09:00:00"))).unwrap();
    let before = gate.state_of(Entity::Person, "p", moment(&at("12:00:00")));
    for (bad, message) in [
        (
            event("resource.consents set true", &at("10:00:00")),
            "`resource.consents` is of type Set<String> and not Bool",
        ),
        (
            event("resource.optedOut add [x]", &at("10:00:00")),
            "`resource.optedOut` is of type Bool and not Set<String>",
        ),
        (event("resource.nothing set true", &at("10:00:00")), "`resource.nothing` is no fact of the state"),
        (event("context.minutes set 1", &at("10:00:00")), "`context.minutes` is no fact of the state"),
        (
            StateEvent { key: " ".to_owned(), ..event("resource.optedOut set true", &at("10:00:00")) },
            "the event has no key",
        ),
    ] {
        assert_eq!(gate.validate(&bad).unwrap_err().message, message);
        let refusal = gate.apply(&bad).unwrap_err();
        assert_eq!(refusal.message, message);
        assert!(!refusal.hint.is_empty(), "{message}: no hint");
    }
    assert_eq!(gate.state_of(Entity::Person, "p", moment(&at("12:00:00"))), before);
}

#[test]
fn a_number_that_the_packs_set_is_not_the_callers_to_say() {
    let gate = Law::small().gate();
    let known = "context.minutes=240 context.personalInformation=false";
    for (given, limit, contradicted) in [
        ("", "not-applicable", false),
        ("context.parameters.limitMinutes=100", "not-applicable", true),
        ("context.parameters.limitMinutes=240", "not-applicable", false),
    ] {
        let checked = check(&gate, request("dispatch", &at("12:00:00"), &format!("{known} {given}")));
        assert_eq!(outcome(&checked, "1#limit"), limit, "{given}");
        assert_eq!(!checked.contradictions.is_empty(), contradicted, "{given}");
    }
    let over = check(
        &gate,
        request(
            "dispatch",
            &at("12:00:00"),
            "context.minutes=241 context.personalInformation=false context.parameters.limitMinutes=999",
        ),
    );
    assert_eq!(outcome(&over, "1#limit"), "violated");
}
