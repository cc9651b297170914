//! How many due dates a second on one core: `cargo run --release -p gongdao-clock --example speed-of-clock`.
//!
//! Events at random moments of 2018 to 2026, periods of 1 to 60 days, working days, hours or months, each date computed
//! for itself; and the same with its explanation.

#![expect(clippy::print_stdout, reason = "an example prints its result")]

use gongdao_clock::{Calendar, ClockError, CountingRule, due_date, explain};
use gongdao_model::Instant;
use gongdao_pack::{Period, PeriodUnit};
use std::time::Instant as Stopwatch;

const DATES: usize = 4_000_000;
const EXPLAINED: usize = 100_000;
const FIRST_MILLIS: i64 = 1_514_736_000_000;
const SPAN_MILLIS: u64 = 9 * 365 * 86_400_000;

fn main() -> Result<(), ClockError> {
    let calendar = Calendar::shipped()?;
    let rule = CountingRule::default();
    for unit in PeriodUnit::ALL {
        let cases = cases(unit)?;
        let start = Stopwatch::now();
        let mut sum = 0_i64;
        for (period, at) in &cases {
            let due = due_date(&calendar, rule, *period, *at)?;
            sum = sum.wrapping_add(i64::from(due.end.day().day_number()));
        }
        say(unit.as_str(), cases.len(), start, sum);
    }
    let cases = cases(PeriodUnit::WorkingDays)?;
    let start = Stopwatch::now();
    let mut sum = 0_i64;
    for (period, at) in cases.iter().take(EXPLAINED) {
        sum += i64::try_from(explain(&calendar, rule, *period, *at, &[])?.steps.len()).unwrap_or(0);
    }
    say("working days, explained", EXPLAINED, start, sum);
    Ok(())
}

/// The sum is printed so that no computation can be left out.
fn say(what: &str, count: usize, start: Stopwatch, sum: i64) {
    let seconds = start.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = count as f64 / seconds / 1e6;
    println!("{what}: {rate:.2} million dates a second ({count} in {seconds:.3} s; sum {sum})");
}

fn cases(unit: PeriodUnit) -> Result<Vec<(Period, Instant)>, ClockError> {
    let mut state = 1_u64;
    let mut draw = || {
        // Multiplier and addend of Knuth's MMIX; the high bits are good enough to spread dates.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 20
    };
    let mut cases = Vec::with_capacity(DATES);
    for _ in 0..DATES {
        let count = u32::try_from(draw() % 60 + 1).unwrap_or(1);
        let at = FIRST_MILLIS + i64::try_from(draw() % SPAN_MILLIS).unwrap_or(0);
        cases.push((Period::new(count, unit)?, Instant::from_millis(at)?));
    }
    Ok(cases)
}
