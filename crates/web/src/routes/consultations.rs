//! Consultations over a version: called by the provider, spoken in by seats, public to read.

use crate::auth::Authenticated;
use crate::extract::{Json, Params, Segment};
use crate::paging::{Page, Part};
use crate::problem::Problem;
use crate::routes::register::created;
use crate::work::blocking;
use crate::{Shared, schema};
use axum::extract::State;
use axum::response::Response;
use gongdao_model::LegalDate;
use gongdao_register::ConsultationWhat;
use gongdao_service::{ConsultationView, NewConsultation, Replay, ReplayPeriod};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(call))
        .routes(routes!(consultations))
        .routes(routes!(consultation))
        .routes(routes!(act))
        .routes(routes!(replay))
}

/// Call a consultation over a version; from then on its text is frozen
#[utoipa::path(post, path = "/v1/versions/{version}/consultations", operation_id = "call_consultation", tag = "register",
    params(("version" = String, Path, description = "Its name, as decisions name their algorithm", example = "dispatch-v8")),
    request_body = schema::NewConsultation,
    responses((status = 201, description = "In the ledger", body = schema::ConsultationView,
        headers(("Location" = String, description = "Its address")))))]
async fn call(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(version): Segment<String>,
    Json(new): Json<NewConsultation>,
) -> Result<Response, Problem> {
    let view = blocking(move || Ok(app.service.call_consultation(&caller, &version, new)?)).await?;
    created(&format!("/v1/consultations/{}", view.consultation.id), &view)
}

/// Consultations
#[utoipa::path(get, path = "/v1/consultations", operation_id = "consultations", tag = "register", params(Part), security(()),
    responses((status = 200, description = "A page of them", body = Page<schema::ConsultationView>)))]
async fn consultations(
    State(app): State<Shared>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<ConsultationView>>, Problem> {
    let limit = part.limit()?;
    blocking(move || {
        let found = app.service.consultations(part.cursor.as_deref(), limit)?;
        Ok(axum::Json(Page::new(found, limit, |one| one.consultation.id.clone())))
    })
    .await
}

/// One consultation: what is asked until when, what seats said, what was answered, what came of it
#[utoipa::path(get, path = "/v1/consultations/{consultation}", operation_id = "consultation", tag = "register", security(()),
    params(("consultation" = String, Path, description = "Its name", example = "consultation-1")),
    responses((status = 200, description = "It; who sits at a seat is not told", body = schema::ConsultationView)))]
async fn consultation(
    State(app): State<Shared>,
    Segment(id): Segment<String>,
) -> Result<axum::Json<ConsultationView>, Problem> {
    blocking(move || Ok(axum::Json(app.service.consultation(None, &id)?))).await
}

/// Say something from your seat: comment, answer, meeting, result, announcement, agreement, report
///
/// Comments are taken until the last day; a later one is refused, and the refusal names that day. Only the platform answers.
#[utoipa::path(post, path = "/v1/consultations/{consultation}/events", operation_id = "act_on_consultation", tag = "register",
    params(("consultation" = String, Path, description = "Its name", example = "consultation-1")),
    request_body = schema::ConsultationTurn,
    responses((status = 200, description = "In the ledger", body = schema::ConsultationView)))]
async fn act(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Json(what): Json<ConsultationWhat>,
) -> Result<axum::Json<ConsultationView>, Problem> {
    blocking(move || Ok(axum::Json(app.service.act_on_consultation(&caller, &id, what)?))).await
}

/// Of which period.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Period {
    /// The first day
    #[param(value_type = String, format = Date, example = "2026-10-01")]
    from: LegalDate,
    /// The first day after the period, which has 92 days at most
    #[param(value_type = String, format = Date, example = "2026-11-01")]
    until: LegalDate,
}

/// Past decisions under the draft: who would gain and who would lose
///
/// Decisions of the version that the draft changes are run again under both declared rules. Counts and means alone, by tenths of
/// the old outcome; what would tell of fewer than five persons is absent. For whoever has a seat, officers and regulators.
#[utoipa::path(get, path = "/v1/consultations/{consultation}/replay", operation_id = "replay_consultation", tag = "register",
    params(("consultation" = String, Path, description = "Its name", example = "consultation-1"), Period),
    responses((status = 200, description = "It", body = schema::Replay)))]
async fn replay(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Params(period): Params<Period>,
) -> Result<axum::Json<Replay>, Problem> {
    let period = ReplayPeriod { from: period.from, until: period.until };
    blocking(move || Ok(axum::Json(app.service.replay(&caller, &id, period)?))).await
}
