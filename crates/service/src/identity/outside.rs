//! Accounts and identities of an outside provider (OpenID Connect): linked by somebody who says so, never by a name or address
//! that two have in common.

use super::account::{Account, Kept, check_account, folded};
use super::session::refused;
use super::{NewAccount, NewSession, digest, new_id, put};
use crate::event::check_name;
use crate::identity::account::ACCOUNTS;
use crate::port::{Expected, Put};
use crate::{Caller, ErrorKind, Right, Role, Service, ServiceError};
use std::collections::BTreeSet;

const OUTSIDE: &str = "accounts-outside";

/// Somebody as an outside provider knows them. Whoever builds it has checked the provider's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideIdentity {
    /// The provider.
    pub issuer: String,
    /// The person there: the only name that is never given to another.
    pub subject: String,
    /// A name to show, for an account that is made.
    pub name: Option<String>,
    /// Roles that the operator's settings give for what the provider says; nothing where they give none at all.
    pub roles: Option<BTreeSet<Role>>,
}

impl Service {
    /// Let an account log in from outside.
    ///
    /// Errors: the caller may not; someone else has this issuer and subject.
    pub fn link_account(&self, caller: &Caller, id: &str, issuer: &str, subject: &str) -> Result<(), ServiceError> {
        caller.may(Right::ManageAccounts)?;
        self.link(&caller.actor, id, issuer, subject)
    }

    /// Let one's own account log in from outside. `actor`: who was recognised when they asked for it.
    ///
    /// Errors: no account, or a disabled one; someone else has this issuer and subject.
    pub fn link_own(&self, actor: &str, identity: &OutsideIdentity) -> Result<(), ServiceError> {
        let id = actor.strip_prefix("account:").ok_or_else(refused)?;
        if self.kept_account(id)?.1.account.is_disabled {
            return Err(refused());
        }
        self.link(actor, id, &identity.issuer, &identity.subject)
    }

    /// No longer let an account log in from outside. Sessions that it has go on until they end.
    ///
    /// Errors: the caller may not; this identity is not the account's.
    pub fn unlink_account(&self, caller: &Caller, id: &str, issuer: &str, subject: &str) -> Result<(), ServiceError> {
        caller.may(Right::ManageAccounts)?;
        let account = self.kept_account(id)?.1.account;
        let name = outside(issuer, subject);
        let link = self.store.document(OUTSIDE, &name)?.ok_or_else(|| ServiceError::not_found("link"))?;
        if serde_json::from_str::<String>(&link.body).map_err(ServiceError::storage)? != account.id {
            return Err(ServiceError::not_found("link"));
        }
        let gone = Put { body: None, ..put(OUTSIDE, &name, Expected::Version(link.version), String::new()) };
        let entry = self.access_entry(&caller.actor, &account, &new_id("unlinked", &*self.entropy)?);
        self.store.change(&self.node, &[gone], &[entry])?;
        Ok(())
    }

    /// Log in someone whom an outside provider recognised. Where the operator's settings give roles for what the provider
    /// says, someone who has no account yet gets one, and its roles follow the provider's word at each login.
    ///
    /// Errors: `Unauthenticated` where no account belongs to them; `Forbidden` where the provider's word no longer gives a role:
    /// the account is then disabled until an administrator enables it.
    pub fn log_in_from_outside(&self, identity: &OutsideIdentity) -> Result<NewSession, ServiceError> {
        if let Some(session) = self.log_in_linked(identity)? {
            return Ok(session);
        }
        let roles = identity.roles.as_ref().filter(|roles| !roles.is_empty());
        let Some(roles) = roles else { return Err(not_linked(identity)) };
        match self.make_account(identity, roles) {
            Ok(account) => self.begin_session(account),
            // Somebody was faster: two windows of one person.
            Err(error) if error.kind == ErrorKind::Changed => self.log_in_linked(identity)?.ok_or(error),
            Err(error) => Err(error),
        }
    }

    fn log_in_linked(&self, identity: &OutsideIdentity) -> Result<Option<NewSession>, ServiceError> {
        let Some(link) = self.store.document(OUTSIDE, &outside(&identity.issuer, &identity.subject))? else {
            return Ok(None);
        };
        let id: String = serde_json::from_str(&link.body).map_err(ServiceError::storage)?;
        let (version, mut kept) = self.kept_account(&id)?;
        if kept.account.is_disabled {
            return Err(refused());
        }
        let follows = kept.roles_by.as_deref() == Some(identity.issuer.as_str());
        if let Some(roles) = identity.roles.as_ref().filter(|roles| follows && **roles != kept.account.roles) {
            if roles.is_empty() {
                kept.account.is_disabled = true;
                self.follow(version, &kept)?;
                return Err(crate::access::forbidden("the provider's word gives you no role here any more"));
            }
            kept.account.roles.clone_from(roles);
            self.follow(version, &kept)?;
        }
        self.begin_session(kept.account).map(Some)
    }

    /// Keep what an account became by the provider's word.
    fn follow(&self, version: u64, kept: &Kept) -> Result<(), ServiceError> {
        let entry = self.access_entry("openid-connect", &kept.account, &new_id("followed", &*self.entropy)?);
        self.store.change(&self.node, &[kept.put(Expected::Version(version))?], &[entry])?;
        self.forget_recognised();
        Ok(())
    }

    fn make_account(&self, identity: &OutsideIdentity, roles: &BTreeSet<Role>) -> Result<Account, ServiceError> {
        check_name("issuer", &identity.issuer)?;
        check_name("subject", &identity.subject)?;
        let link = outside(&identity.issuer, &identity.subject);
        let name = self.free_name(identity.name.as_deref().unwrap_or_default(), &link)?;
        let new = NewAccount { name, roles: roles.clone(), persons: BTreeSet::new() };
        let mut kept = self.new_account(new, None)?;
        kept.roles_by = Some(identity.issuer.clone());
        let body = serde_json::to_string(&kept.account.id).map_err(ServiceError::storage)?;
        let puts = [put(OUTSIDE, &link, Expected::Absent, body), kept.put(Expected::Absent)?];
        let entry = self.access_entry("openid-connect", &kept.account, "created");
        self.store.change(&self.node, &puts, &[entry])?;
        Ok(kept.account)
    }

    /// The provider's name for someone, with a part of the link where somebody here has it or it is no name: a name in common
    /// makes nobody somebody else.
    fn free_name(&self, wanted: &str, link: &str) -> Result<String, ServiceError> {
        let part = link.get(..12).unwrap_or(link);
        let is_name = check_account(wanted, &[Role::Officer].into(), &BTreeSet::new()).is_ok() && wanted.len() <= 200;
        if !is_name || wanted.trim().is_empty() {
            return Ok(format!("outside-{part}"));
        }
        let is_taken = self.store.by_alias(ACCOUNTS, &folded(wanted))?.is_some();
        Ok(if is_taken { format!("{wanted} ({part})") } else { wanted.to_owned() })
    }

    fn link(&self, by: &str, id: &str, issuer: &str, subject: &str) -> Result<(), ServiceError> {
        check_name("issuer", issuer)?;
        check_name("subject", subject)?;
        let account = self.kept_account(id)?.1.account;
        let body = serde_json::to_string(&account.id).map_err(ServiceError::storage)?;
        let link = put(OUTSIDE, &outside(issuer, subject), Expected::Absent, body);
        let entry = self.access_entry(by, &account, &new_id("linked", &*self.entropy)?);
        let result = self.store.change(&self.node, &[link], &[entry]);
        result.map(|_| ()).map_err(|error| match error.kind {
            ErrorKind::Changed => ServiceError::new(
                ErrorKind::Taken,
                "this identity belongs to an account already",
                "unlink it there first (`/v1/accounts/{account}/links:remove`)",
            ),
            _ => error,
        })
    }
}

fn outside(issuer: &str, subject: &str) -> String {
    digest(&format!("{issuer}\n{subject}"))
}

/// The words hold the caller's own identifier: whoever administers accounts needs it to link them.
fn not_linked(identity: &OutsideIdentity) -> ServiceError {
    ServiceError::new(
        ErrorKind::Unauthenticated,
        format!("no account here is linked to `{}` of `{}`", identity.subject, identity.issuer),
        "log in with your password and link it at `/v1/oidc/link`, or give these two to whoever administers accounts",
    )
}
