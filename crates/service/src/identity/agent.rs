use super::account::Kept;
use super::session::refused;
use super::{NewSession, new_id};
use crate::event::check_name;
use crate::port::{Document, Expected, JournalKind, NewEntry, Put};
use crate::settings::Versioned;
use crate::webhook::check_right_webhook;
use crate::{Caller, Right, Role, Service, ServiceError};
use serde::{Deserialize, Serialize};

const AGENTS: &str = "agents";
/// Digits of a public key of Ed25519 (RFC 8032) in hexadecimal.
const KEY_DIGITS: usize = 64;

/// An agent that hands requests in for persons with a signature of its own: who it is, and what its signatures are checked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Its name, as its requests give it.
    pub id: String,
    /// The rest.
    #[serde(flatten)]
    pub what: NewAgent,
}

/// An agent to be taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAgent {
    /// The account of a representative: persons give their mandates to it.
    pub account: String,
    /// Public key of Ed25519, in hexadecimal.
    pub verify_key: String,
    /// The webhook by which it is told how its requests stand, of kind `right-status` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
}

impl Service {
    /// Take an agent in (`version` 0), or change one.
    ///
    /// Errors: the caller may not; `Changed`; no such account, or none of a representative; no key; another agent has the account
    /// (`Taken`).
    pub fn put_agent(
        &self,
        caller: &Caller,
        id: &str,
        version: u64,
        what: NewAgent,
    ) -> Result<Versioned<Agent>, ServiceError> {
        caller.may(Right::ManageAccounts)?;
        check_name("name", id)?;
        let is_key =
            what.verify_key.len() == KEY_DIGITS && what.verify_key.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_key {
            return Err(ServiceError::input("`verify_key` is no public key", "write 64 hexadecimal digits (Ed25519)"));
        }
        let account = self.kept_account(&what.account).map(|(_, kept)| kept.account);
        if !account.is_ok_and(|account| account.roles == [Role::Representative].into()) {
            let hint = "make an account with the role `representative` and no other first";
            return Err(ServiceError::input("`account` is none of a representative", hint));
        }
        if let Some(webhook) = &what.webhook {
            check_right_webhook(&*self.store, webhook)?;
        }
        let agent = Agent { id: id.to_owned(), what };
        let expected = if version == 0 { Expected::Absent } else { Expected::Version(version) };
        let body = serde_json::to_string(&agent).map_err(ServiceError::storage)?;
        let entry = self.agent_entry(caller, &agent, "agent-taken-in")?;
        let put = Put { alias: Some(agent.what.account.clone()), ..put(id, expected, Some(body)) };
        let change = self.store.change(&self.node, &[put], &[entry])?;
        Ok(Versioned { version: change.versions.first().copied().unwrap_or_default(), value: agent })
    }

    /// Take an agent away: nothing that it signs counts any more.
    ///
    /// Errors: the caller may not; there is none.
    pub fn delete_agent(&self, caller: &Caller, id: &str) -> Result<(), ServiceError> {
        caller.may(Right::ManageAccounts)?;
        let document = self.store.document(AGENTS, id)?.ok_or_else(|| ServiceError::not_found("agent"))?;
        let entry = self.agent_entry(caller, &read(&document)?, "agent-taken-away")?;
        self.store.change(&self.node, &[put(id, Expected::Version(document.version), None)], &[entry])?;
        Ok(())
    }

    /// All agents in the order of their names, after one.
    ///
    /// Errors: the caller may not.
    pub fn agents(&self, caller: &Caller, after: Option<&str>, limit: u32) -> Result<Vec<Agent>, ServiceError> {
        caller.may(Right::ManageAccounts)?;
        self.store.list(AGENTS, after, limit)?.iter().map(read).collect()
    }

    /// An agent that says who it is, before its signature is checked.
    pub fn agent(&self, id: &str) -> Result<Option<Agent>, ServiceError> {
        self.store.document(AGENTS, id)?.as_ref().map(read).transpose()
    }

    /// The agent of an account.
    pub fn agent_of_account(&self, account: &str) -> Result<Option<Agent>, ServiceError> {
        self.store.by_alias(AGENTS, account)?.as_ref().map(read).transpose()
    }

    /// Whoever signed is this agent; the interface checked it. A session of its account.
    ///
    /// Errors: the account is disabled or gone.
    pub fn log_in_agent(&self, agent: &Agent) -> Result<NewSession, ServiceError> {
        let (_, kept): (u64, Kept) = self.kept_account(&agent.what.account).map_err(|_| refused())?;
        if kept.account.is_disabled || kept.account.roles != [Role::Representative].into() {
            return Err(refused());
        }
        self.begin_session(kept.account)
    }

    fn agent_entry(&self, caller: &Caller, agent: &Agent, what: &str) -> Result<NewEntry, ServiceError> {
        let body = serde_json::json!({
            "what": what, "agent": agent.id, "account": agent.what.account, "verifyKey": agent.what.verify_key,
        });
        Ok(NewEntry {
            kind: JournalKind::Access,
            id: new_id("agent-entry", &*self.entropy)?,
            person: None,
            subject: Some(agent.id.clone()),
            actor: caller.actor.clone(),
            at: self.clock.now(),
            body: body.to_string(),
        })
    }
}

fn read(document: &Document) -> Result<Agent, ServiceError> {
    serde_json::from_str(&document.body).map_err(ServiceError::storage)
}

fn put(id: &str, expected: Expected, body: Option<String>) -> Put {
    Put { collection: AGENTS, id: id.to_owned(), expected, body, alias: None, expires: None }
}
