use crate::ics::Entry;
use crate::{Calendar, Clock, ClockError, Explanation, State, clock_lines, explanation_lines, text};
use gongdao_i18n::{Catalogue, Language, Words};
use gongdao_model::{Instant, Standing};
use gongdao_pack::Duty;
use serde::Serialize;
use std::collections::BTreeMap;

/// What was asked, with its answer: a date for itself, or a duty's clock.
#[derive(Debug, Clone, Copy)]
pub enum Answer<'a> {
    /// A period from a moment.
    Date {
        /// The moment.
        start: Instant,
        /// The answer.
        explanation: &'a Explanation,
    },
    /// A duty from an event.
    Clock {
        /// The duty.
        duty: &'a Duty,
        /// The answer.
        clock: &'a Clock,
    },
}

/// JSON form, version 1 (docs/formats/due.md).
#[derive(Serialize)]
struct Machine<'a> {
    format: u8,
    calendar: CalendarLabel<'a>,
    #[serde(flatten)]
    answer: Body<'a>,
    /// The same in words, a line each, by language.
    text: BTreeMap<&'static str, Vec<String>>,
}

#[derive(Serialize)]
struct CalendarLabel<'a> {
    version: String,
    digest: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Body<'a> {
    Date(&'a Explanation),
    Clock(&'a Clock),
}

impl Answer<'_> {
    /// For people, a line each.
    pub fn lines(&self, words: Words<'_>) -> Result<Vec<String>, ClockError> {
        match self {
            Self::Clock { duty, clock } => clock_lines(clock, duty, words),
            Self::Date { start, explanation } => {
                let end = match explanation.due {
                    None => words.say("clock.due.stands_still", &[])?,
                    Some(due) => {
                        let key = if due.is_provisional { "clock.due.provisional" } else { "clock.due.by" };
                        words.say(key, &[("end", &text::end(due.end, words)?)])?
                    }
                };
                let mut lines = vec![summary(*start, explanation, words)?, end, words.say("clock.how", &[])?];
                lines.extend(explanation_lines(explanation, words)?.into_iter().map(|line| format!("  {line}")));
                Ok(lines)
            }
        }
    }

    /// For programs.
    pub fn json(&self, calendar: &Calendar, catalogue: &Catalogue) -> Result<String, ClockError> {
        let mut text = BTreeMap::new();
        for language in Language::ALL {
            text.insert(language.code(), self.lines(catalogue.words(language))?);
        }
        let answer = match self {
            Self::Clock { clock, .. } => Body::Clock(clock),
            Self::Date { explanation, .. } => Body::Date(explanation),
        };
        let calendar = CalendarLabel { version: calendar.label(), digest: calendar.digest() };
        serde_json::to_string_pretty(&Machine { format: 1, calendar, answer, text })
            .map_err(|error| ClockError::new(format!("cannot write JSON: {error}"), "this is a fault of the program"))
    }

    /// As an iCalendar entry; none where there is no date.
    pub fn entry(&self, words: Words<'_>) -> Result<Option<Entry>, ClockError> {
        match self {
            Self::Clock { duty, clock } => Entry::of_clock(clock, duty, words),
            Self::Date { start, explanation } => {
                let key = format!("{} {start}", explanation.period);
                Entry::of_date(&key, &summary(*start, explanation, words)?, explanation, words)
            }
        }
    }

    /// Exit code of a command that gives this answer: 0 a date, or kept so far; 1 late or breached by law that was checked;
    /// 2 provisional, no date, or it cannot be told.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Date { explanation, .. } => match explanation.due {
                Some(due) if !due.is_provisional => 0,
                _ => 2,
            },
            Self::Clock { clock, .. } => match &clock.state {
                // Law that was not checked, or is none yet, breaks nothing for certain.
                State::Late | State::Breached if clock.standing != Standing::Verified => 2,
                State::Late | State::Breached => 1,
                State::Met | State::NotApplicable => 0,
                State::Open if clock.due_date().is_some_and(|due| !due.is_provisional) => 0,
                State::Open | State::Provisional | State::CannotTell { .. } | State::NotYetTriggered => 2,
            },
        }
    }
}

/// What was asked: the period and its beginning.
fn summary(start: Instant, explanation: &Explanation, words: Words<'_>) -> Result<String, ClockError> {
    let period = text::period(explanation.period, words)?;
    Ok(words.say("clock.asked", &[("from", &start.to_string()), ("period", &period)])?)
}
