//! The law of this repository: every case of every rule through the gate and through the reference evaluator.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_gate::{Brief, CheckRequest, Frame, StateChange, StateEvent};
use gongdao_model::{Entity, FactValue, Facts};
use gongdao_pack::RuleCase;
use gongdao_rules::{Appraisal, Reference, appraisal};
use std::collections::BTreeMap;
use support::{Law, Told, expected, told};

/// The cases that the reference takes, with what it says; facts outside the vocabulary are refused by both.
fn cases(law: &Law) -> Vec<(&RuleCase, Told, Appraisal)> {
    let reference = Reference::new(&law.rules).unwrap();
    let files = law.packs.instruments.iter().flat_map(|pack| &pack.rule_files).filter_map(|file| file.cases.as_ref());
    let cases = files.flat_map(|file| &file.groups).flat_map(|group| &group.cases);
    let judged = cases.filter_map(|case| {
        // At the gate a number that the packs set goes before what a caller says.
        let mut facts = case.facts.clone();
        for (path, number) in law.rules.parameters(case.at.date_in_shanghai(), case.place) {
            facts.insert(path, FactValue::Long(number));
        }
        let judged = reference.judge(case.at, &case.action, case.place, &facts).ok()?;
        let appraisal = appraisal(&law.rules, "d".parse().unwrap(), &judged);
        Some((case, expected(&law.rules, judged), appraisal))
    });
    judged.collect()
}

fn as_request(number: usize, case: &RuleCase, facts: Facts, key: Option<String>) -> CheckRequest {
    CheckRequest {
        id: format!("d-{number}").parse().unwrap(),
        at: case.at,
        action: case.action.clone(),
        place: case.place,
        algorithm: key.clone(),
        person: key,
        facts,
    }
}

#[test]
fn every_case_of_every_rule_is_answered_as_the_reference_judges_it() {
    let law = Law::real();
    let cases = cases(&law);
    assert!(cases.len() > 2_000, "{} cases", cases.len());
    let gate = law.gate();
    let requests: Vec<CheckRequest> =
        cases.iter().enumerate().map(|(at, (case, ..))| as_request(at, case, case.facts.clone(), None)).collect();
    let together = gate.check(&requests);
    for (((case, expected, _), request), answer) in cases.iter().zip(&requests).zip(together) {
        let answer = answer.unwrap();
        assert_eq!(told(&answer), *expected, "{}", case.name);
        assert_eq!((&answer.decision, answer.at), (&request.id, request.at), "{}", case.name);
        let alone = gate.check(std::slice::from_ref(request)).remove(0).unwrap();
        assert_eq!(alone, answer, "alone: {}", case.name);
    }
}

#[test]
fn facts_of_persons_and_algorithms_count_the_same_when_they_come_from_the_state() {
    let law = Law::real();
    let cases = cases(&law);
    let gate = law.gate();
    let mut joined = 0;
    for (number, (case, expected, _)) in cases.iter().enumerate() {
        let key = format!("k-{number}");
        let of_state = |entity| matches!(entity, Entity::Person | Entity::Algorithm);
        for (path, value) in case.facts.iter().filter(|(path, _)| of_state(path.entity())) {
            joined += 1;
            let event = StateEvent {
                key: key.clone(),
                fact: path.clone(),
                change: StateChange::Set(value.clone()),
                at: "1999-01-01T00:00:00+08:00".parse().unwrap(),
                recorded_at: "1999-01-01T00:00:00+08:00".parse().unwrap(),
                seq: None,
            };
            gate.apply(&event).unwrap();
        }
        let own = case.facts.iter().filter(|(path, _)| !of_state(path.entity()));
        let facts: Facts = own.map(|(path, value)| (path.clone(), value.clone())).collect();
        let answer = gate.check(&[as_request(number, case, facts, Some(key))]).remove(0).unwrap();
        assert_eq!(told(&answer), *expected, "{}", case.name);
    }
    assert!(joined > 1_000, "{joined} facts came from the state");
}

/// What records keep of an answer is a few letters beside what all answers under its law have in common.
#[test]
fn an_answer_is_made_again_from_its_letters_and_its_frame() {
    let law = Law::real();
    let cases = cases(&law);
    let gate = law.gate();
    let requests: Vec<CheckRequest> =
        cases.iter().enumerate().map(|(at, (case, ..))| as_request(at, case, case.facts.clone(), None)).collect();
    let (mut whole, mut brief, mut frames) = (0, 0, BTreeMap::new());
    for (answer, (case, _, appraisal)) in gate.check(&requests).into_iter().zip(&cases) {
        let told = answer.unwrap().answer.unwrap();
        let (letters, named) = told.brief().unwrap_or_else(|| panic!("no frame: {}", case.name));
        let letters = serde_json::to_string(letters).unwrap();
        let frame: Frame = serde_json::from_str(&named.json).unwrap();
        let again = frame.answer(&serde_json::from_str(&letters).unwrap()).unwrap();
        assert_eq!(again, *told, "{}", case.name);
        // Of the reference's verdicts, by the way that knows no letters.
        let whole_way = &appraisal.evaluation;
        assert_eq!((&again.rules, &again.provisions), (&whole_way.rules, &whole_way.provisions), "{}", case.name);
        let flags = [again.violated, again.disputed, again.undetermined, again.silent];
        let expected = [appraisal.violated, appraisal.disputed, appraisal.undetermined, appraisal.silent];
        assert_eq!(flags, expected, "{}", case.name);
        assert_eq!((again.effects, again.with_provisional), (appraisal.verified.into(), appraisal.provisional.into()));
        assert_eq!((told.digest(), again.digest_of().as_str()), (again.digest.as_str(), told.digest()));
        let json = serde_json::to_string(&told).unwrap();
        let mut bytes = Vec::new();
        named.pieces().unwrap().write(told.brief().unwrap().0, &mut bytes).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), json, "{}", case.name);
        whole += json.len();
        brief += letters.len();
        frames.insert(named.digest.clone(), named.json.len());
    }
    let frames_bytes: usize = frames.values().sum();
    println!(
        "{} answers: {whole} bytes whole, {brief} in letters, {} frames of {frames_bytes}",
        cases.len(),
        frames.len()
    );
    assert!(whole > 10 * brief, "{whole} and {brief} bytes");
    let told = gate.check(&requests[..1]).remove(0).unwrap().answer.unwrap();
    let (letters, named) = told.brief().unwrap();
    let mut torn = serde_json::to_value(letters).unwrap();
    torn["rules"] = "s".into();
    let torn: Brief = serde_json::from_value(torn).unwrap();
    let frame: Frame = serde_json::from_str(&named.json).unwrap();
    assert!(frame.answer(&torn).unwrap_err().message.contains("other rules"));
    assert!(named.pieces().unwrap().write(&torn, &mut Vec::new()).is_none());
}
