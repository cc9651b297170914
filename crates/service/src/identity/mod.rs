//! Who someone is: accounts with passwords, sessions, keys of machines, the first administrator.
//!
//! Passwords are kept as argon2id digests, tokens as SHA-256 of 32 random bytes; neither is kept itself. Whoever logs in from
//! outside (OpenID Connect) is known by issuer and subject.

mod account;
mod agent;
mod first_password;
mod first_run;
mod key;
mod outside;
mod password;
mod session;
mod step_up;

pub use account::{Account, AccountChange, NewAccount};
pub use agent::{Agent, NewAgent};
pub use first_password::FirstPassword;
pub use first_run::FirstRun;
pub use key::{ApiKey, NewKey};
pub use outside::OutsideIdentity;
pub use session::{Credential, NewSession, PasswordChange};

pub(crate) use account::forget_in_accounts;
pub(crate) use account::is_account;
pub(crate) use session::{Recognised, SESSIONS};

use crate::ServiceError;
use crate::check::{digest_of, hex};
use crate::port::{Entropy, Expected, Put};
use std::fmt;

/// A token or password on its way to whoever it belongs to. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret out of text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, to be handed over once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// `kind-` and 24 random hexadecimal digits.
pub(crate) fn new_id(kind: &str, entropy: &dyn Entropy) -> Result<String, ServiceError> {
    let mut bytes = [0; 12];
    entropy.fill(&mut bytes)?;
    Ok(format!("{kind}-{}", hex(&bytes)))
}

/// 64 random hexadecimal digits.
pub(crate) fn new_token(entropy: &dyn Entropy) -> Result<String, ServiceError> {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes)?;
    Ok(hex(&bytes))
}

/// Under what a token is kept. Tokens are random, so no salt is needed, and looking one up by it tells nothing by its time.
fn digest(token: &str) -> String {
    digest_of(token.as_bytes())
}

fn put(collection: &'static str, id: &str, expected: Expected, body: String) -> Put {
    Put { collection, id: id.to_owned(), expected, body: Some(body), alias: None, expires: None }
}

fn take_away(collection: &'static str, id: &str) -> Put {
    Put { collection, id: id.to_owned(), expected: Expected::Any, body: None, alias: None, expires: None }
}
