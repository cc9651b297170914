//! What is kept about a person: choices that they can change, who looked, and the whole of it to take along.

use super::decision::fact_name;
use super::me::Whose;
use super::own_persons;
use crate::problem::Problem;
use crate::visitor::Visitor;
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use gongdao_gate::StateFacts;
use gongdao_i18n::Language;
use gongdao_model::FactValue;
use gongdao_service::Purpose;
use minijinja::{Value, context};
use std::collections::BTreeSet;

/// Look-ups on the page; the whole list is in the record.
const LOOKS: u32 = 30;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/me/record", get(record))
}

async fn record(State(app): State<Shared>, visitor: Visitor, Query(whose): Query<Whose>) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let persons = own_persons(&caller);
        let Some(person) = whose.person(&caller) else {
            return visitor.page(&app, "my_record.html", StatusCode::OK, context! { persons });
        };
        let state = app.service.own_state(&caller, &person)?;
        let looks = app.service.look_ups(&caller, &person, &Purpose::default(), None, LOOKS)?;
        let record = app.service.record_counts(&caller, &person, &Purpose::default())?;
        let flag = |path: &str| match found(&state, path) {
            Some(FactValue::Bool(value)) => Some(*value),
            _ => None,
        };
        let values = context! {
            persons,
            person,
            manifest => Value::from_serialize(&record.manifest),
            at => record.at.to_string(),
            consents => words(&state, "resource.consents"),
            deleted_tags => words(&state, "resource.deletedTags"),
            restricted => words(&state, "resource.restrictedPurposes"),
            is_off => flag("resource.profilingOff"),
            others => others(&app, visitor.language, &state),
            looks => looks.iter().map(|look| context! {
                at => look.at.to_string(), roles => look.roles, purpose => look.purpose, what => look.what,
            }).collect::<Vec<_>>(),
        };
        visitor.page(&app, "my_record.html", StatusCode::OK, values)
    })
    .await
}

fn found<'a>(state: &'a StateFacts, path: &str) -> Option<&'a FactValue> {
    state.get(&path.parse().ok()?)
}

/// The words of a set; nothing where nobody recorded it.
fn words(state: &StateFacts, path: &str) -> Option<BTreeSet<String>> {
    match found(state, path) {
        Some(FactValue::TextSet(words)) => Some(words.clone()),
        _ => None,
    }
}

/// What else is so of the person.
fn others(app: &App, language: Language, state: &StateFacts) -> Vec<Value> {
    const TOLD: [&str; 4] =
        ["resource.consents", "resource.deletedTags", "resource.restrictedPurposes", "resource.profilingOff"];
    let rest = state.iter().filter(|(fact, _)| !TOLD.contains(&fact.to_string().as_str()));
    let line =
        |(fact, value)| context! { name => fact_name(app, language, fact), value => Value::from_serialize(value) };
    rest.map(line).collect()
}
