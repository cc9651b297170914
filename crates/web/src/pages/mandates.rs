//! Mandates of a person: given, waiting for a yes, taken back.

use super::case::after_day;
use super::file::{kind_of, kinds};
use super::{MOST, own_persons};
use crate::problem::{Problem, ProblemKind};
use crate::visitor::{Fields, Sent, Visitor, go};
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use gongdao_desk::{Mandate, MandateState, NewMandate};
use gongdao_i18n::Language;
use gongdao_service::MandateTurn;
use minijinja::{Value, context};

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/me/mandates", get(mandates).post(give)).route("/me/mandates/{mandate}/{act}", post(act))
}

async fn mandates(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    visitor.caller()?;
    blocking(move || page(&app, &visitor, StatusCode::OK, None)).await
}

fn page(app: &App, visitor: &Visitor, status: StatusCode, wrong: Option<&Value>) -> Result<Response, Problem> {
    let caller = visitor.caller()?;
    let own = own_persons(caller);
    let given = app.service.mandates(caller, None, MOST)?;
    let given = given.iter().filter(|mandate| own.contains(&mandate.terms.person));
    let given = given.map(|mandate| shown(app, visitor.language, mandate)).collect::<Result<Vec<_>, _>>()?;
    let values = context! { given, persons => own, kinds => kinds(app, visitor.language)?, wrong };
    visitor.page(app, "mandates.html", status, values)
}

/// What a template shows of a mandate.
pub(super) fn shown(app: &App, language: Language, mandate: &Mandate) -> Result<Value, Problem> {
    let terms = &mandate.terms;
    let now = app.service.now();
    let is_over = matches!(mandate.state, MandateState::Proposed | MandateState::Confirmed) && terms.until <= now;
    let names = terms
        .kinds
        .iter()
        .map(|kind| super::case::right_of(app, *kind).map(|right| language.choose(&right.zh, &right.en)));
    Ok(context! {
        id => mandate.id,
        person => terms.person,
        representative => terms.representative,
        kinds => names.collect::<Result<Vec<_>, _>>()?,
        decision => terms.decision,
        until => terms.until.to_string(),
        state => if is_over { "over" } else { mandate.state.as_str() },
        since => mandate.since.to_string(),
        can_confirm => mandate.state == MandateState::Proposed && !is_over,
        can_end => matches!(mandate.state, MandateState::Proposed | MandateState::Confirmed) && !is_over,
    })
}

/// A mandate out of a form.
///
/// Errors: a kind that is none, no last day.
pub(super) fn proposed(fields: &Fields, person: String, representative: String) -> Result<NewMandate, Problem> {
    let until = fields.one("until").as_deref().and_then(after_day).ok_or_else(|| {
        Problem::new(ProblemKind::Input, "the last day is missing or no day", "write it like `2026-12-31`")
    })?;
    let kinds = fields.all("kinds").iter().map(|word| kind_of(word)).collect::<Result<_, _>>()?;
    Ok(NewMandate { person, representative, kinds, decision: fields.one("decision"), until })
}

async fn give(State(app): State<Shared>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let own = own_persons(&caller);
        let person = fields.one("person").filter(|person| own.contains(person)).or_else(|| own.first().cloned());
        let made = proposed(&fields, person.unwrap_or_default(), fields.text("representative"));
        match made.and_then(|new| Ok(app.service.propose_mandate(&caller, new)?)) {
            Ok(_) => go("/me/mandates"),
            Err(problem) if problem.kind == ProblemKind::Input => {
                let wrong = visitor.wrong(&app, &problem);
                page(&app, &visitor, problem.kind.status(), Some(&wrong))
            }
            Err(problem) => Err(problem),
        }
    })
    .await
}

async fn act(
    State(app): State<Shared>,
    Path((id, act)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Problem> {
    let caller = sent.visitor.caller()?.clone();
    let turn = match act.as_str() {
        "confirm" => MandateTurn::Confirm,
        "decline" => MandateTurn::Decline,
        "revoke" => MandateTurn::Revoke,
        _ => return Err(Problem::of(ProblemKind::NotFound)),
    };
    let to = if sent.fields.text("from") == "members" { "/members" } else { "/me/mandates" };
    blocking(move || {
        app.service.act_on_mandate(&caller, &id, turn)?;
        go(to)
    })
    .await
}
