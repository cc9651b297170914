//! The instants of decisions.

use crate::KernelError;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use gongdao_model::Instant;

/// Milliseconds since the epoch, one a decision. A timestamp counts from the epoch in UTC whatever zone it is shown in;
/// parts of a millisecond are cut off towards the past.
///
/// Errors: another type; a decision without an instant, or at an impossible one.
pub(crate) fn read(array: &ArrayRef) -> Result<Vec<i64>, KernelError> {
    let hint = "give each decision its instant, in milliseconds since the epoch or as a timestamp";
    if array.null_count() > 0 {
        let row = (0..array.len()).find(|row| array.is_null(*row)).unwrap_or(0);
        return Err(KernelError::new("the decision has no instant", hint).at(row));
    }
    let millis: Vec<i64> = match array.data_type() {
        DataType::Int64 => array.as_primitive::<Int64Type>().values().to_vec(),
        DataType::Timestamp(TimeUnit::Second, _) => {
            let seconds = array.as_primitive::<TimestampSecondType>().values();
            seconds.iter().map(|at| at.saturating_mul(1_000)).collect()
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            array.as_primitive::<TimestampMillisecondType>().values().to_vec()
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let micros = array.as_primitive::<TimestampMicrosecondType>().values();
            micros.iter().map(|at| at.div_euclid(1_000)).collect()
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            let nanos = array.as_primitive::<TimestampNanosecondType>().values();
            nanos.iter().map(|at| at.div_euclid(1_000_000)).collect()
        }
        other => return Err(KernelError::new(format!("column `at` is `{other}`, not an instant"), hint)),
    };
    let (first, last) = (millis.iter().min().copied(), millis.iter().max().copied());
    for bound in [first, last].into_iter().flatten() {
        if let Err(error) = Instant::from_millis(bound) {
            let row = millis.iter().position(|at| *at == bound).unwrap_or(0);
            return Err(KernelError::new(error.message, error.hint.unwrap_or_default()).at(row));
        }
    }
    Ok(millis)
}
