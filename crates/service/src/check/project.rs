use super::queue::{Wiring, spawn};
use crate::ServiceError;
use crate::port::{Projected, Store};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Lines and answers for the database, in the ledger's order.
pub(crate) enum Projection {
    /// Rows of one batch.
    Rows {
        /// Their lines.
        lines: Vec<Projected>,
        /// Answers that the database lacks: digest, JSON.
        answers: Vec<(String, String)>,
        /// The entry after the last.
        watermark: u64,
    },
    /// Tell when all before it is there.
    Barrier(Sender<()>),
}

/// Collection of answers by digest.
pub(crate) const ANSWERS: &str = "answers";
/// Rows that may wait for the database; above it whoever waits for the ledger waits for the database too. A database that writes its
/// log back, or syncs a slow disk, stops for tenths of a second: nobody is to feel that.
const WAITING: usize = 65_536;
/// Lines of one transaction, about.
const LINES: usize = 16_384;
/// How long a transaction waits for more lines: it writes a page of each index for every person that it meets, and counts what its
/// decisions cite, however few they are. Whoever wants to read does not wait ([`Projection::Barrier`]).
const GATHER: Duration = Duration::from_millis(100);
const RETRY: Duration = Duration::from_millis(200);

/// Hands rows to the thread that writes them into the database. The ledger has them already: what is lost here is read
/// from it again.
#[derive(Clone)]
pub(crate) struct Projector {
    sender: Arc<Mutex<Option<Sender<Projection>>>>,
    waiting: Arc<Waiting>,
}

/// Rows that wait.
#[derive(Default)]
struct Waiting {
    rows: Mutex<usize>,
    fewer: Condvar,
}

impl Waiting {
    /// Returns once there is room.
    fn add(&self, rows: usize) {
        let held = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |waiting: &mut usize| *waiting >= WAITING;
        let mut held = self.fewer.wait_while(held, full).unwrap_or_else(PoisonError::into_inner);
        *held += rows;
    }

    fn take(&self, rows: usize) {
        *self.rows.lock().unwrap_or_else(PoisonError::into_inner) -= rows;
        self.fewer.notify_all();
    }
}

impl Projector {
    pub(super) fn start(wiring: &Wiring) -> Result<(Self, JoinHandle<()>), ServiceError> {
        let (sender, inbox) = channel();
        let waiting = Arc::new(Waiting::default());
        let (wiring, taken) = (wiring.clone(), Arc::clone(&waiting));
        let thread = spawn("project", move || run(&wiring, &inbox, &taken))?;
        Ok((Self { sender: Arc::new(Mutex::new(Some(sender))), waiting }, thread))
    }

    /// Blocks while too much waits.
    pub(super) fn send(&self, projection: Projection) {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(sender) = sender {
            if let Projection::Rows { lines, .. } = &projection {
                self.waiting.add(lines.len());
            }
            // The thread ends only after this is closed.
            let _ = sender.send(projection);
        }
    }

    /// Wait until all that was handed over before is in the database, or is given up because the process ends.
    pub(crate) fn flush(&self) {
        let (told, heard) = channel();
        self.send(Projection::Barrier(told));
        let _ = heard.recv();
    }

    pub(super) fn close(&self) {
        drop(self.sender.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

fn run(wiring: &Wiring, inbox: &Receiver<Projection>, waiting: &Waiting) {
    while let Ok(first) = inbox.recv() {
        let (mut lines, mut answers, mut watermark, mut barriers) = (Vec::new(), Vec::new(), 0, Vec::new());
        let until = Instant::now() + GATHER;
        let mut next = Some(first);
        while let Some(projection) = next {
            match projection {
                Projection::Rows { lines: more, answers: new, watermark: after } => {
                    lines.extend(more);
                    answers.extend(new);
                    watermark = after;
                }
                Projection::Barrier(told) => barriers.push(told),
            }
            let is_awaited = !barriers.is_empty() || wiring.presence.is_ending();
            next = match lines.len() < LINES {
                true if is_awaited => inbox.try_recv().ok(),
                true => inbox.recv_timeout(until.saturating_duration_since(Instant::now())).ok(),
                false => None,
            };
        }
        if watermark > 0 && write_until_done(wiring, &lines, &answers, watermark) {
            wiring.book.projected(watermark);
        }
        waiting.take(lines.len());
        for told in barriers {
            let _ = told.send(());
        }
    }
}

/// A database that fails for a while holds rows back; the process that gives up reads them from the ledger at the next
/// start.
fn write_until_done(wiring: &Wiring, lines: &[Projected], answers: &[(String, String)], watermark: u64) -> bool {
    loop {
        let store = &*wiring.store;
        let done = put_answers(store, answers).and_then(|()| store.project(&wiring.node, lines, watermark));
        match done {
            Ok(()) => return true,
            Err(_) if wiring.presence.is_ending() => return false,
            Err(_) => std::thread::sleep(RETRY),
        }
    }
}

/// Keep answers under their digests.
pub(crate) fn put_answers(store: &dyn Store, answers: &[(String, String)]) -> Result<(), ServiceError> {
    if answers.is_empty() { Ok(()) } else { store.keep(ANSWERS, answers) }
}
