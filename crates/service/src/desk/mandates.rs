use super::access::OnMandate;
use super::lines::{mandate_line, read_mandate};
use crate::event::check_name;
use crate::identity::new_id;
use crate::port::{JournalKind, NewEntry, Recorded};
use crate::{Caller, Service, ServiceError};
use gongdao_desk::{Mandate, MandateEvent, NewMandate, RequestKind};
use gongdao_model::Instant;
use serde::Deserialize;

/// What someone does with a mandate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MandateTurn {
    /// The person says yes.
    Confirm,
    /// The person says no.
    Decline,
    /// Either side takes it back.
    Revoke,
}

impl Service {
    /// Propose a mandate. It gives nothing until the person says yes; where the person proposes it, it counts at once.
    ///
    /// Errors: the caller is neither side; it is for nothing; it would be over.
    pub fn propose_mandate(&self, caller: &Caller, new: NewMandate) -> Result<Mandate, ServiceError> {
        check_name("person", &new.person)?;
        check_name("representative", &new.representative)?;
        self.desk.access.may_on_mandate(caller, OnMandate::Propose, &new.person, &new.representative)?;
        let at = self.clock.now();
        let terms = new.clone();
        let mut mandate = Mandate::propose(&new_id("mandate", &*self.entropy)?, new, at)?;
        let mut entries = vec![mandate_entry(&mandate, &MandateEvent::Proposed { mandate: terms }, caller, at)?];
        let access = &self.desk.access;
        let says_yes =
            access.may_on_mandate(caller, OnMandate::Confirm, &mandate.terms.person, &mandate.terms.representative);
        if says_yes.is_ok() {
            mandate = mandate.after(&MandateEvent::Confirmed, at)?;
            entries.push(mandate_entry(&mandate, &MandateEvent::Confirmed, caller, at)?);
        }
        self.keep_mandate(mandate, &entries)
    }

    /// Confirm, decline or take back. A mandate that was taken back gives nothing from then on.
    ///
    /// Errors: there is none, or it is not the caller's; it cannot follow (`NotNow`).
    pub fn act_on_mandate(&self, caller: &Caller, id: &str, turn: MandateTurn) -> Result<Mandate, ServiceError> {
        let mandate = self.mandate(caller, id)?;
        let (action, event) = match turn {
            MandateTurn::Confirm => (OnMandate::Confirm, MandateEvent::Confirmed),
            MandateTurn::Decline => (OnMandate::Confirm, MandateEvent::Declined),
            MandateTurn::Revoke => (OnMandate::End, MandateEvent::Revoked),
        };
        let terms = &mandate.terms;
        self.desk.access.may_on_mandate(caller, action, &terms.person, &terms.representative)?;
        let at = self.clock.now().max(mandate.since);
        let mandate = mandate.after(&event, at)?;
        let entry = mandate_entry(&mandate, &event, caller, at)?;
        self.keep_mandate(mandate, &[entry])
    }

    /// One mandate. Errors: there is none, or the caller may not know.
    pub fn mandate(&self, caller: &Caller, id: &str) -> Result<Mandate, ServiceError> {
        let not_found = || ServiceError::not_found("mandate");
        let mandate = read_mandate(&self.store.mandate(id)?.ok_or_else(not_found)?)?;
        let terms = &mandate.terms;
        let may = self.desk.access.may_on_mandate(caller, OnMandate::Read, &terms.person, &terms.representative);
        if may.is_ok() { Ok(mandate) } else { Err(not_found()) }
    }

    /// The caller's mandates, those they gave and those they hold, in the order of their names, after one.
    pub fn mandates(&self, caller: &Caller, after: Option<&str>, limit: u32) -> Result<Vec<Mandate>, ServiceError> {
        let mut lines = self.store.mandates_of(&caller.actor, after, limit)?;
        for person in &caller.persons {
            let given = self.store.mandates_for(person, None)?;
            lines.extend(given.into_iter().filter(|line| after.is_none_or(|after| line.id.as_str() > after)));
        }
        lines.sort_by(|one, other| one.id.cmp(&other.id));
        lines.dedup_by(|one, other| one.id == other.id);
        let mut mandates = lines.iter().map(read_mandate).collect::<Result<Vec<_>, _>>()?;
        mandates.retain(|mandate| {
            let terms = &mandate.terms;
            let access = &self.desk.access;
            access.may_on_mandate(caller, OnMandate::Read, &terms.person, &terms.representative).is_ok()
        });
        mandates.truncate(limit as usize);
        Ok(mandates)
    }

    /// The caller's mandates for a person that count now. Read from the database each time: one that was taken back must
    /// not count a moment longer.
    pub(super) fn live_mandates(&self, person: &str, caller: &Caller) -> Result<Vec<Mandate>, ServiceError> {
        let now = self.clock.now();
        let lines = self.store.mandates_for(person, Some(&caller.actor))?;
        let all = lines.iter().map(read_mandate).collect::<Result<Vec<_>, _>>()?;
        Ok(all.into_iter().filter(|mandate| mandate.is_live(now)).collect())
    }

    /// The mandate by which the caller may act in such a request.
    pub(crate) fn mandate_for(
        &self,
        person: &str,
        kind: RequestKind,
        decision: Option<&str>,
        caller: &Caller,
    ) -> Result<Option<String>, ServiceError> {
        let now = self.clock.now();
        let live = self.live_mandates(person, caller)?;
        Ok(live.into_iter().find(|mandate| mandate.covers(kind, decision, now)).map(|mandate| mandate.id))
    }

    fn keep_mandate(&self, mandate: Mandate, entries: &[NewEntry]) -> Result<Mandate, ServiceError> {
        let recorded = self.store.change_desk(&self.node, &[], &[mandate_line(&mandate)?], entries)?;
        if recorded.contains(&Recorded::Other) {
            return Err(ServiceError::changed());
        }
        let last = recorded.last().copied().ok_or_else(ServiceError::changed)?;
        self.follower.wait(last)?;
        Ok(mandate)
    }
}

/// Of two who act at once both give the entry the same name, and one of them is refused.
fn mandate_entry(
    mandate: &Mandate,
    event: &MandateEvent,
    caller: &Caller,
    at: Instant,
) -> Result<NewEntry, ServiceError> {
    Ok(NewEntry {
        kind: JournalKind::Mandate,
        id: format!("{}-{}", mandate.id, mandate.events),
        person: Some(mandate.terms.person.clone()),
        subject: Some(mandate.id.clone()),
        actor: caller.actor.clone(),
        at,
        body: serde_json::to_string(event).map_err(ServiceError::storage)?,
    })
}
