//! Logging in with another provider, for browsers: links and pages, no script.
//!
//! Sessions have a cookie that is sent only where a page of this service asks (`SameSite=Strict`). Whoever comes back from the
//! provider comes from another site, so the answer is a page that goes on by itself, and not a redirection.

use crate::auth::{Authenticated, SessionToken, cookie_of, set_cookie};
use crate::extract::Params;
use crate::oidc::{Beginning, Ended, Oidc, Returned, path};
use crate::problem::{Problem, ProblemKind};
use crate::visitor::Visitor;
use crate::work::blocking;
use crate::{App, Shared};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gongdao_service::Caller;
use minijinja::context;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What binds a login to the browser that began it.
const COOKIE: &str = "gongdao_login";

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(begin)).routes(routes!(link)).routes(routes!(end)).routes(routes!(log_out))
}

/// Where to go on
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct To {
    /// A path of this service to go on at afterwards
    #[param(example = "/docs")]
    to: Option<String>,
}

/// What the provider sends back (RFC 6749 §4.1.2, RFC 9207)
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Answer {
    /// Which login it belongs to
    state: Option<String>,
    /// To be exchanged for the provider’s word
    code: Option<String>,
    /// The provider
    iss: Option<String>,
    /// Why nobody was logged in
    error: Option<String>,
}

/// Log in with another provider (OpenID Connect): sends the browser there
#[utoipa::path(get, path = "/v1/oidc/login", operation_id = "begin_login", tag = "access", security(()), params(To),
    responses((status = 303, description = "At the provider", headers(("Location" = String, description = "Its page"),
        ("Set-Cookie" = String, description = "Binds the login to this browser")))))]
async fn begin(State(app): State<Shared>, Params(to): Params<To>) -> Result<Response, Problem> {
    sent_to_provider(app, to, None).await
}

/// Link your own account with another provider, so that you can log in with it: sends the browser there
#[utoipa::path(get, path = "/v1/oidc/link", operation_id = "begin_link", tag = "access", params(To),
    responses((status = 303, description = "At the provider", headers(("Location" = String, description = "Its page"),
        ("Set-Cookie" = String, description = "Binds it to this browser")))))]
async fn link(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Params(to): Params<To>,
) -> Result<Response, Problem> {
    sent_to_provider(app, to, Some(caller)).await
}

async fn sent_to_provider(app: Shared, to: To, link: Option<Caller>) -> Result<Response, Problem> {
    let oidc = oidc(&app)?;
    let to = path(to.to.as_deref())?.to_owned();
    let service = Arc::clone(&app.service);
    let Beginning { address, browser } = blocking(move || oidc.begin(&service, &to, link.as_ref())).await?;
    let cookie = login_cookie(&browser, app.is_https())?;
    let fresh = (CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let address = HeaderValue::from_str(&address).map_err(|error| Problem::internal(error.to_string()))?;
    Ok((StatusCode::SEE_OTHER, [(LOCATION, address), (SET_COOKIE, cookie), fresh]).into_response())
}

/// Where the provider sends people back
#[utoipa::path(get, path = "/v1/oidc/callback", operation_id = "end_login", tag = "access", security(()), params(Answer),
    responses((status = 200, description = "Logged in, or linked; the page goes on by itself", content_type = "text/html",
        body = String, headers(("Set-Cookie" = String, description = "The session")))))]
async fn end(
    State(app): State<Shared>,
    visitor: Visitor,
    headers: HeaderMap,
    Params(answer): Params<Answer>,
) -> Result<Response, Problem> {
    let (oidc, service) = (oidc(&app)?, Arc::clone(&app.service));
    let browser = cookie_of(&headers, COOKIE);
    let Answer { state, code, iss, error } = answer;
    let returned = Returned { code, state, iss, error };
    let ended = blocking(move || oidc.end(&service, &returned, browser.as_deref())).await?;
    let mut response = match &ended {
        Ended::LoggedIn { session, to } => {
            let mut response = page(&app, &visitor, "logged_in", to, true)?;
            response.headers_mut().append(SET_COOKIE, set_cookie(session.token.reveal(), app.is_https())?);
            response
        }
        Ended::Linked { to } => page(&app, &visitor, "linked", to, false)?,
    };
    response.headers_mut().append(SET_COOKIE, login_cookie("", app.is_https())?);
    Ok(response)
}

/// Log out here, and go on to the provider’s page that logs out there
#[utoipa::path(post, path = "/v1/oidc/logout", operation_id = "log_out_everywhere", tag = "access",
    responses((status = 200, description = "Logged out here; the page goes on to the provider", content_type = "text/html",
        body = String, headers(("Set-Cookie" = String, description = "Takes the session away")))))]
async fn log_out(
    _: Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    SessionToken(token): SessionToken,
) -> Result<Response, Problem> {
    let (oidc, service) = (oidc(&app)?, Arc::clone(&app.service));
    let to = blocking(move || {
        service.log_out(&token)?;
        Ok(oidc.end_session())
    })
    .await?;
    let visitor = Visitor::stranger(&headers, "/");
    let mut response = page(&app, &visitor, "logged_out", to.as_deref().unwrap_or("/docs"), to.is_some())?;
    response.headers_mut().append(SET_COOKIE, set_cookie("", app.is_https())?);
    Ok(response)
}

fn oidc(app: &App) -> Result<Arc<Oidc>, Problem> {
    app.oidc.clone().ok_or_else(|| {
        let hint = "log in with a password; whoever runs the service sets `oidc.issuer`";
        Problem::new(ProblemKind::NotFound, "no other provider is set up here", hint)
    })
}

fn page(app: &App, visitor: &Visitor, key: &str, to: &str, goes: bool) -> Result<Response, Problem> {
    let words = app.catalogue.words(visitor.language);
    let said = |part: &str| words.say(&format!("oidc.{part}"), &[]).map_err(|error| Problem::internal(error.message));
    let values = context! {
        title => said(&format!("{key}.title"))?,
        lines => [said(&format!("{key}.text"))?],
        on => said(&format!("{key}.on"))?,
        to,
        goes,
    };
    visitor.page(app, "note.html", StatusCode::OK, values)
}

/// Sent where the provider sends somebody back, which is from another site; an empty value takes it away.
fn login_cookie(browser: &str, is_https: bool) -> Result<HeaderValue, Problem> {
    let secure = if is_https { "; Secure" } else { "" };
    let age = if browser.is_empty() { 0 } else { 600 };
    let text = format!("{COOKIE}={browser}; Path=/v1/oidc; HttpOnly; SameSite=Lax; Max-Age={age}{secure}");
    HeaderValue::from_str(&text).map_err(|error| Problem::internal(error.to_string()))
}
