//! The columns that an engine judges: what a decision is, then one column a fact, named by its path.
//!
//! `decision_id`, `action`, `place`, `algorithm`, `person`, `_file` are text; `at` is milliseconds since the epoch; `_row`
//! is an integer. `place`, `algorithm`, `person` and every fact may be null; a null fact is missing. A `Bool` fact is a
//! Boolean column, `Long` a 64-bit integer, `String` a dictionary of texts, `Set<String>` a dictionary of lists of texts,
//! each sorted and without repeats: logs repeat few values, and what is done once a value is not done once a row.

mod words;

pub(crate) use words::TextWords;
#[cfg(test)]
pub(crate) use words::finished;

use crate::AuditError;
use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema, UInt32Type};
use datafusion::arrow::record_batch::RecordBatch;
pub use gongdao_kernel::columns::{ACTION, ALGORITHM, AT, DECISION, DECISION_COLUMNS, FILE, PERSON, PLACE, ROW};
use gongdao_model::{FactPath, FactType, FactValue, Facts};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The Arrow type of a fact's column.
pub fn arrow_type(kind: FactType) -> DataType {
    let dictionary = |values: DataType| DataType::Dictionary(Box::new(DataType::UInt32), Box::new(values));
    match kind {
        FactType::Bool => DataType::Boolean,
        FactType::Long => DataType::Int64,
        FactType::Text => dictionary(DataType::Utf8),
        FactType::TextSet => dictionary(DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)))),
    }
}

/// Words joined with `|`, as SQL gives sets.
pub(crate) fn words(text: &str) -> BTreeSet<String> {
    text.split('|').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

pub(crate) fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, AuditError> {
    batch.column_by_name(name).ok_or_else(|| internal(&format!("column `{name}` is missing in a batch")))
}

pub(crate) fn batch(schema: Schema, arrays: Vec<ArrayRef>) -> Result<RecordBatch, AuditError> {
    RecordBatch::try_new(Arc::new(schema), arrays).map_err(|error| internal(&error.to_string()))
}

/// Something that no input should cause.
pub(crate) fn internal(words: &str) -> AuditError {
    AuditError::new("", format!("the audit stopped: {words}"), "report this with the adapter").of_program()
}

/// The fact columns of a batch, ready to be read row by row.
pub(crate) struct FactReader<'a>(Vec<(FactPath, &'a ArrayRef)>);

impl<'a> FactReader<'a> {
    pub(crate) fn new(batch: &'a RecordBatch) -> Result<Self, AuditError> {
        let mut columns = Vec::new();
        for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
            if DECISION_COLUMNS.contains(&field.name().as_str()) {
                continue;
            }
            let path = field.name().parse().map_err(|error: gongdao_model::ModelError| internal(&error.message))?;
            columns.push((path, array));
        }
        Ok(Self(columns))
    }

    /// What is known of one decision.
    pub(crate) fn facts(&self, row: usize) -> Facts {
        let known = self.0.iter().filter(|(_, array)| array.is_valid(row));
        known.filter_map(|(path, array)| Some((path.clone(), value(array, row)?))).collect()
    }
}

/// The value in a row; none where it is missing.
pub(crate) fn value(array: &ArrayRef, row: usize) -> Option<FactValue> {
    if array.is_null(row) {
        return None;
    }
    if let DataType::Dictionary(..) = array.data_type() {
        let dictionary = array.as_dictionary_opt::<UInt32Type>()?;
        return value(dictionary.values(), dictionary.key(row)?);
    }
    Some(match array.data_type() {
        DataType::Boolean => FactValue::Bool(array.as_boolean().value(row)),
        DataType::Int64 => FactValue::Long(array.as_primitive::<Int64Type>().value(row)),
        DataType::Utf8 => FactValue::Text(array.as_string::<i32>().value(row).to_owned()),
        DataType::List(_) => {
            let list = array.as_list::<i32>().value(row);
            FactValue::TextSet(list.as_string::<i32>().iter().flatten().map(str::to_owned).collect())
        }
        _ => return None,
    })
}
