//! What a platform owes before it publishes an item, when a service may leave the visible label out, and what a missing or
//! changed label shows; the same in the words of the rules.

mod dissemination;
mod facts;
mod recipients;
mod removal;

pub use dissemination::{Decision, Declaration, Detection, Evidence, Propagation, Reason, Status, decide, notice};
pub use facts::{Made, Spread, made_facts, spread_facts};
pub use recipients::{Missing, Recipient, Request, keep_until, may_leave_out, sort_by_term};
pub use removal::{Fingerprint, Issued, Observed, Sign, fingerprint, looks_alike, signs};
