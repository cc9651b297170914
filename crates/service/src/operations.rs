//! Who changed settings, accounts, keys, and what took two people.

use crate::identity::new_id;
use crate::port::{JournalKind, NewEntry};
use crate::{Caller, Right, Service, ServiceError};
use gongdao_model::Instant;
use serde::Serialize;
use serde_json::Value;

/// One change, as staff and regulators see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Operation {
    /// Its number in the journal.
    pub seq: u64,
    /// `settings`, `approval` or `access`.
    pub kind: String,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Who did it.
    pub actor: String,
    /// When.
    pub at: Instant,
    /// What was done.
    pub body: Value,
    /// Its place in the ledger, once it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaf: Option<u64>,
}

impl Service {
    /// Note what somebody does with an audit of a log: it is started, cancelled, taken away, its results are opened. Returns when it
    /// is in the ledger.
    ///
    /// Errors: the caller may not audit.
    pub fn note_audit(&self, caller: &Caller, audit: &str, what: &str) -> Result<(), ServiceError> {
        caller.may(Right::RunAudits)?;
        let entry = NewEntry {
            kind: JournalKind::Access,
            id: new_id("audit-note", &*self.entropy)?,
            person: None,
            subject: Some(audit.to_owned()),
            actor: caller.actor.clone(),
            at: self.clock.now(),
            body: serde_json::json!({ "what": what, "audit": audit }).to_string(),
        };
        let change = self.store.change(&self.node, &[], &[entry])?;
        let recorded = change.entries.first().copied().ok_or_else(ServiceError::closed)?;
        self.follower.wait(recorded).map(drop)
    }

    /// Changes of a kind, newest first, before a number.
    ///
    /// Errors: the caller may not see them; a kind that is about persons or algorithms.
    pub fn operations(
        &self,
        caller: &Caller,
        kind: JournalKind,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Operation>, ServiceError> {
        caller.may(Right::ReadOperations)?;
        if !matches!(kind, JournalKind::Settings | JournalKind::Approval | JournalKind::Access) {
            return Err(ServiceError::input(
                format!("`{}` is no operation", kind.as_str()),
                "ask for `settings`, `approval` or `access`",
            ));
        }
        let entries = self.store.of_subject(kind, None, before, limit)?;
        let shown = entries.into_iter().map(|entry| {
            let NewEntry { kind, subject, actor, at, body, .. } = entry.entry;
            let body = serde_json::from_str(&body).map_err(ServiceError::storage)?;
            Ok(Operation { seq: entry.seq, kind: kind.as_str().to_owned(), subject, actor, at, body, leaf: entry.leaf })
        });
        shown.collect()
    }
}
