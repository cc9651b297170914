//! Facts on their way into columns of a program.

mod texts;

use crate::KernelError;
use crate::bits::Bits;
use crate::evaluate::{Column, Longs, Truth};
use crate::program::Slot;
use crate::value::Values;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_buffer::BooleanBuffer;
use arrow_schema::DataType;
use gongdao_model::{FactType, FactValue};
pub(crate) use texts::{Words, value_of};

/// One fact's column of a batch.
///
/// Errors: the array is not of the fact's type.
pub(crate) fn column(
    slot: &Slot,
    array: &ArrayRef,
    values: &mut Values,
    words: &mut Words,
) -> Result<Option<Column>, KernelError> {
    if *array.data_type() == DataType::Null {
        return Ok(None);
    }
    let wrong = || {
        let message =
            format!("column `{}` is `{}`, the fact is {}", slot.path, array.data_type(), kind_name(slot.kind));
        KernelError::new(message, "give it the type that docs/formats/decision.md names")
    };
    match slot.kind {
        FactType::Bool => array.as_boolean_opt().map(truth).map(Column::Truth).map(Some).ok_or_else(wrong),
        FactType::Long => {
            let numbers = array.as_primitive_opt::<Int64Type>().ok_or_else(wrong)?;
            let known = numbers.nulls().map_or_else(|| Bits::all(array.len()), |nulls| bits(nulls.inner()));
            Ok(Some(Column::Long(Longs { numbers: numbers.values().to_vec(), known })))
        }
        FactType::Text => words.texts(slot, array, values).map(Column::Value).map(Some).ok_or_else(wrong),
        FactType::TextSet => words.sets(slot, array, values).map(Some).ok_or_else(wrong),
    }
}

/// One fact of a few decisions that are not in columns.
pub(crate) fn from_facts(slot: &Slot, found: &[Option<&FactValue>], values: &mut Values) -> Option<Column> {
    if found.iter().all(Option::is_none) {
        return None;
    }
    let rows = found.len();
    let at = |row: usize| found.get(row).copied().flatten();
    Some(match slot.kind {
        FactType::Bool => Column::Truth(Truth {
            yes: Bits::of(rows, |row| matches!(at(row), Some(FactValue::Bool(true)))),
            no: Bits::of(rows, |row| matches!(at(row), Some(FactValue::Bool(false)))),
        }),
        FactType::Long => {
            let number = |value: Option<&FactValue>| match value {
                Some(FactValue::Long(number)) => Some(*number),
                _ => None,
            };
            Column::Long(Longs::from_options(found.iter().copied().map(number)))
        }
        FactType::Text | FactType::TextSet => {
            Column::Value(found.iter().map(|value| texts::of_fact(slot, *value, values)).collect())
        }
    })
}

fn truth(array: &BooleanArray) -> Truth {
    let set = bits(array.values());
    match array.nulls() {
        None => Truth { no: set.not(), yes: set },
        Some(nulls) => {
            let known = bits(nulls.inner());
            Truth { yes: set.and(&known), no: known.minus(&set) }
        }
    }
}

/// Arrow's bits, which may begin anywhere in a byte.
fn bits(buffer: &BooleanBuffer) -> Bits {
    let chunks = buffer.bit_chunks();
    Bits::from_words(chunks.iter_padded().collect(), buffer.len())
}

fn kind_name(kind: FactType) -> &'static str {
    match kind {
        FactType::Bool => "a Boolean",
        FactType::Long => "a 64-bit integer",
        FactType::Text => "a text",
        FactType::TextSet => "a list of texts",
    }
}
