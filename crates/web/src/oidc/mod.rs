//! Login with another provider: OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636). What was begun is kept in
//! the database, so that any process of the service can end it; the browser that began it has a cookie that only it has.

mod provider;
mod token;

use crate::problem::{Problem, ProblemKind};
use crate::settings::OidcSettings;
use gongdao_service::{Caller, NewSession, OutsideIdentity, Role, Service, digest_of};
use provider::{Exchange, FRESH, Provider, away, challenge};

pub(crate) use provider::encoded;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use token::{Doubt, Expected};

const COLLECTION: &str = "logins";
/// How long somebody has to log in at the provider.
const LASTS_MILLIS: i64 = 10 * 60_000;

/// Login with one provider.
pub(crate) struct Oidc {
    settings: OidcSettings,
    secret: String,
    /// Where the provider sends people back.
    redirect: String,
    public_url: String,
    known: Mutex<Option<Provider>>,
}

/// A login that began.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Begun {
    /// Digest of what the browser's cookie holds.
    browser: String,
    nonce: String,
    verifier: String,
    /// Where to go on afterwards.
    to: String,
    /// Whose account is to be linked; nothing where somebody logs in.
    link: Option<String>,
}

/// What a browser is told when it begins.
pub(crate) struct Beginning {
    /// The provider's page.
    pub(crate) address: String,
    /// For the cookie.
    pub(crate) browser: String,
}

/// What the provider sends back (RFC 6749 §4.1.2).
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Returned {
    pub(crate) code: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) iss: Option<String>,
    pub(crate) error: Option<String>,
}

/// How a login ended.
pub(crate) enum Ended {
    LoggedIn { session: NewSession, to: String },
    Linked { to: String },
}

impl Oidc {
    /// Errors: the file with the secret cannot be read.
    pub(crate) fn new(settings: &OidcSettings, public_url: &str) -> Result<Self, std::io::Error> {
        let secret = std::fs::read_to_string(&settings.client_secret_file)?.trim().to_owned();
        let public_url = public_url.trim_end_matches('/').to_owned();
        let redirect = format!("{public_url}/v1/oidc/callback");
        Ok(Self { settings: settings.clone(), secret, redirect, public_url, known: Mutex::default() })
    }

    /// Begin a login, or the linking of one's own account. Blocks.
    pub(crate) fn begin(&self, service: &Service, to: &str, link: Option<&Caller>) -> Result<Beginning, Problem> {
        let provider = self.provider()?;
        let secret = || service.new_secret().map(|secret| secret.reveal().to_owned());
        let (state, browser) = (secret()?, secret()?);
        let begun = Begun {
            browser: digest_of(browser.as_bytes()),
            nonce: secret()?,
            verifier: secret()?,
            to: to.to_owned(),
            link: link.map(|caller| caller.actor.clone()),
        };
        // Whoever begins and does not end must not fill the database.
        service.purge_kept(COLLECTION)?;
        let until = gongdao_model::Instant::from_millis(service.now().millis() + LASTS_MILLIS)
            .map_err(|error| Problem::internal(error.message))?;
        service.keep(COLLECTION, &digest_of(state.as_bytes()), Some(0), &begun, Some(until))?;
        let values: [(&str, &str); 8] = [
            ("response_type", "code"),
            ("client_id", &self.settings.client_id),
            ("redirect_uri", &self.redirect),
            ("scope", &self.settings.scopes),
            ("state", &state),
            ("nonce", &begun.nonce),
            ("code_challenge", &challenge(&begun.verifier)),
            ("code_challenge_method", "S256"),
        ];
        Ok(Beginning { address: with_values(&provider.metadata.authorization_endpoint, &values), browser })
    }

    /// End what was begun, once. Blocks.
    ///
    /// Errors: nobody began it in this browser; the provider's word is not believed; no account belongs to the person.
    pub(crate) fn end(&self, service: &Service, returned: &Returned, browser: Option<&str>) -> Result<Ended, Problem> {
        let begun = taken(service, returned.state.as_deref(), browser)?;
        let provider = self.provider()?;
        let is_named = provider.metadata.authorization_response_iss_parameter_supported;
        let other = returned.iss.as_deref().is_some_and(|issuer| issuer != self.settings.issuer);
        if other || (is_named && returned.iss.is_none()) {
            return Err(not_begun("the answer is of another provider"));
        }
        if let Some(error) = &returned.error {
            let hint = "begin again at `/v1/oidc/login`, or log in with a password";
            let word: String =
                error.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '_').take(60).collect();
            let detail = format!("the provider did not log you in: `{word}`");
            return Err(Problem::new(ProblemKind::Unauthenticated, detail, hint));
        }
        let code = returned.code.as_deref().ok_or_else(|| not_begun("the provider sent no code"))?;
        let identity = self.identity(&provider, service, &begun, code)?;
        match &begun.link {
            None => Ok(Ended::LoggedIn { session: service.log_in_from_outside(&identity)?, to: begun.to }),
            Some(actor) => {
                service.link_own(actor, &identity)?;
                Ok(Ended::Linked { to: begun.to })
            }
        }
    }

    /// Where people log out at the provider too; nothing where it has no such page. Blocks.
    pub(crate) fn end_session(&self) -> Option<String> {
        let address = self.provider().ok()?.metadata.end_session_endpoint?;
        let values =
            [("client_id", self.settings.client_id.as_str()), ("post_logout_redirect_uri", self.public_url.as_str())];
        Some(with_values(&address, &values))
    }

    fn identity(
        &self,
        provider: &Provider,
        service: &Service,
        begun: &Begun,
        code: &str,
    ) -> Result<OutsideIdentity, Problem> {
        let OidcSettings { issuer, client_id: client, roles_claim, roles, .. } = &self.settings;
        let (redirect, verifier) = (self.redirect.as_str(), begun.verifier.as_str());
        let token = provider.exchange(&Exchange { client, secret: &self.secret, code, redirect, verifier })?;
        let now = service.now().millis().div_euclid(1000);
        let expected = Expected { issuer, client, nonce: &begun.nonce, now, roles_claim: roles_claim.as_deref() };
        let mut told = token::read(&token, &provider.keys, &expected);
        if told == Err(Doubt::UnknownKey)
            && let Some(renewed) = provider.with_new_keys()?
        {
            told = token::read(&token, &renewed.keys, &expected);
            self.remember(renewed);
        }
        let told = told.map_err(|doubt| match doubt {
            Doubt::UnknownKey => away("the token is signed by a key that the provider does not publish"),
            Doubt::Refused(why) => away(why),
        })?;
        let given = |(role, value): (&Role, &String)| told.groups.contains(value).then_some(*role);
        let roles: Option<BTreeSet<Role>> = roles_claim.as_ref().map(|_| roles.iter().filter_map(given).collect());
        Ok(OutsideIdentity { issuer: issuer.clone(), subject: told.subject, name: told.name, roles })
    }

    /// The provider, asked again from time to time.
    fn provider(&self) -> Result<Provider, Problem> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| known.asked.elapsed() < FRESH) {
            return Ok(known);
        }
        let provider = Provider::ask(&self.settings.issuer)?;
        self.remember(provider.clone());
        Ok(provider)
    }

    fn remember(&self, provider: Provider) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(provider);
    }
}

/// What was begun under a state, taken so that nobody can end it again.
fn taken(service: &Service, state: Option<&str>, browser: Option<&str>) -> Result<Begun, Problem> {
    let state = state.ok_or_else(|| not_begun("the answer names no login"))?;
    let id = digest_of(state.as_bytes());
    let found = service.kept::<Begun>(COLLECTION, &id)?;
    let found = found.ok_or_else(|| not_begun("this login was not begun here, was ended, or took too long"))?;
    // Whoever is sent here with somebody else's answer must not be logged in as them.
    if browser.map(|browser| digest_of(browser.as_bytes())).as_deref() != Some(found.value.browser.as_str()) {
        return Err(not_begun("this login was begun in another browser"));
    }
    if !service.drop_kept(COLLECTION, &id, found.version)? {
        return Err(not_begun("this login was ended before"));
    }
    Ok(found.value)
}

fn not_begun(what: &str) -> Problem {
    Problem::new(ProblemKind::Unauthenticated, what, "begin again at `/v1/oidc/login`")
}

fn with_values(address: &str, values: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = values.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let sign = if address.contains('?') { '&' } else { '?' };
    format!("{address}{sign}{}", pairs.join("&"))
}

/// A page of this service to go on at: a path, never another site.
///
/// Errors: it is none.
pub(crate) fn path(to: Option<&str>) -> Result<&str, Problem> {
    let to = to.unwrap_or("/docs");
    let plain = to.len() <= 1000 && to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if plain && to.starts_with('/') && !to.starts_with("//") {
        return Ok(to);
    }
    Err(Problem::new(ProblemKind::Input, "`to` is no path of this service", "begin it with one slash"))
}
