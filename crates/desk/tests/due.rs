//! What the order of the queue rests on: clocks that began later are not due earlier, and the way back from a due date to where
//! clocks began finds what a plain look at each of them finds.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use gongdao_clock::Calendar;
use gongdao_desk::{Limit, Limits, Stage};
use gongdao_model::Instant;
use gongdao_pack::{Period, PeriodUnit};
use proptest::prelude::*;
use std::path::Path;
use std::sync::OnceLock;

const DAY_MILLIS: i64 = 86_400_000;
/// 2018-01-02T00:00 in UTC+8, the second day of the calendar.
const FIRST_MILLIS: i64 = 1_514_822_400_000;
/// Past the published days, where dates hang on days that are only expected.
const SPAN_DAYS: i64 = 3_600;

/// The calendar that is shipped, and others: without a holiday, and published less far.
fn calendars() -> &'static [Calendar] {
    static CALENDARS: OnceLock<Vec<Calendar>> = OnceLock::new();
    CALENDARS.get_or_init(|| {
        let shipped = include_str!("../../clock/data/calendar-cn.toml");
        let spring = "off = [2018-02-15, 2018-02-21]\nwork = [2018-02-11, 2018-02-24]\n";
        assert!(shipped.contains(spring), "the calendar has other words than this test");
        let edited = [shipped.to_owned(), shipped.replace(spring, "off = [2018-02-15, 2018-02-28]\n")];
        edited.iter().map(|text| Calendar::read(Path::new("calendar.toml"), text).unwrap()).collect()
    })
}

fn at(millis: i64) -> Instant {
    Instant::from_millis(FIRST_MILLIS + millis).unwrap()
}

/// Often at midnight in UTC+8, or a moment beside it.
fn instants() -> impl Strategy<Value = Instant> {
    prop_oneof![
        (0..SPAN_DAYS * DAY_MILLIS).prop_map(at),
        (1..SPAN_DAYS, -1_i64..=1).prop_map(|(day, beside)| at(day * DAY_MILLIS + beside)),
        // Around the first holiday that the calendars differ in.
        (30_i64..70, 0..DAY_MILLIS).prop_map(|(day, millis)| at(day * DAY_MILLIS + millis)),
    ]
}

/// At the stage of an answer; nothing at the others.
fn limits() -> impl Strategy<Value = Limits> {
    (1_u32..60, prop::sample::select(PeriodUnit::ALL.to_vec())).prop_map(|(count, unit)| {
        let count = if matches!(unit, PeriodUnit::Years | PeriodUnit::CalendarYears) { count % 20 + 1 } else { count };
        Limits { answer: Some(Limit(Period::new(count, unit).unwrap())), ..Limits::default() }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn a_clock_that_began_later_is_not_due_earlier(one in instants(), other in instants(), limits in limits(), which in 0_usize..2) {
        let calendar = &calendars()[which];
        let due = |since: Instant| limits.due(Stage::Open, since, calendar).unwrap().unwrap();
        prop_assert!(due(one.min(other)) <= due(one.max(other)));
    }

    #[test]
    fn where_clocks_began_that_are_due_at_a_moment_is_what_a_look_at_each_finds(
        begun in prop::collection::vec(instants(), 1..40), pick in any::<prop::sample::Index>(), beside in -1_i64..=1,
        limits in limits(), which in 0_usize..2,
    ) {
        let calendar = &calendars()[which];
        let due = |since: Instant| limits.due(Stage::Open, since, calendar).unwrap().unwrap();
        // A moment at which one is due, or right beside it; and the moments at which clocks began, which lie before all dues of those.
        let moments = [Instant::from_millis(due(*pick.get(&begun)).millis() + beside).unwrap(), *pick.get(&begun)];
        for moment in moments {
            let found = limits.beginnings(Stage::Open, moment, calendar);
            for since in begun.iter().chain([&at(0), &at(SPAN_DAYS * DAY_MILLIS)]) {
                let since_millis = since.millis();
                prop_assert_eq!(due(*since) >= moment, since_millis >= found.start, "{} {:?}", since, &found);
                prop_assert_eq!(due(*since) > moment, since_millis >= found.end, "{} {:?}", since, &found);
            }
            // The bounds are the first such moments, not some moment between two of the clocks.
            for (bound, is_past) in [(found.start, false), (found.end, true)] {
                let reaches = |since: i64| {
                    let due = due(Instant::from_millis(since).unwrap());
                    if is_past { due > moment } else { due >= moment }
                };
                if bound > FIRST_MILLIS && bound < i64::MAX {
                    prop_assert!(reaches(bound) && !reaches(bound - 1), "{}", bound);
                }
            }
        }
    }
}

#[test]
fn what_lies_beside_the_calendar_stands_before_or_behind_all_others() {
    let calendar = Calendar::shipped().unwrap();
    let limits = |text: &str| Limits { answer: Some(Limit(text.parse().unwrap())), ..Limits::default() };
    let now: Instant = "2026-03-02T10:00:00+08:00".parse().unwrap();
    let early: Instant = "1995-03-02T10:00:00+08:00".parse().unwrap();
    let late: Instant = "2099-12-31T10:00:00+08:00".parse().unwrap();
    let days = limits("15 working days");
    assert!(days.due(Stage::Open, early, &calendar).is_err() && days.due(Stage::Open, late, &calendar).is_err());
    let found = days.beginnings(Stage::Open, now, &calendar);
    assert!(early.millis() < found.start && found.end < late.millis(), "{found:?}");
    // The last day of the calendar on which 15 working days still end in it, and the day after.
    let found = days.beginnings(Stage::Open, "2099-12-31T23:59:59.999+08:00".parse().unwrap(), &calendar);
    let last = Instant::from_millis(found.start - 1).unwrap();
    assert!(days.due(Stage::Open, last, &calendar).is_ok(), "{last}");
    assert!(days.due(Stage::Open, Instant::from_millis(found.end).unwrap(), &calendar).is_err());
    // A stage without a limit has no dates at all.
    assert_eq!((days.has(Stage::Review), days.due(Stage::Review, now, &calendar).unwrap()), (false, None));
    assert_eq!(days.beginnings(Stage::Review, now, &calendar), i64::MAX..i64::MAX);
}
