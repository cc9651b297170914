//! Classical machine learning (domain `ai.onnx.ml`) without trees.

use super::elementwise::logistic;
use super::linear::{dot, shares};
use super::{Found, Step, at};
use crate::ScoreError;
use crate::node::Node;
use crate::tensor::{Kind, Tensor, whole};

pub(super) fn step(node: &Node<'_>) -> Found {
    Some(match node.learning()? {
        "LinearRegressor" => regressor(node),
        "LinearClassifier" => classifier(node),
        "Scaler" => scaler(node),
        "Normalizer" => normalizer(node),
        // It only puts names to the columns of the probabilities.
        "ZipMap" => Ok(Box::new(|inputs| Ok(vec![at(inputs, 0)?.clone()]))),
        "ArrayFeatureExtractor" => Ok(Box::new(extracted)),
        _ => return None,
    })
}

/// What is done to the scores of a row at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transform {
    Nothing,
    Logistic,
    Softmax,
}

impl Transform {
    pub(super) fn of(node: &Node<'_>) -> Result<Self, ScoreError> {
        match node.text("post_transform").unwrap_or("NONE") {
            "NONE" => Ok(Self::Nothing),
            "LOGISTIC" => Ok(Self::Logistic),
            "SOFTMAX" => Ok(Self::Softmax),
            other => Err(node.refuse("post_transform", other)),
        }
    }

    pub(super) fn apply(self, scores: Vec<f64>) -> Vec<f64> {
        match self {
            Self::Nothing => scores,
            Self::Logistic => scores.into_iter().map(logistic).collect(),
            Self::Softmax => shares(&scores),
        }
    }
}

/// The kind of results: these operators give 32-bit floats.
const RESULT: Kind = Kind::Float;

/// Coefficients, a row of them a result.
fn coefficients(node: &Node<'_>, results: usize) -> Result<(Vec<Vec<f64>>, Vec<f64>), ScoreError> {
    let flat = node.numbers("coefficients")?;
    let mut intercepts = node.numbers("intercepts")?;
    if results == 0 || flat.is_empty() || !flat.len().is_multiple_of(results) {
        return Err(node.refuse("coefficients", &format!("{} for {results} results", flat.len())));
    }
    if intercepts.is_empty() {
        intercepts = vec![0.0; results];
    }
    if intercepts.len() != results {
        return Err(node.refuse("intercepts", &format!("{} for {results} results", intercepts.len())));
    }
    Ok((flat.chunks_exact(flat.len() / results).map(<[f64]>::to_vec).collect(), intercepts))
}

fn linear(row: &[f64], weights: &[Vec<f64>], intercepts: &[f64]) -> Result<Vec<f64>, ScoreError> {
    if weights.iter().any(|own| own.len() != row.len()) {
        return Err(ScoreError::malformed(format!("{} numbers a row do not meet as many coefficients", row.len())));
    }
    Ok(weights.iter().zip(intercepts).map(|(own, intercept)| dot(row, own) + intercept).collect())
}

fn regressor(node: &Node<'_>) -> Result<Step, ScoreError> {
    let targets = node.int("targets").and_then(|count| usize::try_from(count).ok()).unwrap_or(1);
    let (weights, intercepts) = coefficients(node, targets)?;
    let transform = Transform::of(node)?;
    Ok(Box::new(move |inputs| {
        let tensor = at(inputs, 0)?;
        let (rows, _) = tensor.matrix()?;
        let mut data = Vec::with_capacity(rows * targets);
        for row in tensor.rows()? {
            data.extend(transform.apply(linear(row, &weights, &intercepts)?));
        }
        Tensor::new(vec![rows, targets], RESULT, data).map(|tensor| vec![tensor])
    }))
}

/// Labels of the classes: numbers, or text, which no later operator can count with.
#[derive(Debug, Clone)]
pub(super) struct Labels {
    numbers: Vec<f64>,
    pub(super) count: usize,
}

impl Labels {
    pub(super) fn of(node: &Node<'_>, integers: &str) -> Self {
        let numbers: Vec<f64> = node.ints(integers).iter().map(|label| whole(*label)).collect();
        let count = numbers.len().max(node.texts("classlabels_strings").len());
        Self { numbers, count }
    }

    /// The label of the highest score a row, then the scores; where labels are text, the first tensor stays empty.
    pub(super) fn with_scores(&self, rows: usize, scores: Vec<f64>) -> Result<Vec<Tensor>, ScoreError> {
        let best = |row: &[f64]| {
            let highest = |best: usize, (place, score): (usize, &f64)| {
                if row.get(best).is_some_and(|known| score > known) { place } else { best }
            };
            self.numbers.get(row.iter().enumerate().fold(0, highest)).copied()
        };
        let labels: Vec<f64> = scores.chunks_exact(self.count.max(1)).filter_map(best).collect();
        let labels = Tensor::new(vec![labels.len()], Kind::Integer, labels)?;
        Ok(vec![labels, Tensor::new(vec![rows, self.count], RESULT, scores)?])
    }
}

fn classifier(node: &Node<'_>) -> Result<Step, ScoreError> {
    let labels = Labels::of(node, "classlabels_ints");
    let found = node.numbers("intercepts")?.len();
    if found == 1 || labels.count < 2 {
        return Err(node.refuse("intercepts", "one row of coefficients for two classes"));
    }
    let (weights, intercepts) = coefficients(node, labels.count)?;
    let transform = Transform::of(node)?;
    Ok(Box::new(move |inputs| {
        let tensor = at(inputs, 0)?;
        let (rows, _) = tensor.matrix()?;
        let mut scores = Vec::with_capacity(rows * labels.count);
        for row in tensor.rows()? {
            scores.extend(transform.apply(linear(row, &weights, &intercepts)?));
        }
        labels.with_scores(rows, scores)
    }))
}

fn scaler(node: &Node<'_>) -> Result<Step, ScoreError> {
    let (offset, scale) = (node.numbers("offset")?, node.numbers("scale")?);
    Ok(Box::new(move |inputs| {
        let tensor = at(inputs, 0)?;
        let (_, width) = tensor.matrix()?;
        let own = |list: &[f64], neutral: f64| match list {
            [] => Ok(vec![neutral; width]),
            [one] => Ok(vec![*one; width]),
            all if all.len() == width => Ok(all.to_vec()),
            all => Err(ScoreError::malformed(format!("{} scales meet {width} columns", all.len()))),
        };
        let (offset, scale) = (own(&offset, 0.0)?, own(&scale, 1.0)?);
        // The difference is rounded first, as 32-bit arithmetic would.
        let changed = |((value, offset), scale): ((&f64, &f64), &f64)| RESULT.round(value - offset) * scale;
        let data = tensor.rows()?.flat_map(|row| row.iter().zip(&offset).zip(&scale).map(changed).collect::<Vec<_>>());
        Tensor::new(tensor.shape.clone(), RESULT, data.collect()).map(|tensor| vec![tensor])
    }))
}

fn normalizer(node: &Node<'_>) -> Result<Step, ScoreError> {
    let size: fn(&[f64]) -> f64 = match node.text("norm").unwrap_or("MAX") {
        "MAX" => |row| row.iter().copied().fold(0.0, |most: f64, value| most.max(value.abs())),
        "L1" => |row| row.iter().map(|value| value.abs()).sum(),
        "L2" => |row| row.iter().map(|value| value * value).sum::<f64>().sqrt(),
        other => return Err(node.refuse("norm", other)),
    };
    Ok(Box::new(move |inputs| {
        let tensor = at(inputs, 0)?;
        let divided = |row: &[f64]| {
            let size = size(row);
            row.iter().map(|value| if size == 0.0 { *value } else { value / size }).collect::<Vec<_>>()
        };
        let data = tensor.rows()?.flat_map(divided).collect();
        Tensor::new(tensor.shape.clone(), RESULT, data).map(|tensor| vec![tensor])
    }))
}

/// Columns by their numbers.
fn extracted(inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>, ScoreError> {
    let (tensor, places) = (at(inputs, 0)?, at(inputs, 1)?);
    let (rows, width) = tensor.matrix()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a column number; outside is refused")]
    let places: Vec<usize> = places.data.iter().map(|place| *place as usize).collect();
    if let Some(outside) = places.iter().find(|place| **place >= width) {
        return Err(ScoreError::malformed(format!("column {outside} of {width} is asked for")));
    }
    let picked = |row: &[f64]| places.iter().filter_map(|place| row.get(*place).copied()).collect::<Vec<_>>();
    let data = tensor.rows()?.flat_map(picked).collect();
    Tensor::new(vec![rows, places.len()], tensor.kind, data).map(|tensor| vec![tensor])
}
