use super::Secret;
use super::account::Kept;
use super::password::fits;
use super::session::lock;
use crate::port::Expected;
use crate::{Caller, ErrorKind, Service, ServiceError};

impl Service {
    /// The caller shows their password once more, for something that a session alone is not enough for. Failures count like
    /// those of logging in.
    ///
    /// Errors: no account with a password; the password is wrong; too many attempts.
    pub(crate) fn confirm_password(&self, caller: &Caller, password: &Secret) -> Result<(), ServiceError> {
        let refused = || {
            let hint = "give the password of your account; without one, ask the desk to check who you are";
            ServiceError::new(ErrorKind::Forbidden, "the password is not right", hint)
        };
        let id = caller.actor.strip_prefix("account:").ok_or_else(refused)?;
        let (version, mut kept): (u64, Kept) = self.kept_account(id)?;
        let now = self.clock.now();
        if kept.locked_until.is_some_and(|until| now < until) {
            let hint = "wait a while, then try again";
            return Err(ServiceError::new(ErrorKind::TooMany, "too many failed attempts", hint));
        }
        if fits(password.reveal(), kept.password.as_deref())? {
            if kept.failures > 0 {
                (kept.failures, kept.locked_until) = (0, None);
                let _ = self.store.change(&self.node, &[kept.put(Expected::Version(version))?], &[]);
            }
            return Ok(());
        }
        kept.failures = kept.failures.saturating_add(1);
        kept.locked_until = lock(kept.failures, now)?;
        match self.store.change(&self.node, &[kept.put(Expected::Version(version))?], &[]) {
            Err(error) if error.kind != ErrorKind::Changed => Err(error),
            _ => Err(refused()),
        }
    }
}
