use crate::ModelError;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

/// Whose attribute a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// The algorithm (`principal`).
    Algorithm,
    /// The person (`resource`).
    Person,
    /// The decision itself (`context`).
    Decision,
    /// A number that law or an agreement sets (`context.parameters`).
    Parameter,
}

impl Entity {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Parameter, "context.parameters."),
        (Self::Algorithm, "principal."),
        (Self::Person, "resource."),
        (Self::Decision, "context."),
    ];

    /// The path before the attribute's name, as Cedar writes it, with its full stop.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Algorithm => "principal.",
            Self::Person => "resource.",
            Self::Decision => "context.",
            Self::Parameter => "context.parameters.",
        }
    }
}

/// The name of a fact as rules write it: `resource.profilingOff`, `context.parameters.hourlyMinimumWageFen`.
#[derive(Debug, Clone, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FactPath {
    entity: Entity,
    name: Arc<str>,
}

/// By hand rather than derived: copies share their text, and mostly it is copies that are compared.
impl PartialEq for FactPath {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.entity == other.entity && (Arc::ptr_eq(&self.name, &other.name) || self.name == other.name)
    }
}

impl Hash for FactPath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.entity.hash(state);
        self.name.hash(state);
    }
}

impl FactPath {
    /// The fact `name` of `entity`.
    pub fn new(entity: Entity, name: &str) -> Result<Self, ModelError> {
        Self::of(entity, name.into())
    }

    /// The same of a name that is kept already.
    pub(crate) fn of(entity: Entity, name: Arc<str>) -> Result<Self, ModelError> {
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(ModelError::new(format!("`{name}` is not the name of a fact"), "use letters, digits and `_`"));
        }
        Ok(Self { entity, name })
    }

    /// The name, shared.
    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// Whose attribute it is.
    pub fn entity(&self) -> Entity {
        self.entity
    }

    /// The attribute alone, without its entity.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for FactPath {
    type Err = ModelError;
    fn from_str(text: &str) -> Result<Self, ModelError> {
        for (entity, prefix) in Entity::ALL {
            if let Some(name) = text.strip_prefix(prefix) {
                return Self::new(entity, name);
            }
        }
        Err(ModelError::new(
            format!("`{text}` is not a fact"),
            "start it with `principal.`, `resource.`, `context.` or `context.parameters.`",
        ))
    }
}

impl TryFrom<String> for FactPath {
    type Error = ModelError;
    fn try_from(text: String) -> Result<Self, ModelError> {
        text.parse()
    }
}

impl From<FactPath> for String {
    fn from(path: FactPath) -> String {
        path.to_string()
    }
}

impl fmt::Display for FactPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.entity.prefix(), self.name)
    }
}

/// Type of a fact in the vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactType {
    /// True or false.
    Bool,
    /// 64-bit integer, unit in the name.
    Long,
    /// One word.
    Text,
    /// Several words, in no order.
    TextSet,
}

impl FactType {
    /// The type as Cedar's schema writes it.
    pub fn cedar_name(self) -> &'static str {
        match self {
            Self::Bool => "Bool",
            Self::Long => "Long",
            Self::Text => "String",
            Self::TextSet => "Set<String>",
        }
    }
}

/// Value of a fact. In files: true or false, a whole number, text, or a list of texts whose order does not count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum FactValue {
    /// True or false.
    Bool(bool),
    /// 64-bit integer.
    Long(i64),
    /// One word.
    Text(String),
    /// Several words.
    TextSet(BTreeSet<String>),
}

impl FactValue {
    /// The value's type.
    pub fn fact_type(&self) -> FactType {
        match self {
            Self::Bool(_) => FactType::Bool,
            Self::Long(_) => FactType::Long,
            Self::Text(_) => FactType::Text,
            Self::TextSet(_) => FactType::TextSet,
        }
    }
}

/// By hand rather than derived, so that a value that is none of the four is refused in words.
impl<'de> Deserialize<'de> for FactValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = FactValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, false, a whole number, text, or a list of texts (leave an unknown fact out)")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<FactValue, E> {
        Ok(FactValue::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<FactValue, E> {
        Ok(FactValue::Long(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<FactValue, E> {
        let fits = i64::try_from(value);
        fits.map(FactValue::Long).map_err(|_| E::custom(format!("the number `{value}` does not fit into 64 bits")))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<FactValue, E> {
        Ok(FactValue::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut words: A) -> Result<FactValue, A::Error> {
        let mut set = BTreeSet::new();
        while let Some(word) = words.next_element()? {
            set.insert(word);
        }
        Ok(FactValue::TextSet(set))
    }
}

/// What is known about one decision; what is not in here is unknown, never false.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// INVARIANT: ascending by path, each path once. Decisions have some twenty facts, which are read far more often than
    /// learnt: side by side they are read fastest.
    known: Vec<(FactPath, FactValue)>,
}

impl Facts {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a fact, if known.
    pub fn value(&self, path: &FactPath) -> Option<&FactValue> {
        let position = self.position(path).ok()?;
        self.known.get(position).map(|(_, value)| value)
    }

    /// Learn a fact; returns what was known before. Quickest in the order of paths.
    pub fn insert(&mut self, path: FactPath, value: FactValue) -> Option<FactValue> {
        if self.known.last().is_none_or(|(last, _)| *last < path) {
            self.known.push((path, value));
            return None;
        }
        match self.position(&path) {
            Ok(position) => self.known.get_mut(position).map(|(_, known)| std::mem::replace(known, value)),
            Err(position) => {
                self.known.insert(position, (path, value));
                None
            }
        }
    }

    /// Forget a fact.
    pub fn remove(&mut self, path: &FactPath) -> Option<FactValue> {
        let position = self.position(path).ok()?;
        Some(self.known.remove(position).1)
    }

    fn position(&self, path: &FactPath) -> Result<usize, usize> {
        self.known.binary_search_by(|(known, _)| known.cmp(path))
    }

    /// Facts in the order of their paths.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&FactPath, &FactValue)> + Clone {
        self.known.iter().map(|(path, value)| (path, value))
    }

    /// How many facts are known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

impl FromIterator<(FactPath, FactValue)> for Facts {
    fn from_iter<I: IntoIterator<Item = (FactPath, FactValue)>>(facts: I) -> Self {
        // Of a path that comes twice the last value counts.
        let known: BTreeMap<FactPath, FactValue> = facts.into_iter().collect();
        Self { known: known.into_iter().collect() }
    }
}
