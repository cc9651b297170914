//! Trials of a version in a sandbox: applied for, answered, run, stopped, reported on; public to read.

use crate::auth::Authenticated;
use crate::extract::{Json, Params, Segment};
use crate::paging::{Page, Part};
use crate::problem::Problem;
use crate::routes::known_provisions;
use crate::routes::register::created;
use crate::work::blocking;
use crate::{Shared, schema};
use axum::extract::State;
use axum::response::Response;
use gongdao_register::TrialPlan;
use gongdao_service::{TrialTurn, TrialView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(sandboxes, apply)).routes(routes!(sandbox)).routes(routes!(act))
}

/// Trials in sandboxes
#[utoipa::path(get, path = "/v1/sandboxes", operation_id = "sandboxes", tag = "register", params(Part), security(()),
    responses((status = 200, description = "A page of them", body = Page<schema::TrialView>)))]
async fn sandboxes(
    State(app): State<Shared>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<TrialView>>, Problem> {
    let limit = part.limit()?;
    blocking(move || {
        let found = app.service.trials(part.cursor.as_deref(), limit)?;
        Ok(axum::Json(Page::new(found, limit, |one| one.trial.id.clone())))
    })
    .await
}

/// Apply for a trial of a version, before it decides anything
///
/// From then on the version decides within the trial alone: what is outside its place, its days or its number of persons is held
/// for a human. A trial lifts no rule and no right of a person. There is no deemed approval.
#[utoipa::path(post, path = "/v1/sandboxes", operation_id = "apply_for_sandbox", tag = "register",
    request_body = schema::TrialPlan,
    responses((status = 201, description = "In the ledger", body = schema::TrialView,
        headers(("Location" = String, description = "Its address")))))]
async fn apply(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Json(plan): Json<TrialPlan>,
) -> Result<Response, Problem> {
    let view = blocking(move || Ok(app.service.apply_for_trial(&caller, plan)?)).await?;
    created(&format!("/v1/sandboxes/{}", view.trial.id), &view)
}

/// One trial: what was applied for, what was answered, what came of it
#[utoipa::path(get, path = "/v1/sandboxes/{sandbox}", operation_id = "sandbox", tag = "register", security(()),
    params(("sandbox" = String, Path, description = "Its name", example = "sandbox-1")),
    responses((status = 200, description = "It; counts of fewer than five are absent", body = schema::TrialView)))]
async fn sandbox(State(app): State<Shared>, Segment(id): Segment<String>) -> Result<axum::Json<TrialView>, Problem> {
    blocking(move || Ok(axum::Json(app.service.trial(&id)?))).await
}

/// Go on with a trial: the authority answers, the provider begins, either stops, the provider reports and closes
#[utoipa::path(post, path = "/v1/sandboxes/{sandbox}/events", operation_id = "act_on_sandbox", tag = "register",
    params(("sandbox" = String, Path, description = "Its name", example = "sandbox-1")),
    request_body = schema::TrialTurn,
    responses((status = 200, description = "In the ledger", body = schema::TrialView)))]
async fn act(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Json(turn): Json<TrialTurn>,
) -> Result<axum::Json<TrialView>, Problem> {
    blocking(move || {
        if let TrialTurn::Refused { provision: Some(provision), .. } = &turn {
            known_provisions(&app, std::slice::from_ref(provision))?;
        }
        Ok(axum::Json(app.service.act_on_trial(&caller, &id, turn)?))
    })
    .await
}
