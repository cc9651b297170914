use super::access::OnRegister;
use super::algorithms::VersionLine;
use super::lines::{CONSULTATIONS, RegisterBody, Stored, VERSIONS, entry, is_for_people, put, stored};
use crate::follow::Acknowledged;
use crate::port::{Expected, NewEntry};
use crate::{Caller, ErrorKind, Service, ServiceError};
use gongdao_model::Instant;
use gongdao_register::{
    Consultation, Difference, Missing, NewVersion, Standing, Version, VersionEvent, VersionWhat, difference,
};
use serde::{Deserialize, Serialize};

/// What someone does with a version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct VersionTurn {
    /// What.
    #[serde(flatten)]
    pub what: VersionWhat,
}

/// A version, and what follows from it now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VersionView {
    /// The version.
    #[serde(flatten)]
    pub version: Version,
    /// How it stands.
    pub standing: Standing,
    /// Days until its first day in force, where it is published and that has not come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_left: Option<u32>,
    /// What has to be met before it takes effect.
    pub missing: Vec<Missing>,
    /// Where the last event stands, where this is the answer to a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Acknowledged>,
}

impl Service {
    /// Declare a version. Returns when it is in the ledger.
    ///
    /// Errors: the caller may not; there is no such algorithm; the name is taken.
    pub fn declare_version(
        &self,
        caller: &Caller,
        algorithm: &str,
        new: NewVersion,
    ) -> Result<VersionView, ServiceError> {
        self.register.access.may(caller, OnRegister::Declare)?;
        self.check_declared_rule(new.rule.as_deref())?;
        let algorithm = self.stored_algorithm(algorithm)?.value;
        let (version, event) = Version::declare(&algorithm, new, self.clock.now())?;
        if let Some(based_on) = &version.based_on {
            let older = self.stored_version(based_on).ok().filter(|older| older.value.algorithm == algorithm.id);
            older.ok_or_else(|| {
                ServiceError::input("`based_on` is no version of the algorithm", "name one of its versions")
            })?;
        }
        if self.store.document(VERSIONS, &version.id)?.is_some() {
            let hint = "give every version a name of its own";
            return Err(ServiceError::new(ErrorKind::Taken, "another version has this name", hint));
        }
        let put = put(VERSIONS, &version.id, Expected::Absent, &version)?;
        let mut entries = vec![version_entry(&version, caller, event)?];
        if algorithm.filing.is_filed() {
            entries.extend(self.filed_fact(&version.id, &algorithm)?);
        }
        let receipt = self.keep_register(&[put], &entries)?;
        self.version_view(version, Some(receipt))
    }

    /// Do something with a version: amend, publish, say that it takes effect, withdraw. Returns when it is in the ledger and
    /// every gate knows it.
    ///
    /// Errors: the caller may not; it cannot follow, or duties are not met, each named with its articles (`NotNow`).
    pub fn act_on_version(&self, caller: &Caller, id: &str, turn: VersionTurn) -> Result<VersionView, ServiceError> {
        let what = turn.what;
        let action = match &what {
            VersionWhat::Amended { .. } => OnRegister::Declare,
            VersionWhat::Withdrawn { .. } => OnRegister::Withdraw,
            _ => OnRegister::Publish,
        };
        self.register.access.may(caller, action)?;
        if !is_for_people(&what) {
            let hint = "declare under the algorithm, and call at `/v1/versions/{version}/consultations`";
            return Err(ServiceError::input(format!("`{}` is not done here", what.as_str()), hint));
        }
        if let VersionWhat::Amended { rule, .. } = &what {
            self.check_declared_rule(rule.as_deref())?;
        }
        let before = self.stored_version(id)?;
        let (version, entry) = self.next_version(caller, &before.value, what)?;
        let put = before.put(VERSIONS, &version.id, &version)?;
        let mut entries = vec![entry];
        entries.extend(self.version_facts(&before.value, &version)?);
        let receipt = self.keep_register(&[put], &entries)?;
        self.version_view(version, Some(receipt))
    }

    pub(super) fn next_version(
        &self,
        caller: &Caller,
        before: &Version,
        what: VersionWhat,
    ) -> Result<(Version, NewEntry), ServiceError> {
        let notice_days = self.register_settings()?.value.notice_days;
        let event = VersionEvent { at: self.clock.now().max(before.changed_at), what };
        let consultation = self.consultation_over(before)?;
        let version = before.after(&event, consultation.as_ref(), notice_days, &self.register.duties)?;
        let entry = version_entry(&version, caller, event)?;
        Ok((version, entry))
    }

    /// One version, for everyone.
    ///
    /// Errors: there is none.
    pub fn version(&self, id: &str) -> Result<VersionView, ServiceError> {
        self.version_view(self.stored_version(id)?.value, None)
    }

    /// Versions of an algorithm, oldest first, after one; for everyone.
    ///
    /// Errors: there is no such algorithm.
    pub fn versions(&self, algorithm: &str, after: Option<&str>, limit: u32) -> Result<Vec<VersionLine>, ServiceError> {
        self.stored_algorithm(algorithm)?;
        let now = self.clock.now();
        let versions = self.versions_of_algorithm(algorithm)?;
        let from =
            after.and_then(|after| versions.iter().position(|version| version.id == after)).map_or(0, |at| at + 1);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(versions.iter().skip(from).take(limit).map(|version| VersionLine::of(version, now)).collect())
    }

    /// What is different from one version to another, for everyone.
    ///
    /// Errors: there is no such version.
    pub fn version_difference(&self, old: &str, new: &str) -> Result<Difference, ServiceError> {
        Ok(difference(&self.stored_version(old)?.value, &self.stored_version(new)?.value))
    }

    pub(super) fn stored_version(&self, id: &str) -> Result<Stored<Version>, ServiceError> {
        stored(&*self.store, VERSIONS, id, "version")
    }

    pub(super) fn consultation_over(&self, version: &Version) -> Result<Option<Consultation>, ServiceError> {
        let Some(id) = &version.consultation else { return Ok(None) };
        Ok(Some(stored(&*self.store, CONSULTATIONS, id, "consultation")?.value))
    }

    fn version_view(&self, version: Version, receipt: Option<Acknowledged>) -> Result<VersionView, ServiceError> {
        let now = self.clock.now();
        let consultation = self.consultation_over(&version)?;
        Ok(VersionView {
            standing: version.hold().standing(now),
            days_left: days_left(&version, now),
            missing: version.missing(consultation.as_ref(), &self.register.duties),
            version,
            receipt,
        })
    }
}

pub(super) fn days_left(version: &Version, now: Instant) -> Option<u32> {
    let from = version.publication.as_ref().filter(|_| version.withdrawal.is_none())?.from;
    let left = from.day_number().checked_sub(now.date_in_shanghai().day_number())?;
    u32::try_from(left).ok().filter(|left| *left > 0)
}

fn version_entry(version: &Version, caller: &Caller, event: VersionEvent) -> Result<NewEntry, ServiceError> {
    entry(&version.id, version.events, &caller.actor, event.at, &RegisterBody::Version(event))
}
