//! Requests in the shape of the Data Rights Protocol (docs/drp.md), and the agents that hand them in.

use crate::auth::Authenticated;
use crate::drp::{Exercise, Introduction, Revocation, Status, carried_out, not_signed, opened, status, within_time};
use crate::extract::{Json, Params, Segment, Whole};
use crate::paging::{Page, Part};
use crate::problem::{Problem, ProblemKind};
use crate::work::blocking;
use crate::{App, Shared, schema, version};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use gongdao_desk::What;
use gongdao_service::{Agent, Caller, ErrorKind, NewAgent, Turn};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(agents))
        .routes(routes!(put_agent, delete_agent))
        .routes(routes!(introduce, introduced))
        .routes(routes!(exercise))
        .routes(routes!(request_status, revoke))
}

/// Agents that hand requests in for persons, with the keys that their signatures are checked with
#[utoipa::path(get, path = "/v1/agents", operation_id = "agents", tag = "access", params(Part),
    responses((status = 200, description = "A page of them", body = Page<schema::Agent>)))]
async fn agents(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<Agent>>, Problem> {
    let limit = part.limit()?;
    blocking(move || {
        let found = app.service.agents(&caller, part.cursor.as_deref(), limit)?;
        Ok(axum::Json(Page::new(found, limit, |one| one.id.clone())))
    })
    .await
}

/// Take an agent in (`If-Match: "0"`), or change one; what it may do its persons' mandates say
#[utoipa::path(put, path = "/v1/agents/{agent}", operation_id = "put_agent", tag = "access",
    params(("agent" = String, Path, description = "Its name", example = "union-7"),
        ("If-Match" = String, Header, description = "The version that it replaces", example = "\"0\"")),
    request_body = schema::NewAgent,
    responses((status = 200, description = "Taken in", body = schema::Agent, headers(("ETag" = String, description = "Its version")))))]
async fn put_agent(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Segment(id): Segment<String>,
    Json(new): Json<NewAgent>,
) -> Result<Response, Problem> {
    let wanted = version::wanted(&headers)?;
    let found = blocking(move || Ok(app.service.put_agent(&caller, &id, wanted, new)?)).await?;
    version::answer(&HeaderMap::new(), found.version, &found.value)
}

/// Take an agent away: nothing that it signs counts any more
#[utoipa::path(delete, path = "/v1/agents/{agent}", operation_id = "delete_agent", tag = "access",
    params(("agent" = String, Path, description = "Its name", example = "union-7")),
    responses((status = 204, description = "It is gone")))]
async fn delete_agent(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
) -> Result<StatusCode, Problem> {
    blocking(move || {
        app.service.delete_agent(&caller, &id)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// What an agent goes on with
#[derive(Debug, Serialize, ToSchema)]
struct AgentToken {
    /// Its name
    #[serde(rename = "agent-id")]
    agent: String,
    /// To be shown as `Authorization: Bearer`; a session, which ends
    token: String,
}

/// A token for an agent that shows by its signature who it is (DRP 0.9.4 §2.05)
#[utoipa::path(post, path = "/v1/agent/{agent}", operation_id = "introduce_agent", tag = "desk", security(()),
    params(("agent" = String, Path, description = "Its name", example = "union-7")),
    request_body(content = String, content_type = "text/plain", description = "Base64 of signature and JSON"),
    responses((status = 200, description = "A session", body = AgentToken)))]
async fn introduce(
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Whole(body): Whole,
) -> Result<axum::Json<AgentToken>, Problem> {
    blocking(move || {
        // Whether there is such an agent is not told.
        let agent = app.service.agent(&id)?.ok_or_else(not_signed)?;
        let introduction: Introduction = opened(&agent, &body)?;
        within_time(&introduction.envelope, &agent, app.service.node(), app.service.now())?;
        let session = app.service.log_in_agent(&agent)?;
        Ok(axum::Json(AgentToken { agent: id, token: session.token.reveal().to_owned() }))
    })
    .await
}

/// Whether an agent's token is good (DRP 0.9.4 §2.06)
#[utoipa::path(get, path = "/v1/agent/{agent}", operation_id = "introduced_agent", tag = "desk",
    params(("agent" = String, Path, description = "Its name", example = "union-7")),
    responses((status = 200, description = "It is; nothing more is said", body = schema::Anything)))]
async fn introduced(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
) -> Result<axum::Json<Map<String, Value>>, Problem> {
    blocking(move || {
        its_agent(&app, &caller, &id)?;
        Ok(axum::Json(Map::new()))
    })
    .await
}

/// Hand a request in, signed (DRP 0.9.4 §2.01). For whom says `gongdao:person`; their mandate lets it in
#[utoipa::path(post, path = "/v1/data-rights-request", operation_id = "exercise_right", tag = "desk",
    request_body(content = String, content_type = "text/plain", description = "Base64 of signature and JSON"),
    responses((status = 200, description = "How it stands", body = Status)))]
async fn exercise(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Whole(body): Whole,
) -> Result<axum::Json<Status>, Problem> {
    blocking(move || {
        let agent = agent_of(&app, &caller)?;
        let exercise: Exercise = opened(&agent, &body)?;
        within_time(&exercise.envelope, &agent, app.service.node(), app.service.now())?;
        let own_name = exercise.agent_request.clone();
        let callback = exercise.status_callback.as_deref();
        let callback = callback.map(|url| app.service.agent_callback(&agent, url)).transpose()?;
        let view = app.service.file_case(&caller, exercise.into_case()?)?;
        if let Some(webhook) = callback {
            app.service.keep_callback(&agent, &webhook, &view.case.id, own_name.as_deref())?;
        }
        let mut status = status(&view, app.settings.public_url.as_deref());
        status.agent_request_id = own_name;
        Ok(axum::Json(status))
    })
    .await
}

/// How a request stands (DRP 0.9.4 §2.02)
#[utoipa::path(get, path = "/v1/data-rights-request/{request}", operation_id = "right_status", tag = "desk",
    params(("request" = String, Path, description = "Its `request_id`", example = "case-1")),
    responses((status = 200, description = "So", body = Status)))]
async fn request_status(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
) -> Result<axum::Json<Status>, Problem> {
    blocking(move || {
        agent_of(&app, &caller)?;
        match app.service.case(&caller, &id) {
            Ok(view) => Ok(axum::Json(status(&view, app.settings.public_url.as_deref()))),
            Err(error) if error.kind == ErrorKind::Erased => Ok(axum::Json(carried_out(id))),
            Err(error) => Err(error.into()),
        }
    })
    .await
}

/// Take a request back, signed (DRP 0.9.4 §2.04)
#[utoipa::path(delete, path = "/v1/data-rights-request/{request}", operation_id = "revoke_right", tag = "desk",
    params(("request" = String, Path, description = "Its `request_id`", example = "case-1")),
    request_body(content = String, content_type = "text/plain", description = "Base64 of signature and JSON"),
    responses((status = 200, description = "How it stands", body = Status)))]
async fn revoke(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Whole(body): Whole,
) -> Result<axum::Json<Status>, Problem> {
    blocking(move || {
        let agent = agent_of(&app, &caller)?;
        let _: Revocation = opened(&agent, &body)?;
        let view = app.service.act_on_case(&caller, &id, Turn { what: What::Withdrawn, password: None })?;
        Ok(axum::Json(status(&view, app.settings.public_url.as_deref())))
    })
    .await
}

/// The agent whose account the caller is.
///
/// Errors: there is none.
fn agent_of(app: &App, caller: &Caller) -> Result<Agent, Problem> {
    let account = caller.actor.strip_prefix("account:").unwrap_or_default();
    let found = if account.is_empty() { None } else { app.service.agent_of_account(account)? };
    found.ok_or_else(|| {
        let hint = "the operator takes agents in at `/v1/agents`; people file at `/v1/cases`";
        Problem::new(ProblemKind::Forbidden, "you are no agent here", hint)
    })
}

fn its_agent(app: &App, caller: &Caller, id: &str) -> Result<(), Problem> {
    let agent = agent_of(app, caller)?;
    if agent.id == id {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::Forbidden, "this is another agent", "ask for the one that the token is of"))
}
