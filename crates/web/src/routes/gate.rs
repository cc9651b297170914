//! How far answers bind, who may change that, and what the official evaluator found.

use crate::auth::Authenticated;
use crate::extract::{Json, Params, Segment};
use crate::paging::{Page, Part};
use crate::problem::{Problem, ProblemKind};
use crate::schema;
use crate::work::blocking;
use crate::{Shared, version};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gongdao_gate::{Alarm, GateSettings, Stopped};
use gongdao_model::VersionKey;
use gongdao_service::port::JournalKind;
use gongdao_service::{Act, Approval, Operation};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(settings, change_settings))
        .routes(routes!(alarms))
        .routes(routes!(resume_rule))
        .routes(routes!(approvals, ask_approval))
        .routes(routes!(approval))
        .routes(routes!(decide_approval))
        .routes(routes!(operations))
}

/// The gate's settings, with their version as `ETag`
#[utoipa::path(get, path = "/v1/gate/settings", operation_id = "gate_settings", tag = "gate",
    responses((status = 200, description = "They", body = schema::StoredSettings,
            headers(("ETag" = String, description = "Their version"))),
        (status = 304, description = "You have them already")))]
async fn settings(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = blocking(move || Ok(app.service.settings(&caller)?)).await?;
    version::answer(&headers, found.version, &found.value)
}

/// Change the gate's settings
///
/// What protects people less takes two: ask for it at `/v1/approvals`. When this is answered, every gate has them.
#[utoipa::path(put, path = "/v1/gate/settings", operation_id = "change_gate_settings", tag = "gate",
    params(("If-Match" = String, Header, description = "`ETag` of the settings that you read", example = "\"1\"")),
    request_body = schema::GateSettings,
    responses((status = 200, description = "Changed", body = schema::StoredSettings,
        headers(("ETag" = String, description = "Their version")))))]
async fn change_settings(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Json(settings): Json<GateSettings>,
) -> Result<Response, Problem> {
    let wanted = version::wanted(&headers)?;
    let changed = blocking(move || {
        app.service.change_settings(&caller, wanted, settings)?;
        Ok(app.service.settings(&caller)?)
    })
    .await?;
    version::answer(&HeaderMap::new(), changed.version, &changed.value)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct After {
    /// Number of the last alarm that you know
    #[serde(default)]
    #[param(minimum = 0)]
    after: i64,
}

/// What the official evaluator found
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Alarms {
    /// Oldest first
    #[schema(value_type = Vec<schema::Alarm>)]
    alarms: Vec<Alarm>,
    /// Rule versions that judge nothing for the time being
    #[schema(value_type = Vec<schema::Stopped>)]
    stopped: Vec<Stopped>,
}

/// Where the official evaluator disagreed, and which rules are stopped
#[utoipa::path(get, path = "/v1/gate/alarms", operation_id = "gate_alarms", tag = "gate", params(After),
    responses((status = 200, description = "They", body = Alarms)))]
async fn alarms(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Params(After { after }): Params<After>,
) -> Result<axum::Json<Alarms>, Problem> {
    let after = u64::try_from(after).map_err(|_| {
        Problem::new(ProblemKind::Malformed, format!("`after` is {after}"), "alarms are counted from 1")
    })?;
    let (alarms, stopped) = app.service.alarms(&caller, after)?;
    Ok(axum::Json(Alarms { alarms, stopped }))
}

/// Let a rule version judge again that was stopped by order
#[utoipa::path(post, path = "/v1/gate/rules:resume", operation_id = "resume_rule", tag = "gate",
    request_body = schema::VersionKey,
    responses((status = 204, description = "It judges again")))]
async fn resume_rule(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Json(rule): Json<VersionKey>,
) -> Result<StatusCode, Problem> {
    blocking(move || {
        app.service.resume_rule(&caller, &rule)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
struct AskBody {
    act: Act,
    reason: String,
}

impl TryFrom<Map<String, Value>> for AskBody {
    type Error = String;

    /// The act has its members beside the reason, and none that belong to another act: what two people agree to is what is read.
    fn try_from(mut members: Map<String, Value>) -> Result<Self, String> {
        let Some(Value::String(reason)) = members.remove("reason") else {
            return Err("`reason` is missing, or no text".to_owned());
        };
        let act = serde_json::from_value(Value::Object(members)).map_err(|error| error.to_string())?;
        Ok(Self { act, reason })
    }
}

/// Ask for something that takes two people
#[utoipa::path(post, path = "/v1/approvals", operation_id = "ask_approval", tag = "gate",
    request_body = schema::AskApproval,
    responses((status = 201, description = "Another person has to decide", body = schema::Approval,
        headers(("Location" = String, description = "Its address")))))]
async fn ask_approval(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Json(body): Json<AskBody>,
) -> Result<Response, Problem> {
    let approval = blocking(move || Ok(app.service.ask_approval(&caller, body.act, &body.reason)?)).await?;
    let address = format!("/v1/approvals/{}", approval.id);
    Ok((StatusCode::CREATED, [("location", address)], axum::Json(approval)).into_response())
}

/// What was asked for
#[utoipa::path(get, path = "/v1/approvals", operation_id = "approvals", tag = "gate", params(Part),
    responses((status = 200, description = "A page of it", body = Page<schema::Approval>)))]
async fn approvals(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<Approval>>, Problem> {
    let limit = part.limit()?;
    blocking(move || {
        let found = app.service.approvals(&caller, part.cursor.as_deref(), limit)?;
        Ok(axum::Json(Page::new(found, limit, |one| one.id.clone())))
    })
    .await
}

/// One thing that was asked for
#[utoipa::path(get, path = "/v1/approvals/{approval}", operation_id = "approval", tag = "gate",
    params(("approval" = String, Path, description = "Its identifier")),
    responses((status = 200, description = "It", body = schema::Approval,
        headers(("ETag" = String, description = "Its version"))),
        (status = 304, description = "You have it already")))]
async fn approval(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Segment(id): Segment<String>,
) -> Result<Response, Problem> {
    let found = blocking(move || Ok(app.service.approval(&caller, &id)?)).await?;
    version::answer(&headers, found.version, &found.value)
}

/// A second person's word
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Verdict {
    /// Whether it is to be done
    grants: bool,
    /// Why
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Decide on what another asked for; granted, it is done at once
#[utoipa::path(post, path = "/v1/approvals/{approval}/decision", operation_id = "decide_approval", tag = "gate",
    params(("approval" = String, Path, description = "Its identifier")),
    request_body = Verdict,
    responses((status = 200, description = "Decided, and known to every gate", body = schema::Approval)))]
async fn decide_approval(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Json(verdict): Json<Verdict>,
) -> Result<axum::Json<Approval>, Problem> {
    blocking(move || {
        let (approval, _) = app.service.decide_approval(&caller, &id, verdict.grants, &verdict.reason)?;
        Ok(axum::Json(approval))
    })
    .await
}

/// Which changes.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum OperationKind {
    Settings,
    Approval,
    Access,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfKind {
    /// Which changes
    #[param(inline)]
    kind: OperationKind,
}

/// Who changed settings, accounts and keys, and what took two, newest first
#[utoipa::path(get, path = "/v1/operations", operation_id = "operations", tag = "gate", params(OfKind, Part),
    responses((status = 200, description = "A page of it", body = Page<schema::Operation>)))]
async fn operations(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Params(OfKind { kind }): Params<OfKind>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<Operation>>, Problem> {
    let (limit, before) = (part.limit()?, part.before()?);
    let kind = match kind {
        OperationKind::Settings => JournalKind::Settings,
        OperationKind::Approval => JournalKind::Approval,
        OperationKind::Access => JournalKind::Access,
    };
    blocking(move || {
        let found = app.service.operations(&caller, kind, before, limit)?;
        Ok(axum::Json(Page::new(found, limit, |one| one.seq.to_string())))
    })
    .await
}
