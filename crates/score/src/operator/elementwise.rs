//! Number by number.

use super::{Found, Step, at, optional};
use crate::ScoreError;
use crate::node::Node;
use crate::tensor::{Kind, Tensor, shared_shape};
use rten_onnx::onnx::DataType;

type One = fn(f64) -> f64;
type Two = fn(f64, f64) -> f64;

pub(super) fn step(node: &Node<'_>) -> Found {
    let name = node.plain()?;
    if let Some(function) = one(name) {
        return Some(Ok(each(function)));
    }
    if let Some(function) = two(name) {
        return Some(Ok(Box::new(move |inputs| folded(inputs, function, None))));
    }
    if let Some(function) = truth(name) {
        return Some(Ok(Box::new(move |inputs| folded(inputs, function, Some(Kind::Truth)))));
    }
    Some(match name {
        "LeakyRelu" => Ok(scaled(
            node.float("alpha").unwrap_or(0.01),
            |value, alpha| {
                if value < 0.0 { alpha * value } else { value }
            },
        )),
        "Elu" => {
            Ok(scaled(
                node.float("alpha").unwrap_or(1.0),
                |value, alpha| {
                    if value < 0.0 { alpha * value.exp_m1() } else { value }
                },
            ))
        }
        "Div" => Ok(Box::new(|inputs| {
            let is_whole = at(inputs, 0)?.kind == Kind::Integer;
            folded(inputs, if is_whole { |a, b| (a / b).trunc() } else { |a, b| a / b }, None)
        })),
        "Clip" => Ok(clip(node)),
        "Where" => Ok(Box::new(chosen)),
        "Cast" => cast(node),
        _ => return None,
    })
}

fn one(name: &str) -> Option<One> {
    Some(match name {
        "Identity" | "Dropout" => |value| value,
        "Neg" => |value| -value,
        "Abs" => f64::abs,
        "Exp" => f64::exp,
        "Log" => f64::ln,
        "Sqrt" => f64::sqrt,
        "Reciprocal" => f64::recip,
        "Floor" => f64::floor,
        "Ceil" => f64::ceil,
        "Round" => f64::round_ties_even,
        "Sign" => |value| if value == 0.0 { 0.0 } else { value.signum() },
        "Relu" => |value| if value < 0.0 { 0.0 } else { value },
        "Sigmoid" => logistic,
        "Tanh" => f64::tanh,
        "Softplus" => |value| value.max(0.0) + (-value.abs()).exp().ln_1p(),
        "Not" => |value| f64::from(u8::from(value == 0.0)),
        _ => return None,
    })
}

fn two(name: &str) -> Option<Two> {
    Some(match name {
        "Add" | "Sum" => |a, b| a + b,
        "Sub" => |a, b| a - b,
        "Mul" => |a, b| a * b,
        "Pow" => f64::powf,
        // A missing number stays missing, as ONNX has it; Rust's own would take the other one.
        "Min" => |a, b| if a.is_nan() || a < b { a } else { b },
        "Max" => |a, b| if a.is_nan() || a > b { a } else { b },
        _ => return None,
    })
}

fn truth(name: &str) -> Option<Two> {
    fn number(is: bool) -> f64 {
        f64::from(u8::from(is))
    }
    #[expect(clippy::float_cmp, reason = "the model asks for equality")]
    Some(match name {
        "Less" => |a, b| number(a < b),
        "LessOrEqual" => |a, b| number(a <= b),
        "Greater" => |a, b| number(a > b),
        "GreaterOrEqual" => |a, b| number(a >= b),
        "Equal" => |a, b| number(a == b),
        "And" => |a, b| number(a != 0.0 && b != 0.0),
        "Or" => |a, b| number(a != 0.0 || b != 0.0),
        _ => return None,
    })
}

/// 1 / (1 + e^-x), without overflow on either side.
pub(super) fn logistic(value: f64) -> f64 {
    if value < 0.0 {
        let small = value.exp();
        small / (1.0 + small)
    } else {
        1.0 / (1.0 + (-value).exp())
    }
}

fn mapped(tensor: &Tensor, kind: Kind, function: impl Fn(f64) -> f64) -> Result<Vec<Tensor>, ScoreError> {
    let data = tensor.data.iter().map(|value| function(*value)).collect();
    Tensor::new(tensor.shape.clone(), kind, data).map(|tensor| vec![tensor])
}

fn each(function: One) -> Step {
    Box::new(move |inputs| {
        let tensor = at(inputs, 0)?;
        mapped(tensor, tensor.kind, function)
    })
}

fn scaled(alpha: f64, function: Two) -> Step {
    Box::new(move |inputs| {
        let tensor = at(inputs, 0)?;
        mapped(tensor, tensor.kind, |value| function(value, alpha))
    })
}

/// All inputs, one after the other; rounded after each as the model would.
fn folded(inputs: &[Option<&Tensor>], function: Two, kind: Option<Kind>) -> Result<Vec<Tensor>, ScoreError> {
    let mut sum = at(inputs, 0)?.clone();
    for place in 1..inputs.len() {
        let other = at(inputs, place)?;
        let shape = shared_shape(&sum.shape, &other.shape)?;
        let pairs = sum.expanded(&shape).into_iter().zip(other.expanded(&shape));
        let data = pairs.map(|(a, b)| function(a, b)).collect();
        sum = Tensor::new(shape, kind.unwrap_or(sum.kind), data)?;
    }
    Ok(vec![sum])
}

/// Bounds are attributes before version 11 and inputs after it.
fn clip(node: &Node<'_>) -> Step {
    let (min, max) = (node.float("min"), node.float("max"));
    Box::new(move |inputs| {
        let tensor = at(inputs, 0)?;
        let bound = |place, own: Option<f64>| optional(inputs, place).and_then(Tensor::single).or(own);
        let low = bound(1, min).unwrap_or(f64::NEG_INFINITY);
        let high = bound(2, max).unwrap_or(f64::INFINITY);
        mapped(tensor, tensor.kind, |value| {
            let raised = if value < low { low } else { value };
            if raised > high { high } else { raised }
        })
    })
}

fn chosen(inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>, ScoreError> {
    let (condition, yes, no) = (at(inputs, 0)?, at(inputs, 1)?, at(inputs, 2)?);
    let shape = shared_shape(&shared_shape(&condition.shape, &yes.shape)?, &no.shape)?;
    let sides = yes.expanded(&shape).into_iter().zip(no.expanded(&shape));
    let picked = condition.expanded(&shape).into_iter().zip(sides);
    let data = picked.map(|(condition, (yes, no))| if condition == 0.0 { no } else { yes }).collect();
    Tensor::new(shape, yes.kind, data).map(|tensor| vec![tensor])
}

fn cast(node: &Node<'_>) -> Result<Step, ScoreError> {
    let target = node.int("to").and_then(|to| i32::try_from(to).ok()).map_or(DataType(0), DataType);
    let kind = Kind::of(target).ok_or_else(|| node.refuse("to", target.name().unwrap_or("unknown")))?;
    Ok(Box::new(move |inputs| mapped(at(inputs, 0)?, kind, |value| value)))
}
