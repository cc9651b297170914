//! Telling other systems what happened: subscriptions to kinds of the journal's entries, sent in order and at least once.
//!
//! What is sent is read from the journal when it is sent, so the outbox of the ledger is the outbox of webhooks too, and what
//! was erased is not sent. Only erasures have a queue of their own: the journal must not keep whom they were about. An
//! event says that something happened; whom it is about and what it says, only a subscription tells that two people opened.

mod dead;
mod deliver;
mod event;
mod letter;
mod right;
mod subscribe;

pub use dead::DeadLetter;
pub use deliver::{Courier, Delivery, Parcel};
pub use right::right_status;
pub use subscribe::{NewWebhook, Webhook, WebhookChange, WebhookProgress, WebhookState};

pub(crate) use event::Erased;
pub(crate) use letter::{letter_names, send_task, take_letters};
pub(crate) use right::{Callback, check_right_webhook, forget_callbacks, send_carried_out};
pub(crate) use subscribe::{open, waiting};

use crate::ServiceError;
use crate::access::words;
use crate::port::JournalKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The word of erasures among kinds.
const ERASURE: &str = "erasure";
/// The word of tasks of systems among kinds.
pub(crate) const FULFILMENT: &str = "fulfilment";
/// The word of what agents are told of their requests among kinds.
pub(crate) const RIGHT_STATUS: &str = "right-status";

words! {
    /// A part of an event that is sent only where a subscription names it.
    WebhookField {
        /// Who did it.
        Actor = "actor",
        /// What it says.
        Details = "details",
        /// Whom it is about, by pseudonym.
        Person = "person",
        /// What it is about: an algorithm, a setting, an account.
        Subject = "subject",
    }
}

impl WebhookField {
    /// Whether it tells something of a person.
    fn is_personal(self) -> bool {
        matches!(self, Self::Person | Self::Details)
    }
}

/// Every kind of event that can be subscribed to.
pub fn webhook_kinds() -> impl Iterator<Item = &'static str> {
    JournalKind::ALL.into_iter().map(JournalKind::as_str).chain([ERASURE, FULFILMENT, RIGHT_STATUS])
}

fn check_kinds(kinds: &BTreeSet<String>) -> Result<(), ServiceError> {
    let unknown = kinds.iter().find(|kind| !webhook_kinds().any(|known| known == *kind));
    let all = || webhook_kinds().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join(", ");
    match unknown {
        Some(kind) => Err(ServiceError::input(format!("`{kind}` is no kind of event"), format!("take of {}", all()))),
        None if kinds.is_empty() => Err(ServiceError::input("a webhook without kinds", format!("take of {}", all()))),
        None => Ok(()),
    }
}
