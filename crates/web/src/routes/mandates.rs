//! Mandates: proposed, confirmed by the person, taken back by either side.

use crate::auth::Authenticated;
use crate::extract::{Json, Params, Segment};
use crate::paging::{Page, Part};
use crate::problem::Problem;
use crate::work::blocking;
use crate::{Shared, schema};
use axum::extract::State;
use axum::http::StatusCode;
use gongdao_desk::{Mandate, NewMandate};
use gongdao_service::MandateTurn;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(propose, mandates)).routes(routes!(mandate)).routes(routes!(act))
}

/// Propose a mandate
///
/// It gives nothing until the person confirms it, logged in themselves. Where the person proposes it, it counts at once.
#[utoipa::path(post, path = "/v1/mandates", operation_id = "propose_mandate", tag = "desk",
    request_body = schema::NewMandate,
    responses((status = 201, description = "Proposed", body = schema::Mandate)))]
async fn propose(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Json(new): Json<NewMandate>,
) -> Result<(StatusCode, axum::Json<Mandate>), Problem> {
    blocking(move || Ok((StatusCode::CREATED, axum::Json(app.service.propose_mandate(&caller, new)?)))).await
}

/// Your mandates: those that you gave, and those that you hold
#[utoipa::path(get, path = "/v1/mandates", operation_id = "mandates", tag = "desk", params(Part),
    responses((status = 200, description = "A page of them", body = Page<schema::Mandate>)))]
async fn mandates(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<Mandate>>, Problem> {
    let limit = part.limit()?;
    blocking(move || {
        let found = app.service.mandates(&caller, part.cursor.as_deref(), limit)?;
        Ok(axum::Json(Page::new(found, limit, |mandate| mandate.id.clone())))
    })
    .await
}

/// One mandate
#[utoipa::path(get, path = "/v1/mandates/{mandate}", operation_id = "mandate", tag = "desk",
    params(("mandate" = String, Path, description = "Its name", example = "mandate-1")),
    responses((status = 200, description = "It", body = schema::Mandate)))]
async fn mandate(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
) -> Result<axum::Json<Mandate>, Problem> {
    blocking(move || Ok(axum::Json(app.service.mandate(&caller, &id)?))).await
}

/// What is done with a mandate
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MandateAct {
    /// `confirm` and `decline` are the person’s, `revoke` is either side’s
    #[schema(value_type = String, example = "confirm")]
    act: MandateTurn,
}

/// Confirm, decline or take back a mandate; what was taken back gives nothing from then on
#[utoipa::path(post, path = "/v1/mandates/{mandate}/events", operation_id = "act_on_mandate", tag = "desk",
    params(("mandate" = String, Path, description = "Its name", example = "mandate-1")),
    request_body = MandateAct,
    responses((status = 200, description = "In the ledger", body = schema::Mandate)))]
async fn act(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Json(act): Json<MandateAct>,
) -> Result<axum::Json<Mandate>, Problem> {
    blocking(move || Ok(axum::Json(app.service.act_on_mandate(&caller, &id, act.act)?))).await
}
