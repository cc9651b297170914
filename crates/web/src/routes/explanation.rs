//! Why a decision came out as it did.

use crate::auth::Authenticated;
use crate::extract::{Params, Segment};
use crate::problem::{Problem, ProblemKind};
use crate::routes::state::Why;
use crate::work::blocking;
use crate::{Shared, language, schema};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(explanation))
}

/// In what form.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExplanationForm {
    /// `json`, which is taken where nothing stands, or `text`, in the language of `Accept-Language`
    #[serde(default)]
    format: String,
}

/// Why a decision came out as it did
///
/// What was known, from whom and as of when; what each rule says; what was not used or not recorded; who decided; what the
/// person can do. All of it was captured when the decision was made.
#[utoipa::path(get, path = "/v1/decisions/{decision}/explanation", operation_id = "explanation", tag = "desk",
    params(("decision" = String, Path, description = "Its identifier", example = "d-1"), ExplanationForm, Why),
    responses((status = 200, description = "The explanation", body = schema::Explanation)))]
async fn explanation(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Segment(id): Segment<String>,
    Params(form): Params<ExplanationForm>,
    Params(why): Params<Why>,
) -> Result<Response, Problem> {
    let (language, purpose) = (language::of(&headers), why.purpose()?);
    blocking(move || {
        if !["", "json", "text"].contains(&form.format.as_str()) {
            let detail = "an explanation has no such form";
            return Err(Problem::new(ProblemKind::Malformed, detail, "ask for `json` or `text`"));
        }
        let explanation = app.service.explanation(&caller, &id, &purpose)?;
        if form.format != "text" {
            return Ok(axum::Json(explanation).into_response());
        }
        let text = crate::explained::text(&explanation, app.catalogue.words(language))?;
        Ok(([(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], text).into_response())
    })
    .await
}
