//! Dates counted by hand on the printed holiday arrangements, and the edges of a day.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_clock::{Change, CountingRule, End, FirstDay, Ground, LastDay, due_date, explain};
use gongdao_pack::Packs;
use std::collections::BTreeSet;
use std::path::Path;
use support::{at, calendar, day, due, period};

/// Period, event, end, whether provisional. Counted by hand.
const BY_HAND: [(&str, &str, &str, bool); 36] = [
    // Filing an algorithm, change (cn.iisarmp/24/1, 24/2): Sunday 29 September and Saturday 12 October 2024 are worked.
    ("10 working days", "2024-09-28T10:00:00+08:00", "2024-10-16", false),
    ("10 working days", "2022-03-01T10:00:00+08:00", "2022-03-15", false),
    // 24, 25, 26, 27 January; the festival to 4 February; then 5 to 8 February, Saturday 8 worked; Sunday 26 January too.
    ("10 working days", "2025-01-20T09:00:00+08:00", "2025-02-08", false),
    // Deregistration (24/3) and the office's decision (25).
    ("20 working days", "2024-09-28T10:00:00+08:00", "2024-10-30", false),
    ("30 working days", "2024-09-28T10:00:00+08:00", "2024-11-13", false),
    // Security assessment after an event (security-assessment-2018 art. 7): 30 working days over the festival of 2026.
    // January 13 of them (15 to 30 of 12), February 2 to 6 and 9 to 14 (Saturday 14 worked), 24 to 28 (Saturday 28 worked), March 2.
    ("30 working days", "2026-01-14T10:00:00+08:00", "2026-03-03", false),
    // Face recognition filing (art. 15), from the day the measures bind; Dragon Boat Festival on Monday 2 June.
    ("30 working days", "2025-06-01T10:00:00+08:00", "2025-07-14", false),
    // Report after an ordered audit (audit measures art. 11).
    ("15 working days", "2025-06-02T10:00:00+08:00", "2025-06-23", false),
    // Union committee members' time, a short period over a long holiday.
    ("3 working days", "2023-09-28T10:00:00+08:00", "2023-10-09", false),
    ("1 working days", "2020-01-23T10:00:00+08:00", "2020-02-03", false),
    ("5 working days", "2021-09-17T18:00:00+08:00", "2021-09-26", false),
    // From the day before the calendar begins, over New Year 2018.
    ("1 working days", "2017-12-31T10:00:00+08:00", "2018-01-02", false),
    // Natural days.
    ("1 days", "2024-05-06T10:00:00+08:00", "2024-05-07", false),
    ("7 days", "2023-01-14T10:00:00+08:00", "2023-01-28", false),
    ("15 days", "2024-09-16T10:00:00+08:00", "2024-10-08", false),
    ("15 days", "2024-11-15T10:00:00+08:00", "2024-12-02", false),
    ("30 days", "2024-08-15T10:00:00+08:00", "2024-09-14", false),
    ("30 days", "2025-12-02T10:00:00+08:00", "2026-01-04", false),
    ("60 days", "2024-01-01T10:00:00+08:00", "2024-03-01", false),
    // Months and years: the corresponding day, or the month's last.
    ("1 months", "2024-01-31T10:00:00+08:00", "2024-02-29", false),
    ("1 months", "2024-03-01T10:00:00+08:00", "2024-04-01", false),
    // Logs (csl art. 21 of 2016).
    ("6 months", "2024-04-30T10:00:00+08:00", "2024-10-30", false),
    ("6 months", "2023-08-31T10:00:00+08:00", "2024-02-29", false),
    // To the corresponding day: 1 January is off.
    ("1 years", "2024-01-01T00:00:00+08:00", "2025-01-02", false),
    // Each year (cn.minors-online-protection/37): the calendar year, which does not move into the next, and hangs on no
    // arrangement. 31 December 2023 is a Sunday; in UTC+8 the new year begins at 16:00 UTC.
    ("1 calendar years", "2023-01-01T00:00:00+08:00", "2023-12-31", false),
    ("1 calendar years", "2024-12-31T15:59:59.999Z", "2024-12-31", false),
    ("1 calendar years", "2024-12-31T16:00:00Z", "2025-12-31", false),
    ("1 calendar years", "2026-01-01T00:00:00+08:00", "2026-12-31", false),
    ("2 calendar years", "2024-06-01T10:00:00+08:00", "2025-12-31", false),
    // Every two years (audit measures art. 4): Saturday 1 May 2027, Labour Day expected to the Sunday.
    ("2 years", "2025-05-01T10:00:00+08:00", "2027-05-03", true),
    // Keeping an assessment (cn.pipl/56/2): 2027 has no 29 February, and the 28th is a Sunday.
    ("3 years", "2024-02-29T10:00:00+08:00", "2027-03-01", true),
    ("3 years", "2021-11-01T10:00:00+08:00", "2024-11-01", false),
    // Over the end of the published arrangements: 22, 23, 24, 25, 28 to 31 December, 4 and 5 January.
    ("10 working days", "2026-12-21T10:00:00+08:00", "2027-01-05", true),
    ("3 working days", "2026-12-21T10:00:00+08:00", "2026-12-24", false),
    // Security incidents (network-data-regulations art. 10), in hours, through the night and the holiday.
    ("24 hours", "2025-01-01T10:30:00+08:00", "2025-01-02T10:30:00+08:00", false),
    ("2 hours", "2026-07-15T23:00:00+08:00", "2026-07-16T01:00:00+08:00", false),
];

#[test]
fn periods_end_on_the_days_counted_by_hand() {
    let calendar = calendar();
    for (length, start, end, is_provisional) in BY_HAND {
        let due = due(&calendar, length, start);
        let expected = if end.len() == 10 { End::Day(day(end)) } else { End::Moment(at(end)) };
        assert_eq!((due.end, due.is_provisional), (expected, is_provisional), "{length} from {start}");
        let explanation = explain(&calendar, CountingRule::default(), period(length), at(start), &[]).unwrap();
        assert_eq!(explanation.due, Some(due), "{length} from {start}, explained");
    }
}

/// Every length that a duty of the packs has stands in the table above.
#[test]
fn every_length_in_the_packs_has_a_date_counted_by_hand() {
    let packs = Packs::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")).unwrap();
    let counted: BTreeSet<&str> = BY_HAND.iter().map(|(length, ..)| *length).collect();
    let mut numbers = 0;
    for duty in packs.instruments.iter().flat_map(|pack| &pack.duties) {
        let limit = duty.time_limit().unwrap().to_string();
        let length = limit.strip_prefix("at least ").unwrap_or(&limit);
        if length.starts_with(|first: char| first.is_ascii_digit()) {
            numbers += 1;
            assert!(counted.contains(length), "{}: add `{length}` to BY_HAND with a date counted by hand", duty.id);
        }
    }
    assert!(numbers >= 8, "only {numbers} duties have a number");
}

#[test]
fn a_day_begins_at_midnight_in_utc_plus_8() {
    let calendar = calendar();
    for (length, before, after) in
        [("1 working days", "2024-05-07", "2024-05-08"), ("10 days", "2024-05-16", "2024-05-17")]
    {
        assert_eq!(due(&calendar, length, "2024-05-06T15:59:59Z").end, End::Day(day(before)), "{length}");
        assert_eq!(due(&calendar, length, "2024-05-06T15:59:59.999Z").end, End::Day(day(before)), "{length}");
        assert_eq!(due(&calendar, length, "2024-05-06T16:00:00Z").end, End::Day(day(after)), "{length}");
    }
    let end = End::Day(day("2024-05-07"));
    assert!(end.includes(at("2024-05-07T15:59:59.999Z")));
    assert!(!end.includes(at("2024-05-07T16:00:00Z")));
    let end = End::Moment(at("2024-05-07T10:00:00+08:00"));
    assert!(end.includes(at("2024-05-07T02:00:00Z")));
    assert!(!end.includes(at("2024-05-07T02:00:00.001Z")));
}

#[test]
fn each_setting_of_the_counting_rule_moves_the_end_as_it_says() {
    let calendar = calendar();
    let rows = [
        (FirstDay::NotCounted, LastDay::MovesToWorkingDay, "10 working days", "2022-03-01", "2022-03-15"),
        (FirstDay::Counted, LastDay::MovesToWorkingDay, "10 working days", "2022-03-01", "2022-03-14"),
        // 16 to 30 November 2024, a plain Saturday.
        (FirstDay::NotCounted, LastDay::MovesToWorkingDay, "15 days", "2024-11-15", "2024-12-02"),
        (FirstDay::NotCounted, LastDay::MovesAfterHolidays, "15 days", "2024-11-15", "2024-11-30"),
        (FirstDay::NotCounted, LastDay::Stays, "15 days", "2024-11-15", "2024-11-30"),
        // To National Day.
        (FirstDay::NotCounted, LastDay::MovesAfterHolidays, "15 days", "2024-09-16", "2024-10-08"),
        (FirstDay::NotCounted, LastDay::Stays, "15 days", "2024-09-16", "2024-10-01"),
        (FirstDay::Counted, LastDay::Stays, "1 months", "2024-05-06", "2024-06-05"),
    ];
    for (first_day, last_day, length, start, end) in rows {
        let rule = CountingRule { first_day, last_day };
        let start = at(&format!("{start}T10:00:00+08:00"));
        assert_eq!(
            due_date(&calendar, rule, period(length), start).unwrap().end,
            End::Day(day(end)),
            "{rule:?} {length}"
        );
        explain(&calendar, rule, period(length), start, &[]).unwrap();
    }
}

#[test]
fn only_what_hangs_on_working_days_is_provisional() {
    let calendar = calendar();
    let stays = CountingRule { last_day: LastDay::Stays, ..CountingRule::default() };
    let longer = [extended("2026-12-22T10:00:00+08:00", "1 working days")];
    let rows: [(&str, CountingRule, &[Change], bool); 6] = [
        ("15 days", CountingRule::default(), &[], true),
        ("15 days", stays, &[], false),
        ("2 years", stays, &[], false),
        ("10 working days", stays, &[], true),
        ("15 days", stays, &longer, true),
        ("400 hours", CountingRule::default(), &[], false),
    ];
    for (length, rule, changes, is_provisional) in rows {
        let start = at("2026-12-21T10:00:00+08:00");
        let due = explain(&calendar, rule, period(length), start, changes).unwrap().due.unwrap();
        assert_eq!(due.is_provisional, is_provisional, "{length} by {rule:?} with {changes:?}");
    }
}

fn ground() -> Ground {
    Ground::new(Some("cn.iisarmp/25".parse().unwrap()), "补正材料", "materials to be completed").unwrap()
}

fn suspended(from: &str, until: Option<&str>) -> Change {
    Change::Suspended { from: at(from), until: until.map(at), ground: ground() }
}

fn extended(when: &str, by: &str) -> Change {
    Change::Extended { at: at(when), by: period(by), ground: ground() }
}

#[test]
fn suspensions_and_extensions_move_the_end_by_what_they_took_or_gave() {
    const START: &str = "2024-05-06T10:00:00+08:00";
    let calendar = calendar();
    let rows: [(&str, &[Change], Option<&str>); 17] = [
        // 7 to 10 (4), Saturday 11 worked (5), 13 to 17 (10).
        ("10 working days", &[], Some("2024-05-17")),
        // 9 and 10 May left out.
        (
            "10 working days",
            &[suspended("2024-05-09T12:00:00+08:00", Some("2024-05-10T09:00:00+08:00"))],
            Some("2024-05-21"),
        ),
        // Two that touch one day leave it out once.
        (
            "10 working days",
            &[
                suspended("2024-05-09T08:00:00+08:00", Some("2024-05-09T09:00:00+08:00")),
                suspended("2024-05-09T15:00:00+08:00", Some("2024-05-09T16:00:00+08:00")),
            ],
            Some("2024-05-20"),
        ),
        // One within the other: the outer one's three hours.
        (
            "24 hours",
            &[
                suspended("2024-05-06T12:00:00+08:00", Some("2024-05-06T15:00:00+08:00")),
                suspended("2024-05-06T13:00:00+08:00", Some("2024-05-06T14:00:00+08:00")),
            ],
            Some("2024-05-07T13:00:00+08:00"),
        ),
        // It had not ended on Saturday 1 June, when it was suspended: the first working day after.
        ("26 days", &[suspended("2024-06-02T08:00:00+08:00", Some("2024-06-04T09:00:00+08:00"))], Some("2024-06-05")),
        ("26 days", &[suspended("2024-06-02T08:00:00+08:00", None)], None),
        ("26 days", &[suspended("2024-06-04T08:00:00+08:00", None)], Some("2024-06-03")),
        // After the end, and before the start: nothing.
        (
            "10 working days",
            &[suspended("2024-05-18T08:00:00+08:00", Some("2024-06-01T09:00:00+08:00"))],
            Some("2024-05-17"),
        ),
        (
            "10 working days",
            &[suspended("2024-05-01T08:00:00+08:00", Some("2024-05-06T09:00:00+08:00"))],
            Some("2024-05-17"),
        ),
        ("10 working days", &[suspended("2024-05-09T12:00:00+08:00", None)], None),
        ("10 working days", &[suspended("2024-05-20T12:00:00+08:00", None)], Some("2024-05-17")),
        ("10 working days", &[extended("2024-05-17T23:59:59+08:00", "5 working days")], Some("2024-05-24")),
        ("10 working days", &[extended("2024-05-18T00:00:00+08:00", "5 working days")], Some("2024-05-17")),
        // 17 May and fifteen days: Saturday 1 June, so Monday 3 June.
        ("10 working days", &[extended("2024-05-17T10:00:00+08:00", "15 days")], Some("2024-06-03")),
        ("10 days", &[suspended("2024-05-09T12:00:00+08:00", Some("2024-05-10T09:00:00+08:00"))], Some("2024-05-20")),
        ("1 months", &[suspended("2024-05-09T12:00:00+08:00", Some("2024-05-10T09:00:00+08:00"))], Some("2024-06-11")),
        (
            "24 hours",
            &[
                suspended("2024-05-06T12:00:00+08:00", Some("2024-05-06T13:30:00+08:00")),
                extended("2024-05-07T11:30:00+08:00", "2 hours"),
                extended("2024-05-07T13:30:00.001+08:00", "2 hours"),
            ],
            Some("2024-05-07T13:30:00+08:00"),
        ),
    ];
    for (length, changes, end) in rows {
        let explanation = explain(&calendar, CountingRule::default(), period(length), at(START), changes).unwrap();
        let found = explanation.due.map(|due| due.end);
        let expected = end.map(|end| if end.len() == 10 { End::Day(day(end)) } else { End::Moment(at(end)) });
        assert_eq!(found, expected, "{length} with {changes:?}");
    }
}

#[test]
fn what_cannot_be_computed_is_an_error_with_a_hint() {
    let calendar = calendar();
    let start = at("2024-05-06T10:00:00+08:00");
    let backwards = [suspended("2024-05-09T12:00:00+08:00", Some("2024-05-08T12:00:00+08:00"))];
    let mixed = [extended("2024-05-07T12:00:00+08:00", "3 hours")];
    let rows: [(&str, &str, &[Change], &str, bool); 5] = [
        (
            "10 working days",
            "2017-06-01T10:00:00+08:00",
            &[],
            "`10 working days` from `2017-06-01T10:00:00+08:00` leaves the calendar cn 2026.1",
            true,
        ),
        (
            "90 years",
            "2024-05-06T10:00:00+08:00",
            &[],
            "`90 years` from `2024-05-06T10:00:00+08:00` leaves the calendar cn 2026.1",
            true,
        ),
        (
            "36500 hours",
            "2099-05-06T10:00:00+08:00",
            &[],
            "time `4213116000000` ms lies outside the years 1990 to 2099",
            true,
        ),
        (
            "10 days",
            "2024-05-06T10:00:00+08:00",
            &backwards,
            "a suspension from `2024-05-09T12:00:00+08:00` ends before that, at `2024-05-08T12:00:00+08:00`",
            false,
        ),
        ("10 days", "2024-05-06T10:00:00+08:00", &mixed, "`10 days` cannot be extended by `3 hours`", false),
    ];
    for (length, from, changes, message, is_outside) in rows {
        let error = explain(&calendar, CountingRule::default(), period(length), at(from), changes).unwrap_err();
        assert_eq!((error.message.as_str(), error.is_outside()), (message, is_outside));
        assert!(error.hint.is_some_and(|hint| !hint.is_empty()), "{message}");
    }
    // Periods that need no day of the calendar do not fail for it.
    assert_eq!(
        due(&calendar, "24 hours", "2008-01-01T10:00:00+08:00").end,
        End::Moment(at("2008-01-02T10:00:00+08:00"))
    );
    let mixed = [extended("2024-05-06T12:00:00+08:00", "3 days")];
    let error = explain(&calendar, CountingRule::default(), period("24 hours"), start, &mixed).unwrap_err();
    assert_eq!(error.message, "`24 hours` cannot be extended by `3 days`");
    assert_eq!(Ground::new(None, "", "").unwrap_err().message, "a period was changed without a ground");
}
