use super::password::hashed;
use super::{Secret, new_id, put};
use crate::event::check_name;
use crate::port::{Document, Expected, JournalKind, NewEntry, Put, Store};
use crate::settings::Versioned;
use crate::{Caller, Right, Role, Service, ServiceError};
use gongdao_model::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub(super) const ACCOUNTS: &str = "accounts";

/// Someone who can log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its name in the ledger.
    pub id: String,
    /// The name that people log in with.
    pub name: String,
    /// What they are.
    pub roles: BTreeSet<Role>,
    /// Pseudonyms of decisions that they are, or act for.
    pub persons: BTreeSet<String>,
    /// Whether they can log in at the moment.
    pub is_disabled: bool,
    /// When it was made.
    pub created_at: Instant,
}

/// An account to be made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// The name to log in with, one of a kind.
    pub name: String,
    /// What they are.
    pub roles: BTreeSet<Role>,
    /// Pseudonyms that they are, or act for.
    #[serde(default)]
    pub persons: BTreeSet<String>,
}

/// What is to be changed; what stands nowhere stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountChange {
    /// What they are.
    pub roles: Option<BTreeSet<Role>>,
    /// Pseudonyms that they are, or act for.
    pub persons: Option<BTreeSet<String>>,
    /// Whether they can log in.
    pub is_disabled: Option<bool>,
}

/// An account as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    #[serde(flatten)]
    pub(super) account: Account,
    /// Argon2id digest; nothing for whoever logs in from outside alone.
    pub(super) password: Option<String>,
    /// Failed attempts since the last good one.
    #[serde(default)]
    pub(super) failures: u32,
    /// No attempt counts before this.
    #[serde(default)]
    pub(super) locked_until: Option<Instant>,
    /// Until when the password works that an administrator gave; nothing where whoever has the account chose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) first_until: Option<Instant>,
    /// The outside provider whose word its roles follow; nothing where administrators give them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) roles_by: Option<String>,
}

impl Kept {
    pub(super) fn read(document: &Document) -> Result<Self, ServiceError> {
        serde_json::from_str(&document.body).map_err(ServiceError::storage)
    }

    pub(super) fn put(&self, expected: Expected) -> Result<Put, ServiceError> {
        let body = serde_json::to_string(self).map_err(ServiceError::storage)?;
        Ok(Put { alias: Some(folded(&self.account.name)), ..put(ACCOUNTS, &self.account.id, expected, body) })
    }
}

/// Names that differ in case alone are one.
pub(super) fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Take a pseudonym out of every account.
pub(crate) fn forget_in_accounts(store: &dyn Store, node: &str, person: &str) -> Result<(), ServiceError> {
    const AT_ONCE: u32 = 500;
    let mut after: Option<String> = None;
    loop {
        let page = store.list(ACCOUNTS, after.as_deref(), AT_ONCE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id.clone());
        for document in &page {
            let mut kept = Kept::read(document)?;
            if kept.account.persons.remove(person) {
                store.change(node, &[kept.put(Expected::Version(document.version))?], &[])?;
            }
        }
    }
}

impl Service {
    /// Make an account. Without a password whoever it is logs in from outside.
    ///
    /// Errors: the caller may not; the name is taken; a password that is too short.
    pub fn create_account(
        &self,
        caller: &Caller,
        new: NewAccount,
        password: Option<&Secret>,
    ) -> Result<Account, ServiceError> {
        caller.may(Right::ManageAccounts)?;
        let kept = self.new_account(new, password)?;
        let entry = self.access_entry(&caller.actor, &kept.account, "created");
        self.store.change(&self.node, &[kept.put(Expected::Absent)?], &[entry])?;
        Ok(kept.account)
    }

    /// Change what an account may do. Its sessions follow at once.
    ///
    /// Errors: the caller may not, or would change their own account; `Changed`.
    pub fn change_account(
        &self,
        caller: &Caller,
        id: &str,
        version: u64,
        change: AccountChange,
    ) -> Result<Versioned<Account>, ServiceError> {
        caller.may(Right::ManageAccounts)?;
        let mut kept = self.kept_account(id)?.1;
        if caller.actor == actor(&kept.account) {
            return Err(crate::access::forbidden("you may not change your own account"));
        }
        let AccountChange { roles, persons, is_disabled } = change;
        let account = &mut kept.account;
        account.roles = roles.unwrap_or_else(|| account.roles.clone());
        account.persons = persons.unwrap_or_else(|| account.persons.clone());
        account.is_disabled = is_disabled.unwrap_or(account.is_disabled);
        check_account(&account.name, &account.roles, &account.persons)?;
        let entry = self.access_entry(&caller.actor, &kept.account, &format!("changed-{}", version + 1));
        let change = self.store.change(&self.node, &[kept.put(Expected::Version(version))?], &[entry])?;
        self.forget_recognised();
        Ok(Versioned { version: change.versions.first().copied().unwrap_or_default(), value: kept.account })
    }

    /// An account with its version.
    pub fn account(&self, caller: &Caller, id: &str) -> Result<Versioned<Account>, ServiceError> {
        caller.may(Right::ManageAccounts)?;
        let (version, kept) = self.kept_account(id)?;
        Ok(Versioned { version, value: kept.account })
    }

    /// All accounts in the order of their identifiers, after one.
    pub fn accounts(&self, caller: &Caller, after: Option<&str>, limit: u32) -> Result<Vec<Account>, ServiceError> {
        caller.may(Right::ManageAccounts)?;
        self.store.list(ACCOUNTS, after, limit)?.iter().map(|found| Ok(Kept::read(found)?.account)).collect()
    }

    /// Accounts in the order of their names, after one.
    pub(crate) fn stored_accounts(&self, after: Option<&str>, limit: u32) -> Result<Vec<Account>, ServiceError> {
        let page = self.store.list(ACCOUNTS, after, limit)?;
        page.iter().map(|document| Ok(Kept::read(document)?.account)).collect()
    }

    pub(super) fn new_account(&self, new: NewAccount, password: Option<&Secret>) -> Result<Kept, ServiceError> {
        let NewAccount { name, roles, persons } = new;
        let name = name.trim().to_owned();
        check_account(&name, &roles, &persons)?;
        let password = password.map(|password| hashed(password.reveal(), &*self.entropy)).transpose()?;
        let account = Account {
            id: new_id("account", &*self.entropy)?,
            name,
            roles,
            persons,
            is_disabled: false,
            created_at: self.clock.now(),
        };
        Ok(Kept { account, password, failures: 0, locked_until: None, first_until: None, roles_by: None })
    }

    pub(super) fn kept_account(&self, id: &str) -> Result<(u64, Kept), ServiceError> {
        let document = self.store.document(ACCOUNTS, id)?.ok_or_else(|| ServiceError::not_found("account"))?;
        Ok((document.version, Kept::read(&document)?))
    }

    /// What changes of accounts and keys leave in the ledger; no secret is in it.
    pub(super) fn access_entry(&self, by: &str, account: &Account, what: &str) -> NewEntry {
        let body = serde_json::json!({
            "what": what.split('-').next(), "account": account.id, "roles": account.roles, "isDisabled": account.is_disabled,
        });
        NewEntry {
            kind: JournalKind::Access,
            id: format!("{}-{what}", account.id),
            person: None,
            subject: Some(account.id.clone()),
            actor: by.to_owned(),
            at: self.clock.now(),
            body: body.to_string(),
        }
    }
}

pub(super) fn actor(account: &Account) -> String {
    format!("account:{}", account.id)
}

pub(super) fn check_account(
    name: &str,
    roles: &BTreeSet<Role>,
    persons: &BTreeSet<String>,
) -> Result<(), ServiceError> {
    check_name("name", name)?;
    persons.iter().try_for_each(|person| check_name("person", person))?;
    if roles.contains(&Role::Machine) {
        return Err(ServiceError::input("an account cannot be a machine", "make a key for it"));
    }
    if roles.is_empty() {
        return Err(ServiceError::input("an account without a role", "give it one"));
    }
    Ok(())
}

/// Whether an actor is an account that there is.
pub(crate) fn is_account(store: &dyn Store, actor: &str) -> Result<bool, ServiceError> {
    let id = actor.strip_prefix("account:").filter(|id| !id.chars().any(char::is_control));
    let Some(id) = id else { return Ok(false) };
    Ok(store.document(ACCOUNTS, id)?.is_some())
}
