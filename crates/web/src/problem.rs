//! Refusals as RFC 9457 problem details. Each has a `type`, which is the address of a page that explains it, and one HTTP
//! status. Titles come in the language that the request accepts; `detail` says what was wrong with this request.

use crate::language;
use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use gongdao_i18n::{Catalogue, Language};
use gongdao_service::{ErrorKind, ServiceError};
use serde_json::{Map, Value, json};

/// Kinds of refusals: last part of the `type`, status, and whether the same request may succeed later.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $status:ident;)*) => {
        /// Why a request was refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ProblemKind {
            $($(#[$doc])* $name,)*
        }

        impl ProblemKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word in its address and in the catalogue.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The status of answers with it.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }
        }
    };
}

kinds! {
    /// The body or a parameter is not written as it must be.
    Malformed = "malformed", BAD_REQUEST;
    /// It is well written and means something that cannot be.
    Input = "input", UNPROCESSABLE_ENTITY;
    /// Nobody is logged in, or the key is not known.
    Unauthenticated = "unauthenticated", UNAUTHORIZED;
    /// Somebody is, with a password that an administrator gave: it is to be changed before anything else.
    FirstPassword = "first-password", FORBIDDEN;
    /// Somebody is, who may not do this.
    Forbidden = "forbidden", FORBIDDEN;
    /// There is no such thing, or the caller may not know of it.
    NotFound = "not-found", NOT_FOUND;
    /// The address exists and knows other methods.
    Method = "method", METHOD_NOT_ALLOWED;
    /// It was changed since it was read.
    Changed = "changed", PRECONDITION_FAILED;
    /// The change needs an `If-Match`.
    NeedsIfMatch = "needs-if-match", PRECONDITION_REQUIRED;
    /// It cannot be done as the thing stands.
    NotNow = "not-now", CONFLICT;
    /// The identifier is another's.
    Taken = "taken", CONFLICT;
    /// The idempotency key came with another body before.
    KeyReused = "key-reused", UNPROCESSABLE_ENTITY;
    /// Another person must agree first.
    NeedsApproval = "needs-approval", CONFLICT;
    /// The body is too large.
    TooLarge = "too-large", PAYLOAD_TOO_LARGE;
    /// The body is of a kind that is not read here.
    MediaType = "media-type", UNSUPPORTED_MEDIA_TYPE;
    /// A file whose labels cannot be read or written.
    Label = "label", UNPROCESSABLE_ENTITY;
    /// Too many tries.
    TooMany = "too-many", TOO_MANY_REQUESTS;
    /// The content was erased.
    Erased = "erased", GONE;
    /// More waits than can be served.
    Busy = "busy", SERVICE_UNAVAILABLE;
    /// This process does not know the newest state.
    Lapsed = "lapsed", SERVICE_UNAVAILABLE;
    /// The disk or the database failed.
    Storage = "storage", SERVICE_UNAVAILABLE;
    /// The service is going down.
    Closed = "closed", SERVICE_UNAVAILABLE;
    /// It took too long.
    TimedOut = "timed-out", GATEWAY_TIMEOUT;
    /// Another server, whose word is needed, is away or errs.
    Provider = "provider", BAD_GATEWAY;
    /// The program is at fault.
    Internal = "internal", INTERNAL_SERVER_ERROR;
}

impl ProblemKind {
    /// Its address, from the root of the service.
    pub fn address(self) -> String {
        format!("/problems/{}", self.word())
    }

    /// Whether whoever filled in a form can mend it, or has to see how things stand now: it is said beside the form.
    pub(crate) fn is_said_beside_form(self) -> bool {
        matches!(self, Self::Input | Self::Changed | Self::NotNow)
    }

    /// Whether the same request may succeed later.
    pub fn can_be_repeated(self) -> bool {
        matches!(
            self,
            Self::TooMany | Self::Busy | Self::Lapsed | Self::Storage | Self::Closed | Self::TimedOut | Self::Provider
        )
    }
}

impl From<ErrorKind> for ProblemKind {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Input => Self::Input,
            ErrorKind::Unauthenticated => Self::Unauthenticated,
            ErrorKind::Forbidden => Self::Forbidden,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::Changed => Self::Changed,
            ErrorKind::NotNow => Self::NotNow,
            ErrorKind::Taken => Self::Taken,
            ErrorKind::KeyReused => Self::KeyReused,
            ErrorKind::NeedsApproval => Self::NeedsApproval,
            ErrorKind::Busy => Self::Busy,
            ErrorKind::Lapsed => Self::Lapsed,
            ErrorKind::TooMany => Self::TooMany,
            ErrorKind::Erased => Self::Erased,
            ErrorKind::Storage => Self::Storage,
            ErrorKind::Closed => Self::Closed,
        }
    }
}

/// A refusal on its way out. It becomes a body where the language is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Why.
    pub kind: ProblemKind,
    /// What was wrong with this request.
    pub detail: Option<String>,
    /// What to do.
    pub hint: Option<String>,
    /// Further members (RFC 9457 §3.2).
    pub members: Map<String, Value>,
    /// For the operator's log alone.
    pub internal: Option<String>,
    /// Methods that the address knows, where that is the refusal.
    pub allow: Option<HeaderValue>,
}

impl Problem {
    /// A refusal of a kind, without details.
    pub fn of(kind: ProblemKind) -> Self {
        Self { kind, detail: None, hint: None, members: Map::new(), internal: None, allow: None }
    }

    /// A refusal with what was wrong and what to do.
    pub fn new(kind: ProblemKind, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), hint: Some(hint.into()), ..Self::of(kind) }
    }

    /// The program is at fault; `what` goes to the log.
    pub fn internal(what: impl Into<String>) -> Self {
        Self { internal: Some(what.into()), ..Self::of(ProblemKind::Internal) }
    }

    /// The same with a further member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// As JSON in a language, without what belongs to one request.
    pub fn json(&self, catalogue: &Catalogue, language: Language) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("type".to_owned(), self.kind.address().into());
        // A text that is missing is found by a test; the word is better than no answer.
        let title = catalogue.words(language).say(&format!("problem.title.{}", self.kind.word()), &[]);
        body.insert("title".to_owned(), title.unwrap_or_else(|_| self.kind.word().to_owned()).into());
        body.insert("status".to_owned(), self.kind.status().as_u16().into());
        for (name, text) in [("detail", &self.detail), ("hint", &self.hint)] {
            if let Some(text) = text {
                body.insert(name.to_owned(), text.clone().into());
            }
        }
        body.extend(self.members.clone());
        body
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        let kind = error.kind.into();
        Self { detail: Some(error.message), hint: error.hint, internal: error.internal, ..Self::of(kind) }
    }
}

impl From<gongdao_label::LabelError> for Problem {
    fn from(error: gongdao_label::LabelError) -> Self {
        if error.kind == gongdao_label::ErrorKind::Program {
            return Self::internal(error.to_string());
        }
        Self::new(ProblemKind::Label, error.to_string(), error.hint)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> axum::response::Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The answer of a problem, in the language of the request.
pub(crate) fn render(
    problem: &Problem,
    catalogue: &Catalogue,
    language: Language,
    request: &str,
) -> axum::response::Response {
    let mut body = problem.json(catalogue, language);
    body.insert("request".to_owned(), json!(request));
    let mut response = Response::new(Body::from(Value::Object(body).to_string()));
    *response.status_mut() = problem.kind.status();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language::tag(language)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if problem.kind.can_be_repeated() {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if problem.kind == ProblemKind::Unauthenticated {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(methods) = &problem.allow {
        headers.insert(ALLOW, methods.clone());
    }
    response
}

/// What a bare status means: answers of the framework that came without a body.
pub(crate) fn of_status(response: &axum::response::Response) -> Option<Problem> {
    let kind = match response.status() {
        StatusCode::NOT_FOUND => ProblemKind::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ProblemKind::Method,
        StatusCode::PAYLOAD_TOO_LARGE => ProblemKind::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemKind::MediaType,
        StatusCode::UNPROCESSABLE_ENTITY => ProblemKind::Input,
        status if status.is_client_error() => ProblemKind::Malformed,
        status if status.is_server_error() => ProblemKind::Internal,
        _ => return None,
    };
    Some(Problem { allow: response.headers().get(ALLOW).cloned(), ..Problem::of(kind) })
}
