//! Entities and requests of a schema. Some entities that they refer to nobody describes.

use super::Draw;
use super::schema::{Action, GROUPS, Schema};
use super::values::{IDS, Uid, Val, draw_fields, draw_uid, draw_value, named};
use cedar_policy::{Context, Entities, Entity, Request};
use gongdao_kernel::{Asked, Described, Value};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
pub(crate) struct Thing {
    pub(crate) uid: Uid,
    pub(crate) parents: Vec<Uid>,
    pub(crate) attributes: Vec<(&'static str, Val)>,
    pub(crate) tags: Vec<(&'static str, Val)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) action: usize,
    pub(crate) principal: Uid,
    pub(crate) resource: Uid,
    pub(crate) context: Vec<(&'static str, Val)>,
}

pub(crate) const TAGS: [&str; 3] = ["a", "两", "with space"];

pub(crate) fn things(draw: &mut Draw<'_>, schema: &Schema) -> Vec<Thing> {
    let mut things = Vec::new();
    for (number, kind) in schema.kinds.iter().enumerate() {
        for (index, id) in IDS.into_iter().enumerate() {
            if draw.one_in(4) {
                continue;
            }
            // Above it stands what has a greater number, or one of its own kind that comes later.
            let later = |above: usize| if above == number { index + 1 } else { 0 };
            let above = kind.above.iter().flat_map(|above| IDS.into_iter().skip(later(*above)).map(|id| (*above, id)));
            let parents = above.filter(|_| draw.one_in(5)).map(|(kind, id)| Uid { kind: schema.kind(kind), id });
            let parents = parents.collect();
            let attributes = draw_fields(draw, schema, &kind.fields);
            let tags = kind.tags.iter().flat_map(|kind| TAGS.into_iter().map(move |name| (name, kind)));
            let tags: Vec<_> = tags.filter(|_| draw.one_in(2)).collect();
            let tags = tags.into_iter().map(|(name, kind)| (name, draw_value(draw, schema, kind))).collect();
            things.push(Thing { uid: Uid { kind: schema.kind(number), id }, parents, attributes, tags });
        }
    }
    things
}

pub(crate) fn question(draw: &mut Draw<'_>, schema: &Schema) -> Question {
    let action = draw.below(schema.actions.len());
    let asked = &schema.actions[action];
    let (principal, resource) = (draw.pick(&asked.principals), draw.pick(&asked.resources));
    Question {
        action,
        principal: draw_uid(draw, schema, principal),
        resource: draw_uid(draw, schema, resource),
        context: draw_fields(draw, schema, &asked.context),
    }
}

pub(crate) fn official_entities(things: &[Thing], official: &cedar_policy::Schema) -> Result<Entities, String> {
    let pairs = |fields: &[(&'static str, Val)]| -> Vec<_> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), value.official())).collect()
    };
    let entity = |thing: &Thing| {
        let parents = thing.parents.iter().map(Uid::official);
        Entity::new_with_tags(thing.uid.official(), pairs(&thing.attributes), parents, pairs(&thing.tags)).unwrap()
    };
    // With the schema: it describes the actions, and refuses entities that do not conform to it.
    Entities::from_entities(things.iter().map(entity), Some(official)).map_err(|error| format!("entities: {error:?}"))
}

pub(crate) fn described(schema: &Schema, things: &[Thing]) -> Vec<Described> {
    let parents: BTreeMap<&Uid, &[Uid]> = things.iter().map(|thing| (&thing.uid, thing.parents.as_slice())).collect();
    let thing = |thing: &Thing| Described {
        id: thing.uid.constant(),
        attributes: named(&thing.attributes),
        tags: named(&thing.tags),
        above: above(&thing.uid, &parents).into_iter().map(Uid::constant).collect(),
    };
    let action = |name: &'static str, groups: &[&'static str]| Described {
        id: action_uid(schema, name).constant(),
        attributes: BTreeMap::new(),
        tags: BTreeMap::new(),
        above: Schema::groups_above(groups).into_iter().map(|group| action_uid(schema, group).constant()).collect(),
    };
    let mut all: Vec<Described> = things.iter().map(thing).collect();
    all.push(action(GROUPS[0], &[]));
    all.push(action(GROUPS[1], &[GROUPS[0]]));
    all.extend(schema.actions.iter().map(|one| action(one.name, &one.groups)));
    all
}

pub(crate) fn action_uid(schema: &Schema, name: &'static str) -> Uid {
    Uid { kind: schema.action_kind(), id: name }
}

fn above<'a>(uid: &Uid, parents: &BTreeMap<&'a Uid, &'a [Uid]>) -> BTreeSet<&'a Uid> {
    let mut found = BTreeSet::new();
    let mut next: Vec<&Uid> = parents.get(uid).into_iter().flat_map(|own| own.iter()).collect();
    while let Some(one) = next.pop() {
        if found.insert(one) {
            next.extend(parents.get(one).into_iter().flat_map(|own| own.iter()));
        }
    }
    found
}

impl Question {
    fn action<'a>(&self, schema: &'a Schema) -> &'a Action {
        &schema.actions[self.action]
    }

    pub(crate) fn official(&self, schema: &Schema, official: &cedar_policy::Schema) -> Result<Request, String> {
        let pairs = self.context.iter().map(|(name, value)| ((*name).to_owned(), value.official()));
        let context = Context::from_pairs(pairs).map_err(|error| error.to_string())?;
        let action = action_uid(schema, self.action(schema).name).official();
        Request::new(self.principal.official(), action, self.resource.official(), context, Some(official))
            .map_err(|error| format!("request: {error:?}"))
    }

    pub(crate) fn ours(&self, schema: &Schema) -> Asked {
        Asked {
            principal: self.principal.constant(),
            action: action_uid(schema, self.action(schema).name).constant(),
            resource: self.resource.constant(),
            context: Value::Record(named(&self.context)),
        }
    }
}
