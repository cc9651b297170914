//! Shares add up, obey Shapley's axioms and agree with the sum over all orders; regions flip when the rule is run again.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "tests")]

use gongdao_score::{Better, Method, Movable, ScoreError, attribute, regions};
use proptest::prelude::*;

type Outcome = Result<Vec<i64>, ScoreError>;

#[allow(clippy::unnecessary_wraps, reason = "the shape of a rule")]
/// A fee in fen: by the kilometre with steps, a peak factor that multiplies, a floor.
fn fee(rows: &[Vec<f64>]) -> Outcome {
    let one = |row: &Vec<f64>| {
        let (kilometres, peak, rain) = (row[0], row[1], row[2]);
        let base = 250.0 + 120.0 * kilometres.ceil() + if rain > 0.0 { 80.0 } else { 0.0 };
        (base * if peak > 0.0 { 1.25 } else { 1.0 }).round().max(400.0) as i64
    };
    Ok(rows.iter().map(one).collect())
}

/// A rule that looks at one row after the other, as it is called.
fn by_row(rule: impl Fn(&[Vec<f64>]) -> Outcome) -> impl Fn(Vec<Vec<f64>>) -> Outcome {
    move |columns| {
        let rows: Vec<Vec<f64>> =
            (0..columns[0].len()).map(|row| columns.iter().map(|column| column[row]).collect()).collect();
        rule(&rows)
    }
}

/// The definition: the mean over all orders of what a factor adds when it comes.
fn by_orders(rule: &dyn Fn(&[Vec<f64>]) -> Outcome, values: &[f64], baseline: &[f64]) -> Vec<i128> {
    fn orders(count: usize) -> Vec<Vec<usize>> {
        if count == 0 {
            return vec![Vec::new()];
        }
        let insert = |order: Vec<usize>| (0..count).map(move |at| [&order[..at], &[count - 1], &order[at..]].concat());
        orders(count - 1).into_iter().flat_map(insert).collect()
    }
    let mut sums = vec![0; values.len()];
    for order in orders(values.len()) {
        let mut row = baseline.to_vec();
        let mut before = rule(&[row.clone()]).unwrap()[0];
        for factor in order {
            row[factor] = values[factor];
            let after = rule(&[row.clone()]).unwrap()[0];
            sums[factor] += i128::from(after - before);
            before = after;
        }
    }
    sums
}

#[test]
fn a_fee_is_explained_to_the_fen() {
    let found = attribute(&by_row(fee), &[1.9, 0.0, 1.0], &[3.0, 1.0, 0.0]).unwrap();
    assert_eq!((found.method, found.baseline, found.outcome), (Method::Shapley, 763, 570));
    assert_eq!(found.shares.iter().map(|share| share.units).collect::<Vec<_>>(), [-135, -148, 90]);
}

#[test]
fn more_than_fourteen_factors_are_explained_only_where_terms_add_up() {
    let values: Vec<f64> = (1..=20).map(f64::from).collect();
    let baseline = vec![0.0; 20];
    let sum = |rows: &[Vec<f64>]| -> Outcome {
        Ok(rows.iter().map(|row| row.iter().map(|value| *value as i64 * 3).sum()).collect())
    };
    let found = attribute(&by_row(sum), &values, &baseline).unwrap();
    assert_eq!((found.method, found.shares[4].units, found.outcome), (Method::Additive, 15, 630));
    let product = |rows: &[Vec<f64>]| -> Outcome { Ok(rows.iter().map(|row| (row[0] * row[1]) as i64).collect()) };
    let error = attribute(&by_row(product), &values, &baseline).unwrap_err();
    assert_eq!(error.message, "the rule has 20 factors and is no sum of terms");
}

#[test]
fn fourteen_factors_are_within_reach_and_fifteen_different_ones_are_not() {
    let product =
        |rows: &[Vec<f64>]| -> Outcome { Ok(rows.iter().map(|row| row.iter().product::<f64>() as i64).collect()) };
    let product = by_row(product);
    let found = attribute(&product, &[2.0; 14], &[1.0; 14]).unwrap();
    assert_eq!(found.shares.iter().map(|share| share.units).sum::<i64>(), (1 << 14) - 1);
    assert!(attribute(&product, &[2.0; 15], &[1.0; 15]).is_err());
    assert!(attribute(&product, &[], &[]).is_err() && attribute(&product, &[1.0], &[1.0, 2.0]).is_err());
}

#[test]
fn a_region_says_from_where_to_where() {
    let kilometres = Movable { factor: 0, values: (10..=40).map(|tenth| f64::from(tenth) / 10.0).collect() };
    let found = regions(&by_row(fee), &[1.9, 0.0, 0.0], &[kilometres], Better::Higher, 100).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].from, found[0].to, found[0].least, found[0].greatest), (2.1, 4.0, 610, 730));
    let falling = Movable { factor: 0, values: vec![3.0, 2.0] };
    assert!(regions(&by_row(fee), &[1.9, 0.0, 0.0], &[falling], Better::Higher, 1).is_err());
    let foreign = Movable { factor: 3, values: vec![3.0] };
    assert!(regions(&by_row(fee), &[1.9, 0.0, 0.0], &[foreign], Better::Higher, 1).is_err());
}

/// A rule of any shape: a table of an outcome for each combination of what is above a threshold.
fn any_rule(table: Vec<i64>) -> impl Fn(&[Vec<f64>]) -> Outcome {
    move |rows| {
        let index = |row: &Vec<f64>| row.iter().enumerate().map(|(bit, value)| usize::from(*value > 0.5) << bit).sum();
        Ok(rows
            .iter()
            .map(|row| {
                let at: usize = index(row);
                table[at % table.len()]
            })
            .collect())
    }
}

proptest! {
    #[test]
    fn shares_add_up_and_are_those_of_the_definition(
        table in prop::collection::vec(-100_000_i64..100_000, 32),
        values in prop::collection::vec(0.0_f64..1.0, 1..=5),
        baseline in prop::collection::vec(0.0_f64..1.0, 5),
    ) {
        let rule = any_rule(table);
        let baseline = &baseline[..values.len()];
        let found = attribute(&by_row(&rule), &values, baseline).unwrap();
        prop_assert_eq!(found.shares.iter().map(|share| share.units).sum::<i64>(), found.outcome - found.baseline);
        let numerators: Vec<i128> = found.shares.iter().map(|share| share.numerator).collect();
        prop_assert_eq!(&numerators, &by_orders(&rule, &values, baseline));
        for (factor, share) in found.shares.iter().enumerate() {
            let off = share.numerator - i128::from(share.units) * found.denominator;
            prop_assert!(off.abs() < found.denominator, "rounded by less than a unit");
            if (values[factor] > 0.5) == (baseline[factor] > 0.5) {
                prop_assert_eq!(share.units, 0, "what makes no difference has no share");
            }
        }
    }

    #[test]
    fn every_value_of_a_region_flips_and_no_other_does(
        table in prop::collection::vec(-50_i64..50, 8),
        values in prop::collection::vec(0.0_f64..1.0, 3),
        factor in 0_usize..3,
        by in 1_i64..20,
    ) {
        let rule = any_rule(table);
        let grid: Vec<f64> = (0..=20).map(|step| f64::from(step) / 20.0).collect();
        let movable = Movable { factor, values: grid.clone() };
        let actual = rule(std::slice::from_ref(&values)).unwrap()[0];
        let found = regions(&by_row(&rule), &values, &[movable], Better::Lower, by).unwrap();
        for value in grid {
            let mut row = values.clone();
            row[factor] = value;
            let outcome = rule(&[row]).unwrap()[0];
            let inside = found.iter().find(|region| (region.from..=region.to).contains(&value));
            prop_assert_eq!(inside.is_some(), actual - outcome >= by, "{}", value);
            if let Some(region) = inside {
                prop_assert!((region.least..=region.greatest).contains(&outcome));
            }
        }
    }
}
