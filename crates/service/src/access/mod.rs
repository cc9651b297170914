//! Who may do what: our own policies (`policies/access.cedar`) over roles, persons and fields.

mod caller;
mod role;
#[cfg(test)]
mod tests;

pub use caller::{Caller, Field, Purpose};
pub use role::{Right, Role};

pub(crate) use role::words;

use crate::{ErrorKind, ServiceError};
use gongdao_rules::{AccessAttributes, AccessEntity, AccessPolicies, AccessValue};
use std::collections::BTreeSet;

const SCHEMA: &str = include_str!("../../policies/access.cedarschema");
const POLICIES: &str = include_str!("../../policies/access.cedar");

/// Answers by the policies.
#[derive(Debug)]
pub(crate) struct Access(AccessPolicies);

/// What is asked about one person's records: a decision, the events, or the log of who looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Decision,
    PersonEvents,
    Log,
}

impl Access {
    /// Errors: the policies do not fit their schema, which a test excludes.
    pub(crate) fn new() -> Result<Self, ServiceError> {
        AccessPolicies::new(SCHEMA, POLICIES).map(Self).map_err(ServiceError::storage)
    }

    /// What a caller of these roles may do to the service as a whole. Asked once, when someone is recognised.
    pub(crate) fn rights(&self, roles: &BTreeSet<Role>) -> BTreeSet<Right> {
        let caller = described("", roles, &BTreeSet::new());
        let service = AccessEntity { kind: "Service", id: "service".to_owned(), attributes: AccessAttributes::new() };
        let may = |right: &Right| self.allows(&caller, right.as_str(), &service, &AccessAttributes::new());
        Right::ALL.into_iter().filter(may).collect()
    }

    /// Whether the caller may see records of a person, or of nobody.
    pub(crate) fn may_look(
        &self,
        caller: &Caller,
        look: Look,
        person: Option<&str>,
        purpose: &Purpose,
    ) -> Result<(), ServiceError> {
        let action = match look {
            Look::Decision => "read-decision",
            Look::PersonEvents => "read-person-events",
            Look::Log => "read-look-ups",
        };
        let context = AccessAttributes::from([("purpose", AccessValue::Text(purpose.as_str().to_owned()))]);
        if self.allows(&entity(caller), action, &record(person, &BTreeSet::new()), &context) {
            return Ok(());
        }
        let hint = if purpose.as_str().is_empty() && !caller.is_person() {
            "say for what purpose you look the record up"
        } else {
            "ask someone whose role allows it"
        };
        Err(ServiceError::new(ErrorKind::Forbidden, "you may not see this record", hint))
    }

    /// The fields of a person's record that the caller may see.
    pub(crate) fn fields(&self, caller: &Caller, person: Option<&str>, unsealed: &BTreeSet<String>) -> BTreeSet<Field> {
        let (caller, record) = (entity(caller), record(person, unsealed));
        let may = |field: &Field| {
            let context = AccessAttributes::from([("field", AccessValue::Text(field.as_str().to_owned()))]);
            self.allows(&caller, "read-field", &record, &context)
        };
        Field::ALL.into_iter().filter(may).collect()
    }

    /// Whether the caller may record a change of a person's state.
    pub(crate) fn may_record(&self, caller: &Caller, person: &str) -> Result<(), ServiceError> {
        let record = record(Some(person), &BTreeSet::new());
        if self.allows(&entity(caller), "record-person-event", &record, &AccessAttributes::new()) {
            return Ok(());
        }
        Err(forbidden("you may not record events of this person"))
    }

    /// Whether the caller may decide on what another asked for.
    pub(crate) fn may_decide(&self, caller: &Caller, asked_by: &str) -> Result<(), ServiceError> {
        let attributes = AccessAttributes::from([("askedBy", AccessValue::Text(asked_by.to_owned()))]);
        let approval = AccessEntity { kind: "Approval", id: "this".to_owned(), attributes };
        if self.allows(&entity(caller), "decide-approval", &approval, &AccessAttributes::new()) {
            return Ok(());
        }
        Err(ServiceError::new(
            ErrorKind::Forbidden,
            "you may not decide on this",
            "someone else than who asked has to, whose role allows it",
        ))
    }

    fn allows(&self, caller: &AccessEntity, action: &str, thing: &AccessEntity, context: &AccessAttributes) -> bool {
        // What cannot be answered is not allowed.
        self.0.allows(caller, action, thing, context).unwrap_or(false)
    }
}

pub(crate) fn forbidden(what: &str) -> ServiceError {
    ServiceError::new(ErrorKind::Forbidden, what, "ask someone whose role allows it")
}

fn entity(caller: &Caller) -> AccessEntity {
    described(&caller.actor, &caller.roles, &caller.persons)
}

fn described(actor: &str, roles: &BTreeSet<Role>, persons: &BTreeSet<String>) -> AccessEntity {
    let roles = roles.iter().map(|role| role.as_str().to_owned()).collect();
    let attributes = AccessAttributes::from([
        ("actor", AccessValue::Text(actor.to_owned())),
        ("roles", AccessValue::Words(roles)),
        ("persons", AccessValue::Words(persons.clone())),
    ]);
    AccessEntity { kind: "Caller", id: "this".to_owned(), attributes }
}

fn record(person: Option<&str>, unsealed: &BTreeSet<String>) -> AccessEntity {
    let attributes = AccessAttributes::from([
        ("person", AccessValue::Text(person.unwrap_or_default().to_owned())),
        ("unsealedFor", AccessValue::Words(unsealed.clone())),
    ]);
    AccessEntity { kind: "Record", id: "this".to_owned(), attributes }
}
