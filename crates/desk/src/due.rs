//! When clocks that nothing moved are due, and the way back: where clocks began that are due at a moment. Both are worked out when
//! somebody asks, so no date has to be kept, and none is old when limits or the calendar change.

use crate::clock::refused;
use crate::{DeskError, Limit, Limits, Stage};
use gongdao_clock::{Calendar, CountingRule, End, due_date};
use gongdao_model::{Instant, LegalDate};
use gongdao_pack::PeriodUnit;
use std::ops::Range;

const HOUR_MILLIS: i64 = 3_600_000;
const DAY_MILLIS: i64 = 86_400_000;
/// 1990-01-02 and 2099-12-31: an [`Instant`] of another day is refused.
const DAYS: Range<i32> = 7_306..47_482;

impl Limits {
    /// Whether a limit is published for the stage.
    pub fn has(&self, stage: Stage) -> bool {
        self.of(stage).is_some()
    }

    /// The last moment of a stage whose clock began at `since` and was not moved; nothing without a published limit.
    ///
    /// INVARIANT: of two clocks of a stage the one that began later is not due earlier (`tests/due.rs`).
    ///
    /// Errors: days that the calendar does not have.
    pub fn due(&self, stage: Stage, since: Instant, calendar: &Calendar) -> Result<Option<Instant>, DeskError> {
        let Some(Limit(period)) = self.of(stage) else { return Ok(None) };
        let due = due_date(calendar, CountingRule::default(), period, since).map_err(refused)?;
        last_moment(due.end).map(Some)
    }

    /// Where clocks of the stage began that nothing moved and that are due at `at`, in milliseconds since 1970: those that began
    /// before `start` are due earlier, those that began at `end` or after it are due later. `i64::MIN` where none is due
    /// earlier, `i64::MAX` where none is due later, and both at `i64::MAX` without a published limit.
    ///
    /// Ends that lie behind the calendar are later than all others, and those of clocks that began before it earlier.
    pub fn beginnings(&self, stage: Stage, at: Instant, calendar: &Calendar) -> Range<i64> {
        let Some(Limit(period)) = self.of(stage) else { return i64::MAX..i64::MAX };
        if period.unit() == PeriodUnit::Hours {
            let began = at.millis() - i64::from(period.count()) * HOUR_MILLIS;
            return began..began + 1;
        }
        // All that began on one day are due together.
        let end = |day: LegalDate| match self.due(stage, day.starts_at(), calendar) {
            Ok(Some(due)) => due.millis(),
            Ok(None) | Err(_) if day >= calendar.first() => i64::MAX,
            Ok(None) | Err(_) => i64::MIN,
        };
        first_day(|day| end(day) >= at.millis())..first_day(|day| end(day) > at.millis())
    }
}

/// The last moment that still belongs to a period.
///
/// Errors: it lies behind the year 2099.
pub fn last_moment(end: End) -> Result<Instant, DeskError> {
    match end {
        End::Moment(at) => Ok(at),
        End::Day(day) => {
            Instant::from_millis(day.starts_at().millis() + DAY_MILLIS - 1).map_err(|error| refused(error.into()))
        }
    }
}

/// Where the first day begins of which `holds` is true, and with it all later ones.
fn first_day(holds: impl Fn(LegalDate) -> bool) -> i64 {
    let (mut low, mut high) = (DAYS.start, DAYS.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if LegalDate::from_day_number(middle).is_some_and(&holds) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    match LegalDate::from_day_number(low) {
        _ if low == DAYS.start => i64::MIN,
        Some(day) if low < DAYS.end => day.starts_at().millis(),
        _ => i64::MAX,
    }
}
