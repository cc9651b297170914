//! Work for the disk that goes on beside the writer, so that no commit waits for it.

use crate::LedgerError;
use crate::core::ended;
use std::thread::{Builder, JoinHandle};

type Done = Result<(), LedgerError>;

/// One piece of work at a time. INVARIANT: how it ended is heard before anything is taken for durable that it wrote or synced: a
/// system says once that a sync failed.
#[derive(Default)]
pub(crate) struct Behind(Option<JoinHandle<Done>>);

impl Behind {
    /// Begin; call only where [`Self::is_idle`]. No, where the system has no thread to give: the work is not done then.
    pub(crate) fn begin(&mut self, work: impl FnOnce() -> Done + Send + 'static) -> bool {
        self.0 = Builder::new().name("ledger-behind".to_owned()).spawn(work).ok();
        self.0.is_some()
    }

    /// Whether nothing is going on. Errors: those of the work that has ended.
    pub(crate) fn is_idle(&mut self) -> Result<bool, LedgerError> {
        if self.0.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return Ok(false);
        }
        self.wait().map(|()| true)
    }

    /// Return when nothing is going on. Errors: those of the work.
    pub(crate) fn wait(&mut self) -> Done {
        self.0.take().map_or(Ok(()), |thread| thread.join().map_err(|_| ended())?)
    }
}
