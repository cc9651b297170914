//! What a ledger and a database need from time to time.

use crate::ServiceError;
use crate::identity::SESSIONS;
use crate::port::{Clock, Store};
use gongdao_ledger::Ledger;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often things are done; never where it is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upkeep {
    /// A checkpoint is signed. Without one the write-ahead log grows.
    pub checkpoint: Duration,
    /// An epoch is closed, so that persons can be shown that these are all their entries; rows are sealed into Parquet.
    pub epoch: Option<Duration>,
    /// Rows from which on they are sealed.
    pub seal_rows: u64,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self { checkpoint: Duration::from_secs(1), epoch: Some(Duration::from_hours(24)), seal_rows: 131_072 }
    }
}

/// The thread that does it.
pub(crate) struct UpkeepThread {
    stop: Mutex<Option<Sender<()>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl UpkeepThread {
    pub(crate) fn start(
        upkeep: Upkeep,
        ledger: Arc<Ledger>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ServiceError> {
        let (stop, stopped) = channel();
        let run = move || {
            let mut epoch_at = clock.ticks();
            while stopped.recv_timeout(upkeep.checkpoint) == Err(RecvTimeoutError::Timeout) {
                // A ledger that fails says so to whoever logs; here nobody listens.
                let _ = ledger.checkpoint();
                let now = clock.ticks();
                if upkeep.epoch.is_some_and(|every| now.saturating_sub(epoch_at) >= every) {
                    epoch_at = now;
                    let _ = ledger.close_epoch().and_then(|_| ledger.checkpoint());
                    let _ = ledger.seal_segments(upkeep.seal_rows);
                    let _ = store.purge(SESSIONS, clock.now());
                }
            }
        };
        let thread = std::thread::Builder::new().name("upkeep".to_owned()).spawn(run).map_err(ServiceError::storage)?;
        Ok(Self { stop: Mutex::new(Some(stop)), thread: Mutex::new(Some(thread)) })
    }

    pub(crate) fn stop(&self) {
        drop(self.stop.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = thread.join();
        }
    }
}
