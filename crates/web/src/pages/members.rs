//! A representative's page: members by mandate, their cases in one table, one filing for many.

use super::case::{Eyes, right_of, shown};
use super::file::kind_of;
use super::{MOST, mandates};
use crate::problem::{Problem, ProblemKind};
use crate::visitor::{Fields, Sent, Visitor, go};
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use gongdao_desk::{About, Mandate, RequestKind};
use gongdao_service::{Caller, Member, NewFiling, Role};
use minijinja::{Value, context};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Mandates that are looked at.
const MANDATES: u32 = 200;
/// Cases of one member in the table.
const CASES: u32 = 20;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/members", get(members))
        .route("/members/mandates", post(propose))
        .route("/members/new", get(form).post(file))
        .route("/members/filings/{filing}", get(filing))
}

/// The mandates that somebody holds.
fn held(app: &App, caller: &Caller) -> Result<Vec<Mandate>, Problem> {
    if !caller.roles.contains(&Role::Representative) {
        let hint = "members are for accounts of representatives";
        return Err(Problem::new(ProblemKind::Forbidden, "you represent nobody", hint));
    }
    let mut all = app.service.mandates(caller, None, MANDATES)?;
    all.retain(|mandate| mandate.terms.representative == caller.actor);
    Ok(all)
}

async fn members(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    visitor.caller()?;
    blocking(move || members_page(&app, &visitor, StatusCode::OK, None)).await
}

fn members_page(app: &App, visitor: &Visitor, status: StatusCode, wrong: Option<&Value>) -> Result<Response, Problem> {
    let caller = visitor.caller()?;
    let (held, now) = (held(app, caller)?, app.service.now());
    let live: BTreeSet<&str> =
        held.iter().filter(|mandate| mandate.is_live(now)).map(|mandate| mandate.terms.person.as_str()).collect();
    let mut rows = Vec::new();
    for person in live {
        for view in app.service.cases_of(caller, person, None, CASES)? {
            rows.push(shown(app, visitor.language, &view, Eyes::Asking)?);
        }
    }
    let held =
        held.iter().map(|mandate| mandates::shown(app, visitor.language, mandate)).collect::<Result<Vec<_>, _>>()?;
    let values = context! { held, rows, kinds => super::file::kinds(app, visitor.language)?, wrong };
    visitor.page(app, "members.html", status, values)
}

async fn propose(State(app): State<Shared>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let made = mandates::proposed(&fields, fields.text("person"), caller.actor.clone());
        match made.and_then(|new| Ok(app.service.propose_mandate(&caller, new)?)) {
            Ok(_) => go("/members"),
            Err(problem) if problem.kind == ProblemKind::Input => {
                let wrong = visitor.wrong(&app, &problem);
                members_page(&app, &visitor, problem.kind.status(), Some(&wrong))
            }
            Err(problem) => Err(problem),
        }
    })
    .await
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Which {
    kind: Option<String>,
}

async fn form(State(app): State<Shared>, visitor: Visitor, Query(which): Query<Which>) -> Result<Response, Problem> {
    visitor.caller()?;
    let kind = which.kind.as_deref().filter(|kind| !kind.is_empty()).map(kind_of).transpose()?;
    blocking(move || form_page(&app, &visitor, kind, StatusCode::OK, context! {})).await
}

/// First the kind, then for whom: only members whose mandate covers it.
fn form_page(
    app: &App,
    visitor: &Visitor,
    kind: Option<RequestKind>,
    status: StatusCode,
    more: Value,
) -> Result<Response, Problem> {
    let caller = visitor.caller()?;
    let (held, now) = (held(app, caller)?, app.service.now());
    let live: Vec<&Mandate> = held.iter().filter(|mandate| mandate.is_live(now)).collect();
    let open: BTreeSet<RequestKind> = live.iter().flat_map(|mandate| mandate.terms.kinds.iter().copied()).collect();
    let named = |kind: &RequestKind| {
        let right = right_of(app, *kind)?;
        Ok(context! { kind => kind.as_str(), name => visitor.language.choose(&right.zh, &right.en) })
    };
    let kinds = open.iter().map(named).collect::<Result<Vec<Value>, Problem>>()?;
    let Some(kind) = kind else {
        return visitor.page(app, "file_for_many.html", status, context! { kinds, ..more });
    };
    let right = right_of(app, kind)?;
    let mut members: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for mandate in live.iter().filter(|mandate| mandate.terms.kinds.contains(&kind)) {
        members.insert(&mandate.terms.person, mandate.terms.decision.as_deref());
    }
    let members = members.iter().map(|(person, decision)| context! { person, decision }).collect::<Vec<_>>();
    let values = context! {
        kinds,
        kind => kind.as_str(),
        name => visitor.language.choose(&right.zh, &right.en),
        rests_on => right.rests_on.iter().map(ToString::to_string).collect::<Vec<_>>(),
        grounds => Value::from_serialize(&right.grounds),
        needs_password => right.step_up,
        members,
        ..more
    };
    visitor.page(app, "file_for_many.html", status, values)
}

fn new_filing(kind: RequestKind, fields: &Fields, language: &str) -> NewFiling {
    let member = |person: String| {
        let about = About {
            decision: fields.one(&format!("decision {person}")),
            purpose: fields.one("purpose"),
            tag: fields.one("tag"),
            information: fields.one("information"),
        };
        Member { person, about }
    };
    NewFiling {
        kind,
        members: fields.all("members").into_iter().map(member).collect(),
        text: fields.text("text").replace("\r\n", "\n"),
        ground: fields.one("ground"),
        language: Some(language.to_owned()),
        password: Some(fields.raw("password")).filter(|password| !password.is_empty()),
    }
}

async fn file(State(app): State<Shared>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let (caller, kind) = (visitor.caller()?.clone(), kind_of(&fields.text("kind"))?);
    blocking(move || {
        let new = new_filing(kind, &fields, visitor.language.choose("zh", "en"));
        if new.members.is_empty() {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return form_page(&app, &visitor, Some(kind), status, context! { missing => "members" });
        }
        match app.service.file_for_many(&caller, new).map_err(Problem::from) {
            Ok((filing, rows)) => {
                let row = |row: &gongdao_service::FiledRow| match &row.case {
                    Ok(view) => context! { person => row.person, case => view.case.id },
                    Err(error) => {
                        context! { person => row.person, wrong => visitor.wrong(&app, &Problem::from(error.clone())) }
                    }
                };
                let rows = rows.iter().map(row).collect::<Vec<_>>();
                visitor.page(&app, "filed.html", StatusCode::OK, context! { filing, rows })
            }
            Err(problem) if matches!(problem.kind, ProblemKind::Input | ProblemKind::Unauthenticated) => {
                let wrong = visitor.wrong(&app, &Problem { kind: ProblemKind::Input, ..problem });
                form_page(&app, &visitor, Some(kind), StatusCode::UNPROCESSABLE_ENTITY, context! { wrong })
            }
            Err(problem) => Err(problem),
        }
    })
    .await
}

async fn filing(State(app): State<Shared>, visitor: Visitor, Path(id): Path<String>) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let page = app.service.filing(&caller, &id, None, MOST)?;
        let rows = page.items.iter().map(|view| shown(&app, visitor.language, view, Eyes::Asking));
        let rows = rows.collect::<Result<Vec<Value>, _>>()?;
        visitor.page(&app, "filing.html", StatusCode::OK, context! { filing => id, rows })
    })
    .await
}
