//! What a ledger and a database need from time to time.

use crate::ServiceError;
use crate::identity::SESSIONS;
use crate::port::{Clock, Store};
use gongdao_ledger::Ledger;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use thread_priority::{ThreadPriority, set_current_thread_priority};

/// A niceness of 10 on Linux: a tenth of the share of a thread that somebody waits for.
const LOW: u8 = 22;

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

/// Let the threads that somebody waits for go first: rows are sealed for tenths of a second at a time. Sealing never falls behind for
/// that; a machine with no time left would not answer either.
fn stand_back() {
    // Where the system does not let it, answers wait a little longer.
    let _ = LOW.try_into().map(|low| set_current_thread_priority(ThreadPriority::Crossplatform(low)));
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
            stand_back();
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::stand_back;

    #[test]
    fn a_thread_that_stands_back_is_nice_and_others_are_not() {
        // proc_pid_stat(5): the 19th field; what stands before has the name, which may hold blanks.
        let niceness = || {
            let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
            let (_, fields) = stat.rsplit_once(") ").unwrap();
            fields.split(' ').nth(16).unwrap().parse::<i32>().unwrap()
        };
        let before = niceness();
        let other = std::thread::spawn(move || {
            stand_back();
            niceness()
        });
        assert_eq!(other.join().unwrap(), before.max(10));
        assert_eq!(niceness(), before);
    }
}
