//! How a request stands that an agent handed in (docs/drp.md): told through the webhook that the operator made for the agent,
//! whenever something happened to the case. It names nobody; what was said the agent reads with its own session.

use super::dead::Of;
use super::deliver::{EXTRA, Waiting};
use super::event::{Event, event};
use super::subscribe::{Kept, WEBHOOKS, put};
use super::{RIGHT_STATUS, Webhook};
use crate::desk::{read_case, read_mandate};
use crate::identity::Agent;
use crate::port::{Expected, JournalEntry, Put, Store};
use crate::{Service, ServiceError};
use gongdao_desk::{Case, Closed, Stage};
use gongdao_model::Instant;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Which agent is told of a case.
const CALLBACKS: &str = "right-callbacks";

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Callback {
    webhook: String,
    /// The agent's account, as cases and mandates have it.
    actor: String,
    /// The agent's own name of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agent_request: Option<String>,
}

/// Status and reason of a case in the words of the Data Rights Protocol 0.9.4 §3.02.
pub fn right_status(case: &Case, is_fulfilled: bool) -> (&'static str, Option<&'static str>) {
    match (case.stage, case.closed) {
        (Stage::Identity, _) => ("in_progress", Some("need_user_verification")),
        (Stage::Closed, Some(Closed::Withdrawn)) => ("revoked", None),
        (Stage::Answered | Stage::Closed, _) if case.refusal().is_some() && !case.is_granted() => {
            ("denied", Some("claim_not_covered"))
        }
        (Stage::Answered | Stage::Closed, _) if is_fulfilled => ("fulfilled", None),
        _ => ("in_progress", None),
    }
}

impl Service {
    /// The webhook at an address that an agent wants to be told at.
    ///
    /// Errors: the operator has none there for this agent.
    pub fn agent_callback(&self, agent: &Agent, url: &str) -> Result<String, ServiceError> {
        let refused = || {
            let hint =
                "leave it out and ask for the status, or let the operator make you a webhook of kind `right-status`";
            ServiceError::input("`status_callback` is no address at which you are told", hint)
        };
        let id = agent.what.webhook.as_deref().ok_or_else(refused)?;
        let webhook = self.kept_webhook(id).map_err(|_| refused())?.1.webhook;
        if webhook.url == url && webhook.kinds.contains(RIGHT_STATUS) { Ok(webhook.id) } else { Err(refused()) }
    }

    /// Tell an agent from now on how a case of its stands.
    pub fn keep_callback(
        &self,
        agent: &Agent,
        webhook: &str,
        case: &str,
        agent_request: Option<&str>,
    ) -> Result<(), ServiceError> {
        let callback = Callback {
            webhook: webhook.to_owned(),
            actor: format!("account:{}", agent.what.account),
            agent_request: agent_request.map(str::to_owned),
        };
        let body = serde_json::to_string(&callback).map_err(ServiceError::storage)?;
        self.store.change(&self.node, &[put(CALLBACKS, case, Expected::Any, Some(body))], &[]).map(drop)
    }

    pub(crate) fn callback_of(&self, case: &str) -> Result<Option<Callback>, ServiceError> {
        callback(&*self.store, case)
    }
}

/// Errors: there is no such webhook, or it is for other things.
pub(crate) fn check_right_webhook(store: &dyn Store, id: &str) -> Result<(), ServiceError> {
    let document = store.document(WEBHOOKS, id)?;
    let webhook = document.as_ref().map(Kept::read).transpose()?.map(|kept| kept.webhook);
    if webhook.is_some_and(|webhook| webhook.kinds == [RIGHT_STATUS.to_owned()].into()) {
        return Ok(());
    }
    let hint = "make a webhook of kind `right-status` and no other first";
    Err(ServiceError::input("`webhook` is none that tells an agent how its requests stand", hint))
}

/// That a deletion took the case with it.
pub(crate) fn send_carried_out(callback: &Callback, case: &str, at: Instant) -> Result<Put, ServiceError> {
    let of = Of::Right { case: case.to_owned(), agent_request: callback.agent_request.clone(), at };
    let waiting = Waiting { of, attempts: 0, retry_at: None, last_error: None, given_up_at: None };
    let body = serde_json::to_string(&waiting).map_err(ServiceError::storage)?;
    Ok(put(EXTRA, &format!("{}.{case}.right", callback.webhook), Expected::Any, Some(body)))
}

/// Nobody is told of a person's cases any more.
pub(crate) fn forget_callbacks(store: &dyn Store, node: &str, person: &str) -> Result<(), ServiceError> {
    const AT_ONCE: u32 = 500;
    let mut after = None;
    loop {
        let page = store.cases_of(person, after, AT_ONCE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some((last.opened_at, last.id.clone()));
        let mut puts = Vec::new();
        for line in &page {
            if store.document(CALLBACKS, &line.id)?.is_some() {
                puts.push(put(CALLBACKS, &line.id, Expected::Any, None));
            }
        }
        if !puts.is_empty() {
            store.change(node, &puts, &[])?;
        }
    }
}

/// What an entry about a case tells the agent that handed it in; nothing where it was another, or may not know any more.
pub(super) fn of_right(
    store: &dyn Store,
    entry: &JournalEntry,
    webhook: &Webhook,
    now: Instant,
) -> Result<Option<Event>, ServiceError> {
    let Some(name) = entry.entry.subject.as_deref() else { return Ok(None) };
    let Some(callback) = callback(store, name)?.filter(|callback| callback.webhook == webhook.id) else {
        return Ok(None);
    };
    let Some(line) = store.case(name)? else { return Ok(None) };
    let case = read_case(&line)?;
    let mandates = store.mandates_for(&case.person, Some(&callback.actor))?;
    let mandates = mandates.iter().map(read_mandate).collect::<Result<Vec<_>, _>>()?;
    // A mandate that was taken back gives nothing from that moment.
    if !mandates.iter().any(|mandate| mandate.covers(case.kind, case.about.decision.as_deref(), now)) {
        return Ok(None);
    }
    let (status, reason) = right_status(&case, case.is_fulfilled());
    let data = told(name, callback.agent_request.as_deref(), status, reason);
    Ok(Some(as_event(&format!("right-{}", entry.seq), &entry.node, entry.entry.at, &data)))
}

/// That a deletion took the case with it, as an event.
pub(super) fn of_carried_out(case: &str, agent_request: Option<&str>, node: &str, at: Instant) -> Event {
    as_event(&format!("right-{case}"), node, at, &told(case, agent_request, "fulfilled", None))
}

fn as_event(id: &str, node: &str, at: Instant, data: &Map<String, Value>) -> Event {
    Event { id: id.to_owned(), body: Value::Object(event(id, node, RIGHT_STATUS, at, data)).to_string() }
}

fn told(case: &str, agent_request: Option<&str>, status: &str, reason: Option<&str>) -> Map<String, Value> {
    let members =
        [("request_id", Some(case)), ("agent_request_id", agent_request), ("status", Some(status)), ("reason", reason)];
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect()
}

fn callback(store: &dyn Store, case: &str) -> Result<Option<Callback>, ServiceError> {
    let document = store.document(CALLBACKS, case)?;
    document.map(|document| serde_json::from_str(&document.body)).transpose().map_err(ServiceError::storage)
}
