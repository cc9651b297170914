//! Letters that tell systems of their tasks: they wait, are taken, or are given up, each under its task's name.

use super::dead::{DEAD, Of};
use super::deliver::{EXTRA, Waiting};
use super::subscribe::put;
use crate::ServiceError;
use crate::port::{Expected, Put, Store};

/// What was taken and is not done yet.
pub(super) const TOLD: &str = "webhook-told";

/// The letter of a task, to be sent.
pub(crate) fn send_task(webhook: &str, case: &str, system: &str) -> Result<Put, ServiceError> {
    let of = Of::Task { case: case.to_owned(), system: system.to_owned() };
    let waiting = Waiting { of, attempts: 0, retry_at: None, last_error: None, given_up_at: None };
    let body = serde_json::to_string(&waiting).map_err(ServiceError::storage)?;
    Ok(put(EXTRA, &format!("{webhook}.{case}.{system}"), Expected::Any, Some(body)))
}

/// How many letters there are for a task, in whatever state.
pub(crate) fn letter_names(store: &dyn Store, webhook: &str, task: &str) -> Result<usize, ServiceError> {
    let name = format!("{webhook}.{task}");
    let mut found = 0;
    for collection in [EXTRA, TOLD, DEAD] {
        found += usize::from(store.document(collection, &name)?.is_some());
    }
    Ok(found)
}

/// Take away what became of a task's letter.
pub(crate) fn take_letters(webhook: &str, task: &str) -> Vec<Put> {
    let name = format!("{webhook}.{task}");
    [TOLD, DEAD].into_iter().map(|collection| put(collection, &name, Expected::Any, None)).collect()
}
