use super::{Secret, digest, new_id, new_token, put};
use crate::event::check_name;
use crate::port::{Expected, JournalKind, NewEntry};
use crate::{Caller, Right, Role, Service, ServiceError};
use gongdao_model::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub(super) const KEYS: &str = "keys";
/// What a key begins with, so that a leaked one is found by scanners.
const PREFIX: &str = "gongdao_";

/// A key of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its name in the ledger.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// What it may do.
    pub roles: BTreeSet<Role>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
    /// Until when it works; for ever where nothing stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Whether it was taken back.
    pub is_revoked: bool,
}

/// A key to be made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// Its name, for people.
    pub name: String,
    /// What it may do: machine, engineer or regulator.
    pub roles: BTreeSet<Role>,
    /// Until when it works.
    #[serde(default)]
    pub until: Option<Instant>,
}

/// A key as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptKey {
    #[serde(flatten)]
    pub(super) key: ApiKey,
    pub(super) digest: String,
}

impl Service {
    /// Make a key. The secret is shown this once.
    ///
    /// Errors: the caller may not; a role that takes a person.
    pub fn create_key(&self, caller: &Caller, new: NewKey) -> Result<(ApiKey, Secret), ServiceError> {
        caller.may(Right::ManageAccounts)?;
        check_name("name", &new.name)?;
        let may = [Role::Machine, Role::Engineer, Role::Regulator];
        if new.roles.is_empty() || new.roles.iter().any(|role| !may.contains(role)) {
            return Err(ServiceError::input(
                "a key cannot have these roles",
                "give it `machine`, `engineer` or `regulator`; what else there is takes a person",
            ));
        }
        let id = new_id("key", &*self.entropy)?;
        let secret = new_token(&*self.entropy)?;
        let key = ApiKey {
            id: id.clone(),
            name: new.name,
            roles: new.roles,
            created_by: caller.actor.clone(),
            created_at: self.clock.now(),
            until: new.until,
            is_revoked: false,
        };
        let kept = KeptKey { key: key.clone(), digest: digest(&secret) };
        let body = serde_json::to_string(&kept).map_err(ServiceError::storage)?;
        let entry = self.key_entry(caller, &key, "created");
        self.store.change(&self.node, &[put(KEYS, &id, Expected::Absent, body)], &[entry])?;
        Ok((key, Secret::new(format!("{PREFIX}{id}_{secret}"))))
    }

    /// Take a key back. It works no more, here at once and in other processes within seconds.
    pub fn revoke_key(&self, caller: &Caller, id: &str) -> Result<(), ServiceError> {
        caller.may(Right::ManageAccounts)?;
        let document = self.store.document(KEYS, id)?.ok_or_else(|| ServiceError::not_found("key"))?;
        let mut kept: KeptKey = serde_json::from_str(&document.body).map_err(ServiceError::storage)?;
        if kept.key.is_revoked {
            return Ok(());
        }
        kept.key.is_revoked = true;
        let body = serde_json::to_string(&kept).map_err(ServiceError::storage)?;
        let entry = self.key_entry(caller, &kept.key, "revoked");
        self.store.change(&self.node, &[put(KEYS, id, Expected::Version(document.version), body)], &[entry])?;
        self.forget_recognised();
        Ok(())
    }

    /// All keys in the order of their identifiers, after one.
    pub fn keys(&self, caller: &Caller, after: Option<&str>, limit: u32) -> Result<Vec<ApiKey>, ServiceError> {
        caller.may(Right::ManageAccounts)?;
        let found = self.store.list(KEYS, after, limit)?;
        let read = |body: &str| serde_json::from_str::<KeptKey>(body).map(|kept| kept.key);
        found.iter().map(|document| read(&document.body).map_err(ServiceError::storage)).collect()
    }

    /// Errors: there is no such key, it was taken back, or it is no machine's.
    pub(crate) fn check_machine_key(&self, id: &str) -> Result<(), ServiceError> {
        let document = self.store.document(KEYS, id)?;
        let kept = document.map(|document| serde_json::from_str::<KeptKey>(&document.body)).transpose();
        let kept = kept.map_err(ServiceError::storage)?;
        if kept.is_some_and(|kept| kept.key.roles.contains(&Role::Machine) && !kept.key.is_revoked) {
            return Ok(());
        }
        Err(ServiceError::input("`key` is no key of a machine", "make one at `/v1/keys` with the role `machine`"))
    }

    fn key_entry(&self, caller: &Caller, key: &ApiKey, what: &str) -> NewEntry {
        NewEntry {
            kind: JournalKind::Access,
            id: format!("{}-{what}", key.id),
            person: None,
            subject: Some(key.id.clone()),
            actor: caller.actor.clone(),
            at: self.clock.now(),
            body: serde_json::json!({ "what": what, "key": key.id, "roles": key.roles }).to_string(),
        }
    }
}

/// Identifier and secret of a key's text.
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix(PREFIX)?.rsplit_once('_')
}
