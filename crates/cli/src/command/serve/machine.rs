//! Clock and random bytes of this machine, as the service asks for them.

use crate::command::clock::{now, since_epoch};
use crate::command::output::{Fault, INTERNAL};
use gongdao_model::{Instant, LegalDate};
use gongdao_service::port::{Clock, Entropy};
use gongdao_service::{ErrorKind, ServiceError};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

const DAY_MILLIS: i64 = 86_400_000;

/// This machine's clocks.
pub(super) struct MachineClock {
    started: std::time::Instant,
    /// The reading of the clock since boot at that moment, where there is such a clock.
    booted: Option<Duration>,
    /// What is told where the time of day is none that an instant may have.
    at_start: Instant,
    /// By how much the time of day is told earlier than it is: only while a demo's past is told.
    behind_millis: AtomicI64,
}

impl MachineClock {
    pub(super) fn new() -> Result<Self, Vec<Fault>> {
        let at_start = now().map_err(|error| vec![Fault::new(INTERNAL, error.message, error.hint)])?;
        let behind_millis = AtomicI64::new(0);
        Ok(Self { started: std::time::Instant::now(), booted: since_boot(), at_start, behind_millis })
    }

    /// Tell the time of so many days ago from now on; 0 for the present.
    pub(super) fn days_ago(&self, days: i64) {
        self.behind_millis.store(days.saturating_mul(DAY_MILLIS), Ordering::SeqCst);
    }

    /// Tell a time that is so much later than the one told until now, and not after the present.
    pub(super) fn go_on(&self, millis: i64) {
        let before = self.behind_millis.load(Ordering::SeqCst);
        self.behind_millis.store(before.saturating_sub(millis).max(0), Ordering::SeqCst);
    }

    /// The day that it really is.
    pub(super) fn today(&self) -> LegalDate {
        now().unwrap_or(self.at_start).date_in_shanghai()
    }
}

impl Clock for MachineClock {
    fn now(&self) -> Instant {
        let now = now().unwrap_or(self.at_start);
        let told = now.millis().checked_sub(self.behind_millis.load(Ordering::SeqCst));
        told.and_then(|told| Instant::from_millis(told).ok()).unwrap_or(now)
    }

    /// Counts while the machine sleeps, on Linux: a process that wakes up knows that its lease is over. Elsewhere it counts
    /// what the standard library's clock counts.
    fn ticks(&self) -> Duration {
        match (self.booted, since_boot()) {
            (Some(then), Some(now)) => now.saturating_sub(then),
            _ => self.started.elapsed(),
        }
    }
}

#[cfg(target_os = "linux")]
fn since_boot() -> Option<Duration> {
    nix::time::ClockId::CLOCK_BOOTTIME.now().ok().map(Duration::from)
}

#[cfg(not(target_os = "linux"))]
fn since_boot() -> Option<Duration> {
    None
}

/// Random bytes of the operating system.
pub(super) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ServiceError> {
        getrandom::fill(bytes).map_err(|error| {
            let hint = "the operating system gives none; look at its log";
            ServiceError::new(ErrorKind::Storage, format!("no random bytes: {error}"), hint)
        })
    }
}

/// A random number, and the time mixed in.
pub(super) fn random() -> Result<u64, Vec<Fault>> {
    let mut bytes = [0; 8];
    OsEntropy.fill(&mut bytes).map_err(|error| vec![Fault::new(INTERNAL, error.message, error.hint)])?;
    Ok(u64::from_le_bytes(bytes) ^ since_epoch().as_secs())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{MachineClock, since_boot};
    use gongdao_service::port::Clock;
    use std::time::Duration;

    #[test]
    fn the_clock_is_the_one_that_counts_sleep() {
        // The kernel's own figure of time since boot, sleep included, in hundredths of a second.
        let told = std::fs::read_to_string("/proc/uptime").unwrap();
        let told: f64 = told.split(' ').next().unwrap().parse().unwrap();
        let read = since_boot().unwrap();
        assert!(read.abs_diff(Duration::from_secs_f64(told)) < Duration::from_secs(1), "{read:?} {told}");
        let clock = MachineClock::new().unwrap();
        let first = clock.ticks();
        assert!(first < Duration::from_secs(1) && clock.ticks() >= first);
    }
}
