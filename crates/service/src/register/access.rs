use crate::access::forbidden;
use crate::{Caller, ErrorKind, ServiceError};
use gongdao_register::Consultation;
use gongdao_rules::{AccessAttributes, AccessEntity, AccessPolicies, AccessValue};

const SCHEMA: &str = include_str!("../../policies/register.cedarschema");
const POLICIES: &str = include_str!("../../policies/register.cedar");

/// Answers by the register's policies.
#[derive(Debug)]
pub(super) struct RegisterAccess(AccessPolicies);

/// What is done to the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnRegister {
    Describe,
    Declare,
    Publish,
    Withdraw,
    File,
    Call,
    Import,
    Set,
    ApplyTrial,
    AnswerTrial,
    RunTrial,
    StopTrial,
}

impl RegisterAccess {
    /// Errors: the policies do not fit their schema, which a test excludes.
    pub(super) fn new() -> Result<Self, ServiceError> {
        AccessPolicies::new(SCHEMA, POLICIES).map(Self).map_err(ServiceError::storage)
    }

    pub(super) fn may(&self, caller: &Caller, what: OnRegister) -> Result<(), ServiceError> {
        let action = match what {
            OnRegister::Describe => "describe-algorithm",
            OnRegister::Declare => "declare-version",
            OnRegister::Publish => "publish-version",
            OnRegister::Withdraw => "withdraw-version",
            OnRegister::File => "record-filing",
            OnRegister::Call => "call-consultation",
            OnRegister::Import => "import-filings",
            OnRegister::Set => "set-register",
            OnRegister::ApplyTrial => "apply-for-trial",
            OnRegister::AnswerTrial => "answer-trial",
            OnRegister::RunTrial => "run-trial",
            OnRegister::StopTrial => "stop-trial",
        };
        if self.allows(caller, action, "Register", AccessAttributes::new()) {
            return Ok(());
        }
        Err(forbidden("your role does not allow this in the register"))
    }

    pub(super) fn may_speak(&self, caller: &Caller, consultation: &Consultation) -> Result<(), ServiceError> {
        let seats = consultation.seats.iter().filter_map(|seat| seat.account.clone()).collect();
        let attributes = AccessAttributes::from([("seats", AccessValue::Words(seats))]);
        if self.allows(caller, "speak", "Consultation", attributes) {
            return Ok(());
        }
        let hint = "ask the union, those who were elected, or the platform to say it";
        Err(ServiceError::new(ErrorKind::Forbidden, "only the parties take part in the consultation", hint))
    }

    pub(super) fn may_replay(&self, caller: &Caller, consultation: &Consultation) -> Result<(), ServiceError> {
        let seats = consultation.seats.iter().filter_map(|seat| seat.account.clone()).collect();
        let attributes = AccessAttributes::from([("seats", AccessValue::Words(seats))]);
        if self.allows(caller, "replay", "Consultation", attributes) {
            return Ok(());
        }
        let hint = "ask the union, those who were elected, the platform or the authority";
        Err(ServiceError::new(ErrorKind::Forbidden, "only the parties and the authority see a replay", hint))
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
