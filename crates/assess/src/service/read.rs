use super::{PAPER_FIELDS, Service};
use crate::AssessError;
use gongdao_clock::{Event, Events, moment};
use gongdao_model::{Entity, FactPath, FactType, FactValue, LegalDate, ModelError};
use gongdao_pack::{Packs, line_of};
use gongdao_rules::{FactDeclaration, Vocabulary};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::{Spanned, Value};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    format: Spanned<i64>,
    name: Spanned<String>,
    provider: Option<String>,
    place: Option<Spanned<String>>,
    on: Option<Spanned<Value>>,
    actions: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    roles: BTreeMap<String, bool>,
    #[serde(default)]
    event: Vec<RawEvent>,
    #[serde(default)]
    published: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    facts: BTreeMap<String, Spanned<BTreeMap<String, Spanned<Value>>>>,
    #[serde(default)]
    papers: BTreeMap<String, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEvent {
    name: Spanned<String>,
    at: Spanned<Value>,
    #[serde(default)]
    about: Vec<String>,
}

impl Service {
    /// Read a description. The packs say which facts, actions, roles, events and duties there are.
    ///
    /// Errors: every one that was found, with its line.
    pub fn read(text: &str, vocabulary: &Vocabulary, packs: &Packs) -> Result<Self, Vec<AssessError>> {
        let raw: Raw = toml::from_str(text).map_err(|error| {
            let hint = "see docs/formats/service.md; leave out what is not known";
            let fault = AssessError::new(error.message().trim_end(), hint);
            vec![match error.span() {
                Some(span) => fault.at(line_of(text, span.start)),
                None => fault,
            }]
        })?;
        let mut reader = Reader { text, vocabulary, packs, faults: Vec::new() };
        let service = reader.service(raw);
        if reader.faults.is_empty() { Ok(service) } else { Err(reader.faults) }
    }
}

struct Reader<'a> {
    text: &'a str,
    vocabulary: &'a Vocabulary,
    packs: &'a Packs,
    faults: Vec<AssessError>,
}

impl Reader<'_> {
    fn fault(&mut self, start: usize, message: impl Into<String>, hint: impl Into<String>) {
        self.faults.push(AssessError::new(message, hint).at(line_of(self.text, start)));
    }

    fn kept<T>(&mut self, start: usize, read: Result<T, ModelError>) -> Option<T> {
        read.map_err(|error| self.fault(start, error.message, error.hint.unwrap_or_default())).ok()
    }

    fn service(&mut self, raw: Raw) -> Service {
        if *raw.format.get_ref() != 1 {
            let message = format!("format `{}` is not known", raw.format.get_ref());
            self.fault(raw.format.span().start, message, "this program reads format 1");
        }
        if raw.name.get_ref().trim().is_empty() {
            self.fault(raw.name.span().start, "the service has no name", "name it as its users know it");
        }
        let place = raw.place.and_then(|place| self.kept(place.span().start, place.get_ref().parse()));
        let on = raw.on.and_then(|on| self.kept(on.span().start, plain(on.get_ref()).parse::<LegalDate>()));
        Service {
            place,
            on,
            actions: raw.actions.map(|actions| self.actions(&actions)),
            roles: self.roles(raw.roles),
            events: self.events(&raw.event),
            published: self.published(&raw.published),
            facts: self.facts(&raw.facts),
            papers: self.papers(raw.papers),
            name: raw.name.into_inner(),
            provider: raw.provider,
        }
    }

    fn actions(&mut self, actions: &[Spanned<String>]) -> BTreeSet<String> {
        for action in actions.iter().filter(|action| !self.vocabulary.actions.contains_key(action.get_ref())) {
            let known = self.vocabulary.actions.keys().cloned().collect::<Vec<_>>().join(", ");
            self.fault(
                action.span().start,
                format!("`{}` is not an action", action.get_ref()),
                format!("use some of {known}"),
            );
        }
        actions.iter().map(|action| action.get_ref().clone()).collect()
    }

    fn roles(&mut self, roles: BTreeMap<String, bool>) -> BTreeMap<String, bool> {
        let known = crate::law::roles(self.packs);
        for role in roles.keys().filter(|role| !known.contains(role.as_str())) {
            let start = self.text.find(role.as_str()).unwrap_or_default();
            let listed = known.iter().copied().collect::<Vec<_>>().join(", ");
            self.fault(start, format!("no provision is owed by `{role}`"), format!("use some of {listed}"));
        }
        roles
    }

    fn events(&mut self, raw: &[RawEvent]) -> Vec<Event> {
        let duties = || self.packs.instruments.iter().flat_map(|pack| &pack.duties);
        let named = |duty: &gongdao_pack::Duty| {
            [Some(duty.trigger.clone()), Some(duty.discharged_by.clone()), duty.before.clone()]
        };
        let known: BTreeSet<String> = duties().flat_map(named).flatten().collect();
        let mut events = Vec::new();
        for (index, event) in raw.iter().enumerate() {
            let name = event.name.get_ref();
            if !known.contains(name) {
                let listed = known.iter().cloned().collect::<Vec<_>>().join(", ");
                let start = event.name.span().start;
                self.fault(start, format!("no duty knows the event `{name}`"), format!("use one of {listed}"));
                continue;
            }
            let made = moment(&plain(event.at.get_ref())).and_then(|at| {
                Event::new(&format!("event {}", index + 1), name, at, event.about.iter().map(String::as_str))
            });
            match made {
                Ok(event) => events.push(event),
                Err(error) => self.fault(event.at.span().start, error.message, error.hint.unwrap_or_default()),
            }
        }
        if let Err(error) = Events::new(events.clone()) {
            self.fault(0, error.message, error.hint.unwrap_or_default());
        }
        events
    }

    fn published(&mut self, raw: &BTreeMap<String, Spanned<String>>) -> BTreeMap<String, gongdao_pack::Period> {
        let mut published = BTreeMap::new();
        for (duty, period) in raw {
            let start = period.span().start;
            if !self.packs.instruments.iter().flat_map(|pack| &pack.duties).any(|known| known.id == *duty) {
                self.fault(start, format!("no duty is called `{duty}`"), "duties stand in the packs' `duties.toml`");
            }
            if let Some(period) = self.kept(start, period.get_ref().parse()) {
                published.insert(duty.clone(), period);
            }
        }
        published
    }

    fn papers(&mut self, raw: BTreeMap<String, Spanned<String>>) -> BTreeMap<String, String> {
        for (field, text) in raw.iter().filter(|(field, _)| !PAPER_FIELDS.contains(&field.as_str())) {
            let hint = format!("use some of {}", PAPER_FIELDS.join(", "));
            self.fault(text.span().start, format!("`{field}` is no field of the papers"), hint);
        }
        raw.into_iter().map(|(field, text)| (field, text.into_inner())).collect()
    }

    fn facts(
        &mut self,
        raw: &BTreeMap<String, Spanned<BTreeMap<String, Spanned<Value>>>>,
    ) -> BTreeMap<FactPath, BTreeSet<FactValue>> {
        let mut facts = BTreeMap::new();
        for (entity, group) in raw {
            for (name, value) in group.get_ref() {
                let start = value.span().start;
                let entity = match (entity.as_str(), value.get_ref()) {
                    ("context", Value::Table(parameters)) if name == "parameters" => {
                        for (name, value) in parameters {
                            self.fact(Entity::Parameter, name, value, start, &mut facts);
                        }
                        continue;
                    }
                    ("principal", _) => Entity::Algorithm,
                    ("resource", _) => Entity::Person,
                    ("context", _) => Entity::Decision,
                    (other, _) => {
                        let hint = "write facts like `principal.category`, `resource.worker` or `context.personalised`";
                        self.fault(start, format!("`{other}.{name}` is not a fact"), hint);
                        continue;
                    }
                };
                self.fact(entity, name, value.get_ref(), start, &mut facts);
            }
        }
        facts
    }

    fn fact(
        &mut self,
        entity: Entity,
        name: &str,
        value: &Value,
        start: usize,
        facts: &mut BTreeMap<FactPath, BTreeSet<FactValue>>,
    ) {
        let Some(path) = self.kept(start, FactPath::new(entity, name)) else { return };
        let Some(declaration) = self.vocabulary.facts.get(&path) else {
            let hint = "use a fact of packs/vocabulary.cedarschema";
            return self.fault(start, format!("`{path}` is not in the vocabulary"), hint);
        };
        match values(value, declaration) {
            Ok(values) => drop(facts.insert(path, values)),
            Err((message, hint)) => self.fault(start, format!("`{path}`: {message}"), hint),
        }
    }
}

/// Dates as TOML's own or as text.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

type Fault = (String, String);

/// The values that a fact has in the service: one, or an array of those that occur.
fn values(value: &Value, declaration: &FactDeclaration) -> Result<BTreeSet<FactValue>, Fault> {
    let is_several = match (declaration.fact_type, value) {
        (FactType::TextSet, Value::Array(items)) => items.iter().any(|item| matches!(item, Value::Array(_))),
        (_, Value::Array(_)) => true,
        _ => false,
    };
    let items: Vec<&Value> = match value {
        Value::Array(items) if is_several => items.iter().collect(),
        other => vec![other],
    };
    if items.is_empty() {
        return Err(("an empty list says nothing".to_owned(), "leave the fact out while it is unknown".to_owned()));
    }
    items.into_iter().map(|item| checked(single(item, declaration.fact_type), declaration)).collect()
}

fn single(value: &Value, fact_type: FactType) -> Option<FactValue> {
    match (fact_type, value) {
        (FactType::Bool, Value::Boolean(value)) => Some(FactValue::Bool(*value)),
        (FactType::Long, Value::Integer(value)) => Some(FactValue::Long(*value)),
        (FactType::Text, Value::String(text)) => Some(FactValue::Text(text.clone())),
        (FactType::TextSet, Value::Array(items)) => {
            let words = items.iter().map(|item| item.as_str().map(str::to_owned));
            words.collect::<Option<BTreeSet<_>>>().map(FactValue::TextSet)
        }
        _ => None,
    }
}

/// A value of the fact's type, with words that it can have.
pub(crate) fn checked(value: Option<FactValue>, declaration: &FactDeclaration) -> Result<FactValue, Fault> {
    let Some(value) = value else {
        let hint = match declaration.fact_type {
            FactType::Bool => "write true or false, or `[true, false]` where both occur",
            FactType::Long => "write a whole number without quotes, or a list of those that occur",
            FactType::Text => "write one text in quotes, or a list of those that occur",
            FactType::TextSet => "write a list of texts, or a list of such lists where several occur",
        };
        return Err((format!("the value is not of type {}", declaration.fact_type.cedar_name()), hint.to_owned()));
    };
    match declaration.unknown_word(&value) {
        Some(word) => Err((format!("it cannot be `{word}`"), format!("use one of {}", declaration.listed_words()))),
        None => Ok(value),
    }
}
