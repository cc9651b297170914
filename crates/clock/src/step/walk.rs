use super::{MakeUpFor, Off, Step};
use crate::change::{extensions, pauses};
use crate::count::{HOUR_MILLIS, Pause};
use crate::{Calendar, Change, ClockError, CountingRule, DayKind, FirstDay, LastDay};
use gongdao_model::{Instant, LegalDate};
use gongdao_pack::{Period, PeriodUnit};

pub(super) fn hours_later(start: Instant, period: Period) -> Result<Instant, ClockError> {
    Ok(Instant::from_millis(start.millis() + i64::from(period.count()) * HOUR_MILLIS)?)
}

/// Walks to the last day, one day after the other, and says what it meets.
pub(super) fn days(
    calendar: &Calendar,
    rule: CountingRule,
    period: Period,
    start: Instant,
    changes: &[Change],
    steps: &mut Vec<Step>,
) -> Result<LegalDate, ClockError> {
    let pauses = pauses(changes);
    let event_day = start.date_in_shanghai();
    let before = if rule.first_day == FirstDay::Counted { event_day.previous() } else { event_day };
    let mut walk =
        Walk { calendar, rule, pauses: &pauses, event_day, unit: period.unit(), day: before, steps: Vec::new() };
    if period.unit() != PeriodUnit::CalendarYears {
        steps.push(Step::FirstDay { day: walk.after(before)?, is_event_day: rule.first_day == FirstDay::Counted });
    }
    let mut part = Part { period, before, steps_from: 0 };
    walk.period(period)?;
    for (at, by) in extensions(changes, start) {
        if at.date_in_shanghai() > walk.end()? {
            continue;
        }
        if by.unit() == part.period.unit() {
            // In the same unit the part is counted again, as a longer one.
            part.period = Period::new(part.period.count().saturating_add(by.count()), by.unit())?;
            walk.day = part.before;
            walk.steps.truncate(part.steps_from);
            if part.before != before {
                let day = walk.after(part.before)?;
                walk.steps.push(Step::Part { period: part.period, day });
            }
        } else {
            let day = walk.after(walk.day)?;
            part = Part { period: by, before: walk.day, steps_from: walk.steps.len() };
            walk.steps.push(Step::Part { period: by, day });
        }
        walk.period(part.period)?;
    }
    let (last, end) = (walk.day, walk.end()?);
    steps.append(&mut walk.steps);
    if last != end {
        walk.name_days_off(last, end)?;
        steps.append(&mut walk.steps);
        steps.push(Step::Moved { from: last, to: end });
    }
    Ok(end)
}

/// The first period, or an extension in another unit.
struct Part {
    period: Period,
    before: LegalDate,
    /// Where its steps begin.
    steps_from: usize,
}

struct Walk<'a> {
    calendar: &'a Calendar,
    rule: CountingRule,
    pauses: &'a [Pause],
    event_day: LegalDate,
    /// Unit of the part that was walked last.
    unit: PeriodUnit,
    /// The last day that was walked.
    day: LegalDate,
    steps: Vec<Step>,
}

impl Walk<'_> {
    fn after(&self, day: LegalDate) -> Result<LegalDate, ClockError> {
        LegalDate::from_day_number(day.day_number() + 1).ok_or_else(|| self.outside(day))
    }

    fn kind(&self, day: LegalDate) -> Result<DayKind, ClockError> {
        self.calendar.kind(day).ok_or_else(|| self.outside(day))
    }

    fn outside(&self, day: LegalDate) -> ClockError {
        let hint = format!("it knows the days from {} to 2099-12-31", self.calendar.first());
        ClockError::outside(format!("`{day}` lies outside the calendar {}", self.calendar.label()), hint)
    }

    fn is_paused(&self, day: LegalDate) -> bool {
        let day = day.day_number();
        self.pauses.iter().any(|pause| pause.from <= day && pause.through.is_some_and(|through| day <= through))
    }

    fn period(&mut self, period: Period) -> Result<(), ClockError> {
        self.unit = period.unit();
        match period.unit() {
            PeriodUnit::CalendarYears => self.calendar_years(period.count()),
            PeriodUnit::Months => self.months(period.count()),
            PeriodUnit::Years => self.months(period.count().saturating_mul(12)),
            _ => self.single_days(period),
        }
    }

    fn single_days(&mut self, period: Period) -> Result<(), ClockError> {
        let mut number = 0;
        while number < period.count() {
            self.day = self.after(self.day)?;
            if self.is_paused(self.day) {
                self.skip(Off::Suspended);
            } else if period.unit() == PeriodUnit::Days {
                number += 1;
                self.count(number, None);
            } else {
                let kind = self.kind(self.day)?;
                if let Some(off) = Off::of(self.calendar, kind) {
                    self.skip(off);
                } else {
                    number += 1;
                    self.count(number, self.calendar.holiday(kind).map(MakeUpFor::from));
                }
            }
        }
        Ok(())
    }

    fn months(&mut self, months: u32) -> Result<(), ClockError> {
        let before = self.day;
        let base = before.months_later(months).ok_or_else(|| self.outside(before))?;
        let is_month_end = day_of_month(base) != day_of_month(before);
        self.steps.push(Step::Corresponding { day: base, is_month_end });
        self.through(base)
    }

    fn calendar_years(&mut self, count: u32) -> Result<(), ClockError> {
        let base = self.event_day.year_end(count.saturating_sub(1)).ok_or_else(|| self.outside(self.event_day))?;
        self.steps.push(Step::YearEnd { day: base });
        self.through(base)
    }

    /// To a day, and on by the days of the pauses that were met.
    fn through(&mut self, base: LegalDate) -> Result<(), ClockError> {
        let mut left = 0_u32;
        while self.day < base {
            self.day = self.after(self.day)?;
            left += u32::from(self.is_paused(self.day));
        }
        let mut days = 0_u32;
        while left > 0 {
            self.day = self.after(self.day)?;
            days += 1;
            left -= u32::from(!self.is_paused(self.day));
        }
        if days > 0 {
            self.steps.push(Step::Lengthened { days, through: self.day });
        }
        Ok(())
    }

    /// Where the period ends if `day` is its last day as counted.
    fn end(&self) -> Result<LegalDate, ClockError> {
        let mut end = self.day;
        let moves = match self.rule.last_day {
            _ if self.unit == PeriodUnit::CalendarYears => self.is_paused(end),
            LastDay::Stays => false,
            LastDay::MovesToWorkingDay => true,
            LastDay::MovesAfterHolidays => self.kind(end)?.is_holiday(),
        };
        while moves && (self.is_paused(end) || !self.kind(end)?.is_working()) {
            end = self.after(end)?;
        }
        Ok(end)
    }

    /// Says why each day from `last` up to the day before `end` is off.
    fn name_days_off(&mut self, last: LegalDate, end: LegalDate) -> Result<(), ClockError> {
        self.day = last;
        while self.day < end {
            let day = self.day;
            let off = if self.is_paused(day) { Some(Off::Suspended) } else { Off::of(self.calendar, self.kind(day)?) };
            if let Some(off) = off {
                match self.steps.last_mut() {
                    Some(Step::OffAtEnd { through, off: before, .. }) if *before == off => *through = day,
                    _ => self.steps.push(Step::OffAtEnd { from: day, through: day, off }),
                }
            }
            self.day = self.after(self.day)?;
        }
        Ok(())
    }

    fn skip(&mut self, off: Off) {
        let day = self.day;
        match self.steps.last_mut() {
            Some(Step::Skipped { through, off: before, .. }) if *before == off => *through = day,
            _ => self.steps.push(Step::Skipped { from: day, through: day, off }),
        }
    }

    fn count(&mut self, number: u32, make_up: Option<MakeUpFor>) {
        let day = self.day;
        match self.steps.last_mut() {
            Some(Step::Counted { through, last, make_up: before, .. }) if *before == make_up && *last + 1 == number => {
                *through = day;
                *last = number;
            }
            _ => self.steps.push(Step::Counted { from: day, through: day, first: number, last: number, make_up }),
        }
    }
}

fn day_of_month(day: LegalDate) -> String {
    day.to_string().split_off(8)
}
