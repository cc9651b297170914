//! A declared rule, ready to run: read once a version.

use super::{Better, Can, DeclaredRule, RuleFactor, RuleValue, Tried, expression, from_score};
use crate::RegisterError;
use gongdao_score::{Attribution, Column, Expression, Feed, Model, Movable, Region, ScoreError, attribute, regions};
use std::collections::BTreeMap;
use std::fmt;

/// Whole numbers that a float keeps exactly; an outcome beyond is none.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A rule that was checked.
pub struct PreparedRule {
    rule: DeclaredRule,
    kind: Runs,
}

enum Runs {
    Expression(Expression),
    Model(Box<Model>),
}

/// What a rule says of one decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The share of each factor, in their order.
    pub attribution: Attribution,
    /// What would have made the outcome better, each found by running the rule again.
    pub regions: Vec<RuleRegion>,
}

/// Neighbouring values of one factor, all others as they were, with each of which the outcome would have been better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRegion {
    /// Which factor, by its place.
    pub factor: usize,
    /// What the person can do about it.
    pub can: Can,
    /// The first value.
    pub from: RuleValue,
    /// The last.
    pub to: RuleValue,
    /// The smallest outcome in it.
    pub least: i64,
    /// The greatest.
    pub greatest: i64,
}

impl fmt::Debug for PreparedRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedRule").field("rule", &self.rule).finish_non_exhaustive()
    }
}

/// The words of each text factor: numbers stand for them in rows.
type Words = Vec<Vec<String>>;

impl PreparedRule {
    /// Errors: neither expression nor model, or both; what cannot be run over the factors.
    pub fn open(rule: &DeclaredRule) -> Result<Self, RegisterError> {
        let kind = match (&rule.expression, &rule.onnx) {
            (Some(text), None) => Runs::Expression(expression(text, &rule.factors)?),
            (None, Some(onnx)) => Runs::Model(Box::new(onnx.open(&rule.factors)?)),
            _ => {
                let message = "a rule has an `expression` or an `onnx` model, one of both";
                return Err(RegisterError::new(message, "declare one"));
            }
        };
        Ok(Self { rule: rule.clone(), kind })
    }

    /// As it was declared.
    pub fn rule(&self) -> &DeclaredRule {
        &self.rule
    }

    /// The outcome of each row of values, in whole units: halves go away from zero. Nothing where it gives no such number.
    ///
    /// Errors: rows that are not the factors'.
    pub fn outcomes(&self, rows: &[Vec<RuleValue>]) -> Result<Vec<Option<i64>>, RegisterError> {
        let mut words = self.words(&[]);
        let mut columns = vec![Vec::with_capacity(rows.len()); self.rule.factors.len()];
        for row in rows {
            let coded = self.coded(row, &mut words).map_err(from_score)?;
            columns.iter_mut().zip(coded).for_each(|(column, value)| column.push(value));
        }
        Ok(self.run(columns, &words).map_err(from_score)?.into_iter().map(whole).collect())
    }

    /// What each factor did to an outcome, and what would have changed it.
    ///
    /// Errors: values that are not the factors'; some mix of values and baselines gives no number; more than 14 factors whose
    /// terms do not add up.
    pub fn explain(&self, values: &[RuleValue]) -> Result<Explained, RegisterError> {
        self.explained(values).map_err(from_score)
    }

    fn explained(&self, values: &[RuleValue]) -> Result<Explained, ScoreError> {
        let mut words = self.words(values);
        let baseline: Vec<RuleValue> = self.rule.factors.iter().map(|factor| factor.baseline.clone()).collect();
        let (row, baseline) = (self.coded(values, &mut words)?, self.coded(&baseline, &mut words)?);
        let rule = |columns: Vec<Vec<f64>>| {
            let outcomes = self.run(columns, &words)?.into_iter().map(whole).collect::<Option<Vec<i64>>>();
            outcomes.ok_or_else(|| ScoreError {
                message: "for some values the rule gives no number".to_owned(),
                hint: "look whether it divides by nothing".to_owned(),
            })
        };
        let attribution = attribute(&rule, &row, &baseline)?;
        let movable: Vec<(Movable, Can)> = self.movable(&words);
        let better = match self.rule.better {
            Better::Higher => gongdao_score::Better::Higher,
            Better::Lower => gongdao_score::Better::Lower,
        };
        let mut found = Vec::new();
        for (one, can) in movable {
            let all = regions(&rule, &row, std::slice::from_ref(&one), better, self.rule.least_change)?;
            found.extend(all.into_iter().filter_map(|region| self.told(&region, can, &words)));
        }
        Ok(Explained { attribution, regions: found })
    }

    /// What is tried: each word for itself, numbers in their order.
    fn movable(&self, words: &Words) -> Vec<(Movable, Can)> {
        let mut all = Vec::new();
        for (factor, declared) in self.rule.factors.iter().enumerate() {
            let Some(can) = declared.can else { continue };
            match (&declared.baseline, &declared.values) {
                (RuleValue::Truth(_), _) => all.push((Movable { factor, values: vec![0.0, 1.0] }, can)),
                (RuleValue::Number(_), Some(Tried::Numbers { from, step, to })) => {
                    let step_by = usize::try_from(*step).unwrap_or(1).max(1);
                    let values = (*from..=*to).step_by(step_by).map(float).collect();
                    all.push((Movable { factor, values }, can));
                }
                (RuleValue::Text(_), Some(Tried::Words(tried))) => {
                    let known = words.get(factor).map(Vec::as_slice).unwrap_or_default();
                    let codes = tried.iter().filter_map(|word| known.iter().position(|one| one == word));
                    all.extend(codes.map(|code| (Movable { factor, values: vec![index(code)] }, can)));
                }
                _ => {}
            }
        }
        all
    }

    fn told(&self, region: &Region, can: Can, words: &Words) -> Option<RuleRegion> {
        let declared = self.rule.factors.get(region.factor)?;
        let known = words.get(region.factor)?;
        let value = |coded: f64| match &declared.baseline {
            RuleValue::Truth(_) => Some(RuleValue::Truth(coded > 0.5)),
            RuleValue::Number(_) => whole(coded).map(RuleValue::Number),
            RuleValue::Text(_) => known.get(place(coded)).cloned().map(RuleValue::Text),
        };
        Some(RuleRegion {
            factor: region.factor,
            can,
            from: value(region.from)?,
            to: value(region.to)?,
            least: region.least,
            greatest: region.greatest,
        })
    }

    /// Every word that a row may have.
    fn words(&self, values: &[RuleValue]) -> Words {
        let of = |(place, factor): (usize, &RuleFactor)| {
            let mut words = Vec::new();
            let tried = match &factor.values {
                Some(Tried::Words(words)) => words.iter().cloned().collect(),
                _ => Vec::new(),
            };
            let actual = values.get(place).into_iter().chain([&factor.baseline]);
            let texts = actual.filter_map(|value| match value {
                RuleValue::Text(text) => Some(text.clone()),
                _ => None,
            });
            for word in texts.chain(tried) {
                if !words.contains(&word) {
                    words.push(word);
                }
            }
            words
        };
        self.rule.factors.iter().enumerate().map(of).collect()
    }

    /// Values as numbers; a word that is new gets the next one.
    fn coded(&self, values: &[RuleValue], words: &mut Words) -> Result<Vec<f64>, ScoreError> {
        let fits = values.len() == self.rule.factors.len()
            && values.iter().zip(&self.rule.factors).all(|(value, factor)| value.kind() == factor.baseline.kind());
        if !fits {
            return Err(ScoreError {
                message: "the values are not the rule's factors".to_owned(),
                hint: "give each factor, in their order".to_owned(),
            });
        }
        let code = |(value, known): (&RuleValue, &mut Vec<String>)| match value {
            RuleValue::Truth(truth) => f64::from(*truth),
            RuleValue::Number(number) => float(*number),
            RuleValue::Text(text) => index(known.iter().position(|one| one == text).unwrap_or_else(|| {
                known.push(text.clone());
                known.len() - 1
            })),
        };
        Ok(values.iter().zip(words).map(code).collect())
    }

    /// One column a factor, all of one length.
    fn run(&self, columns: Vec<Vec<f64>>, words: &Words) -> Result<Vec<f64>, ScoreError> {
        match &self.kind {
            Runs::Expression(expression) => {
                let column = |(number, (factor, values)): (usize, (&RuleFactor, Vec<f64>))| match &factor.baseline {
                    RuleValue::Truth(_) => Column::Truth(values.into_iter().map(|value| value > 0.5).collect()),
                    RuleValue::Number(_) => Column::Number(values),
                    RuleValue::Text(_) => {
                        let known = words.get(number).map(Vec::as_slice).unwrap_or_default();
                        let word = |code: f64| known.get(place(code)).map_or("", String::as_str);
                        Column::Text(values.into_iter().map(word).collect())
                    }
                };
                let columns: Vec<Column<'_>> = self.rule.factors.iter().zip(columns).enumerate().map(column).collect();
                expression.run(&columns)
            }
            Runs::Model(model) => {
                let Some(onnx) = &self.rule.onnx else { return Ok(Vec::new()) };
                let names = self.rule.factors.iter().map(|factor| factor.name.as_str());
                let columns: BTreeMap<&str, Vec<f64>> = names.zip(columns).collect();
                let values_of = |names: &Vec<String>| {
                    names.iter().filter_map(|name| columns.get(name.as_str())).map(Vec::as_slice).collect()
                };
                let feed: Feed<'_> =
                    onnx.inputs.iter().map(|(name, names)| (name.as_str(), values_of(names))).collect();
                model.run(&feed, &onnx.output, onnx.column)
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "checked to be kept exactly, or a place in a short list")]
fn float(number: i64) -> f64 {
    number as f64
}

fn index(place: usize) -> f64 {
    float(i64::try_from(place).unwrap_or(i64::MAX))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a short list")]
fn place(coded: f64) -> usize {
    coded as usize
}

/// In whole units, halves away from zero; nothing for what is no number, or too large to be kept exactly.
#[expect(clippy::cast_possible_truncation, reason = "whole and within what a float keeps exactly")]
fn whole(outcome: f64) -> Option<i64> {
    let rounded = outcome.round();
    (rounded.abs() <= EXACT).then_some(rounded as i64)
}
