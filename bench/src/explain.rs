//! One explanation after the other: shares of an outcome over every mix of 14 factors and their baselines, and what would have
//! changed it. In memory, without the ledger's row and without HTTP.

use crate::machine;
use crate::options::Options;
use gongdao_register::{DeclaredRule, PreparedRule, RuleValue};
use serde_json::{Value, json};
use std::fmt::Display;
use std::time::{Duration, Instant as Stopwatch};

/// As many as exact shares are given for, whatever the rule.
const FACTORS: usize = 14;
/// For 99 of 100.
const AIM: Duration = Duration::from_millis(5);

/// Times of single explanations under a rule with sums, products, comparisons, steps and a floor.
pub(crate) fn run(options: &Options) -> Result<String, String> {
    let rounds: usize = options.value("rounds", 2_000)?;
    let mut drawn: u64 = options.value("seed", 1)?;
    let rule: DeclaredRule = serde_json::from_value(rule()).map_err(told)?;
    rule.check().map_err(told)?;
    let prepared = PreparedRule::open(&rule).map_err(told)?;
    let mut next = || {
        drawn = drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(drawn >> 33).unwrap_or_default()
    };
    let mut times = Vec::with_capacity(rounds);
    let mut regions = 0;
    for round in 0..rounds + 10 {
        let values: Vec<RuleValue> = (0..FACTORS)
            .map(|factor| if factor < 10 { RuleValue::Number(next() % 100) } else { RuleValue::Truth(next() % 2 == 0) })
            .collect();
        let start = Stopwatch::now();
        let explained = prepared.explain(&values).map_err(told)?;
        let took = start.elapsed();
        let found = &explained.attribution;
        let sum: i64 = found.shares.iter().map(|share| share.units).sum();
        if sum != found.outcome - found.baseline {
            return Err(format!("the shares add up to {sum}, not to {}", found.outcome - found.baseline));
        }
        // The first ones warm the memory up.
        if round >= 10 {
            times.push(took);
            regions += explained.regions.len();
        }
    }
    times.sort_unstable();
    let at = |share: usize| times.get((times.len() * share / 1_000).min(times.len().saturating_sub(1))).copied();
    let millis = |time: Option<Duration>| format!("{:.2}", time.unwrap_or_default().as_secs_f64() * 1_000.0);
    Ok(format!(
        "{}\n\n| explanation with {FACTORS} factors | ms | aim | met |\n|---|---|---|---|\n| median | {} | | |\n\
        | p99 | {} | {} | {} |\n| slowest | {} | | |\n\n\
        {rounds} explanations, {} runs of the rule each for shares, 500 for what would have changed it; {regions} regions found.",
        machine::line(),
        millis(at(500)),
        millis(at(990)),
        millis(Some(AIM)),
        if at(990).is_some_and(|time| time < AIM) { "yes" } else { "no" },
        millis(times.last().copied()),
        1_u32 << FACTORS,
    ))
}

fn rule() -> Value {
    let number = |place: usize| {
        let (name, fact) = (format!("n{place}"), format!("context.n{place}"));
        if place >= 5 {
            return json!({"name": name, "fact": fact, "zh": "数", "en": "number", "baseline": 50});
        }
        json!({"name": name, "fact": fact, "zh": "数", "en": "number", "baseline": 50, "can": "correct",
            "values": {"from": 0, "to": 99, "step": 1}})
    };
    let truth = |place: usize| {
        json!({"name": format!("t{place}"), "fact": format!("context.t{place}"), "zh": "是否", "en": "whether",
            "baseline": false})
    };
    let factors: Vec<Value> = (0..10).map(number).chain((10..FACTORS).map(truth)).collect();
    let expression = "greatest(300 + 12 * n0 + ceil(n1 / 10) * 50 + n2 * n3 / 10 + CASE WHEN n4 > 60 THEN 80 ELSE 0 END \
        + n5 - n6 + CASE WHEN n7 BETWEEN 20 AND 40 THEN n8 * 2 ELSE n9 END + CASE WHEN t10 THEN 100 ELSE 0 END, 400) \
        * CASE WHEN t11 AND NOT t12 THEN 1.25 ELSE 1 END + CASE WHEN t13 THEN 20 ELSE 0 END";
    json!({"outcome": "context.priceFen", "zh": "价", "en": "price", "unit": "fen", "better": "lower",
        "expression": expression, "factors": factors})
}

fn told(error: impl Display) -> String {
    error.to_string()
}
