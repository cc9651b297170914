//! Webhooks: who is told what, and what did not get there.

use crate::auth::Authenticated;
use crate::courier::{check_url, shown};
use crate::extract::{Json, Params, Segment};
use crate::paging::{Page, Part};
use crate::problem::Problem;
use crate::work::blocking;
use crate::{Shared, schema, version};
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use gongdao_service::{DeadLetter, NewWebhook, Webhook, WebhookChange, WebhookProgress};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(webhooks, create_webhook))
        .routes(routes!(webhook, change_webhook, delete_webhook))
        .routes(routes!(progress))
        .routes(routes!(dead_letters))
        .routes(routes!(drop_dead_letter))
        .routes(routes!(redeliver))
}

/// A webhook that was made
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeWebhook {
    /// What events are signed with (Standard Webhooks), shown this once
    secret: String,
    /// What is kept of it
    #[schema(value_type = schema::Webhook)]
    webhook: Webhook,
}

/// Tell another system what happens from now on; what tells of persons waits for a second person (`open-webhook`)
#[utoipa::path(post, path = "/v1/webhooks", operation_id = "create_webhook", tag = "operation",
    request_body = schema::NewWebhook,
    responses((status = 201, description = "Made", body = MadeWebhook,
        headers(("Location" = String, description = "Its address")))))]
async fn create_webhook(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Json(new): Json<NewWebhook>,
) -> Result<Response, Problem> {
    let made = blocking(move || {
        caller.may(gongdao_service::Right::ManageWebhooks)?;
        check_url(&new.url, app.settings.webhooks_private)?;
        let (webhook, secret) = app.service.create_webhook(&caller, new)?;
        Ok(MadeWebhook { secret: shown(secret.reveal()), webhook: webhook.value })
    })
    .await?;
    let address = format!("/v1/webhooks/{}", made.webhook.id);
    Ok((StatusCode::CREATED, [(LOCATION, address)], axum::Json(made)).into_response())
}

/// All webhooks, without their secrets
#[utoipa::path(get, path = "/v1/webhooks", operation_id = "webhooks", tag = "operation", params(Part),
    responses((status = 200, description = "A page of them", body = Page<schema::Webhook>)))]
async fn webhooks(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<Webhook>>, Problem> {
    let limit = part.limit()?;
    blocking(move || {
        let found = app.service.webhooks(&caller, part.cursor.as_deref(), limit)?;
        Ok(axum::Json(Page::new(found, limit, |one| one.id.clone())))
    })
    .await
}

/// One webhook, with its version as `ETag`
#[utoipa::path(get, path = "/v1/webhooks/{webhook}", operation_id = "webhook", tag = "operation",
    params(("webhook" = String, Path, description = "Its identifier")),
    responses((status = 200, description = "It", body = schema::Webhook, headers(("ETag" = String, description = "Its version"))),
        (status = 304, description = "You have it already")))]
async fn webhook(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Segment(id): Segment<String>,
) -> Result<Response, Problem> {
    let found = blocking(move || Ok(app.service.webhook(&caller, &id)?)).await?;
    version::answer(&headers, found.version, &found.value)
}

/// Change a webhook, let it rest or go on
#[utoipa::path(patch, path = "/v1/webhooks/{webhook}", operation_id = "change_webhook", tag = "operation",
    params(("webhook" = String, Path, description = "Its identifier"),
        ("If-Match" = String, Header, description = "`ETag` of the webhook that you read", example = "\"1\"")),
    request_body = schema::WebhookChange,
    responses((status = 200, description = "Changed", body = schema::Webhook, headers(("ETag" = String, description = "Its version")))))]
async fn change_webhook(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Segment(id): Segment<String>,
    Json(change): Json<WebhookChange>,
) -> Result<Response, Problem> {
    let wanted = version::wanted(&headers)?;
    let changed = blocking(move || {
        caller.may(gongdao_service::Right::ManageWebhooks)?;
        change.url.as_deref().map_or(Ok(()), |url| check_url(url, app.settings.webhooks_private))?;
        Ok(app.service.change_webhook(&caller, &id, wanted, change)?)
    })
    .await?;
    version::answer(&HeaderMap::new(), changed.version, &changed.value)
}

/// Take a webhook away, with what waits for it
#[utoipa::path(delete, path = "/v1/webhooks/{webhook}", operation_id = "delete_webhook", tag = "operation",
    params(("webhook" = String, Path, description = "Its identifier")),
    responses((status = 204, description = "Nothing is sent any more")))]
async fn delete_webhook(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
) -> Result<StatusCode, Problem> {
    blocking(move || {
        app.service.delete_webhook(&caller, &id)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// How far a webhook is, and what the last attempt ended with
#[utoipa::path(get, path = "/v1/webhooks/{webhook}/progress", operation_id = "webhook_progress", tag = "operation",
    params(("webhook" = String, Path, description = "Its identifier")),
    responses((status = 200, description = "So far", body = schema::WebhookProgress)))]
async fn progress(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
) -> Result<axum::Json<WebhookProgress>, Problem> {
    blocking(move || Ok(axum::Json(app.service.webhook_progress(&caller, &id)?))).await
}

/// Events that were given up
#[utoipa::path(get, path = "/v1/webhooks/{webhook}/dead-letters", operation_id = "dead_letters", tag = "operation",
    params(("webhook" = String, Path, description = "The webhook"), Part),
    responses((status = 200, description = "A page of them", body = Page<schema::DeadLetter>)))]
async fn dead_letters(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<DeadLetter>>, Problem> {
    let limit = part.limit()?;
    blocking(move || {
        let found = app.service.dead_letters(&caller, &id, part.cursor.as_deref(), limit)?;
        Ok(axum::Json(Page::new(found, limit, |one| one.id.clone())))
    })
    .await
}

/// Send an event again that was given up
#[utoipa::path(post, path = "/v1/webhooks/{webhook}/dead-letters/{letter}/redelivery", operation_id = "redeliver", tag = "operation",
    params(("webhook" = String, Path, description = "The webhook"), ("letter" = String, Path, description = "The event")),
    responses((status = 204, description = "It is sent again")))]
async fn redeliver(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment((webhook, letter)): Segment<(String, String)>,
) -> Result<StatusCode, Problem> {
    blocking(move || {
        app.service.redeliver(&caller, &webhook, &letter)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Give an event up for good
#[utoipa::path(delete, path = "/v1/webhooks/{webhook}/dead-letters/{letter}", operation_id = "drop_dead_letter", tag = "operation",
    params(("webhook" = String, Path, description = "The webhook"), ("letter" = String, Path, description = "The event")),
    responses((status = 204, description = "It is gone")))]
async fn drop_dead_letter(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment((webhook, letter)): Segment<(String, String)>,
) -> Result<StatusCode, Problem> {
    blocking(move || {
        app.service.drop_dead_letter(&caller, &webhook, &letter)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
