//! For whoever runs the service: is it alive, does it take checks, how much does it do.

use crate::Shared;
use crate::problem::{Problem, ProblemKind};
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::atomic::Ordering;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz)).routes(routes!(metrics))
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`
    status: &'static str,
    /// Of the program
    version: &'static str,
    /// Digest of the packs that it judges by
    packs: String,
}

/// Whether the process is alive
#[utoipa::path(get, path = "/healthz", operation_id = "healthz", tag = "operation",
    responses((status = 200, description = "It is", body = Health)))]
async fn healthz(State(app): State<Shared>) -> axum::Json<Health> {
    axum::Json(health(&app))
}

fn health(app: &Shared) -> Health {
    let packs = app.service.gate().packs_digest().to_owned();
    Health { status: "ok", version: env!("CARGO_PKG_VERSION"), packs }
}

/// Whether it takes checks: the ledger writes, the state is the newest, and nobody asked it to stop
#[utoipa::path(get, path = "/readyz", operation_id = "readyz", tag = "operation",
    responses((status = 200, description = "It does", body = Health)))]
async fn readyz(State(app): State<Shared>) -> Result<axum::Json<Health>, Problem> {
    if app.is_stopping.load(Ordering::Relaxed) {
        return Err(Problem::of(ProblemKind::Closed));
    }
    if !app.service.is_ready() {
        return Err(Problem::of(ProblemKind::Lapsed));
    }
    Ok(axum::Json(health(&app)))
}

/// Numbers for Prometheus, without anything personal
#[utoipa::path(get, path = "/metrics", operation_id = "metrics", tag = "operation",
    responses((status = 200, description = "OpenMetrics text", content_type = "application/openmetrics-text", body = String)))]
async fn metrics(State(app): State<Shared>) -> Response {
    let gate = app.service.gate();
    app.metrics.gauges(gate.alarms().len(), gate.stopped().len(), app.service.is_ready());
    let kind = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    ([(CONTENT_TYPE, kind)], app.metrics.text()).into_response()
}
