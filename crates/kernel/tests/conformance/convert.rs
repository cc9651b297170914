//! From the official evaluator's values, as explicit JSON, to the kernel's.

use cedar_policy::{Context, Entities, Entity, EntityUid};
use gongdao_kernel::{Described, Value};
use gongdao_rules::{Constant, Extension};
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap, HashSet};

pub(crate) fn uid(uid: &EntityUid) -> Constant {
    Constant::Entity { kind: uid.type_name().to_string(), id: uid.id().unescaped().to_owned() }
}

pub(crate) fn entities(entities: &Entities) -> Vec<Described> {
    let one = |entity: &Entity| {
        let json = entity.to_json_value().unwrap();
        let fields = |key: &str| json.get(key).map_or_else(BTreeMap::new, record);
        Described {
            id: uid(&entity.uid()),
            attributes: fields("attrs"),
            tags: fields("tags"),
            above: entities.ancestors(&entity.uid()).unwrap().map(uid).collect(),
        }
    };
    entities.iter().map(one).collect()
}

/// A context is read as the attributes of an entity, which can be written as explicit JSON.
pub(crate) fn context(context: Context) -> Value {
    let attributes: HashMap<_, _> = context.into_iter().collect();
    let nobody: EntityUid = "Nobody::\"\"".parse().unwrap();
    let entity = Entity::new(nobody, attributes, HashSet::new()).unwrap();
    Value::Record(record(entity.to_json_value().unwrap().get("attrs").unwrap()))
}

fn record(json: &Json) -> BTreeMap<String, Value> {
    json.as_object().unwrap().iter().map(|(name, json)| (name.clone(), value(json))).collect()
}

fn value(json: &Json) -> Value {
    match json {
        Json::Bool(truth) => Value::Constant(Constant::Bool(*truth)),
        Json::Number(number) => Value::Constant(Constant::Long(number.as_i64().unwrap())),
        Json::String(text) => Value::Constant(Constant::Text(text.clone())),
        Json::Array(elements) => Value::Set(elements.iter().map(value).collect()),
        Json::Object(fields) => match (fields.get("__entity"), fields.get("__extn")) {
            (Some(of), _) => Value::Constant(Constant::Entity { kind: text(of, "type"), id: text(of, "id") }),
            (_, Some(call)) => Value::Constant(Constant::Extension(extension(call))),
            _ => Value::Record(record(json)),
        },
        Json::Null => panic!("a null is no value"),
    }
}

fn text(json: &Json, key: &str) -> String {
    json.get(key).and_then(Json::as_str).unwrap_or_else(|| panic!("no `{key}` in {json}")).to_owned()
}

fn extension(call: &Json) -> Extension {
    let made = |function: &str, text: &str| match function {
        "decimal" => Extension::decimal(text),
        "datetime" => Extension::datetime(text),
        "duration" => Extension::duration(text),
        "ip" => Extension::ip(text),
        _ => None,
    };
    let function = text(call, "fn");
    if let Some(argument) = call.get("arg").and_then(Json::as_str) {
        return made(&function, argument).unwrap_or_else(|| panic!("{call} has no value"));
    }
    // An instant is written as the epoch moved by a duration.
    let arguments: Vec<Extension> = call
        .get("args")
        .and_then(Json::as_array)
        .unwrap()
        .iter()
        .map(|one| extension(one.get("__extn").unwrap()))
        .collect();
    match (function.as_str(), arguments.as_slice()) {
        ("offset", [Extension::Datetime(at), Extension::Duration(by)]) => Extension::Datetime(at + by),
        _ => panic!("{call} is not understood"),
    }
}
