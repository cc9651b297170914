//! Requests of a person: all of them with their clocks, and each with what happened and what the person can do.

use super::case::{Eyes, shown, story};
use super::me::Whose;
use super::{MOST, own_persons};
use crate::Shared;
use crate::paging::{Part, after_decision};
use crate::problem::{Problem, ProblemKind};
use crate::visitor::{Fields, Sent, Visitor, go};
use crate::work::blocking;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use gongdao_desk::{Identity, RemedyKind, Stage, What};
use gongdao_service::{CaseView, Turn};
use minijinja::{Value, context};
use serde::Deserialize;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/me/requests", get(requests))
        .route("/me/requests/{case}", get(request))
        .route("/me/requests/{case}/{act}", post(act))
}

async fn requests(
    State(app): State<Shared>,
    visitor: Visitor,
    Query(whose): Query<Whose>,
) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let persons = own_persons(&caller);
        let Some(person) = whose.person(&caller) else {
            return visitor.page(&app, "requests.html", StatusCode::OK, context! { persons, cases => [(); 0] });
        };
        let part = Part { cursor: whose.after.clone(), limit: None };
        let after = part.after_decision()?.map(|cursor| (cursor.at, cursor.id));
        let views = app.service.cases_of(&caller, &person, after, MOST)?;
        let full = views.last().filter(|_| views.len() >= MOST as usize);
        let next = full.map(|view| after_decision(view.case.filed_at, &view.case.id));
        let cases = views.iter().map(|view| shown(&app, visitor.language, view, Eyes::Asking));
        let cases = cases.collect::<Result<Vec<Value>, _>>()?;
        visitor.page(&app, "requests.html", StatusCode::OK, context! { persons, person, cases, next })
    })
    .await
}

/// What was just done, below `page.done_now`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Just {
    done: Option<String>,
}

impl Just {
    /// Only words that there are: an address can say anything.
    pub(super) fn done(&self) -> Option<&'static str> {
        const KNOWN: [&str; 5] = ["filed", "given", "withdrawn", "acted", "password"];
        KNOWN.into_iter().find(|known| self.done.as_deref() == Some(*known))
    }
}

async fn request(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(just): Query<Just>,
) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let (view, events) = app.service.case_story(&caller, &id)?;
        let values = context! {
            case => shown(&app, visitor.language, &view, Eyes::Asking)?,
            story => story(&events, visitor.language, &app),
            can => open_acts(&view),
            done => just.done(),
            photos => super::photos::photos_of(&app, &caller, &id)?,
            can_photo => view.case.is_open(),
        };
        visitor.page(&app, "request.html", StatusCode::OK, values)
    })
    .await
}

/// What the asking side can do now.
fn open_acts(view: &CaseView) -> Value {
    let stage = view.case.stage;
    context! {
        answer => stage == Stage::Input,
        say_who => stage == Stage::Identity,
        withdraw => matches!(stage, Stage::Identity | Stage::Open | Stage::Input | Stage::Agreement | Stage::Review),
        review => stage == Stage::Answered && view.remedies.iter().any(|way| way.remedy == RemedyKind::Review),
        close => stage == Stage::Answered,
    }
}

async fn act(
    State(app): State<Shared>,
    Path((id, act)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    let (turn, done) = turn(&act, &fields)?;
    blocking(move || {
        let back = format!("/me/requests/{}", crate::oidc::encoded(&id));
        match app.service.act_on_case(&caller, &id, turn).map_err(Problem::from) {
            Ok(_) => go(&format!("{back}?done={done}")),
            Err(problem) if problem.kind == ProblemKind::Forbidden && act == "identify" => {
                go(&format!("{back}?done=password"))
            }
            Err(problem) => Err(problem),
        }
    })
    .await
}

fn turn(act: &str, fields: &Fields) -> Result<(Turn, &'static str), Problem> {
    let text = fields.text("text").replace("\r\n", "\n");
    let (what, done) = match act {
        "answer" => (What::Given { text }, "given"),
        "withdraw" => (What::Withdrawn, "withdrawn"),
        "review" => (What::ReviewAsked { text }, "acted"),
        "close" => (What::Closed, "acted"),
        "identify" => (What::Identified { identity: Identity::Password }, "acted"),
        _ => return Err(Problem::of(ProblemKind::NotFound)),
    };
    let password = (act == "identify").then(|| fields.raw("password"));
    Ok((Turn { what, password }, done))
}
