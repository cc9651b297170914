//! Logging in and out with a local account, the first administrator, one's own password.

use super::home::{To, cookie};
use crate::auth::{COOKIE, cookie_of, set_cookie};
use crate::problem::{Problem, ProblemKind};
use crate::visitor::{FORM_COOKIE, Sent, Visitor, go};
use crate::work::blocking;
use crate::{App, Shared, oidc};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use gongdao_service::{NewSession, PasswordChange, Secret};
use minijinja::{Value, context};
use serde::Deserialize;
use std::sync::Arc;

/// How long a form may lie open before somebody logs in with it.
const FORM_SECONDS: u32 = 86_400;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/login", get(login).post(log_in))
        .route("/logout", post(log_out))
        .route("/setup", get(setup).post(set_up))
        .route("/account", get(account).post(change_password))
}

/// A page with a form for somebody who is not logged in: the form is bound to a cookie of its own.
fn with_form(
    app: &App,
    visitor: Visitor,
    headers: &HeaderMap,
    template: &str,
    values: Value,
) -> Result<Response, Problem> {
    let known = cookie_of(headers, FORM_COOKIE);
    let bound = match &known {
        Some(known) => known.clone(),
        None => app.service.new_secret()?.reveal().to_owned(),
    };
    let mut response = visitor.with_form_of(&bound).page(app, template, StatusCode::OK, values)?;
    if known.is_none() {
        response.headers_mut().append(SET_COOKIE, cookie(app, FORM_COOKIE, &bound, FORM_SECONDS)?);
    }
    Ok(response)
}

fn login_values(app: &App, to: &str, name: &str, wrong: Option<&Value>) -> Value {
    context! { to, name, wrong, provider => app.oidc.is_some() }
}

async fn login(
    State(app): State<Shared>,
    headers: HeaderMap,
    visitor: Visitor,
    Query(to): Query<To>,
) -> Result<Response, Problem> {
    let to = oidc::path(Some(to.to.as_deref().unwrap_or("/")))?;
    if visitor.is_known() {
        return go(to);
    }
    with_form(&app, visitor, &headers, "login.html", login_values(&app, to, "", None))
}

async fn log_in(State(app): State<Shared>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let to = oidc::path(Some(fields.one("to").as_deref().unwrap_or("/")))?.to_owned();
    let (name, password) = (fields.text("name"), Secret::new(fields.raw("password")));
    let (service, tried) = (Arc::clone(&app.service), name.clone());
    match blocking(move || Ok(service.log_in(&tried, &password)?)).await {
        Ok(session) if session.is_first => begun(&app, &session, "/account?first=1"),
        Ok(session) => begun(&app, &session, &to),
        Err(problem) if matches!(problem.kind, ProblemKind::Unauthenticated | ProblemKind::TooMany) => {
            let words = app.catalogue.words(visitor.language);
            let said = |part: &str| words.say(&format!("page.login.wrong.{part}"), &[]);
            let wrong = if problem.kind == ProblemKind::TooMany {
                visitor.wrong(&app, &Problem::of(ProblemKind::TooMany))
            } else {
                let text = |part| said(part).map_err(|error| Problem::internal(error.message));
                context! { title => text("title")?, about => text("about")? }
            };
            visitor.page(&app, "login.html", problem.kind.status(), login_values(&app, &to, &name, Some(&wrong)))
        }
        Err(problem) => Err(problem),
    }
}

fn begun(app: &App, session: &NewSession, to: &str) -> Result<Response, Problem> {
    let mut response = go(to)?;
    response.headers_mut().append(SET_COOKIE, set_cookie(session.token.reveal(), app.is_https())?);
    Ok(response)
}

async fn log_out(State(app): State<Shared>, headers: HeaderMap, _: Sent) -> Result<Response, Problem> {
    let mut response = go("/")?;
    response.headers_mut().append(SET_COOKIE, set_cookie("", app.is_https())?);
    // Drafts of forms, where no script of ours saw the logout.
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"storage\""));
    if let Some(token) = cookie_of(&headers, COOKIE) {
        blocking(move || Ok(app.service.log_out(&token)?)).await?;
    }
    Ok(response)
}

async fn setup(State(app): State<Shared>, headers: HeaderMap, visitor: Visitor) -> Result<Response, Problem> {
    with_form(&app, visitor, &headers, "setup.html", context! {})
}

async fn set_up(State(app): State<Shared>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let (token, password) = (Secret::new(fields.text("first")), Secret::new(fields.raw("password")));
    let (service, name) = (Arc::clone(&app.service), fields.text("name"));
    let made = blocking(move || {
        service.claim_first_run(&token, &name, &password)?;
        Ok(service.log_in(&name, &password)?)
    });
    match made.await {
        Ok(session) => begun(&app, &session, "/"),
        Err(problem)
            if matches!(problem.kind, ProblemKind::Unauthenticated | ProblemKind::Input | ProblemKind::Taken) =>
        {
            let status = problem.kind.status();
            let wrong = visitor.wrong(&app, &Problem { kind: ProblemKind::Input, ..problem });
            visitor.page(&app, "setup.html", status, context! { wrong })
        }
        Err(problem) => Err(problem),
    }
}

/// Whether somebody logged in with a password that an administrator gave.
#[derive(Debug, Default, Deserialize)]
struct First {
    first: Option<String>,
}

async fn account(State(app): State<Shared>, visitor: Visitor, Query(first): Query<First>) -> Result<Response, Problem> {
    let is_first = visitor.recognised()?.must_change_password || first.first.is_some();
    visitor.page(&app, "account.html", StatusCode::OK, context! { first => is_first })
}

async fn change_password(State(app): State<Shared>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.recognised()?.clone();
    let change = PasswordChange { old: Secret::new(fields.raw("old")), new: Secret::new(fields.raw("new")) };
    let service = Arc::clone(&app.service);
    match blocking(move || Ok(service.change_password(&caller, &change)?)).await {
        Ok(()) => visitor.page(&app, "account.html", StatusCode::OK, context! { done => true }),
        Err(problem) if matches!(problem.kind, ProblemKind::Unauthenticated | ProblemKind::Input) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let wrong = visitor.wrong(&app, &Problem { kind: ProblemKind::Input, ..problem });
            visitor.page(&app, "account.html", status, context! { wrong })
        }
        Err(problem) => Err(problem),
    }
}
