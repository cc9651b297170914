//! From duties and events to clocks: what is due when, and how far it is kept.

mod every;
mod limit;

pub use every::every_clock;

use crate::{Calendar, Change, ClockError, CountingRule, DueDate, Event, Events, Explanation};
use gongdao_model::{Instant, LegalDate, Standing};
use gongdao_pack::{Duty, Period};
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything beside duty and events that a clock depends on.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The working days.
    pub calendar: &'a Calendar,
    /// How periods are counted.
    pub rule: CountingRule,
    /// The moment for which to tell; later events are not looked at.
    pub now: Instant,
    /// The provider's own limits by duty: for `promptly`, `immediately` and `regularly`.
    pub published: &'a BTreeMap<String, Period>,
    /// Suspensions and extensions, by duty and by the identifier of the event that started the clock.
    pub changes: &'a BTreeMap<(String, String), Vec<Change>>,
}

/// Whether a duty's `when` holds for an event. The caller evaluates it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// It holds, or the duty has none.
    Holds,
    /// It does not.
    Fails,
    /// Facts are missing; these.
    CannotTell(Vec<String>),
}

/// What a clock waits for or ends with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Due {
    /// At the latest then.
    By {
        /// When, and how that was computed.
        explanation: Explanation,
    },
    /// Not before then.
    NotBefore {
        /// When, and how that was computed.
        explanation: Explanation,
    },
    /// At once, from the event on, and nobody published how long that may take.
    AtOnce {
        /// When the event happened.
        since: Instant,
    },
    /// Promptly or regularly, and nobody published a number.
    NoNumber {
        /// Since when it is waited for.
        since: Instant,
    },
    /// Before an act; `act` is absent where the pack does not say which, `at` while it has not happened.
    Before {
        /// Name of the act's event.
        act: Option<String>,
        /// When the act happened.
        at: Option<Instant>,
    },
    /// No date at all: not triggered, or it cannot be computed.
    None,
}

/// What is missing before anything can be said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Missing {
    /// A fact that the duty's condition needs.
    Fact {
        /// Its path.
        fact: String,
    },
    /// The provider's own limit: the law says promptly, at once or regularly, without a number.
    PublishedLimit,
    /// Which act the duty comes before: the pack does not name it.
    Act,
    /// Whether a duty covers what happened before it bound: the text does not say.
    Transition {
        /// The first day on which it binds.
        from: LegalDate,
    },
    /// Days that the calendar does not have.
    Calendar {
        /// What could not be computed.
        message: String,
    },
}

/// How far a duty is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// Its event has not happened.
    NotYetTriggered,
    /// Its condition does not hold.
    NotApplicable,
    /// Something is missing.
    CannotTell {
        /// What.
        missing: Vec<Missing>,
    },
    /// Waiting, and in time so far; without a number it stays here until it is done.
    Open,
    /// The answer hangs on days whose arrangement is not published.
    Provisional,
    /// Done in time.
    Met,
    /// Done, but too late.
    Late,
    /// Not done in time, or ended too early what had to be kept.
    Breached,
}

/// One duty, started by one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// Stays the same when anything but duty and event is computed anew: duty, event, subjects, and the interval's number.
    pub key: String,
    /// The duty.
    pub duty: String,
    /// What started it; none if nothing has.
    pub trigger: Option<Event>,
    /// How far the provision was checked; anything but verified makes the answer provisional as law.
    pub standing: Standing,
    /// When it is due.
    pub due: Due,
    /// When it was done.
    pub done_at: Option<Instant>,
    /// How far it is kept.
    #[serde(flatten)]
    pub state: State,
}

impl Clock {
    /// The date, where there is one.
    pub fn due_date(&self) -> Option<DueDate> {
        match &self.due {
            Due::By { explanation } | Due::NotBefore { explanation } => explanation.due,
            _ => None,
        }
    }
}

/// The clocks of one duty: one for each event that starts it, for recurring duties one an interval; one that says
/// so where nothing has started it.
///
/// `standing` is that of the duty's provision. `condition` tells whether the duty's `when` holds for the event.
/// Errors: the duty's time limit cannot be read; a change cannot be applied.
pub fn clocks(
    duty: &Duty,
    standing: Standing,
    events: &Events,
    condition: &dyn Fn(&Event) -> Condition,
    setting: &Setting<'_>,
) -> Result<Vec<Clock>, ClockError> {
    let mut clocks = Vec::new();
    for trigger in events.named(&duty.trigger, setting.now) {
        clocks.extend(started(limit::Case { duty, standing, events, trigger, setting }, &condition(trigger))?);
    }
    if clocks.is_empty() {
        clocks.push(not_started(duty, standing));
    }
    Ok(clocks)
}

/// The clocks that one event started.
fn started(case: limit::Case<'_>, condition: &Condition) -> Result<Vec<Clock>, ClockError> {
    let mut found = case.clocks(case.duty.time_limit()?)?;
    match condition {
        Condition::Holds => {}
        Condition::Fails => {
            found.truncate(1);
            for clock in &mut found {
                clock.state = State::NotApplicable;
            }
        }
        Condition::CannotTell(facts) => {
            let missing: Vec<Missing> = facts.iter().map(|fact| Missing::Fact { fact: fact.clone() }).collect();
            lack(&mut found, &missing);
        }
    }
    // What happened before the duty bound is not fine for that: the text does not say whether it is covered.
    if case.trigger.at() < case.duty.from.starts_at() {
        lack(&mut found, &[Missing::Transition { from: case.duty.from }]);
    }
    Ok(found)
}

fn not_started(duty: &Duty, standing: Standing) -> Clock {
    let (due, state) = (Due::None, State::NotYetTriggered);
    Clock { key: duty.id.clone(), duty: duty.id.clone(), trigger: None, standing, due, done_at: None, state }
}

/// Something more is missing before anything can be said of these.
fn lack(clocks: &mut [Clock], more: &[Missing]) {
    for clock in clocks {
        let mut missing = match &clock.state {
            State::NotApplicable => continue,
            State::CannotTell { missing } => missing.clone(),
            _ => Vec::new(),
        };
        missing.extend_from_slice(more);
        clock.state = State::CannotTell { missing };
    }
}
