//! Who is asking: a key or session as `Authorization: Bearer`, or the session's cookie.

use crate::Shared;
use crate::problem::{Problem, ProblemKind};
use crate::work::blocking;
use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, COOKIE as COOKIES, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use gongdao_service::{Caller, Credential};
use std::sync::Arc;

/// Name of the session's cookie.
pub(crate) const COOKIE: &str = "gongdao_session";
/// What keys of machines begin with.
const KEY_PREFIX: &str = "gongdao_";

/// Someone who was recognised, and acts as who they are.
pub(crate) struct Authenticated(pub(crate) Caller);

/// Someone who was recognised, be it with a first password that is not changed yet.
pub(crate) struct Recognised(pub(crate) Caller);

/// The token of the session that the request came with.
pub(crate) struct SessionToken(pub(crate) String);

enum Shown {
    Key(String),
    Session(String),
}

impl Shown {
    fn credential(&self) -> Credential<'_> {
        match self {
            Self::Key(key) => Credential::Key(key),
            Self::Session(token) => Credential::Session(token),
        }
    }
}

impl FromRequestParts<Shared> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let Recognised(caller) = Recognised::from_request_parts(parts, app).await?;
        acting(&caller)?;
        Ok(Self(caller))
    }
}

/// Errors: whoever it is has to change a first password before anything else.
pub(crate) fn acting(caller: &Caller) -> Result<(), Problem> {
    if !caller.must_change_password {
        return Ok(());
    }
    let hint = "change it first: `POST /v1/me/password`, or the page `/account`";
    Err(Problem::new(ProblemKind::FirstPassword, "an administrator gave this password", hint))
}

impl FromRequestParts<Shared> for Recognised {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let shown = shown(parts)?;
        // Most requests come from somebody who was recognised a moment ago: they need no thread that may wait.
        if let Some(caller) = app.service.remembered(shown.credential()) {
            return Ok(Self(caller));
        }
        let service = Arc::clone(&app.service);
        blocking(move || Ok(service.recognise(shown.credential())?)).await.map(Self)
    }
}

impl FromRequestParts<Shared> for SessionToken {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        match shown(parts)? {
            Shown::Session(token) => Ok(Self(token)),
            Shown::Key(_) => {
                let hint = "a key has no session; whoever manages accounts takes it back";
                Err(Problem::new(ProblemKind::Input, "this is a key", hint))
            }
        }
    }
}

fn shown(parts: &Parts) -> Result<Shown, Problem> {
    if let Some(value) = parts.headers.get(AUTHORIZATION) {
        // The scheme's name knows no case (RFC 9110 §11.1).
        let token = value.to_str().ok().and_then(|text| text.split_once(' '));
        let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
        return match token {
            Some(key) if key.starts_with(KEY_PREFIX) => Ok(Shown::Key(key.to_owned())),
            Some(token) if !token.is_empty() => Ok(Shown::Session(token.to_owned())),
            _ => Err(unknown("`Authorization` is not `Bearer` with a key or session")),
        };
    }
    let token = cookie(&parts.headers).ok_or_else(|| unknown("the request says not who it is from"))?;
    if !is_safe(&parts.method) && !is_of_our_pages(&parts.headers) {
        let hint = "send the session as `Authorization: Bearer`, or from a page of this service";
        return Err(Problem::new(ProblemKind::Forbidden, "a page of another site sent this", hint));
    }
    Ok(Shown::Session(token))
}

fn unknown(detail: &str) -> Problem {
    Problem::new(ProblemKind::Unauthenticated, detail, "send `Authorization: Bearer KEY`, or log in at `/v1/sessions`")
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    cookie_of(headers, COOKIE)
}

/// A cookie by its name.
pub(crate) fn cookie_of(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let all = headers.get_all(COOKIES).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned()).filter(|value| !value.is_empty())
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// A browser says where a request was made; a change made by a page of another site is not its user's will.
pub(crate) fn is_of_our_pages(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    match (text(ORIGIN), text(HOST)) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, name)| name == host),
        (Some(_), None) => false,
        (None, _) => true,
    }
}

/// The cookie of a session that began; an empty token takes it away.
pub(crate) fn set_cookie(token: &str, is_https: bool) -> Result<HeaderValue, Problem> {
    let secure = if is_https { "; Secure" } else { "" };
    let gone = if token.is_empty() { "; Max-Age=0" } else { "" };
    let text = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{gone}");
    HeaderValue::from_str(&text).map_err(|error| Problem::internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{cookie, is_of_our_pages, set_cookie, shown};
    use axum::http::{HeaderMap, HeaderName, HeaderValue, Request};

    fn headers(rows: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        rows.iter().map(pair).collect()
    }

    #[test]
    #[expect(clippy::type_complexity, reason = "a table")]
    fn the_session_is_found_among_other_cookies() {
        let rows: [(&[(&str, &str)], Option<&str>); 5] = [
            (&[("cookie", "a=1; gongdao_session=abc; b=2")], Some("abc")),
            (&[("cookie", "a=1"), ("cookie", "gongdao_session=abc")], Some("abc")),
            (&[("cookie", "gongdao_session=")], None),
            (&[("cookie", "xgongdao_session=abc")], None),
            (&[], None),
        ];
        for (rows, expected) in rows {
            assert_eq!(cookie(&headers(rows)).as_deref(), expected, "{rows:?}");
        }
    }

    #[test]
    fn a_cookie_sent_from_another_site_changes_nothing() {
        let rows: [(&[(&str, &str)], bool); 6] = [
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("origin", "https://gongdao.cn"), ("host", "gongdao.cn")], true),
            (&[("origin", "https://evil.cn"), ("host", "gongdao.cn")], false),
            (&[("host", "gongdao.cn")], true),
        ];
        for (rows, expected) in rows {
            assert_eq!(is_of_our_pages(&headers(rows)), expected, "{rows:?}");
            let mut request = Request::post("/").body(()).unwrap();
            *request.headers_mut() = headers(rows);
            request.headers_mut().insert("cookie", HeaderValue::from_static("gongdao_session=abc"));
            assert_eq!(shown(&request.into_parts().0).is_ok(), expected, "{rows:?}");
        }
    }

    #[test]
    fn a_session_cookie_is_for_this_service_alone() {
        assert_eq!(set_cookie("abc", true).unwrap(), "gongdao_session=abc; Path=/; HttpOnly; SameSite=Strict; Secure");
        assert_eq!(set_cookie("", false).unwrap(), "gongdao_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    }
}
