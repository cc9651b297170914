//! Filing a request: what can be asked for, then a form for it with its articles in plain words.

use super::case::right_of;
use super::me::Whose;
use super::own_persons;
use crate::problem::{Problem, ProblemKind};
use crate::visitor::{Fields, Sent, Visitor, go};
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use gongdao_desk::{About, RequestKind};
use gongdao_i18n::Language;
use gongdao_model::FactValue;
use gongdao_service::{Caller, NewCase};
use minijinja::{Value, context};
use serde::Deserialize;
use std::collections::BTreeSet;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/me/requests/new", get(choose)).route("/me/requests/new/{kind}", get(form).post(file))
}

/// The kind of a word in an address.
pub(super) fn kind_of(word: &str) -> Result<RequestKind, Problem> {
    let found = RequestKind::ALL.into_iter().find(|kind| kind.as_str() == word);
    found.ok_or_else(|| Problem::of(ProblemKind::NotFound))
}

/// What can be asked for, each with its name.
pub(super) fn kinds(app: &App, language: Language) -> Result<Vec<Value>, Problem> {
    let named = |kind: RequestKind| {
        let right = right_of(app, kind)?;
        Ok(
            context! { kind => kind.as_str(), name => language.choose(&right.zh, &right.en), at_once => right.acts.is_some() },
        )
    };
    RequestKind::ALL.into_iter().map(named).collect()
}

async fn choose(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    visitor.caller()?;
    let kinds = kinds(&app, visitor.language)?;
    visitor.page(&app, "choose.html", StatusCode::OK, context! { kinds })
}

/// What a link to the form says already, so that nobody types it twice (WCAG 2.2, 3.3.7).
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Known {
    decision: Option<String>,
    tag: Option<String>,
    purpose: Option<String>,
    information: Option<String>,
}

async fn form(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(kind): Path<String>,
    Query(known): Query<Known>,
    Query(whose): Query<Whose>,
) -> Result<Response, Problem> {
    let (caller, kind) = (visitor.caller()?.clone(), kind_of(&kind)?);
    let known = [
        ("decision", known.decision),
        ("tag", known.tag),
        ("purpose", known.purpose),
        ("information", known.information),
        ("person", whose.person(&caller)),
    ];
    let filled: Value = known.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    blocking(move || page(&app, &visitor, &caller, kind, &filled, StatusCode::OK, context! {})).await
}

fn page(
    app: &App,
    visitor: &Visitor,
    caller: &Caller,
    kind: RequestKind,
    filled: &Value,
    status: StatusCode,
    more: Value,
) -> Result<Response, Problem> {
    let (right, language) = (right_of(app, kind)?, visitor.language);
    let limits = app.service.desk_limits()?.value;
    let limit = if right.person_decides { limits.review } else { limits.answer };
    let persons = own_persons(caller);
    let known = match persons.first() {
        Some(person) => app.service.own_state(caller, person)?,
        None => gongdao_gate::StateFacts::new(),
    };
    let purposes: BTreeSet<&String> = known
        .iter()
        .filter(|(fact, _)| ["resource.consents", "resource.separateConsents"].contains(&fact.to_string().as_str()))
        .filter_map(|(_, value)| if let FactValue::TextSet(words) = value { Some(words) } else { None })
        .flatten()
        .collect();
    let values = context! {
        kind => kind.as_str(),
        name => language.choose(&right.zh, &right.en),
        rests_on => right.rests_on.iter().map(ToString::to_string).collect::<Vec<_>>(),
        refusals => Value::from_serialize(&right.refusals),
        grounds => Value::from_serialize(&right.grounds),
        needs_password => right.step_up,
        at_once => right.acts.is_some(),
        limit => limit.map(|limit| limit.0.to_string()),
        persons,
        purposes,
        filled,
        ..more
    };
    visitor.page(app, "file.html", status, values)
}

/// A request out of a form; the name of what is missing, below `page.file.missing`.
fn request(kind: RequestKind, person: String, fields: &Fields, language: Language) -> Result<NewCase, &'static str> {
    let about = About {
        decision: fields.one("decision"),
        purpose: fields.one("purpose"),
        tag: fields.one("tag"),
        information: fields.one("information"),
    };
    let missing = match kind {
        RequestKind::Correct if about.information.is_none() => Some("information"),
        RequestKind::Restrict | RequestKind::WithdrawConsent if about.purpose.is_none() => Some("purpose"),
        RequestKind::DeleteTag if about.tag.is_none() => Some("tag"),
        RequestKind::Contest if about.decision.is_none() => Some("decision"),
        RequestKind::Contest if fields.one("ground").is_none() => Some("ground"),
        _ => None,
    };
    if let Some(missing) = missing {
        return Err(missing);
    }
    let text = fields.text("text").replace("\r\n", "\n");
    if text.chars().count() > 10_000 {
        return Err("long");
    }
    Ok(NewCase {
        kind,
        person,
        about,
        text,
        ground: fields.one("ground"),
        language: Some(language.choose("zh", "en").to_owned()),
        password: Some(fields.raw("password")).filter(|password| !password.is_empty()),
    })
}

async fn file(State(app): State<Shared>, Path(kind): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let (caller, kind) = (visitor.caller()?.clone(), kind_of(&kind)?);
    blocking(move || {
        let whose = Whose { person: fields.one("person"), after: None };
        let person = whose.person(&caller).ok_or_else(|| {
            Problem::new(ProblemKind::Forbidden, "this account is no person", "ask with the account of the person")
        })?;
        let filled = ["decision", "tag", "purpose", "information", "text", "ground", "person"];
        let filled: Value = filled.into_iter().filter_map(|name| Some((name, fields.one(name)?))).collect();
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let new = match request(kind, person, &fields, visitor.language) {
            Ok(new) => new,
            Err(missing) => return page(&app, &visitor, &caller, kind, &filled, status, context! { missing }),
        };
        match app.service.file_case(&caller, new).map_err(Problem::from) {
            Ok(view) => go(&format!("/me/requests/{}?done=filed", view.case.id)),
            // The form says what was wrong, with what was written. Whoever gave a password may ask; so it was the password.
            Err(problem) if problem.kind == ProblemKind::Forbidden && !fields.raw("password").is_empty() => {
                page(&app, &visitor, &caller, kind, &filled, status, context! { missing => "password" })
            }
            Err(problem)
                if matches!(problem.kind, ProblemKind::Input | ProblemKind::NotFound | ProblemKind::TooMany) =>
            {
                let wrong = visitor.wrong(&app, &problem);
                page(&app, &visitor, &caller, kind, &filled, problem.kind.status(), context! { wrong })
            }
            Err(problem) => Err(problem),
        }
    })
    .await
}
