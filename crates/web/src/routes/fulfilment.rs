//! Carrying granted requests out: systems that are declared, what each has to do, and what they say of it.

use crate::auth::Authenticated;
use crate::extract::{Json, Params, Segment};
use crate::paging::{Page, Part};
use crate::problem::Problem;
use crate::work::blocking;
use crate::{Shared, schema, version};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use gongdao_desk::TaskState;
use gongdao_service::{NewSystem, System, TaskQuestion, TaskTurn, TaskView, Told};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(systems))
        .routes(routes!(system, put_system, delete_system))
        .routes(routes!(fulfilments))
        .routes(routes!(fulfilment))
        .routes(routes!(answer_fulfilment))
}

/// All systems
#[derive(Debug, Serialize, ToSchema)]
struct Systems {
    /// In the order of their names
    #[schema(value_type = Vec<schema::System>)]
    systems: Vec<System>,
}

/// The systems of the operator that have to carry granted requests out
#[utoipa::path(get, path = "/v1/systems", operation_id = "systems", tag = "operation",
    responses((status = 200, description = "All of them", body = Systems)))]
async fn systems(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
) -> Result<axum::Json<Systems>, Problem> {
    blocking(move || Ok(axum::Json(Systems { systems: app.service.systems(&caller)? }))).await
}

/// One system, with its version as `ETag`
#[utoipa::path(get, path = "/v1/systems/{system}", operation_id = "system", tag = "operation",
    params(("system" = String, Path, description = "Its name", example = "orders")),
    responses((status = 200, description = "It", body = schema::System, headers(("ETag" = String, description = "Its version"))),
        (status = 304, description = "You have it already")))]
async fn system(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Segment(id): Segment<String>,
) -> Result<Response, Problem> {
    let found = blocking(move || Ok(app.service.system(&caller, &id)?)).await?;
    version::answer(&headers, found.version, &found.value)
}

/// Declare a system (`If-Match: "0"`), or change one; what is granted from then on it has to carry out
///
/// Where a program would learn of persons by it, it is `waiting` until a second person grants `open-system` for just this version; what
/// was declared before counts until then.
#[utoipa::path(put, path = "/v1/systems/{system}", operation_id = "put_system", tag = "operation",
    params(("system" = String, Path, description = "Its name: 1 to 40 of a-z, 0-9 and `-`", example = "orders"),
        ("If-Match" = String, Header, description = "The version that it replaces", example = "\"0\"")),
    request_body = schema::NewSystem,
    responses((status = 200, description = "Declared", body = schema::System, headers(("ETag" = String, description = "Its version")))))]
async fn put_system(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Segment(id): Segment<String>,
    Json(new): Json<NewSystem>,
) -> Result<Response, Problem> {
    let wanted = version::wanted(&headers)?;
    let found = blocking(move || Ok(app.service.put_system(&caller, &id, wanted, new)?)).await?;
    version::answer(&HeaderMap::new(), found.version, &found.value)
}

/// Take a system away; what it has to do already stays, and a person can say that it is done
#[utoipa::path(delete, path = "/v1/systems/{system}", operation_id = "delete_system", tag = "operation",
    params(("system" = String, Path, description = "Its name", example = "orders")),
    responses((status = 204, description = "Nothing is asked of it any more")))]
async fn delete_system(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
) -> Result<StatusCode, Problem> {
    blocking(move || {
        app.service.delete_system(&caller, &id)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Which tasks.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// How they stand
    #[param(inline, value_type = Option<schema::TaskState>)]
    state: Option<TaskState>,
    /// Of one system
    system: Option<String>,
}

/// What systems have to do: all for staff, its own for a system. Those that are `stuck` wait for a person
#[utoipa::path(get, path = "/v1/fulfilments", operation_id = "fulfilments", tag = "desk", params(Which, Part),
    responses((status = 200, description = "A page of them", body = Page<schema::TaskView>)))]
async fn fulfilments(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Params(which): Params<Which>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<TaskView>>, Problem> {
    let limit = part.limit()?;
    blocking(move || {
        let question = TaskQuestion { state: which.state, system: which.system };
        let found = app.service.fulfilments(&caller, &question, part.cursor.as_deref(), limit)?;
        Ok(axum::Json(Page { items: found.items, next: found.next }))
    })
    .await
}

/// One task, with what has to be known to carry it out
#[utoipa::path(get, path = "/v1/fulfilments/{fulfilment}", operation_id = "fulfilment", tag = "desk",
    params(("fulfilment" = String, Path, description = "Its name", example = "case-1.orders")),
    responses((status = 200, description = "It", body = schema::Fulfilment)))]
async fn fulfilment(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
) -> Result<axum::Json<Told>, Problem> {
    blocking(move || Ok(axum::Json(app.service.fulfilment(&caller, &id)?))).await
}

/// Say how a task stands: the system with its key, or a person who did it by hand and says where
#[utoipa::path(post, path = "/v1/fulfilments/{fulfilment}/events", operation_id = "answer_fulfilment", tag = "desk",
    params(("fulfilment" = String, Path, description = "Its name", example = "case-1.orders")),
    request_body = schema::TaskTurn,
    responses((status = 200, description = "In the ledger", body = schema::Fulfilment)))]
async fn answer_fulfilment(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Json(turn): Json<TaskTurn>,
) -> Result<axum::Json<Told>, Problem> {
    blocking(move || Ok(axum::Json(app.service.answer_fulfilment(&caller, &id, turn)?))).await
}
