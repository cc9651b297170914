//! What becomes of the declared rule when one factor is held still.

use super::bins::{share_with, spread};
use super::input::{Input, Value};
use super::rule::Rule;
use super::sample::{Kept, quantile, sorted};
use super::{AlgorithmVersion, LEVEL};
use crate::AuditError;
use crate::summary::{Removal, RemovalFlag};
use datafusion::arrow::array::{ArrayRef, BooleanArray, Float64Array, StringArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_stats::{Moments, holm, real, student_t_two_sided};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Changes below this part of the largest result are rounding, not influence.
const ROUNDING: f64 = 1e-9;
/// Values of words that a factor is held at, one after the other.
const MOST_TRIES: usize = 5;
/// Fewer rows are not tested.
const LEAST_TESTED: usize = 30;

/// A factor's removal before its p-value is adjusted.
struct Draft {
    removal: Removal,
    p: Option<f64>,
    is_same: bool,
    /// Mean of the squared deviations saved; above 0 the outcomes scatter less without the factor.
    saved: f64,
}

/// One entry a factor, the one without which the outcomes scatter least first.
///
/// A factor held at one value shifts every result by the same; the best constant is therefore added on both sides, and what is
/// compared is how the differences scatter. Where a rule has thresholds, one value can say more than another: a few usual ones are
/// tried, the one that suits best is shown, and its p-value pays for the tries.
pub(super) fn removals(
    version: &AlgorithmVersion,
    input: &Input,
    rule: &Rule,
    rows: &[&Kept],
) -> Result<Vec<Removal>, AuditError> {
    let columns: Vec<Vec<&Value>> =
        (0..input.factors.len()).map(|place| rows.iter().filter_map(|row| row.factors.get(place)).collect()).collect();
    let mut drafts = Vec::new();
    for (place, factor) in input.factors.iter().enumerate() {
        let values = columns.get(place).map(|values| usual(values)).unwrap_or_default();
        let tries = real(values.len() as u64);
        let mut best: Option<Draft> = None;
        for value in &values {
            let found = rule.predict(&with_still(input, &columns, place, value)?)?;
            let draft = draft(version, &factor.name, value, rows, &found);
            if best.as_ref().is_none_or(|known| draft.suits_better(known)) {
                best = Some(draft);
            }
        }
        drafts.extend(best.map(|draft| Draft { p: draft.p.map(|p| (p * tries).min(1.0)), ..draft }));
    }
    Ok(finish(drafts))
}

impl Draft {
    /// A value that changes nothing says nothing; of equal ones the first stays.
    fn suits_better(&self, known: &Self) -> bool {
        if self.is_same || known.is_same {
            return known.is_same && !self.is_same;
        }
        self.removal.spread < known.removal.spread * (1.0 - ROUNDING)
    }
}

/// The factors with one of them held at `value`.
fn with_still(input: &Input, columns: &[Vec<&Value>], place: usize, value: &Value) -> Result<RecordBatch, AuditError> {
    let still = vec![value; columns.first().map_or(0, Vec::len)];
    let arrays = input.factors.iter().zip(columns).enumerate();
    let arrays = arrays.map(|(own, (column, values))| array(&column.kind, if own == place { &still } else { values }));
    RecordBatch::try_new(input.factor_schema(), arrays.collect())
        .map_err(|error| crate::columns::internal(&error.to_string()))
}

fn draft(version: &AlgorithmVersion, factor: &str, usual: &Value, rows: &[&Kept], found: &[Option<f64>]) -> Draft {
    // Where the rule gives nothing without the factor, there is nothing to compare.
    let both: Vec<(&Kept, f64)> = rows.iter().zip(found).filter_map(|(row, new)| new.map(|new| (*row, new))).collect();
    let before: Vec<f64> = both.iter().map(|(row, _)| row.difference()).collect();
    let after: Vec<f64> = both.iter().map(|(row, new)| row.logged - new).collect();
    let middle = |numbers: &[f64]| Moments::of(numbers.iter().copied()).mean;
    let (old_mean, new_mean) = (middle(&before), middle(&after));
    let saved = before.iter().zip(&after).map(|(old, new)| (old - old_mean).powi(2) - (new - new_mean).powi(2));
    let saved = Moments::of(saved);
    let largest = both.iter().map(|(row, new)| row.recomputed.abs().max(new.abs())).fold(0.0, f64::max);
    let change = both.iter().map(|(row, new)| (row.recomputed - new).abs()).fold(0.0, f64::max);
    let constant = quantile(&sorted(after.iter().copied()), 0.5).unwrap_or(0.0);
    let known: BTreeMap<u128, f64> = both.iter().map(|(row, new)| (row.key, *new)).collect();
    let compared: Vec<&Kept> = both.iter().map(|(row, _)| *row).collect();
    let is_same = change <= ROUNDING * largest;
    Draft {
        removal: Removal {
            factor: factor.to_owned(),
            replaced_by: shown(usual),
            share: share_with(version, &compared, constant, |row| known.get(&row.key).copied().unwrap_or(f64::NAN)),
            spread: spread(after),
            p_adjusted: None,
            flag: RemovalFlag::NotShown,
        },
        p: if is_same || both.len() < LEAST_TESTED { None } else { paired(saved) },
        is_same,
        saved: saved.mean,
    }
}

/// Two-sided p-value that the mean of paired differences is not 0; none where nothing varies around 0.
pub(super) fn paired(saved: Moments) -> Option<f64> {
    let error = (saved.variance()? / real(saved.count)).sqrt();
    if error > 0.0 {
        Some(student_t_two_sided(saved.mean / error, real(saved.count) - 1.0))
    } else {
        // The same change in every row is no chance.
        (saved.mean != 0.0).then_some(0.0)
    }
}

fn finish(drafts: Vec<Draft>) -> Vec<Removal> {
    let adjusted = holm(&drafts.iter().map(|draft| draft.p).collect::<Vec<_>>());
    let mut removals: Vec<Removal> = drafts
        .into_iter()
        .zip(adjusted)
        .map(|(draft, p_adjusted)| {
            let is_sure = p_adjusted.is_some_and(|p| p < LEVEL);
            let flag = match (draft.is_same, is_sure) {
                (true, _) => RemovalFlag::NoInfluence,
                (false, false) => RemovalFlag::NotShown,
                (false, true) if draft.saved > 0.0 => RemovalFlag::BetterWithout,
                (false, true) => RemovalFlag::Needed,
            };
            Removal { p_adjusted, flag, ..draft.removal }
        })
        .collect();
    removals.sort_by(|a, b| a.spread.total_cmp(&b.spread).then_with(|| a.factor.cmp(&b.factor)));
    removals
}

/// Usual values, the most usual first: median and quartiles of numbers, else the most frequent values.
fn usual(values: &[&Value]) -> Vec<Value> {
    let number = |value: &&Value| if let Value::Number(number) = value { Some(*number) } else { None };
    let numbers = sorted(values.iter().filter_map(number));
    if !numbers.is_empty() {
        let mut found: Vec<f64> = [0.5, 0.25, 0.75].into_iter().filter_map(|share| quantile(&numbers, share)).collect();
        found.dedup();
        return found.into_iter().map(Value::Number).collect();
    }
    let mut counts: BTreeMap<String, (u64, &Value)> = BTreeMap::new();
    for value in values {
        counts.entry(shown(value)).or_insert((0, value)).0 += 1;
    }
    let mut all: Vec<(u64, &Value)> = counts.into_values().collect();
    // Stable: of equally frequent values the smaller stands first.
    all.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    all.into_iter().take(MOST_TRIES).map(|(_, value)| value.clone()).collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Missing => String::new(),
        Value::Number(number) => number.to_string(),
        Value::Truth(truth) => truth.to_string(),
        Value::Text(text) => text.clone(),
    }
}

fn array(kind: &DataType, values: &[&Value]) -> ArrayRef {
    match kind {
        DataType::Boolean => {
            let truth = |value: &&Value| if let Value::Truth(truth) = value { Some(*truth) } else { None };
            Arc::new(values.iter().map(truth).collect::<BooleanArray>())
        }
        DataType::Utf8 => {
            let text = |value: &&Value| if let Value::Text(text) = value { Some(text.clone()) } else { None };
            Arc::new(values.iter().map(text).collect::<StringArray>())
        }
        _ => {
            let number = |value: &&Value| if let Value::Number(number) = value { Some(*number) } else { None };
            Arc::new(values.iter().map(number).collect::<Float64Array>())
        }
    }
}
