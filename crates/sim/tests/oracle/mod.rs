//! An oracle that shares nothing with the audit: it reads the city's files plainly, folds the events of each key in a
//! loop for every decision anew, and asks the reference evaluator. Slow on purpose, and obvious.

use crate::support::{Row, rows};
use gongdao_model::{Entity, FactPath, FactType, FactValue, Facts, Instant, Outcome, PlaceCode};
use gongdao_pack::Packs;
use gongdao_rules::{Reference, RuleSet};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Decision, rule, reading, kind.
pub type Finding = (String, String, String, String);

type State = BTreeMap<String, FactValue>;

pub fn rules() -> RuleSet {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    let packs = Packs::read(&packs).unwrap_or_else(|problems| panic!("the packs cannot be read: {problems:?}"));
    RuleSet::load(&packs).unwrap_or_else(|problems| panic!("the rules cannot be read: {problems:?}"))
}

/// One event of a key.
struct Event {
    at: i64,
    seq: i64,
    fact: String,
    op: String,
    value: String,
}

pub struct Oracle<'a> {
    rules: &'a RuleSet,
    persons: BTreeMap<String, Vec<Event>>,
    algorithms: BTreeMap<String, Vec<Event>>,
    initial: State,
    parameters: Facts,
    practices: BTreeMap<String, Row>,
}

impl<'a> Oracle<'a> {
    pub fn new(rules: &'a RuleSet, folder: &Path) -> Self {
        let adapter: toml::Table =
            toml::from_str(&std::fs::read_to_string(folder.join("adapter.toml")).unwrap()).unwrap();
        let person =
            adapter["state"].as_array().unwrap().iter().find(|state| state["entity"].as_str() == Some("resource"));
        let initial = person.unwrap()["initial"].as_table().unwrap();
        let parameters = adapter["parameters"].as_table().unwrap().iter();
        let parameters = parameters.map(|(name, value)| {
            let value = FactValue::Long(value["value"].as_integer().unwrap());
            (FactPath::new(Entity::Parameter, name).unwrap(), value)
        });
        Self {
            rules,
            persons: events(folder, "person-events.csv"),
            algorithms: events(folder, "algorithm-events.csv"),
            initial: initial.iter().map(|(name, value)| (name.clone(), initial_value(value))).collect(),
            parameters: parameters.collect(),
            practices: rows(folder, "practices.csv").into_iter().map(|row| (row["practice"].clone(), row)).collect(),
        }
    }

    /// What is violated or undetermined among `decisions`.
    pub fn findings(&self, decisions: &[Row]) -> BTreeSet<Finding> {
        let reference = Reference::new(self.rules).unwrap();
        let mut found = BTreeSet::new();
        for decision in decisions {
            let at: Instant = decision["at"].parse().unwrap();
            let facts = self.facts(decision, at.millis());
            let judged = reference.judge(at, &decision["action"], Some(PlaceCode::COUNTRY), &facts).unwrap();
            for one in judged {
                if matches!(one.outcome, Outcome::Violated | Outcome::Undetermined) {
                    let key = &self.rules.versions[one.version].key;
                    let reading = key.reading.as_ref().map_or(String::new(), ToString::to_string);
                    let id = decision["decision_id"].clone();
                    found.insert((id, key.rule.to_string(), reading, one.outcome.as_str().to_owned()));
                }
            }
        }
        found
    }

    fn facts(&self, decision: &Row, at: i64) -> Facts {
        let mut facts = self.parameters.clone();
        let person = self.fold(Entity::Person, &self.initial, self.persons.get(&decision["person"]), at);
        let algorithm = self.fold(Entity::Algorithm, &State::new(), self.algorithms.get(&decision["algorithm"]), at);
        for (entity, state) in [(Entity::Person, person), (Entity::Algorithm, algorithm)] {
            for (name, value) in state {
                facts.insert(FactPath::new(entity, &name).unwrap(), value);
            }
        }
        let own = ["decision_id", "at", "action", "algorithm", "person", "person_group", "practice", "tags_used"];
        let practice = &self.practices[&decision["practice"]];
        let cells = decision.iter().chain(practice).filter(|(name, _)| !own.contains(&name.as_str()));
        let tags = ("tagsUsed".to_owned(), decision["tags_used"].clone());
        for (name, text) in cells.chain([(&tags.0, &tags.1)]) {
            let path = FactPath::new(Entity::Decision, name).unwrap();
            let text = text.as_str();
            match (self.type_of(&path), text) {
                (_, "") => {}
                (FactType::TextSet, "-") => drop(facts.insert(path, FactValue::TextSet(BTreeSet::new()))),
                (kind, text) => drop(facts.insert(path, value(kind, text))),
            }
        }
        facts
    }

    /// The events up to and including `at`, one after the other.
    fn fold(&self, entity: Entity, initial: &State, events: Option<&Vec<Event>>, at: i64) -> State {
        let mut state = initial.clone();
        for event in events.into_iter().flatten().filter(|event| event.at <= at) {
            let kind = self.type_of(&FactPath::new(entity, &event.fact).unwrap());
            match event.op.as_str() {
                "set" if event.value.is_empty() => drop(state.remove(&event.fact)),
                "set" => drop(state.insert(event.fact.clone(), value(kind, &event.value))),
                op => {
                    if let Some(FactValue::TextSet(words)) = state.get_mut(&event.fact) {
                        for word in event.value.split('|') {
                            if op == "add" {
                                words.insert(word.to_owned())
                            } else {
                                words.remove(word)
                            };
                        }
                    }
                }
            }
        }
        state
    }

    fn type_of(&self, path: &FactPath) -> FactType {
        self.rules.vocabulary.facts.get(path).unwrap_or_else(|| panic!("`{path}` is no fact")).fact_type
    }
}

fn events(folder: &Path, file: &str) -> BTreeMap<String, Vec<Event>> {
    let mut by_key: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for row in rows(folder, file) {
        let at: Instant = row["at"].parse().unwrap();
        let event = Event {
            at: at.millis(),
            seq: row["seq"].parse().unwrap(),
            fact: row["fact"].clone(),
            op: row["op"].clone(),
            value: row["value"].clone(),
        };
        by_key.entry(row["key"].clone()).or_default().push(event);
    }
    for events in by_key.values_mut() {
        events.sort_by_key(|event| (event.at, event.seq));
    }
    by_key
}

fn initial_value(value: &toml::Value) -> FactValue {
    match value {
        toml::Value::Boolean(value) => FactValue::Bool(*value),
        toml::Value::Array(words) => {
            FactValue::TextSet(words.iter().map(|word| word.as_str().unwrap().to_owned()).collect())
        }
        other => panic!("`{other}` as initial value"),
    }
}

fn value(kind: FactType, text: &str) -> FactValue {
    match kind {
        FactType::Bool => {
            FactValue::Bool(text.parse().unwrap_or_else(|_| panic!("`{text}` is neither true nor false")))
        }
        FactType::Long => FactValue::Long(text.parse().unwrap_or_else(|_| panic!("`{text}` is no number"))),
        FactType::Text => FactValue::Text(text.to_owned()),
        FactType::TextSet => FactValue::TextSet(text.split('|').map(str::to_owned).collect()),
    }
}
