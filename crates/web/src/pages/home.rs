//! The first page, the language of pages, the stylesheet and the scripts.

use crate::language::{self, of_tag};
use crate::problem::{Problem, ProblemKind};
use crate::visitor::{Visitor, go};
use crate::{App, Shared, oidc};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use minijinja::context;
use serde::Deserialize;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/", get(home)).route("/language/{tag}", get(speak)).route("/static/{name}", get(asset))
}

async fn home(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    visitor.page(&app, "home.html", StatusCode::OK, context! {})
}

/// Where to go on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct To {
    pub(super) to: Option<String>,
}

/// A choice of language is kept for a year; it is no secret and changes nothing but words.
async fn speak(State(app): State<Shared>, Path(tag): Path<String>, Query(to): Query<To>) -> Result<Response, Problem> {
    let language = of_tag(&tag).ok_or_else(|| Problem::of(ProblemKind::NotFound))?;
    let mut response = go(oidc::path(Some(to.to.as_deref().unwrap_or("/")))?)?;
    let cookie = cookie(&app, language::COOKIE, language.tag(), 31_536_000)?;
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

/// A cookie of a page, which no script reads and no other site sends.
pub(super) fn cookie(app: &App, name: &str, value: &str, seconds: u32) -> Result<HeaderValue, Problem> {
    let secure = if app.is_https() { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).map_err(|error| Problem::internal(error.to_string()))
}

async fn asset(State(app): State<Shared>, Path(name): Path<String>) -> Result<Response, Problem> {
    let (kind, bytes) =
        app.templates.asset(&format!("/static/{name}")).ok_or_else(|| Problem::of(ProblemKind::NotFound))?;
    let kept = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    Ok((kept, bytes).into_response())
}
