//! Changes of the state of persons and algorithms.

use crate::check::Reply;
use crate::follow::{Acknowledged, taken};
use crate::port::{JournalEntry, JournalKind, NewEntry, Recorded};
use crate::{Caller, ErrorKind, Right, Service, ServiceError};
use gongdao_gate::{StateChange, StateEvent};
use gongdao_model::{Entity, FactPath, Instant};
use serde::{Deserialize, Serialize};

/// A change that someone reports: `{"id": "…", "fact": "resource.profilingOff", "change": {"op": "set", "value": true}, "at": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewEvent {
    /// Its name, given by whoever reports it, one of a kind for ever; sent twice, it counts once.
    pub id: String,
    /// The fact that changes; whose it is, its path says.
    pub fact: FactPath,
    /// What happens to it.
    pub change: StateChange,
    /// When it happened or takes effect; now where nothing stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
    /// Order among events of one instant, where the source has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
}

/// A change as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedEvent {
    /// Its number in the journal.
    pub seq: u64,
    /// The change.
    #[serde(flatten)]
    pub event: NewEvent,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Who reported it.
    pub actor: String,
    /// Its place in the ledger, once it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaf: Option<u64>,
}

/// What the journal keeps of a change, beside whose it is and when it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EventBody {
    fact: FactPath,
    change: StateChange,
    /// Nothing where it counts from its recording on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seq: Option<i64>,
}

impl EventBody {
    /// A change that counts from its recording on.
    pub(crate) fn new(fact: FactPath, change: StateChange) -> Self {
        Self { fact, change, at: None, seq: None }
    }

    pub(crate) fn into_event(self, key: String, recorded_at: Instant) -> StateEvent {
        let Self { fact, change, at, seq } = self;
        StateEvent { key, fact, change, at: at.unwrap_or(recorded_at), recorded_at, seq }
    }
}

impl Service {
    /// Take a change of a person's or an algorithm's state (`key`, as decisions name it). `reply` is called when the change
    /// is in the ledger and every later check sees it, on every process.
    ///
    /// Errors: the caller may not; a fact, word or identifier that is refused; the database.
    pub fn record_event(
        &self,
        caller: &Caller,
        key: &str,
        event: NewEvent,
        reply: Reply<Acknowledged>,
    ) -> Result<(), ServiceError> {
        let (kind, person, subject) = match event.fact.entity() {
            Entity::Person => {
                self.access.may_record(caller, key)?;
                (JournalKind::PersonEvent, Some(key.to_owned()), None)
            }
            Entity::Algorithm => {
                caller.may(Right::RecordAlgorithmEvent)?;
                (JournalKind::AlgorithmEvent, None, Some(key.to_owned()))
            }
            Entity::Decision | Entity::Parameter => {
                let message = format!("`{}` is no fact of a person or an algorithm", event.fact);
                return Err(ServiceError::input(message, "start it with `resource.` or `principal.`"));
            }
        };
        check_name("identifier", &event.id)?;
        check_name("key", key)?;
        let now = self.clock.now();
        let NewEvent { id, fact, change, at, seq } = event;
        let body = EventBody { fact, change, at, seq };
        let refusal = self.gate.validate(&body.clone().into_event(key.to_owned(), now)).err();
        if let Some(refusal) = refusal {
            return Err(ServiceError::input(refusal.message, refusal.hint));
        }
        let body = serde_json::to_string(&body).map_err(ServiceError::storage)?;
        let entry = NewEntry { kind, id, person, subject, actor: caller.actor.clone(), at: now, body };
        let recorded = self.store.change(&self.node, &[], &[entry])?.entries;
        match recorded.first() {
            Some(Recorded::Other) | None => return Err(taken()),
            Some(recorded) => self.follower.acknowledge(*recorded, reply),
        }
        Ok(())
    }

    /// Changes of a person's state, newest first, before a number.
    ///
    /// Errors: the caller may not see them. A look-up by anyone but the person and who acts for them is logged first.
    pub fn events_of_person(
        &self,
        caller: &Caller,
        person: &str,
        purpose: &crate::Purpose,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, ServiceError> {
        self.look(caller, crate::access::Look::PersonEvents, Some(person), purpose, "events")?;
        let entries = self.store.of_person(person, &[JournalKind::PersonEvent], before, limit)?;
        entries.into_iter().map(recorded_event).collect()
    }

    /// Changes of an algorithm's state, newest first, before a number.
    pub fn events_of_algorithm(
        &self,
        caller: &Caller,
        algorithm: &str,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, ServiceError> {
        caller.may(Right::ReadAlgorithmEvents)?;
        let entries = self.store.of_subject(JournalKind::AlgorithmEvent, Some(algorithm), before, limit)?;
        entries.into_iter().map(recorded_event).collect()
    }
}

fn recorded_event(entry: JournalEntry) -> Result<RecordedEvent, ServiceError> {
    let NewEntry { id, actor, at: recorded_at, body, .. } = entry.entry;
    let EventBody { fact, change, at, seq } = serde_json::from_str(&body).map_err(ServiceError::storage)?;
    let event = NewEvent { id, fact, change, at, seq };
    Ok(RecordedEvent { seq: entry.seq, event, recorded_at, actor, leaf: entry.leaf })
}

/// Names come from outside and stand in keys of tables and in addresses.
pub(crate) fn check_name(what: &str, name: &str) -> Result<(), ServiceError> {
    let is_plain = !name.is_empty() && name.len() <= 255 && !name.chars().any(char::is_control);
    if is_plain {
        return Ok(());
    }
    Err(ServiceError::new(
        ErrorKind::Input,
        format!("the {what} is empty, too long, or has control characters"),
        "give 1 to 255 bytes of text",
    ))
}
