//! The rights desk: what people ask for, how a request moves, who may act for them, and when each stage is late.
//!
//! In: events of a case or a mandate, in their order; published limits and a calendar. Out: the case as it stands, or a refusal
//! that says why the event cannot follow. Pure: no clock, no storage, no network, so a model checker can walk through it. The
//! articles on which a request rests or may be refused are data (`data/rights.toml`). Contains no access policies (the
//! service has them) and no words of pages.

mod case;
mod clock;
mod due;
mod error;
mod event;
mod fulfilment;
mod mandate;
mod rights;
mod step;

pub use case::{Answer, Case, Closed, Question, Refusal, Review, Stage, Stay};
pub use clock::{Limit, Limits, Remedy, RemedyKind, StageClock};
pub use due::last_moment;
pub use error::DeskError;
pub use event::{About, CaseEvent, Done, Filing, Hat, Identity, Outcome, Party, What};
pub use fulfilment::{OWN_SYSTEM, Order, Task, TaskState, Way};
pub use mandate::{Mandate, MandateEvent, MandateState, NewMandate};
pub use rights::{Act, ContestGround, RefusalGround, RequestKind, Right, Rights};
pub use step::check_words;
