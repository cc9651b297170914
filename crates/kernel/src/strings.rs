//! Text columns of any layout, read row by row.

use crate::KernelError;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, LargeStringArray, StringArray, StringViewArray};
use arrow_schema::DataType;

/// A column of texts.
pub(crate) enum Strings<'a> {
    Short(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
    /// Position in the dictionary, or none, and the dictionary.
    Keyed(Vec<Option<usize>>, Box<Strings<'a>>),
    Absent,
}

impl<'a> Strings<'a> {
    /// Errors: the column, named `name`, holds something else.
    pub(crate) fn of(array: &'a ArrayRef, name: &str) -> Result<Self, KernelError> {
        match array.data_type() {
            DataType::Utf8 => Ok(Self::Short(array.as_string::<i32>())),
            DataType::LargeUtf8 => Ok(Self::Large(array.as_string::<i64>())),
            DataType::Utf8View => Ok(Self::View(array.as_string_view())),
            DataType::Null => Ok(Self::Absent),
            DataType::Dictionary(..) => {
                let Some(dictionary) = array.as_any_dictionary_opt().filter(|words| !words.values().is_empty()) else {
                    return Ok(Self::Absent);
                };
                let keys = dictionary.normalized_keys().into_iter().enumerate();
                let keys = keys.map(|(row, key)| array.is_valid(row).then_some(key)).collect();
                Ok(Self::Keyed(keys, Box::new(Self::of(dictionary.values(), name)?)))
            }
            other => Err(KernelError::new(format!("column `{name}` is `{other}`, not text"), "give it as text")),
        }
    }

    /// The text of a row, if it has one.
    pub(crate) fn at(&self, row: usize) -> Option<&'a str> {
        match self {
            Self::Short(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Large(array) => array.is_valid(row).then(|| array.value(row)),
            Self::View(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Keyed(keys, words) => words.at(keys.get(row).copied().flatten()?),
            Self::Absent => None,
        }
    }
}
