//! Entities that conditions over any attributes may ask about.

use crate::value::ValueId;
use std::collections::{HashMap, HashSet};

/// What is known of one entity.
#[derive(Debug, Default)]
pub(crate) struct Entity {
    pub(crate) attributes: HashMap<Box<str>, ValueId>,
    pub(crate) tags: HashMap<Box<str>, ValueId>,
    /// Every entity above it, at any distance.
    pub(crate) above: HashSet<ValueId>,
}

impl Entity {
    pub(crate) fn attribute(&self, name: &str) -> Option<ValueId> {
        self.attributes.get(name).copied()
    }

    pub(crate) fn tag(&self, name: &str) -> Option<ValueId> {
        self.tags.get(name).copied()
    }

    pub(crate) fn is_below(&self, other: ValueId) -> bool {
        self.above.contains(&other)
    }
}

/// The entities by the number of their identifier.
#[derive(Debug, Default)]
pub(crate) struct Store {
    entities: HashMap<ValueId, Entity>,
}

impl Store {
    pub(crate) fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    pub(crate) fn entity(&self, id: ValueId) -> Option<&Entity> {
        self.entities.get(&id)
    }

    pub(crate) fn insert(&mut self, id: ValueId, entity: Entity) {
        self.entities.insert(id, entity);
    }
}
