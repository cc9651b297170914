//! The OpenAPI document, a page about it, and a page for each kind of problem. Nothing on them asks another server.
#![allow(clippy::indexing_slicing, reason = "a missing member of a JSON value is null")]

use crate::Shared;
use crate::extract::Segment;
use crate::problem::{Problem, ProblemKind};
use crate::template::rendered;
use crate::visitor::Visitor;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use minijinja::context;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const API: &str = include_str!("../../../../templates/api.html");

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(openapi)).routes(routes!(docs)).routes(routes!(problem))
}

/// This document
#[utoipa::path(get, path = "/openapi.json", operation_id = "openapi", tag = "operation",
    responses((status = 200, description = "OpenAPI 3.1", body = crate::schema::Anything),
        (status = 304, description = "You have it already")))]
async fn openapi(State(app): State<Shared>, headers: HeaderMap) -> Response {
    let Some(document) = app.document.get() else {
        return Problem::internal("the document is missing").into_response();
    };
    let fresh = [(ETAG, document.etag.clone()), (CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    if headers.get(IF_NONE_MATCH) == Some(&document.etag) {
        return (StatusCode::NOT_MODIFIED, fresh).into_response();
    }
    let kind = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (fresh, kind, document.text.clone()).into_response()
}

/// This document as a page
#[utoipa::path(get, path = "/docs", operation_id = "docs", tag = "operation",
    responses((status = 200, description = "HTML", content_type = "text/html", body = String)))]
async fn docs(State(app): State<Shared>) -> Result<Html<String>, Problem> {
    let document = app.document.get().ok_or_else(|| Problem::internal("the document is missing"))?;
    Ok(Html(document.page.clone()))
}

/// What a kind of refusal means, and what to do
#[utoipa::path(get, path = "/problems/{kind}", operation_id = "problem", tag = "operation",
    params(("kind" = String, Path, description = "Last part of a problem’s `type`", example = "not-found")),
    responses((status = 200, description = "HTML", content_type = "text/html", body = String)))]
async fn problem(
    State(app): State<Shared>,
    visitor: Visitor,
    Segment(word): Segment<String>,
) -> Result<Response, Problem> {
    let kind = ProblemKind::ALL.iter().copied().find(|kind| kind.word() == word);
    let kind = kind.ok_or_else(|| Problem::of(ProblemKind::NotFound))?;
    let words = app.catalogue.words(visitor.language);
    let said = |part: &str| {
        words.say(&format!("problem.{part}.{}", kind.word()), &[]).map_err(|error| Problem::internal(error.message))
    };
    let values = context! {
        word => kind.word(),
        status => kind.status().as_u16(),
        title => said("title")?,
        about => said("about")?,
    };
    visitor.page(&app, "problem.html", StatusCode::OK, values)
}

/// The page of a document.
pub(crate) fn page(document: &Value, stylesheet: &str) -> Result<String, Problem> {
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let mut groups = Vec::new();
    for tag in document["tags"].as_array().into_iter().flatten() {
        let name = text(tag, "name");
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if operation["tags"][0] == name.as_str() {
                    operations.push(described(method, path, operation));
                }
            }
        }
        groups.push(context! { name, description => text(tag, "description"), operations });
    }
    rendered(
        API,
        &context! {
            stylesheet,
            version => text(&document["info"], "version"),
            description => text(&document["info"], "description"),
            problems => crate::openapi::problem_words().collect::<Vec<_>>(),
            groups,
        },
    )
}

fn described(method: &str, path: &str, operation: &Value) -> minijinja::Value {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let parameters: Vec<_> = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| {
            let required = one["required"].as_bool().unwrap_or_default();
            context! { name => text(&one["name"]), place => text(&one["in"]), required, description => text(&one["description"]) }
        })
        .collect();
    let content = operation["requestBody"]["content"].as_object();
    let bodies: Vec<String> = content.into_iter().flatten().map(|(kind, _)| kind.clone()).collect();
    let answers: Vec<_> = operation["responses"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(status, answer)| context! { status, description => text(&answer["description"]) })
        .collect();
    let id = text(&operation["operationId"]);
    let (summary, description) = (text(&operation["summary"]), text(&operation["description"]));
    let example = operation["x-curl"].as_str().map(str::to_owned);
    let method = method.to_uppercase();
    context! { id, method, path, summary, description, parameters, bodies, answers, example }
}
