use super::dead::{DEAD, Letter, Of, of_webhook};
use super::event::{Erased, Event, of_entry, of_erasure, of_task};
use super::letter::TOLD;
use super::right::{of_carried_out, of_right};
use super::subscribe::{Kept, PROGRESS, WEBHOOKS, WebhookProgress, put};
use super::{ERASURE, RIGHT_STATUS, WebhookState};
use crate::fulfilment::is_to_be_told;
use crate::port::{Clock, Expected, JournalEntry, JournalKind, Put, Store};
use crate::{ErrorKind, Secret, Service, ServiceError};
use gongdao_model::Instant;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Events that wait beside the journal: erasures, and what is sent again.
pub(super) const EXTRA: &str = "webhook-extra";
/// Seconds until an event is tried again: about a day in all. Then it is given up.
const AGAIN: [i64; 8] = [5, 30, 120, 600, 1800, 7200, 21_600, 43_200];
/// Entries of the journal looked at in one turn.
const AT_ONCE: u32 = 100;
/// How long one process has a webhook for itself; in a turn no attempt begins after half of it.
const TURN: Duration = Duration::from_mins(1);
/// Webhooks that are served at the same time, so that a receiver that is slow holds up few others.
const SIDE_BY_SIDE: usize = 8;
const WEBHOOKS_MOST: u32 = 100;

/// What is to be handed over.
#[derive(Debug)]
pub struct Parcel {
    /// Where to.
    pub url: String,
    /// The event's name: the same however often it is tried.
    pub id: String,
    /// When this attempt was made.
    pub at: Instant,
    /// The event, as JSON.
    pub body: String,
    /// What it is signed with.
    pub secret: Secret,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The receiver has it.
    Taken,
    /// The receiver wants no more of this webhook.
    Gone,
    /// It did not get there, or was refused: in a few words that hold nothing of what was sent or answered.
    Failed(String),
}

/// Whoever carries events to their receivers.
pub trait Courier: Sync {
    /// Try once; blocks, some seconds at most.
    fn deliver(&self, parcel: &Parcel) -> Delivery;
    /// Whether more may be sent; else whoever sends ends after the attempt that it is at.
    fn goes_on(&self) -> bool;
}

/// How far a webhook is, as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    pub(super) after: u64,
    #[serde(default)]
    pub(super) attempts: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) retry_at: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_error: Option<String>,
    /// The process whose turn it is, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) turn: Option<(String, Instant)>,
}

/// An event that waits beside the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) of: Of,
    #[serde(default)]
    pub(super) attempts: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) retry_at: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) given_up_at: Option<Instant>,
}

impl Progress {
    /// With its version; 0 where nothing is kept.
    pub(super) fn of(store: &dyn Store, webhook: &str) -> Result<(u64, Self), ServiceError> {
        let Some(document) = store.document(PROGRESS, webhook)? else { return Ok((0, Self::default())) };
        Ok((document.version, serde_json::from_str(&document.body).map_err(ServiceError::storage)?))
    }

    pub(super) fn shown(self) -> WebhookProgress {
        let Self { after, attempts, retry_at, last_error, .. } = self;
        WebhookProgress { after, attempts, retry_at, last_error }
    }

    fn put(&self, webhook: &str, version: u64) -> Result<Put, ServiceError> {
        let body = serde_json::to_string(self).map_err(ServiceError::storage)?;
        Ok(put(PROGRESS, webhook, Expected::Version(version), Some(body)))
    }
}

impl Service {
    /// Send what is due, once round. Returns whether there may be more at once. An event that is not taken holds up the later
    /// ones of its webhook until it is given up; other webhooks go on. Whatever was taken and not noted, as the process died,
    /// is sent again.
    ///
    /// Errors: the database.
    pub fn deliver_webhooks(&self, courier: &dyn Courier) -> Result<bool, ServiceError> {
        let all = self.store.list(WEBHOOKS, None, WEBHOOKS_MOST)?;
        let all = all.iter().map(Kept::read).collect::<Result<Vec<_>, _>>()?;
        let active: Vec<&Kept> = all.iter().filter(|kept| kept.webhook.state == WebhookState::Active).collect();
        let more = AtomicBool::new(false);
        let last = if active.is_empty() { 0 } else { self.store.last()? };
        for some in active.chunks(SIDE_BY_SIDE) {
            std::thread::scope(|scope| {
                let turns: Vec<_> =
                    some.iter().map(|kept| scope.spawn(move || self.turn(kept, courier, last))).collect();
                for turn in turns {
                    let outcome = turn.join().map_err(|_| ServiceError::storage("a webhook's thread broke off"))?;
                    more.fetch_or(outcome?, Ordering::Relaxed);
                }
                Ok::<(), ServiceError>(())
            })?;
        }
        Ok(more.into_inner())
    }

    /// Other systems have to erase too. Kept until each subscription has it, as the journal must not name the person.
    pub(crate) fn tell_erasure(&self, erased: &Erased) -> Result<(), ServiceError> {
        let mut puts = Vec::new();
        for document in self.store.list(WEBHOOKS, None, WEBHOOKS_MOST)? {
            let webhook = Kept::read(&document)?.webhook;
            if webhook.kinds.contains(ERASURE) {
                let of = Of::Erasure(erased.clone());
                let waiting = Waiting { of, attempts: 0, retry_at: None, last_error: None, given_up_at: None };
                let body = serde_json::to_string(&waiting).map_err(ServiceError::storage)?;
                puts.push(put(EXTRA, &format!("{}.{}", webhook.id, erased.id), Expected::Any, Some(body)));
            }
        }
        if puts.is_empty() { Ok(()) } else { self.store.change(&self.node, &puts, &[]).map(drop) }
    }

    /// One webhook's turn, if it is nobody else's.
    fn turn(&self, kept: &Kept, courier: &dyn Courier, last: u64) -> Result<bool, ServiceError> {
        let (version, progress) = Progress::of(&*self.store, &kept.webhook.id)?;
        let now = self.clock.now();
        let is_due = |at: Option<Instant>| at.is_none_or(|at| at <= now);
        // Those that wait for another attempt hold up no others.
        let is_wanted = |waiting: &Waiting| is_due(waiting.retry_at);
        let extra = of_webhook(&*self.store, EXTRA, &kept.webhook.id, None, AT_ONCE, &is_wanted)?;
        let has_extra = !extra.is_empty();
        let has_entries = progress.after < last && is_due(progress.retry_at);
        let is_others = progress.turn.as_ref().is_some_and(|(node, until)| *node != *self.node && now < *until);
        if version == 0 || is_others || !(has_extra || has_entries) {
            return Ok(false);
        }
        let until = plus(now, i64::try_from(TURN.as_secs()).unwrap_or(i64::MAX))?;
        let progress = Progress { turn: Some((self.node.to_string(), until)), ..progress };
        let mut turn = Turn {
            service: self,
            store: &*self.store,
            clock: &*self.clock,
            node: Arc::clone(&self.node),
            courier,
            kept,
            progress,
            version,
            began: self.clock.ticks(),
        };
        let outcome = turn.note(vec![]).and_then(|()| turn.run(extra));
        match outcome {
            // Somebody changed the webhook, or another process had its turn: the next round sees it as it is.
            Err(error) if error.kind == ErrorKind::Changed => Ok(true),
            outcome => outcome,
        }
    }
}

/// A process at work on one webhook.
struct Turn<'a> {
    service: &'a Service,
    store: &'a dyn Store,
    clock: &'a dyn Clock,
    node: Arc<str>,
    courier: &'a dyn Courier,
    kept: &'a Kept,
    progress: Progress,
    version: u64,
    began: Duration,
}

impl Turn<'_> {
    fn run(&mut self, extra: Vec<Letter>) -> Result<bool, ServiceError> {
        for letter in extra {
            if !self.has_time() {
                return self.end(true);
            }
            if !self.send_letter(letter)? {
                return self.end(false);
            }
        }
        if self.progress.retry_at.is_some_and(|at| self.clock.now() < at) {
            return self.end(false);
        }
        let entries = self.store.after(self.progress.after, AT_ONCE)?;
        let more = entries.len() == AT_ONCE as usize;
        for entry in entries {
            if !self.has_time() {
                return self.end(true);
            }
            if !self.send_entry(&entry)? {
                return self.end(false);
            }
        }
        self.end(more)
    }

    fn has_time(&self) -> bool {
        self.courier.goes_on() && self.clock.ticks().saturating_sub(self.began) < TURN / 2
    }

    /// Give the turn up.
    fn end(&mut self, more: bool) -> Result<bool, ServiceError> {
        self.progress.turn = None;
        self.note(vec![]).map(|()| more)
    }

    /// Keep how far it is, with other changes in the same step.
    fn note(&mut self, mut puts: Vec<Put>) -> Result<(), ServiceError> {
        puts.push(self.progress.put(&self.kept.webhook.id, self.version)?);
        self.store.change(&self.node, &puts, &[])?;
        self.version += 1;
        Ok(())
    }

    /// False where it was not taken and is to be tried again.
    fn send_entry(&mut self, entry: &JournalEntry) -> Result<bool, ServiceError> {
        let Some(event) = self.event_of(entry)? else {
            self.progress.after = entry.seq;
            return Ok(true);
        };
        let failure = match self.send(event) {
            Delivery::Taken => {
                self.progress = Progress { after: entry.seq, turn: self.progress.turn.clone(), ..Progress::default() };
                return self.note(vec![]).map(|()| true);
            }
            Delivery::Gone => return self.pause().map(|()| false),
            Delivery::Failed(failure) => failure,
        };
        let attempts = self.progress.attempts + 1;
        self.progress.last_error = Some(failure.clone());
        let again = again(attempts, self.clock.now())?;
        if again.is_some() {
            (self.progress.attempts, self.progress.retry_at) = (attempts, again);
            return self.note(vec![]).map(|()| false);
        }
        let waiting = Waiting {
            of: Of::Entry(entry.seq),
            attempts,
            retry_at: None,
            last_error: Some(failure),
            given_up_at: Some(self.clock.now()),
        };
        let body = serde_json::to_string(&waiting).map_err(ServiceError::storage)?;
        let name = format!("{}.{:020}", self.kept.webhook.id, entry.seq);
        (self.progress.after, self.progress.attempts, self.progress.retry_at) = (entry.seq, 0, None);
        self.note(vec![put(DEAD, &name, Expected::Any, Some(body))]).map(|()| true)
    }

    /// False where the receiver wants no more.
    fn send_letter(&mut self, letter: Letter) -> Result<bool, ServiceError> {
        let Letter { id, version, mut waiting } = letter;
        if waiting.retry_at.is_some_and(|at| self.clock.now() < at) {
            return Ok(true);
        }
        let gone = put(EXTRA, &id, Expected::Version(version), None);
        let event = match &waiting.of {
            Of::Erasure(erased) => of_erasure(erased, &self.node, &self.kept.webhook),
            Of::Entry(seq) => {
                let entry = self.store.after(seq.saturating_sub(1), 1)?.into_iter().find(|entry| entry.seq == *seq);
                // The person it was about was erased meanwhile.
                let event = entry.map_or(Ok(None), |entry| self.event_of(&entry))?;
                let Some(event) = event else { return self.note(vec![gone]).map(|()| true) };
                event
            }
            Of::Right { case, agent_request, at } => of_carried_out(case, agent_request.as_deref(), &self.node, *at),
            Of::Task { case, system } => {
                let event = match is_to_be_told(self.store, case, system)? {
                    Some(case) => of_task(&case, system, &self.node, &self.kept.webhook),
                    None => None,
                };
                // It was done, or erased, meanwhile.
                let Some(event) = event else { return self.note(vec![gone]).map(|()| true) };
                event
            }
        };
        let failure = match self.send(event) {
            Delivery::Taken => {
                let mut puts = vec![gone];
                if matches!(waiting.of, Of::Task { .. }) {
                    let body = serde_json::to_string(&waiting).map_err(ServiceError::storage)?;
                    puts.push(put(TOLD, &id, Expected::Any, Some(body)));
                }
                return self.note(puts).map(|()| true);
            }
            Delivery::Gone => return self.pause().map(|()| false),
            Delivery::Failed(failure) => failure,
        };
        waiting.attempts += 1;
        waiting.last_error = Some(failure);
        waiting.retry_at = again(waiting.attempts, self.clock.now())?;
        let is_dead = waiting.retry_at.is_none();
        waiting.given_up_at = is_dead.then(|| self.clock.now());
        if let (true, Of::Task { case, system }, Some(reason)) = (is_dead, &waiting.of, &waiting.last_error) {
            self.service.task_is_stuck(case, system, reason)?;
        }
        let body = Some(serde_json::to_string(&waiting).map_err(ServiceError::storage)?);
        let puts = if is_dead {
            vec![gone, put(DEAD, &id, Expected::Any, body)]
        } else {
            vec![put(EXTRA, &id, Expected::Version(version), body)]
        };
        self.note(puts).map(|()| true)
    }

    /// What is sent of an entry; nothing where the webhook is not told of it.
    fn event_of(&self, entry: &JournalEntry) -> Result<Option<Event>, ServiceError> {
        let Kept { webhook, .. } = self.kept;
        if webhook.kinds.contains(entry.entry.kind.as_str()) {
            return of_entry(entry, webhook).map(Some);
        }
        if webhook.kinds.contains(RIGHT_STATUS) && entry.entry.kind == JournalKind::Case {
            return of_right(self.store, entry, webhook, self.clock.now());
        }
        Ok(None)
    }

    fn send(&self, event: Event) -> Delivery {
        let Kept { webhook, secret } = self.kept;
        let (url, secret) = (webhook.url.clone(), Secret::new(secret.clone()));
        self.courier.deliver(&Parcel { url, id: event.id, at: self.clock.now(), body: event.body, secret })
    }

    /// The receiver wants no more: nothing is sent until somebody lets it go on.
    fn pause(&mut self) -> Result<(), ServiceError> {
        let webhook = &self.kept.webhook.id;
        let Some(document) = self.store.document(WEBHOOKS, webhook)? else { return Ok(()) };
        let mut kept = Kept::read(&document)?;
        kept.webhook.state = WebhookState::Paused;
        let body = serde_json::to_string(&kept).map_err(ServiceError::storage)?;
        self.progress.last_error = Some("the receiver said that it is gone (410)".to_owned());
        self.note(vec![put(WEBHOOKS, webhook, Expected::Version(document.version), Some(body))])
    }
}

/// When to try again after so many failures; nothing where it is given up.
fn again(attempts: u32, now: Instant) -> Result<Option<Instant>, ServiceError> {
    let wait = usize::try_from(attempts.saturating_sub(1)).ok().and_then(|index| AGAIN.get(index));
    wait.map(|seconds| plus(now, *seconds)).transpose()
}

fn plus(at: Instant, seconds: i64) -> Result<Instant, ServiceError> {
    Ok(Instant::from_millis(at.millis().saturating_add(seconds.saturating_mul(1000)))?)
}
