//! Answers made smaller on their way (gzip, RFC 1952), where nothing secret can be in them.
//!
//! The length of what was compressed tells what repeats in it. A page of somebody who is logged in has their form's token and their records
//! beside words that a stranger can put into an address; so whatever is asked for with a session, a key or a form's cookie, or brings such
//! a cookie, goes as it is (BREACH, CVE-2013-3587). Files of the service itself say the same to everyone and are always compressed.

use crate::Shared;
use crate::auth::{COOKIE, cookie_of};
use crate::visitor::FORM_COOKIE;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, SET_COOKIE, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::HashMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// Bytes below which nothing is won, and above which an answer is left to go out piece by piece.
const LEAST: u64 = 1024;
const MOST: usize = 2 << 20;
/// The addresses of the service's own files; they name the content.
const FILES: &str = "/static/";
/// Addresses that may carry a secret without any cookie: the first start's token, a way in from another provider.
const SECRET: [&str; 2] = ["/setup", "/login"];

/// The service's own files, compressed, by address.
#[derive(Default)]
pub(crate) struct Squeezed(Mutex<HashMap<String, Bytes>>);

pub(crate) async fn compress(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_file = path.starts_with(FILES);
    let is_open = request.method() == Method::GET && (is_file || is_for_all(path, request.headers()));
    if !is_open {
        return next.run(request).await;
    }
    let (path, is_taken) = (path.to_owned(), takes_gzip(request.headers()));
    let mut response = next.run(request).await;
    if !can_be(&response) {
        return response;
    }
    response.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
    if !is_taken {
        return response;
    }
    let kept = app.squeezed.0.lock().unwrap_or_else(PoisonError::into_inner).get(&path).cloned();
    let (mut parts, body) = response.into_parts();
    let small = if let Some(small) = kept {
        small
    } else {
        // Its size was known, so it is in memory: nothing can break off.
        let whole = axum::body::to_bytes(body, MOST).await.unwrap_or_default();
        let plain = whole.clone();
        let Ok(Some(small)) = tokio::task::spawn_blocking(move || squeezed(&plain)).await else {
            return Response::from_parts(parts, Body::from(whole));
        };
        if is_file {
            app.squeezed.0.lock().unwrap_or_else(PoisonError::into_inner).insert(path, small.clone());
        }
        small
    };
    parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(small))
}

/// Whether the answer to such a request is the same for everyone.
fn is_for_all(path: &str, headers: &HeaderMap) -> bool {
    let has = |cookie| cookie_of(headers, cookie).is_some();
    !headers.contains_key(AUTHORIZATION)
        && !has(COOKIE)
        && !has(FORM_COOKIE)
        && !SECRET.iter().any(|secret| path.starts_with(secret))
}

/// Text of some length that is there as a whole. A name for exactly these bytes (`ETag`) would be wrong for others.
fn can_be(response: &Response) -> bool {
    let headers = response.headers();
    let size = response.body().size_hint().exact().unwrap_or_default();
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    response.status() == StatusCode::OK
        && !headers.contains_key(SET_COOKIE)
        && !headers.contains_key(CONTENT_ENCODING)
        && !headers.contains_key(ETAG)
        && size >= LEAST
        && usize::try_from(size).is_ok_and(|size| size <= MOST)
        && (kind.starts_with("text/") || ["json", "xml", "wasm"].iter().any(|end| kind.ends_with(end)))
}

/// Whether a request takes gzip (RFC 9110, section 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let all = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    let weight = |coding: &str| {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |weight| weight.parse().ok());
        (name, weight.unwrap_or(0.0_f32))
    };
    let codings: Vec<(String, f32)> = all.flat_map(|value| value.split(',')).map(weight).collect();
    let of = |wanted: &str| codings.iter().find(|(name, _)| name == wanted).map(|(_, weight)| *weight);
    of("gzip").or_else(|| of("*")).is_some_and(|weight| weight > 0.0)
}

/// Nothing where it did not become smaller.
fn squeezed(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::default());
    encoder.write_all(bytes).ok()?;
    let small = encoder.finish().ok()?;
    (small.len() < bytes.len()).then(|| Bytes::from(small))
}

#[cfg(test)]
mod tests {
    use super::{is_for_all, squeezed, takes_gzip};
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    fn headers(rows: &[(&'static str, &'static str)]) -> HeaderMap {
        let rows = rows.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        rows.collect()
    }

    #[test]
    fn gzip_is_sent_to_whoever_takes_it() {
        for (accepted, expected) in [
            ("gzip", true),
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000, *", false),
            ("gzip;q=nonsense", false),
            ("identity", false),
            ("", false),
        ] {
            assert_eq!(takes_gzip(&headers(&[("accept-encoding", accepted)])), expected, "{accepted}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn what_may_hold_a_secret_is_left_as_it_is() {
        for (path, rows, expected) in [
            ("/register", &[][..], true),
            ("/register", &[("cookie", "gongdao_language=en")], true),
            ("/register", &[("cookie", "gongdao_session=abc")], false),
            ("/register", &[("cookie", "a=b; gongdao_form=abc")], false),
            ("/v1/algorithms", &[("authorization", "Bearer abc")], false),
            ("/setup", &[], false),
            ("/login", &[], false),
        ] {
            assert_eq!(is_for_all(path, &headers(rows)), expected, "{path} {rows:?}");
        }
    }

    #[test]
    fn what_does_not_become_smaller_is_not_compressed() {
        assert!(squeezed(&b"law ".repeat(500)).is_some_and(|small| small.len() < 100));
        assert_eq!(squeezed(b"x"), None);
    }
}
