//! The provider: what it says of itself (OpenID Connect Discovery 1.0), its keys, and the exchange of a code for a token (RFC
//! 6749 §4.1.3).

use super::token::Keys;
use crate::problem::{Problem, ProblemKind};
use gongdao_merkle::encode_base64;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt::Write;
use std::time::{Duration, Instant};

/// How long the provider has for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Largest answer that is read, in bytes.
const LARGEST: u64 = 1 << 20;
/// How long what the provider says of itself is believed.
pub(super) const FRESH: Duration = Duration::from_hours(1);
/// How often keys are asked for at most, where a token names one that is not known.
const KEYS_AGAIN: Duration = Duration::from_secs(30);

/// What a provider says of itself.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    pub(super) authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    pub(super) end_session_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Whether it names itself where it sends people back (RFC 9207 §3).
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

/// A provider that was asked.
#[derive(Debug, Clone)]
pub(super) struct Provider {
    pub(super) metadata: Metadata,
    pub(super) keys: Keys,
    pub(super) asked: Instant,
}

/// What is exchanged.
pub(super) struct Exchange<'a> {
    pub(super) client: &'a str,
    pub(super) secret: &'a str,
    pub(super) code: &'a str,
    pub(super) redirect: &'a str,
    pub(super) verifier: &'a str,
}

/// A provider that errs or is away; `what` goes to the operator's log.
pub(super) fn away(what: impl Into<String>) -> Problem {
    let what = what.into();
    let hint = "try again in a moment; whoever runs this service finds the reason in its log";
    Problem { internal: Some(what), ..Problem::new(ProblemKind::Provider, "the other provider is of no help", hint) }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .max_redirects(0)
        .http_status_as_error(false)
        .build();
    config.into()
}

impl Provider {
    /// Ask the provider what it is.
    ///
    /// Errors: it does not answer; it is another one than it should be; an address without TLS.
    pub(super) fn ask(issuer: &str) -> Result<Self, Problem> {
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let metadata: Metadata = got(&address)?;
        if metadata.issuer != issuer {
            return Err(away(format!("`{address}` says that its issuer is `{}`, not `{issuer}`", metadata.issuer)));
        }
        let end = metadata.end_session_endpoint.iter();
        let all = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
        if let Some(plain) = all.into_iter().chain(end).find(|address| !crate::settings::is_safe(address)) {
            return Err(away(format!("`{plain}` of the provider is without TLS")));
        }
        let keys = got(&metadata.jwks_uri)?;
        Ok(Self { metadata, keys, asked: Instant::now() })
    }

    /// The same with its keys of now; nothing where they were asked for a moment ago.
    pub(super) fn with_new_keys(&self) -> Result<Option<Self>, Problem> {
        if self.asked.elapsed() < KEYS_AGAIN {
            return Ok(None);
        }
        Ok(Some(Self { metadata: self.metadata.clone(), keys: got(&self.metadata.jwks_uri)?, asked: Instant::now() }))
    }

    /// The ID token for a code.
    ///
    /// Errors: the provider refuses the code, or answers without a token.
    pub(super) fn exchange(&self, exchange: &Exchange<'_>) -> Result<String, Problem> {
        #[derive(Deserialize)]
        struct Answer {
            id_token: Option<String>,
            error: Option<String>,
        }
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", exchange.code),
            ("redirect_uri", exchange.redirect),
            ("code_verifier", exchange.verifier),
        ];
        let mut request = agent().post(&self.metadata.token_endpoint).header("accept", "application/json");
        // Without a word about it, this is what providers take (Discovery §3).
        let basic = "client_secret_basic".to_owned();
        if self.metadata.token_endpoint_auth_methods_supported.as_ref().is_none_or(|all| all.contains(&basic)) {
            let pair = format!("{}:{}", encoded(exchange.client), encoded(exchange.secret));
            request = request.header("authorization", format!("Basic {}", encode_base64(pair.as_bytes())));
        } else {
            form.extend([("client_id", exchange.client), ("client_secret", exchange.secret)]);
        }
        let mut answer = request.send_form(form).map_err(|error| away(format!("token endpoint: {error}")))?;
        let status = answer.status();
        let body = body::<Answer>(&mut answer);
        match body {
            Ok(Answer { id_token: Some(token), error: None }) if status.is_success() => Ok(token),
            Ok(Answer { error, .. }) => {
                // The error's word is one of a list (RFC 6749 §5.2); its description may quote what was sent.
                let word = error.unwrap_or_default();
                Err(away(format!("token endpoint: status {status}, error `{word}`, no ID token")))
            }
            Err(error) => Err(away(format!("token endpoint: status {status}: {error}"))),
        }
    }
}

fn got<T: DeserializeOwned>(address: &str) -> Result<T, Problem> {
    let failed = |error: ureq::Error| away(format!("`{address}`: {error}"));
    let mut answer = agent().get(address).header("accept", "application/json").call().map_err(failed)?;
    if !answer.status().is_success() {
        return Err(away(format!("`{address}`: status {}", answer.status())));
    }
    body(&mut answer).map_err(|error| away(format!("`{address}`: {error}")))
}

fn body<T: DeserializeOwned>(answer: &mut ureq::http::Response<ureq::Body>) -> Result<T, String> {
    let bytes = answer.body_mut().with_config().limit(LARGEST).read_to_vec().map_err(|error| error.to_string())?;
    serde_json::from_slice(&bytes).map_err(|error| error.to_string())
}

/// A value in an address or form (RFC 3986 §2.3: whatever is not unreserved is escaped).
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Text takes all that is written to it.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The digest of a verifier that goes ahead of it (RFC 7636 §4.2, `S256`).
pub(super) fn challenge(verifier: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    encode_base64(digest.as_ref()).replace('+', "-").replace('/', "_").replace('=', "")
}

#[cfg(test)]
mod tests {
    use super::{challenge, encoded};

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn values_cannot_end_their_place_in_an_address() {
        assert_eq!(encoded("a b&c=d/é~"), "a%20b%26c%3Dd%2F%C3%A9~");
    }
}
