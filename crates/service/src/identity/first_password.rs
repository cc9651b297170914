use super::account::actor;
use super::password::hashed;
use super::{Secret, new_token};
use crate::port::Expected;
use crate::{Caller, Right, Service, ServiceError};
use gongdao_model::Instant;

/// How long a password works that an administrator gave.
const LASTS_MILLIS: i64 = 72 * 3_600_000;
/// Hexadecimal digits of it, in groups: 80 bits.
const DIGITS: usize = 20;
const GROUP: usize = 5;

/// A password that is handed over once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstPassword {
    /// It, shown this once.
    pub password: Secret,
    /// Until when it works; a change of the password ends that.
    pub until: Instant,
}

impl Service {
    /// Give an account a new password, which works for 72 hours and is to be changed: a first one, or one for somebody who lost
    /// theirs. The one until now works no more, and sessions of the account do nothing until it is changed; failed attempts are
    /// forgotten.
    ///
    /// Errors: the caller may not, or it would be their own account; there is no such account.
    pub fn give_first_password(&self, caller: &Caller, id: &str) -> Result<FirstPassword, ServiceError> {
        caller.may(Right::ManageAccounts)?;
        let (version, mut kept) = self.kept_account(id)?;
        if caller.actor == actor(&kept.account) {
            return Err(crate::access::forbidden("you change your own password with the one until now"));
        }
        let digits: String = new_token(&*self.entropy)?.chars().take(DIGITS).collect();
        let groups: Vec<&str> = (0..DIGITS).step_by(GROUP).filter_map(|from| digits.get(from..from + GROUP)).collect();
        let password = groups.join("-");
        let until = Instant::from_millis(self.clock.now().millis() + LASTS_MILLIS)?;
        kept.password = Some(hashed(&password, &*self.entropy)?);
        (kept.first_until, kept.failures, kept.locked_until) = (Some(until), 0, None);
        let entry = self.access_entry(&caller.actor, &kept.account, &format!("password-{}", version + 1));
        self.store.change(&self.node, &[kept.put(Expected::Version(version))?], &[entry])?;
        self.forget_recognised();
        Ok(FirstPassword { password: Secret::new(password), until })
    }
}
