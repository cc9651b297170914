use crate::port::Clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Whether this process knows the newest state.
pub(crate) struct Presence {
    clock: Arc<dyn Clock>,
    /// By the clock that only grows, in milliseconds; 0 for never, the most for always.
    until: AtomicU64,
    is_ending: AtomicBool,
}

impl Presence {
    /// `alone`: no other process changes the state, so it is always known.
    pub(crate) fn new(clock: Arc<dyn Clock>, alone: bool) -> Self {
        let until = AtomicU64::new(if alone { u64::MAX } else { 0 });
        Self { clock, until, is_ending: AtomicBool::new(false) }
    }

    /// Whether the gate has every entry that was acknowledged.
    pub(crate) fn is_current(&self) -> bool {
        millis(self.clock.ticks()) < self.until.load(Ordering::Acquire)
    }

    /// It holds until so long after `since`, which is a reading of the clock before the lease was renewed: the lease ends
    /// later than this.
    pub(super) fn hold(&self, since: Duration, lasts: Duration) {
        // A tenth less, for whatever is between two clocks.
        self.until.store(millis(since) + millis(lasts) / 10 * 9, Ordering::Release);
    }

    pub(super) fn lapse(&self) {
        self.until.store(0, Ordering::Release);
    }

    /// The process goes down.
    pub(crate) fn end(&self) {
        self.is_ending.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Relaxed)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
