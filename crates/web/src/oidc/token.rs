//! The provider's word about who logged in: an ID token (OpenID Connect Core 1.0 §2, §3.1.3.7), a signed JWT (RFC 7515, RFC
//! 7519). Signatures are checked by the library that checks those of TLS. Only algorithms with public keys are taken: `none`
//! and those with shared secrets are no algorithms here.

use gongdao_merkle::decode_base64;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// How far the clocks of two machines may be apart, in seconds.
const CLOCKS_APART: i64 = 60;
/// How old a token may be when it arrives, in seconds: it comes straight from the provider.
const OLDEST: i64 = 600;
/// Longest token that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// What a token must say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    /// Seconds since 1970.
    pub(super) now: i64,
    /// The claim whose values give roles.
    pub(super) roles_claim: Option<&'a str>,
}

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) subject: String,
    pub(super) name: Option<String>,
    pub(super) groups: BTreeSet<String>,
}

/// Why a token is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Doubt {
    /// No key of the set fits; the provider may have a new one.
    UnknownKey,
    /// It is no token, is signed by somebody else, or says something else than it must.
    Refused(String),
}

fn refused<T>(why: impl Into<String>) -> Result<T, Doubt> {
    Err(Doubt::Refused(why.into()))
}

/// The keys of a provider (RFC 7517).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Keys {
    keys: Vec<Key>,
}

/// One of them; members that are not read here are skipped, as the standard asks (§4).
#[derive(Debug, Clone, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Rs256,
    Ps256,
    Es256,
    Es384,
    EdDsa,
}

impl Algorithm {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "RS256" => Self::Rs256,
            "PS256" => Self::Ps256,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "EdDSA" | "Ed25519" => Self::EdDsa,
            _ => return None,
        })
    }

    fn fits(self, key: &Key) -> bool {
        let curve = key.crv.as_deref();
        match self {
            Self::Rs256 | Self::Ps256 => key.kty == "RSA",
            Self::Es256 => key.kty == "EC" && curve == Some("P-256"),
            Self::Es384 => key.kty == "EC" && curve == Some("P-384"),
            Self::EdDsa => key.kty == "OKP" && curve == Some("Ed25519"),
        }
    }
}

/// Who logged in, if the token is the provider's and says all that it must.
pub(super) fn read(token: &str, keys: &Keys, expected: &Expected<'_>) -> Result<Told, Doubt> {
    if token.len() > LONGEST {
        return refused("the token is too long");
    }
    let mut parts = token.split('.');
    let (Some(head), Some(body), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return refused("the token has not three parts");
    };
    let header: Header = json(head, "header")?;
    if header.crit.is_some() {
        return refused("the token asks for an extension that is not known here");
    }
    let Some(algorithm) = Algorithm::of(&header.alg) else {
        return refused(format!("the token is signed by `{}`, which is not taken", header.alg));
    };
    let signed = token.get(..head.len() + 1 + body.len()).unwrap_or_default();
    let signature = url_base64(signature).ok_or_else(|| Doubt::Refused("the signature is not Base64url".to_owned()))?;
    verify(algorithm, &header, keys, signed.as_bytes(), &signature)?;
    claims(&json(body, "body")?, expected)
}

fn json<T: serde::de::DeserializeOwned>(part: &str, what: &str) -> Result<T, Doubt> {
    let bytes = url_base64(part).ok_or_else(|| Doubt::Refused(format!("the token's {what} is not Base64url")))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Doubt::Refused(format!("the token's {what} cannot be read: {error}")))
}

fn verify(algorithm: Algorithm, header: &Header, keys: &Keys, signed: &[u8], signature: &[u8]) -> Result<(), Doubt> {
    let fits = |key: &&Key| {
        algorithm.fits(key)
            && key.usage.as_deref().is_none_or(|usage| usage == "sig")
            && key.alg.as_deref().is_none_or(|alg| Algorithm::of(alg) == Some(algorithm))
            && (header.kid.is_none() || key.kid == header.kid)
    };
    let mut fitting = keys.keys.iter().filter(fits).peekable();
    if fitting.peek().is_none() {
        return Err(Doubt::UnknownKey);
    }
    if fitting.any(|key| is_signed(algorithm, key, signed, signature) == Some(true)) {
        return Ok(());
    }
    refused("the signature is not the provider's")
}

/// Nothing where the key itself cannot be read.
fn is_signed(algorithm: Algorithm, key: &Key, signed: &[u8], signature: &[u8]) -> Option<bool> {
    let rsa = |parameters: &'static RsaParameters| {
        let (n, e) = (url_base64(key.n.as_deref()?)?, url_base64(key.e.as_deref()?)?);
        Some(RsaPublicKeyComponents { n, e }.verify(parameters, signed, signature).is_ok())
    };
    let other = |algorithm: &'static dyn VerificationAlgorithm, bytes: Vec<u8>| {
        Some(UnparsedPublicKey::new(algorithm, bytes).verify(signed, signature).is_ok())
    };
    let point = || {
        // Uncompressed (SEC 1 §2.3.3).
        let (x, y) = (url_base64(key.x.as_deref()?)?, url_base64(key.y.as_deref()?)?);
        Some([&[4_u8][..], x.as_slice(), y.as_slice()].concat())
    };
    match algorithm {
        Algorithm::Rs256 => rsa(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Ps256 => rsa(&RSA_PSS_2048_8192_SHA256),
        Algorithm::Es256 => other(&ECDSA_P256_SHA256_FIXED, point()?),
        Algorithm::Es384 => other(&ECDSA_P384_SHA384_FIXED, point()?),
        Algorithm::EdDsa => other(&ED25519, url_base64(key.x.as_deref()?)?),
    }
}

/// OpenID Connect Core 1.0 §3.1.3.7, points 2 to 11.
fn claims(body: &Value, expected: &Expected<'_>) -> Result<Told, Doubt> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let seconds = |name: &str| body.get(name).and_then(Value::as_f64);
    if text("iss") != Some(expected.issuer) {
        return refused("the token is of another issuer");
    }
    let audience = words(body.get("aud"));
    if !audience.contains(expected.client) {
        return refused("the token is for another client");
    }
    let party = text("azp");
    if party.is_some_and(|party| party != expected.client) || (party.is_none() && audience.len() > 1) {
        return refused("the token was given to another client");
    }
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
    let (now, apart, oldest) = (expected.now as f64, CLOCKS_APART as f64, OLDEST as f64);
    let Some(until) = seconds("exp") else { return refused("the token says not until when it counts") };
    if now > until + apart {
        return refused("the token is too old");
    }
    let Some(made) = seconds("iat") else { return refused("the token says not when it was made") };
    if made > now + apart || now > made + oldest {
        return refused("the token was made at another time: compare the clocks of both machines");
    }
    if seconds("nbf").is_some_and(|from| from > now + apart) {
        return refused("the token does not count yet");
    }
    if text("nonce") != Some(expected.nonce) {
        return refused("the token belongs to another login");
    }
    let Some(subject) = text("sub").filter(|subject| (1..=255).contains(&subject.len())) else {
        return refused("the token names nobody");
    };
    let name = text("preferred_username").or_else(|| text("name")).map(str::to_owned);
    let groups = expected.roles_claim.map(|claim| words(body.get(claim))).unwrap_or_default();
    Ok(Told { subject: subject.to_owned(), name, groups })
}

/// A text, or the texts of a list.
fn words(value: Option<&Value>) -> BTreeSet<String> {
    match value {
        Some(Value::String(word)) => [word.clone()].into(),
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    }
}

/// Base64url without padding (RFC 7515 §2), strict.
pub(super) fn url_base64(text: &str) -> Option<Vec<u8>> {
    if text.contains(['+', '/', '=']) {
        return None;
    }
    let mut standard = text.replace('-', "+").replace('_', "/");
    while !standard.len().is_multiple_of(4) {
        standard.push('=');
    }
    decode_base64(&standard).ok()
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
