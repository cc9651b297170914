//! The simulated city behind `--demo`: everything in it is made up. Its people and algorithms are recorded as events, the
//! decisions of its first days as decisions made elsewhere; those about two couriers are put to the gate, so that their
//! explanations say what each rule says.

use super::start::Running;
use super::story::{BEGINS, Story, TRIED_VERSION, VERSION_BEFORE};
use super::{declared, life};
use crate::command::output::{BAD_DATA, Fault};
use crate::command::simulate;
use gongdao_gate::StateChange;
use gongdao_i18n::Words;
use gongdao_model::{DecisionRecord, Entity, FactPath, FactType, FactValue, Facts, Instant, PlaceCode};
use gongdao_rules::Vocabulary;
use gongdao_service::{Caller, Credential, ErrorKind, NewAccount, NewEvent, NewKey, Role, Secret, ServiceError};
use gongdao_sim::Settings;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::mpsc::sync_channel;

/// Orders of the demo's city: small enough to start in seconds.
const ORDERS: i64 = 300;
const DAYS: i64 = 2;
const FROM: &str = "2025-10-13";
const BATCH: usize = 500;
/// How many days ago the city's decisions are recorded.
const RECORDED: i64 = 20;
/// Facts of a version that the register says.
const OF_REGISTER: [&str; 8] = [
    "category",
    "consulted",
    "consultationAgreed",
    "declaredFactors",
    "filed",
    "publishedBeforeEffect",
    "resultAnnounced",
    "suspended",
];
/// Whom the demo makes accounts for.
const ACCOUNTS: [(&str, Role); 4] = [
    ("officer", Role::Officer),
    ("reviewer", Role::Reviewer),
    ("engineer", Role::Engineer),
    ("regulator", Role::Regulator),
];

type Cells = BTreeMap<String, String>;

/// What the city's files say, in the words of the gate.
pub(super) struct City {
    pub(super) initial: BTreeMap<FactPath, FactValue>,
    events: Vec<(String, NewEvent)>,
    decisions: Vec<DecisionRecord>,
}

/// What the demo filled the service with.
pub(super) struct Filled {
    pub(super) events: usize,
    pub(super) decisions: usize,
}

impl City {
    /// The city of the folder; made where there is none.
    pub(super) fn make(folder: &Path, vocabulary: &Vocabulary, words: Words<'_>) -> Result<Self, Vec<Fault>> {
        if !folder.exists() {
            let from = FROM.parse().map_err(|_| vec![unreadable(folder, "its first day is no date")])?;
            let settings = Settings { seed: 1, orders: ORDERS, couriers: None, days: DAYS, from };
            simulate::into_place(&settings, folder, words).map_err(|fault| vec![fault])?;
        }
        Self::read(folder, vocabulary).map_err(|what| vec![unreadable(folder, &what)])
    }

    fn read(folder: &Path, vocabulary: &Vocabulary) -> Result<Self, String> {
        let text = std::fs::read_to_string(folder.join("adapter.toml")).map_err(|error| error.to_string())?;
        let adapter: toml::Table = toml::from_str(&text).map_err(|error| error.to_string())?;
        let parameters = parameters(&adapter)?;
        let practices: BTreeMap<String, Cells> = cells(folder, "practices.csv")?
            .into_iter()
            .filter_map(|row| Some((row.get("practice")?.clone(), row)))
            .collect();
        let decisions = cells(folder, "decisions.csv")?;
        let decisions = decisions.iter().map(|row| decision(row, &practices, &parameters, vocabulary));
        let mut events = Vec::new();
        for (file, entity) in [("algorithm-events.csv", Entity::Algorithm), ("person-events.csv", Entity::Person)] {
            for (number, row) in (1_u64..).zip(cells(folder, file)?) {
                events.push(event(&row, entity, number, vocabulary)?);
            }
        }
        Ok(Self { initial: initial(&adapter, vocabulary)?, events, decisions: decisions.collect::<Result<_, _>>()? })
    }
}

fn unreadable(folder: &Path, what: &str) -> Fault {
    let hint = Some("remove the folder; a new city is made".to_owned());
    Fault { file: Some(folder.display().to_string()), ..Fault::new(BAD_DATA, what, hint) }
}

fn cells(folder: &Path, file: &str) -> Result<Vec<Cells>, String> {
    let mut reader = csv::Reader::from_path(folder.join(file)).map_err(|error| error.to_string())?;
    reader.deserialize().collect::<Result<_, csv::Error>>().map_err(|error| format!("{file}: {error}"))
}

fn cell<'a>(row: &'a Cells, name: &str) -> Result<&'a str, String> {
    row.get(name).map(String::as_str).ok_or_else(|| format!("there is no column `{name}`"))
}

fn value(path: &FactPath, text: &str, vocabulary: &Vocabulary) -> Result<FactValue, String> {
    let declared = vocabulary.facts.get(path).ok_or_else(|| format!("`{path}` is not in the vocabulary"))?;
    let refused = || format!("`{text}` is no value of `{path}`");
    Ok(match declared.fact_type {
        FactType::Bool => FactValue::Bool(text.parse().map_err(|_| refused())?),
        FactType::Long => FactValue::Long(text.parse().map_err(|_| refused())?),
        FactType::Text => FactValue::Text(text.to_owned()),
        FactType::TextSet => FactValue::TextSet(set(text)),
    })
}

/// Words joined with `|`; `-` is the empty set.
fn set(text: &str) -> BTreeSet<String> {
    if text == "-" { BTreeSet::new() } else { text.split('|').map(str::to_owned).collect() }
}

fn path(entity: Entity, name: &str) -> Result<FactPath, String> {
    FactPath::new(entity, name).map_err(|error| error.message)
}

fn parameters(adapter: &toml::Table) -> Result<Facts, String> {
    let mut facts = Facts::new();
    for (name, given) in adapter.get("parameters").and_then(toml::Value::as_table).into_iter().flatten() {
        if let Some(number) = given.get("value").and_then(toml::Value::as_integer) {
            facts.insert(path(Entity::Parameter, name)?, FactValue::Long(number));
        }
    }
    Ok(facts)
}

fn initial(adapter: &toml::Table, vocabulary: &Vocabulary) -> Result<BTreeMap<FactPath, FactValue>, String> {
    let states = adapter.get("state").and_then(toml::Value::as_array).into_iter().flatten();
    let mut persons = states.filter(|state| state.get("entity").and_then(toml::Value::as_str) == Some("resource"));
    let given = persons.next().and_then(|state| state.get("initial")).and_then(toml::Value::as_table);
    let mut known = BTreeMap::new();
    for (name, given) in given.into_iter().flatten() {
        let path = path(Entity::Person, name)?;
        let text = match given {
            toml::Value::Array(words) if words.is_empty() => "-".to_owned(),
            toml::Value::Array(words) => words.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join("|"),
            toml::Value::String(word) => word.clone(),
            other => other.to_string(),
        };
        let value = value(&path, &text, vocabulary)?;
        known.insert(path, value);
    }
    Ok(known)
}

fn decision(
    row: &Cells,
    practices: &BTreeMap<String, Cells>,
    parameters: &Facts,
    vocabulary: &Vocabulary,
) -> Result<DecisionRecord, String> {
    const OWN: [&str; 8] =
        ["decision_id", "at", "action", "algorithm", "person", "person_group", "practice", "tags_used"];
    let practice = practices.get(cell(row, "practice")?).ok_or_else(|| "a practice is missing".to_owned())?;
    let mut facts = parameters.clone();
    let own = row.iter().chain(practice).filter(|(name, _)| !OWN.contains(&name.as_str()));
    let own = own.map(|(name, text)| (name.as_str(), text.as_str())).chain([("tagsUsed", cell(row, "tags_used")?)]);
    for (name, text) in own.filter(|(_, text)| !text.is_empty()) {
        let path = path(Entity::Decision, name)?;
        let value = value(&path, text, vocabulary)?;
        facts.insert(path, value);
    }
    Ok(DecisionRecord {
        id: cell(row, "decision_id")?.parse().map_err(|error: gongdao_model::ModelError| error.message)?,
        at: moment(row)?,
        action: cell(row, "action")?.to_owned(),
        place: Some(PlaceCode::COUNTRY),
        algorithm: Some(cell(row, "algorithm")?.to_owned()),
        person: Some(cell(row, "person")?.to_owned()),
        facts,
    })
}

fn moment(row: &Cells) -> Result<Instant, String> {
    cell(row, "at")?.parse().map_err(|error: gongdao_model::ModelError| error.message)
}

fn event(row: &Cells, entity: Entity, number: u64, vocabulary: &Vocabulary) -> Result<(String, NewEvent), String> {
    let fact = path(entity, cell(row, "fact")?)?;
    let text = cell(row, "value")?;
    let change = match cell(row, "op")? {
        "set" if text.is_empty() => StateChange::Forget,
        "set" => StateChange::Set(value(&fact, text, vocabulary)?),
        "add" => StateChange::Add(set(text)),
        "remove" => StateChange::Remove(set(text)),
        other => return Err(format!("`{other}` is no change")),
    };
    let kind = if entity == Entity::Person { "person" } else { "algorithm" };
    let seq = cell(row, "seq")?.parse().ok();
    let event = NewEvent { id: format!("city-{kind}-{number}"), fact, change, at: Some(moment(row)?), seq };
    Ok((cell(row, "key")?.to_owned(), event))
}

/// Makes accounts, then records the city. A demo that was filled before is left as it is.
pub(super) fn fill(running: &mut Running, city: City) -> Result<(), ServiceError> {
    let Some(first) = running.token.take() else { return Ok(()) };
    running.clock.days_ago(BEGINS);
    let admin = administrator(running, &first.token)?;
    for (name, role) in ACCOUNTS {
        let password = secret(running)?;
        let new = NewAccount { name: name.to_owned(), roles: [role].into(), persons: BTreeSet::new() };
        running.service.create_account(&admin, new, Some(&password))?;
        running.accounts.push((name.to_owned(), password.reveal().to_owned()));
    }
    let new = NewKey { name: "demo".to_owned(), roles: [Role::Machine].into(), until: None };
    let (_, key) = running.service.create_key(&admin, new)?;
    let machine = running.service.recognise(Credential::Key(key.reveal()))?;
    running.accounts.push(("key".to_owned(), key.reveal().to_owned()));
    let filled = Filled { events: city.events.len(), decisions: city.decisions.len() };
    let people = life::couriers(&city.decisions, 2);
    let recent = declared::recent(&city.decisions, &people);
    let tried = declared::tried(&city.decisions, &people);
    life::accounts(running, &admin, &people)?;
    let story = Story::new(running)?;
    story.before()?;
    running.clock.days_ago(RECORDED);
    let of_first = record(running, &machine, city, &people)?;
    story.after(&tried)?;
    life::bring(running, &people, &of_first)?;
    running.clock.days_ago(0);
    declared::bring(running, recent)?;
    running.demo = Some(filled);
    Ok(())
}

fn administrator(running: &mut Running, token: &Secret) -> Result<Caller, ServiceError> {
    let password = secret(running)?;
    running.service.claim_first_run(token, "admin", &password)?;
    let session = running.service.log_in("admin", &password)?;
    running.accounts.push(("admin".to_owned(), password.reveal().to_owned()));
    running.service.recognise(Credential::Session(session.token.reveal()))
}

pub(super) fn secret(running: &Running) -> Result<Secret, ServiceError> {
    Ok(Secret::new(running.service.new_name("demo")?))
}

/// Records the city. Returns the decisions about the first of `people`, newest first.
fn record(running: &Running, machine: &Caller, city: City, people: &[String]) -> Result<Vec<String>, ServiceError> {
    let of_trial = said_of_trial(&city.events)?;
    let count = city.events.len() + of_trial.len();
    let (sender, receiver) = sync_channel(count);
    for (key, event) in city.events.into_iter().chain(of_trial) {
        let sender = sender.clone();
        let reply = Box::new(move |outcome| drop(sender.send(outcome)));
        running.service.record_event(machine, &key, event, reply)?;
    }
    drop(sender);
    receiver.into_iter().take(count).try_for_each(|outcome| outcome.map(drop))?;
    let is_told = |decision: &DecisionRecord| decision.person.as_ref().is_some_and(|person| people.contains(person));
    let (told, rest): (Vec<DecisionRecord>, Vec<DecisionRecord>) = city.decisions.into_iter().partition(is_told);
    for batch in rest.chunks(BATCH) {
        let (sender, receiver) = sync_channel(1);
        let reply = Box::new(move |outcome| drop(sender.send(outcome)));
        running.service.queue().log(batch.to_vec(), reply)?;
        receiver.recv().map_err(|_| closed())??;
    }
    checked(running, &told)?;
    let mut first: Vec<&DecisionRecord> = told.iter().filter(|one| one.person.as_ref() == people.first()).collect();
    first.sort_by_key(|one| std::cmp::Reverse(one.at));
    Ok(first.into_iter().map(|one| one.id.to_string()).collect())
}

/// What the platform says of the version that is tried: what it says of the one before, and that its ethics were reviewed. What
/// the register knows, it says itself.
fn said_of_trial(events: &[(String, NewEvent)]) -> Result<Vec<(String, NewEvent)>, ServiceError> {
    let mut said = BTreeMap::new();
    for (_, event) in events.iter().filter(|(key, _)| key == VERSION_BEFORE) {
        said.entry(event.fact.clone()).or_insert_with(|| event.change.clone());
    }
    for name in OF_REGISTER {
        said.remove(&FactPath::new(Entity::Algorithm, name)?);
    }
    said.insert(FactPath::new(Entity::Algorithm, "ethicsReviewed")?, StateChange::Set(FactValue::Bool(true)));
    let made = (1..).zip(said).map(|(number, (fact, change))| {
        let event = NewEvent { id: format!("trial-algorithm-{number}"), fact, change, at: None, seq: None };
        (TRIED_VERSION.to_owned(), event)
    });
    Ok(made.collect())
}

/// Puts decisions to the gate.
pub(super) fn checked(running: &Running, decisions: &[DecisionRecord]) -> Result<(), ServiceError> {
    for batch in decisions.chunks(BATCH) {
        let (sender, receiver) = sync_channel(1);
        let reply = Box::new(move |outcome| drop(sender.send(outcome)));
        running.service.queue().check(batch.to_vec(), None, reply)?;
        receiver.recv().map_err(|_| closed())??;
    }
    Ok(())
}

fn closed() -> ServiceError {
    ServiceError::new(ErrorKind::Closed, "the service is going down", "start it again")
}
