use super::batch::{Arriving, Job, Wants};
use super::finish::Finisher;
use super::judge::Judge;
use super::project::Projector;
use super::replay::Replayer;
use super::slots::Slots;
use super::{Book, Reply, RowResult};
use crate::follow::Presence;
use crate::ledger_view::LedgerView;
use crate::port::{Clock, Store};
use crate::register::Board;
use crate::{ErrorKind, ServiceError};
use gongdao_gate::Gate;
use gongdao_ledger::Ledger;
use gongdao_model::DecisionRecord;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// How much may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Calls that wait to be judged.
    pub calls: usize,
    /// Rows that wait to be answered.
    pub rows: usize,
    /// Rows judged and logged together.
    pub batch_rows: usize,
    /// Rows of one call.
    pub call_rows: usize,
    /// Answers kept in memory for whoever asks again.
    pub kept_answers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { calls: 4096, rows: 65_536, batch_rows: 4096, call_rows: 10_000, kept_answers: 65_536 }
    }
}

/// What the queue's threads work with.
#[derive(Clone)]
pub(crate) struct Wiring {
    pub(crate) node: Arc<str>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) view: Arc<LedgerView>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) presence: Arc<Presence>,
    pub(crate) book: Arc<Book>,
    pub(crate) register: Arc<Board>,
    pub(crate) limits: Limits,
}

/// Takes checks and decisions, and answers when they are durable. Shared by threads.
pub struct CheckQueue {
    jobs: Mutex<Option<SyncSender<Job>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    rows: Arc<AtomicUsize>,
    limits: Limits,
    is_failed: Arc<AtomicBool>,
    projector: Projector,
}

impl CheckQueue {
    /// Start the threads.
    pub(crate) fn start(wiring: &Wiring) -> Result<Self, ServiceError> {
        let (jobs, inbox) = sync_channel(wiring.limits.calls);
        let (batches, finishing) = sync_channel(4);
        let is_failed = Arc::new(AtomicBool::new(false));
        let (projector, projecting) = Projector::start(wiring)?;
        let (replayer, replaying) = Replayer::start(wiring)?;
        let finisher = Finisher::new(wiring, projector.clone(), Arc::clone(&is_failed));
        let lost = finisher.lost_answers();
        let judge = Judge::new(wiring, batches, replayer, lost);
        let threads = vec![
            spawn("judge", move || judge.run(&inbox))?,
            spawn("finish", move || finisher.run(&finishing))?,
            projecting,
            replaying,
        ];
        Ok(Self {
            jobs: Mutex::new(Some(jobs)),
            threads: Mutex::new(threads),
            rows: Arc::default(),
            limits: wiring.limits,
            is_failed,
            projector,
        })
    }

    /// Ask the gate about decisions. `key` makes two calls one: with other rows it is refused.
    ///
    /// Errors, at once: `Busy` where too much waits; too many rows. Later, to `reply`: `KeyReused`; `Lapsed` where this
    /// process cannot know the state; the disk. A row that is refused is refused on its own.
    pub fn check(
        &self,
        rows: Vec<DecisionRecord>,
        key: Option<String>,
        reply: Reply<Vec<RowResult>>,
    ) -> Result<(), ServiceError> {
        self.submit(Wants::Answer, rows, key, reply).map_err(|refused| refused.error)
    }

    /// Log decisions that were made elsewhere. An identifier that was taken is refused, be it by the same decision.
    ///
    /// Errors: as for a check, without `Lapsed`.
    pub fn log(&self, rows: Vec<DecisionRecord>, reply: Reply<Vec<RowResult>>) -> Result<(), ServiceError> {
        self.log_or_return(rows, reply).map_err(|refused| refused.error)
    }

    /// The same; rows that are refused at once come back, so that they can be handed over again.
    ///
    /// Errors: as for [`Self::log`].
    pub fn log_or_return(&self, rows: Vec<DecisionRecord>, reply: Reply<Vec<RowResult>>) -> Result<(), Returned> {
        self.submit(Wants::Log, rows, None, reply)
    }

    /// Rows that wait.
    pub fn waiting_rows(&self) -> usize {
        self.rows.load(Ordering::Relaxed)
    }

    /// Whether the ledger still takes records and every thread runs. After an error of its disk it does not: start the
    /// process again.
    pub fn is_working(&self) -> bool {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        !self.is_failed.load(Ordering::Relaxed) && !threads.iter().any(JoinHandle::is_finished)
    }

    pub(crate) fn projector(&self) -> &Projector {
        &self.projector
    }

    /// Take no more, answer what waits, and end the threads.
    pub(crate) fn stop(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            let _ = thread.join();
        }
    }

    fn submit(
        &self,
        wants: Wants,
        rows: Vec<DecisionRecord>,
        key: Option<String>,
        reply: Reply<Vec<RowResult>>,
    ) -> Result<(), Returned> {
        let count = rows.len();
        if count == 0 {
            reply(Ok(Vec::new()));
            return Ok(());
        }
        let counted = match self.room(count) {
            Ok(counted) => counted,
            Err(error) => return Err(Returned { error, rows }),
        };
        let counted: Reply<Vec<RowResult>> = Box::new(move |result| {
            drop(counted);
            reply(result);
        });
        let rows = rows.into_iter().map(Arriving::of).collect();
        let job = Job { wants, rows, key, slots: Arc::new(Slots::new(count, counted)) };
        let sent = match &*self.jobs.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(jobs) => jobs.try_send(job),
            None => Err(TrySendError::Disconnected(job)),
        };
        match sent {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(job)) => Err(returned(job, busy())),
            Err(TrySendError::Disconnected(job)) => Err(returned(job, ServiceError::closed())),
        }
    }

    /// Room for so many rows.
    fn room(&self, count: usize) -> Result<Counted, ServiceError> {
        if count > self.limits.call_rows {
            let hint = format!("send at most {} at once", self.limits.call_rows);
            return Err(ServiceError::input(format!("{count} decisions in one call"), hint));
        }
        if self.is_failed.load(Ordering::Relaxed) {
            return Err(ServiceError::storage("the ledger has stopped after an error of its disk"));
        }
        let counted = Counted { waiting: Arc::clone(&self.rows), count };
        if self.rows.fetch_add(count, Ordering::Relaxed) + count > self.limits.rows.max(count) {
            return Err(busy());
        }
        Ok(counted)
    }
}

/// Rows that were not taken.
#[derive(Debug)]
pub struct Returned {
    /// Why.
    pub error: ServiceError,
    /// All of them, as they were handed over.
    pub rows: Vec<DecisionRecord>,
}

impl Drop for CheckQueue {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Rows count as waiting until this goes.
struct Counted {
    waiting: Arc<AtomicUsize>,
    count: usize,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.waiting.fetch_sub(self.count, Ordering::Relaxed);
    }
}

/// The caller hears it from the call; the reply is not used.
fn returned(job: Job, error: ServiceError) -> Returned {
    job.slots.cancel();
    Returned { error, rows: job.rows.into_iter().map(|row| row.record).collect() }
}

fn busy() -> ServiceError {
    ServiceError::new(ErrorKind::Busy, "too many decisions wait", "send the same again in a moment")
}

pub(super) fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, ServiceError> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run).map_err(ServiceError::storage)
}
