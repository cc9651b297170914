//! A worker's first page: decisions about them, newest first, each one tap from its explanation, and what waits.

use super::case::{Eyes, shown};
use super::{MOST, own_persons};
use crate::paging::{Part, after_decision};
use crate::problem::Problem;
use crate::visitor::Visitor;
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use gongdao_desk::MandateState;
use gongdao_i18n::Language;
use gongdao_service::port::Projected;
use gongdao_service::{Caller, Purpose};
use minijinja::{Value, context};
use serde::Deserialize;

/// Decisions on one page.
const LINES: u32 = 20;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/me", get(me))
}

/// Which of one's pseudonyms, and after which line.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Whose {
    pub(super) person: Option<String>,
    pub(super) after: Option<String>,
}

impl Whose {
    /// The pseudonym that is meant: the one that was named, else the first.
    pub(super) fn person(&self, caller: &Caller) -> Option<String> {
        let own = own_persons(caller);
        self.person.clone().filter(|person| own.contains(person)).or_else(|| own.into_iter().next())
    }
}

async fn me(State(app): State<Shared>, visitor: Visitor, Query(whose): Query<Whose>) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let Some(person) = whose.person(&caller) else {
            return visitor.page(&app, "me.html", StatusCode::OK, context! { persons => own_persons(&caller) });
        };
        let part = Part { cursor: whose.after.clone(), limit: Some(LINES) };
        let lines =
            app.service.decisions_of(&caller, &person, &Purpose::default(), part.after_decision()?.as_ref(), LINES)?;
        let next = lines.last().filter(|_| lines.len() >= LINES as usize).map(|line| after_decision(line.at, &line.id));
        let decisions: Vec<Value> = lines.iter().map(|line| decision(&app, visitor.language, line)).collect();
        let values = context! {
            persons => own_persons(&caller),
            person,
            decisions,
            next,
            is_first => whose.after.is_none(),
            waiting => waiting(&app, &caller, &person, visitor.language)?,
            proposed => proposed(&app, &caller)?,
        };
        visitor.page(&app, "me.html", StatusCode::OK, values)
    })
    .await
}

fn decision(app: &App, language: Language, line: &Projected) -> Value {
    let named = app.service.vocabulary().actions.get(&line.action);
    context! {
        id => line.id,
        at => line.at.to_string(),
        action => named.map_or(line.action.as_str(), |named| language.choose(&named.zh, &named.en)),
        effect => line.effect,
    }
}

/// Requests that are not closed.
fn waiting(app: &App, caller: &Caller, person: &str, language: Language) -> Result<Vec<Value>, Problem> {
    let cases = app.service.cases_of(caller, person, None, MOST)?;
    cases.iter().filter(|view| view.case.is_open()).map(|view| shown(app, language, view, Eyes::Asking)).collect()
}

/// How many mandates wait for a yes or no.
fn proposed(app: &App, caller: &Caller) -> Result<usize, Problem> {
    let mandates = app.service.mandates(caller, None, MOST)?;
    let own = own_persons(caller);
    let waits = |state, person: &String| state == MandateState::Proposed && own.contains(person);
    Ok(mandates.iter().filter(|mandate| waits(mandate.state, &mandate.terms.person)).count())
}
