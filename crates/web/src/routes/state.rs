//! What is so of persons and algorithms, and how it changes.

use crate::Shared;
use crate::auth::Authenticated;
use crate::extract::{Json, Params, Segment};
use crate::paging::{Page, Part};
use crate::problem::{Problem, ProblemKind};
use crate::schema::{NewStateEvent, RecordedStateEvent};
use crate::work::blocking;
use axum::extract::State;
use gongdao_model::Entity;
use gongdao_service::{Acknowledged, Caller, NewEvent, Purpose, RecordedEvent};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(record_person_event, person_events))
        .routes(routes!(record_algorithm_event, algorithm_events))
}

/// Why a person's records are looked up.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Why {
    /// Why you look a person's records up, if they are not yours: the person reads it
    #[serde(default)]
    pub(crate) purpose: String,
}

impl Why {
    pub(crate) fn purpose(&self) -> Result<Purpose, Problem> {
        Ok(Purpose::new(&self.purpose)?)
    }
}

/// A change that is known to every gate
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AcknowledgedEvent {
    /// Its number
    seq: u64,
    /// Its place in the ledger of the process that took it
    #[serde(skip_serializing_if = "Option::is_none")]
    leaf: Option<u64>,
    /// Whether it had been taken before
    repeat: bool,
}

impl From<Acknowledged> for AcknowledgedEvent {
    fn from(acknowledged: Acknowledged) -> Self {
        Self { seq: acknowledged.seq, leaf: acknowledged.leaf, repeat: acknowledged.is_repeat }
    }
}

async fn record(
    app: Shared,
    caller: Caller,
    key: String,
    event: NewEvent,
    of: Entity,
) -> Result<AcknowledgedEvent, Problem> {
    if event.fact.entity() != of {
        let hint = format!("facts here begin with `{}`", of.prefix());
        return Err(Problem::new(ProblemKind::Input, format!("`{}` is another's fact", event.fact), hint));
    }
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let service = Arc::clone(&app.service);
    blocking(move || {
        let reply = Box::new(move |outcome| drop(sender.send(outcome)));
        Ok(service.record_event(&caller, &key, event, reply)?)
    })
    .await?;
    let acknowledged = receiver.await.map_err(|_| Problem::of(ProblemKind::Closed))??;
    Ok(acknowledged.into())
}

/// Record a change of a person's state: a consent given or withdrawn, a tag deleted, an opting out
///
/// When this is answered, the change is in the ledger, and every later check sees it, on every process.
#[utoipa::path(post, path = "/v1/persons/{person}/events", operation_id = "record_person_event", tag = "state",
    params(("person" = String, Path, description = "The pseudonym that decisions have", example = "p-1")),
    request_body = NewStateEvent,
    responses((status = 200, description = "Every later check sees it", body = AcknowledgedEvent)))]
async fn record_person_event(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(person): Segment<String>,
    Json(event): Json<NewEvent>,
) -> Result<axum::Json<AcknowledgedEvent>, Problem> {
    record(app, caller, person, event, Entity::Person).await.map(axum::Json)
}

/// Record a change of an algorithm's state: filed, assessed, published
///
/// When this is answered, the change is in the ledger, and every later check sees it, on every process.
#[utoipa::path(post, path = "/v1/algorithms/{algorithm}/events", operation_id = "record_algorithm_event", tag = "state",
    params(("algorithm" = String, Path, description = "The name that decisions have", example = "dispatch-v7")),
    request_body = NewStateEvent,
    responses((status = 200, description = "Every later check sees it", body = AcknowledgedEvent)))]
async fn record_algorithm_event(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(algorithm): Segment<String>,
    Json(event): Json<NewEvent>,
) -> Result<axum::Json<AcknowledgedEvent>, Problem> {
    record(app, caller, algorithm, event, Entity::Algorithm).await.map(axum::Json)
}

fn page(events: Vec<RecordedEvent>, limit: u32) -> axum::Json<Page<RecordedEvent>> {
    axum::Json(Page::new(events, limit, |event| event.seq.to_string()))
}

/// Changes of a person's state, newest first
#[utoipa::path(get, path = "/v1/persons/{person}/events", operation_id = "person_events", tag = "state",
    params(("person" = String, Path, description = "The pseudonym that decisions have", example = "p-1"), Part, Why),
    responses((status = 200, description = "A page of them", body = Page<RecordedStateEvent>)))]
async fn person_events(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(person): Segment<String>,
    Params(part): Params<Part>,
    Params(why): Params<Why>,
) -> Result<axum::Json<Page<RecordedEvent>>, Problem> {
    let (limit, before, purpose) = (part.limit()?, part.before()?, why.purpose()?);
    blocking(move || Ok(page(app.service.events_of_person(&caller, &person, &purpose, before, limit)?, limit))).await
}

/// Changes of an algorithm's state, newest first
#[utoipa::path(get, path = "/v1/algorithms/{algorithm}/events", operation_id = "algorithm_events", tag = "state",
    params(("algorithm" = String, Path, description = "The name that decisions have", example = "dispatch-v7"), Part),
    responses((status = 200, description = "A page of them", body = Page<RecordedStateEvent>)))]
async fn algorithm_events(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(algorithm): Segment<String>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<RecordedEvent>>, Problem> {
    let (limit, before) = (part.limit()?, part.before()?);
    blocking(move || Ok(page(app.service.events_of_algorithm(&caller, &algorithm, before, limit)?, limit))).await
}
