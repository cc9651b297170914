//! Where a period ends: Civil Code arts. 200 to 204, read in the official text. For periods of departmental rules they
//! are used by analogy, so each choice is a named setting.

use crate::calendar::Table;
use crate::{Calendar, Change, ClockError};
use gongdao_model::{Instant, LegalDate};
use gongdao_pack::{Period, PeriodUnit};
use serde::Serialize;

pub(crate) const HOUR_MILLIS: i64 = 3_600_000;

/// Whether the day of the event counts as the first day (Civil Code art. 201: it does not).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirstDay {
    /// Counting begins on the day after the event.
    #[default]
    NotCounted,
    /// Counting begins on the day of the event.
    Counted,
}

/// Where a period of days, months or years ends whose last day is off (Civil Code art. 203: on the day after).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LastDay {
    /// On the next working day; a weekend without a holiday moves it too.
    #[default]
    MovesToWorkingDay,
    /// On the next working day, but a weekend alone does not move it: the narrow reading of “statutory holiday”.
    MovesAfterHolidays,
    /// On that day.
    Stays,
}

/// How periods are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct CountingRule {
    /// The day of the event.
    pub first_day: FirstDay,
    /// A last day that is off.
    pub last_day: LastDay,
}

/// The end of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// At 24:00 of the day, UTC+8.
    Day(LegalDate),
    /// At the moment, which still belongs to the period.
    Moment(Instant),
}

impl End {
    /// The day in Asia/Shanghai on which it ends.
    pub fn day(self) -> LegalDate {
        match self {
            Self::Day(day) => day,
            Self::Moment(at) => at.date_in_shanghai(),
        }
    }

    /// Whether something done at `at` was done in time.
    pub fn includes(self, at: Instant) -> bool {
        match self {
            Self::Day(day) => at.date_in_shanghai() <= day,
            Self::Moment(end) => at <= end,
        }
    }
}

/// When something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DueDate {
    /// The end of the period.
    pub end: End,
    /// The end depends on days whose arrangement is not published: it will be computed again.
    pub is_provisional: bool,
    /// The earliest end that any arrangement to come can give; `end` itself where it is not provisional.
    pub earliest: End,
}

/// What a count comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    Ends(DueDate),
    /// Suspended and not resumed.
    StandsStill {
        since: Instant,
    },
}

/// A stretch of days that do not count, both ends with; `through` is open while the period stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pause {
    pub(crate) from: i32,
    pub(crate) through: Option<i32>,
    pub(crate) since: Instant,
}

/// One part of a period: the first, or an extension in another unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Leg {
    period: Period,
    /// Day number before the first day that counts.
    before: i32,
    /// Day number of the last day, not moved.
    last: i32,
}

/// When a period of one unit that began with an event at `start` ends, without suspension or extension.
///
/// Errors: it needs days that the calendar does not have.
pub fn due_date(
    calendar: &Calendar,
    rule: CountingRule,
    period: Period,
    start: Instant,
) -> Result<DueDate, ClockError> {
    match due_date_changed(calendar, rule, period, start, &[])? {
        Count::Ends(due) => Ok(due),
        Count::StandsStill { since } => Err(ClockError::new(
            format!("the period stands still since `{since}`"),
            "it has no date until it runs again",
        )),
    }
}

pub(crate) fn due_date_changed(
    calendar: &Calendar,
    rule: CountingRule,
    period: Period,
    start: Instant,
    changes: &[Change],
) -> Result<Count, ClockError> {
    crate::change::check(changes)?;
    if period.unit() == PeriodUnit::Hours {
        return crate::hours::due(period, start, changes);
    }
    let outside = || outside(calendar, start, period);
    let counting = Counting { table: calendar.plan(), rule, start, changes };
    let last = match counting.last_day(period)? {
        Walk::Outside => return Err(outside()),
        Walk::StandsStill { since } => return Ok(Count::StandsStill { since }),
        Walk::Ends(last) => last,
    };
    let end = End::Day(LegalDate::from_day_number(last).ok_or_else(outside)?);
    let is_provisional = end.day() > calendar.published_through() && counting.looks_at_working_days(period);
    if !is_provisional {
        return Ok(Count::Ends(DueDate { end, is_provisional, earliest: end }));
    }
    let counting = Counting { table: calendar.earliest(), ..counting };
    let earliest = match counting.last_day(period)? {
        Walk::Ends(last) => LegalDate::from_day_number(last).map_or(end, End::Day),
        Walk::Outside | Walk::StandsStill { .. } => return Err(outside()),
    };
    Ok(Count::Ends(DueDate { end, is_provisional, earliest: earliest.min(end) }))
}

fn outside(calendar: &Calendar, start: Instant, period: Period) -> ClockError {
    let message = format!("`{period}` from `{start}` leaves the calendar {}", calendar.label());
    ClockError::outside(message, format!("it knows the days from {} to 2099-12-31", calendar.first()))
}

enum Walk {
    Ends(i32),
    StandsStill { since: Instant },
    Outside,
}

/// Everything that a count of days depends on.
#[derive(Clone, Copy)]
struct Counting<'a> {
    table: &'a Table,
    rule: CountingRule,
    start: Instant,
    changes: &'a [Change],
}

impl Counting<'_> {
    /// Whether the end hangs on which days are worked: a period of plain days that ends where it ends does not.
    fn looks_at_working_days(&self, period: Period) -> bool {
        if self.changes.is_empty() && period.unit() == PeriodUnit::CalendarYears {
            return false;
        }
        let units = crate::change::extensions(self.changes, self.start).into_iter().map(|(_, by)| by.unit());
        self.rule.last_day != LastDay::Stays
            || std::iter::once(period.unit()).chain(units).any(|unit| unit == PeriodUnit::WorkingDays)
    }

    /// The last day after extensions and suspensions, moved where it is off.
    fn last_day(&self, period: Period) -> Result<Walk, ClockError> {
        if self.changes.is_empty() {
            let before = self.before();
            return Ok(self
                .unpaused(period, before, 0)
                .and_then(|last| self.moved(period.unit(), last))
                .map_or(Walk::Outside, Walk::Ends));
        }
        let pauses = crate::change::pauses(self.changes);
        let Some(legs) = self.legs(period, &pauses)? else { return Ok(Walk::Outside) };
        let Some(end) = legs.last().and_then(|leg| self.ended(*leg, &pauses)) else { return Ok(Walk::Outside) };
        match pauses.iter().find(|pause| pause.through.is_none() && pause.from <= end) {
            Some(pause) => Ok(Walk::StandsStill { since: pause.since }),
            None => Ok(Walk::Ends(end)),
        }
    }

    /// Day number before the first day that counts.
    fn before(&self) -> i32 {
        let day = self.start.date_in_shanghai().day_number();
        match self.rule.first_day {
            FirstDay::NotCounted => day,
            FirstDay::Counted => day - 1,
        }
    }

    /// The parts of the period, one after the other. None outside the calendar.
    fn legs(&self, period: Period, pauses: &[Pause]) -> Result<Option<Vec<Leg>>, ClockError> {
        let before = self.before();
        let Some(last) = self.paused(period, before, pauses) else { return Ok(None) };
        let mut legs = vec![Leg { period, before, last }];
        for (at, by) in crate::change::extensions(self.changes, self.start) {
            let Some(leg) = legs.pop() else { return Ok(None) };
            let is_other_year =
                by.unit() == PeriodUnit::CalendarYears && leg.period.unit() != PeriodUnit::CalendarYears;
            if by.unit() == PeriodUnit::Hours || is_other_year {
                let hint = "extend a period of days by working days, days, months or years";
                return Err(ClockError::new(format!("`{period}` cannot be extended by `{by}`"), hint));
            }
            // An extension granted after the period has ended revives nothing.
            if self.ended(leg, pauses).is_some_and(|end| at.date_in_shanghai().day_number() > end) {
                legs.push(leg);
                continue;
            }
            let (period, before) = if by.unit() == leg.period.unit() {
                (Period::new(leg.period.count().saturating_add(by.count()), by.unit())?, leg.before)
            } else {
                legs.push(leg);
                (by, leg.last)
            };
            let Some(last) = self.paused(period, before, pauses) else { return Ok(None) };
            legs.push(Leg { period, before, last });
        }
        Ok(Some(legs))
    }

    /// The last day of a part with the days of the pauses left out: counted again until no more of them fall in.
    fn paused(&self, period: Period, before: i32, pauses: &[Pause]) -> Option<i32> {
        let mut left_out = 0;
        loop {
            let last = self.unpaused(period, before, left_out)?;
            let inside = pauses.iter().map(|pause| self.inside(period, before, last, pause)).sum::<Option<u32>>()?;
            if inside == left_out {
                return Some(last);
            }
            left_out = inside;
        }
    }

    /// Days of a pause that the part would have counted.
    fn inside(&self, period: Period, before: i32, last: i32, pause: &Pause) -> Option<u32> {
        // One that is not over is found later; its days so far have no number.
        let Some(through) = pause.through else { return Some(0) };
        let (from, through) = (pause.from.max(before + 1), through.min(last));
        match period.unit() {
            PeriodUnit::WorkingDays => self.table.working_in(from, through),
            _ => Some(u32::try_from(through - from + 1).unwrap_or(0)),
        }
    }

    /// The last day of a period whose first day follows `before`, `more` days later.
    fn unpaused(&self, period: Period, before: i32, more: u32) -> Option<i32> {
        let count = period.count();
        let days = i32::try_from(more).ok()?;
        match period.unit() {
            PeriodUnit::WorkingDays => self.table.nth_working_after(before, count.checked_add(more)?),
            PeriodUnit::Days => before.checked_add(i32::try_from(count).ok()?)?.checked_add(days),
            PeriodUnit::Months => corresponding(before, count)?.checked_add(days),
            PeriodUnit::Years => corresponding(before, count.checked_mul(12)?)?.checked_add(days),
            PeriodUnit::CalendarYears => {
                let last = self.start.date_in_shanghai().year_end(count.checked_sub(1)?)?;
                last.day_number().checked_add(days)
            }
            PeriodUnit::Hours => None,
        }
    }

    /// Where the period ends: moved off days that are not worked, and past a pause that began before it had ended so.
    fn ended(&self, leg: Leg, pauses: &[Pause]) -> Option<i32> {
        let mut end = self.moved(leg.period.unit(), leg.last)?;
        let covering = |end: i32| {
            pauses
                .iter()
                .filter(move |pause| pause.from <= end)
                .find_map(|pause| pause.through.filter(|through| end <= *through))
        };
        while let Some(through) = covering(end) {
            end = self.table.nth_working_after(through, 1)?;
        }
        Some(end)
    }

    /// The first day from `last` on that the period may end on. A calendar year is no period that began with the event:
    /// art. 203 does not carry it into the next one.
    fn moved(&self, unit: PeriodUnit, last: i32) -> Option<i32> {
        match self.rule.last_day {
            _ if unit == PeriodUnit::CalendarYears => Some(last),
            LastDay::Stays => Some(last),
            LastDay::MovesAfterHolidays if !self.table.kind(last)?.is_holiday() => Some(last),
            _ => self.table.nth_working_after(last.checked_sub(1)?, 1),
        }
    }
}

/// The corresponding day, months later, or the month's last day (Civil Code art. 202).
fn corresponding(day: i32, months: u32) -> Option<i32> {
    LegalDate::from_day_number(day)?.months_later(months).map(LegalDate::day_number)
}
