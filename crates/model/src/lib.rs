//! The nouns of Gongdao and their canonical bytes.
//!
//! In: identifiers, dates, places, facts and verdicts as other crates read them. Out: types that can only hold
//! what is well formed. Contains no rule, no file access, no clock and no text that a person reads.

mod decision;
mod error;
mod fact;
mod id;
mod place;
mod text;
mod time;
mod verdict;

pub use decision::DecisionRecord;
pub use error::ModelError;
pub use fact::{Entity, FactPath, FactType, FactValue, Facts};
pub use id::{DecisionId, InstrumentId, MatterId, ProvisionId, ReadingId, RuleId, VersionKey};
pub use place::PlaceCode;
pub use time::{Instant, LegalDate};
pub use verdict::{Cause, Effect, Evaluation, Outcome, ProvisionVerdict, RuleVerdict, Standing};
