use super::dead::DEAD;
use super::deliver::{EXTRA, Progress};
use super::letter::TOLD;
use super::{WebhookField, check_kinds};
use crate::identity::new_id;
use crate::port::{Document, Expected, JournalKind, NewEntry, Put, Store};
use crate::settings::Versioned;
use crate::{Caller, Right, Secret, Service, ServiceError};
use gongdao_model::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub(super) const WEBHOOKS: &str = "webhooks";
pub(super) const PROGRESS: &str = "webhook-progress";
/// Webhooks of a service at most: each is asked for at each round.
const MOST: u32 = 100;

/// Whether events are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookState {
    /// They are.
    Active,
    /// It would tell of persons: a second person has to agree.
    Waiting,
    /// Not until somebody lets it go on; what happened meanwhile is sent then.
    Paused,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its name.
    pub id: String,
    /// Where events are sent.
    pub url: String,
    /// Which.
    pub kinds: BTreeSet<String>,
    /// What of them, beside kind, number and time.
    pub fields: BTreeSet<WebhookField>,
    /// Whether they are sent.
    pub state: WebhookState,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
}

/// How far a webhook is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WebhookProgress {
    /// Number of the last entry of the journal that was sent or passed over.
    pub after: u64,
    /// Failed attempts for the next one.
    pub attempts: u32,
    /// When it is tried again; nothing where nothing failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Instant>,
    /// What the last attempt ended with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

/// A webhook to be made. The address is checked by whoever offers this to callers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Where events are sent.
    pub url: String,
    /// Which.
    pub kinds: BTreeSet<String>,
    /// What of them.
    #[serde(default)]
    pub fields: BTreeSet<WebhookField>,
}

/// What is to be changed; what stands nowhere stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookChange {
    /// Where events are sent.
    pub url: Option<String>,
    /// Which.
    pub kinds: Option<BTreeSet<String>>,
    /// What of them.
    pub fields: Option<BTreeSet<WebhookField>>,
    /// Whether nothing is sent for a while.
    pub is_paused: Option<bool>,
}

/// As it is kept: what is signed has to be signed with the secret itself, so the database holds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    #[serde(flatten)]
    pub(crate) webhook: Webhook,
    pub(super) secret: String,
}

impl Kept {
    pub(super) fn read(document: &Document) -> Result<Self, ServiceError> {
        serde_json::from_str(&document.body).map_err(ServiceError::storage)
    }

    fn put(&self, expected: Expected) -> Result<Put, ServiceError> {
        let body = serde_json::to_string(self).map_err(ServiceError::storage)?;
        Ok(put(WEBHOOKS, &self.webhook.id, expected, Some(body)))
    }
}

impl Webhook {
    fn is_personal(&self) -> bool {
        self.fields.iter().any(|field| field.is_personal())
    }
}

pub(super) fn put(collection: &'static str, id: &str, expected: Expected, body: Option<String>) -> Put {
    Put { collection, id: id.to_owned(), expected, body, alias: None, expires: None }
}

/// The webhook that waits for a second person, in this version.
pub(crate) fn waiting(store: &dyn Store, id: &str, version: u64) -> Result<(), ServiceError> {
    let document = store.document(WEBHOOKS, id)?.ok_or_else(|| ServiceError::not_found("webhook"))?;
    let is_waiting = Kept::read(&document)?.webhook.state == WebhookState::Waiting;
    if is_waiting && document.version == version { Ok(()) } else { Err(ServiceError::changed()) }
}

/// Two people agreed to this version: it is sent from now on.
pub(crate) fn open(store: &dyn Store, id: &str, version: u64) -> Result<Put, ServiceError> {
    waiting(store, id, version)?;
    let document = store.document(WEBHOOKS, id)?.ok_or_else(|| ServiceError::not_found("webhook"))?;
    let mut kept = Kept::read(&document)?;
    kept.webhook.state = WebhookState::Active;
    kept.put(Expected::Version(version))
}

impl Service {
    /// Subscribe: what happens from now on is sent. The secret that events are signed with is shown this once. A subscription
    /// that tells of persons waits for a second person ([`crate::Act::OpenWebhook`]).
    ///
    /// Errors: the caller may not; unknown kinds; too many webhooks.
    pub fn create_webhook(
        &self,
        caller: &Caller,
        new: NewWebhook,
    ) -> Result<(Versioned<Webhook>, Secret), ServiceError> {
        caller.may(Right::ManageWebhooks)?;
        check_kinds(&new.kinds)?;
        if self.store.list(WEBHOOKS, None, MOST)?.len() >= MOST as usize {
            return Err(ServiceError::input(format!("there are {MOST} webhooks already"), "take one away first"));
        }
        let NewWebhook { url, kinds, fields } = new;
        let secret = self.new_secret()?;
        let mut webhook = Webhook {
            id: new_id("webhook", &*self.entropy)?,
            url,
            kinds,
            fields,
            state: WebhookState::Active,
            created_by: caller.actor.clone(),
            created_at: self.clock.now(),
        };
        if webhook.is_personal() {
            webhook.state = WebhookState::Waiting;
        }
        let kept = Kept { webhook: webhook.clone(), secret: secret.reveal().to_owned() };
        let progress = Progress { after: self.store.last()?, ..Progress::default() };
        let progress = serde_json::to_string(&progress).map_err(ServiceError::storage)?;
        let puts = [kept.put(Expected::Absent)?, put(PROGRESS, &webhook.id, Expected::Absent, Some(progress))];
        let entry = self.webhook_entry(caller, &webhook, "created")?;
        self.store.change(&self.node, &puts, &[entry])?;
        Ok((Versioned { version: 1, value: webhook }, secret))
    }

    /// Change one. What makes it tell more of persons, or tell it elsewhere, has to be agreed to anew.
    ///
    /// Errors: the caller may not; `Changed`; unknown kinds.
    pub fn change_webhook(
        &self,
        caller: &Caller,
        id: &str,
        version: u64,
        change: WebhookChange,
    ) -> Result<Versioned<Webhook>, ServiceError> {
        caller.may(Right::ManageWebhooks)?;
        let mut kept = self.kept_webhook(id)?.1;
        let before = kept.webhook.clone();
        let WebhookChange { url, kinds, fields, is_paused } = change;
        let webhook = &mut kept.webhook;
        webhook.url = url.unwrap_or_else(|| before.url.clone());
        webhook.kinds = kinds.unwrap_or_else(|| before.kinds.clone());
        webhook.fields = fields.unwrap_or_else(|| before.fields.clone());
        check_kinds(&webhook.kinds)?;
        let more = webhook.url != before.url
            || !webhook.kinds.is_subset(&before.kinds)
            || !webhook.fields.is_subset(&before.fields);
        webhook.state = match (webhook.is_personal(), before.state, is_paused) {
            (true, WebhookState::Waiting, _) => WebhookState::Waiting,
            (true, ..) if more => WebhookState::Waiting,
            (_, _, Some(true)) => WebhookState::Paused,
            (_, _, Some(false)) | (false, WebhookState::Waiting, None) => WebhookState::Active,
            (_, state, None) => state,
        };
        let entry = self.webhook_entry(caller, webhook, "changed")?;
        let mut puts = vec![kept.put(Expected::Version(version))?];
        if is_paused == Some(false) {
            puts.extend(self.progress_at_once(id)?);
        }
        let change = self.store.change(&self.node, &puts, &[entry])?;
        Ok(Versioned { version: change.versions.first().copied().unwrap_or_default(), value: kept.webhook })
    }

    /// Take one away, with what waits for it.
    ///
    /// Errors: the caller may not; there is none.
    pub fn delete_webhook(&self, caller: &Caller, id: &str) -> Result<(), ServiceError> {
        caller.may(Right::ManageWebhooks)?;
        let (version, kept) = self.kept_webhook(id)?;
        let mut puts =
            vec![put(WEBHOOKS, id, Expected::Version(version), None), put(PROGRESS, id, Expected::Any, None)];
        for collection in [DEAD, EXTRA, TOLD] {
            let all = super::dead::of_webhook(&*self.store, collection, id, None, u32::MAX, &|_| true)?;
            puts.extend(all.iter().map(|letter| put(collection, &letter.id, Expected::Any, None)));
        }
        let entry = self.webhook_entry(caller, &kept.webhook, "deleted")?;
        self.store.change(&self.node, &puts, &[entry])?;
        Ok(())
    }

    /// One, with its version.
    pub fn webhook(&self, caller: &Caller, id: &str) -> Result<Versioned<Webhook>, ServiceError> {
        caller.may(Right::ManageWebhooks)?;
        let (version, kept) = self.kept_webhook(id)?;
        Ok(Versioned { version, value: kept.webhook })
    }

    /// How far one is.
    pub fn webhook_progress(&self, caller: &Caller, id: &str) -> Result<WebhookProgress, ServiceError> {
        caller.may(Right::ManageWebhooks)?;
        self.kept_webhook(id)?;
        Ok(Progress::of(&*self.store, id)?.1.shown())
    }

    /// All of them in the order of their names, after one.
    pub fn webhooks(&self, caller: &Caller, after: Option<&str>, limit: u32) -> Result<Vec<Webhook>, ServiceError> {
        caller.may(Right::ManageWebhooks)?;
        self.store.list(WEBHOOKS, after, limit)?.iter().map(|found| Ok(Kept::read(found)?.webhook)).collect()
    }

    pub(crate) fn kept_webhook(&self, id: &str) -> Result<(u64, Kept), ServiceError> {
        let document = self.store.document(WEBHOOKS, id)?.ok_or_else(|| ServiceError::not_found("webhook"))?;
        Ok((document.version, Kept::read(&document)?))
    }

    /// What failed is tried again at once.
    fn progress_at_once(&self, id: &str) -> Result<Option<Put>, ServiceError> {
        let (version, mut progress) = Progress::of(&*self.store, id)?;
        (progress.attempts, progress.retry_at) = (0, None);
        let body = serde_json::to_string(&progress).map_err(ServiceError::storage)?;
        Ok((version > 0).then(|| put(PROGRESS, id, Expected::Any, Some(body))))
    }

    /// What a change leaves in the ledger: where to, and of what; no secret, and of the address only whose it is.
    fn webhook_entry(&self, caller: &Caller, webhook: &Webhook, what: &str) -> Result<NewEntry, ServiceError> {
        let host = webhook.url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let body = serde_json::json!({
            "what": format!("webhook-{what}"), "webhook": webhook.id, "to": host, "kinds": webhook.kinds,
            "fields": webhook.fields, "state": webhook.state,
        });
        Ok(NewEntry {
            kind: JournalKind::Access,
            id: new_id("webhook-entry", &*self.entropy)?,
            person: None,
            subject: Some(webhook.id.clone()),
            actor: caller.actor.clone(),
            at: self.clock.now(),
            body: body.to_string(),
        })
    }
}
