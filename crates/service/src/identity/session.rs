use super::account::{Kept, actor, folded};
use super::key::{KEYS, KeptKey, split};
use super::password::{fits, hashed};
use super::{Account, Secret, digest, new_token, put, take_away};
use crate::identity::account::ACCOUNTS;
use crate::port::Expected;
use crate::{Caller, ErrorKind, Role, Service, ServiceError};
use gongdao_model::Instant;
use std::collections::{BTreeSet, HashMap};
use std::sync::PoisonError;
use std::time::Duration;

pub(crate) const SESSIONS: &str = "sessions";
/// Attempts before an account is locked for a while.
const FREE_ATTEMPTS: u32 = 5;
const FIRST_LOCK_MILLIS: i64 = 30_000;
const LONGEST_LOCK_MILLIS: i64 = 15 * 60_000;
/// How long someone who was recognised is recognised again without asking the database. A change in another process
/// takes effect within this time.
const REMEMBERED: Duration = Duration::from_secs(2);
const MOST_REMEMBERED: usize = 10_000;

/// What a request shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential<'a> {
    /// The token of a session.
    Session(&'a str),
    /// The key of a machine.
    Key(&'a str),
}

/// A session that began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Its token, shown this once.
    pub token: Secret,
    /// Until when it lasts.
    pub until: Instant,
    /// Whose it is.
    pub account: Account,
    /// Whether the password was given by an administrator, and is to be changed.
    pub is_first: bool,
}

/// A password to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordChange {
    /// The one until now.
    pub old: Secret,
    /// The one from now on.
    pub new: Secret,
}

/// Who was recognised in the last seconds.
#[derive(Debug, Default)]
pub(crate) struct Recognised {
    /// Grows when everybody is forgotten: whoever was looked up before is not remembered after.
    forgotten: u64,
    /// By digest of what they showed, with when that was looked up.
    callers: HashMap<String, (Duration, Caller)>,
}

impl Service {
    /// Log in with a password. After five failures an account is locked for 30 seconds, then twice as long each time, up to 15
    /// minutes.
    ///
    /// Errors: `Unauthenticated`, the same whether there is such an account or not; `TooMany`.
    pub fn log_in(&self, name: &str, password: &Secret) -> Result<NewSession, ServiceError> {
        let Some(document) = self.store.by_alias(ACCOUNTS, &folded(name))? else {
            fits(password.reveal(), None)?;
            return Err(refused());
        };
        let mut kept = Kept::read(&document)?;
        let now = self.clock.now();
        if kept.locked_until.is_some_and(|until| now < until) {
            return Err(ServiceError::new(
                ErrorKind::TooMany,
                "too many failed attempts",
                "wait a while, then try again",
            ));
        }
        let is_right = fits(password.reveal(), kept.password.as_deref())?;
        let is_over = kept.first_until.is_some_and(|until| until <= now);
        if is_right && !kept.account.is_disabled && !is_over {
            if kept.failures > 0 {
                (kept.failures, kept.locked_until) = (0, None);
                // Another attempt at the same time may have counted; the account's next good one clears it.
                let _ = self.store.change(&self.node, &[kept.put(Expected::Version(document.version))?], &[]);
            }
            let is_first = kept.first_until.is_some();
            return Ok(NewSession { is_first, ..self.begin_session(kept.account)? });
        }
        kept.failures = kept.failures.saturating_add(1);
        kept.locked_until = lock(kept.failures, now)?;
        match self.store.change(&self.node, &[kept.put(Expected::Version(document.version))?], &[]) {
            // An attempt that came at the same time counts for both.
            Ok(_) => Err(refused()),
            Err(error) if error.kind == ErrorKind::Changed => Err(refused()),
            Err(error) => Err(error),
        }
    }

    /// Who shows this.
    ///
    /// Errors: `Unauthenticated`.
    pub fn recognise(&self, credential: Credential<'_>) -> Result<Caller, ServiceError> {
        if let Some(caller) = self.remembered(credential) {
            return Ok(caller);
        }
        let (Credential::Session(text) | Credential::Key(text)) = credential;
        let (shown, now) = (digest(text), self.clock.ticks());
        let forgotten = self.recognised.lock().unwrap_or_else(PoisonError::into_inner).forgotten;
        let caller = match credential {
            Credential::Session(_) => self.of_session(&shown)?,
            Credential::Key(text) => self.of_key(text)?,
        };
        let mut recognised = self.recognised.lock().unwrap_or_else(PoisonError::into_inner);
        if recognised.callers.len() >= MOST_REMEMBERED {
            recognised.callers.clear();
        }
        // What was taken back while it was looked up is not remembered.
        if recognised.forgotten == forgotten {
            recognised.callers.insert(shown, (now, caller.clone()));
        }
        Ok(caller)
    }

    /// Who shows this, if they were recognised in the last two seconds and nothing was taken back in this process since. Asks
    /// no database.
    pub fn remembered(&self, credential: Credential<'_>) -> Option<Caller> {
        let (Credential::Session(text) | Credential::Key(text)) = credential;
        let now = self.clock.ticks();
        let recognised = self.recognised.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, caller) = recognised.callers.get(&digest(text))?;
        (now.saturating_sub(*at) < REMEMBERED).then(|| caller.clone())
    }

    /// End a session.
    pub fn log_out(&self, token: &str) -> Result<(), ServiceError> {
        self.store.change(&self.node, &[take_away(SESSIONS, &digest(token))], &[])?;
        self.forget_recognised();
        Ok(())
    }

    /// Change one's own password. Other sessions of the account go on.
    ///
    /// Errors: no account; the old one is wrong; the new one is too short.
    pub fn change_password(&self, caller: &Caller, change: &PasswordChange) -> Result<(), ServiceError> {
        let id = caller.actor.strip_prefix("account:").ok_or_else(refused)?;
        let (version, mut kept) = self.kept_account(id)?;
        if !fits(change.old.reveal(), kept.password.as_deref())? {
            return Err(refused());
        }
        kept.password = Some(hashed(change.new.reveal(), &*self.entropy)?);
        kept.first_until = None;
        self.store.change(&self.node, &[kept.put(Expected::Version(version))?], &[])?;
        // Whoever had a first password has roles again.
        self.forget_recognised();
        Ok(())
    }

    pub(crate) fn forget_recognised(&self) {
        let mut recognised = self.recognised.lock().unwrap_or_else(PoisonError::into_inner);
        recognised.forgotten += 1;
        recognised.callers.clear();
    }

    pub(super) fn begin_session(&self, account: Account) -> Result<NewSession, ServiceError> {
        let token = new_token(&*self.entropy)?;
        let lasts = i64::try_from(self.settings.session.as_millis()).unwrap_or(i64::MAX);
        let until = Instant::from_millis(self.clock.now().millis().saturating_add(lasts))?;
        let body = serde_json::to_string(&account.id).map_err(ServiceError::storage)?;
        let mut session = put(SESSIONS, &digest(&token), Expected::Absent, body);
        session.expires = Some(until);
        self.store.change(&self.node, &[session], &[])?;
        Ok(NewSession { token: Secret::new(token), until, account, is_first: false })
    }

    fn of_session(&self, shown: &str) -> Result<Caller, ServiceError> {
        let session = self.store.document(SESSIONS, shown)?.ok_or_else(refused)?;
        if session.expires.is_some_and(|until| until <= self.clock.now()) {
            return Err(refused());
        }
        let id: String = serde_json::from_str(&session.body).map_err(ServiceError::storage)?;
        let kept = self.kept_account(&id).map_err(unknown)?.1;
        let account = kept.account;
        if account.is_disabled {
            return Err(refused());
        }
        // Whoever gave the password may know it still: until it is changed nobody acts as this account.
        if kept.first_until.is_some() {
            let nobody = self.caller(actor(&account), account.name, BTreeSet::new(), BTreeSet::new());
            return Ok(Caller { must_change_password: true, ..nobody });
        }
        let acts = account.roles.contains(&Role::Person) || account.roles.contains(&Role::Representative);
        let persons = if acts { account.persons.clone() } else { BTreeSet::new() };
        Ok(self.caller(actor(&account), account.name, account.roles, persons))
    }

    fn of_key(&self, text: &str) -> Result<Caller, ServiceError> {
        let (id, secret) = split(text).ok_or_else(refused)?;
        let document = self.store.document(KEYS, id)?.ok_or_else(refused)?;
        let kept: KeptKey = serde_json::from_str(&document.body).map_err(ServiceError::storage)?;
        let is_over = kept.key.is_revoked || kept.key.until.is_some_and(|until| until <= self.clock.now());
        // Digests of random secrets: how far two of them are alike tells nothing.
        if is_over || kept.digest != digest(secret) {
            return Err(refused());
        }
        Ok(self.caller(format!("key:{id}"), kept.key.name, kept.key.roles, BTreeSet::new()))
    }

    fn caller(&self, actor: String, name: String, roles: BTreeSet<Role>, persons: BTreeSet<String>) -> Caller {
        let rights = self.access.rights(&roles);
        Caller { actor, name, roles, persons, rights, must_change_password: false }
    }
}

pub(super) fn lock(failures: u32, now: Instant) -> Result<Option<Instant>, ServiceError> {
    let Some(over) = failures.checked_sub(FREE_ATTEMPTS) else { return Ok(None) };
    let millis = FIRST_LOCK_MILLIS.saturating_mul(1_i64 << over.min(10)).min(LONGEST_LOCK_MILLIS);
    Ok(Some(Instant::from_millis(now.millis() + millis)?))
}

/// An account that is gone is nobody.
fn unknown(error: ServiceError) -> ServiceError {
    if error.kind == ErrorKind::NotFound { refused() } else { error }
}

pub(super) fn refused() -> ServiceError {
    ServiceError::new(ErrorKind::Unauthenticated, "you are not recognised", "log in again, or check the key")
}
