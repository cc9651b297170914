//! What a platform owes before it publishes an item, when a service may leave the visible label out, and what a missing or
//! changed label shows.

mod dissemination;
mod recipients;
mod removal;

pub use dissemination::{Decision, Declaration, Detection, Evidence, Propagation, Reason, Status, decide, notice};
pub use recipients::{Missing, Recipient, Request, keep_until, may_leave_out, sort_by_term};
pub use removal::{Issued, Observed, Sign, looks_alike, signs};
