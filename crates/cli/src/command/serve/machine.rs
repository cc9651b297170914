//! Clock and random bytes of this machine, as the service asks for them.

use crate::command::clock::{now, since_epoch};
use crate::command::output::{Fault, INTERNAL};
use gongdao_model::Instant;
use gongdao_service::port::{Clock, Entropy};
use gongdao_service::{ErrorKind, ServiceError};
use std::time::Duration;

/// This machine's clocks.
pub(super) struct MachineClock {
    started: std::time::Instant,
    /// What is told where the time of day is none that an instant may have.
    at_start: Instant,
}

impl MachineClock {
    pub(super) fn new() -> Result<Self, Vec<Fault>> {
        let at_start = now().map_err(|error| vec![Fault::new(INTERNAL, error.message, error.hint)])?;
        Ok(Self { started: std::time::Instant::now(), at_start })
    }
}

impl Clock for MachineClock {
    fn now(&self) -> Instant {
        now().unwrap_or(self.at_start)
    }

    fn ticks(&self) -> Duration {
        self.started.elapsed()
    }
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
