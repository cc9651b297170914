//! Filing with the authority, and the published lists.

use crate::auth::Authenticated;
use crate::extract::{Json, Params, Segment, Whole, content_type};
use crate::paging::{Page, Part};
use crate::problem::{Problem, ProblemKind};
use crate::routes::register::searchable;
use crate::work::blocking;
use crate::{Shared, schema};
use axum::extract::State;
use axum::http::HeaderMap;
use gongdao_register::{FilingAct, PublishedFiling};
use gongdao_service::{FilingView, ImportReport, PublishedQuery};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(filing_records))
        .routes(routes!(filing_record))
        .routes(routes!(act_on_filing))
        .routes(routes!(published, import_published))
}

/// Which filings.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only those with a clock that is late
    #[serde(default)]
    late: bool,
}

/// Filings of the register's algorithms, with their clocks
#[utoipa::path(get, path = "/v1/filing-records", operation_id = "filing_records", tag = "register", params(Which, Part), security(()),
    responses((status = 200, description = "A page of them", body = Page<schema::FilingView>)))]
async fn filing_records(
    State(app): State<Shared>,
    Params(which): Params<Which>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<FilingView>>, Problem> {
    let limit = part.limit()?;
    blocking(move || {
        let found = app.service.filing_records(which.late, part.cursor.as_deref(), limit)?;
        Ok(axum::Json(Page::new(found, limit, |one| one.algorithm.clone())))
    })
    .await
}

/// The filing of one algorithm: what was handed in, what the authority said, and what is due until when
#[utoipa::path(get, path = "/v1/filing-records/{algorithm}", operation_id = "filing_record", tag = "register", security(()),
    params(("algorithm" = String, Path, description = "Its name in the register", example = "algorithm-1")),
    responses((status = 200, description = "It", body = schema::FilingView)))]
async fn filing_record(
    State(app): State<Shared>,
    Segment(id): Segment<String>,
) -> Result<axum::Json<FilingView>, Problem> {
    blocking(move || Ok(axum::Json(app.service.filing_record(&id)?))).await
}

/// Record what happened to a filing
///
/// Past its thirty working days the authority is late; nothing is approved by silence.
#[utoipa::path(post, path = "/v1/filing-records/{algorithm}/events", operation_id = "act_on_filing", tag = "register",
    params(("algorithm" = String, Path, description = "Its name in the register", example = "algorithm-1")),
    request_body = schema::FilingAct,
    responses((status = 200, description = "In the ledger", body = schema::FilingView)))]
async fn act_on_filing(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Json(act): Json<FilingAct>,
) -> Result<axum::Json<FilingView>, Problem> {
    blocking(move || Ok(axum::Json(app.service.act_on_filing(&caller, &id, act)?))).await
}

/// Which published filings.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Search {
    /// With this in name, provider, product, purpose, number or remark
    query: Option<String>,
    /// Of a province, as the collected lists name it
    #[param(example = "上海")]
    province: Option<String>,
    /// Of a class, in the words of the list
    #[param(example = "调度决策类")]
    kind: Option<String>,
}

/// The published filing lists, searched
#[utoipa::path(get, path = "/v1/filings-of-record", operation_id = "published_filings", tag = "register", params(Search, Part),
    security(()), responses((status = 200, description = "A page of them", body = Page<schema::PublishedFiling>)))]
async fn published(
    State(app): State<Shared>,
    Params(search): Params<Search>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<PublishedFiling>>, Problem> {
    let limit = part.limit()?;
    let query = PublishedQuery {
        query: searchable(search.query)?,
        province: searchable(search.province)?,
        kind: searchable(search.kind)?,
    };
    let cursor = searchable(part.cursor)?;
    blocking(move || {
        let found = app.service.published(&query, cursor.as_deref(), limit)?;
        Ok(axum::Json(Page::new(found, limit, |one| one.id.clone())))
    })
    .await
}

/// Read published lists in: CSV with the columns of docs/register.md
///
/// A row that is wrong is left out and told with its place. The same file again changes nothing.
#[utoipa::path(post, path = "/v1/filings-of-record", operation_id = "import_published_filings", tag = "register",
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, description = "What came of it", body = schema::ImportReport)))]
async fn import_published(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<axum::Json<ImportReport>, Problem> {
    let kind = content_type(&headers);
    if !["", "text/csv"].contains(&kind.as_str()) {
        let detail = format!("a body of `{kind}` is not read here");
        return Err(Problem::new(ProblemKind::MediaType, detail, "send `text/csv`"));
    }
    blocking(move || Ok(axum::Json(app.service.import_published(&caller, &body)?))).await
}
