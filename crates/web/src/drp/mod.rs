//! Requests in the shape of the Data Rights Protocol 0.9.4 (docs/drp.md): signed by an agent whose public key the service knows.
//!
//! In: text that a handler took from a request. Out: what was signed, once the signature holds and the time fits; and the status
//! of a case in the protocol's words.

mod signed;
mod status;

pub(crate) use signed::{Exercise, Introduction, Revocation, not_signed, opened, within_time};
pub(crate) use status::{Status, carried_out, status};
