use super::internal;
use crate::AuditError;
use datafusion::arrow::array::{
    Array, ArrayRef, DictionaryArray, ListBuilder, StringArray, StringBuilder, UInt32Array,
};
use datafusion::arrow::datatypes::UInt32Type;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A column of texts, each distinct one kept once.
#[derive(Debug, Default)]
pub(crate) struct TextWords {
    numbers: HashMap<String, u32, foldhash::fast::RandomState>,
    words: Vec<String>,
    keys: Vec<Option<u32>>,
    last: Option<u32>,
}

impl TextWords {
    /// Every text of an array.
    pub(crate) fn of(array: &StringArray) -> Self {
        let mut column = Self::default();
        array.iter().for_each(|text| column.append(text));
        column
    }

    pub(crate) fn append(&mut self, text: Option<&str>) {
        let number = text.map(|text| self.number(text));
        self.keys.push(number);
    }

    fn number(&mut self, text: &str) -> u32 {
        // Equal words often follow each other.
        if let Some(last) = self.last.filter(|last| self.words.get(*last as usize).is_some_and(|word| word == text)) {
            return last;
        }
        let number = if let Some(number) = self.numbers.get(text) {
            *number
        } else {
            let number = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
            self.numbers.insert(text.to_owned(), number);
            self.words.push(text.to_owned());
            number
        };
        self.last = Some(number);
        number
    }

    /// The distinct texts, in the order in which they were met.
    pub(crate) fn words(&self) -> &[String] {
        &self.words
    }

    /// The number of a row's text among [`Self::words`].
    pub(crate) fn key(&self, row: usize) -> Option<u32> {
        self.keys.get(row).copied().flatten()
    }

    /// Rows whose text has one of these numbers are missing from now on.
    pub(crate) fn forget(&mut self, numbers: &BTreeSet<u32>) {
        for key in &mut self.keys {
            *key = key.filter(|key| !numbers.contains(key));
        }
    }

    pub(crate) fn finish(&mut self) -> Result<ArrayRef, AuditError> {
        let words: ArrayRef = Arc::new(self.words.iter().map(Some).collect::<StringArray>());
        finished(&mut self.keys, words)
    }

    /// The same column with each text as the set at its number in `sets`.
    pub(crate) fn finish_sets(&mut self, sets: &[BTreeSet<String>]) -> Result<ArrayRef, AuditError> {
        let mut lists = ListBuilder::new(StringBuilder::new());
        for set in sets {
            lists.append_value(set.iter().map(Some));
        }
        finished(&mut self.keys, Arc::new(lists.finish()))
    }
}

pub(crate) fn finished(keys: &mut Vec<Option<u32>>, words: ArrayRef) -> Result<ArrayRef, AuditError> {
    let keys: UInt32Array = std::mem::take(keys).into_iter().collect();
    let column = DictionaryArray::<UInt32Type>::try_new(keys, words).map_err(|error| internal(&error.to_string()))?;
    debug_assert_eq!(column.null_count(), column.keys().null_count());
    Ok(Arc::new(column))
}
