//! What each factor did to an outcome, and what would have changed it: by running the rule again, never by guessing at it.
//!
//! Outcomes are whole numbers of their smallest unit (fen, seconds, places), so that shares add up exactly and not nearly.

use crate::ScoreError;
use std::fmt;
use std::ops::Range;

/// Factors up to which every coalition is run: 2^14 runs.
const MOST_FACTORS: usize = 14;
/// Values of a factor that are tried at most.
const MOST_VALUES: usize = 10_000;

/// Mixes that are run at once: columns of so many stay in the processor's own memory.
const AT_ONCE: usize = 2048;

/// A rule as a function: a column a factor in, all of one length, one outcome a row out, in the smallest unit.
pub type Rule<'a> = dyn Fn(Vec<Vec<f64>>) -> Result<Vec<i64>, ScoreError> + 'a;

/// How shares were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The exact Shapley value against the baseline.
    Shapley,
    /// Each factor alone against the baseline: the rule was found to be a sum of terms there.
    Additive,
}

impl Method {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shapley => "shapley",
            Self::Additive => "additive",
        }
    }
}

/// The share of one factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// In whole units; shares add up to the outcome less the baseline's.
    pub units: i64,
    /// The share before rounding: this numerator over [`Attribution::denominator`].
    pub numerator: i128,
}

/// What each factor did to an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribution {
    /// How it was found.
    pub method: Method,
    /// The outcome.
    pub outcome: i64,
    /// The outcome of the baseline.
    pub baseline: i64,
    /// One a factor, in their order.
    pub shares: Vec<Share>,
    /// Of the shares before rounding.
    pub denominator: i128,
}

/// What each of the factors did, against a published baseline: exact Shapley values for up to 14 factors; for more, each
/// factor's own term, if the terms add up.
///
/// Errors: no factors, or not as many in both; the rule fails; more than 14 factors whose terms do not add up: then nothing
/// can be said that adds up, and nothing is.
pub fn attribute(rule: &Rule<'_>, values: &[f64], baseline: &[f64]) -> Result<Attribution, ScoreError> {
    if values.is_empty() || values.len() != baseline.len() {
        return Err(ScoreError::new(
            format!("{} factors, and a baseline of {}", values.len(), baseline.len()),
            "give both for the same factors, in the same order",
        ));
    }
    if values.len() <= MOST_FACTORS { shapley(rule, values, baseline) } else { additive(rule, values, baseline) }
}

fn shapley(rule: &Rule<'_>, values: &[f64], baseline: &[f64]) -> Result<Attribution, ScoreError> {
    let count = values.len();
    let all = 1_usize << count;
    let mut outcomes = Vec::with_capacity(all);
    for first in (0..all).step_by(AT_ONCE) {
        let coalitions = first..all.min(first + AT_ONCE);
        outcomes.extend(run(rule, mixed(values, baseline, &coalitions), coalitions.len())?);
    }
    // n! and |S|! (n - |S| - 1)!: 14! and every sum of such products over 2^13 coalitions of i64 stay far inside i128.
    let factorial = |number: usize| (1..=number as i128).product::<i128>();
    let denominator = factorial(count);
    let weights: Vec<i128> = (0..count).map(|size| factorial(size) * factorial(count - size - 1)).collect();
    let numerators: Vec<i128> = (0..count)
        .map(|factor| added(&outcomes, factor, count).iter().zip(&weights).map(|(sum, weight)| sum * weight).sum())
        .collect();
    let (first, last) = (outcomes.first().copied().unwrap_or_default(), outcomes.last().copied().unwrap_or_default());
    let shares = rounded(&numerators, denominator, i128::from(last) - i128::from(first));
    Ok(Attribution { method: Method::Shapley, outcome: last, baseline: first, shares, denominator })
}

/// What a factor adds to the coalitions that lack it: one sum for each size that they have. Outcomes stand by coalition.
fn added(outcomes: &[i64], factor: usize, count: usize) -> Vec<i128> {
    let mut sums = vec![0_i128; count];
    let width = 1_usize << factor;
    for (block, both) in outcomes.chunks_exact(2 * width).enumerate() {
        let (lacking, having) = both.split_at(width);
        for (place, (without, with)) in lacking.iter().zip(having).enumerate() {
            let size = (block.count_ones() + place.count_ones()) as usize;
            if let Some(sum) = sums.get_mut(size) {
                *sum += i128::from(*with) - i128::from(*without);
            }
        }
    }
    sums
}

fn additive(rule: &Rule<'_>, values: &[f64], baseline: &[f64]) -> Result<Attribution, ScoreError> {
    // The baseline, the values, and each factor alone.
    let rows = values.len() + 2;
    let column = |(factor, (value, usual)): (usize, (&f64, &f64))| {
        (0..rows).map(|row| if row == 1 || row == factor + 2 { *value } else { *usual }).collect()
    };
    let columns = values.iter().zip(baseline).enumerate().map(column).collect();
    let outcomes = run(rule, columns, rows)?;
    let [usual, outcome, alone @ ..] = outcomes.as_slice() else { return Err(too_few()) };
    let terms: Vec<i64> = alone.iter().map(|one| one - usual).collect();
    if terms.iter().sum::<i64>() != outcome - usual {
        return Err(ScoreError::new(
            format!("the rule has {} factors and is no sum of terms", values.len()),
            format!("shares of such a rule are given for up to {MOST_FACTORS} factors"),
        ));
    }
    let shares = terms.iter().map(|term| Share { units: *term, numerator: i128::from(*term) }).collect();
    Ok(Attribution { method: Method::Additive, outcome: *outcome, baseline: *usual, shares, denominator: 1 })
}

/// A column a factor: its value in the coalitions that have it, the baseline's in all others.
fn mixed(values: &[f64], baseline: &[f64], coalitions: &Range<usize>) -> Vec<Vec<f64>> {
    let column = |(factor, (value, usual)): (usize, (&f64, &f64))| {
        coalitions.clone().map(|coalition| if coalition >> factor & 1 == 1 { *value } else { *usual }).collect()
    };
    values.iter().zip(baseline).enumerate().map(column).collect()
}

/// Whole units by the largest remainder; of equal remainders the earlier factor's goes first.
fn rounded(numerators: &[i128], denominator: i128, total: i128) -> Vec<Share> {
    let floor = |numerator: &i128| numerator.div_euclid(denominator);
    let missing = total - numerators.iter().map(floor).sum::<i128>();
    let mut order: Vec<usize> = (0..numerators.len()).collect();
    let remainder = |factor: usize| numerators.get(factor).map_or(0, |numerator| numerator.rem_euclid(denominator));
    order.sort_by_key(|factor| std::cmp::Reverse(remainder(*factor)));
    let raised: Vec<usize> = order.into_iter().take(usize::try_from(missing).unwrap_or(0)).collect();
    let share = |(factor, numerator): (usize, &i128)| Share {
        units: i64::try_from(floor(numerator) + i128::from(raised.contains(&factor))).unwrap_or(i64::MAX),
        numerator: *numerator,
    };
    numerators.iter().enumerate().map(share).collect()
}

fn run(rule: &Rule<'_>, columns: Vec<Vec<f64>>, rows: usize) -> Result<Vec<i64>, ScoreError> {
    let outcomes = rule(columns)?;
    if outcomes.len() == rows { Ok(outcomes) } else { Err(too_few()) }
}

fn too_few() -> ScoreError {
    ScoreError::new("the rule did not answer every row", "a rule gives one outcome a row")
}

/// Which outcomes are better for the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Greater ones: pay.
    Higher,
    /// Smaller ones: a price, a waiting time.
    Lower,
}

/// A factor that the person can influence or have corrected, and the values that it can have.
#[derive(Debug, Clone, PartialEq)]
pub struct Movable {
    /// Which factor.
    pub factor: usize,
    /// Its values, ascending.
    pub values: Vec<f64>,
}

/// Neighbouring values of a factor, all others as they were, with each of which the outcome would have been better.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// Which factor.
    pub factor: usize,
    /// The first value.
    pub from: f64,
    /// The last value.
    pub to: f64,
    /// The smallest outcome in it.
    pub least: i64,
    /// The greatest.
    pub greatest: i64,
}

/// Where each movable factor alone would have made the outcome better by `by` units at least. The rule is run again for every
/// value, so nothing in a region was inferred.
///
/// Errors: a factor that is not there; no values, too many, or not ascending; the rule fails.
pub fn regions(
    rule: &Rule<'_>,
    values: &[f64],
    movable: &[Movable],
    better: Better,
    by: i64,
) -> Result<Vec<Region>, ScoreError> {
    let actual = run(rule, values.iter().map(|value| vec![*value]).collect(), 1)?.first().copied().unwrap_or_default();
    let mut all = Vec::new();
    for one in movable {
        check(one, values.len())?;
        let mut open: Option<Region> = None;
        for (value, outcome) in one.values.iter().zip(run(rule, moved(values, one), one.values.len())?) {
            let is_better = match better {
                Better::Higher => outcome.saturating_sub(actual) >= by.max(1),
                Better::Lower => actual.saturating_sub(outcome) >= by.max(1),
            };
            if !is_better {
                all.extend(open.take());
                continue;
            }
            let new = || Region { factor: one.factor, from: *value, to: *value, least: outcome, greatest: outcome };
            let region = open.get_or_insert_with(new);
            region.to = *value;
            region.least = region.least.min(outcome);
            region.greatest = region.greatest.max(outcome);
        }
        all.extend(open);
    }
    Ok(all)
}

/// A column a factor: the values of the movable one, and all others as they were.
fn moved(values: &[f64], movable: &Movable) -> Vec<Vec<f64>> {
    let column = |(number, usual): (usize, &f64)| {
        if number == movable.factor { movable.values.clone() } else { vec![*usual; movable.values.len()] }
    };
    values.iter().enumerate().map(column).collect()
}

fn check(movable: &Movable, factors: usize) -> Result<(), ScoreError> {
    let values = &movable.values;
    let is_ascending = values.windows(2).all(|pair| matches!(pair, [one, next] if one < next));
    if movable.factor < factors && (1..=MOST_VALUES).contains(&values.len()) && is_ascending {
        return Ok(());
    }
    Err(ScoreError::new(
        format!("factor {} cannot be moved through its {} values", movable.factor, values.len()),
        format!("name a factor of the rule, and 1 to {MOST_VALUES} ascending values"),
    ))
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
