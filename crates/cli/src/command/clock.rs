//! The one place where the program reads a clock; options like `--on` and `--now` replace it.

use gongdao_model::{Instant, ModelError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Since 1970; nothing where this machine's clock stands before.
#[expect(clippy::disallowed_methods, reason = "the program is where time comes from")]
pub(crate) fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Now. Errors: this machine's clock stands outside the years that an instant may have.
pub(crate) fn now() -> Result<Instant, ModelError> {
    Instant::from_millis(i64::try_from(since_epoch().as_millis()).unwrap_or(i64::MAX))
}
