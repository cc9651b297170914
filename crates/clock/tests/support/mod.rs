//! What the tests share: short words for dates and periods, and a calendar by a naive walk.

#![allow(dead_code, reason = "each test file uses a part of it")]

use gongdao_clock::{Calendar, CountingRule, DueDate, due_date};
use gongdao_model::{Instant, LegalDate};
use gongdao_pack::Period;

pub(crate) fn calendar() -> Calendar {
    Calendar::shipped().unwrap()
}

pub(crate) fn day(text: &str) -> LegalDate {
    text.parse().unwrap()
}

pub(crate) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// Ten in the morning of a day.
pub(crate) fn morning(day: LegalDate) -> Instant {
    at(&format!("{day}T10:00:00+08:00"))
}

pub(crate) fn period(text: &str) -> Period {
    text.parse().unwrap()
}

pub(crate) fn later(day: LegalDate, days: i32) -> LegalDate {
    LegalDate::from_day_number(day.day_number() + days).unwrap()
}

pub(crate) fn due(calendar: &Calendar, length: &str, start: &str) -> DueDate {
    due_date(calendar, CountingRule::default(), period(length), at(start)).unwrap()
}

/// The day on which a period ends that began on the morning of `start`.
pub(crate) fn last_day(calendar: &Calendar, length: &str, start: LegalDate) -> LegalDate {
    due_date(calendar, CountingRule::default(), period(length), morning(start)).unwrap().end.day()
}

/// The shipped calendar with a part of its text replaced.
pub(crate) fn edited(edits: &[(&str, &str)]) -> Result<Calendar, gongdao_clock::ClockError> {
    let mut text = include_str!("../../data/calendar-cn.toml").to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "`{from}` is not in the calendar");
        text = text.replacen(from, to, 1);
    }
    Calendar::read(std::path::Path::new("calendar-cn.toml"), &text)
}
