use super::role::words;
use super::{Right, Role, forbidden};
use crate::ServiceError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Someone or something that was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Account or key, as it stands in the ledger: `account:…`, `key:…`.
    pub actor: String,
    /// Its name, for people.
    pub name: String,
    /// What it is.
    pub roles: BTreeSet<Role>,
    /// Pseudonyms that it is, or acts for.
    pub persons: BTreeSet<String>,
    /// What it may do to the service as a whole.
    pub rights: BTreeSet<Right>,
    /// It logged in with a password that an administrator gave, and nobody changed that yet: until then it has no role, person or
    /// right.
    pub must_change_password: bool,
}

impl Caller {
    /// Errors: the caller may not do it.
    pub fn may(&self, right: Right) -> Result<(), ServiceError> {
        if self.rights.contains(&right) {
            return Ok(());
        }
        Err(forbidden(&format!("your role does not allow `{}`", right.as_str())))
    }

    /// Whether records of this person are the caller's own, or of someone it acts for.
    pub fn is_or_acts_for(&self, person: &str) -> bool {
        self.persons.contains(person)
    }

    pub(crate) fn is_person(&self) -> bool {
        self.roles.iter().all(|role| matches!(role, Role::Person | Role::Representative))
    }
}

/// Why a record is looked up, in the caller's words. The person reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purpose(String);

/// Characters of a purpose at most.
const PURPOSE_CHARS: usize = 500;

impl Purpose {
    /// Errors: more than 500 characters.
    pub fn new(text: &str) -> Result<Self, ServiceError> {
        let text = text.trim();
        if text.chars().count() > PURPOSE_CHARS {
            return Err(ServiceError::input("the purpose is too long", "say it in 500 characters"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

words! {
    /// A part of a decision's record that is shown or not.
    Field {
        /// What rules say, and what was answered.
        Verdicts = "verdicts",
        /// The facts, those of the state too.
        Facts = "facts",
        /// The pseudonym.
        Person = "person",
        /// The proof with the record's content.
        Receipt = "receipt",
    }
}
