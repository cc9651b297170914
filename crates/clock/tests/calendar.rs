//! The calendar's days against a second source, and what its file may not say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_clock::DayKind;
use gongdao_model::LegalDate;
use support::{calendar, day, edited, last_day, later};

/// The days of the second source with whether they are worked; `check/compare.py` writes the file and checks it.
fn second_source() -> Vec<(LegalDate, bool)> {
    let text = include_str!("second-calendar.txt");
    let months = text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once(' ').unwrap());
    months
        .flat_map(|(month, marks)| {
            marks.chars().enumerate().map(move |(index, mark)| (day(&format!("{month}-{:02}", index + 1)), mark == 'W'))
        })
        .collect()
}

#[test]
fn every_day_is_worked_or_off_as_the_second_source_says() {
    let calendar = calendar();
    let days = second_source();
    assert_eq!(days.first().unwrap().0, calendar.first());
    assert_eq!(days.last().unwrap().0, calendar.published_through());
    assert_eq!(days.len(), 3_280);
    for (day, is_worked) in days {
        assert_eq!(calendar.kind(day).unwrap().is_working(), is_worked, "{day}");
    }
}

/// Each holiday of 2021 to 2026, from the calendar's own data: the stretch of days off, by the second source worked days
/// on both sides. One working day from either side and from within ends where the second source has the next worked day.
#[test]
fn both_sides_of_every_holiday_end_where_the_second_source_has_the_next_worked_day() {
    let calendar = calendar();
    let second = second_source();
    let next_worked =
        |after: LegalDate| second.iter().find(|(day, is_worked)| *day > after && *is_worked).map(|(day, _)| *day);
    let mut holidays = 0;
    let holiday_days = second.iter().map(|(day, _)| *day).filter(|day| (2021..=2026).contains(&day.year()));
    for first in holiday_days {
        let kind = calendar.kind(first).unwrap();
        if !kind.is_holiday() || calendar.kind(first.previous()).unwrap() == kind {
            continue;
        }
        holidays += 1;
        let mut last = first;
        while calendar.kind(later(last, 1)).unwrap() == kind {
            last = later(last, 1);
        }
        // From four days before the first day off to four days after the last.
        let days =
            (first.day_number() - 4..=last.day_number() + 4).map(|number| LegalDate::from_day_number(number).unwrap());
        for start in days {
            let expected = next_worked(start).unwrap();
            assert_eq!(last_day(&calendar, "1 working days", start), expected, "1 working day from {start}");
            // A period of days that ends on any of them ends on it if it is worked, else on the next worked day.
            let natural = if second.contains(&(start, true)) { start } else { expected };
            assert_eq!(last_day(&calendar, "20 days", later(start, -20)), natural, "20 days to {start}");
        }
    }
    assert_eq!(holidays, 43, "holidays of 2021 to 2026 in stretches of one name");
}

#[test]
fn days_have_the_name_of_their_holiday() {
    let calendar = calendar();
    let rows = [
        ("2024-10-01", "国庆节", false),
        ("2024-09-29", "国庆节", true),
        ("2024-09-14", "中秋节", true),
        ("2020-02-02", "春节", false),
        ("2026-02-28", "春节", true),
        ("2027-02-06", "春节", false),
    ];
    for (text, name, is_working) in rows {
        let kind = calendar.kind(day(text)).unwrap();
        assert_eq!((calendar.holiday(kind).unwrap().zh.as_str(), kind.is_working()), (name, is_working), "{text}");
    }
    assert_eq!(calendar.kind(day("2024-09-28")), Some(DayKind::Weekend));
    assert_eq!(calendar.kind(day("2017-12-31")), None);
    assert_eq!(calendar.working_days(day("2024-09-28"), day("2024-10-16")), Some(10));
}

#[test]
fn a_calendar_that_contradicts_itself_is_refused_with_its_line() {
    let rows = [
        ("format = 1", "format = 2", "calendar-cn.toml: format `2` is not known"),
        ("work = [2018-02-11,", "work = [2018-02-12,", "calendar-cn.toml:55: `2018-02-12` is worked anyway"),
        ("off = [2018-02-15,", "off = [2018-02-25,", "calendar-cn.toml:54: `2018-02-25` to `2018-02-21` is no holiday"),
        ("off = [2018-04-05,", "off = [2018-02-20,", "calendar-cn.toml:59: `2018-02-20` to `2018-04-07` is no holiday"),
        (
            "off = [2018-01-01, 2018-01-01]",
            "off = [2018-02-15, 2018-02-15]",
            "calendar-cn.toml:54: `2018-02-15` stands twice",
        ),
        (
            "holiday = \"new-year\"",
            "holiday = \"easter\"",
            "calendar-cn.toml:49: `easter` is no holiday of this calendar",
        ),
        (
            "off = [2018-01-01,",
            "off = [\"2018-01-01\",",
            "calendar-cn.toml:50: invalid type: string \"2018-01-01\", expected a TOML datetime",
        ),
        (
            "first = 2018-01-01",
            "first = 2018-01-01T00:00:00",
            "calendar-cn.toml:6: `2018-01-01T00:00:00` is not a date",
        ),
        (
            "off = [2027-01-01, 2027-01-01]",
            "off = [2026-12-01, 2026-12-02]",
            "calendar-cn.toml:339: `2026-12-01` does not lie in the time that it is given for",
        ),
        (
            "published_through = 2026",
            "published_through = 2025",
            "calendar-cn.toml:307: `2026-01-01` does not lie in the time that it is given for",
        ),
    ];
    for (from, to, message) in rows {
        let error = edited(&[(from, to)]).unwrap_err();
        assert_eq!(error.message, message);
        assert!(error.hint.is_some_and(|hint| !hint.is_empty()), "{message}");
    }
}

proptest::proptest! {
    /// A calendar file of anybody's is read or refused, never a panic.
    #[test]
    fn any_file_is_read_or_refused(cut in 0_usize..7_000, put in "[-0-9\\]\\[\"=a-z\\n ]{0,12}") {
        let text = include_str!("../data/calendar-cn.toml");
        let place = (0..=cut.min(text.len())).rev().find(|place| text.is_char_boundary(*place)).unwrap();
        let end = (place + put.len()..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(text.len());
        let edited = format!("{}{put}{}", &text[..place], &text[end..]);
        let _ = gongdao_clock::Calendar::read(std::path::Path::new("calendar-cn.toml"), &edited);
    }
}
