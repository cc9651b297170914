//! What handlers take from a request. Whatever cannot be read becomes a problem with its place.

use crate::objects;
use crate::problem::{Problem, ProblemKind};
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// The parameters after `?`.
pub(crate) struct Params<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Query::<T>::from_request_parts(parts, state).await;
        read.map(|Query(params)| Self(params)).map_err(|error| {
            let hint = "the parameters stand in /openapi.json";
            Problem::new(ProblemKind::Malformed, format!("a parameter cannot be read: {}", error.body_text()), hint)
        })
    }
}

/// The variable parts of the address.
pub(crate) struct Segment<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Segment<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Path::<T>::from_request_parts(parts, state).await;
        read.map(|Path(segment)| Self(segment)).map_err(|error| {
            let hint = "write identifiers with percent-encoding (RFC 3986)";
            Problem::new(ProblemKind::Malformed, format!("the address cannot be read: {}", error.body_text()), hint)
        })
    }
}

/// A body of JSON.
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        expect_json(request.headers())?;
        let Whole(body) = Whole::from_request(request, state).await?;
        json(&body).map(Self)
    }
}

/// A whole body, up to the limit.
pub(crate) struct Whole(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for Whole {
    type Rejection = Problem;

    async fn from_request(request: Request<Body>, state: &S) -> Result<Self, Problem> {
        Bytes::from_request(request, state).await.map(Self).map_err(|error| broken_off(&error))
    }
}

fn broken_off(error: &BytesRejection) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let hint = "send it in smaller pieces; the setting is `limits.body_bytes`";
        return Problem::new(ProblemKind::TooLarge, "the body is larger than this service takes", hint);
    }
    Problem::new(ProblemKind::Malformed, "the body broke off", "send it again, whole")
}

/// A JSON object, or what is wrong with it and where.
pub(crate) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    objects::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let (kind, hint) = match error.classify() {
            Category::Data => (ProblemKind::Input, "the shape of the body stands in /openapi.json"),
            Category::Io | Category::Syntax | Category::Eof => {
                (ProblemKind::Malformed, "send JSON (RFC 8259) in UTF-8")
            }
        };
        let detail = format!("the body cannot be read: {error}");
        Problem::new(kind, detail, hint).with("line", line).with("column", column)
    })
}

/// Errors: the body says that it is something else than JSON.
pub(crate) fn expect_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = content_type(headers);
    if kind.is_empty() || kind == "application/json" || kind.ends_with("+json") {
        return Ok(());
    }
    let detail = format!("a body of `{kind}` is not read here");
    Err(Problem::new(ProblemKind::MediaType, detail, "send `application/json`"))
}

/// The media type of the body, in lower case and without parameters; empty where there is none.
pub(crate) fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
