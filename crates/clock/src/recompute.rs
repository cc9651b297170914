use crate::count::{Count, due_date_changed};
use crate::{Calendar, Change, ClockError, CountingRule, DueDate, Off};
use gongdao_model::{Instant, LegalDate};
use gongdao_pack::Period;
use serde::Serialize;

/// A day that two versions of a calendar plan differently. `None` is a day that is worked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedDay {
    /// The day.
    pub day: LegalDate,
    /// What it was by the old version.
    pub was: Option<Off>,
    /// What it is by the new one.
    pub is: Option<Off>,
}

/// A date by two versions of a calendar, and the days between that made the difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recomputed {
    /// The old version's name.
    pub old: String,
    /// The new version's name.
    pub new: String,
    /// The date by the old version.
    pub before: DueDate,
    /// The date by the new version.
    pub after: DueDate,
    /// Days from the event to the later of both ends that changed.
    pub days: Vec<ChangedDay>,
}

impl Recomputed {
    /// Whether the end lies on another day.
    pub fn is_moved(&self) -> bool {
        self.before.end != self.after.end
    }
}

/// Computes a date again by a new version of the calendar. None while the period stands still.
///
/// Errors: as `explain`, by either version.
pub fn recompute(
    old: &Calendar,
    new: &Calendar,
    rule: CountingRule,
    period: Period,
    start: Instant,
    changes: &[Change],
) -> Result<Option<Recomputed>, ClockError> {
    let by = |calendar: &Calendar| due_date_changed(calendar, rule, period, start, changes);
    let (Count::Ends(before), Count::Ends(after)) = (by(old)?, by(new)?) else { return Ok(None) };
    let last = before.end.day().max(after.end.day());
    let days = (start.date_in_shanghai().day_number()..=last.day_number())
        .filter_map(LegalDate::from_day_number)
        .filter_map(|day| {
            let (was, is) = (Off::of(old, old.kind(day)?), Off::of(new, new.kind(day)?));
            (was.is_some() != is.is_some()).then_some(ChangedDay { day, was, is })
        })
        .collect();
    Ok(Some(Recomputed { old: old.label(), new: new.label(), before, after, days }))
}
