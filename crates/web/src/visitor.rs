//! Whoever looks at a page: in which language, logged in or not, and whether a form that they send is one of ours.

use crate::auth::{COOKIE, acting, cookie_of, is_of_our_pages};
use crate::language;
use crate::problem::{Problem, ProblemKind};
use crate::work::blocking;
use crate::{App, Shared};
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use gongdao_i18n::Language;
use gongdao_service::{Caller, Credential, Right, Role, digest_of};
use minijinja::{Value, context};
use std::convert::Infallible;
use std::sync::Arc;

/// What a form of somebody who is not logged in is bound to.
pub(crate) const FORM_COOKIE: &str = "gongdao_form";

/// Whoever looks at a page.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// Somebody who is logged in.
    caller: Option<Caller>,
    pub(crate) language: Language,
    /// Path and query of the page.
    here: String,
    /// What forms send back.
    form: String,
}

impl Visitor {
    /// Somebody of whom no more is known than what they accept: for pages that say why there is none.
    pub(crate) fn stranger(headers: &HeaderMap, here: &str) -> Self {
        Self { caller: None, language: language::of(headers), here: here.to_owned(), form: String::new() }
    }

    /// Who is logged in.
    ///
    /// Errors: nobody; somebody who has to change a first password before anything else.
    pub(crate) fn caller(&self) -> Result<&Caller, Problem> {
        let caller = self.recognised()?;
        acting(caller)?;
        Ok(caller)
    }

    /// The same, be it with a first password that is not changed yet.
    ///
    /// Errors: nobody.
    pub(crate) fn recognised(&self) -> Result<&Caller, Problem> {
        self.caller.as_ref().ok_or_else(|| Problem::of(ProblemKind::Unauthenticated))
    }

    /// Whether anybody is logged in.
    pub(crate) fn is_known(&self) -> bool {
        self.caller.is_some()
    }

    /// Whether a form came from a page of ours that this visitor had: it has the token that the page wrote into it.
    pub(crate) fn sent_form(&self, token: &str, headers: &HeaderMap) -> bool {
        !self.form.is_empty() && token == self.form && is_of_our_pages(headers)
    }

    /// The same visitor with forms that are bound to a cookie.
    pub(crate) fn with_form_of(mut self, cookie: &str) -> Self {
        self.form = token_of(cookie);
        self
    }

    /// Another address under which the page can be opened again.
    pub(crate) fn at(mut self, here: &str) -> Self {
        here.clone_into(&mut self.here);
        self
    }

    /// Another language for this page alone.
    pub(crate) fn speaking(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    fn layout(&self, app: &App) -> Value {
        let other = match self.language {
            Language::Zh => Language::En,
            Language::En => Language::Zh,
        };
        // A form's answer has no address of its own to come back to; the form has the same one.
        let address = format!("/language/{}?to={}", other.tag(), crate::oidc::encoded(&self.here));
        let roles: Vec<&str> = self.caller.iter().flat_map(|caller| &caller.roles).map(|role| role.as_str()).collect();
        let has =
            |all: &[Role]| self.caller.as_ref().is_some_and(|caller| all.iter().any(|one| caller.roles.contains(one)));
        context! {
            tag => language::tag(self.language),
            other => context! { tag => language::tag(other), name => other.choose("中文", "English"), address },
            here => self.here,
            form => self.form,
            // Whose drafts a browser has: made of the form's token, and no way back to it.
            drafts => digest_of(format!("drafts\n{}", self.form).as_bytes()).get(..16).unwrap_or_default(),
            stylesheet => app.templates.style_path(),
            scripts => app.templates.script_paths(),
            me => context! {
                name => self.caller.as_ref().map(|caller| caller.name.as_str()),
                actor => self.caller.as_ref().map(|caller| caller.actor.as_str()),
                roles,
                is_person => has(&[Role::Person]),
                is_representative => has(&[Role::Representative]),
                is_staff => has(&[Role::Officer, Role::Reviewer, Role::Regulator]),
                is_officer => has(&[Role::Officer, Role::Reviewer]),
                is_reviewer => has(&[Role::Reviewer]),
                is_operator => has(&[Role::Officer, Role::Engineer, Role::Reviewer, Role::Administrator]),
                is_engineer => has(&[Role::Engineer]),
                is_administrator => has(&[Role::Administrator]),
                is_regulator => has(&[Role::Regulator]),
                may_audit => self.caller.as_ref().is_some_and(|caller| caller.may(Right::RunAudits).is_ok()),
                works_on_duties => has(&[Role::Officer]),
            },
        }
    }

    /// A page for this visitor.
    pub(crate) fn page(
        &self,
        app: &App,
        template: &str,
        status: StatusCode,
        values: Value,
    ) -> Result<Response, Problem> {
        let values = context! { ..values, ..self.layout(app) };
        let page = app.templates.render(self.language, template, &values)?;
        let mut response = (status, Html(page)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language::tag(self.language)));
        headers.insert(VARY, HeaderValue::from_static("accept-language, cookie"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(response)
    }

    /// What a page says about a refusal.
    pub(crate) fn wrong(&self, app: &App, problem: &Problem) -> Value {
        let words = app.catalogue.words(self.language);
        let word = page_word(problem.kind);
        // A test holds that every kind has both texts; the word is better than no answer.
        let said =
            |part: &str| words.say(&format!("page.problem.{part}.{word}"), &[]).unwrap_or_else(|_| word.to_owned());
        let detail: Vec<&str> = [&problem.detail, &problem.hint].into_iter().flatten().map(String::as_str).collect();
        context! {
            title => said("title"),
            about => said("about"),
            detail => (!detail.is_empty()).then(|| detail.join("\n")),
            again => problem.kind.can_be_repeated() || matches!(problem.kind, ProblemKind::Changed | ProblemKind::NotNow),
        }
    }
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Infallible> {
        let session = cookie_of(&parts.headers, COOKIE);
        let caller = match &session {
            Some(token) => recognised(app, token.clone()).await,
            None => None,
        };
        let seed = session.filter(|_| caller.is_some()).or_else(|| cookie_of(&parts.headers, FORM_COOKIE));
        let here = parts.uri.path_and_query().map_or("/", |here| here.as_str()).to_owned();
        let form = seed.map(|seed| token_of(&seed)).unwrap_or_default();
        Ok(Self { caller, language: language::of(&parts.headers), here, form })
    }
}

/// Who has the session; a session that is over is nobody's.
async fn recognised(app: &Shared, token: String) -> Option<Caller> {
    if let Some(caller) = app.service.remembered(Credential::Session(&token)) {
        return Some(caller);
    }
    let service = Arc::clone(&app.service);
    blocking(move || Ok(service.recognise(Credential::Session(&token))?)).await.ok()
}

/// Kinds of refusals as people tell them apart: below `page.problem`.
fn page_word(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Unauthenticated => "unauthenticated",
        ProblemKind::FirstPassword => "first-password",
        ProblemKind::Forbidden => "forbidden",
        ProblemKind::NotFound | ProblemKind::Method => "not-found",
        ProblemKind::Changed | ProblemKind::Taken | ProblemKind::KeyReused | ProblemKind::NeedsIfMatch => "changed",
        ProblemKind::NotNow => "not-now",
        ProblemKind::NeedsApproval => "needs-approval",
        ProblemKind::TooLarge => "too-large",
        ProblemKind::TooMany => "too-many",
        ProblemKind::Erased => "erased",
        ProblemKind::Malformed | ProblemKind::Input | ProblemKind::MediaType | ProblemKind::Label => "input",
        ProblemKind::Busy
        | ProblemKind::Lapsed
        | ProblemKind::Storage
        | ProblemKind::Closed
        | ProblemKind::TimedOut
        | ProblemKind::Provider => "busy",
        ProblemKind::Internal => "internal",
    }
}

/// What forms carry: made of a cookie that no other site can read, and telling nothing of it.
fn token_of(cookie: &str) -> String {
    digest_of(format!("form of a page\n{cookie}").as_bytes())
}

/// A form that somebody sent from one of our pages.
pub(crate) struct Sent {
    pub(crate) visitor: Visitor,
    pub(crate) fields: Fields,
}

/// What stands in a form, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first field of a name, without spaces around; nothing where it is empty.
    pub(crate) fn one(&self, name: &str) -> Option<String> {
        self.all(name).into_iter().next()
    }

    /// The first field of a name as it stands: for passwords.
    pub(crate) fn raw(&self, name: &str) -> String {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// All fields of a name that are not empty.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        let named = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.trim());
        named.filter(|value| !value.is_empty()).map(str::to_owned).collect()
    }

    /// Text of a field, or nothing.
    pub(crate) fn text(&self, name: &str) -> String {
        self.one(name).unwrap_or_default()
    }

    /// The fields of a body (WHATWG URL §5.1); nothing where it is not UTF-8.
    fn read(body: &[u8]) -> Option<Self> {
        let pairs = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
        let read = pairs.map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
            Some((decoded(name)?, decoded(value)?))
        });
        read.collect::<Option<_>>().map(Self)
    }
}

fn decoded(text: &[u8]) -> Option<String> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let escaped = digit(after.first()).zip(digit(after.get(1))).filter(|_| *first == b'%');
        if let Some(byte) = escaped.and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(if *first == b'+' { b' ' } else { *first });
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

/// Fields of a form in bytes at most: twice what the longest text of a request needs, percent-encoded.
const MOST_BYTES: usize = 256 * 1024;

impl FromRequest<Shared> for Sent {
    type Rejection = Problem;

    async fn from_request(request: Request<Body>, app: &Shared) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let Ok(visitor) = Visitor::from_request_parts(&mut parts, app).await;
        if crate::extract::content_type(&parts.headers) != "application/x-www-form-urlencoded" {
            return Err(Problem::new(ProblemKind::MediaType, "this is no form", "send the form of the page"));
        }
        let body = axum::body::to_bytes(body, MOST_BYTES).await.map_err(|_| {
            Problem::new(ProblemKind::TooLarge, "the form is too large or broke off", "say it in fewer words")
        })?;
        let unread = || Problem::new(ProblemKind::Malformed, "the form cannot be read", "send the form of the page");
        let fields = Fields::read(&body).ok_or_else(unread)?;
        if !visitor.sent_form(&fields.raw("form"), &parts.headers) {
            let hint = "open the page again and send the form from there";
            return Err(Problem::new(ProblemKind::Forbidden, "the form is not of this session", hint));
        }
        Ok(Self { visitor, fields })
    }
}

/// Go on at another page.
pub(crate) fn go(to: &str) -> Result<Response, Problem> {
    let to = HeaderValue::from_str(to).map_err(|error| Problem::internal(error.to_string()))?;
    let fresh = (CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok((StatusCode::SEE_OTHER, [(axum::http::header::LOCATION, to), fresh]).into_response())
}

#[cfg(test)]
mod tests {
    use super::Fields;

    #[test]
    fn fields_of_a_form_are_read_as_they_were_written() {
        let fields = Fields::read("a=%E4%BD%A0+x&b=&b=2&b=3&p=+s+".as_bytes()).unwrap();
        assert_eq!(fields.one("a").as_deref(), Some("你 x"));
        assert_eq!(fields.all("b"), ["2", "3"]);
        assert_eq!((fields.one("c"), fields.raw("p").as_str()), (None, " s "));
        assert_eq!(Fields::read(b"a=50%&c=%zz").unwrap().text("c"), "%zz");
        assert_eq!(Fields::read(b"a=%ff"), None, "not UTF-8");
    }
}
