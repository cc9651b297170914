//! Records in which nothing is wrong, which is nearly all: read and held against the vocabulary in one go.

use gongdao_model::{DecisionId, DecisionRecord, Entity, FactPath, FactValue, Facts, Instant, PlaceCode};
use gongdao_rules::{FactDeclaration, Vocabulary};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::cmp::Ordering;
use std::collections::btree_map;
use std::fmt;
use std::iter::Peekable;

/// The record of a text, or the records of a list; none where anything is wrong with one, and the slower way says what.
pub(super) fn records(text: &str, vocabulary: &Vocabulary) -> Option<Vec<DecisionRecord>> {
    if !text.trim_start().starts_with('[') {
        return Some(vec![record(text, vocabulary)?]);
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let records = Many(vocabulary).deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(records)
}

/// The record of a text.
pub(super) fn record(text: &str, vocabulary: &Vocabulary) -> Option<DecisionRecord> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let record = One(vocabulary).deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(record)
}

struct Many<'v>(&'v Vocabulary);

struct One<'v>(&'v Vocabulary);

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Field {
    Id,
    At,
    Action,
    Place,
    Algorithm,
    Person,
    Principal,
    Resource,
    Context,
}

/// What of a record was read.
#[derive(Default)]
#[expect(clippy::option_option, reason = "whether it stands there, and whether it is null")]
struct Read {
    id: Option<DecisionId>,
    at: Option<Instant>,
    action: Option<String>,
    place: Option<Option<PlaceCode>>,
    algorithm: Option<Option<String>>,
    person: Option<Option<String>>,
    principal: Option<Learnt>,
    resource: Option<Learnt>,
    context: Option<Learnt>,
}

/// Facts of one group, with those of the group in it.
#[derive(Default)]
struct Learnt {
    own: Vec<(FactPath, FactValue)>,
    parameters: Option<Vec<(FactPath, FactValue)>>,
}

/// A group of facts that is being read.
struct Group<'v> {
    vocabulary: &'v Vocabulary,
    entity: Entity,
    /// Declarations from the entity's first on: records mostly name facts in the vocabulary's order.
    ahead: Peekable<btree_map::Range<'v, FactPath, FactDeclaration>>,
}

struct Key<'a, 'v>(&'a mut Group<'v>);

enum Named<'v> {
    Fact(&'v FactPath, &'v FactDeclaration),
    Parameters,
}

/// Said to nobody.
fn wrong<E: Error>() -> E {
    E::custom("not as it is to be")
}

fn once<T, E: Error>(place: &mut Option<T>, value: T) -> Result<(), E> {
    if place.replace(value).is_some() { Err(wrong()) } else { Ok(()) }
}

impl<'de> DeserializeSeed<'de> for Many<'_> {
    type Value = Vec<DecisionRecord>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Many<'_> {
    type Value = Vec<DecisionRecord>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut records = Vec::new();
        while let Some(record) = items.next_element_seed(One(self.0))? {
            records.push(record);
        }
        Ok(records)
    }
}

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = DecisionRecord;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for One<'_> {
    type Value = DecisionRecord;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<DecisionRecord, A::Error> {
        let mut read = Read::default();
        while let Some(field) = map.next_key::<Field>()? {
            match field {
                Field::Id => once(&mut read.id, map.next_value()?)?,
                Field::At => once(&mut read.at, map.next_value()?)?,
                Field::Action => once(&mut read.action, map.next_value()?)?,
                Field::Place => once(&mut read.place, map.next_value()?)?,
                Field::Algorithm => once(&mut read.algorithm, map.next_value()?)?,
                Field::Person => once(&mut read.person, map.next_value()?)?,
                Field::Principal => {
                    once(&mut read.principal, map.next_value_seed(Group::of(self.0, Entity::Algorithm)?)?)?;
                }
                Field::Resource => {
                    once(&mut read.resource, map.next_value_seed(Group::of(self.0, Entity::Person)?)?)?;
                }
                Field::Context => {
                    once(&mut read.context, map.next_value_seed(Group::of(self.0, Entity::Decision)?)?)?;
                }
            }
        }
        read.record(self.0).ok_or_else(wrong)
    }
}

impl Read {
    fn record(self, vocabulary: &Vocabulary) -> Option<DecisionRecord> {
        let mut facts = Facts::new();
        // In the order of paths, in which facts are learnt quickest.
        for group in [self.principal, self.resource, self.context].into_iter().flatten() {
            for (path, value) in group.own.into_iter().chain(group.parameters.into_iter().flatten()) {
                if facts.insert(path, value).is_some() {
                    return None;
                }
            }
        }
        Some(DecisionRecord {
            id: self.id?,
            at: self.at?,
            action: self.action.filter(|action| vocabulary.actions.contains_key(action))?,
            place: self.place.flatten(),
            algorithm: self.algorithm.flatten(),
            person: self.person.flatten(),
            facts,
        })
    }
}

impl<'v> Group<'v> {
    fn of<E: Error>(vocabulary: &'v Vocabulary, entity: Entity) -> Result<Self, E> {
        // No name of a fact stands before this one.
        let first = FactPath::new(entity, "0").map_err(E::custom)?;
        Ok(Self { vocabulary, entity, ahead: vocabulary.facts.range(first..).peekable() })
    }

    fn find(&mut self, name: &str) -> Option<(&'v FactPath, &'v FactDeclaration)> {
        while let Some((path, _)) = self.ahead.peek().filter(|(path, _)| path.entity() == self.entity) {
            match path.name().cmp(name) {
                Ordering::Less => drop(self.ahead.next()),
                Ordering::Equal => return self.ahead.next(),
                Ordering::Greater => break,
            }
        }
        self.vocabulary.facts.get_key_value(&FactPath::new(self.entity, name).ok()?)
    }
}

impl<'de> DeserializeSeed<'de> for Group<'_> {
    type Value = Learnt;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Learnt, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Group<'_> {
    type Value = Learnt;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of facts")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Learnt, A::Error> {
        let mut learnt = Learnt::default();
        while let Some(named) = map.next_key_seed(Key(&mut self))? {
            match named {
                Named::Fact(path, declared) => {
                    let value: FactValue = map.next_value()?;
                    if declared.fact_type != value.fact_type() || declared.unknown_word(&value).is_some() {
                        return Err(wrong());
                    }
                    learnt.own.push((path.clone(), value));
                }
                Named::Parameters => {
                    let parameters = map.next_value_seed(Group::of(self.vocabulary, Entity::Parameter)?)?;
                    once(&mut learnt.parameters, parameters.own)?;
                }
            }
        }
        Ok(learnt)
    }
}

impl<'de, 'v> DeserializeSeed<'de> for Key<'_, 'v> {
    type Value = Named<'v>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Named<'v>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'v> Visitor<'_> for Key<'_, 'v> {
    type Value = Named<'v>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a fact")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Named<'v>, E> {
        if self.0.entity == Entity::Decision && name == "parameters" {
            return Ok(Named::Parameters);
        }
        self.0.find(name).map(|(path, declared)| Named::Fact(path, declared)).ok_or_else(wrong)
    }
}
