//! Products of matrices, and sums over columns.

use super::{Found, Step, at, optional, over_columns};
use crate::ScoreError;
use crate::node::Node;
use crate::tensor::{Tensor, check_room, shared_shape};

pub(super) fn step(node: &Node<'_>) -> Found {
    Some(match node.plain()? {
        "MatMul" => Ok(Box::new(|inputs| {
            let (first, second) = (at(inputs, 0)?, at(inputs, 1)?);
            product(first, &columns_of(second, false)?, width_of(second, false)?).map(|tensor| vec![tensor])
        })),
        "Gemm" => gemm(node),
        "Softmax" => softmax(node),
        "ReduceSum" => Ok(reduced(node, |row| row.iter().sum())),
        "ReduceMean" => Ok(reduced(node, mean)),
        _ => return None,
    })
}

/// The columns of the second factor, each as a list.
fn columns_of(tensor: &Tensor, is_transposed: bool) -> Result<Vec<Vec<f64>>, ScoreError> {
    let (_, width) = tensor.matrix()?;
    if is_transposed {
        return Ok(tensor.rows()?.map(<[f64]>::to_vec).collect());
    }
    let column = |place: usize| tensor.data.iter().skip(place).step_by(width.max(1)).copied().collect();
    Ok((0..width).map(column).collect())
}

fn width_of(tensor: &Tensor, is_transposed: bool) -> Result<usize, ScoreError> {
    let (rows, width) = tensor.matrix()?;
    Ok(if is_transposed { width } else { rows })
}

/// Rows times columns. Sums are 64-bit and rounded once, so their order does not show.
fn product(first: &Tensor, columns: &[Vec<f64>], depth: usize) -> Result<Tensor, ScoreError> {
    let (rows, width) = first.matrix()?;
    if width != depth {
        return Err(ScoreError::malformed(format!("{width} numbers a row meet {depth} weights")));
    }
    check_room(&[rows, columns.len()])?;
    let mut data = Vec::with_capacity(rows * columns.len());
    for row in first.rows()? {
        data.extend(columns.iter().map(|column| dot(row, column)));
    }
    Tensor::new(vec![rows, columns.len()], first.kind, data)
}

/// The sum of products of two lists.
pub(super) fn dot(first: &[f64], second: &[f64]) -> f64 {
    first.iter().zip(second).map(|(a, b)| a * b).sum()
}

fn gemm(node: &Node<'_>) -> Result<Step, ScoreError> {
    if node.int("transA").unwrap_or(0) != 0 {
        return Err(node.refuse("transA", "1"));
    }
    let is_transposed = node.int("transB").unwrap_or(0) != 0;
    let (alpha, beta) = (node.float("alpha").unwrap_or(1.0), node.float("beta").unwrap_or(1.0));
    Ok(Box::new(move |inputs| {
        let (first, second) = (at(inputs, 0)?, at(inputs, 1)?);
        let depth = width_of(second, is_transposed)?;
        let mut sum = product(first, &columns_of(second, is_transposed)?, depth)?;
        let added = match optional(inputs, 2) {
            Some(third) if shared_shape(&sum.shape, &third.shape)? == sum.shape => third.expanded(&sum.shape),
            Some(third) => {
                return Err(ScoreError::malformed(format!("an addend of shape {:?} is too large", third.shape)));
            }
            None => vec![0.0; sum.data.len()],
        };
        for (value, third) in sum.data.iter_mut().zip(added) {
            *value = sum.kind.round(alpha * *value + beta * third);
        }
        Ok(vec![sum])
    }))
}

fn softmax(node: &Node<'_>) -> Result<Step, ScoreError> {
    let axis = node.int("axis").unwrap_or(-1);
    if axis != 1 && axis != -1 {
        return Err(node.refuse("axis", &axis.to_string()));
    }
    Ok(Box::new(|inputs| {
        let tensor = at(inputs, 0)?;
        let data = tensor.rows()?.flat_map(shares).collect();
        Tensor::new(tensor.shape.clone(), tensor.kind, data).map(|tensor| vec![tensor])
    }))
}

/// e^x of each, divided by their sum.
pub(super) fn shares(row: &[f64]) -> Vec<f64> {
    let highest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = row.iter().map(|value| (value - highest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a row has few columns")]
fn mean(row: &[f64]) -> f64 {
    row.iter().sum::<f64>() / row.len() as f64
}

/// Over the columns; axes are an attribute before version 13 (or 18) and an input after it.
fn reduced(node: &Node<'_>, function: fn(&[f64]) -> f64) -> Step {
    let own: Vec<f64> = node.ints("axes").iter().map(|axis| crate::tensor::whole(*axis)).collect();
    let keeps = node.int("keepdims").unwrap_or(1) != 0;
    Box::new(move |inputs| {
        let tensor = at(inputs, 0)?;
        let axes = optional(inputs, 1).map_or(own.as_slice(), |given| given.data.as_slice());
        if !over_columns(axes) {
            let hint = "a scoring model sums over the numbers of a decision, not over decisions";
            return Err(ScoreError::new(format!("axes {axes:?} are not covered"), hint));
        }
        let (rows, _) = tensor.matrix()?;
        let data = tensor.rows()?.map(function).collect();
        let shape = if keeps { vec![rows, 1] } else { vec![rows] };
        Tensor::new(shape, tensor.kind, data).map(|tensor| vec![tensor])
    })
}
