//! Text columns of any layout, read by distinct text.

use crate::KernelError;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, LargeStringArray, StringArray, StringViewArray};
use arrow_schema::DataType;
use std::collections::HashMap;

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
    fn at(&self, row: usize) -> Option<&'a str> {
        match self {
            Self::Short(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Large(array) => array.is_valid(row).then(|| array.value(row)),
            Self::View(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Keyed(keys, words) => words.at(keys.get(row).copied().flatten()?),
            Self::Absent => None,
        }
    }

    /// The same column by distinct text.
    pub(crate) fn coded(&self, rows: usize) -> Coded<'a> {
        match self {
            Self::Absent => Coded { of_row: vec![0; rows], texts: vec![None] },
            // A dictionary larger than the batch would cost more to list than its texts to look up.
            Self::Keyed(keys, words) if words.len() <= rows => {
                let texts = (0..words.len()).map(|word| words.at(word));
                let texts = std::iter::once(None).chain(texts).collect();
                Coded { of_row: keys.iter().map(|key| key.map_or(0, |key| key + 1)).collect(), texts }
            }
            _ => Coded::of((0..rows).map(|row| self.at(row))),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Short(array) => array.len(),
            Self::Large(array) => array.len(),
            Self::View(array) => array.len(),
            Self::Keyed(keys, _) => keys.len(),
            Self::Absent => 0,
        }
    }
}

/// A column of texts as positions in a list of them, in which one may stand twice.
pub(crate) struct Coded<'a> {
    pub(crate) of_row: Vec<usize>,
    pub(crate) texts: Vec<Option<&'a str>>,
}

impl<'a> Coded<'a> {
    pub(crate) fn of(rows: impl Iterator<Item = Option<&'a str>>) -> Self {
        let mut texts: Vec<Option<&str>> = Vec::new();
        let mut known: HashMap<Option<&str>, usize, foldhash::fast::RandomState> = HashMap::default();
        let mut last = None;
        let code = |text: Option<&'a str>| match last {
            // Equal texts often follow each other.
            Some((same, code)) if same == text => code,
            _ => {
                let code = *known.entry(text).or_insert_with(|| {
                    texts.push(text);
                    texts.len() - 1
                });
                last = Some((text, code));
                code
            }
        };
        let of_row = rows.map(code).collect();
        Self { of_row, texts }
    }

    /// Position in `texts`.
    pub(crate) fn code(&self, row: usize) -> usize {
        self.of_row.get(row).copied().unwrap_or_default()
    }

    pub(crate) fn text(&self, code: usize) -> Option<&'a str> {
        self.texts.get(code).copied().flatten()
    }
}
