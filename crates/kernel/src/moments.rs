//! Moments in the ways that tables write them.

use crate::KernelError;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, Int64Array, StringArray};
use arrow_cast::{CastOptions, cast, cast_with_options};
use arrow_schema::{DataType, TimeUnit};
use gongdao_model::{Instant, ModelError};

/// A column of moments: timestamps (any unit, UTC), integers (milliseconds since the epoch) or RFC 3339 text.
#[derive(Debug)]
pub enum Moments {
    /// Milliseconds since the epoch.
    Millis(Int64Array),
    /// RFC 3339.
    Text(StringArray),
}

/// Why a row has no moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoMoment {
    /// The cell is empty.
    Missing,
    /// What stands there is no moment, or one before 1990 or after 2099.
    Impossible {
        /// What stands there.
        given: String,
        /// What is wrong with it.
        why: ModelError,
    },
}

impl Moments {
    /// Errors: the array, a column named `name`, is of another type.
    pub fn of(array: &ArrayRef, name: &str) -> Result<Self, KernelError> {
        let wrong = || {
            let message = format!("column `{name}` is `{}`, not an instant", array.data_type());
            KernelError::new(message, "give timestamps, milliseconds since the epoch, or RFC 3339 text")
        };
        match array.data_type() {
            DataType::Timestamp(..) => {
                // A timestamp counts from the epoch in UTC whatever zone it is shown in.
                let millis = cast(array, &DataType::Timestamp(TimeUnit::Millisecond, None)).map_err(|_| wrong())?;
                Ok(Self::Millis(millis.as_primitive::<TimestampMillisecondType>().reinterpret_cast::<Int64Type>()))
            }
            DataType::Null => Ok(Self::Millis(Int64Array::new_null(array.len()))),
            kind if kind.is_integer() => Ok(Self::Millis(integers(array, name)?)),
            _ if is_text(array.data_type()) => Ok(Self::Text(texts(array, name)?)),
            _ => Err(wrong()),
        }
    }

    /// The moment in a row.
    pub fn at(&self, row: usize) -> Result<Instant, NoMoment> {
        match self {
            Self::Millis(array) if array.is_valid(row) => Instant::from_millis(array.value(row))
                .map_err(|why| NoMoment::Impossible { given: array.value(row).to_string(), why }),
            Self::Text(array) if array.is_valid(row) && !array.value(row).trim().is_empty() => {
                let text = array.value(row);
                text.trim().parse().map_err(|why| NoMoment::Impossible { given: text.to_owned(), why })
            }
            _ => Err(NoMoment::Missing),
        }
    }
}

fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// Text, or integers and truth values in words.
///
/// Errors: the array, a column named `name`, is of another type.
pub(crate) fn texts(array: &ArrayRef, name: &str) -> Result<StringArray, KernelError> {
    let kind = array.data_type();
    let fits = is_text(kind) || kind.is_integer() || matches!(kind, DataType::Null | DataType::Boolean);
    let text = if fits { cast(array, &DataType::Utf8).ok() } else { None };
    let text = text.ok_or_else(|| {
        let message = format!("column `{name}` is `{kind}`, not text");
        KernelError::new(message, "give it as text, or as integers where it is a key")
    })?;
    Ok(text.as_string::<i32>().clone())
}

/// 64-bit integers.
///
/// Errors: the array, a column named `name`, is of another type or holds a number that does not fit.
pub(crate) fn integers(array: &ArrayRef, name: &str) -> Result<Int64Array, KernelError> {
    let kind = array.data_type();
    if !kind.is_integer() && *kind != DataType::Null {
        return Err(KernelError::new(
            format!("column `{name}` is `{kind}`, not an integer"),
            "give it as integers; floating-point numbers are not exact",
        ));
    }
    // Not the lenient cast: a number that does not fit must not turn into a missing one.
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let cast = cast_with_options(array, &DataType::Int64, &strict).map_err(|error| {
        let hint = "keep it within a signed 64-bit integer";
        KernelError::new(format!("column `{name}`: {}", error.to_string().to_lowercase()), hint)
    })?;
    Ok(cast.as_primitive::<Int64Type>().clone())
}
