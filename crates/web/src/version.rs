//! Versions of things as entity tags (RFC 9110 §8.8.3, §13.1.1): who changes a thing says which version was read.

use crate::problem::{Problem, ProblemKind};
use axum::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The version that `If-Match` names. Errors: it is missing, is no entity tag, or is that of no version.
pub(crate) fn wanted(headers: &HeaderMap) -> Result<u64, Problem> {
    let Some(value) = headers.get(IF_MATCH) else {
        let hint = "read it first, and send its `ETag` as `If-Match`";
        return Err(Problem::new(ProblemKind::NeedsIfMatch, "`If-Match` is missing", hint));
    };
    let hint = "send its `ETag`, quotes included";
    let tag = value.to_str().ok().and_then(|text| text.strip_prefix('"')?.strip_suffix('"'));
    let tag = tag.ok_or_else(|| Problem::new(ProblemKind::Malformed, "`If-Match` is no entity tag", hint))?;
    tag.parse().map_err(|_| Problem::new(ProblemKind::Changed, "`If-Match` names no version of it", hint))
}

fn tag(version: u64) -> Result<HeaderValue, Problem> {
    HeaderValue::from_str(&format!("\"{version}\"")).map_err(|error| Problem::internal(error.to_string()))
}

/// A thing with its tag; 304 where the caller has it already.
pub(crate) fn answer<T: Serialize>(headers: &HeaderMap, version: u64, value: &T) -> Result<Response, Problem> {
    let tag = tag(version)?;
    if headers.get(IF_NONE_MATCH) == Some(&tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response());
    }
    Ok(([(ETAG, tag)], axum::Json(value)).into_response())
}
