use crate::{DecisionId, Entity, FactPath, FactValue, Facts, Instant, ModelError, PlaceCode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One decision about a person, with everything that is known of it at its instant.
///
/// JSON shape (`gongdao check`): `id`, `at` (RFC 3339), `action`, optional `place`, `algorithm` and `person`
/// (identifiers), and the facts as three objects `principal`, `resource`, `context` (numbers set by law under
/// `context.parameters`). A fact that is absent is unknown; `null` is refused.
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
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    principal: BTreeMap<String, FactValue>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    resource: BTreeMap<String, FactValue>,
    #[serde(default, skip_serializing_if = "RawContext::is_empty")]
    context: RawContext,
}

#[derive(Default, Serialize, Deserialize)]
struct RawContext {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    parameters: BTreeMap<String, FactValue>,
    #[serde(flatten)]
    own: BTreeMap<String, FactValue>,
}

impl RawContext {
    fn is_empty(&self) -> bool {
        self.parameters.is_empty() && self.own.is_empty()
    }
}

impl TryFrom<Raw> for DecisionRecord {
    type Error = ModelError;
    fn try_from(raw: Raw) -> Result<Self, ModelError> {
        let mut facts = Facts::new();
        let groups = [
            (Entity::Algorithm, raw.principal),
            (Entity::Person, raw.resource),
            (Entity::Parameter, raw.context.parameters),
            (Entity::Decision, raw.context.own),
        ];
        for (entity, group) in groups {
            for (name, value) in group {
                facts.insert(FactPath::new(entity, &name)?, value);
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
            principal: BTreeMap::new(),
            resource: BTreeMap::new(),
            context: RawContext::default(),
        };
        for (path, value) in record.facts.iter() {
            let group = match path.entity() {
                Entity::Algorithm => &mut raw.principal,
                Entity::Person => &mut raw.resource,
                Entity::Decision => &mut raw.context.own,
                Entity::Parameter => &mut raw.context.parameters,
            };
            group.insert(path.name().to_owned(), value.clone());
        }
        raw
    }
}
