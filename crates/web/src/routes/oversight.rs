//! Orders of regulators, whether the ledger is whole, and figures that name nobody.

use crate::auth::Authenticated;
use crate::extract::{Json, Params, Segment};
use crate::paging::{Page, Part};
use crate::problem::{Problem, ProblemKind};
use crate::routes::state::Why;
use crate::work::blocking;
use crate::{App, Shared, schema};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use gongdao_law::Reference;
use gongdao_model::{LegalDate, ProvisionId};
use gongdao_service::{
    GateFigures, Hours, LedgerCheck, LedgerState, Match, NewOrder, OrderView, OrderWhat, OwnLookUp, ProviderFigures,
    WeeksWanted,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(orders, issue_order))
        .routes(routes!(order))
        .routes(routes!(act_on_order))
        .routes(routes!(ledger_state))
        .routes(routes!(check_ledger))
        .routes(routes!(compare_checkpoint))
        .routes(routes!(own_look_ups))
        .routes(routes!(provider_figures))
        .routes(routes!(gate_figures))
        .routes(routes!(hours))
        .routes(routes!(give_first_password))
}

/// Errors: one of them is in no pack in use.
pub(crate) fn known_provisions(app: &App, provisions: &[ProvisionId]) -> Result<(), Problem> {
    let is_known = |id: &&ProvisionId| {
        id.as_str().parse::<Reference>().is_ok_and(|reference| app.shelf.book().cite(&reference).is_ok())
    };
    match provisions.iter().find(|id| !is_known(id)) {
        None => Ok(()),
        Some(id) => {
            let hint = "name one of the packs in use, like `cn.iisarmp/28`; see `/law`";
            Err(Problem::new(ProblemKind::Input, format!("there is no provision `{id}`"), hint))
        }
    }
}

/// Orders of regulators to the provider
#[utoipa::path(get, path = "/v1/orders", operation_id = "orders", tag = "oversight", params(Part),
    responses((status = 200, description = "A page of them", body = Page<schema::OrderView>)))]
async fn orders(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<OrderView>>, Problem> {
    let limit = part.limit()?;
    blocking(move || {
        let found = app.service.orders(&caller, part.cursor.as_deref(), limit)?;
        Ok(axum::Json(Page::new(found, limit, |one| one.order.id.clone())))
    })
    .await
}

/// Make an order: the provider has a number of working days to reply
#[utoipa::path(post, path = "/v1/orders", operation_id = "issue_order", tag = "oversight",
    request_body = schema::NewOrder,
    responses((status = 201, description = "In the ledger", body = schema::OrderView,
        headers(("Location" = String, description = "Its address")))))]
async fn issue_order(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Json(new): Json<NewOrder>,
) -> Result<Response, Problem> {
    let made = blocking(move || {
        caller.may(gongdao_service::Right::IssueOrders)?;
        known_provisions(&app, &new.provisions)?;
        Ok(app.service.issue_order(&caller, new)?)
    })
    .await?;
    let address = format!("/v1/orders/{}", made.order.id);
    Ok((StatusCode::CREATED, [(LOCATION, address)], axum::Json(made)).into_response())
}

/// One order, with what happened
#[utoipa::path(get, path = "/v1/orders/{order}", operation_id = "order", tag = "oversight",
    params(("order" = String, Path, description = "Its name")),
    responses((status = 200, description = "It", body = schema::OrderView)))]
async fn order(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
) -> Result<axum::Json<OrderView>, Problem> {
    blocking(move || Ok(axum::Json(app.service.order(&caller, &id)?))).await
}

/// Reply to an order (the provider), or go on with it (the regulator)
#[utoipa::path(post, path = "/v1/orders/{order}/events", operation_id = "act_on_order", tag = "oversight",
    params(("order" = String, Path, description = "Its name")),
    request_body = schema::OrderTurn,
    responses((status = 200, description = "In the ledger", body = schema::OrderView)))]
async fn act_on_order(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Json(what): Json<OrderWhat>,
) -> Result<axum::Json<OrderView>, Problem> {
    blocking(move || Ok(axum::Json(app.service.act_on_order(&caller, &id, what)?))).await
}

/// What the ledger says of itself: signed size, witnesses, what waits for it
#[utoipa::path(get, path = "/v1/ledger/state", operation_id = "ledger_state", tag = "oversight",
    responses((status = 200, description = "It", body = schema::LedgerState)))]
async fn ledger_state(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
) -> Result<axum::Json<LedgerState>, Problem> {
    blocking(move || Ok(axum::Json(app.service.ledger_state(&caller)?))).await
}

/// Check the whole ledger, of up to 200,000 entries, against what it signed; one check at a time
#[utoipa::path(post, path = "/v1/ledger:check", operation_id = "check_ledger", tag = "oversight",
    responses((status = 200, description = "What came of it", body = schema::LedgerCheck)))]
async fn check_ledger(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
) -> Result<axum::Json<LedgerCheck>, Problem> {
    blocking(move || Ok(axum::Json(app.service.check_ledger(&caller)?))).await
}

/// A checkpoint that somebody kept
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// The whole text, signatures included
    checkpoint: String,
}

/// What a kept checkpoint says beside the present one
#[derive(Debug, Serialize, ToSchema)]
struct Compared {
    /// Entries under the kept checkpoint
    size: u64,
    /// `goes-on`, `differs`, `shorter`, `foreign`
    #[serde(rename = "match")]
    #[schema(value_type = String)]
    found: Match,
}

/// Hold a checkpoint that you kept against the ledger; for the proof itself use the tiles
#[utoipa::path(post, path = "/v1/ledger:compare", operation_id = "compare_checkpoint", tag = "oversight",
    request_body = Kept, responses((status = 200, description = "Whether the ledger goes on from it", body = Compared)))]
async fn compare_checkpoint(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Json(kept): Json<Kept>,
) -> Result<axum::Json<Compared>, Problem> {
    let (size, found) = blocking(move || Ok(app.service.compare_checkpoint(&caller, &kept.checkpoint)?)).await?;
    Ok(axum::Json(Compared { size, found }))
}

/// Your own look-ups of persons' records, newest first; a page may be short and still have a next one
#[utoipa::path(get, path = "/v1/me/lookups", operation_id = "own_look_ups", tag = "access", params(Part),
    responses((status = 200, description = "A page of them", body = Page<schema::OwnLookUp>)))]
async fn own_look_ups(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<OwnLookUp>>, Problem> {
    let (limit, before) = (part.limit()?, part.before()?);
    blocking(move || {
        let gongdao_service::Page { items, next } = app.service.own_look_ups(&caller, before, limit)?;
        Ok(axum::Json(Page { items, next }))
    })
    .await
}

/// Figures by provider: what the register publishes of each algorithm, added up
#[utoipa::path(get, path = "/v1/providers", operation_id = "provider_figures", tag = "register", security(()),
    responses((status = 200, description = "They", body = Vec<schema::ProviderFigures>)))]
async fn provider_figures(State(app): State<Shared>) -> Result<axum::Json<Vec<ProviderFigures>>, Problem> {
    blocking(move || Ok(axum::Json(app.service.provider_figures()?))).await
}

/// What was said of the newest decisions: shadow beside enforcement, and facts that are missing
#[utoipa::path(get, path = "/v1/gate/figures", operation_id = "gate_figures", tag = "gate",
    responses((status = 200, description = "They", body = schema::GateFigures)))]
async fn gate_figures(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
) -> Result<axum::Json<GateFigures>, Problem> {
    blocking(move || Ok(axum::Json(app.service.gate_figures(&caller)?))).await
}

/// Which weeks.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Weeks {
    /// Only weeks before this Monday: what `older` of the answer before said
    #[param(value_type = Option<String>, format = Date)]
    before: Option<LegalDate>,
}

/// Hours and pay of a person by week, out of their decisions
#[utoipa::path(get, path = "/v1/persons/{person}/hours", operation_id = "person_hours", tag = "decisions",
    params(("person" = String, Path, description = "The pseudonym that decisions have"), Why, Weeks),
    responses((status = 200, description = "They", body = schema::Hours)))]
async fn hours(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(person): Segment<String>,
    Params(why): Params<Why>,
    Params(weeks): Params<Weeks>,
) -> Result<axum::Json<Hours>, Problem> {
    blocking(move || {
        let wanted = WeeksWanted { before: weeks.before, ..WeeksWanted::MANY };
        Ok(axum::Json(app.service.hours_of(&caller, &person, &why.purpose()?, wanted)?))
    })
    .await
}

/// A password that is handed over once
#[derive(Debug, Serialize)]
struct Given {
    password: String,
    until: gongdao_model::Instant,
}

/// Give an account a new password for 72 hours, to be changed by whoever has the account; the one until now works no more
#[utoipa::path(post, path = "/v1/accounts/{account}/first-password", operation_id = "give_first_password", tag = "access",
    params(("account" = String, Path, description = "Its identifier")),
    responses((status = 200, description = "It, shown this once", body = schema::FirstPassword)))]
async fn give_first_password(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
) -> Result<axum::Json<Given>, Problem> {
    let given = blocking(move || Ok(app.service.give_first_password(&caller, &id)?)).await?;
    Ok(axum::Json(Given { password: given.password.reveal().to_owned(), until: given.until }))
}
