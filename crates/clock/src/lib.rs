//! When duties are due.
//!
//! In: a versioned calendar of working days, duties of the packs, events with their instants, the provider's own published
//! limits, suspensions and extensions, and the moment for which to tell; each is an argument. Out: for each duty and event a
//! due date, how far it is kept, how the date was computed (steps, text in both languages) and iCalendar entries. Contains
//! no clock, no rule language (whether a duty's condition holds, the caller says), no file access and no reminder service.

mod answer;
mod calendar;
mod change;
mod clock;
mod count;
mod error;
mod event;
mod hours;
pub mod ics;
mod moment;
mod recompute;
mod step;
mod text;

pub use answer::Answer;
pub use calendar::{Calendar, DayKind, Holiday};
pub use change::{Change, Ground};
pub use clock::{Clock, Condition, Due, Missing, Setting, State, clocks, every_clock};
pub use count::{CountingRule, DueDate, End, FirstDay, LastDay, due_date};
pub use error::ClockError;
pub use event::{Event, Events};
pub use moment::moment;
pub use recompute::{ChangedDay, Recomputed, recompute};
pub use step::{Explanation, MakeUpFor, Off, Step, explain};
pub use text::{
    clock_lines, end as end_text, explanation_lines, period as period_text, recomputed_lines,
    time_limit as time_limit_text,
};
