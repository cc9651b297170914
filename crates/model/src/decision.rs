use crate::text::reads_from_text;
use crate::{DecisionId, Entity, FactPath, FactValue, Facts, Instant, ModelError, PlaceCode};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// One decision about a person, with everything that is known of it at its instant.
///
/// JSON shape (docs/formats/decision.md): `id`, `at` (RFC 3339), `action`, optional `place`, `algorithm` and `person`
/// (identifiers), and the facts as three objects `principal`, `resource`, `context` (numbers set by law under
/// `context.parameters`). A fact that is absent is unknown; `null` and a fact that stands twice are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
pub struct DecisionRecord {
    /// Identifier given by the source.
    pub id: DecisionId,
    /// When the decision was made.
    pub at: Instant,
    /// What was done: an action of the vocabulary.
    pub action: String,
    /// Where; unknown places are judged by national law only.
    pub place: Option<PlaceCode>,
    /// Which algorithm decided.
    pub algorithm: Option<String>,
    /// About whom (a pseudonym of the source).
    pub person: Option<String>,
    /// The facts.
    pub facts: Facts,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: DecisionId,
    at: Instant,
    action: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<PlaceCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    algorithm: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<String>,
    #[serde(default, skip_serializing_if = "Group::is_empty")]
    principal: Group,
    #[serde(default, skip_serializing_if = "Group::is_empty")]
    resource: Group,
    #[serde(default, skip_serializing_if = "RawContext::is_empty")]
    context: RawContext,
}

/// The facts of one entity, by name.
#[derive(Default, Serialize)]
#[serde(transparent)]
struct Group(BTreeMap<Name, FactValue>);

/// The name of a fact, kept once from here on.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Name(Arc<str>);

impl FromStr for Name {
    type Err = ModelError;
    fn from_str(text: &str) -> Result<Self, ModelError> {
        Ok(Self(text.into()))
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

reads_from_text!(Name);

impl Group {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Two values of one fact are a contradiction: neither may win.
    fn learn<E: Error>(&mut self, name: Name, value: FactValue) -> Result<(), E> {
        if self.0.contains_key(&name) {
            return Err(E::custom(format!("the fact `{}` stands twice", name.0)));
        }
        self.0.insert(name, value);
        Ok(())
    }
}

#[derive(Default, Serialize)]
struct RawContext {
    #[serde(skip_serializing_if = "Group::is_empty")]
    parameters: Group,
    #[serde(flatten)]
    own: Group,
}

impl RawContext {
    fn is_empty(&self) -> bool {
        self.parameters.is_empty() && self.own.is_empty()
    }
}

impl<'de> Deserialize<'de> for Group {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Facts;
        impl<'de> Visitor<'de> for Facts {
            type Value = Group;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of facts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Group, A::Error> {
                let mut group = Group::default();
                while let Some((name, value)) = map.next_entry()? {
                    group.learn(name, value)?;
                }
                Ok(group)
            }
        }
        deserializer.deserialize_map(Facts)
    }
}

impl<'de> Deserialize<'de> for RawContext {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Context;
        impl<'de> Visitor<'de> for Context {
            type Value = RawContext;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of facts, numbers set by law under `parameters`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawContext, A::Error> {
                let mut own = Group::default();
                let mut parameters = None;
                while let Some(name) = map.next_key::<Name>()? {
                    if *name.0 != *"parameters" {
                        own.learn(name, map.next_value()?)?;
                    } else if parameters.replace(map.next_value()?).is_some() {
                        return Err(A::Error::custom("`parameters` stands twice"));
                    }
                }
                Ok(RawContext { parameters: parameters.unwrap_or_default(), own })
            }
        }
        deserializer.deserialize_map(Context)
    }
}

impl TryFrom<Raw> for DecisionRecord {
    type Error = ModelError;
    fn try_from(raw: Raw) -> Result<Self, ModelError> {
        let mut facts = Facts::new();
        let groups = [
            (Entity::Algorithm, raw.principal),
            (Entity::Person, raw.resource),
            (Entity::Decision, raw.context.own),
            (Entity::Parameter, raw.context.parameters),
        ];
        for (entity, group) in groups {
            for (name, value) in group.0 {
                facts.insert(FactPath::of(entity, name.0)?, value);
            }
        }
        Ok(Self {
            id: raw.id,
            at: raw.at,
            action: raw.action,
            place: raw.place,
            algorithm: raw.algorithm,
            person: raw.person,
            facts,
        })
    }
}

impl From<DecisionRecord> for Raw {
    fn from(record: DecisionRecord) -> Self {
        let mut raw = Self {
            id: record.id,
            at: record.at,
            action: record.action,
            place: record.place,
            algorithm: record.algorithm,
            person: record.person,
            principal: Group::default(),
            resource: Group::default(),
            context: RawContext::default(),
        };
        for (path, value) in record.facts.iter() {
            let group = match path.entity() {
                Entity::Algorithm => &mut raw.principal,
                Entity::Person => &mut raw.resource,
                Entity::Decision => &mut raw.context.own,
                Entity::Parameter => &mut raw.context.parameters,
            };
            group.0.insert(Name(path.shared_name()), value.clone());
        }
        raw
    }
}
