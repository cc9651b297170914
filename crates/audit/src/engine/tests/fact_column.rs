//! Facts into columns, value by value.

use crate::AuditError;
use crate::columns::{TextWords, finished};
use datafusion::arrow::array::{ArrayRef, BooleanBuilder, Int64Builder, ListBuilder, StringBuilder};
use gongdao_model::{FactType, FactValue};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A fact's column being filled, value by value.
pub(super) enum FactColumn {
    Bool(BooleanBuilder),
    Long(Int64Builder),
    Text(TextWords),
    TextSet(ListWords),
}

impl FactColumn {
    pub(super) fn new(kind: FactType) -> Self {
        match kind {
            FactType::Bool => Self::Bool(BooleanBuilder::new()),
            FactType::Long => Self::Long(Int64Builder::new()),
            FactType::Text => Self::Text(TextWords::default()),
            FactType::TextSet => Self::TextSet(ListWords::default()),
        }
    }

    /// INVARIANT: the value is of the column's type or none; another type would be appended as missing.
    pub(super) fn append(&mut self, value: Option<&FactValue>) {
        match (self, value) {
            (Self::Bool(builder), Some(FactValue::Bool(truth))) => builder.append_value(*truth),
            (Self::Bool(builder), _) => builder.append_null(),
            (Self::Long(builder), Some(FactValue::Long(number))) => builder.append_value(*number),
            (Self::Long(builder), _) => builder.append_null(),
            (Self::Text(words), Some(FactValue::Text(text))) => words.append(Some(text)),
            (Self::Text(words), _) => words.append(None),
            (Self::TextSet(lists), Some(FactValue::TextSet(words))) => lists.append_set(words),
            (Self::TextSet(lists), _) => lists.append(None),
        }
    }

    pub(super) fn finish(&mut self) -> Result<ArrayRef, AuditError> {
        Ok(match self {
            Self::Bool(builder) => Arc::new(builder.finish()),
            Self::Long(builder) => Arc::new(builder.finish()),
            Self::Text(words) => words.finish()?,
            Self::TextSet(lists) => lists.finish()?,
        })
    }
}

/// A column of sets of texts, each distinct one kept once.
#[derive(Debug, Default)]
pub(super) struct ListWords {
    numbers: HashMap<BTreeSet<String>, u32>,
    sets: Vec<BTreeSet<String>>,
    keys: Vec<Option<u32>>,
}

impl ListWords {
    pub(super) fn append(&mut self, number: Option<u32>) {
        self.keys.push(number);
    }

    pub(super) fn append_set(&mut self, set: &BTreeSet<String>) {
        let number = if let Some(number) = self.numbers.get(set) {
            *number
        } else {
            let number = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
            self.numbers.insert(set.clone(), number);
            self.sets.push(set.clone());
            number
        };
        self.append(Some(number));
    }

    pub(super) fn finish(&mut self) -> Result<ArrayRef, AuditError> {
        let mut lists = ListBuilder::new(StringBuilder::new());
        for set in &self.sets {
            lists.append_value(set.iter().map(Some));
        }
        finished(&mut self.keys, Arc::new(lists.finish()))
    }
}
