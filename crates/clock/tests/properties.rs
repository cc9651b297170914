//! What holds for every date, on random events, lengths, calendars, suspensions and extensions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_clock::{Calendar, Change, CountingRule, End, FirstDay, Ground, LastDay, due_date, explain};
use gongdao_model::{Instant, LegalDate};
use gongdao_pack::{Period, PeriodUnit};
use proptest::prelude::*;
use support::{calendar, day, edited, later};

const DAY_MILLIS: i64 = 86_400_000;
/// 2018-01-02T00:00 in UTC+8, and eight and a half years.
const FIRST_MILLIS: i64 = 1_514_822_400_000;
const SPAN_DAYS: i64 = 3_100;

fn instants() -> impl Strategy<Value = Instant> {
    (0..SPAN_DAYS * DAY_MILLIS).prop_map(|millis| Instant::from_millis(FIRST_MILLIS + millis).unwrap())
}

fn units() -> impl Strategy<Value = PeriodUnit> {
    prop::sample::select(PeriodUnit::ALL.to_vec())
}

fn rules() -> impl Strategy<Value = CountingRule> {
    let first = prop::sample::select(vec![FirstDay::NotCounted, FirstDay::Counted]);
    let last = vec![LastDay::MovesToWorkingDay, LastDay::MovesAfterHolidays, LastDay::Stays];
    (first, prop::sample::select(last)).prop_map(|(first_day, last_day)| CountingRule { first_day, last_day })
}

fn ground() -> Ground {
    Ground::new(None, "测试", "a test").unwrap()
}

fn after(start: Instant, millis: i64) -> Instant {
    Instant::from_millis(start.millis() + millis).unwrap()
}

/// A suspension or an extension, its time in hours from the event.
#[derive(Debug, Clone, Copy)]
enum Drawn {
    Suspended { from: i64, hours: i64 },
    Extended { at: i64, count: u32, unit: PeriodUnit },
}

fn changes() -> impl Strategy<Value = Vec<Drawn>> {
    let units = prop::sample::select(vec![PeriodUnit::WorkingDays, PeriodUnit::Days, PeriodUnit::Months]);
    let suspended = (-200_i64..2_000, 0_i64..600).prop_map(|(from, hours)| Drawn::Suspended { from, hours });
    let extended =
        (-200_i64..2_000, 1_u32..20, units).prop_map(|(at, count, unit)| Drawn::Extended { at, count, unit });
    prop::collection::vec(prop_oneof![suspended, extended], 0..5)
}

fn change(start: Instant, drawn: Drawn) -> Change {
    let hours_after = |start: Instant, hours: i64| after(start, hours * 3_600_000);
    match drawn {
        Drawn::Suspended { from, hours } => {
            let from = hours_after(start, from);
            Change::Suspended { from, until: Some(hours_after(from, hours)), ground: ground() }
        }
        Drawn::Extended { at, count, unit } => {
            Change::Extended { at: hours_after(start, at), by: Period::new(count, unit).unwrap(), ground: ground() }
        }
    }
}

fn end(calendar: &Calendar, rule: CountingRule, count: u32, unit: PeriodUnit, start: Instant) -> End {
    due_date(calendar, rule, Period::new(count, unit).unwrap(), start).unwrap().end
}

/// The last day by the shortest possible program: count days one by one.
fn naive(calendar: &Calendar, count: u32, start: Instant) -> LegalDate {
    let mut day = start.date_in_shanghai();
    let mut left = count;
    while left > 0 {
        day = later(day, 1);
        left -= u32::from(calendar.kind(day).unwrap().is_working());
    }
    day
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_later_event_never_ends_earlier(
        one in instants(), other in instants(), count in 1_u32..60, unit in units(), rule in rules()
    ) {
        let calendar = calendar_once();
        let (first, second) = (one.min(other), one.max(other));
        prop_assert!(end(calendar, rule, count, unit, first) <= end(calendar, rule, count, unit, second));
    }

    #[test]
    fn a_longer_period_never_ends_earlier(start in instants(), count in 1_u32..60, unit in units(), rule in rules()) {
        let calendar = calendar_once();
        let (shorter, longer) = (end(calendar, rule, count, unit, start), end(calendar, rule, count + 1, unit, start));
        prop_assert!(shorter <= longer);
        if matches!(unit, PeriodUnit::WorkingDays | PeriodUnit::Hours) {
            prop_assert!(shorter < longer);
        }
    }

    #[test]
    fn working_days_end_where_counting_one_by_one_ends(start in instants(), count in 1_u32..200) {
        let calendar = calendar_once();
        let found = end(calendar, CountingRule::default(), count, PeriodUnit::WorkingDays, start);
        prop_assert_eq!(found, End::Day(naive(calendar, count, start)));
    }

    #[test]
    fn working_days_counted_back_give_the_length(start in instants(), count in 1_u32..200) {
        let calendar = calendar_once();
        let last = end(calendar, CountingRule::default(), count, PeriodUnit::WorkingDays, start).day();
        let first = later(start.date_in_shanghai(), 1);
        prop_assert_eq!(calendar.working_days(first, last), Some(count));
        prop_assert!(calendar.kind(last).unwrap().is_working());
    }

    #[test]
    fn days_of_the_calendar_are_that_many_days(start in instants(), count in 1_u32..400) {
        let rule = CountingRule { last_day: LastDay::Stays, ..CountingRule::default() };
        let last = end(calendar_once(), rule, count, PeriodUnit::Days, start).day();
        prop_assert_eq!(last.day_number() - start.date_in_shanghai().day_number(), i32::try_from(count).unwrap());
    }

    #[test]
    fn the_last_day_is_worked_unless_it_stays(start in instants(), count in 1_u32..60, unit in units()) {
        if unit == PeriodUnit::CalendarYears {
            return Ok(());
        }
        if let End::Day(last) = end(calendar_once(), CountingRule::default(), count, unit, start) {
            prop_assert!(calendar_once().kind(last).unwrap().is_working());
        }
    }

    /// `explain` walks the days one by one and fails where that ends on another day than the tables do.
    #[test]
    fn the_explanation_ends_on_the_same_day_whatever_happened(
        start in instants(), count in 1_u32..60, unit in units(), rule in rules(), drawn in changes()
    ) {
        let changes: Vec<Change> = drawn.into_iter().map(|drawn| change(start, drawn)).collect();
        let period = Period::new(count, unit).unwrap();
        match explain(calendar_once(), rule, period, start, &changes) {
            Ok(explanation) => {
                let plain = due_date(calendar_once(), rule, period, start).unwrap();
                prop_assert!(explanation.due.unwrap().end >= plain.end, "a change made it shorter");
            }
            Err(error) => prop_assert!(error.message.contains("cannot be extended by"), "{}", error),
        }
    }
}

// Each case reads a calendar of its own, so there are fewer.
proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A free Sunday that becomes a working day moves no end to a later day, and no end by more than it can.
    #[test]
    fn a_make_up_day_more_never_delays(start in instants(), count in 1_u32..60, unit in units(), week in 0_i32..430) {
        let sunday = later(day("2018-01-07"), week * 7);
        let calendar = calendar_once();
        prop_assume!(calendar.kind(sunday) == Some(gongdao_clock::DayKind::Weekend));
        let work = format!("work = [{sunday}, 2018-02-11,");
        let busier = edited(&[("work = [2018-02-11,", &work)]).unwrap();
        let rule = CountingRule::default();
        let (before, after) = (end(calendar, rule, count, unit, start), end(&busier, rule, count, unit, start));
        prop_assert!(after <= before, "{before:?} became {after:?}");
    }

    /// Whatever arrangement is published later, the date does not come before `earliest`, and settles once it is.
    #[test]
    fn a_provisional_date_settles_no_earlier_than_it_said(
        days in 0_i64..60, count in 1_u32..40, unit in units(), off in 1_i32..200, length in 0_i32..9, work in prop::option::of(0_i32..25)
    ) {
        let start = Instant::from_millis(1_796_000_000_000 - days * DAY_MILLIS).unwrap();
        let rule = CountingRule::default();
        let period = Period::new(count, unit).unwrap();
        let before = due_date(calendar_once(), rule, period, start).unwrap();
        let first_off = later(day("2026-12-25"), off);
        let last_off = later(first_off, length);
        let saturday = later(day("2027-01-02"), work.unwrap_or(0) * 7);
        prop_assume!(saturday < first_off || saturday > last_off);
        let work = if work.is_some() { format!("work = [{saturday}]\n") } else { String::new() };
        let arrangement = format!("[[arrangement]]\nholiday = \"new-year\"\noff = [{first_off}, {last_off}]\n{work}");
        let published = include_str!("../data/calendar-cn.toml").split("\n[[expected]]").next().unwrap().to_owned();
        let published = published.replace("published_through = 2026-12-24", "published_through = 2027-12-24") + "\n" + &arrangement;
        let newer = Calendar::read(std::path::Path::new("newer.toml"), &published).unwrap();
        let after = due_date(&newer, rule, period, start).unwrap();
        prop_assert!(after.end >= before.earliest, "{before:?} became {after:?}");
        if !before.is_provisional {
            prop_assert_eq!(after.end, before.end);
        }
    }
}

fn calendar_once() -> &'static Calendar {
    static CALENDAR: std::sync::OnceLock<Calendar> = std::sync::OnceLock::new();
    CALENDAR.get_or_init(calendar)
}
