//! Everything that is kept about a person: to see, and as a copy.

use crate::auth::Authenticated;
use crate::extract::{Params, Segment};
use crate::problem::{Problem, ProblemKind};
use crate::routes::state::Why;
use crate::work::blocking;
use crate::{App, Shared, language, schema};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use gongdao_i18n::Language;
use gongdao_service::PersonRecord;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(person_record)).routes(routes!(case_record))
}

/// In what form.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RecordForm {
    /// `json`, which is taken where nothing stands, `html` or `csv`
    #[serde(default)]
    format: String,
    /// Whether each decision comes with its receipt, which proves it for ever
    #[serde(default)]
    proofs: bool,
}

/// Everything that is kept about a person: decisions, state, changes, requests, mandates, who looked
///
/// For the person being logged in is enough. A representative needs a mandate for `see`; staff and regulators say why.
#[utoipa::path(get, path = "/v1/persons/{person}/record", operation_id = "person_record", tag = "desk",
    params(("person" = String, Path, description = "The pseudonym that decisions have", example = "p-1"), RecordForm, Why),
    responses((status = 200, description = "All of it, with what is not shown and why", body = schema::PersonRecord)))]
async fn person_record(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Segment(person): Segment<String>,
    Params(form): Params<RecordForm>,
    Params(why): Params<Why>,
) -> Result<Response, Problem> {
    let (language, purpose) = (language::of(&headers), why.purpose()?);
    blocking(move || {
        let record = if form.proofs {
            app.service.proved_person_record(&caller, &person, &purpose)?
        } else {
            app.service.person_record(&caller, &person, &purpose)?
        };
        rendered(&app, &record, &form.format, language, false)
    })
    .await
}

/// The same as the answer to a request to see or to have a copy, as a file
#[utoipa::path(get, path = "/v1/cases/{case}/record", operation_id = "case_record", tag = "desk",
    params(("case" = String, Path, description = "The request’s name", example = "case-1"), RecordForm),
    responses((status = 200, description = "All of it, with what is not shown and why", body = schema::PersonRecord)))]
async fn case_record(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Segment(id): Segment<String>,
    Params(form): Params<RecordForm>,
) -> Result<Response, Problem> {
    let language = language::of(&headers);
    blocking(move || {
        let record = if form.proofs {
            app.service.proved_case_record(&caller, &id)?
        } else {
            app.service.case_record(&caller, &id)?
        };
        rendered(&app, &record, &form.format, language, true)
    })
    .await
}

fn rendered(
    app: &App,
    record: &PersonRecord,
    format: &str,
    language: Language,
    is_file: bool,
) -> Result<Response, Problem> {
    let words = app.catalogue.words(language);
    let (kind, ending, text) = match format {
        "" | "json" => {
            let text = serde_json::to_string_pretty(record).map_err(|error| Problem::internal(error.to_string()))?;
            ("application/json", "json", text)
        }
        "html" => ("text/html; charset=utf-8", "html", crate::record::page(record, words)?),
        "csv" => ("text/csv; charset=utf-8", "csv", crate::record::csv(record, words)?),
        other => {
            let shown: String = other.chars().take(20).collect();
            let detail = format!("`{shown}` is no form of a record");
            return Err(Problem::new(ProblemKind::Malformed, detail, "ask for `json`, `html` or `csv`"));
        }
    };
    let mut response = ([(CONTENT_TYPE, HeaderValue::from_static(kind))], text).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if format == "html" {
        // A page to be kept has its style with it.
        let own = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(own));
    }
    if is_file {
        let value = HeaderValue::from_str(&format!("attachment; filename=\"record.{ending}\""));
        let value = value.map_err(|error| Problem::internal(error.to_string()))?;
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
