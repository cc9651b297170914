use super::access::OnRegister;
use crate::identity::new_id;
use crate::port::{Expected, JournalKind, NewEntry, Put};
use crate::settings::Versioned;
use crate::{Caller, Service, ServiceError};
use serde::{Deserialize, Serialize};

const SETTINGS: &str = "register-settings";
/// Days that nobody has to wait longer than.
const MOST_DAYS: u32 = 365;

/// What the provider sets for its register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RegisterSettings {
    /// Days between publication and first day in force at least, for versions that touch workers. That it is seven by the
    /// national guides of 2023 was not read in their text, so it is the provider's own.
    pub notice_days: u32,
}

impl Default for RegisterSettings {
    fn default() -> Self {
        Self { notice_days: 7 }
    }
}

impl RegisterSettings {
    /// Errors: no days, or too many.
    pub fn check(&self) -> Result<(), ServiceError> {
        if (1..=MOST_DAYS).contains(&self.notice_days) {
            return Ok(());
        }
        Err(ServiceError::input(
            format!("`notice_days` is {}", self.notice_days),
            format!("give 1 to {MOST_DAYS} days"),
        ))
    }
}

impl Service {
    /// The settings, with their version. Everyone may know them.
    pub fn register_settings(&self) -> Result<Versioned<RegisterSettings>, ServiceError> {
        match self.store.document(SETTINGS, SETTINGS)? {
            None => Ok(Versioned { version: 0, value: RegisterSettings::default() }),
            Some(document) => {
                let value = serde_json::from_str(&document.body).map_err(ServiceError::storage)?;
                Ok(Versioned { version: document.version, value })
            }
        }
    }

    /// Set them otherwise; what is published counts by what was set then.
    ///
    /// Errors: the caller may not; `Changed`; too many days.
    pub fn change_register_settings(
        &self,
        caller: &Caller,
        version: u64,
        settings: RegisterSettings,
    ) -> Result<Versioned<RegisterSettings>, ServiceError> {
        self.register.access.may(caller, OnRegister::Set)?;
        settings.check()?;
        let body = serde_json::to_string(&settings).map_err(ServiceError::storage)?;
        let put = Put {
            collection: SETTINGS,
            id: SETTINGS.to_owned(),
            expected: if version == 0 { Expected::Absent } else { Expected::Version(version) },
            body: Some(body.clone()),
            alias: None,
            expires: None,
        };
        let entry = NewEntry {
            kind: JournalKind::Settings,
            id: new_id("settings", &*self.entropy)?,
            person: None,
            subject: Some(SETTINGS.to_owned()),
            actor: caller.actor.clone(),
            at: self.clock.now(),
            body,
        };
        self.keep_register(&[put], &[entry])?;
        Ok(Versioned { version: version + 1, value: settings })
    }
}
