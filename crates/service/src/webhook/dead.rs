use super::deliver::{EXTRA, Waiting};
use super::event::Erased;
use super::subscribe::put;
use crate::port::{Expected, Store};
use crate::{Caller, Right, Service, ServiceError};
use gongdao_model::Instant;
use serde::{Deserialize, Serialize};

pub(super) const DEAD: &str = "webhook-dead";

/// Which event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Of {
    /// An entry of the journal, by its number; what it says is read from there.
    Entry(u64),
    /// An erasure.
    Erasure(Erased),
    /// What a system has to do for a request.
    Task {
        /// The case.
        case: String,
        /// The system.
        system: String,
    },
    /// That a deletion took a case with it which an agent handed in.
    Right {
        /// The case.
        case: String,
        /// The agent's own name of the request.
        agent_request: Option<String>,
        /// When.
        at: Instant,
    },
}

/// An event that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeadLetter {
    /// Its name.
    pub id: String,
    /// The entry of the journal; nothing for an erasure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// The erasure; nothing for an entry of the journal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erasure: Option<String>,
    /// The task of a system, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fulfilment: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// What the last attempt ended with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// When it was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
}

/// An event that waits or was given up, with its name.
pub(super) struct Letter {
    pub(super) id: String,
    pub(super) version: u64,
    pub(super) waiting: Waiting,
}

/// Those of a webhook that are wanted, in the order of their names.
pub(super) fn of_webhook(
    store: &dyn Store,
    collection: &'static str,
    webhook: &str,
    after: Option<&str>,
    limit: u32,
    is_wanted: &dyn Fn(&Waiting) -> bool,
) -> Result<Vec<Letter>, ServiceError> {
    const AT_ONCE: u32 = 500;
    // Names begin with the webhook's. Others' are passed over: in what order a database has signs is its own affair.
    let start = format!("{webhook}.");
    let mut from = after.map(str::to_owned);
    let mut letters = Vec::new();
    loop {
        let page = store.list(collection, from.as_deref(), AT_ONCE)?;
        let Some(last) = page.last() else { return Ok(letters) };
        from = Some(last.id.clone());
        for document in page.into_iter().filter(|document| document.id.starts_with(&start)) {
            if letters.len() >= limit as usize {
                return Ok(letters);
            }
            let waiting: Waiting = serde_json::from_str(&document.body).map_err(ServiceError::storage)?;
            if !is_wanted(&waiting) {
                continue;
            }
            letters.push(Letter { id: document.id, version: document.version, waiting });
        }
    }
}

impl Service {
    /// Events of a webhook that were given up, in their order, after one.
    pub fn dead_letters(
        &self,
        caller: &Caller,
        webhook: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<DeadLetter>, ServiceError> {
        caller.may(Right::ManageWebhooks)?;
        self.kept_webhook(webhook)?;
        let found = of_webhook(&*self.store, DEAD, webhook, after, limit, &|_| true)?;
        Ok(found.into_iter().map(shown).collect())
    }

    /// Send an event again that was given up. It comes after what was sent meanwhile.
    ///
    /// Errors: the caller may not; there is none of this name.
    pub fn redeliver(&self, caller: &Caller, webhook: &str, letter: &str) -> Result<(), ServiceError> {
        let letter = self.dead_letter(caller, webhook, letter)?;
        let waiting = Waiting { attempts: 0, retry_at: None, ..letter.waiting };
        let body = serde_json::to_string(&waiting).map_err(ServiceError::storage)?;
        let puts = [
            put(DEAD, &letter.id, Expected::Version(letter.version), None),
            put(EXTRA, &letter.id, Expected::Any, Some(body)),
        ];
        self.store.change(&self.node, &puts, &[])?;
        Ok(())
    }

    /// Give an event up for good.
    ///
    /// Errors: the caller may not; there is none of this name.
    pub fn drop_dead_letter(&self, caller: &Caller, webhook: &str, letter: &str) -> Result<(), ServiceError> {
        let letter = self.dead_letter(caller, webhook, letter)?;
        self.store.change(&self.node, &[put(DEAD, &letter.id, Expected::Version(letter.version), None)], &[])?;
        Ok(())
    }

    fn dead_letter(&self, caller: &Caller, webhook: &str, id: &str) -> Result<Letter, ServiceError> {
        caller.may(Right::ManageWebhooks)?;
        let missing = || ServiceError::not_found("letter");
        let own = id.strip_prefix(webhook).is_some_and(|rest| rest.starts_with('.'));
        let document = self.store.document(DEAD, id)?.filter(|_| own).ok_or_else(missing)?;
        let waiting = serde_json::from_str(&document.body).map_err(ServiceError::storage)?;
        Ok(Letter { id: document.id, version: document.version, waiting })
    }
}

fn shown(letter: Letter) -> DeadLetter {
    let Waiting { of, attempts, last_error, given_up_at, .. } = letter.waiting;
    let (seq, erasure, fulfilment) = match of {
        Of::Entry(seq) => (Some(seq), None, None),
        Of::Erasure(erased) => (None, Some(erased.id), None),
        Of::Right { .. } => (None, None, None),
        Of::Task { case, system } => (None, None, Some(crate::desk::task_name(&case, &system))),
    };
    DeadLetter { id: letter.id, seq, erasure, fulfilment, attempts, last_error, at: given_up_at }
}
