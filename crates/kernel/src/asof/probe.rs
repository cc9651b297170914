//! The states that the decisions of a batch see.

use super::error::AsOfError;
use super::hash;
use super::index::AsOfIndex;
use super::states::NOTHING;
use super::timeline::state_in;
use arrow_array::cast::AsArray;
use arrow_array::{Array, Int64Array, LargeStringArray, StringArray, StringViewArray};
use arrow_schema::DataType;

/// In place of a key's number where the key is null; nothing has this number.
const NO_KEY: u32 = u32::MAX;
/// Where the key has no events; no timeline has this number.
const NO_EVENTS: u32 = u32::MAX - 1;

impl AsOfIndex {
    /// For each row the number of the state that a decision on `keys` at `at` (milliseconds since the epoch) sees: all
    /// events up to and including that instant. A key without events sees [`Self::INITIAL`], a null key
    /// [`Self::NOTHING`].
    ///
    /// `keys` is text: `Utf8`, `LargeUtf8`, `Utf8View`, or a dictionary of one of them. Fails if it is something else,
    /// if the arrays differ in length, or if an instant is null.
    pub fn states(&self, keys: &dyn Array, at: &Int64Array) -> Result<Vec<u32>, AsOfError> {
        if keys.len() != at.len() {
            let message = format!("`{}` keys come with `{}` instants", keys.len(), at.len());
            return Err(AsOfError::new(message, "give each decision a key, which may be null, and an instant"));
        }
        if let Some(row) = (0..at.len()).find(|row| at.null_count() > 0 && at.is_null(*row)) {
            let message = format!("the decision in row `{row}` of the batch has no instant");
            return Err(AsOfError::new(message, "set such decisions aside before"));
        }
        if let Some(texts) = Texts::of(keys) {
            return Ok(self.seen(self.codes((0..keys.len()).map(|row| texts.at(row))), at));
        }
        let other = || {
            let message = format!("keys of decisions cannot be `{}`", keys.data_type());
            AsOfError::new(message, "give them as text")
        };
        let dictionary = keys.as_any_dictionary_opt().ok_or_else(other)?;
        let texts = Texts::of(dictionary.values().as_ref()).ok_or_else(other)?;
        let distinct = dictionary.values().len();
        if distinct == 0 {
            return Ok(vec![NOTHING; keys.len()]);
        }
        let nulls = dictionary.keys().nulls();
        let positions = dictionary.normalized_keys();
        let is_valid = |row: usize| nulls.is_none_or(|nulls| nulls.is_valid(row));
        let positions = positions.iter().enumerate().map(|(row, position)| is_valid(row).then_some(*position));
        if distinct > keys.len() {
            // Most of it no row asks for.
            return Ok(self.seen(self.codes(positions.map(|position| texts.at(position?))), at));
        }
        let codes = self.codes((0..distinct).map(|position| texts.at(position)));
        let code =
            |position: Option<usize>| position.and_then(|position| codes.get(position)).copied().unwrap_or(NO_KEY);
        Ok(self.seen(positions.map(code).collect(), at))
    }

    /// The keys' numbers; consecutive equal keys are looked up once.
    fn codes<'k>(&self, keys: impl Iterator<Item = Option<&'k str>>) -> Vec<u32> {
        let code = |key: &str| self.keys.code(key, hash::of_bytes(key.as_bytes())).unwrap_or(NO_EVENTS);
        let mut last = ("", code(""));
        let code = |key: Option<&'k str>| {
            let Some(key) = key else { return NO_KEY };
            if last.0 != key {
                last = (key, code(key));
            }
            last.1
        };
        keys.map(code).collect()
    }

    /// A pass of its own: its looks into memory do not wait for each other, so the processor has several under way.
    fn seen(&self, codes: Vec<u32>, at: &Int64Array) -> Vec<u32> {
        let state = |(code, at): (u32, &i64)| {
            if code == NO_KEY { NOTHING } else { state_in(self.timelines.run(code), *at) }
        };
        codes.into_iter().zip(at.values()).map(state).collect()
    }
}

/// An array of text.
enum Texts<'a> {
    Text(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
}

impl<'a> Texts<'a> {
    fn of(array: &'a dyn Array) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Utf8 => Self::Text(array.as_string()),
            DataType::LargeUtf8 => Self::Large(array.as_string()),
            DataType::Utf8View => Self::View(array.as_string_view()),
            _ => return None,
        })
    }

    /// INVARIANT: the row is within the array.
    fn at(&self, row: usize) -> Option<&'a str> {
        match self {
            Self::Text(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Large(array) => array.is_valid(row).then(|| array.value(row)),
            Self::View(array) => array.is_valid(row).then(|| array.value(row)),
        }
    }
}
