//! What people read: dates, steps and states in both languages.

mod clock;
mod step;

pub use clock::clock_lines;

use crate::{ClockError, End, Explanation, Off, Recomputed};
use gongdao_i18n::Words;
use gongdao_model::LegalDate;
use gongdao_pack::{Period, PeriodUnit, TimeLimit};

/// How a date was computed: one line a step.
pub fn explanation_lines(explanation: &Explanation, words: Words<'_>) -> Result<Vec<String>, ClockError> {
    let mut lines = Vec::with_capacity(explanation.steps.len());
    for step in &explanation.steps {
        lines.push(step::line(step, words)?);
    }
    lines.push(words.say("clock.note.law", &[])?);
    Ok(lines)
}

/// What a new version of the calendar changed: one line each.
pub fn recomputed_lines(recomputed: &Recomputed, words: Words<'_>) -> Result<Vec<String>, ClockError> {
    let (before, after) = (end(recomputed.before.end, words)?, end(recomputed.after.end, words)?);
    let calendars = [("old", recomputed.old.as_str()), ("new", recomputed.new.as_str())];
    let first = if recomputed.is_moved() {
        words.say("clock.recomputed.moved", &[("before", &before), ("after", &after), calendars[0], calendars[1]])?
    } else {
        words.say("clock.recomputed.same", &[("after", &after), calendars[0], calendars[1]])?
    };
    let mut lines = vec![first];
    for changed in &recomputed.days {
        let (was, is) = (worked(changed.was.as_ref(), words)?, worked(changed.is.as_ref(), words)?);
        let day = day(changed.day, words)?;
        lines.push(words.say("clock.recomputed.day", &[("day", &day), ("was", &was), ("is", &is)])?);
    }
    Ok(lines)
}

fn worked(off: Option<&Off>, words: Words<'_>) -> Result<String, ClockError> {
    match off {
        None => Ok(words.say("clock.off.worked", &[])?),
        Some(off) => off_word(off, words),
    }
}

pub(crate) fn off_word(off: &Off, words: Words<'_>) -> Result<String, ClockError> {
    Ok(match off {
        Off::Weekend => words.say("clock.off.weekend", &[])?,
        Off::Suspended => words.say("clock.off.suspended", &[])?,
        Off::Holiday { zh, en } => words.say("clock.off.holiday", &[("holiday", words.language().choose(zh, en))])?,
        Off::ExpectedHoliday { zh, en } => {
            words.say("clock.off.expected", &[("holiday", words.language().choose(zh, en))])?
        }
    })
}

/// A day with its weekday.
pub(crate) fn day(day: LegalDate, words: Words<'_>) -> Result<String, ClockError> {
    let weekday = words.say(&format!("clock.weekday.{}", day.weekday()), &[])?;
    Ok(words.say("clock.day", &[("date", &day.to_string()), ("weekday", &weekday)])?)
}

/// One day, or two with what lies between.
pub(crate) fn days(from: LegalDate, through: LegalDate, words: Words<'_>) -> Result<String, ClockError> {
    if from == through {
        return day(from, words);
    }
    Ok(words.say("clock.days", &[("from", &day(from, words)?), ("through", &day(through, words)?)])?)
}

/// The end of a period.
pub fn end(end: End, words: Words<'_>) -> Result<String, ClockError> {
    Ok(match end {
        End::Day(last) => words.say("clock.end.day", &[("day", &day(last, words)?)])?,
        End::Moment(at) => words.say("clock.end.moment", &[("at", &at.to_string())])?,
    })
}

/// A period in words.
pub fn period(period: Period, words: Words<'_>) -> Result<String, ClockError> {
    let number = if period.count() == 1 { "one" } else { "many" };
    let unit = match period.unit() {
        PeriodUnit::WorkingDays => "working-days",
        PeriodUnit::Days => "days",
        PeriodUnit::Hours => "hours",
        PeriodUnit::Months => "months",
        PeriodUnit::Years => "years",
        PeriodUnit::CalendarYears => "calendar-years",
    };
    let count = period.count().to_string();
    Ok(words.say(&format!("clock.period.{unit}.{number}"), &[("count", &count)])?)
}

/// A time limit in words.
pub fn time_limit(limit: TimeLimit, words: Words<'_>) -> Result<String, ClockError> {
    Ok(match limit {
        TimeLimit::Within(length) => words.say("clock.limit.within", &[("period", &period(length, words)?)])?,
        TimeLimit::AtLeast(length) => words.say("clock.limit.at-least", &[("period", &period(length, words)?)])?,
        TimeLimit::Promptly => words.say("clock.limit.promptly", &[])?,
        TimeLimit::Immediately => words.say("clock.limit.immediately", &[])?,
        TimeLimit::Prior => words.say("clock.limit.prior", &[])?,
        TimeLimit::Regularly => words.say("clock.limit.regularly", &[])?,
    })
}
