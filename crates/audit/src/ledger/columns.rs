//! Decisions of a ledger as the columns that a decisions query gives.

use datafusion::arrow::array::{ArrayRef, BooleanBuilder, Int64Builder, StringBuilder, TimestampMillisecondBuilder};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_model::{DecisionRecord, FactPath, FactType, FactValue};
use std::sync::Arc;

/// The type of a fact's column in SQL; sets are words joined with `|`.
pub(super) fn sql_type(kind: FactType) -> DataType {
    match kind {
        FactType::Bool => DataType::Boolean,
        FactType::Long => DataType::Int64,
        FactType::Text | FactType::TextSet => DataType::Utf8,
    }
}

/// Whether a column of this type can hold the value and give it back.
pub(super) fn fits(kind: FactType, value: &FactValue) -> bool {
    match (kind, value) {
        (FactType::Bool, FactValue::Bool(_))
        | (FactType::Long, FactValue::Long(_))
        | (FactType::Text, FactValue::Text(_)) => true,
        (FactType::TextSet, FactValue::TextSet(words)) => {
            words.iter().all(|word| !word.is_empty() && word.trim() == word && !word.contains('|'))
        }
        _ => false,
    }
}

/// The batch that is being filled.
pub(super) struct Columns {
    facts: Vec<(FactPath, FactType)>,
    file: String,
    ids: StringBuilder,
    at: TimestampMillisecondBuilder,
    actions: StringBuilder,
    places: StringBuilder,
    algorithms: StringBuilder,
    persons: StringBuilder,
    values: Vec<Values>,
    files: StringBuilder,
    leaves: Int64Builder,
    rows: usize,
}

enum Values {
    Bools(BooleanBuilder),
    Longs(Int64Builder),
    Texts(StringBuilder),
}

impl Columns {
    pub(super) fn new(facts: &[(FactPath, FactType)], file: &str) -> Self {
        let values = |(_, kind): &(FactPath, FactType)| match kind {
            FactType::Bool => Values::Bools(BooleanBuilder::new()),
            FactType::Long => Values::Longs(Int64Builder::new()),
            FactType::Text | FactType::TextSet => Values::Texts(StringBuilder::new()),
        };
        Self {
            facts: facts.to_vec(),
            file: file.to_owned(),
            ids: StringBuilder::new(),
            at: TimestampMillisecondBuilder::new(),
            actions: StringBuilder::new(),
            places: StringBuilder::new(),
            algorithms: StringBuilder::new(),
            persons: StringBuilder::new(),
            values: facts.iter().map(values).collect(),
            files: StringBuilder::new(),
            leaves: Int64Builder::new(),
            rows: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rows
    }

    pub(super) fn push(&mut self, leaf: u64, record: &DecisionRecord) {
        self.ids.append_value(record.id.as_str());
        self.at.append_value(record.at.millis());
        self.actions.append_value(&record.action);
        self.places.append_option(record.place.map(String::from));
        self.algorithms.append_option(record.algorithm.as_deref());
        self.persons.append_option(record.person.as_deref());
        for ((path, kind), values) in self.facts.iter().zip(&mut self.values) {
            values.append(record.facts.value(path).filter(|value| fits(*kind, value)));
        }
        self.files.append_value(&self.file);
        self.leaves.append_value(i64::try_from(leaf).unwrap_or(i64::MAX));
        self.rows += 1;
    }

    pub(super) fn finish(&mut self, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(self.ids.finish()),
            Arc::new(self.at.finish()),
            Arc::new(self.actions.finish()),
            Arc::new(self.places.finish()),
            Arc::new(self.algorithms.finish()),
            Arc::new(self.persons.finish()),
        ];
        arrays.extend(self.values.iter_mut().map(Values::finish));
        arrays.push(Arc::new(self.files.finish()));
        arrays.push(Arc::new(self.leaves.finish()));
        RecordBatch::try_new(Arc::clone(schema), arrays)
    }
}

impl Values {
    /// INVARIANT: the value fits the column or is missing; another one would be appended as missing.
    fn append(&mut self, value: Option<&FactValue>) {
        match (self, value) {
            (Self::Bools(builder), Some(FactValue::Bool(is))) => builder.append_value(*is),
            (Self::Bools(builder), _) => builder.append_null(),
            (Self::Longs(builder), Some(FactValue::Long(number))) => builder.append_value(*number),
            (Self::Longs(builder), _) => builder.append_null(),
            (Self::Texts(builder), Some(FactValue::Text(text))) => builder.append_value(text),
            (Self::Texts(builder), Some(FactValue::TextSet(words))) => {
                builder.append_value(words.iter().map(String::as_str).collect::<Vec<_>>().join("|"));
            }
            (Self::Texts(builder), _) => builder.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Bools(builder) => Arc::new(builder.finish()),
            Self::Longs(builder) => Arc::new(builder.finish()),
            Self::Texts(builder) => Arc::new(builder.finish()),
        }
    }
}
