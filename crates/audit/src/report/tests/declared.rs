//! Published rules that were run again: one that differs, one that holds, one that nobody can tell.

use crate::summary::*;
use std::collections::BTreeMap;

fn head(algorithm: &str, zh: &str, en: &str) -> DeclaredRow {
    DeclaredRow {
        algorithm: algorithm.to_owned(),
        from: "2024-01-01".parse().unwrap(),
        until: None,
        version: "3.2".to_owned(),
        title: Bilingual::new(zh, en),
        note: None,
        provisions: vec!["cn.pipl/24/1".parse().unwrap()],
        rule: DeclaredRule::Expression("300 + metres / 10".to_owned()),
        query: "fees".to_owned(),
        outcome: "fee".to_owned(),
        unit: "fen".to_owned(),
        factors: vec!["metres".to_owned(), "storm".to_owned()],
        tolerance_absolute: 1.0,
        tolerance_relative: 0.0,
        rows: DeclaredRows { all: 12_000, recomputed: 12_000, reproduced: 12_000, ..DeclaredRows::default() },
        share: Some(1.0),
        share_low: Some(0.999_7),
        share_high: Some(1.0),
        flag: DeclaredFlag::Reproduced,
        differences: None,
        removals: Vec::new(),
        columns: Vec::new(),
        columns_left_out: Vec::new(),
        examples: Vec::new(),
    }
}

fn removal(factor: &str, replaced_by: &str, share: f64, spread: f64, flag: RemovalFlag) -> Removal {
    Removal {
        factor: factor.to_owned(),
        replaced_by: replaced_by.to_owned(),
        share,
        spread,
        p_adjusted: Some(1e-9),
        flag,
    }
}

fn column(column: &str, declared: bool, explained: f64, p: f64, flag: ColumnFlag) -> ColumnTest {
    ColumnTest {
        column: column.to_owned(),
        declared,
        groups: 3,
        explained: Some(explained),
        p_explained: Some(p),
        alone: Some(0.02),
        p_alone: Some(1.0),
        flag,
    }
}

fn differing() -> DeclaredRow {
    DeclaredRow {
        until: Some("2024-07-01".parse().unwrap()),
        note: Some(Bilingual::new("规则见平台公告", "the rule stands in the platform's notice")),
        rows: DeclaredRows {
            all: 30_000,
            outside: 40,
            unplaced: 1,
            without_outcome: 9,
            without_factor: 150,
            undefined: 2,
            recomputed: 29_798,
            reproduced: 12_004,
            missing: BTreeMap::from([("metres".to_owned(), 120), ("storm".to_owned(), 40)]),
        },
        share: Some(0.4028),
        share_low: Some(0.3973),
        share_high: Some(0.4084),
        flag: DeclaredFlag::Differs,
        tolerance_relative: 0.005,
        differences: Some(Differences {
            mean: 7.1,
            largest: 112.0,
            median: 12.0,
            p90: 12.0,
            constant: 12.0,
            share_with_constant: 0.597,
            spread: 6.2,
            rule_fit: Some(0.9987),
            sampled: 20_000,
            bins: vec![
                Bin { low: -1.0, high: 1.0, count: 8_060 },
                Bin { low: 1.0, high: 11.0, count: 0 },
                Bin { low: 11.0, high: 13.0, count: 11_940 },
            ],
        }),
        removals: vec![
            removal("storm", "false", 0.62, 5.9, RemovalFlag::BetterWithout),
            removal("metres", "2110", 0.013, 88.4, RemovalFlag::Needed),
        ],
        columns: vec![
            column("person_group", false, 0.981, 1e-12, ColumnFlag::Explains),
            column("storm", true, 0.03, 0.002, ColumnFlag::Explains),
            column("hour", false, 0.0, 1.0, ColumnFlag::NotShown),
        ],
        columns_left_out: vec!["route".to_owned()],
        examples: vec![DeclaredExample {
            decision: "D000000007".to_owned(),
            at: "2024-05-01T11:40:03+08:00".parse().unwrap(),
            file: Some("decisions.csv".to_owned()),
            row: Some(7),
            logged: 512.0,
            recomputed: 499.9,
        }],
        ..head("delivery-fee", "配送费", "Delivery fee")
    }
}

pub(super) fn rows() -> Vec<DeclaredRow> {
    let model = DeclaredRule::Onnx {
        digest: format!("sha256:{}", "3d".repeat(32)),
        inputs: BTreeMap::from([("x".to_owned(), vec!["metres".to_owned(), "storm".to_owned()])]),
        output: "probability".to_owned(),
        column: 1,
    };
    let nothing = DeclaredRows {
        all: 80,
        without_factor: 80,
        missing: BTreeMap::from([("metres".to_owned(), 80)]),
        ..DeclaredRows::default()
    };
    let unknown = DeclaredRow {
        rows: nothing,
        share: None,
        share_low: None,
        share_high: None,
        flag: DeclaredFlag::CannotTell,
        ..head("shop-ranking", "店铺排序分", "Shop ranking score")
    };
    vec![differing(), DeclaredRow { rule: model, ..head("order-dispatch", "派单分", "Dispatch score") }, unknown]
}
