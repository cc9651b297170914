//! The desk of the operator: what waits, by time left, one case with its acts, and the place where a person reviews.

use super::MOST;
use super::case::{Eyes, right, shown, story};
use super::decision::explained;
use super::requests::Just;
use crate::paging::Part;
use crate::problem::{Problem, ProblemKind};
use crate::visitor::Visitor;
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use gongdao_desk::{RequestKind, Stage};
use gongdao_i18n::Language;
use gongdao_service::{CaseView, Purpose, QueueLine, QueueQuery, Role};
use minijinja::{Value, context};
use serde::Deserialize;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/desk", get(queue))
        .route("/desk/cases/{case}", get(case))
        .route("/desk/review/{case}", get(review))
}

/// Which part of the queue.
#[derive(Debug, Clone, Default, Deserialize)]
struct Which {
    kind: Option<String>,
    stage: Option<String>,
    late: Option<String>,
    after: Option<String>,
}

async fn queue(State(app): State<Shared>, visitor: Visitor, Query(which): Query<Which>) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let is_late = which.late.is_some();
        let chosen = |word: &Option<String>| word.clone().filter(|word| !word.is_empty());
        let query = QueueQuery { kind: chosen(&which.kind), stage: chosen(&which.stage), late: is_late };
        let part = Part { cursor: which.after.clone(), limit: None };
        let lines = app.service.case_queue(&caller, &query, part.after_place()?.as_ref(), MOST)?;
        let next = lines.last().filter(|_| lines.len() >= MOST as usize).map(|line| line.place.to_string());
        let rows = lines.iter().map(|line| row(&app, visitor.language, line)).collect::<Result<Vec<_>, _>>()?;
        let values = context! {
            rows,
            next,
            kinds => super::file::kinds(&app, visitor.language)?,
            stages => Stage::ALL.iter().filter(|stage| stage.is_with_operator()).map(|stage| stage.as_str()).collect::<Vec<_>>(),
            chosen => context! { kind => query.kind, stage => query.stage, late => is_late },
        };
        visitor.page(&app, "desk.html", StatusCode::OK, values)
    })
    .await
}

pub(super) fn row(app: &App, language: Language, line: &QueueLine) -> Result<Value, Problem> {
    let kind = super::file::kind_of(&line.kind)?;
    let right = super::case::right_of(app, kind)?;
    let today = app.service.now().date_in_shanghai().day_number();
    let days = line.due.map(|due| i64::from(due.date_in_shanghai().day_number()) - i64::from(today));
    Ok(context! {
        case => line.case,
        name => language.choose(&right.zh, &right.en),
        stage => line.stage,
        opened_at => line.opened_at.to_string(),
        due => line.due.map(|due| due.to_string()),
        days => days.map(i64::abs),
        left => days.map(|days| super::case::left(days, line.is_late)),
        is_late => line.is_late,
        suspends_penalty => line.suspends_penalty,
        is_review => line.stage == Stage::Review.as_str(),
    })
}

async fn case(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(just): Query<Just>,
) -> Result<Response, Problem> {
    visitor.caller()?;
    blocking(move || case_page(&app, &visitor, &id, StatusCode::OK, context! { done => just.done() })).await
}

/// The page of one case, also with what was wrong with an act.
pub(super) fn case_page(
    app: &App,
    visitor: &Visitor,
    id: &str,
    status: StatusCode,
    more: Value,
) -> Result<Response, Problem> {
    let caller = visitor.caller()?;
    let is_desk = caller.roles.iter().any(|role| matches!(role, Role::Officer | Role::Reviewer | Role::Regulator));
    if !is_desk {
        return Err(Problem::of(ProblemKind::NotFound));
    }
    let (view, events) = app.service.case_story(caller, id)?;
    let values = context! {
        case => shown(app, visitor.language, &view, Eyes::Desk)?,
        story => story(&events, visitor.language, app),
        can => open_acts(&view, &caller.actor, caller.roles.contains(&Role::Reviewer), caller.roles.contains(&Role::Officer)),
        refusals => Value::from_serialize(&right(app, &view)?.refusals),
        two_people => right(app, &view)?.two_people,
        photos => super::photos::photos_of(app, caller, id)?,
        show_photos => true,
        needs_done => matches!(view.case.kind, RequestKind::Correct | RequestKind::Delete) || right(app, &view)?.acts.is_some(),
        ..more
    };
    visitor.page(app, "desk_case.html", status, values)
}

/// What staff can do now. Whether it follows, the case itself decides again.
fn open_acts(view: &CaseView, actor: &str, is_reviewer: bool, is_officer: bool) -> Value {
    let stage = view.case.stage;
    let works = is_officer || is_reviewer;
    let has_it = matches!(stage, Stage::Open | Stage::Review);
    let proposed_by = view.case.proposal.as_ref().map(|proposal| proposal.by.actor.as_str());
    context! {
        identify => works && stage == Stage::Identity,
        take => works && has_it && view.case.handler.as_deref() != Some(actor),
        ask => works && has_it,
        extend => works && has_it,
        answer => works && stage == Stage::Open,
        agree => works && stage == Stage::Agreement && proposed_by != Some(actor),
        own_proposal => works && stage == Stage::Agreement && proposed_by == Some(actor),
        review => is_reviewer && stage == Stage::Review,
        carry_out => works,
    }
}

async fn review(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(just): Query<Just>,
) -> Result<Response, Problem> {
    visitor.caller()?;
    blocking(move || review_page(&app, &visitor, &id, StatusCode::OK, context! { done => just.done() })).await
}

/// The place where a person reviews: what was decided, on what it rested, what the person says, then their own word.
pub(super) fn review_page(
    app: &App,
    visitor: &Visitor,
    id: &str,
    status: StatusCode,
    more: Value,
) -> Result<Response, Problem> {
    let caller = visitor.caller()?;
    if !caller.roles.contains(&Role::Reviewer) {
        return Err(Problem::new(ProblemKind::Forbidden, "you are no reviewer", "ask someone whose role allows it"));
    }
    let (view, events) = app.service.case_story(caller, id)?;
    let words = app.catalogue.words(visitor.language);
    let purpose = words.say("page.review.purpose", &[("case", &view.case.id)]);
    let purpose = Purpose::new(&purpose.map_err(|error| Problem::internal(error.message))?)?;
    let decision = view.case.about.decision.as_deref();
    // A reviewer may not see everything that a decision rests on; then the page says so instead.
    let explanation = decision.and_then(|decision| app.service.explanation(caller, decision, &purpose).ok());
    let begun_by = view.case.review.as_ref().filter(|review| review.done_at.is_none()).map(|review| &review.by.actor);
    let values = context! {
        case => shown(app, visitor.language, &view, Eyes::Desk)?,
        story => story(&events, visitor.language, app),
        explanation => explanation.as_ref().map(|found| explained(app, visitor.language, found)).transpose()?,
        photos => super::photos::photos_of(app, caller, id)?,
        show_photos => true,
        is_open => view.case.stage == Stage::Review,
        is_mine => begun_by == Some(&caller.actor),
        is_anothers => begun_by.is_some_and(|by| *by != caller.actor),
        ..more
    };
    visitor.page(app, "review.html", status, values)
}
