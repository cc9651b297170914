//! The operators that are covered.

mod elementwise;
mod learning;
mod linear;
mod shape;
mod tree;

use crate::ScoreError;
use crate::node::Node;
use crate::tensor::Tensor;

/// One operator with its attributes, ready to run over its inputs; a missing optional input is none.
pub(crate) type Step = Box<dyn Fn(&[Option<&Tensor>]) -> Result<Vec<Tensor>, ScoreError> + Send + Sync>;

/// What the operators of a family make of a node: none if it is not theirs.
type Found = Option<Result<Step, ScoreError>>;

/// The step of a node, or the name of what is not covered.
pub(crate) fn step(node: &Node<'_>) -> Result<Step, ScoreError> {
    let families = [elementwise::step, linear::step, shape::step, learning::step, tree::step];
    let found = if node.has_graph() { None } else { families.iter().find_map(|family| family(node)) };
    found.unwrap_or_else(|| {
        Err(ScoreError::new(
            format!("{} is not covered", node.shown()),
            "export the model with the operators that docs/formats/algorithm.md lists, or write the rule as an `expression`",
        ))
    })
}

/// The input at a place.
fn at<'a>(inputs: &[Option<&'a Tensor>], place: usize) -> Result<&'a Tensor, ScoreError> {
    optional(inputs, place).ok_or_else(|| ScoreError::malformed(format!("input {place} is missing")))
}

fn optional<'a>(inputs: &[Option<&'a Tensor>], place: usize) -> Option<&'a Tensor> {
    inputs.get(place).copied().flatten()
}

/// Whether axes name the columns of a matrix and nothing else.
fn over_columns(axes: &[f64]) -> bool {
    matches!(axes, [one] if (one.abs() - 1.0).abs() < 0.5)
}
