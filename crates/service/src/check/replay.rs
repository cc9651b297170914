//! First answers that are no longer in memory, read from the ledger.

use super::batch::Slot;
use super::project::ANSWERS;
use super::queue::{Wiring, spawn};
use super::{Place, RowRefusal, RowResult, Taken};
use crate::ledger_view::LedgerView;
use crate::port::{Projected, Store};
use crate::record::{open_groups, read_check};
use crate::{ErrorKind, ServiceError};
use gongdao_gate::{Answer, Brief, Checked, Frame, Told};
use gongdao_ledger::Row;
use gongdao_model::DecisionRecord;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// A row that was taken before, by the same decision.
pub(super) struct Asked {
    pub(super) slot: Slot,
    pub(super) line: Projected,
}

/// Rows that may wait to be read again; whoever repeats old decisions faster waits in his own queue.
const WAITING: usize = 1024;

/// Hands rows to the thread that reads.
pub(super) struct Replayer(SyncSender<Asked>);

impl Replayer {
    pub(super) fn start(wiring: &Wiring) -> Result<(Self, JoinHandle<()>), ServiceError> {
        let (sender, inbox) = sync_channel(WAITING);
        let wiring = wiring.clone();
        let thread = spawn("replay", move || run(&wiring, &inbox))?;
        Ok((Self(sender), thread))
    }

    pub(super) fn ask(&self, asked: Asked) {
        if let Err(refused) = self.0.try_send(asked) {
            let (std::sync::mpsc::TrySendError::Full(asked) | std::sync::mpsc::TrySendError::Disconnected(asked)) =
                refused;
            let error = ServiceError::new(ErrorKind::Busy, "too many old answers are asked for", "send it again");
            asked.slot.fill(Err(RowRefusal::Service(error)));
        }
    }
}

fn run(wiring: &Wiring, inbox: &Receiver<Asked>) {
    while let Ok(Asked { slot, line }) = inbox.recv() {
        slot.fill(answer(wiring, &line).unwrap_or_else(|error| Err(RowRefusal::Service(error))));
    }
}

fn answer(wiring: &Wiring, line: &Projected) -> Result<RowResult, ServiceError> {
    let Some(leaf) = line.leaf else {
        return Err(ServiceError::new(ErrorKind::Busy, "the decision is being checked", "send it again in a moment"));
    };
    let (place, _, checked) = rebuilt(&wiring.view, &*wiring.store, &wiring.node, leaf)?;
    let Some(checked) = checked else { return Ok(Err(RowRefusal::Duplicate { is_same: true })) };
    Ok(Ok(Taken { checked: Some(Arc::new(checked)), place, is_repeat: true }))
}

/// A decision with what was answered, out of the ledger. Without an answer where it was made elsewhere.
///
/// Errors: it was erased; the disk.
pub(crate) fn rebuilt(
    view: &LedgerView,
    store: &dyn Store,
    node: &Arc<str>,
    leaf: u64,
) -> Result<(Place, DecisionRecord, Option<Checked>), ServiceError> {
    Answers::default().rebuilt(store, node, &view.row(leaf)?)
}

/// Answers that were met before: many decisions have the same, and each is read and made once.
#[derive(Default)]
pub(crate) struct Answers(BTreeMap<String, Told>);

impl Answers {
    /// Those that were met, in the order of their digests.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Told> {
        self.0.values()
    }

    /// The same out of a row.
    ///
    /// Errors: it was erased; the database.
    pub(crate) fn rebuilt(
        &mut self,
        store: &dyn Store,
        node: &Arc<str>,
        row: &Row,
    ) -> Result<(Place, DecisionRecord, Option<Checked>), ServiceError> {
        let place = Place { node: Arc::clone(node), leaf: row.leaf, record: row.record };
        let groups = open_groups(row)?;
        let erased = || {
            ServiceError::new(
                ErrorKind::Erased,
                "the content of the decision was erased",
                "the ledger still proves its place",
            )
        };
        let Some(logged) = read_check(&groups)? else {
            let record = crate::record::decision_of(&groups)?.ok_or_else(erased)?;
            return Ok((place, record, None));
        };
        let mut checked = logged.checked;
        if let Some(digest) = logged.answer {
            let known = self.0.get(&digest).cloned();
            let answer = match known {
                Some(answer) => answer,
                None => self.0.entry(digest.clone()).or_insert(Told::new(answer_of(store, &digest)?)).clone(),
            };
            checked.answer = Some(answer);
        }
        Ok((place, logged.request, Some(checked)))
    }
}

/// An answer by its digest, be it kept as a whole or in the letters of a frame.
///
/// Errors: the database has it, or its frame, not.
pub(crate) fn answer_of(store: &dyn Store, digest: &str) -> Result<Answer, ServiceError> {
    let missing = || {
        ServiceError::storage(format_args!("answer `{digest}` is not in the database: make it again from the ledger"))
    };
    found_answer(store, digest)?.ok_or_else(missing)
}

/// The same; nothing where the database has it, or its frame, not.
pub(crate) fn found_answer(store: &dyn Store, digest: &str) -> Result<Option<Answer>, ServiceError> {
    match store.document(ANSWERS, digest)? {
        Some(found) => read_answer(store, &found.body),
        None => Ok(None),
    }
}

/// An answer out of its JSON; nothing where it is in the letters of a frame that the database has not.
///
/// Errors: it is none.
pub(crate) fn read_answer(store: &dyn Store, json: &str) -> Result<Option<Answer>, ServiceError> {
    /// What both forms may have.
    #[derive(serde::Deserialize)]
    struct Either {
        frame: Option<String>,
    }
    let either: Either = serde_json::from_str(json).map_err(ServiceError::storage)?;
    let Some(frame) = either.frame else {
        return serde_json::from_str(json).map(Some).map_err(ServiceError::storage);
    };
    let brief: Brief = serde_json::from_str(json).map_err(ServiceError::storage)?;
    let Some(frame) = store.document(ANSWERS, &frame)? else { return Ok(None) };
    let frame: Frame = serde_json::from_str(&frame.body).map_err(ServiceError::storage)?;
    frame.answer(&brief).map(Some).map_err(ServiceError::storage)
}
