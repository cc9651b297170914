//! The routes, one file a resource, and the document that they make together.
#![allow(unused_qualifications, reason = "utoipa's macro qualifies the types that it is given")]

mod access;
mod check;
mod consultations;
mod desk;
mod docs;
mod drp;
mod explanation;
mod filing_records;
mod fulfilment;
mod gate;
mod health;
mod intake;
mod labels;
mod labels_page;
mod ledger;
mod mandates;
mod oidc;
mod oversight;
mod person_record;
mod records;
mod refusal;
pub(crate) mod register;
mod rules;
mod sandboxes;
mod state;
mod webhooks;

pub(crate) use oversight::known_provisions;

use crate::compress::compress;
use crate::frame::frame;
use crate::linger::linger;
use crate::openapi::{Document as Described, complete};
use crate::problem::{Problem, ProblemKind};
use crate::{Document, Shared};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::middleware::{from_fn, from_fn_with_state};
use gongdao_rules::Vocabulary;
use serde_json::Value;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

fn described() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(Described::openapi())
        .merge(check::routes())
        .merge(intake::routes())
        .merge(records::routes())
        .merge(state::routes())
        .merge(gate::routes())
        .merge(ledger::routes())
        .merge(labels::routes())
        .merge(labels_page::routes())
        .merge(access::routes())
        .merge(health::routes())
        .merge(docs::routes())
        .merge(oidc::routes())
        .merge(webhooks::routes())
        .merge(desk::routes())
        .merge(fulfilment::routes())
        .merge(drp::routes())
        .merge(explanation::routes())
        .merge(mandates::routes())
        .merge(person_record::routes())
        .merge(register::routes())
        .merge(consultations::routes())
        .merge(sandboxes::routes())
        .merge(rules::routes())
        .merge(filing_records::routes())
        .merge(oversight::routes())
}

/// The OpenAPI document for a vocabulary, as text.
pub fn document_text(vocabulary: &Vocabulary) -> String {
    let (_, document) = described().split_for_parts();
    text(&complete(&document, vocabulary))
}

fn text(document: &Value) -> String {
    serde_json::to_string_pretty(document).unwrap_or_default()
}

/// All routes of the service.
///
/// Errors: the document cannot be made, which is the program's fault.
pub(crate) fn router(app: &Shared) -> Result<Router, Problem> {
    let (router, document) = described().split_for_parts();
    let document = complete(&document, app.service.vocabulary());
    let text = text(&document);
    let etag = HeaderValue::from_str(&format!("\"{}\"", gongdao_service::digest_of(text.as_bytes())));
    let etag = etag.map_err(|error| Problem::internal(error.to_string()))?;
    let document = Document { page: docs::page(&document, app.templates.style_path())?, text, etag };
    // Made once; a second router of the same app would have the same.
    let _ = app.document.set(document);
    Ok(router
        .merge(crate::pages::routes(app.settings.audits.upload_bytes))
        .fallback(|| async { Problem::of(ProblemKind::NotFound) })
        .layer(DefaultBodyLimit::max(app.settings.limits.body_bytes))
        .layer(from_fn_with_state(Arc::clone(app), frame))
        .layer(from_fn_with_state(Arc::clone(app), compress))
        .layer(from_fn(linger))
        .with_state(Arc::clone(app)))
}
