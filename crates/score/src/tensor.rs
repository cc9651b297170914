//! Numbers in rows and columns, with the rounding of their ONNX type.

use crate::ScoreError;
use rten_onnx::onnx::{DataLocation, DataType, TensorProto};

/// Numbers that one tensor may hold.
const MOST_NUMBERS: usize = 1 << 27;

/// How the numbers of a tensor are rounded. All are held as 64-bit floats: exact for every 32-bit float and for whole numbers
/// up to 2^53.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// 32-bit float.
    Float,
    /// 64-bit float.
    Double,
    /// Whole number.
    Integer,
    /// 0 or 1.
    Truth,
}

impl Kind {
    /// The kind of an ONNX element type; none for text and for what no score is made of.
    pub(crate) fn of(kind: DataType) -> Option<Self> {
        match kind {
            DataType::FLOAT => Some(Self::Float),
            DataType::DOUBLE => Some(Self::Double),
            DataType::INT32 | DataType::INT64 => Some(Self::Integer),
            DataType::BOOL => Some(Self::Truth),
            _ => None,
        }
    }

    /// The nearest number of this kind.
    pub(crate) fn round(self, value: f64) -> f64 {
        match self {
            #[expect(clippy::cast_possible_truncation, reason = "a 32-bit float is what the model computes with")]
            Self::Float => f64::from(value as f32),
            Self::Double => value,
            Self::Integer => value.trunc(),
            Self::Truth => f64::from(u8::from(value != 0.0)),
        }
    }
}

/// A tensor, last dimension fastest.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tensor {
    pub(crate) shape: Vec<usize>,
    pub(crate) kind: Kind,
    pub(crate) data: Vec<f64>,
}

impl Tensor {
    /// Numbers of a shape, rounded to the kind.
    pub(crate) fn new(shape: Vec<usize>, kind: Kind, data: Vec<f64>) -> Result<Self, ScoreError> {
        if size(&shape) != Some(data.len()) {
            return Err(ScoreError::malformed(format!(
                "{} numbers do not fill a tensor of shape {shape:?}",
                data.len()
            )));
        }
        Ok(Self { shape, kind, data: data.into_iter().map(|value| kind.round(value)).collect() })
    }

    /// A constant of the file.
    pub(crate) fn read(proto: &TensorProto) -> Result<Self, ScoreError> {
        let name = proto.name.as_deref().unwrap_or("constant");
        if proto.data_location == Some(DataLocation::EXTERNAL) {
            let hint = "save the model with its weights in one file";
            return Err(ScoreError::new(format!("the weights of `{name}` lie in another file"), hint));
        }
        let typed = proto.data_type.unwrap_or(DataType(0));
        let kind = Kind::of(typed).ok_or_else(|| {
            let shown = typed.name().unwrap_or("unknown");
            ScoreError::new(
                format!("constant `{name}` is of type {shown}"),
                "export the model with float or double numbers",
            )
        })?;
        let shape = proto.dims.iter().map(|size| usize::try_from(*size)).collect::<Result<Vec<_>, _>>();
        let shape = shape.map_err(|_| ScoreError::malformed(format!("constant `{name}` has a negative size")))?;
        let raw = proto.raw_data.as_ref().map(|raw| raw.borrow().clone()).unwrap_or_default();
        let data = if raw.is_empty() { listed(proto) } else { unpacked(typed, &raw) };
        Self::new(shape, kind, data)
    }

    /// Rows and columns of a matrix; one dimension counts as one column.
    pub(crate) fn matrix(&self) -> Result<(usize, usize), ScoreError> {
        match self.shape.as_slice() {
            [rows] => Ok((*rows, 1)),
            [rows, columns] => Ok((*rows, *columns)),
            other => Err(ScoreError::new(
                format!("a tensor of shape {other:?} stands where rows and columns are needed"),
                "a scoring model has one row a decision",
            )),
        }
    }

    /// Row by row; empty for a matrix without columns.
    pub(crate) fn rows(&self) -> Result<std::slice::ChunksExact<'_, f64>, ScoreError> {
        let (_, columns) = self.matrix()?;
        Ok(self.data.chunks_exact(columns.max(1)))
    }

    /// The single number of a constant.
    pub(crate) fn single(&self) -> Option<f64> {
        match self.data.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// The numbers as they stand under a larger shape (ONNX's multidirectional broadcasting).
    pub(crate) fn expanded(&self, shape: &[usize]) -> Vec<f64> {
        if self.shape == shape {
            return self.data.clone();
        }
        let mut strides = vec![0; shape.len()];
        let mut stride = 1;
        for (slot, size) in strides.iter_mut().rev().zip(self.shape.iter().rev()) {
            if *size != 1 {
                *slot = stride;
            }
            stride *= size;
        }
        let all = size(shape).unwrap_or(0);
        let mut data = Vec::with_capacity(all);
        for flat in 0..all {
            let (mut rest, mut source) = (flat, 0);
            for (size, stride) in shape.iter().zip(&strides).rev() {
                source += (rest % size) * stride;
                rest /= size;
            }
            data.push(self.data.get(source).copied().unwrap_or(f64::NAN));
        }
        data
    }
}

/// The shape that two tensors share after broadcasting.
pub(crate) fn shared_shape(first: &[usize], second: &[usize]) -> Result<Vec<usize>, ScoreError> {
    let rank = first.len().max(second.len());
    let at = |shape: &[usize], place: usize| {
        let missing = rank - shape.len();
        if place < missing { 1 } else { shape.get(place - missing).copied().unwrap_or(1) }
    };
    let pair = |place| match (at(first, place), at(second, place)) {
        (one, other) if one == other => Some(one),
        (1, other) | (other, 1) => Some(other),
        _ => None,
    };
    let shape: Option<Vec<usize>> = (0..rank).map(pair).collect();
    let gap = || ScoreError::malformed(format!("tensors of shapes {first:?} and {second:?} do not fit together"));
    let shape = shape.ok_or_else(gap)?;
    check_room(&shape)?;
    Ok(shape)
}

/// Refuses a tensor that would take more than a gigabyte: a file of a few bytes can ask for any size.
pub(crate) fn check_room(shape: &[usize]) -> Result<(), ScoreError> {
    if size(shape).is_none_or(|all| all > MOST_NUMBERS) {
        let hint = "a scoring model has a few numbers a decision";
        return Err(ScoreError::new(format!("a tensor of shape {shape:?} is too large"), hint));
    }
    Ok(())
}

fn size(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1_usize, |all, size| all.checked_mul(*size))
}

fn listed(proto: &TensorProto) -> Vec<f64> {
    if !proto.float_data.is_empty() {
        proto.float_data.iter().map(|value| f64::from(*value)).collect()
    } else if !proto.double_data.is_empty() {
        proto.double_data.clone()
    } else if !proto.int32_data.is_empty() {
        proto.int32_data.iter().map(|value| f64::from(*value)).collect()
    } else {
        proto.int64_data.iter().map(|value| whole(*value)).collect()
    }
}

fn unpacked(kind: DataType, raw: &[u8]) -> Vec<f64> {
    fn each<const N: usize>(raw: &[u8], read: impl Fn([u8; N]) -> f64) -> Vec<f64> {
        raw.chunks_exact(N).filter_map(|bytes| bytes.try_into().ok()).map(read).collect()
    }
    match kind {
        DataType::FLOAT => each(raw, |bytes| f64::from(f32::from_le_bytes(bytes))),
        DataType::DOUBLE => each(raw, f64::from_le_bytes),
        DataType::INT32 => each(raw, |bytes| f64::from(i32::from_le_bytes(bytes))),
        DataType::INT64 => each(raw, |bytes| whole(i64::from_le_bytes(bytes))),
        _ => raw.iter().map(|byte| f64::from(*byte)).collect(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes, axes and class labels stay far below 2^53")]
pub(crate) fn whole(value: i64) -> f64 {
    value as f64
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::shared_shape;

    #[test]
    fn shapes_are_shared_as_onnx_does_and_none_is_too_large() {
        assert_eq!(shared_shape(&[4, 1], &[3]).unwrap(), [4, 3]);
        assert_eq!(shared_shape(&[], &[2, 1]).unwrap(), [2, 1]);
        assert!(shared_shape(&[4, 2], &[3]).is_err());
        assert!(shared_shape(&[1 << 20, 1], &[1, 1 << 20]).unwrap_err().message.ends_with("is too large"));
    }
}
