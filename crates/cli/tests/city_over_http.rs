//! The simulated city driven through the API of a real `gongdao serve`: its events in their order, its decisions in batches,
//! every verdict held against the city's table of truth; then the process is killed, and answers as before.
//!
//! 800 decisions by default, and the events that come before them; `GONGDAO_CITY_DECISIONS` sets another number: `cargo xtask
//! nightly` takes 20,000.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod running;

use gongdao_model::{Entity, FactPath, FactType, Instant};
use gongdao_pack::Packs;
use gongdao_rules::{RuleSet, Vocabulary};
use running::{Service, program, root};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant as Ticks;

type Row = BTreeMap<String, String>;
/// Decision, rule, reading, outcome.
type Finding = (String, String, String, String);

/// Decisions of one request at most.
const BATCH: usize = 500;
/// Requests with events that are on the way at once; those of one key follow each other.
const SENDERS: usize = 8;
/// Columns of a decision that are no facts.
const OWN: [&str; 8] = ["decision_id", "at", "action", "algorithm", "person", "person_group", "practice", "tags_used"];

fn rows(folder: &Path, file: &str) -> Vec<Row> {
    csv::Reader::from_path(folder.join(file)).unwrap().deserialize().map(Result::unwrap).collect()
}

fn words(text: &str) -> Value {
    if text == "-" { json!([]) } else { json!(text.split('|').collect::<Vec<_>>()) }
}

fn value(kind: FactType, text: &str) -> Value {
    match kind {
        FactType::Bool => json!(text.parse::<bool>().unwrap()),
        FactType::Long => json!(text.parse::<i64>().unwrap()),
        FactType::Text => json!(text),
        FactType::TextSet => words(text),
    }
}

/// One change of state as the API takes it.
struct Event {
    at: Instant,
    address: String,
    body: Value,
}

struct City {
    decisions: Vec<(Instant, Value)>,
    events: Vec<Event>,
    truth: BTreeSet<Finding>,
    /// Settings that say what is so of a person before their first event.
    settings: String,
}

impl City {
    fn read(folder: &Path) -> Self {
        let packs = Packs::read(&root().join("packs")).unwrap();
        let vocabulary = RuleSet::load(&packs).unwrap().vocabulary;
        let text = std::fs::read_to_string(folder.join("adapter.toml")).unwrap();
        let adapter: toml::Table = toml::from_str(&text).unwrap();
        let practices: BTreeMap<String, Row> =
            rows(folder, "practices.csv").into_iter().map(|row| (row["practice"].clone(), row)).collect();
        let numbers = adapter["parameters"].as_table().unwrap().iter();
        let numbers: Map<String, Value> =
            numbers.map(|(name, given)| (name.clone(), json!(given["value"].as_integer().unwrap()))).collect();
        let decisions = rows(folder, "decisions.csv");
        let decisions = decisions.iter().map(|row| decision(row, &practices[&row["practice"]], &numbers, &vocabulary));
        let mut events = Vec::new();
        for (file, entity, kind) in [
            ("person-events.csv", Entity::Person, "persons"),
            ("algorithm-events.csv", Entity::Algorithm, "algorithms"),
        ] {
            for (number, row) in rows(folder, file).iter().enumerate() {
                events.push(event(row, entity, kind, number, &vocabulary));
            }
        }
        events.sort_by_key(|event| event.at);
        let persons =
            adapter["state"].as_array().unwrap().iter().find(|one| one["entity"].as_str() == Some("resource"));
        let initial = persons.unwrap()["initial"].as_table().unwrap();
        let truth = rows(folder, "truth.csv");
        let cells = |row: &Row| ["decision_id", "rule", "reading", "kind"].map(|cell| row[cell].clone()).into();
        Self {
            decisions: decisions.collect(),
            events,
            truth: truth.iter().map(cells).collect(),
            settings: format!("[initial.resource]\n{initial}"),
        }
    }
}

fn decision(row: &Row, practice: &Row, numbers: &Map<String, Value>, vocabulary: &Vocabulary) -> (Instant, Value) {
    let mut context = Map::new();
    let tags = ("tagsUsed".to_owned(), row["tags_used"].clone());
    let cells = row.iter().chain(practice).filter(|(name, _)| !OWN.contains(&name.as_str()));
    for (name, text) in cells.chain([(&tags.0, &tags.1)]).filter(|(_, text)| !text.is_empty()) {
        let path = FactPath::new(Entity::Decision, name).unwrap();
        context.insert(name.clone(), value(vocabulary.facts[&path].fact_type, text));
    }
    context.insert("parameters".to_owned(), Value::Object(numbers.clone()));
    let record = json!({"id": row["decision_id"], "at": row["at"], "action": row["action"], "place": "000000",
        "algorithm": row["algorithm"], "person": row["person"], "context": context});
    (row["at"].parse().unwrap(), record)
}

fn event(row: &Row, entity: Entity, kind: &str, number: usize, vocabulary: &Vocabulary) -> Event {
    let fact = FactPath::new(entity, &row["fact"]).unwrap();
    let change = match row["op"].as_str() {
        "set" if row["value"].is_empty() => json!({"op": "forget"}),
        "set" => json!({"op": "set", "value": value(vocabulary.facts[&fact].fact_type, &row["value"])}),
        op => json!({"op": op, "value": words(&row["value"])}),
    };
    let body = json!({"id": format!("{kind}-{number}"), "fact": fact.to_string(), "change": change, "at": row["at"],
        "seq": row["seq"].parse::<u64>().unwrap()});
    Event { at: row["at"].parse().unwrap(), address: format!("/v1/{kind}/{}/events", row["key"]), body }
}

/// Send events; those of one person or algorithm in their order, others beside them.
fn send(service: &Service, key: &str, events: &[Event]) {
    let mut lanes: Vec<Vec<&Event>> = (0..SENDERS).map(|_| Vec::new()).collect();
    for event in events {
        let lane = event.address.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        lanes[lane % SENDERS].push(event);
    }
    std::thread::scope(|scope| {
        for lane in lanes.into_iter().filter(|lane| !lane.is_empty()) {
            scope.spawn(move || {
                for event in lane {
                    let told = service.post(&event.address, key, &event.body);
                    assert!(told["leaf"].is_u64(), "{told}");
                }
            });
        }
    });
}

/// What a row of an answer says, without whether it was asked before.
fn told(row: &Value) -> Value {
    let mut row = row.clone();
    assert!(row["problem"].is_null(), "{row}");
    row.as_object_mut().unwrap().remove("repeat");
    row
}

/// Check a batch: its rows, and the findings among their verdicts.
fn check(service: &Service, key: &str, batch: &[(Instant, Value)], found: &mut BTreeSet<Finding>) -> Vec<Value> {
    let body = Value::Array(batch.iter().map(|(_, record)| record.clone()).collect());
    let answer = service.post("/v1/decisions:check", key, &body);
    let checks = answer["checks"].as_array().unwrap();
    assert_eq!(checks.len(), batch.len());
    for (row, (_, record)) in checks.iter().zip(batch) {
        assert_eq!(row["contradictions"].as_array().map_or(0, Vec::len), 0, "{row}");
        let verdicts = &answer["answers"][row["answer_digest"].as_str().unwrap()];
        for verdict in verdicts["rules"].as_array().unwrap() {
            let text = |name: &str| verdict[name].as_str().unwrap_or_default().to_owned();
            if ["violated", "undetermined"].contains(&text("outcome").as_str()) {
                let id = record["id"].as_str().unwrap().to_owned();
                found.insert((id, text("rule"), text("reading"), text("outcome")));
            }
        }
    }
    checks.iter().map(told).collect()
}

/// The same decisions at the end of the period, under other identifiers: what the gate knows of their persons then.
fn probes(city: &City, prefix: &str) -> Vec<(Instant, Value)> {
    let last = city.decisions.last().unwrap().0;
    let mut persons = BTreeSet::new();
    let one_each = city.decisions.iter().filter(|(_, record)| persons.insert(record["person"].to_string()));
    let probes = one_each.take(BATCH).map(|(_, record)| {
        let mut record = record.clone();
        record["id"] = json!(format!("{prefix}-{}", record["id"].as_str().unwrap()));
        record["at"] = json!(last);
        (last, record)
    });
    probes.collect()
}

fn digests(rows: &[Value]) -> Vec<Value> {
    rows.iter().map(|row| json!([row["answer_digest"], row["effect"], row["seen"]])).collect()
}

#[test]
fn a_city_through_the_api_is_judged_as_its_table_of_truth_says_and_again_after_a_kill() {
    let decisions = std::env::var("GONGDAO_CITY_DECISIONS").unwrap_or_else(|_| "800".to_owned());
    let folder = tempfile::tempdir().unwrap();
    let (place, data, settings) =
        (folder.path().join("city"), folder.path().join("data"), folder.path().join("g.toml"));
    let made = program().args(["simulate", "--decisions", &decisions, "--out"]).arg(&place).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let city = City::read(&place);
    std::fs::write(&settings, &city.settings).unwrap();
    let start = || Service::start(&data, &["--config", settings.to_str().unwrap()]);
    let service = start();
    let (_, key) = service.set_up();

    let began = Ticks::now();
    let (mut found, mut answers, mut batches) = (BTreeSet::new(), Vec::new(), Vec::new());
    let (mut decisions, mut events) = (city.decisions.as_slice(), city.events.as_slice());
    while let Some((next, _)) = decisions.first() {
        let due = events.partition_point(|event| event.at <= *next);
        send(&service, &key, &events[..due]);
        events = &events[due..];
        let until = events.first().map_or(decisions.len(), |event| decisions.partition_point(|one| one.0 < event.at));
        let (batch, rest) = decisions.split_at(until.min(BATCH));
        answers.push(check(&service, &key, batch, &mut found));
        batches.push(batch);
        decisions = rest;
    }
    send(&service, &key, events);
    println!(
        "{} decisions in {} batches, {} events: {:?}",
        city.decisions.len(),
        batches.len(),
        city.events.len(),
        began.elapsed()
    );
    let missed: Vec<&Finding> = city.truth.difference(&found).take(10).collect();
    let untrue: Vec<&Finding> = found.difference(&city.truth).take(10).collect();
    assert!(missed.is_empty() && untrue.is_empty(), "not found: {missed:#?}; not true: {untrue:#?}");
    assert!(found.iter().any(|one| one.3 == "violated") && found.iter().any(|one| one.3 == "undetermined"));
    let before = digests(&check(&service, &key, &probes(&city, "before"), &mut BTreeSet::new()));

    service.kill();
    let service = start();
    let after = digests(&check(&service, &key, &probes(&city, "after"), &mut BTreeSet::new()));
    assert_eq!(after, before, "the state is what it was");
    // Some of them: each is looked up in the ledger.
    for (batch, answered) in batches.iter().zip(&answers).step_by(16) {
        assert_eq!(&check(&service, &key, batch, &mut found), answered, "asked again it is the first answer");
    }
    assert_eq!(found, city.truth);
    assert_eq!(service.terminate(), Some(0));
}
