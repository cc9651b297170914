//! The official evaluator, asked again on a share of the decisions.

use crate::GateError;
use crate::inner::Core;
use gongdao_model::{DecisionId, Facts, Instant, PlaceCode};
use gongdao_rules::{Judged, Reference};
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

/// Judges a decision on its own. The gate uses [`Reference`]; tests may give one that errs.
pub trait Oracle: Debug + Send + Sync {
    /// One entry a version in force, ordered by version index.
    ///
    /// Errors: it cannot judge the decision at all: its words.
    fn judge(&self, at: Instant, action: &str, place: Option<PlaceCode>, facts: &Facts) -> Result<Vec<Judged>, String>;
}

impl Oracle for Reference {
    fn judge(&self, at: Instant, action: &str, place: Option<PlaceCode>, facts: &Facts) -> Result<Vec<Judged>, String> {
        Self::judge(self, at, action, place, facts).map_err(|error| error.to_string())
    }
}

/// How many decisions the official evaluator was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OracleCounts {
    /// Judged by it and compared.
    pub compared: u64,
    /// Sampled and then left out, as it was behind.
    pub left_out: u64,
}

/// A decision to judge again, with every fact that counted.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) decision: DecisionId,
    pub(crate) at: Instant,
    pub(crate) action: String,
    pub(crate) place: Option<PlaceCode>,
    pub(crate) facts: Facts,
    pub(crate) judged: Vec<Judged>,
    /// Beside each judgement, whether the rule or its basis was stopped.
    pub(crate) stopped: Vec<bool>,
}

/// Decisions that wait for the official evaluator; beyond it they are left out, so that checks never wait for it.
const MOST_WAITING: usize = 1_024;

/// Picks decisions, and hands them to a thread of its own.
#[derive(Debug)]
pub(crate) struct Sampler {
    checks: AtomicU64,
    /// None once the gate is dropped, which ends the thread.
    jobs: Option<SyncSender<Job>>,
    waiting: Arc<Waiting>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Jobs handed over and not compared yet.
    open: Mutex<u64>,
    none: Condvar,
    compared: AtomicU64,
    left_out: AtomicU64,
}

impl Waiting {
    fn more(&self) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    }

    fn fewer(&self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        *open = open.saturating_sub(1);
        if *open == 0 {
            self.none.notify_all();
        }
    }
}

impl Sampler {
    pub(crate) fn new(core: &Arc<Core>) -> Result<Self, GateError> {
        let (jobs, given) = sync_channel(MOST_WAITING);
        let waiting = Arc::new(Waiting::default());
        let (core, shared) = (Arc::clone(core), Arc::clone(&waiting));
        let thread = Builder::new().name("gate-oracle".to_owned()).spawn(move || work(&core, &given, &shared));
        let thread = thread.map_err(|error| {
            GateError::new(format!("no thread for the official evaluator: {error}"), "allow the process more threads")
        })?;
        Ok(Self { checks: AtomicU64::new(0), jobs: Some(jobs), waiting, thread: Some(thread) })
    }

    /// Which of the next `count` decisions are sampled: evenly spread, so that no luck is needed.
    pub(crate) fn pick(&self, count: usize, share: f64) -> impl FnMut() -> bool {
        let mut next = self.checks.fetch_add(count as u64, Ordering::Relaxed);
        move || {
            #[expect(clippy::cast_precision_loss, reason = "a sample may be off by one beyond 2^53 decisions")]
            let picked = |count: u64| (count as f64 * share).floor();
            next += 1;
            picked(next) > picked(next - 1)
        }
    }

    pub(crate) fn give(&self, jobs: Vec<Job>) {
        for job in jobs {
            self.waiting.more();
            let sent = self.jobs.as_ref().is_some_and(|sender| sender.try_send(job).is_ok());
            if !sent {
                self.waiting.left_out.fetch_add(1, Ordering::Relaxed);
                self.waiting.fewer();
            }
        }
    }

    /// One was compared at once.
    pub(crate) fn count(&self, compared: u64) {
        self.waiting.compared.fetch_add(compared, Ordering::Relaxed);
    }

    /// Wait until nothing waits.
    pub(crate) fn settle(&self) {
        let mut open = self.waiting.open.lock().unwrap_or_else(PoisonError::into_inner);
        while *open > 0 {
            open = self.waiting.none.wait(open).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(crate) fn counts(&self) -> OracleCounts {
        OracleCounts {
            compared: self.waiting.compared.load(Ordering::Relaxed),
            left_out: self.waiting.left_out.load(Ordering::Relaxed),
        }
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // What it panicked of, if it did, was told on stderr; nothing is left to do.
            let _ = thread.join();
        }
    }
}

fn work(core: &Core, jobs: &Receiver<Job>, waiting: &Waiting) {
    while let Ok(job) = jobs.recv() {
        core.compare(&job);
        waiting.compared.fetch_add(1, Ordering::Relaxed);
        waiting.fewer();
    }
}
