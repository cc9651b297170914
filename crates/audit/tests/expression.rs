//! The small evaluator of `gongdao-score`, which explanations use, beside `DataFusion`, which audits use: random expressions
//! over random rows, run by both.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

use datafusion::arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::prelude::SessionContext;
use gongdao_audit::declared::{AlgorithmVersion, RuleSpec, Tolerance, run};
use gongdao_audit::summary::Bilingual;
use gongdao_score::{Column, Expression, Kind};
use std::sync::Arc;

const ROWS: usize = 64;
const NOON: i64 = 1_760_328_000_000;
const ZONES: [&str; 3] = ["north", "south", "it's"];

/// A small generator of our own (splitmix64), so that a seed means the same everywhere.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap() % most
    }

    fn number(&mut self, depth: usize) -> String {
        if depth == 0 {
            return match self.below(5) {
                0 => self.below(50).to_string(),
                1 => format!("{}.{}", self.below(9), self.below(100)),
                2 => "wait".to_owned(),
                _ => "metres".to_owned(),
            };
        }
        let below = depth - 1;
        let (one, other) = (self.number(below), self.number(below));
        match self.below(12) {
            0 => format!("{one} + {other}"),
            1 => format!("({one} - {other})"),
            2 => format!("({one}) * ({other})"),
            3 => format!("({one}) / ({other})"),
            4 => format!("({one}) % ({other})"),
            5 => format!("- ({one})"),
            6 => format!("CASE WHEN {} THEN {one} ELSE {other} END", self.truth(below)),
            7 => format!("CASE WHEN {} THEN 3 WHEN {} THEN {one} ELSE 2 END", self.truth(below), self.truth(below)),
            8 => format!("CASE zone WHEN 'north' THEN {one} WHEN 'it''s' THEN {other} ELSE 1 END"),
            9 => format!("{}({one}, {other})", ["least", "greatest"][self.below(2)]),
            10 => format!("{}({one})", ["abs", "ceil", "floor", "round"][self.below(4)]),
            _ => format!("sqrt(abs({one}))"),
        }
    }

    fn truth(&mut self, depth: usize) -> String {
        if depth == 0 {
            return ["storm", "NOT storm", "TRUE", "zone = 'south'", "zone <> 'north'"][self.below(5)].to_owned();
        }
        let below = depth - 1;
        let (one, other) = (self.number(below), self.number(below));
        match self.below(7) {
            0 => format!("{one} {} {other}", ["=", "<>", "!=", "<", "<=", ">", ">="][self.below(7)]),
            1 => format!("metres {}BETWEEN {one} AND {other}", ["", "NOT "][self.below(2)]),
            2 => format!("zone {}IN ('north', 'west')", ["", "NOT "][self.below(2)]),
            3 => format!("wait IN (1, 2, {})", self.below(9)),
            4 => format!("NOT ({})", self.truth(below)),
            5 => format!("{} AND {}", self.truth(below), self.truth(below)),
            _ => format!("{} OR {}", self.truth(below), self.truth(below)),
        }
    }
}

fn version(expression: &str) -> AlgorithmVersion {
    AlgorithmVersion {
        file: "rule.toml".into(),
        algorithm: "fee".to_owned(),
        version: "1".to_owned(),
        from: "2025-01-01".parse().unwrap(),
        until: None,
        title: Bilingual { zh: "费".to_owned(), en: "fee".to_owned() },
        note: None,
        provisions: vec!["cn.pipl/24/1".parse().unwrap()],
        query: "orders".to_owned(),
        id: "decision_id".to_owned(),
        at: "at".to_owned(),
        outcome: "fee".to_owned(),
        unit: "fen".to_owned(),
        factors: ["metres", "wait", "storm", "zone"].map(str::to_owned).to_vec(),
        tolerance: Tolerance { absolute: 1e-9, relative: 1e-12 },
        other: Some(Vec::new()),
        rule: RuleSpec::Expression(expression.to_owned()),
    }
}

#[test]
fn explanations_and_audits_run_a_rule_alike() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let kinds = [("metres", Kind::Number), ("wait", Kind::Number), ("storm", Kind::Truth), ("zone", Kind::Text)];
    let kinds = kinds.map(|(name, kind)| (name.to_owned(), kind));
    let (mut compared, mut draw) = (0, Draw(1));
    for number in 0..400 {
        let text = if number % 8 == 0 { draw.truth(3) } else { draw.number(3) };
        let metres: Vec<f64> = (0..ROWS).map(|_| f64::from(u32::try_from(draw.below(5_000)).unwrap())).collect();
        let wait: Vec<f64> = (0..ROWS).map(|_| f64::from(u32::try_from(draw.below(9)).unwrap())).collect();
        let storm: Vec<bool> = (0..ROWS).map(|_| draw.below(2) == 0).collect();
        let zone: Vec<&str> = (0..ROWS).map(|_| ZONES[draw.below(3)]).collect();
        let columns = [
            Column::Number(metres.clone()),
            Column::Number(wait.clone()),
            Column::Truth(storm.clone()),
            Column::Text(zone.clone()),
        ];
        let expression = Expression::read(&text, &kinds).unwrap_or_else(|error| panic!("{text}: {error}"));
        let ours = expression.run(&columns).unwrap();
        let finite = ours.iter().filter(|value| value.is_finite()).count();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("decision_id", Arc::new(StringArray::from_iter_values((0..ROWS).map(|row| format!("{number}-{row}"))))),
            ("at", Arc::new(Int64Array::from(vec![NOON; ROWS]))),
            // A row of which we give no finite number must be one that audits cannot recompute either.
            (
                "fee",
                Arc::new(Float64Array::from_iter_values(
                    ours.iter().map(|fee| if fee.is_finite() { *fee } else { 0.5 }),
                )),
            ),
            ("metres", Arc::new(Float64Array::from(metres))),
            ("wait", Arc::new(Float64Array::from(wait))),
            ("storm", Arc::new(BooleanArray::from(storm))),
            ("zone", Arc::new(StringArray::from(zone))),
        ];
        let context = SessionContext::new();
        context.register_batch("orders", RecordBatch::try_from_iter(columns).unwrap()).unwrap();
        let row = runtime.block_on(run(&context, &version(&text))).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let finite = u64::try_from(finite).unwrap();
        assert_eq!((row.rows.recomputed, row.rows.reproduced), (finite, finite), "{text}");
        compared += row.rows.recomputed;
    }
    assert!(compared > 15_000, "only {compared} values were compared");
}
