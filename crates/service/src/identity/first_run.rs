use super::{NewAccount, Secret, digest, new_token, put, take_away};
use crate::identity::account::{ACCOUNTS, Account};
use crate::port::Expected;
use crate::{ErrorKind, Role, Service, ServiceError};
use gongdao_model::Instant;

const COLLECTION: &str = "first-run";
const LINK: &str = "administrator";
/// How long the link works.
const LASTS_MILLIS: i64 = 24 * 3_600_000;

/// What the first start shows: with this token the first administrator makes an account, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstRun {
    /// The token.
    pub token: Secret,
    /// Until when it works; a new start gives another.
    pub until: Instant,
}

impl Service {
    /// A new link, where nobody has an account yet. An older one no longer works.
    pub fn first_run(&self) -> Result<Option<FirstRun>, ServiceError> {
        if !self.store.list(ACCOUNTS, None, 1)?.is_empty() {
            return Ok(None);
        }
        let token = new_token(&*self.entropy)?;
        let until = Instant::from_millis(self.clock.now().millis() + LASTS_MILLIS)?;
        let mut link = put(COLLECTION, LINK, Expected::Any, digest(&token));
        link.expires = Some(until);
        self.store.change(&self.node, &[link], &[])?;
        Ok(Some(FirstRun { token: Secret::new(token), until }))
    }

    /// Make the first administrator. Of two who try with one link exactly one does.
    ///
    /// Errors: another token, or one that was used or is too old; a name or password that is refused.
    pub fn claim_first_run(&self, token: &Secret, name: &str, password: &Secret) -> Result<Account, ServiceError> {
        let refused = || {
            ServiceError::new(
                ErrorKind::Unauthenticated,
                "the link does not work, or was used",
                "start the service again: where nobody has an account it shows a new one",
            )
        };
        let link = self.store.document(COLLECTION, LINK)?.ok_or_else(refused)?;
        let is_old = link.expires.is_some_and(|until| until <= self.clock.now());
        if is_old || link.body != digest(token.reveal()) {
            return Err(refused());
        }
        let new = NewAccount { name: name.to_owned(), roles: [Role::Administrator].into(), persons: [].into() };
        let kept = self.new_account(new, Some(password))?;
        let entry = self.access_entry("first-run", &kept.account, "created");
        let mut used = take_away(COLLECTION, LINK);
        used.expected = Expected::Version(link.version);
        let puts = [used, kept.put(Expected::Absent)?];
        match self.store.change(&self.node, &puts, &[entry]) {
            Ok(_) => Ok(kept.account),
            Err(error) if error.kind == ErrorKind::Changed => Err(refused()),
            Err(error) => Err(error),
        }
    }
}
