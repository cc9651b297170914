//! Who is who: the first administrator, sessions, accounts, keys.

use crate::auth::{Authenticated, Recognised, SessionToken, set_cookie};
use crate::extract::{Json, Params, Segment};
use crate::paging::{Page, Part};
use crate::problem::Problem;
use crate::schema;
use crate::work::blocking;
use crate::{App, Shared, version};
use axum::extract::State;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use gongdao_model::Instant;
use gongdao_service::{
    Account, AccountChange, ApiKey, Caller, NewAccount, NewKey, NewSession, PasswordChange, Right, Role, Secret,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(set_up))
        .routes(routes!(log_in, log_out))
        .routes(routes!(me))
        .routes(routes!(change_password))
        .routes(routes!(accounts, create_account))
        .routes(routes!(account, change_account))
        .routes(routes!(link_account))
        .routes(routes!(unlink_account))
        .routes(routes!(keys, create_key))
        .routes(routes!(revoke_key))
}

/// The first administrator
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetUp {
    /// The token that the first start showed
    token: String,
    /// The name to log in with
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// 12 to 256 characters
    #[schema(min_length = 12, max_length = 256)]
    password: String,
}

/// Make the first administrator, with the token that the first start showed; it works once
#[utoipa::path(post, path = "/v1/setup", operation_id = "set_up", tag = "access", security(()),
    request_body = SetUp,
    responses((status = 201, description = "Made; log in now", body = schema::Account)))]
async fn set_up(
    State(app): State<Shared>,
    Json(body): Json<SetUp>,
) -> Result<(StatusCode, axum::Json<Account>), Problem> {
    let account = blocking(move || {
        let (token, password) = (Secret::new(body.token), Secret::new(body.password));
        Ok(app.service.claim_first_run(&token, &body.name, &password)?)
    })
    .await?;
    Ok((StatusCode::CREATED, axum::Json(account)))
}

/// Name and password
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogIn {
    /// The account's name
    name: String,
    /// Its password
    password: String,
}

/// A session that began
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Session {
    /// Send it as `Authorization: Bearer`; it is in the cookie too
    token: String,
    /// Until when it lasts
    #[schema(value_type = String, format = DateTime)]
    until: Instant,
    /// Whose it is
    #[schema(value_type = schema::Account)]
    account: Account,
    /// An administrator gave the password: it is to be changed before anything else
    must_change_password: bool,
}

/// Log in with a password
#[utoipa::path(post, path = "/v1/sessions", operation_id = "log_in", tag = "access", security(()),
    request_body = LogIn,
    responses((status = 201, description = "Logged in", body = Session,
        headers(("Set-Cookie" = String, description = "The session, for browsers")))))]
async fn log_in(State(app): State<Shared>, Json(body): Json<LogIn>) -> Result<Response, Problem> {
    let service = std::sync::Arc::clone(&app.service);
    let session = blocking(move || Ok(service.log_in(&body.name, &Secret::new(body.password))?)).await?;
    begun(&app, session)
}

/// The answer to whoever logged in.
pub(crate) fn begun(app: &App, session: NewSession) -> Result<Response, Problem> {
    let cookie = set_cookie(session.token.reveal(), app.is_https())?;
    let NewSession { token, until, account, is_first } = session;
    let token = token.reveal().to_owned();
    let body = Session { token, until, account, must_change_password: is_first };
    Ok((StatusCode::CREATED, [(SET_COOKIE, cookie)], axum::Json(body)).into_response())
}

/// Log out
#[utoipa::path(delete, path = "/v1/sessions", operation_id = "log_out", tag = "access",
    responses((status = 204, description = "The session is over")))]
async fn log_out(
    _: Recognised,
    State(app): State<Shared>,
    SessionToken(token): SessionToken,
) -> Result<Response, Problem> {
    let cookie = set_cookie("", app.is_https())?;
    blocking(move || Ok(app.service.log_out(&token)?)).await?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response())
}

/// Who you are, and what you may do
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// Your name in the ledger
    actor: String,
    /// Your name
    name: String,
    /// What you are
    #[schema(value_type = Vec<schema::Role>)]
    roles: BTreeSet<Role>,
    /// Pseudonyms that you are, or act for
    persons: BTreeSet<String>,
    /// What you may do to the service as a whole
    #[schema(value_type = Vec<String>)]
    rights: BTreeSet<Right>,
}

impl From<Caller> for Me {
    fn from(caller: Caller) -> Self {
        let Caller { actor, name, roles, persons, rights, .. } = caller;
        Self { actor, name, roles, persons, rights }
    }
}

/// Who you are, and what you may do
#[utoipa::path(get, path = "/v1/me", operation_id = "me", tag = "access",
    responses((status = 200, description = "You", body = Me)))]
async fn me(Authenticated(caller): Authenticated) -> axum::Json<Me> {
    axum::Json(caller.into())
}

/// A new password
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    /// The one until now
    old: String,
    /// 12 to 256 characters
    #[schema(min_length = 12, max_length = 256)]
    new: String,
}

/// Change your own password
#[utoipa::path(post, path = "/v1/me/password", operation_id = "change_password", tag = "access",
    request_body = NewPassword,
    responses((status = 204, description = "Changed; your sessions go on")))]
async fn change_password(
    Recognised(caller): Recognised,
    State(app): State<Shared>,
    Json(body): Json<NewPassword>,
) -> Result<StatusCode, Problem> {
    blocking(move || {
        let change = PasswordChange { old: Secret::new(body.old), new: Secret::new(body.new) };
        app.service.change_password(&caller, &change)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

#[derive(Debug, Deserialize)]
struct CreateAccount {
    #[serde(flatten)]
    account: NewAccountBody,
    password: Option<String>,
}

#[derive(Debug, Deserialize)]
struct NewAccountBody {
    name: String,
    roles: BTreeSet<Role>,
    #[serde(default)]
    persons: BTreeSet<String>,
}

/// Make an account; without a password whoever it is logs in with another provider
#[utoipa::path(post, path = "/v1/accounts", operation_id = "create_account", tag = "access",
    request_body = schema::NewAccount,
    responses((status = 201, description = "Made", body = schema::Account,
        headers(("Location" = String, description = "Its address")))))]
async fn create_account(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Json(body): Json<CreateAccount>,
) -> Result<Response, Problem> {
    let account = blocking(move || {
        let NewAccountBody { name, roles, persons } = body.account;
        let password = body.password.map(Secret::new);
        Ok(app.service.create_account(&caller, NewAccount { name, roles, persons }, password.as_ref())?)
    })
    .await?;
    let address = format!("/v1/accounts/{}", account.id);
    Ok((StatusCode::CREATED, [(LOCATION, address)], axum::Json(account)).into_response())
}

/// All accounts
#[utoipa::path(get, path = "/v1/accounts", operation_id = "accounts", tag = "access", params(Part),
    responses((status = 200, description = "A page of them", body = Page<schema::Account>)))]
async fn accounts(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<Account>>, Problem> {
    let limit = part.limit()?;
    blocking(move || {
        let found = app.service.accounts(&caller, part.cursor.as_deref(), limit)?;
        Ok(axum::Json(Page::new(found, limit, |one| one.id.clone())))
    })
    .await
}

/// One account, with its version as `ETag`
#[utoipa::path(get, path = "/v1/accounts/{account}", operation_id = "account", tag = "access",
    params(("account" = String, Path, description = "Its identifier")),
    responses((status = 200, description = "It", body = schema::Account, headers(("ETag" = String, description = "Its version"))),
        (status = 304, description = "You have it already")))]
async fn account(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Segment(id): Segment<String>,
) -> Result<Response, Problem> {
    let found = blocking(move || Ok(app.service.account(&caller, &id)?)).await?;
    version::answer(&headers, found.version, &found.value)
}

/// Change what an account may do; its sessions follow at once
#[utoipa::path(patch, path = "/v1/accounts/{account}", operation_id = "change_account", tag = "access",
    params(("account" = String, Path, description = "Its identifier"),
        ("If-Match" = String, Header, description = "`ETag` of the account that you read", example = "\"1\"")),
    request_body = schema::AccountChange,
    responses((status = 200, description = "Changed", body = schema::Account, headers(("ETag" = String, description = "Its version")))))]
async fn change_account(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Segment(id): Segment<String>,
    Json(change): Json<AccountChange>,
) -> Result<Response, Problem> {
    let wanted = version::wanted(&headers)?;
    let changed = blocking(move || Ok(app.service.change_account(&caller, &id, wanted, change)?)).await?;
    version::answer(&HeaderMap::new(), changed.version, &changed.value)
}

/// Somebody as another provider names them
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Link {
    /// The provider
    issuer: String,
    /// The person there (`sub`)
    subject: String,
}

/// Let an account log in with another provider (OpenID Connect)
#[utoipa::path(post, path = "/v1/accounts/{account}/links", operation_id = "link_account", tag = "access",
    params(("account" = String, Path, description = "Its identifier")),
    request_body = Link,
    responses((status = 204, description = "It may")))]
async fn link_account(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Json(link): Json<Link>,
) -> Result<StatusCode, Problem> {
    blocking(move || {
        app.service.link_account(&caller, &id, &link.issuer, &link.subject)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// No longer let an account log in with another provider; its sessions go on until they end
#[utoipa::path(post, path = "/v1/accounts/{account}/links:remove", operation_id = "unlink_account", tag = "access",
    params(("account" = String, Path, description = "Its identifier")),
    request_body = Link,
    responses((status = 204, description = "It may no more")))]
async fn unlink_account(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
    Json(link): Json<Link>,
) -> Result<StatusCode, Problem> {
    blocking(move || {
        app.service.unlink_account(&caller, &id, &link.issuer, &link.subject)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// A key that was made
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeKey {
    /// The key itself, shown this once
    secret: String,
    /// What is kept of it
    #[schema(value_type = schema::ApiKey)]
    key: ApiKey,
}

/// Make a key of a machine; its secret is shown this once
#[utoipa::path(post, path = "/v1/keys", operation_id = "create_key", tag = "access",
    request_body = schema::NewKey,
    responses((status = 201, description = "Made", body = MadeKey)))]
async fn create_key(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Json(new): Json<NewKey>,
) -> Result<(StatusCode, axum::Json<MadeKey>), Problem> {
    let (key, secret) = blocking(move || Ok(app.service.create_key(&caller, new)?)).await?;
    Ok((StatusCode::CREATED, axum::Json(MadeKey { secret: secret.reveal().to_owned(), key })))
}

/// All keys, without their secrets
#[utoipa::path(get, path = "/v1/keys", operation_id = "keys", tag = "access", params(Part),
    responses((status = 200, description = "A page of them", body = Page<schema::ApiKey>)))]
async fn keys(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<ApiKey>>, Problem> {
    let limit = part.limit()?;
    blocking(move || {
        let found = app.service.keys(&caller, part.cursor.as_deref(), limit)?;
        Ok(axum::Json(Page::new(found, limit, |one| one.id.clone())))
    })
    .await
}

/// Take a key back
#[utoipa::path(delete, path = "/v1/keys/{key}", operation_id = "revoke_key", tag = "access",
    params(("key" = String, Path, description = "Its identifier")),
    responses((status = 204, description = "It works no more")))]
async fn revoke_key(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(id): Segment<String>,
) -> Result<StatusCode, Problem> {
    blocking(move || {
        app.service.revoke_key(&caller, &id)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
