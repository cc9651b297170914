use super::access::OnDesk;
use super::lines::{case_line, limits_collection, read_case, stored_limits};
use crate::identity::new_id;
use crate::port::{CaseLine, Expected, JournalKind, NewEntry, Put};
use crate::settings::Versioned;
use crate::{Caller, Service, ServiceError};
use gongdao_desk::Limits;

impl Service {
    /// The published limits, with their version. Everyone may know them (IISARMP art. 22 wants them stated).
    pub fn desk_limits(&self) -> Result<Versioned<Limits>, ServiceError> {
        let (version, value) = stored_limits(&*self.store)?;
        Ok(Versioned { version, value })
    }

    /// Publish other limits. Cases that wait are counted by them from then on.
    ///
    /// Errors: the caller may not; `Changed`.
    pub fn change_desk_limits(
        &self,
        caller: &Caller,
        version: u64,
        limits: Limits,
    ) -> Result<Versioned<Limits>, ServiceError> {
        self.desk.access.may_on_desk(caller, OnDesk::SetLimits)?;
        let body = serde_json::to_string(&limits).map_err(ServiceError::storage)?;
        let put = Put {
            collection: limits_collection(),
            id: limits_collection().to_owned(),
            expected: if version == 0 { Expected::Absent } else { Expected::Version(version) },
            body: Some(body.clone()),
            alias: None,
            expires: None,
        };
        let entry = NewEntry {
            kind: JournalKind::Settings,
            id: new_id("settings", &*self.entropy)?,
            person: None,
            subject: Some(limits_collection().to_owned()),
            actor: caller.actor.clone(),
            at: self.clock.now(),
            body,
        };
        let change = self.store.change(&self.node, &[put], &[entry])?;
        let recorded = change.entries.first().copied().ok_or_else(ServiceError::changed)?;
        self.recount(&limits)?;
        self.follower.wait(recorded)?;
        Ok(Versioned { version: version + 1, value: limits })
    }

    /// The due dates of all that waits, again.
    pub(super) fn recount(&self, limits: &Limits) -> Result<(), ServiceError> {
        const AT_ONCE: u32 = 1000;
        let mut after: Option<String> = None;
        loop {
            let page = self.store.open_cases(after.as_deref(), AT_ONCE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id.clone());
            let again = |line: &CaseLine| case_line(&read_case(line)?, &self.desk.rights, limits, &self.desk.calendar);
            let lines = page.iter().map(again).collect::<Result<Vec<_>, _>>()?;
            self.store.change_desk(&self.node, &lines, &[], &[])?;
        }
    }
}
