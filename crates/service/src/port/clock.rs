use crate::ServiceError;
use gongdao_model::Instant;
use std::time::Duration;

/// The clocks of the machine.
pub trait Clock: Send + Sync {
    /// The time of day.
    fn now(&self) -> Instant;
    /// Time since some start that only grows; leases are measured by it.
    fn ticks(&self) -> Duration;
}

/// Where unpredictable bytes come from.
pub trait Entropy: Send + Sync {
    /// Fill the buffer. Errors: none are to be had.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ServiceError>;
}
