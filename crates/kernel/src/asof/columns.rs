//! The facts of states as columns.

use super::error::AsOfError;
use super::index::AsOfIndex;
use super::values::{TRUE, UNKNOWN, Values};
use arrow_array::types::UInt32Type;
use arrow_array::{ArrayRef, BooleanArray, DictionaryArray, Int64Array, UInt32Array};
use arrow_buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field};
use gongdao_model::{FactPath, FactType};
use std::sync::Arc;

/// The Arrow type of a fact's column: a text or a set is a dictionary, so that equal ones are kept, compared and judged
/// once.
pub fn column_type(kind: FactType) -> DataType {
    let dictionary = |of| DataType::Dictionary(Box::new(DataType::UInt32), Box::new(of));
    match kind {
        FactType::Bool => DataType::Boolean,
        FactType::Long => DataType::Int64,
        FactType::Text => dictionary(DataType::Utf8),
        FactType::TextSet => dictionary(DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)))),
    }
}

impl AsOfIndex {
    /// One column a fact, in the order of their numbers, of type [`column_type`], with one row for each of `states`;
    /// what is unknown is null. The dictionaries of texts and sets are the same arrays in every call until a value
    /// comes that is new.
    ///
    /// Fails if a number is of no state of this index.
    pub fn columns(&self, states: &[u32]) -> Result<Vec<(FactPath, ArrayRef)>, AsOfError> {
        if let Some(state) = states.iter().max().filter(|state| **state as usize >= self.states.len()) {
            let message = format!("the index has no state number `{state}`");
            return Err(AsOfError::new(message, "take the numbers from the same index"));
        }
        // Each state is read once, all its facts together.
        let mut numbers: Vec<Vec<u32>> = self.facts.iter().map(|_| Vec::with_capacity(states.len())).collect();
        for state in states {
            for (column, number) in numbers.iter_mut().zip(self.states.row(*state)) {
                column.push(*number);
            }
        }
        let mut columns = Vec::with_capacity(self.facts.len());
        for ((fact, (path, _)), numbers) in self.facts.iter().enumerate().zip(&numbers) {
            let Some(values) = self.states.values(fact) else { continue };
            let array = array(values, numbers);
            columns.push((path.clone(), array.map_err(|error| AsOfError::of_arrow(&error))?));
        }
        Ok(columns)
    }
}

fn array(values: &Values, numbers: &[u32]) -> Result<ArrayRef, ArrowError> {
    let is = |wanted: fn(u32) -> bool| {
        BooleanBuffer::collect_bool(numbers.len(), |row| numbers.get(row).is_some_and(|number| wanted(*number)))
    };
    let nulls = Some(NullBuffer::new(is(|number| number != UNKNOWN))).filter(|nulls| nulls.null_count() > 0);
    Ok(match values.kind() {
        FactType::Bool => Arc::new(BooleanArray::new(is(|number| number == TRUE), nulls)),
        FactType::Long => {
            let longs = values.longs();
            let long = |number: &u32| longs.get(*number as usize).copied().unwrap_or(0);
            let longs: ScalarBuffer<i64> = numbers.iter().map(long).collect();
            Arc::new(Int64Array::try_new(longs, nulls)?)
        }
        FactType::Text | FactType::TextSet => {
            let keys: ScalarBuffer<u32> = numbers.iter().map(|number| number.saturating_sub(1)).collect();
            let keys = UInt32Array::try_new(keys, nulls)?;
            Arc::new(DictionaryArray::<UInt32Type>::try_new(keys, Arc::clone(values.array()))?)
        }
    })
}
