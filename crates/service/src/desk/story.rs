//! What a page about a request shows beside the case itself.

use super::cases::{CaseView, is_self};
use crate::port::JournalKind;
use crate::{Caller, Service, ServiceError};
use gongdao_desk::{CaseEvent, Rights};
use gongdao_gate::StateFacts;
use gongdao_model::Entity;

impl Service {
    /// What people may ask for, on which articles, and on which it may be refused. Everyone may know it.
    pub fn desk_rights(&self) -> &Rights {
        &self.desk.rights
    }

    /// One case with all that happened to it, oldest first. One look for both, logged as for [`Service::case`].
    ///
    /// Errors: there is none, or the caller may not know.
    pub fn case_story(&self, caller: &Caller, id: &str) -> Result<(CaseView, Vec<CaseEvent>), ServiceError> {
        const AT_ONCE: u32 = 1000;
        let view = self.case(caller, id)?;
        let mut entries = self.store.of_subject(JournalKind::Case, Some(id), None, AT_ONCE)?;
        entries.sort_by_key(|entry| entry.seq);
        let events = entries.iter().map(|entry| serde_json::from_str(&entry.entry.body).map_err(ServiceError::storage));
        Ok((view, events.collect::<Result<_, _>>()?))
    }

    /// What is so of a person now: consents, tags, choices. For themselves, who are not looked at by it.
    ///
    /// Errors: it is another's.
    pub fn own_state(&self, caller: &Caller, person: &str) -> Result<StateFacts, ServiceError> {
        if !is_self(caller, person) {
            return Err(crate::access::forbidden("this is another person's"));
        }
        Ok(self.gate.state_of(Entity::Person, person, self.clock.now()))
    }
}
