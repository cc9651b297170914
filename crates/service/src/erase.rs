//! Erasing what is kept about a person: ledger, database, memory; and the list that a restore replays.

use crate::approval::forget_approvals;
use crate::backup::{ErasureList, ErasureState, Listed};
use crate::desk::forget_photos;
use crate::event::check_name;
use crate::identity::{forget_in_accounts, new_id};
use crate::port::{Cursor, Store};
use crate::webhook::{Erased, forget_callbacks};
use crate::{Caller, Right, Service, ServiceError};
use gongdao_gate::{StateChange, StateEvent};
use gongdao_ledger::{Erasure, PersonId, Target};
use gongdao_model::{Entity, ProvisionId};
use serde::Serialize;
use std::collections::HashSet;

/// What an erasure did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErasureReport {
    /// Its name; the erasure's entry in the ledger bears it.
    pub id: String,
    /// Place of that entry; nothing where the ledger had nothing about the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaf: Option<u64>,
    /// Groups of the ledger whose content is gone.
    pub groups: u64,
    /// Lines and entries of the database that are gone.
    pub lines: u64,
}

/// Why it is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked<'a> {
    /// Somebody whose role allows it says so.
    By(&'a Caller),
    /// The desk granted a deletion.
    Granted,
}

impl Service {
    /// Erase everything about a person, on a ground. What this process keeps is gone when it returns; other processes
    /// erase what their ledgers have when they are asked, and forget the person's state at their next start.
    ///
    /// Errors: the caller may not; the records are kept under an article (then nothing is erased); the disk.
    pub fn erase(&self, caller: &Caller, person: &str, ground: &ProvisionId) -> Result<ErasureReport, ServiceError> {
        self.erase_as(Asked::By(caller), person, ground)
    }

    pub(crate) fn erase_as(
        &self,
        asked: Asked<'_>,
        person: &str,
        ground: &ProvisionId,
    ) -> Result<ErasureReport, ServiceError> {
        if let Asked::By(caller) = asked {
            caller.may(Right::Erase)?;
        }
        check_name("person", person)?;
        let id = new_id("erasure", &*self.entropy)?;
        let list = ErasureList::at(&self.settings.erasures);
        let listed = Listed {
            id: id.clone(),
            person: person.to_owned(),
            ground: ground.to_string(),
            at: self.clock.now(),
            state: ErasureState::Begun,
        };
        list.add(&listed)?;
        // A backup has the whole of it or nothing; it may be waited for.
        let _alone = self.ledger.keep_copies_out()?;
        self.queue().projector().flush();
        let erased = match self.erase_in_ledger(&listed) {
            Ok(erased) => erased,
            Err(error) => {
                // What was refused must not be done by a restore.
                list.add(&Listed { state: ErasureState::Refused, ..listed })?;
                return Err(error);
            }
        };
        self.view.renew();
        let Listed { id: name, person: whose, ground: article, at, .. } = listed.clone();
        self.tell_erasure(&Erased { id: name, person: whose, ground: article, at })?;
        let lines = self.forget(person)?;
        list.add(&Listed { state: ErasureState::Done, ..listed })?;
        let (leaf, groups) = erased.map_or((None, 0), |erased| (Some(erased.leaf), erased.groups));
        Ok(ErasureReport { id, leaf, groups, lines })
    }

    fn erase_in_ledger(&self, listed: &Listed) -> Result<Option<gongdao_ledger::Erased>, ServiceError> {
        let person: PersonId = listed.person.parse()?;
        self.view.renew();
        self.ledger.checkpoint()?;
        let reader = self.view.reader()?;
        let has_key = reader.tag_key(&person, gongdao_ledger::Epoch(0)).is_ok();
        if !has_key && reader.of_person(&person)?.is_empty() {
            return Ok(None);
        }
        let erasure =
            Erasure { target: Target::Person(person), ground: listed.ground.clone(), reference: listed.id.clone() };
        Ok(Some(self.ledger.erase(erasure)?))
    }

    fn forget(&self, person: &str) -> Result<u64, ServiceError> {
        self.queue().projector().flush();
        let ids = self.ids_of(person)?;
        let lines = forget_stored(&*self.store, &self.node, person)?;
        self.forget_recognised();
        self.book.forget(|id| ids.contains(id));
        let now = self.clock.now();
        for (fact, _) in self.gate.state_of(Entity::Person, person, now) {
            let event = StateEvent {
                key: person.to_owned(),
                fact,
                change: StateChange::Forget,
                at: now,
                recorded_at: now,
                seq: None,
            };
            // The fact came from the gate itself.
            let _ = self.gate.apply(&event);
        }
        Ok(lines)
    }

    fn ids_of(&self, person: &str) -> Result<HashSet<String>, ServiceError> {
        const AT_ONCE: u32 = 1000;
        let mut ids = HashSet::new();
        let mut after: Option<Cursor> = None;
        loop {
            let page = self.store.page(Some(person), after.as_ref(), AT_ONCE)?;
            let Some(last) = page.last() else { return Ok(ids) };
            after = Some(Cursor { at: last.at, id: last.id.clone() });
            ids.extend(page.into_iter().map(|line| line.id));
        }
    }
}

/// Take everything about a person out of the database. Returns how many lines and entries it had.
pub(crate) fn forget_stored(store: &dyn Store, node: &str, person: &str) -> Result<u64, ServiceError> {
    forget_approvals(store, node, person)?;
    forget_in_accounts(store, node, person)?;
    forget_callbacks(store, node, person)?;
    let desk = store.forget_desk_of(person)? + forget_photos(store, node, person)?;
    Ok(store.forget_decisions_of(person)? + store.forget_person(person)? + desk)
}
