//! Labels of generated content: read, verified, decided on, written. There is no route that takes one away (article 10 of
//! the labelling Measures).

use crate::auth::Authenticated;
use crate::extract::{Params, Whole};
use crate::problem::{Problem, ProblemKind};
use crate::schema::{Binary, LabelReport};
use crate::work::blocking;
use crate::{Shared, language};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use gongdao_label::duty::{Declaration, Detection, Evidence, Propagation, decide, notice};
use gongdao_label::report::{reading_text, report};
use gongdao_label::{Label, LabelCode, Reading, WriteOptions, read, write_bytes};
use serde::{Deserialize, Serialize};
use std::io::Cursor;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(read_labels))
        .routes(routes!(verify_labels))
        .routes(routes!(decide_labels))
        .routes(routes!(write_label))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FileParams {
    /// The file's name; only its ending counts, and only for texts
    #[serde(default)]
    name: String,
}

fn reading(body: &Bytes, name: &str) -> Result<Reading, Problem> {
    Ok(read(&mut Cursor::new(body.as_ref()), name)?)
}

fn json(text: String) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response()
}

/// What a file says about itself as generated content
#[utoipa::path(post, path = "/v1/labels:read", operation_id = "read_labels", tag = "labels", params(FileParams),
    request_body(content = Binary, content_type = "application/octet-stream", description = "The file"),
    responses((status = 200, description = "Its labels, with or without one", body = LabelReport)))]
async fn read_labels(
    _: Authenticated,
    Params(params): Params<FileParams>,
    Whole(body): Whole,
) -> Result<Response, Problem> {
    blocking(move || Ok(json(report(&reading(&body, &params.name)?).to_json()))).await
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LabelVerified {
    /// `conforms`, `fails`, `absent` or `cannot-tell`
    conformity: String,
    /// The same in words
    said: String,
    /// What stands in the file
    #[schema(value_type = LabelReport)]
    embedded: gongdao_label::report::Report,
}

/// Whether a file's embedded labels keep GB 45438-2025
#[utoipa::path(post, path = "/v1/labels:verify", operation_id = "verify_labels", tag = "labels", params(FileParams),
    request_body(content = Binary, content_type = "application/octet-stream", description = "The file"),
    responses((status = 200, description = "Whether they do", body = LabelVerified)))]
async fn verify_labels(
    _: Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Params(params): Params<FileParams>,
    Whole(body): Whole,
) -> Result<axum::Json<LabelVerified>, Problem> {
    let language = language::of(&headers);
    blocking(move || {
        let reading = reading(&body, &params.name)?;
        Ok(axum::Json(LabelVerified {
            conformity: reading.conformity().code().to_owned(),
            said: reading_text(&reading, app.catalogue.words(language))?,
            embedded: report(&reading),
        }))
    })
    .await
}

#[derive(Debug, Default, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Declared {
    /// It is generated
    Yes,
    /// It is not
    No,
    /// Nothing was said
    #[default]
    Silent,
}

#[derive(Debug, Default, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Detected {
    /// A visible label
    VisibleLabel,
    /// Other traces of generation
    Traces,
    /// Nothing
    Nothing,
    /// Nobody looked
    #[default]
    NotDone,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DecideParams {
    /// The file's name; only its ending counts, and only for texts
    #[serde(default)]
    name: String,
    /// What its publisher said
    #[serde(default)]
    #[param(inline)]
    declared: Declared,
    /// What your own detection found
    #[serde(default)]
    #[param(inline)]
    detected: Detected,
    /// Name or code of the platform, for the label to write back
    propagator: Option<String>,
    /// The platform's number of the content
    propagate_id: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LabelDecided {
    /// `confirmed`, `possible`, `suspected`, `none` or `cannot-tell`
    status: &'static str,
    /// What that rests on, strongest first
    reasons: Vec<&'static str>,
    /// The provisions that apply
    #[schema(value_type = Vec<String>)]
    provisions: Vec<gongdao_model::ProvisionId>,
    /// The words that the public must be told, if any
    notice: Option<String>,
    /// The code to write back: 1 is generated, 2 may be, 3 suspected
    label_code: Option<&'static str>,
    /// The label to write back, as the text of `AIGC`
    label: Option<String>,
}

/// What a platform owes before it publishes a file (article 6 of the labelling Measures)
#[utoipa::path(post, path = "/v1/labels:decide", operation_id = "decide_labels", tag = "labels", params(DecideParams),
    request_body(content = Binary, content_type = "application/octet-stream", description = "The file"),
    responses((status = 200, description = "What it owes, by which provision", body = LabelDecided)))]
async fn decide_labels(
    _: Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Params(params): Params<DecideParams>,
    Whole(body): Whole,
) -> Result<axum::Json<LabelDecided>, Problem> {
    let language = language::of(&headers);
    blocking(move || {
        let reading = reading(&body, &params.name)?;
        let decision = decide(&evidence(&reading, &params));
        let label = match (decision.write_back, params.propagator, params.propagate_id) {
            (Some(code), Some(propagator), Some(propagate_id)) => {
                Some(Propagation { propagator, propagate_id }.label(code, reading.label())?.to_json())
            }
            _ => None,
        };
        Ok(axum::Json(LabelDecided {
            status: decision.status.code(),
            reasons: decision.reasons.iter().map(|reason| reason.code()).collect(),
            notice: notice(decision.status, app.catalogue.words(language))?,
            label_code: decision.write_back.map(LabelCode::as_str),
            provisions: decision.provisions,
            label,
        }))
    })
    .await
}

fn evidence<'a>(reading: &'a Reading, params: &DecideParams) -> Evidence<'a> {
    let declaration = match params.declared {
        Declared::Yes => Declaration::Generated,
        Declared::No => Declaration::NotGenerated,
        Declared::Silent => Declaration::Silent,
    };
    let detection = match params.detected {
        Detected::VisibleLabel => Detection::VisibleLabel,
        Detected::Traces => Detection::Traces,
        Detected::Nothing => Detection::Nothing,
        Detected::NotDone => Detection::NotDone,
    };
    Evidence { metadata: Some(reading), declaration, detection }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WriteParams {
    /// The file's name; only its ending counts, and only for texts
    #[serde(default)]
    name: String,
    /// Name or code of the service that made the content
    producer: Option<String>,
    /// That service's number of the content
    produce_id: Option<String>,
    /// Name or code of the platform that spreads the content
    propagator: Option<String>,
    /// The platform's number of the content
    propagate_id: Option<String>,
    /// For platforms: 1 is generated, 2 may be, 3 suspected; without it what the file says
    code: Option<String>,
    /// Write although a C2PA manifest no longer fits then; sign again afterwards
    #[serde(default)]
    break_c2pa: bool,
}

/// A file with one label, read back and compared
#[utoipa::path(post, path = "/v1/labels:write", operation_id = "write_label", tag = "labels", params(WriteParams),
    request_body(content = Binary, content_type = "application/octet-stream", description = "The file"),
    responses((status = 200, description = "The same file with the label as its only one",
        body = Binary, content_type = "application/octet-stream")))]
async fn write_label(
    _: Authenticated,
    Params(params): Params<WriteParams>,
    Whole(body): Whole,
) -> Result<Response, Problem> {
    blocking(move || {
        let label = label(&body, &params)?;
        let options = WriteOptions { breaks_credentials: params.break_c2pa };
        let written = write_bytes(&body, &params.name, &label, options)?;
        let kind = HeaderValue::from_static("application/octet-stream");
        let attached = (HeaderName::from_static("content-disposition"), HeaderValue::from_static("attachment"));
        Ok(([(CONTENT_TYPE, kind), attached], Body::from(written)).into_response())
    })
    .await
}

/// The label that the parameters describe.
fn label(body: &Bytes, params: &WriteParams) -> Result<Label, Problem> {
    let pair = |name: &Option<String>, id: &Option<String>| name.clone().zip(id.clone());
    let own = pair(&params.propagator, &params.propagate_id);
    match (pair(&params.producer, &params.produce_id), own) {
        (Some((producer, id)), None) => Ok(Label::first(&producer, &id)?),
        (Some((producer, id)), Some((propagator, number))) => {
            Ok(Label::first(&producer, &id)?.spread_by(&propagator, &number)?)
        }
        (None, Some((propagator, propagate_id))) => {
            let reading = reading(body, &params.name)?;
            let code = match &params.code {
                Some(text) => Some(LabelCode::read(text).ok_or_else(|| {
                    let hint = "use 1 (is generated), 2 (may be) or 3 (suspected)";
                    Problem::new(ProblemKind::Input, format!("`{text}` is no label code"), hint)
                })?),
                None => reading.code(),
            };
            let code = code.ok_or_else(|| {
                let hint = "say with `code` what the label says: 1, 2 or 3; `/v1/labels:decide` helps";
                Problem::new(ProblemKind::Label, "the file has no clear label to keep", hint)
            })?;
            Ok(Propagation { propagator, propagate_id }.label(code, reading.label())?)
        }
        (None, None) => Err(Problem::new(
            ProblemKind::Input,
            "the request describes no label",
            "give `producer` and `produce_id`, or `propagator` and `propagate_id`",
        )),
    }
}
