use crate::problem::{Problem, ProblemKind};
use gongdao_desk::{About, RequestKind};
use gongdao_merkle::decode_base64;
use gongdao_model::Instant;
use gongdao_service::{Agent, NewCase};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Bytes of a signature of Ed25519 (RFC 8032 §5.1.6), which stand before what is signed.
const SIGNATURE_BYTES: usize = 64;
/// Longest time for which a request may be good; the protocol recommends ten minutes (§2.01).
const LONGEST_MILLIS: i64 = 3_600_000;
/// How far an agent's clock may be ahead of ours.
const AHEAD_MILLIS: i64 = 60_000;

/// What says when something was signed, and for whom.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope {
    #[serde(rename = "agent-id")]
    pub(crate) agent: String,
    #[serde(rename = "business-id")]
    pub(crate) business: String,
    #[serde(rename = "issued-at")]
    issued_at: Instant,
    #[serde(rename = "expires-at")]
    expires_at: Instant,
    #[serde(rename = "drp.version")]
    version: String,
}

/// What an agent sends for a token (§2.05).
#[derive(Debug, Deserialize)]
pub(crate) struct Introduction {
    #[serde(flatten)]
    pub(crate) envelope: Envelope,
}

/// A request (§2.01). Members that are ours begin with `gongdao:`.
#[derive(Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the protocol's names")]
pub(crate) struct Exercise {
    #[serde(flatten)]
    pub(crate) envelope: Envelope,
    exercise: String,
    #[serde(default)]
    regime: Option<String>,
    #[serde(default)]
    pub(crate) status_callback: Option<String>,
    #[serde(default, rename = "agent-request-id")]
    pub(crate) agent_request: Option<String>,
    #[serde(rename = "gongdao:person")]
    person: String,
    #[serde(default, rename = "gongdao:about")]
    about: About,
    #[serde(default, rename = "gongdao:text")]
    text: String,
    #[serde(default, rename = "gongdao:ground")]
    ground: Option<String>,
    #[serde(default, rename = "gongdao:language")]
    language: Option<String>,
}

/// That a request is taken back (§2.04).
#[derive(Debug, Deserialize)]
pub(crate) struct Revocation {
    /// Why; nobody needs to say.
    #[serde(default, rename = "reason")]
    _reason: Option<String>,
}

/// What was signed by the agent.
///
/// Errors: no Base64, another's signature, no such JSON. Which of the first two it was is not told.
pub(crate) fn opened<T: DeserializeOwned>(agent: &Agent, text: &[u8]) -> Result<T, Problem> {
    let message = verified(agent, text).ok_or_else(not_signed)?;
    crate::extract::json(&message)
}

fn verified(agent: &Agent, text: &[u8]) -> Option<Vec<u8>> {
    let bytes = decode_base64(std::str::from_utf8(text).ok()?.trim()).ok()?;
    let (signature, message) = bytes.split_at_checked(SIGNATURE_BYTES)?;
    let key = hexadecimal(&agent.what.verify_key)?;
    UnparsedPublicKey::new(&ED25519, key).verify(message, signature).ok()?;
    Some(message.to_vec())
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

pub(crate) fn not_signed() -> Problem {
    let hint = "send Base64 of signature and JSON, signed with the key that the operator has of you (docs/drp.md)";
    Problem::new(ProblemKind::Forbidden, "this is not signed by the agent", hint)
}

/// Errors: for another business or agent, of another version, not good yet or no more, or good for too long.
pub(crate) fn within_time(envelope: &Envelope, agent: &Agent, business: &str, now: Instant) -> Result<(), Problem> {
    let refused = |what: &str, hint: String| Err(Problem::new(ProblemKind::Input, what, hint));
    if envelope.agent != agent.id {
        return refused("`agent-id` is another's", "sign as whom you ask".to_owned());
    }
    if envelope.business != business {
        return refused("`business-id` is another's", format!("this service is `{business}`"));
    }
    if !envelope.version.starts_with("0.9") {
        return refused("`drp.version` is none that is spoken here", "use `0.9.4`".to_owned());
    }
    let (issued, expires, now) = (envelope.issued_at.millis(), envelope.expires_at.millis(), now.millis());
    if issued > now + AHEAD_MILLIS || expires <= now {
        return refused("the request is not good now", "sign it anew, with the time of now".to_owned());
    }
    if expires - issued > LONGEST_MILLIS {
        return refused(
            "the request is good for too long",
            "let it expire after ten minutes, an hour at most".to_owned(),
        );
    }
    Ok(())
}

impl Exercise {
    /// The request as the desk takes it.
    ///
    /// Errors: a regime or right that is not served here.
    pub(crate) fn into_case(self) -> Result<NewCase, Problem> {
        let refused = |what: String, hint: &str| Problem::new(ProblemKind::Input, what, hint);
        if let Some(regime) = self.regime.as_deref().filter(|regime| !["cn.pipl", "cn.iisarmp"].contains(regime)) {
            let hint = "leave `regime` out, or write `cn.pipl` or `cn.iisarmp`";
            return Err(refused(format!("`{regime}` does not hold here (outside_jurisdiction)"), hint));
        }
        let Some(kind) = kind_of(&self.exercise) else {
            let hint = "one of `access`, `access:categories`, `access:specific`, `deletion`, or `gongdao:` with a kind of request";
            return Err(refused(format!("`{}` is no right here (claim_not_covered)", self.exercise), hint));
        };
        let Self { person, about, text, ground, language, .. } = self;
        Ok(NewCase { kind, person, about, text, ground, language, password: None })
    }
}

/// Rights of the protocol (§3.01) and ours.
fn kind_of(exercise: &str) -> Option<RequestKind> {
    match exercise {
        "access" | "access:categories" => Some(RequestKind::See),
        "access:specific" => Some(RequestKind::Copy),
        "deletion" => Some(RequestKind::Delete),
        _ => {
            let word = exercise.strip_prefix("gongdao:")?;
            RequestKind::ALL.into_iter().find(|kind| kind.as_str() == word)
        }
    }
}
