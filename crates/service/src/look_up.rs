//! Every look-up of a person's records by someone else is in the ledger before anything is shown, and the person sees it.

use crate::access::Look;
use crate::identity::new_id;
use crate::port::{JournalEntry, JournalKind, NewEntry};
use crate::{Caller, Page, Purpose, Service, ServiceError};
use gongdao_model::Instant;
use serde::{Deserialize, Serialize};

/// A look-up, as the person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookUp {
    /// Its number in the journal.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// Who: account or key.
    pub actor: String,
    /// In what role.
    pub roles: Vec<String>,
    /// Why, in their words.
    pub purpose: String,
    /// What was looked up: an identifier of a decision, or `events`, `decisions`.
    pub what: String,
    /// Its place in the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaf: Option<u64>,
}

/// A look-up, as whoever looked sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwnLookUp {
    /// Its number in the journal.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// Whose records, by pseudonym.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Why, in their words.
    pub purpose: String,
    /// What was looked up.
    pub what: String,
    /// Its place in the ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaf: Option<u64>,
}

/// Entries of everybody's look-ups that are gone through for one page of somebody's own.
const GONE_THROUGH: u32 = 5000;

#[derive(Serialize, Deserialize)]
struct Body {
    roles: Vec<String>,
    purpose: String,
    what: String,
}

impl Service {
    /// Look-ups of a person's records, newest first, before a number.
    ///
    /// Errors: the caller may not see them.
    pub fn look_ups(
        &self,
        caller: &Caller,
        person: &str,
        purpose: &Purpose,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<LookUp>, ServiceError> {
        self.look(caller, Look::Log, Some(person), purpose, "look-ups")?;
        let entries = self.store.of_person(person, &[JournalKind::LookUp], before, limit)?;
        entries.into_iter().map(look_up).collect()
    }

    /// The caller's own look-ups, newest first, before a number. A page may be short, or empty, and still have a next one: others'
    /// look-ups lie between.
    pub fn own_look_ups(
        &self,
        caller: &Caller,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Page<OwnLookUp>, ServiceError> {
        const AT_ONCE: u32 = 500;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut items, mut before) = (Vec::new(), before);
        for _ in 0..GONE_THROUGH / AT_ONCE {
            let entries = self.store.of_subject(JournalKind::LookUp, None, before, AT_ONCE)?;
            let is_last = entries.len() < AT_ONCE as usize;
            for entry in entries {
                before = Some(entry.seq);
                if entry.entry.actor == caller.actor {
                    items.push(own_look_up(entry)?);
                }
                if items.len() >= wanted {
                    return Ok(Page { items, next: before.map(|seq| seq.to_string()) });
                }
            }
            if is_last {
                return Ok(Page { items, next: None });
            }
        }
        Ok(Page { items, next: before.map(|seq| seq.to_string()) })
    }

    /// Errors: the caller may not look; the look-up could not be logged, and then nothing is shown.
    pub(crate) fn look(
        &self,
        caller: &Caller,
        look: Look,
        person: Option<&str>,
        purpose: &Purpose,
        what: &str,
    ) -> Result<(), ServiceError> {
        self.access.may_look(caller, look, person, purpose)?;
        let Some(person) = person.filter(|person| !caller.is_or_acts_for(person)) else { return Ok(()) };
        self.log_look_up(caller, person, purpose.as_str(), what)
    }

    /// Note that somebody looks, before anything is shown.
    pub(crate) fn log_look_up(
        &self,
        caller: &Caller,
        person: &str,
        purpose: &str,
        what: &str,
    ) -> Result<(), ServiceError> {
        let body = Body {
            roles: caller.roles.iter().map(|role| role.as_str().to_owned()).collect(),
            purpose: purpose.to_owned(),
            what: what.to_owned(),
        };
        let entry = NewEntry {
            kind: JournalKind::LookUp,
            id: new_id("look-up", &*self.entropy)?,
            person: Some(person.to_owned()),
            subject: None,
            actor: caller.actor.clone(),
            at: self.clock.now(),
            body: serde_json::to_string(&body).map_err(ServiceError::storage)?,
        };
        let change = self.store.change(&self.node, &[], &[entry])?;
        let recorded = change.entries.first().copied().ok_or_else(ServiceError::closed)?;
        self.follower.wait(recorded)?;
        Ok(())
    }
}

fn own_look_up(entry: JournalEntry) -> Result<OwnLookUp, ServiceError> {
    let Body { purpose, what, .. } = serde_json::from_str(&entry.entry.body).map_err(ServiceError::storage)?;
    let NewEntry { at, person, .. } = entry.entry;
    Ok(OwnLookUp { seq: entry.seq, at, person, purpose, what, leaf: entry.leaf })
}

fn look_up(entry: JournalEntry) -> Result<LookUp, ServiceError> {
    let Body { roles, purpose, what } = serde_json::from_str(&entry.entry.body).map_err(ServiceError::storage)?;
    let NewEntry { at, actor, .. } = entry.entry;
    Ok(LookUp { seq: entry.seq, at, actor, roles, purpose, what, leaf: entry.leaf })
}
