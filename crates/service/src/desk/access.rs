use crate::access::forbidden;
use crate::{Caller, ErrorKind, ServiceError};
use gongdao_rules::{AccessAttributes, AccessEntity, AccessPolicies, AccessValue};
use std::collections::BTreeSet;

const SCHEMA: &str = include_str!("../../policies/desk.cedarschema");
const POLICIES: &str = include_str!("../../policies/desk.cedar");

/// Answers by the desk's policies.
#[derive(Debug)]
pub(crate) struct DeskAccess(AccessPolicies);

/// What is done to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnCase {
    File,
    /// What the asking side does after the filing.
    Answer,
    Read,
    Work,
    Review,
}

/// What is done to a task of a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnTask {
    /// See which there are.
    List,
    Read,
    Answer,
}

/// What is done to a mandate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnMandate {
    Propose,
    Confirm,
    End,
    Read,
}

/// What is done to the desk as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnDesk {
    ReadQueue,
    ReadFigures,
    SetLimits,
}

impl DeskAccess {
    /// Errors: the policies do not fit their schema, which a test excludes.
    pub(crate) fn new() -> Result<Self, ServiceError> {
        AccessPolicies::new(SCHEMA, POLICIES).map(Self).map_err(ServiceError::storage)
    }

    /// Whether the caller may do it to a case of the person; `mandated` are actors whose mandate covers it.
    pub(crate) fn may_on_case(&self, caller: &Caller, what: OnCase, person: &str, mandated: &BTreeSet<String>) -> bool {
        let action = match what {
            OnCase::File => "file-case",
            OnCase::Answer => "answer-the-desk",
            OnCase::Read => "read-case",
            OnCase::Work => "work-case",
            OnCase::Review => "review-case",
        };
        let attributes = AccessAttributes::from([
            ("person", AccessValue::Text(person.to_owned())),
            ("mandated", AccessValue::Words(mandated.clone())),
        ]);
        self.allows(caller, action, "Case", attributes)
    }

    /// Whether the caller may do it to a task; `keys` are actors that answer for its system.
    pub(crate) fn may_on_task(&self, caller: &Caller, what: OnTask, keys: &BTreeSet<String>) -> bool {
        let action = match what {
            OnTask::List => "list-fulfilments",
            OnTask::Read => "read-fulfilment",
            OnTask::Answer => "answer-fulfilment",
        };
        let attributes = AccessAttributes::from([("keys", AccessValue::Words(keys.clone()))]);
        self.allows(caller, action, "Fulfilment", attributes)
    }

    pub(crate) fn may_on_mandate(
        &self,
        caller: &Caller,
        what: OnMandate,
        person: &str,
        representative: &str,
    ) -> Result<(), ServiceError> {
        let action = match what {
            OnMandate::Propose => "propose-mandate",
            OnMandate::Confirm => "confirm-mandate",
            OnMandate::End => "end-mandate",
            OnMandate::Read => "read-mandate",
        };
        if self.allows(caller, action, "Mandate", mandate(person, representative, &BTreeSet::new())) {
            return Ok(());
        }
        let hint = match what {
            OnMandate::Confirm => "the person alone says yes or no, logged in themselves",
            _ => "the person or the representative does this",
        };
        Err(ServiceError::new(ErrorKind::Forbidden, "you may not do this with the mandate", hint))
    }

    /// Whether the caller may see a mandate in the record of a person; `cases` are requests that rest on it.
    pub(crate) fn may_read_in_record(
        &self,
        caller: &Caller,
        person: &str,
        representative: &str,
        cases: &BTreeSet<String>,
    ) -> bool {
        self.allows(caller, "read-mandate", "Mandate", mandate(person, representative, cases))
    }

    pub(crate) fn may_on_desk(&self, caller: &Caller, what: OnDesk) -> Result<(), ServiceError> {
        let action = match what {
            OnDesk::ReadQueue => "read-queue",
            OnDesk::ReadFigures => "read-figures",
            OnDesk::SetLimits => "set-limits",
        };
        if self.allows(caller, action, "Desk", AccessAttributes::new()) {
            return Ok(());
        }
        Err(forbidden("your role does not allow this at the rights desk"))
    }

    fn allows(&self, caller: &Caller, action: &str, kind: &'static str, attributes: AccessAttributes) -> bool {
        let roles = caller.roles.iter().map(|role| role.as_str().to_owned()).collect();
        let caller_attributes = AccessAttributes::from([
            ("actor", AccessValue::Text(caller.actor.clone())),
            ("roles", AccessValue::Words(roles)),
            ("persons", AccessValue::Words(caller.persons.clone())),
        ]);
        let caller = AccessEntity { kind: "Caller", id: "this".to_owned(), attributes: caller_attributes };
        let thing = AccessEntity { kind, id: "this".to_owned(), attributes };
        // What cannot be answered is not allowed.
        self.0.allows(&caller, action, &thing, &AccessAttributes::new()).unwrap_or(false)
    }
}

fn mandate(person: &str, representative: &str, cases: &BTreeSet<String>) -> AccessAttributes {
    AccessAttributes::from([
        ("person", AccessValue::Text(person.to_owned())),
        ("representative", AccessValue::Text(representative.to_owned())),
        ("cases", AccessValue::Words(cases.clone())),
    ])
}
