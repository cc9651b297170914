//! What surrounds every request: a number, a time limit, problems in words, numbers for the operator, one line of log, a
//! span for whoever traces.

use crate::pages::{Refused, refusal};
use crate::problem::{self, Problem, ProblemKind};
use crate::trace::Parent;
use crate::{Shared, language};
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;

/// The number of a request, in and out.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Routes whose bodies may be large: the sender's line sets their time.
const UPLOADS: [&str; 8] = [
    "/v1/decisions",
    "/v1/filings-of-record",
    "/v1/labels:read",
    "/v1/labels:write",
    "/labels",
    "/me/requests/{case}/photos",
    "/verify",
    "/audit/runs",
];

pub(crate) async fn frame(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers()).unwrap_or_else(|| app.next_request_id());
    let language = language::of(request.headers());
    let parent = Parent::of(request.headers());
    let method = method_name(request.method());
    let is_head = request.method() == Method::HEAD;
    let refused = Refused::of(&request);
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let answered = if UPLOADS.contains(&route.as_str()) {
        Some(next.run(request).await)
    } else {
        tokio::time::timeout(app.settings.limits.request, next.run(request)).await.ok()
    };
    let mut response = answered.unwrap_or_else(|| {
        axum::response::IntoResponse::into_response(Problem::new(
            ProblemKind::TimedOut,
            "the service did not finish in time",
            "send the same request again with the same identifiers",
        ))
    });
    let problem = problem_of(&response);
    if let Some(problem) = &problem {
        response = match &refused {
            Some(refused) => refusal(&app, refused, problem, &id),
            None => problem::render(problem, &app.catalogue, language, &id),
        };
        if is_head {
            *response.body_mut() = axum::body::Body::empty();
        }
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    harden(response.headers_mut());
    let (status, took) = (response.status().as_u16(), started.elapsed());
    app.metrics.request(method, &route, status, took);
    app.tracer.span(&parent, method, &route, status, started, took);
    log(&id, method, &route, status, took, problem.as_ref());
    response
}

/// The problem that a handler returned, or what a bare refusal of the framework means.
fn problem_of(response: &Response) -> Option<Problem> {
    if let Some(problem) = response.extensions().get::<Problem>() {
        return Some(problem.clone());
    }
    let is_refusal = response.status().is_client_error() || response.status().is_server_error();
    let has_page = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    (is_refusal && !has_page).then(|| problem::of_status(response)).flatten()
}

fn log(id: &str, method: &str, route: &str, status: u16, took: std::time::Duration, problem: Option<&Problem>) {
    let milliseconds = took.as_secs_f64() * 1000.0;
    let kind = problem.map(|problem| problem.kind.word());
    // Never `detail`: it quotes what the request brought.
    if let Some(internal) = problem.and_then(|problem| problem.internal.as_deref()) {
        tracing::error!(request = id, method, route, status, milliseconds, problem = kind, internal, "refused");
    } else {
        tracing::info!(request = id, method, route, status, milliseconds, problem = kind, "answered");
    }
}

/// A number that came with the request, if it is one: short and plain, so that it can stand in logs.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = given.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    (plain && (1..=64).contains(&given.len())).then(|| given.to_owned())
}

fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

macro_rules! policy {
    ($more:literal) => {
        concat!(
            "default-src 'none'; script-src 'self'",
            $more,
            "; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
    };
}

/// What a page may load and run: the service's own files, and nothing that was written into it.
const PAGE_POLICY: &str = policy!("");
/// The same for the page that checks receipts: it may load the service's own WebAssembly module and run it (ADR 16). Not what
/// `unsafe-eval` would allow: text is still no script.
pub(crate) const MODULE_POLICY: &str = policy!(" 'wasm-unsafe-eval'; connect-src 'self'");

/// No script but the service's own files runs, nothing is framed by others, or is read as another kind than it says.
fn harden(headers: &mut HeaderMap) {
    let rows = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("content-security-policy", PAGE_POLICY),
    ];
    for (name, value) in rows {
        // A picture, a page to be kept with a style of its own, and one that runs a module say so themselves.
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
}
