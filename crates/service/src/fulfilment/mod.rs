//! Carrying granted requests out: which systems the operator declared, what each has to do, and what the service does itself.
//!
//! A task is a part of its case and thus of the journal and the ledger; the database has it a second time, to be found. A system
//! learns of it by a webhook, which tells no person, or asks for what is open; either way it reads the task and answers with
//! its own key. What a person did by hand, they say and say where.

mod own;
mod systems;
mod tasks;
mod tell;

pub use systems::{NewSystem, System, SystemState};
pub use tasks::{TaskQuestion, TaskTurn, TaskView, Told};

pub(crate) use own::check_kept_kinds;
pub(crate) use tell::{is_to_be_told, told_of};

use gongdao_model::Instant;

/// Name of an event that tells of a task: the same however often it is sent, another when it is ordered anew.
pub(crate) fn event_name(task: &str, ordered_at: Instant) -> String {
    format!("{task}.{}", ordered_at.millis())
}
