//! Looking decisions up, and who looked.

use crate::Shared;
use crate::auth::Authenticated;
use crate::extract::{Params, Segment};
use crate::paging::{Page, Part, after_decision};
use crate::problem::Problem;
use crate::routes::refusal::LedgerPosition;
use crate::routes::state::Why;
use crate::schema;
use crate::work::blocking;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use gongdao_gate::Checked;
use gongdao_model::{DecisionRecord, Instant, ProvisionId};
use gongdao_service::port::Projected;
use gongdao_service::{DecisionView, ErasureReport, Field, LookUp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(decision))
        .routes(routes!(receipt))
        .routes(routes!(person_decisions))
        .routes(routes!(look_ups))
        .routes(routes!(erase_person))
}

/// A decision, as much of it as you may see
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Decision {
    /// The decision, without facts and pseudonym where you may not see them
    #[schema(value_type = schema::DecisionRecord)]
    record: DecisionRecord,
    /// What the gate said; null for a decision that was made elsewhere, or where you may not see it
    #[schema(value_type = Option<schema::Checked>)]
    checked: Option<Checked>,
    /// Under this name it is explained
    explanation: String,
    /// Where it stands
    ledger: LedgerPosition,
    /// The parts that are shown
    #[schema(value_type = Vec<schema::Field>)]
    fields: BTreeSet<Field>,
}

impl From<DecisionView> for Decision {
    fn from(view: DecisionView) -> Self {
        Self {
            record: view.record,
            checked: view.checked,
            explanation: view.place.explanation(),
            ledger: LedgerPosition::of(&view.place),
            fields: view.fields,
        }
    }
}

/// One decision
///
/// A look-up by anyone but the person and who acts for them is in the ledger before anything is shown, and the person
/// sees it.
#[utoipa::path(get, path = "/v1/decisions/{decision}", operation_id = "decision", tag = "decisions",
    params(("decision" = String, Path, description = "Its identifier", example = "d-1"), Why),
    responses((status = 200, description = "It, as much of it as you may see", body = Decision)))]
async fn decision(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Params(why): Params<Why>,
) -> Result<axum::Json<Decision>, Problem> {
    let purpose = why.purpose()?;
    blocking(move || Ok(axum::Json(app.service.decision(&caller, &id, &purpose)?.into()))).await
}

/// The proof that a decision is in the ledger, with its content, to keep and to check offline with `gongdao verify`
#[utoipa::path(get, path = "/v1/decisions/{decision}/receipt", operation_id = "receipt", tag = "decisions",
    params(("decision" = String, Path, description = "Its identifier", example = "d-1"), Why),
    responses((status = 200, description = "A receipt (docs/formats/ledger-receipt.md)", content_type = "text/plain", body = String)))]
async fn receipt(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Params(why): Params<Why>,
) -> Result<Response, Problem> {
    let purpose = why.purpose()?;
    let receipt = blocking(move || Ok(app.service.receipt(&caller, &id, &purpose)?)).await?;
    Ok(([(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], receipt.text).into_response())
}

/// A line that names a decision
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DecisionLine {
    /// Its identifier
    decision: String,
    /// When it was made
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// What was done
    action: String,
    /// What the gate said, in one word; null for a decision that was made elsewhere
    effect: Option<String>,
    /// Which ledger has it
    origin: String,
    /// Its place there; null while it is being logged
    leaf: Option<u64>,
}

impl From<Projected> for DecisionLine {
    fn from(line: Projected) -> Self {
        let Projected { id, at, action, effect, node, leaf, .. } = line;
        Self { decision: id, at, action, effect, origin: node, leaf }
    }
}

/// Decisions about a person, newest first
#[utoipa::path(get, path = "/v1/persons/{person}/decisions", operation_id = "person_decisions", tag = "decisions",
    params(("person" = String, Path, description = "The pseudonym that decisions have", example = "p-1"), Part, Why),
    responses((status = 200, description = "A page of them", body = Page<DecisionLine>)))]
async fn person_decisions(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(person): Segment<String>,
    Params(part): Params<Part>,
    Params(why): Params<Why>,
) -> Result<axum::Json<Page<DecisionLine>>, Problem> {
    let (limit, after, purpose) = (part.limit()?, part.after_decision()?, why.purpose()?);
    blocking(move || {
        let lines = app.service.decisions_of(&caller, &person, &purpose, after.as_ref(), limit)?;
        let lines = lines.into_iter().map(DecisionLine::from).collect();
        Ok(axum::Json(Page::new(lines, limit, |line| after_decision(line.at, &line.decision))))
    })
    .await
}

/// Who looked a person's records up, newest first
#[utoipa::path(get, path = "/v1/persons/{person}/lookups", operation_id = "look_ups", tag = "access",
    params(("person" = String, Path, description = "The pseudonym that decisions have", example = "p-1"), Part, Why),
    responses((status = 200, description = "A page of them", body = Page<schema::LookUp>)))]
async fn look_ups(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(person): Segment<String>,
    Params(part): Params<Part>,
    Params(why): Params<Why>,
) -> Result<axum::Json<Page<LookUp>>, Problem> {
    let (limit, before, purpose) = (part.limit()?, part.before()?, why.purpose()?);
    blocking(move || {
        let found = app.service.look_ups(&caller, &person, &purpose, before, limit)?;
        Ok(axum::Json(Page::new(found, limit, |one| one.seq.to_string())))
    })
    .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Ground {
    /// The article that asks for it
    #[param(value_type = String, example = "cn.pipl/47/1")]
    ground: ProvisionId,
}

/// Erase everything that is kept about a person; every proof still holds
///
/// Refused while an article asks to keep the records. The erasure itself is in the ledger.
#[utoipa::path(delete, path = "/v1/persons/{person}", operation_id = "erase_person", tag = "access",
    params(("person" = String, Path, description = "The pseudonym that decisions have", example = "p-1"), Ground),
    responses((status = 200, description = "Erased", body = schema::ErasureReport)))]
async fn erase_person(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(person): Segment<String>,
    Params(Ground { ground }): Params<Ground>,
) -> Result<axum::Json<ErasureReport>, Problem> {
    blocking(move || Ok(axum::Json(app.service.erase(&caller, &person, &ground)?))).await
}
