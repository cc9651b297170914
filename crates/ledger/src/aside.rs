//! Long work that nobody waits for, on a thread that stands back behind those that somebody waits for: rows are sealed for tenths of
//! a second at a time.

use crate::LedgerError;
use crate::core::ended;
use std::thread::{Builder, scope};
use thread_priority::{ThreadPriority, set_current_thread_priority};

/// A niceness of 10 on Linux: a tenth of the share of a thread that somebody waits for.
const LOW: u8 = 22;

/// Do it, and return when it is done. Errors: those of the work; the system has no thread to give.
///
/// It must hold nothing that the writer waits for: it may take ten times as long as elsewhere. A machine with no time left for it
/// would not answer either.
pub(crate) fn aside<T: Send>(work: impl FnOnce() -> Result<T, LedgerError> + Send) -> Result<T, LedgerError> {
    scope(|scope| {
        let low = || {
            // Where the system does not let it, answers wait a little longer.
            let _ = LOW.try_into().map(|low| set_current_thread_priority(ThreadPriority::Crossplatform(low)));
            work()
        };
        let refused =
            |error| LedgerError::storage(format!("no thread to be had: {error}"), "raise the limits of threads");
        let thread = Builder::new().name("ledger-aside".to_owned()).spawn_scoped(scope, low).map_err(refused)?;
        thread.join().map_err(|_| ended())?
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::aside;

    #[test]
    fn a_thread_that_stands_back_is_nice_and_others_are_not() {
        // proc_pid_stat(5): the 19th field; what stands before has the name, which may hold blanks.
        let niceness = || {
            let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
            let (_, fields) = stat.rsplit_once(") ").unwrap();
            fields.split(' ').nth(16).unwrap().parse::<i32>().unwrap()
        };
        let before = niceness();
        assert_eq!(aside(|| Ok(niceness())).unwrap(), before.max(10));
        assert_eq!(niceness(), before);
    }
}
