//! A simulated city through the gate: decisions of days, the state joined from the city's events, beside the reference
//! evaluator over facts that a plain loop over the events folds.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_gate::{CheckRequest, Initial, StateChange, StateEvent};
use gongdao_model::{Entity, FactPath, FactType, FactValue, Facts, Instant, PlaceCode};
use gongdao_rules::{Reference, Vocabulary};
use gongdao_sim::{Settings, simulate};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use support::{Law, expected, settings, told};

type Row = BTreeMap<String, String>;

/// A city in a folder of its own, removed when the test is over.
struct Folder(std::path::PathBuf);

impl Folder {
    fn of(seed: u64, orders: i64) -> Self {
        let path = std::env::temp_dir().join(format!("gongdao-gate-city-{seed}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        let settings = Settings { seed, orders, couriers: None, days: 3, from: "2025-10-13".parse().unwrap() };
        simulate(&settings, &path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn rows(folder: &Path, file: &str) -> Vec<Row> {
    csv::Reader::from_path(folder.join(file)).unwrap().deserialize().map(Result::unwrap).collect()
}

fn value(kind: FactType, text: &str) -> FactValue {
    match kind {
        FactType::Bool => FactValue::Bool(text.parse().unwrap()),
        FactType::Long => FactValue::Long(text.parse().unwrap()),
        FactType::Text => FactValue::Text(text.to_owned()),
        FactType::TextSet if text == "-" => FactValue::TextSet(BTreeSet::new()),
        FactType::TextSet => FactValue::TextSet(text.split('|').map(str::to_owned).collect()),
    }
}

/// What the city's files say, in the words of the gate.
struct City {
    requests: Vec<CheckRequest>,
    events: Vec<StateEvent>,
    initial: Initial,
}

impl City {
    fn read(folder: &Path, vocabulary: &Vocabulary) -> Self {
        let adapter: toml::Table =
            toml::from_str(&std::fs::read_to_string(folder.join("adapter.toml")).unwrap()).unwrap();
        let kind = |path: &FactPath| vocabulary.facts[path].fact_type;
        let person = adapter["state"].as_array().unwrap().iter().find(|one| one["entity"].as_str() == Some("resource"));
        let initial = person.unwrap()["initial"].as_table().unwrap().iter().map(|(name, given)| {
            let path = FactPath::new(Entity::Person, name).unwrap();
            let text = match given {
                toml::Value::Array(words) if words.is_empty() => "-".to_owned(),
                toml::Value::Array(words) => words.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join("|"),
                other => other.to_string().trim_matches('"').to_owned(),
            };
            let value = value(kind(&path), &text);
            (path, value)
        });
        let parameters = adapter["parameters"].as_table().unwrap().iter();
        let parameters: Vec<(FactPath, FactValue)> = parameters
            .map(|(name, given)| {
                (FactPath::new(Entity::Parameter, name).unwrap(), FactValue::Long(given["value"].as_integer().unwrap()))
            })
            .collect();
        let practices: BTreeMap<String, Row> =
            rows(folder, "practices.csv").into_iter().map(|row| (row["practice"].clone(), row)).collect();
        let request = |row: Row| {
            let own = ["decision_id", "at", "action", "algorithm", "person", "person_group", "practice", "tags_used"];
            let cells = row.iter().chain(&practices[&row["practice"]]);
            let cells = cells.filter(|(name, _)| !own.contains(&name.as_str()));
            let tags = ("tagsUsed".to_owned(), row["tags_used"].clone());
            let mut facts: Facts = parameters.iter().cloned().collect();
            for (name, text) in cells.chain([(&tags.0, &tags.1)]).filter(|(_, text)| !text.is_empty()) {
                let path = FactPath::new(Entity::Decision, name).unwrap();
                let value = value(kind(&path), text);
                facts.insert(path, value);
            }
            CheckRequest {
                id: row["decision_id"].parse().unwrap(),
                at: row["at"].parse().unwrap(),
                action: row["action"].clone(),
                place: Some(PlaceCode::COUNTRY),
                algorithm: Some(row["algorithm"].clone()),
                person: Some(row["person"].clone()),
                facts,
            }
        };
        let event = |entity: Entity| {
            move |row: Row| {
                let fact = FactPath::new(entity, &row["fact"]).unwrap();
                let kind = vocabulary.facts[&fact].fact_type;
                let FactValue::TextSet(words) = value(FactType::TextSet, &row["value"]) else { panic!("no set") };
                let change = match row["op"].as_str() {
                    "set" if row["value"].is_empty() => StateChange::Forget,
                    "set" => StateChange::Set(value(kind, &row["value"])),
                    "add" => StateChange::Add(words),
                    "remove" => StateChange::Remove(words),
                    other => panic!("`{other}`"),
                };
                let at: Instant = row["at"].parse().unwrap();
                let seq = Some(row["seq"].parse().unwrap());
                StateEvent { key: row["key"].clone(), fact, change, at, recorded_at: at, seq }
            }
        };
        let persons = rows(folder, "person-events.csv").into_iter().map(event(Entity::Person));
        let algorithms = rows(folder, "algorithm-events.csv").into_iter().map(event(Entity::Algorithm));
        Self {
            requests: rows(folder, "decisions.csv").into_iter().map(request).collect(),
            events: persons.chain(algorithms).collect(),
            initial: initial.collect(),
        }
    }

    /// The facts of a decision with the state folded in a loop, by another way than the gate's.
    fn joined(&self, request: &CheckRequest) -> Facts {
        let mut facts: Facts = self.initial.iter().map(|(path, value)| (path.clone(), value.clone())).collect();
        let of = |event: &&StateEvent| {
            let key = if event.fact.entity() == Entity::Person { &request.person } else { &request.algorithm };
            key.as_deref() == Some(&event.key) && event.at <= request.at
        };
        let mut own: Vec<&StateEvent> = self.events.iter().filter(of).collect();
        own.sort_by_key(|event| (event.at, event.seq));
        for event in own {
            let known = facts.remove(&event.fact);
            let words = |known: Option<FactValue>| match known {
                Some(FactValue::TextSet(words)) => Some(words),
                _ => None,
            };
            let next = match &event.change {
                StateChange::Set(value) => Some(value.clone()),
                StateChange::Forget => None,
                StateChange::Add(more) => words(known).map(|known| FactValue::TextSet(&known | more)),
                StateChange::Remove(less) => words(known).map(|known| FactValue::TextSet(&known - less)),
            };
            if let Some(next) = next {
                facts.insert(event.fact.clone(), next);
            }
        }
        for (path, value) in request.facts.iter() {
            facts.insert(path.clone(), value.clone());
        }
        facts
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_city_is_answered_as_the_reference_judges_it(seed in 0_u64..1_000_000, size in 1_usize..700) {
        let law = Law::real();
        let folder = Folder::of(seed, 120);
        let city = City::read(&folder.0, &law.rules.vocabulary);
        let reference = Reference::new(&law.rules).unwrap();
        let gate = law.gate_with(settings("[oracle]\nshare = 0.2"), &city.initial);
        gate.apply_all(&city.events).unwrap();
        let mut seen = BTreeMap::new();
        for batch in city.requests.chunks(size) {
            for (request, answer) in batch.iter().zip(gate.check_as_of(batch)) {
                let answer = answer.unwrap();
                prop_assert!(answer.contradictions.is_empty(), "{:?}", answer.contradictions);
                let facts = city.joined(request);
                let judged = reference.judge(request.at, &request.action, request.place, &facts).unwrap();
                let found = told(&answer);
                for (_, outcome, _) in &found {
                    *seen.entry(outcome.as_str()).or_insert(0_u32) += 1;
                }
                prop_assert_eq!(found, expected(&law.rules, judged), "{}", request.id);
            }
        }
        gate.settle();
        prop_assert!(gate.alarms().is_empty(), "{:?}", gate.alarms());
        prop_assert!(gate.oracle_counts().compared > 0);
        for outcome in ["satisfied", "violated", "undetermined", "not-applicable", "established"] {
            prop_assert!(seen.contains_key(outcome), "no verdict `{}` among {:?}", outcome, seen);
        }
    }

    /// The order in which events arrive does not matter where instants and numbers order them.
    #[test]
    fn late_events_end_in_the_same_answers(seed in 0_u64..1_000_000, turn in 1_usize..10_000) {
        let law = Law::real();
        let folder = Folder::of(seed, 80);
        let mut city = City::read(&folder.0, &law.rules.vocabulary);
        let gate = |events: &[StateEvent], initial: &Initial| {
            let gate = law.gate_with(settings("[oracle]\nshare = 0.0"), initial);
            gate.apply_all(events).unwrap();
            gate
        };
        let in_order = gate(&city.events, &city.initial);
        let turn = turn % city.events.len();
        city.events.rotate_left(turn);
        city.events.reverse();
        let shuffled = gate(&city.events, &city.initial);
        for (one, other) in in_order.check_as_of(&city.requests).into_iter().zip(shuffled.check_as_of(&city.requests)) {
            prop_assert_eq!(one.unwrap(), other.unwrap());
        }
    }
}
