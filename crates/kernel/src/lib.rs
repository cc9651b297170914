//! Compiled rules and the state as of an instant, over Arrow batches.
//!
//! In: rule versions as `gongdao-rules` read them, batches of decisions, events of persons and algorithms. Out: for
//! each rule version the decisions that it is satisfied by, violated by, or cannot judge, and why; the state that each
//! decision could see. Contains no SQL, no file access, no clock: the gate and the audit call the same functions.

mod asof;
mod bits;
mod cell;
pub mod columns;
mod error;
mod evaluate;
mod events;
mod facts;
mod instants;
mod judge;
mod moments;
mod pattern;
mod policies;
mod program;
mod rules;
mod scope;
mod store;
mod strings;
mod value;
mod verdicts;

pub use asof::{AsOfError, AsOfIndex, Change, Event, EventLog, LiveIndex, Sees, column_type, partition_of};
pub use bits::Bits;
pub use cell::Cell;
pub use error::KernelError;
pub use events::{BadEvent, EventFault, EventReader};
pub use judge::{Case, Judge, RowVerdicts};
pub use moments::{Moments, NoMoment};
pub use pattern::{Pattern, Patterns};
pub use policies::{Answer, Asked, Described, Policies, Value};
pub use rules::CompiledRules;
pub use verdicts::{Verdicts, VersionVerdicts, cause_text, cause_type, outcome_code, outcome_type, outcome_words};
