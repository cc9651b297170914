//! The same numbers in another shape, and constants.

use super::{Found, Step, at, optional, over_columns};
use crate::ScoreError;
use crate::node::Node;
use crate::tensor::{Kind, Tensor, whole};

pub(super) fn step(node: &Node<'_>) -> Found {
    Some(match node.plain()? {
        "Constant" => constant(node),
        "Concat" => concat(node),
        "Reshape" => Ok(Box::new(reshaped)),
        "Flatten" => flatten(node),
        "Squeeze" => Ok(squeeze(node)),
        "Unsqueeze" => Ok(unsqueeze(node)),
        _ => return None,
    })
}

fn constant(node: &Node<'_>) -> Result<Step, ScoreError> {
    let number = |value: f64, kind| Tensor::new(Vec::new(), kind, vec![value]);
    let floats = node.numbers("value_floats")?;
    let tensor = if let Some(tensor) = node.tensor("value")? {
        tensor
    } else if let Some(value) = node.float("value_float") {
        number(value, Kind::Float)?
    } else if let Some(value) = node.int("value_int") {
        number(whole(value), Kind::Integer)?
    } else if !floats.is_empty() {
        Tensor::new(vec![floats.len()], Kind::Float, floats)?
    } else {
        let ints: Vec<f64> = node.ints("value_ints").iter().map(|value| whole(*value)).collect();
        if ints.is_empty() {
            return Err(node.refuse("value", "no numbers"));
        }
        Tensor::new(vec![ints.len()], Kind::Integer, ints)?
    };
    Ok(Box::new(move |_| Ok(vec![tensor.clone()])))
}

/// Columns side by side.
fn concat(node: &Node<'_>) -> Result<Step, ScoreError> {
    let axis = node.int("axis").unwrap_or(0);
    if axis != 1 && axis != -1 {
        return Err(node.refuse("axis", &axis.to_string()));
    }
    Ok(Box::new(|inputs| {
        let all = (0..inputs.len()).map(|place| at(inputs, place)).collect::<Result<Vec<_>, _>>()?;
        let first = at(inputs, 0)?;
        let (rows, _) = first.matrix()?;
        let mut width = 0;
        let mut parts = Vec::new();
        for tensor in all {
            let (own, columns) = tensor.matrix()?;
            if own != rows || tensor.shape.len() != 2 {
                let message = format!("{own} rows stand beside {rows}, or a tensor has no columns");
                return Err(ScoreError::malformed(message));
            }
            width += columns;
            parts.push(tensor.rows()?);
        }
        let mut data = Vec::with_capacity(rows * width);
        for _ in 0..rows {
            data.extend(parts.iter_mut().filter_map(Iterator::next).flatten().copied());
        }
        Tensor::new(vec![rows, width], first.kind, data).map(|tensor| vec![tensor])
    }))
}

fn with_shape(tensor: &Tensor, shape: Vec<usize>) -> Result<Vec<Tensor>, ScoreError> {
    Tensor::new(shape, tensor.kind, tensor.data.clone()).map(|tensor| vec![tensor])
}

/// 0 keeps a size, −1 is what is left.
fn reshaped(inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>, ScoreError> {
    let (tensor, wanted) = (at(inputs, 0)?, at(inputs, 1)?);
    let mut shape = Vec::new();
    let mut open = None;
    for (place, size) in wanted.data.iter().enumerate() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size; below 0 is told apart")]
        match *size {
            size if size > 0.0 => shape.push(size as usize),
            0.0 => shape.push(tensor.shape.get(place).copied().unwrap_or(0)),
            _ => {
                open = Some(place);
                shape.push(1);
            }
        }
    }
    let known = shape.iter().try_fold(1_usize, |all, size| all.checked_mul(*size)).unwrap_or(0);
    if let Some(slot) = open.and_then(|place| shape.get_mut(place)) {
        *slot = tensor.data.len().checked_div(known).unwrap_or(0);
    }
    with_shape(tensor, shape)
}

fn flatten(node: &Node<'_>) -> Result<Step, ScoreError> {
    let axis = node.int("axis").unwrap_or(1);
    if axis != 1 {
        return Err(node.refuse("axis", &axis.to_string()));
    }
    Ok(Box::new(|inputs| {
        let tensor = at(inputs, 0)?;
        let rows = tensor.shape.first().copied().unwrap_or(1);
        with_shape(tensor, vec![rows, tensor.data.len().checked_div(rows).unwrap_or(0)])
    }))
}

/// Axes are an attribute before version 13 and an input after it; without axes every size of one but the first goes.
fn squeeze(node: &Node<'_>) -> Step {
    let own: Vec<f64> = node.ints("axes").iter().map(|axis| whole(*axis)).collect();
    Box::new(move |inputs| {
        let tensor = at(inputs, 0)?;
        let axes = optional(inputs, 1).map_or(own.as_slice(), |given| given.data.as_slice());
        let (rows, columns) = tensor.matrix()?;
        let is_covered = axes.is_empty() || over_columns(axes);
        if columns != 1 || !is_covered {
            return Err(ScoreError::malformed(format!("axes {axes:?} of shape {:?} cannot go", tensor.shape)));
        }
        with_shape(tensor, vec![rows])
    })
}

fn unsqueeze(node: &Node<'_>) -> Step {
    let own: Vec<f64> = node.ints("axes").iter().map(|axis| whole(*axis)).collect();
    Box::new(move |inputs| {
        let tensor = at(inputs, 0)?;
        let axes = optional(inputs, 1).map_or(own.as_slice(), |given| given.data.as_slice());
        match tensor.shape.as_slice() {
            [rows] if over_columns(axes) => with_shape(tensor, vec![*rows, 1]),
            _ => Err(ScoreError::malformed(format!("axes {axes:?} do not fit shape {:?}", tensor.shape))),
        }
    })
}
