//! Refusals as pages, for browsers: what was wrong, in their language, and a way on.

use crate::App;
use crate::problem::{self, Problem, ProblemKind};
use crate::visitor::{Visitor, go};
use axum::extract::Request;
use axum::http::header::{ACCEPT, ALLOW, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use minijinja::context;

/// What of a request decides how its refusal is shown.
pub(crate) struct Refused {
    visitor: Visitor,
    here: String,
    /// Whether it is a page that can be opened again.
    is_get: bool,
    /// Whether a link on another site led here: then the session's cookie was kept back (`SameSite=Strict`).
    from_elsewhere: bool,
}

impl Refused {
    /// Nothing where the answer is for a program: the API always answers with problem details.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        let path = request.uri().path();
        let is_api = path.starts_with("/v1/") && !path.starts_with("/v1/oidc/");
        let headers = request.headers();
        let accepts = text(headers, ACCEPT.as_str()).is_some_and(|accepted| accepted.contains("text/html"));
        if is_api || !accepts {
            return None;
        }
        let here = request.uri().path_and_query().map_or("/", |here| here.as_str()).to_owned();
        let from_elsewhere = matches!(text(headers, "sec-fetch-site"), Some("cross-site" | "same-site"));
        let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
        Some(Self { visitor: Visitor::stranger(headers, &here), here, is_get, from_elsewhere })
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// A refusal as a page; whoever is not logged in is led to the login.
pub(crate) fn refusal(app: &App, refused: &Refused, problem: &Problem, request: &str) -> Response {
    match page(app, refused, problem, request) {
        Ok(response) => response,
        // A page that cannot be made is told as it is told to programs.
        Err(worse) => problem::render(&worse, &app.catalogue, refused.visitor.language, request),
    }
}

fn page(app: &App, refused: &Refused, problem: &Problem, request: &str) -> Result<Response, Problem> {
    let Refused { visitor, here, is_get, from_elsewhere } = refused;
    let is_page = *is_get && !here.starts_with("/v1/");
    if problem.kind == ProblemKind::Unauthenticated && is_page {
        if *from_elsewhere {
            return onward(app, visitor, here);
        }
        return go(&format!("/login?to={}", crate::oidc::encoded(here)));
    }
    if problem.kind == ProblemKind::FirstPassword && is_page {
        return go("/account");
    }
    let values = context! {
        wrong => visitor.wrong(app, problem),
        request,
        is_page,
        can_log_in => problem.kind == ProblemKind::Unauthenticated,
        can_change => problem.kind == ProblemKind::FirstPassword,
    };
    let mut response = visitor.page(app, "problem_answer.html", problem.kind.status(), values)?;
    if problem.kind.can_be_repeated() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if let Some(methods) = &problem.allow {
        response.headers_mut().insert(ALLOW, methods.clone());
    }
    Ok(response)
}

/// A page that opens the same page from here, so that the browser sends the session along.
fn onward(app: &App, visitor: &Visitor, here: &str) -> Result<Response, Problem> {
    let words = app.catalogue.words(visitor.language);
    let said = |key: &str| words.say(key, &[]).map_err(|error| Problem::internal(error.message));
    let values = context! {
        title => said("page.onward.title")?, lines => [said("page.onward.text")?], on => said("page.onward.on")?,
        to => here, goes => true,
    };
    visitor.page(app, "note.html", StatusCode::OK, values)
}
