//! The OpenAPI 3.1 document: what the routes say of themselves, and what holds for all of them.
#![allow(
    clippy::indexing_slicing,
    reason = "a missing member of a JSON value is made or null, and the document is an object"
)]

use crate::problem::ProblemKind;
use crate::schema;
use gongdao_model::{Entity, FactType};
use gongdao_rules::{FactDeclaration, Vocabulary};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

/// Title, tags and schemas that no route names directly.
#[derive(OpenApi)]
#[openapi(
    info(title = "Gongdao", description = "Chinese algorithm law, asked before a decision and proved after it. Every refusal is a problem detail (RFC 9457) whose `type` is the address of a page that explains it. Unknown is never fine: what nobody recorded is not judged."),
    components(schemas(schema::Problem)),
    tags(
        (name = "decisions", description = "May this algorithm do this to this person, now? And what was decided elsewhere"),
        (name = "state", description = "What is so of persons and algorithms: consents, tags, opt-outs, filings"),
        (name = "gate", description = "How far answers bind, and what the official evaluator found"),
        (name = "ledger", description = "Proofs that anyone can check"),
        (name = "labels", description = "Labels of generated content (GB 45438-2025)"),
        (name = "access", description = "Who is who, and who looked what up"),
        (name = "operation", description = "For whoever runs the service"),
        (name = "desk", description = "Requests of persons: see, copy, correct, delete, restrict, withdraw, opt out, explain, contest; mandates"),
        (name = "register", description = "Algorithms, their versions, filing, consultations: public to read"),
        (name = "oversight", description = "Orders of regulators with their clocks, and whether the ledger is whole")
    )
)]
pub(crate) struct Document;

/// The addresses that need no one to be logged in, beside those whose operations say so.
const OPEN: [&str; 7] = ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/problems/{kind}", "/labels"];

/// Adds to every operation what holds for all: its refusals, and how a caller says who it is.
pub(crate) fn complete(document: &utoipa::openapi::OpenApi, vocabulary: &Vocabulary) -> Value {
    let mut value = serde_json::to_value(document).unwrap_or_default();
    value["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    value["info"]["license"] = json!({"name": "Apache-2.0", "identifier": "Apache-2.0"});
    record(&mut value["components"]["schemas"]["DecisionRecord"], vocabulary);
    value["components"]["securitySchemes"] = json!({
        "key": {"type": "http", "scheme": "bearer", "description": "A key of a machine or account"},
        "session": {"type": "apiKey", "in": "cookie", "name": crate::auth::COOKIE, "description": "Somebody who is logged in"},
    });
    if let Some(paths) = value["paths"].as_object_mut() {
        for (path, item) in paths {
            let open = OPEN.contains(&path.as_str());
            for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
                complete_operation(operation, open);
            }
        }
    }
    value
}

/// The record's shape in the words of the packs: every action, every fact with its type, nothing else.
fn record(schema: &mut Value, vocabulary: &Vocabulary) {
    if !schema.is_object() {
        return;
    }
    schema["additionalProperties"] = false.into();
    schema["properties"]["action"]["enum"] = vocabulary.actions.keys().cloned().collect();
    for (name, entity) in
        [("principal", Entity::Algorithm), ("resource", Entity::Person), ("context", Entity::Decision)]
    {
        schema["properties"][name] = facts(vocabulary, entity);
    }
    schema["properties"]["context"]["properties"]["parameters"] = facts(vocabulary, Entity::Parameter);
}

fn facts(vocabulary: &Vocabulary, entity: Entity) -> Value {
    let own = vocabulary.facts.iter().filter(|(path, _)| path.entity() == entity);
    let properties: Map<String, Value> = own.map(|(path, declared)| (path.name().to_owned(), fact(declared))).collect();
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn fact(declared: &FactDeclaration) -> Value {
    let word = || {
        if declared.words.is_empty() {
            json!({"type": "string"})
        } else {
            json!({"type": "string", "enum": declared.words})
        }
    };
    let mut value = match declared.fact_type {
        FactType::Bool => json!({"type": "boolean"}),
        FactType::Long => json!({"type": "integer", "format": "int64"}),
        FactType::Text => word(),
        FactType::TextSet => json!({"type": "array", "items": word()}),
    };
    value["description"] = format!("{} / {}", declared.zh, declared.en).into();
    value
}

fn complete_operation(operation: &mut Value, open: bool) {
    if !operation.is_object() {
        return;
    }
    operation["responses"]["default"] = json!({
        "description": "Refused; `type` says why",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    });
    if !open && operation.get("security").is_none() {
        operation["security"] = json!([{"key": []}, {"session": []}]);
    }
}

/// The kinds of problems, for the page about them.
pub(crate) fn problem_words() -> impl Iterator<Item = &'static str> {
    ProblemKind::ALL.iter().map(|kind| kind.word())
}
