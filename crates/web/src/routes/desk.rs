//! Requests of persons: filing, what happens to them, the queue, figures, published limits.

use crate::auth::Authenticated;
use crate::extract::{Json, Params, Segment};
use crate::paging::{Page, Part, after_decision};
use crate::problem::Problem;
use crate::version::{answer, wanted};
use crate::work::blocking;
use crate::{Shared, language, schema};
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gongdao_desk::Limits;
use gongdao_model::Instant;
use gongdao_service::{CaseView, DeskFigures, NewCase, NewFiling, QueueLine, QueueQuery, Suspension, Turn};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(file_case))
        .routes(routes!(case))
        .routes(routes!(act_on_case))
        .routes(routes!(person_cases))
        .routes(routes!(file_for_many))
        .routes(routes!(filing))
        .routes(routes!(queue))
        .routes(routes!(figures))
        .routes(routes!(limits, change_limits))
        .routes(routes!(suspension))
}

/// File a request
///
/// What a change of state fulfils is done when this is answered: an opting out, a withdrawn consent, a deleted tag is known to
/// the gate's next decision. The same request that is still open is answered again.
#[utoipa::path(post, path = "/v1/cases", operation_id = "file_case", tag = "desk",
    request_body = schema::NewCase,
    responses((status = 201, description = "In the ledger", body = schema::CaseView,
        headers(("Location" = String, description = "Its address")))))]
async fn file_case(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Json(new): Json<NewCase>,
) -> Result<Response, Problem> {
    let view = blocking(move || Ok(app.service.file_case(&caller, new)?)).await?;
    let location = HeaderValue::from_str(&format!("/v1/cases/{}", view.case.id));
    let location = location.map_err(|error| Problem::internal(error.to_string()))?;
    Ok((StatusCode::CREATED, [(LOCATION, location)], axum::Json(view)).into_response())
}

/// One request, where it stands, until when, and the ways on that are open
#[utoipa::path(get, path = "/v1/cases/{case}", operation_id = "case", tag = "desk",
    params(("case" = String, Path, description = "Its name", example = "case-1")),
    responses((status = 200, description = "It", body = schema::CaseView)))]
async fn case(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
) -> Result<axum::Json<CaseView>, Problem> {
    blocking(move || Ok(axum::Json(app.service.case(&caller, &id)?))).await
}

/// Do something with a request: answer, agree, review, give what was asked for, take it back
#[utoipa::path(post, path = "/v1/cases/{case}/events", operation_id = "act_on_case", tag = "desk",
    params(("case" = String, Path, description = "Its name", example = "case-1")),
    request_body = schema::Turn,
    responses((status = 200, description = "In the ledger", body = schema::CaseView)))]
async fn act_on_case(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Json(turn): Json<Turn>,
) -> Result<axum::Json<CaseView>, Problem> {
    blocking(move || Ok(axum::Json(app.service.act_on_case(&caller, &id, turn)?))).await
}

/// Requests of a person, newest first
#[utoipa::path(get, path = "/v1/persons/{person}/cases", operation_id = "person_cases", tag = "desk",
    params(("person" = String, Path, description = "The pseudonym that decisions have", example = "p-1"), Part),
    responses((status = 200, description = "A page of them", body = Page<schema::CaseView>)))]
async fn person_cases(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(person): Segment<String>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<CaseView>>, Problem> {
    let (limit, after) = (part.limit()?, part.after_decision()?.map(|cursor| (cursor.at, cursor.id)));
    blocking(move || {
        let views = app.service.cases_of(&caller, &person, after, limit)?;
        Ok(axum::Json(Page::new(views, limit, |view| after_decision(view.case.filed_at, &view.case.id))))
    })
    .await
}

/// What became of a filing for many
#[derive(Debug, Serialize, ToSchema)]
struct Filed {
    /// Its name
    filing: String,
    /// One row a person, in the order of the request
    rows: Vec<FiledRow>,
}

/// What became of one of them
#[derive(Debug, Serialize, ToSchema)]
struct FiledRow {
    /// Who
    person: String,
    /// Their case
    #[schema(value_type = Option<schema::CaseView>, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<CaseView>,
    /// Why there is none
    #[schema(value_type = Option<schema::Problem>, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Map<String, Value>>,
}

/// File one request for many; each gets an answer of their own
#[utoipa::path(post, path = "/v1/filings", operation_id = "file_for_many", tag = "desk",
    request_body = schema::NewFiling,
    responses((status = 201, description = "A row each", body = Filed)))]
async fn file_for_many(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Json(new): Json<NewFiling>,
) -> Result<(StatusCode, axum::Json<Filed>), Problem> {
    let language = language::of(&headers);
    blocking(move || {
        let (filing, rows) = app.service.file_for_many(&caller, new)?;
        let row = |row: gongdao_service::FiledRow| match row.case {
            Ok(case) => FiledRow { person: row.person, case: Some(case), problem: None },
            Err(error) => {
                let problem = Problem::from(error).json(&app.catalogue, language);
                FiledRow { person: row.person, case: None, problem: Some(problem) }
            }
        };
        Ok((StatusCode::CREATED, axum::Json(Filed { filing, rows: rows.into_iter().map(row).collect() })))
    })
    .await
}

/// How the cases of a filing stand
#[utoipa::path(get, path = "/v1/filings/{filing}", operation_id = "filing", tag = "desk",
    params(("filing" = String, Path, description = "Its name", example = "filing-1"), Part),
    responses((status = 200, description = "Those that you may see", body = Page<schema::CaseView>)))]
async fn filing(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<CaseView>>, Problem> {
    let limit = part.limit()?;
    blocking(move || {
        let page = app.service.filing(&caller, &id, part.cursor.as_deref(), limit)?;
        Ok(axum::Json(Page { items: page.items, next: page.next }))
    })
    .await
}

/// Which cases of the queue.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Of a kind
    kind: Option<String>,
    /// At a stage
    stage: Option<String>,
    /// Only those past their limit
    #[serde(default)]
    late: bool,
}

/// A case that waits, without what the person said and who they are
#[derive(Debug, Serialize, ToSchema)]
struct Waiting {
    /// Its name
    case: String,
    /// What is asked for
    kind: String,
    /// Where it stands
    stage: String,
    /// When it came in
    #[schema(value_type = String, format = DateTime)]
    opened_at: Instant,
    /// When the stage is due; null where nobody published a limit
    #[schema(value_type = Option<String>, format = DateTime)]
    due: Option<Instant>,
    /// Whether it is past that
    is_late: bool,
    /// Whether a penalty waits for it
    suspends_penalty: bool,
}

impl From<QueueLine> for Waiting {
    fn from(line: QueueLine) -> Self {
        let QueueLine { case, kind, stage, opened_at, due, is_late, suspends_penalty, place: _ } = line;
        Self { case, kind, stage, opened_at, due, is_late, suspends_penalty }
    }
}

/// What waits for the operator, those due first in front
#[utoipa::path(get, path = "/v1/desk/queue", operation_id = "desk_queue", tag = "desk", params(Which, Part),
    responses((status = 200, description = "A page of it", body = Page<Waiting>)))]
async fn queue(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Params(which): Params<Which>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<Waiting>>, Problem> {
    let (limit, after) = (part.limit()?, part.after_place()?);
    blocking(move || {
        let query = QueueQuery { kind: which.kind, stage: which.stage, late: which.late };
        let lines = app.service.case_queue(&caller, &query, after.as_ref(), limit)?;
        let Page { items, next } = Page::new(lines, limit, |line| line.place.to_string());
        Ok(axum::Json(Page { items: items.into_iter().map(Waiting::from).collect(), next }))
    })
    .await
}

/// What the desk did: cases by kind and outcome, refusals by article, what reviews changed. Small counts are left out
#[utoipa::path(get, path = "/v1/desk/figures", operation_id = "desk_figures", tag = "desk",
    responses((status = 200, description = "They", body = schema::Anything)))]
async fn figures(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
) -> Result<axum::Json<DeskFigures>, Problem> {
    blocking(move || Ok(axum::Json(app.service.desk_figures(&caller)?))).await
}

/// The published limits of the desk
#[utoipa::path(get, path = "/v1/desk/limits", operation_id = "desk_limits", tag = "desk",
    responses((status = 200, description = "They, with their version as `ETag`", body = schema::Limits)))]
async fn limits(_: Authenticated, State(app): State<Shared>, headers: HeaderMap) -> Result<Response, Problem> {
    let limits = blocking(move || Ok(app.service.desk_limits()?)).await?;
    answer(&headers, limits.version, &limits.value)
}

/// Publish other limits; what waits is counted by them from then on
#[utoipa::path(put, path = "/v1/desk/limits", operation_id = "change_desk_limits", tag = "desk",
    params(("If-Match" = String, Header, description = "The version that they replace")),
    request_body = schema::Limits,
    responses((status = 200, description = "Published, with their version as `ETag`", body = schema::Limits)))]
async fn change_limits(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Json(limits): Json<Limits>,
) -> Result<Response, Problem> {
    let version = wanted(&headers)?;
    let limits = blocking(move || Ok(app.service.change_desk_limits(&caller, version, limits)?)).await?;
    answer(&HeaderMap::new(), limits.version, &limits.value)
}

/// Whether a penalty that a decision imposed waits for a contest: whoever carries penalties out asks this first
#[utoipa::path(get, path = "/v1/decisions/{decision}/suspension", operation_id = "suspension", tag = "desk",
    params(("decision" = String, Path, description = "The decision that imposed it", example = "d-1")),
    responses((status = 200, description = "`suspended`, and the contests that it waits for", body = schema::Anything)))]
async fn suspension(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(decision): Segment<String>,
) -> Result<axum::Json<Suspension>, Problem> {
    blocking(move || Ok(axum::Json(app.service.suspension(&caller, &decision)?))).await
}
