//! What the service carries out itself: it stops using what is to be deleted, and erases its own records of the person.

use crate::desk::{GATE, person_change, read_case};
use crate::erase::Asked;
use crate::port::{Expected, NewEntry, Put, TaskQuery};
use crate::webhook::{Callback, send_carried_out};
use crate::{ErasureReport, ErrorKind, Service, ServiceError};
use gongdao_desk::{About, Case, Order, Outcome, RequestKind, TaskState, Way, What};
use gongdao_gate::StateChange;
use gongdao_model::{FactPath, Instant, ProvisionId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Cases that were erased with all else about their person: name, erasure, entry.
const CARRIED_OUT: &str = "carried-out";
/// PIPL art. 47(1): to delete on request.
const DELETION: &str = "cn.pipl/47/1";
/// PIPL art. 47(2): what cannot be deleted yet is stored and protected, nothing else.
const STORAGE_ONLY: &str = "cn.pipl/47/2";
/// Kinds of information that rules of art. 47 look at.
const DELETED_KINDS: &str = "resource.deletedKinds";

#[derive(Debug, Serialize, Deserialize)]
struct CarriedOut {
    erasure: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    leaf: Option<u64>,
    at: Instant,
}

impl Service {
    /// Who has to carry a request out that is granted: the declared systems, and for a deletion the service itself, last. It
    /// erases by itself where everything is asked for; of a part, a person says what was done.
    pub(crate) fn orders_of_case(&self, case: &Case, is_partly: bool) -> Result<Vec<Order>, ServiceError> {
        if !case.kind.is_carried_out() {
            return Ok(Vec::new());
        }
        let mut orders = self.orders_of(case.kind)?;
        if case.kind == RequestKind::Delete {
            let way = if is_everything(&case.about) && !is_partly { Way::Own } else { Way::Manual };
            orders.push(Order { system: GATE.to_owned(), way });
        }
        Ok(orders)
    }

    /// What an answer to a request for deletion changes at once: kinds of information that the gate lets nobody use any more.
    /// Where nobody said which, it is unknown from now on, so that no decision that rests on it is let through.
    pub(crate) fn stop_using(&self, case: &Case, actor: &str, at: Instant) -> Result<Vec<NewEntry>, ServiceError> {
        let Some(answer) = case.answer.as_ref().filter(|_| case.kind == RequestKind::Delete) else {
            return Ok(Vec::new());
        };
        let is_kept = answer.outcome.article().is_some_and(|article| article.to_string() == STORAGE_ONLY);
        let is_granted = answer.outcome == Outcome::Granted;
        let path: FactPath = DELETED_KINDS.parse()?;
        let is_said = !answer.kinds.is_empty();
        if !self.vocabulary.facts.contains_key(&path)
            || !(is_kept || (is_granted && (is_said || is_everything(&case.about))))
        {
            return Ok(Vec::new());
        }
        let kinds: BTreeSet<String> = answer.kinds.iter().cloned().collect();
        let change = if is_said { StateChange::Add(kinds) } else { StateChange::Forget };
        let name = format!("{}-stop-{}", case.id, case.events);
        Ok(vec![person_change(&name, &case.person, actor, at, path, change)?])
    }

    /// Erase what granted deletions ask for, where every other system did its part. The service does this by itself once a
    /// minute. Returns how many persons were erased. What an article keeps is not erased, and the task is stuck.
    pub fn carry_out_deletions(&self) -> Result<u64, ServiceError> {
        const AT_ONCE: u32 = 500;
        let query =
            TaskQuery { state: Some(TaskState::Open.as_str().to_owned()), systems: Some([GATE.to_owned()].into()) };
        let (mut after, mut erased): (Option<String>, u64) = (None, 0);
        loop {
            let page = self.store.tasks(&query, after.as_deref(), AT_ONCE)?;
            let Some(last) = page.last() else { return Ok(erased) };
            after = Some(last.id.clone());
            for task in page.iter().filter(|task| task.way == Way::Own.as_str()) {
                // An erasure of the same person took it away.
                let Some(line) = self.store.case(&task.case)? else { continue };
                let case = read_case(&line)?;
                let others = case.fulfilment.iter().filter(|other| other.system != GATE);
                if others.clone().all(|other| other.state == TaskState::Done) {
                    erased += u64::from(self.carry_out_deletion(&case)?);
                }
            }
        }
    }

    fn carry_out_deletion(&self, case: &Case) -> Result<bool, ServiceError> {
        let ground: ProvisionId = DELETION.parse()?;
        let callback = self.callback_of(&case.id)?;
        match self.erase_as(Asked::Granted, &case.person, &ground) {
            Ok(report) => self.note_carried_out(case, &report, callback.as_ref()).map(|()| true),
            // An article keeps the records.
            Err(error) if error.kind == ErrorKind::Input => {
                self.task_is_stuck(&case.id, GATE, &error.message)?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Who asks for the case learns that it was carried out; nothing says whose it was.
    fn note_carried_out(
        &self,
        case: &Case,
        report: &ErasureReport,
        callback: Option<&Callback>,
    ) -> Result<(), ServiceError> {
        let at = self.clock.now();
        let note = CarriedOut { erasure: report.id.clone(), leaf: report.leaf, at };
        let body = Some(serde_json::to_string(&note).map_err(ServiceError::storage)?);
        let (collection, id, expected) = (CARRIED_OUT, case.id.clone(), Expected::Any);
        let mut puts = vec![Put { collection, id, expected, body, alias: None, expires: None }];
        // The agent that handed it in is told by the case's name alone.
        puts.extend(callback.map(|callback| send_carried_out(callback, &case.id, at)).transpose()?);
        self.store.change(&self.node, &puts, &[])?;
        Ok(())
    }

    /// Why a case is not there: it was carried out by erasing everything about its person, or there is none.
    pub(crate) fn no_case(&self, id: &str) -> ServiceError {
        let note = self.store.document(CARRIED_OUT, id).ok().flatten();
        let note = note.and_then(|document| serde_json::from_str::<CarriedOut>(&document.body).ok());
        let Some(CarriedOut { erasure, leaf, at }) = note else { return ServiceError::not_found("case") };
        let place = leaf.map(|leaf| format!(", entry {leaf} of the ledger")).unwrap_or_default();
        let message = format!("the request was carried out on {at}: everything about the person is erased");
        ServiceError::new(ErrorKind::Erased, message, format!("the erasure is `{erasure}`{place}; it names nobody"))
    }
}

/// Whether a request is about everything, and not about a part.
fn is_everything(about: &About) -> bool {
    *about == About::default()
}

/// Errors: a deletion is refused because something has to be kept, and nothing says what, though the request names it.
pub(crate) fn check_kept_kinds(case: &Case, what: &What) -> Result<(), ServiceError> {
    let What::Answered { outcome, kinds, .. } = what else { return Ok(()) };
    let is_kept = outcome.article().is_some_and(|article| article.to_string() == STORAGE_ONLY);
    if case.kind != RequestKind::Delete || !is_kept || !kinds.is_empty() || is_everything(&case.about) {
        return Ok(());
    }
    let hint = "name under `kinds` what is only stored from now on, in the words of `context.dataKinds`";
    Err(ServiceError::input("the answer does not say which kinds of information are kept", hint))
}
