//! The gate: may this algorithm do this to this person, now?
//!
//! In: the rule versions of the packs, settings, events that change the state of persons and algorithms, and decisions
//! about to be made. Out: for each decision what every rule version in force says, what the law asks for, and what the
//! caller is to do under the operator's mode and failure behaviour. Holds state in memory and is told of every change;
//! contains no clock, no store, no ledger and no network: `gongdao-service` has them.

mod alarm;
mod answer;
mod checked;
mod duty;
mod error;
mod event;
mod form;
mod frame;
mod gate;
mod inner;
mod interned;
mod kept;
mod lexicon;
mod oracle;
mod plan;
mod settings;
mod shared;
mod state;
mod stops;
mod told;
mod worker;

pub use alarm::{Alarm, Said, StopReason, Stopped};
pub use answer::{Answer, Effects};
pub use checked::{Checked, Contradiction, Directive, InTrial, RegisterHold, Seen, StateFacts, TrialHold};
pub use duty::DutyRef;
pub use error::{CheckRefusal, EventRefusal, GateError, RefusalKind};
pub use event::{StateChange, StateEvent};
pub use frame::{Brief, Citable, Cited, Frame, Pieces};
pub use gate::{Gate, Initial};
pub use oracle::{Oracle, OracleCounts};
pub use settings::{ActionSettings, GateSettings, Mode, OnUnknown, OracleSettings};
pub use shared::Shared;
pub use told::{NamedFrame, Told};

/// A decision about to be made, with the facts that the caller knows. Facts that the gate's state holds are joined by the
/// gate and win over the caller's; see [`Checked::contradictions`].
pub type CheckRequest = gongdao_model::DecisionRecord;
