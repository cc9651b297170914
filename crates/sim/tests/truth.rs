//! The truth is the truth: an independent oracle finds in the city exactly what `truth.csv` says, and the plants reach
//! every rule that the city's actions can break.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    unreachable_pub,
    reason = "tests"
)]

mod oracle;
mod support;

use gongdao_model::{Entity, FactPath};
use gongdao_rules::{RuleSet, RuleVersion};
use gongdao_sim::Settings;
use oracle::{Finding, Oracle, rules};
use std::collections::{BTreeMap, BTreeSet};
use support::{Folder, Row, make, rows, settings};

/// The nine actions of the city.
const ACTIONS: [&str; 9] =
    ["dispatch", "promise", "price", "pay", "recommend", "push", "profile", "penalise", "suspend-account"];

/// Rules in force for these actions that nothing is planted for, and why. Each new rule needs a plant or a line here.
const NOT_PLANTED: [(&str, &str); 0] = [];

fn truth(city: &Folder) -> BTreeSet<Finding> {
    let cells = ["decision_id", "rule", "reading", "kind"];
    let rows = rows(&city.0, "truth.csv").into_iter();
    rows.map(|row| cells.map(|cell| row[cell].clone()))
        .map(|[id, rule, reading, kind]| (id, rule, reading, kind))
        .collect()
}

/// Every rule of the city's actions in force on its first day.
fn in_force(rules: &RuleSet) -> Vec<&RuleVersion> {
    let on = settings(1, 1_000).from;
    let indexes: BTreeSet<usize> = ACTIONS.iter().flat_map(|action| rules.in_force(on, None, action)).collect();
    indexes.into_iter().map(|index| &rules.versions[index]).collect()
}

/// The first twenty of a side, each with the plant behind it.
fn shown(side: &BTreeSet<&Finding>, plants: &BTreeMap<String, String>, decisions: &BTreeMap<String, Row>) -> String {
    let line = |finding: &&&Finding| {
        let (id, rule, reading, kind) = **finding;
        let plant = plants.get(id).map_or("the city's own", String::as_str);
        format!("  {id} {} ({plant}): {rule}?{reading} {kind}\n", decisions[id]["action"])
    };
    side.iter().take(20).map(|finding| line(&finding)).collect()
}

fn check_truth(name: &str, settings: &Settings) {
    let rules = rules();
    let (city, made) = make(name, settings);
    let decisions = rows(&city.0, "decisions.csv");
    let found = Oracle::new(&rules, &city.0).findings(&decisions);
    let truth = truth(&city);
    println!("{} decisions, {} truths, {} found", decisions.len(), truth.len(), found.len());
    assert_eq!(i64::try_from(decisions.len()).unwrap(), made.decisions);
    assert_eq!(i64::try_from(truth.len()).unwrap(), made.truths, "a truth stands twice");
    let not_found: BTreeSet<&Finding> = truth.difference(&found).collect();
    let not_true: BTreeSet<&Finding> = found.difference(&truth).collect();
    if not_found.is_empty() && not_true.is_empty() {
        return;
    }
    let plants = rows(&city.0, "plants.csv").into_iter().map(|row| (row["decision_id"].clone(), row["plant"].clone()));
    let plants: BTreeMap<String, String> = plants.collect();
    let decisions: BTreeMap<String, Row> = decisions.into_iter().map(|row| (row["decision_id"].clone(), row)).collect();
    panic!(
        "{} truths are not found:\n{}{} findings are not in the truth:\n{}",
        not_found.len(),
        shown(&not_found, &plants, &decisions),
        not_true.len(),
        shown(&not_true, &plants, &decisions)
    );
}

#[test]
fn the_oracle_finds_exactly_the_truth() {
    check_truth("truth", &settings(1, 2_000));
}

#[test]
fn the_truth_holds_with_too_few_couriers_and_into_a_third_week() {
    check_truth("truth-few", &Settings { couriers: Some(3), days: 15, ..settings(2, 700) });
}

#[test]
fn the_truth_holds_in_the_year_that_the_law_begins() {
    check_truth("truth-early", &Settings { days: 3, from: "2024-01-01".parse().unwrap(), ..settings(3, 200) });
}

#[test]
fn every_rule_of_the_citys_actions_is_planted_or_has_a_reason() {
    let rules = rules();
    let (city, _) = make("planted", &settings(1, 300));
    let truth = truth(&city);
    let planted: BTreeSet<(String, String)> =
        truth.iter().map(|(_, rule, reading, _)| (rule.clone(), reading.clone())).collect();
    let distinct: BTreeSet<&String> = planted.iter().map(|(rule, _)| rule).collect();
    let violated: BTreeSet<&String> =
        truth.iter().filter(|(.., kind)| kind == "violated").map(|(_, rule, ..)| rule).collect();
    println!("{} rules planted, {} of them violated", distinct.len(), violated.len());
    let mut gaps = Vec::new();
    for version in in_force(&rules) {
        let rule = version.key.rule.to_string();
        let reading = version.key.reading.as_ref().map_or(String::new(), ToString::to_string);
        let reason = NOT_PLANTED.iter().find(|(known, _)| *known == rule);
        match (planted.contains(&(rule.clone(), reading.clone())), reason) {
            (true, Some(_)) => gaps.push(format!("{rule}?{reading} has a plant and a reason for none")),
            (false, None) => gaps.push(format!("{rule}?{reading} has neither plant nor reason")),
            (false, Some((_, reason))) => println!("not planted: {rule}?{reading}: {reason}"),
            (true, None) => {}
        }
        let can_break = !matches!(version.kind, gongdao_rules::RuleKind::Basis { .. });
        if can_break && reason.is_none() && !violated.contains(&rule) {
            gaps.push(format!("{rule} is planted, but never violated"));
        }
    }
    assert!(gaps.is_empty(), "{}", gaps.join("\n"));
    assert!(distinct.len() >= 60, "only {} rules are planted", distinct.len());
}

#[test]
fn every_fact_that_a_rule_of_the_citys_actions_needs_is_recorded() {
    let rules = rules();
    let (city, _) = make("recorded", &settings(1, 300));
    let mut recorded = BTreeSet::from(["context.tagsUsed".to_owned()]);
    for file in ["decisions.csv", "practices.csv"] {
        recorded.extend(rows(&city.0, file)[0].keys().map(|name| format!("context.{name}")));
    }
    for (file, entity) in [("person-events.csv", Entity::Person), ("algorithm-events.csv", Entity::Algorithm)] {
        let path = |row: Row| FactPath::new(entity, &row["fact"]).unwrap().to_string();
        recorded.extend(rows(&city.0, file).into_iter().map(path));
    }
    let needed = in_force(&rules).into_iter().flat_map(|version| version.facts.iter());
    let missing: BTreeSet<String> = needed
        .filter(|path| path.entity() != Entity::Parameter)
        .map(ToString::to_string)
        .filter(|path| !recorded.contains(path))
        .collect();
    assert!(missing.is_empty(), "nothing of the city records {missing:?}");
}
