//! The tables hold together: no name twice, no word that the city does not write.

use super::{Near, Plant, Role, ordinary_numbers, plants};
use crate::facts::{ALGORITHM, CONTEXT, MISSING, NUMBERS, PERSON_INITIAL};
use std::collections::BTreeSet;

fn check(what: &str, unknown: impl Fn(&Plant) -> Vec<&'static str>) {
    let found: Vec<(&str, Vec<&str>)> =
        plants().map(|plant| (plant.name, unknown(plant))).filter(|(_, words)| !words.is_empty()).collect();
    assert!(found.is_empty(), "{what}: {found:?}");
}

fn unknown_events(events: &[Near], known: &[&str]) -> Vec<&'static str> {
    let bad = |event: &&Near| !known.contains(&event.1) || !["set", "add", "remove"].contains(&event.2);
    events.iter().filter(bad).map(|event| event.1).collect()
}

#[test]
fn every_name_is_used_once() {
    let mut names = BTreeSet::new();
    for plant in plants() {
        assert!(names.insert(plant.name), "`{}` is planted twice", plant.name);
    }
    assert!(names.len() > 200, "only {} kinds", names.len());
}

#[test]
fn every_fact_of_a_plant_is_written_by_the_city() {
    check("facts that no practice has", |plant| {
        let known = |name: &str| CONTEXT.iter().any(|fact| fact.name == name);
        plant.patch.iter().map(|(name, _)| *name).filter(|name| !known(name)).collect()
    });
    check("numbers without a column", |plant| {
        let own = plant.numbers.iter().map(|(name, _)| *name).chain(plant.no_numbers.iter().copied());
        own.filter(|name| !NUMBERS.contains(name)).collect()
    });
    let persons: Vec<&str> =
        PERSON_INITIAL.iter().map(|(name, _)| *name).chain(["ageGroup", "consumer", "worker"]).collect();
    check("facts that no person has", |plant| unknown_events(plant.person, &persons));
    let algorithms: Vec<&str> = ALGORITHM.iter().map(|(name, _)| *name).chain(["category", "version"]).collect();
    check("facts that no algorithm has", |plant| unknown_events(plant.algorithm, &algorithms));
}

#[test]
fn a_fact_is_patched_only_to_another_value() {
    check("facts patched to what they are anyway", |plant| {
        let lawful = |name: &str| {
            let own = plant.action.patch().iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
            own.or_else(|| CONTEXT.iter().find(|fact| fact.name == name).map(|fact| fact.lawful))
        };
        plant.patch.iter().filter(|(name, value)| lawful(name) == Some(value)).map(|(name, _)| *name).collect()
    });
    check("numbers left out that the action has not", |plant| {
        let own = ordinary_numbers(plant.action);
        plant.no_numbers.iter().copied().filter(|name| !own.iter().any(|(known, _)| known == name)).collect()
    });
}

#[test]
fn only_a_decision_inside_the_law_has_no_truth_and_none_has_two_of_one_rule() {
    check("rules that stand twice", |plant| {
        let mut seen = BTreeSet::new();
        plant.breaks.iter().chain(plant.unknown).copied().filter(|rule| !seen.insert(*rule)).collect()
    });
    let (inside, planted): (Vec<&Plant>, Vec<&Plant>) =
        plants().partition(|plant| plant.breaks.is_empty() && plant.unknown.is_empty());
    assert!(inside.len() * 4 > planted.len(), "{} near misses beside {} plants", inside.len(), planted.len());
}

#[test]
fn there_are_plants_of_every_kind_of_person_and_facts_left_out() {
    let of = |wanted: fn(&Role) -> bool| plants().filter(|plant| wanted(&plant.role)).count();
    assert!(of(|role| matches!(role, Role::Courier(_))) > 60);
    assert!(of(|role| matches!(role, Role::Consumer(_))) > 60);
    let left_out = plants().filter(|plant| {
        let patched = plant.patch.iter().any(|(_, value)| *value == MISSING);
        patched || !plant.no_numbers.is_empty() || !plant.unregistered.is_empty()
    });
    assert!(left_out.count() > 20);
}
