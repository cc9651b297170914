//! The service over HTTP: routes, who is asking, refusals as problem details, the OpenAPI document, what operators need.
//!
//! In: a `gongdao_service::Service`, settings out of file, environment and flags, requests. Out: answers, a log of requests,
//! numbers for Prometheus, spans for OpenTelemetry. Contains no use case and no rule: it turns requests into calls of the
//! service, which blocks, and never blocks a thread that serves requests. Pages for people (`pages`) are such calls too; their
//! texts come from the catalogue, their look from one stylesheet. It speaks HTTP/1.1 without TLS and stands behind something
//! that has it.
#![allow(
    clippy::result_large_err,
    reason = "a refusal is written out at once; in a box its fields would be harder to read"
)]

mod audits;
mod auth;
mod buffers;
mod compress;
mod courier;
mod drp;
mod explained;
mod extract;
mod frame;
mod language;
mod law;
mod linger;
pub mod log;
mod metrics;
mod objects;
mod oidc;
mod openapi;
mod pages;
mod paging;
mod problem;
mod record;
mod routes;
mod rule_tests;
mod schema;
mod server;
pub mod settings;
mod template;
mod trace;
mod value;
mod version;
mod visitor;
mod work;

pub use problem::{Problem, ProblemKind};
pub use routes::document_text;
pub use server::{ServeError, Setup, Stop, Stopper, serve};

use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::trace::Tracer;
use axum::http::HeaderValue;
use gongdao_i18n::Catalogue;
use gongdao_service::Service;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// What every handler can reach.
pub(crate) struct App {
    service: Arc<Service>,
    settings: Settings,
    catalogue: Catalogue,
    /// The statute book, for the pages that show it.
    shelf: Arc<law::Shelf>,
    templates: template::Templates,
    audits: audits::Audits,
    metrics: Metrics,
    tracer: Tracer,
    oidc: Option<Arc<oidc::Oidc>>,
    document: OnceLock<Document>,
    is_stopping: AtomicBool,
    seed: u64,
    requests: AtomicU64,
    squeezed: compress::Squeezed,
    buffers: buffers::Buffers,
}

pub(crate) type Shared = Arc<App>;

/// The OpenAPI document, made once.
pub(crate) struct Document {
    text: String,
    page: String,
    etag: HeaderValue,
}

impl App {
    /// Whether people reach the service under https, so that cookies may be kept to it.
    fn is_https(&self) -> bool {
        self.settings.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// A number that no other request of this or another process has, as good as surely.
    fn next_request_id(&self) -> String {
        format!("{:08x}-{}", self.seed >> 32, self.requests.fetch_add(1, Ordering::Relaxed))
    }
}
