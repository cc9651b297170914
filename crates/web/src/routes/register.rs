//! Algorithms and their versions: public to read.

use crate::auth::Authenticated;
use crate::extract::{Json, Params, Segment, Whole, expect_json, json};
use crate::language;
use crate::paging::{Page, Part};
use crate::problem::{Problem, ProblemKind};
use crate::version::{answer, wanted};
use crate::work::blocking;
use crate::{App, Shared, schema};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gongdao_i18n::Words;
use gongdao_register::export::Change;
use gongdao_register::{Class, Description, Difference, Factor, NewVersion, check_factors};
use gongdao_service::{
    AlgorithmLine, AlgorithmQuery, AlgorithmView, ExportFormat, Exported, RegisterSettings, ServiceError, VersionLine,
    VersionTurn, VersionView,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(algorithms, register_algorithm))
        .routes(routes!(algorithm))
        .routes(routes!(description, describe))
        .routes(routes!(versions, declare))
        .routes(routes!(export))
        .routes(routes!(version))
        .routes(routes!(act_on_version))
        .routes(routes!(diff))
        .routes(routes!(settings, change_settings))
        .routes(routes!(filed_algorithms))
        .routes(routes!(feed))
}

/// Which algorithms.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Of a class
    #[param(value_type = Option<schema::Class>, inline)]
    class: Option<Class>,
    /// Those that touch workers, or those that do not
    affects_labour: Option<bool>,
    /// With this in the name or the provider
    query: Option<String>,
}

/// Algorithms of the register
#[utoipa::path(get, path = "/v1/algorithms", operation_id = "algorithms", tag = "register", params(Which, Part), security(()),
    responses((status = 200, description = "A page of them", body = Page<schema::AlgorithmLine>)))]
async fn algorithms(
    State(app): State<Shared>,
    Params(which): Params<Which>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<AlgorithmLine>>, Problem> {
    let limit = part.limit()?;
    let query =
        AlgorithmQuery { class: which.class, affects_labour: which.affects_labour, query: searchable(which.query)? };
    blocking(move || {
        let found = app.service.algorithms(&query, part.cursor.as_deref(), limit)?;
        Ok(axum::Json(Page::new(found, limit, |one| one.id.clone())))
    })
    .await
}

/// Put an algorithm into the register
#[utoipa::path(post, path = "/v1/algorithms", operation_id = "register_algorithm", tag = "register",
    request_body = schema::Description,
    responses((status = 201, description = "In the ledger", body = schema::AlgorithmView,
        headers(("Location" = String, description = "Its address")))))]
async fn register_algorithm(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Json(new): Json<Description>,
) -> Result<Response, Problem> {
    let view = blocking(move || Ok(app.service.register_algorithm(&caller, new)?)).await?;
    created(&format!("/v1/algorithms/{}", view.algorithm.id), &view)
}

/// One algorithm, with its versions, the clocks of its filing and live figures
#[utoipa::path(get, path = "/v1/algorithms/{algorithm}", operation_id = "algorithm", tag = "register", security(()),
    params(("algorithm" = String, Path, description = "Its name in the register", example = "algorithm-1")),
    responses((status = 200, description = "It", body = schema::AlgorithmView)))]
async fn algorithm(
    State(app): State<Shared>,
    Segment(id): Segment<String>,
) -> Result<axum::Json<AlgorithmView>, Problem> {
    blocking(move || Ok(axum::Json(app.service.algorithm(&id)?))).await
}

/// What an algorithm is, as its provider declares it
#[utoipa::path(get, path = "/v1/algorithms/{algorithm}/description", operation_id = "algorithm_description", tag = "register",
    security(()), params(("algorithm" = String, Path, description = "Its name in the register", example = "algorithm-1")),
    responses((status = 200, description = "It, with its version as `ETag`", body = schema::Description),
        (status = 304, description = "You have it already")))]
async fn description(
    State(app): State<Shared>,
    headers: HeaderMap,
    Segment(id): Segment<String>,
) -> Result<Response, Problem> {
    let view = blocking(move || Ok(app.service.algorithm(&id)?)).await?;
    answer(&headers, view.algorithm.events.into(), &view.algorithm.description)
}

/// Describe an algorithm otherwise; while it is filed, ten working days run in which the change is handed in
#[utoipa::path(put, path = "/v1/algorithms/{algorithm}/description", operation_id = "describe_algorithm", tag = "register",
    params(("algorithm" = String, Path, description = "Its name in the register", example = "algorithm-1"),
        ("If-Match" = String, Header, description = "The version that it replaces")),
    request_body = schema::Description,
    responses((status = 200, description = "In the ledger, with its version as `ETag`", body = schema::Description)))]
async fn describe(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Segment(id): Segment<String>,
    Json(new): Json<Description>,
) -> Result<Response, Problem> {
    let version = wanted(&headers)?;
    let view = blocking(move || Ok(app.service.describe_algorithm(&caller, &id, version, new)?)).await?;
    answer(&HeaderMap::new(), view.algorithm.events.into(), &view.algorithm.description)
}

/// Versions of an algorithm, oldest first
#[utoipa::path(get, path = "/v1/algorithms/{algorithm}/versions", operation_id = "versions", tag = "register", security(()),
    params(("algorithm" = String, Path, description = "Its name in the register", example = "algorithm-1"), Part),
    responses((status = 200, description = "A page of them", body = Page<schema::VersionLine>)))]
async fn versions(
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<VersionLine>>, Problem> {
    let limit = part.limit()?;
    blocking(move || {
        let found = app.service.versions(&id, part.cursor.as_deref(), limit)?;
        Ok(axum::Json(Page::new(found, limit, |one| one.id.clone())))
    })
    .await
}

/// Declare a version: the rule, what it weighs, what is different
#[utoipa::path(post, path = "/v1/algorithms/{algorithm}/versions", operation_id = "declare_version", tag = "register",
    params(("algorithm" = String, Path, description = "Its name in the register", example = "algorithm-1")),
    request_body = schema::NewVersion,
    responses((status = 201, description = "In the ledger", body = schema::VersionView,
        headers(("Location" = String, description = "Its address")))))]
async fn declare(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(algorithm): Segment<String>,
    Json(new): Json<NewVersion>,
) -> Result<Response, Problem> {
    let view = blocking(move || Ok(app.service.declare_version(&caller, &algorithm, new)?)).await?;
    created(&format!("/v1/versions/{}", encoded(&view.version.id)), &view)
}

/// In which shape.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Shape {
    /// `cac-notice`, `cac-list`, `atrs`, `atrs-csv`, `dutch`, `schema-org`
    #[param(value_type = String, example = "atrs")]
    format: ExportFormat,
}

/// An algorithm in the shape of another register
///
/// The Chinese authority's public text and list, the standards of the United Kingdom (ATRS 3.0) and the Netherlands (1.0),
/// schema.org. What nobody declared is empty or left out.
#[utoipa::path(get, path = "/v1/algorithms/{algorithm}/export", operation_id = "export_algorithm", tag = "register", security(()),
    params(("algorithm" = String, Path, description = "Its name in the register", example = "algorithm-1"), Shape),
    responses((status = 200, description = "It", content(
        (schema::Anything = "application/json"), (schema::Anything = "application/ld+json"),
        (String = "text/csv"), (String = "text/plain")))))]
async fn export(
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Params(Shape { format }): Params<Shape>,
) -> Result<Response, Problem> {
    blocking(move || {
        let url = app.settings.public_url.as_ref().map(|base| format!("{base}/v1/algorithms/{}", encoded(&id)));
        Ok(file(app.service.export_algorithm(&id, format, url.as_deref())?))
    })
    .await
}

/// All filed algorithms, in the columns of the published lists
#[utoipa::path(get, path = "/v1/register/filed-algorithms", operation_id = "filed_algorithms", tag = "register", security(()),
    responses((status = 200, description = "A table", content_type = "text/csv", body = String)))]
async fn filed_algorithms(State(app): State<Shared>) -> Result<Response, Problem> {
    blocking(move || Ok(file(app.service.export_list()?))).await
}

/// One version: rule, factors, digest, how it stands, and what has to be met before it takes effect
#[utoipa::path(get, path = "/v1/versions/{version}", operation_id = "version", tag = "register", security(()),
    params(("version" = String, Path, description = "Its name, as decisions name their algorithm", example = "dispatch-v8")),
    responses((status = 200, description = "It", body = schema::VersionView)))]
async fn version(State(app): State<Shared>, Segment(id): Segment<String>) -> Result<axum::Json<VersionView>, Problem> {
    blocking(move || Ok(axum::Json(app.service.version(&id)?))).await
}

/// Do something with a version: amend, publish, say that it takes effect, withdraw
///
/// A version that touches workers takes effect only when it was published in time, and a consultation over this very text has
/// answered every comment and its result is public. The refusal names what is missing, with its articles.
#[utoipa::path(post, path = "/v1/versions/{version}/events", operation_id = "act_on_version", tag = "register",
    params(("version" = String, Path, description = "Its name, as decisions name their algorithm", example = "dispatch-v8")),
    request_body = schema::VersionTurn,
    responses((status = 200, description = "In the ledger, and known to every gate", body = schema::VersionView)))]
async fn act_on_version(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<axum::Json<VersionView>, Problem> {
    expect_json(&headers)?;
    members_fit(&json(&body)?)?;
    let turn: VersionTurn = json(&body)?;
    blocking(move || Ok(axum::Json(app.service.act_on_version(&caller, &id, turn)?))).await
}

/// Errors: a member that no turn can have so, also where this one has no use for it.
fn members_fit(turn: &Map<String, Value>) -> Result<(), Problem> {
    let fits = |name: &str, value: &Value| match name {
        "text" | "note" | "from" | "reason" => value.is_string(),
        "address" => value.is_string() || value.is_null(),
        "factors" => value.is_array(),
        _ => true,
    };
    let wrong = turn.iter().find(|(name, value)| !fits(name, value));
    let of_another_type = |name: &str| {
        let hint = "the shape of the body stands in /openapi.json";
        Problem::new(ProblemKind::Input, format!("`{name}` is of another type"), hint)
    };
    if let Some((name, _)) = wrong {
        return Err(of_another_type(name));
    }
    let Some(factors) = turn.get("factors") else { return Ok(()) };
    let factors = Vec::<Factor>::deserialize(factors).map_err(|_| of_another_type("factors"))?;
    check_factors(&factors).map_err(ServiceError::from)?;
    Ok(())
}

/// What is different from one version to another: lines and factors
#[utoipa::path(get, path = "/v1/versions/{version}/diff/{other}", operation_id = "version_diff", tag = "register", security(()),
    params(("version" = String, Path, description = "The older", example = "dispatch-v7"),
        ("other" = String, Path, description = "The newer", example = "dispatch-v8")),
    responses((status = 200, description = "The difference", body = schema::Difference)))]
async fn diff(
    State(app): State<Shared>,
    Segment((old, new)): Segment<(String, String)>,
) -> Result<axum::Json<Difference>, Problem> {
    blocking(move || Ok(axum::Json(app.service.version_difference(&old, &new)?))).await
}

/// The settings of the register
#[utoipa::path(get, path = "/v1/register/settings", operation_id = "register_settings", tag = "register", security(()),
    responses((status = 200, description = "They, with their version as `ETag`", body = schema::RegisterSettings),
        (status = 304, description = "You have them already")))]
async fn settings(State(app): State<Shared>, headers: HeaderMap) -> Result<Response, Problem> {
    let settings = blocking(move || Ok(app.service.register_settings()?)).await?;
    answer(&headers, settings.version, &settings.value)
}

/// Set them otherwise; what is published counts by what was set then
#[utoipa::path(put, path = "/v1/register/settings", operation_id = "change_register_settings", tag = "register",
    params(("If-Match" = String, Header, description = "The version that they replace")),
    request_body = schema::RegisterSettings,
    responses((status = 200, description = "Set, with their version as `ETag`", body = schema::RegisterSettings)))]
async fn change_settings(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Json(settings): Json<RegisterSettings>,
) -> Result<Response, Problem> {
    settings.check()?;
    let version = wanted(&headers)?;
    let settings = blocking(move || Ok(app.service.change_register_settings(&caller, version, settings)?)).await?;
    answer(&HeaderMap::new(), settings.version, &settings.value)
}

/// Changes of the register as a feed (RFC 4287), newest first
#[utoipa::path(get, path = "/v1/register.atom", operation_id = "register_feed", tag = "register", security(()),
    responses((status = 200, description = "The feed", content_type = "application/atom+xml", body = String)))]
async fn feed(State(app): State<Shared>, headers: HeaderMap) -> Result<Response, Problem> {
    let language = language::of(&headers);
    blocking(move || {
        let words = app.catalogue.words(language);
        let title = words.say("register.feed", &[]).map_err(|error| Problem::internal(error.message))?;
        let text = app.service.register_feed(&title, base(&app), |change| title_of(change, words))?;
        let kind = HeaderValue::from_static("application/atom+xml");
        Ok(([(CONTENT_TYPE, kind), (CACHE_CONTROL, HeaderValue::from_static("no-cache"))], text).into_response())
    })
    .await
}

fn base(app: &App) -> &str {
    app.settings.public_url.as_deref().unwrap_or_default()
}

pub(crate) fn title_of(change: &Change, words: Words<'_>) -> String {
    let subject = Some(change.subject.as_str()).filter(|_| change.what != "registered");
    let values = [("algorithm", Some(change.algorithm.as_str())), ("subject", subject), ("day", change.day.as_deref())];
    let values: Vec<(&str, &str)> = values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    // A text that is missing is found by a test; the word is better than no feed.
    words.say(&format!("register.change.{}", change.what), &values).unwrap_or_else(|_| change.what.to_owned())
}

pub(super) fn created<T: Serialize>(address: &str, value: &T) -> Result<Response, Problem> {
    let location = HeaderValue::from_str(address).map_err(|error| Problem::internal(error.to_string()))?;
    Ok((StatusCode::CREATED, [(LOCATION, location)], axum::Json(value)).into_response())
}

fn file(exported: Exported) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static(exported.media_type))], exported.text).into_response()
}

/// Percent-encoded (RFC 3986 §2.1), but for what needs none.
pub(super) fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            safe.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(safe, "%{byte:02X}");
        }
    }
    safe
}

/// A text that is searched for. Errors: it holds what no text of the register can hold.
pub(crate) fn searchable(text: Option<String>) -> Result<Option<String>, Problem> {
    match text {
        Some(text) if text.chars().any(char::is_control) || text.chars().count() > 200 => {
            let hint = "search for words, in 200 characters without control characters";
            Err(Problem::new(ProblemKind::Malformed, "the query cannot be searched for", hint))
        }
        text => Ok(text),
    }
}
