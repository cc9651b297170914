#[cfg(test)]
mod tests;

use crate::bits::Bits;
use crate::evaluate::{Column, MASK_WORDS, Masks};
use crate::program::Slot;
use crate::value::{Fault, ValueId, Values};
use arrow_array::cast::AsArray;
use arrow_array::downcast_dictionary_array;
use arrow_array::types::ArrowDictionaryKeyType;
use arrow_array::{Array, ArrayAccessor, ArrayRef, GenericListArray, OffsetSizeTrait, PrimitiveArray};
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;
use gongdao_model::{FactPath, FactValue};
use std::sync::Arc;

/// Texts and sets as numbers of values. Keeps the numbers of dictionaries that the next batch brings again.
#[derive(Debug, Default)]
pub(crate) struct Words {
    dictionaries: Vec<Dictionary>,
}

#[derive(Debug)]
struct Dictionary {
    fact: FactPath,
    /// Kept so that nobody else's array can have its address.
    words: ArrayRef,
    numbers: Vec<ValueId>,
    /// Whether each word stands in it once.
    is_plain: bool,
}

/// Dictionaries that are kept: about one a text fact.
const MOST_DICTIONARIES: usize = 256;

type Plain = fn(&Slot, &ArrayRef, &mut Values) -> Option<Vec<ValueId>>;

impl Words {
    /// Forget everything: numbers of values begin anew.
    pub(crate) fn clear(&mut self) {
        self.dictionaries.clear();
    }

    /// A column of texts; none where the array holds something else.
    pub(crate) fn texts(&mut self, slot: &Slot, array: &ArrayRef, values: &mut Values) -> Option<Vec<ValueId>> {
        self.column(slot, array, values, plain_texts)
    }

    /// A column of sets; none where the array holds something else.
    pub(crate) fn sets(&mut self, slot: &Slot, array: &ArrayRef, values: &mut Values) -> Option<Column> {
        match array.data_type() {
            DataType::List(_) => self.lists(slot, array.as_list::<i32>(), values),
            DataType::LargeList(_) => self.lists(slot, array.as_list::<i64>(), values),
            _ => self.column(slot, array, values, plain_sets).map(Column::Value),
        }
    }

    /// Few words: the members of a set are bits.
    fn lists<O: OffsetSizeTrait>(
        &mut self,
        slot: &Slot,
        array: &GenericListArray<O>,
        values: &mut Values,
    ) -> Option<Column> {
        let elements = array.values();
        let Some(dictionary) = elements.as_any_dictionary_opt().filter(|words| words.values().len() <= MASK_WORDS)
        else {
            return lists(slot, array, values).map(Column::Value);
        };
        let known = self.known(slot, dictionary.values(), values, plain_texts)?;
        if !known.is_plain {
            return lists(slot, array, values).map(Column::Value);
        }
        downcast_dictionary_array!(
            elements => Some(Column::Masks(masked(array, elements.keys(), &known.numbers))),
            _ => None,
        )
    }

    fn column(&mut self, slot: &Slot, array: &ArrayRef, values: &mut Values, plain: Plain) -> Option<Vec<ValueId>> {
        let Some(dictionary) = array.as_any_dictionary_opt() else { return plain(slot, array, values) };
        let known = self.known(slot, dictionary.values(), values, plain)?;
        downcast_dictionary_array!(
            array => Some(keyed(array.keys(), &known.numbers)),
            _ => None,
        )
    }

    fn known(&mut self, slot: &Slot, words: &ArrayRef, values: &mut Values, plain: Plain) -> Option<&Dictionary> {
        let is_known = |known: &Dictionary| known.fact == slot.path && Arc::ptr_eq(&known.words, words);
        let position = if let Some(position) = self.dictionaries.iter().position(is_known) {
            position
        } else {
            let numbers = plain(slot, words, values)?;
            if self.dictionaries.len() >= MOST_DICTIONARIES {
                self.dictionaries.remove(0);
            }
            let words = Arc::clone(words);
            let is_plain = Masks::can_hold(&numbers);
            self.dictionaries.push(Dictionary { fact: slot.path.clone(), words, numbers, is_plain });
            self.dictionaries.len() - 1
        };
        self.dictionaries.get(position)
    }
}

fn keyed<K: ArrowDictionaryKeyType>(keys: &PrimitiveArray<K>, numbers: &[ValueId]) -> Vec<ValueId> {
    let missing = Fault::Missing.id();
    let number = |key: &K::Native| numbers.get(key.as_usize()).copied().unwrap_or(missing);
    match keys.nulls() {
        None => keys.values().iter().map(number).collect(),
        Some(nulls) => {
            let pairs = keys.values().iter().zip(nulls.iter());
            pairs.map(|(key, is_known)| if is_known { number(key) } else { missing }).collect()
        }
    }
}

fn plain_texts(slot: &Slot, array: &ArrayRef, values: &mut Values) -> Option<Vec<ValueId>> {
    match array.data_type() {
        DataType::Utf8 => Some(strings(slot, array.as_string::<i32>(), values)),
        DataType::LargeUtf8 => Some(strings(slot, array.as_string::<i64>(), values)),
        DataType::Utf8View => Some(strings(slot, array.as_string_view(), values)),
        _ => None,
    }
}

fn strings<'a>(slot: &Slot, array: impl ArrayAccessor<Item = &'a str> + Copy, values: &mut Values) -> Vec<ValueId> {
    let mut last: Option<(&str, ValueId)> = None;
    let row = |row: usize| {
        if array.is_null(row) {
            return Fault::Missing.id();
        }
        let text = array.value(row);
        match last {
            // Equal words often follow each other.
            Some((known, id)) if known == text => id,
            _ => {
                let id = word(slot, text, values);
                last = Some((text, id));
                id
            }
        }
    };
    (0..array.len()).map(row).collect()
}

fn plain_sets(slot: &Slot, array: &ArrayRef, values: &mut Values) -> Option<Vec<ValueId>> {
    match array.data_type() {
        DataType::List(_) => lists(slot, array.as_list::<i32>(), values),
        DataType::LargeList(_) => lists(slot, array.as_list::<i64>(), values),
        _ => None,
    }
}

/// A set with a null in it, or with a word that the fact cannot have, is unknown.
fn lists<O: OffsetSizeTrait>(slot: &Slot, array: &GenericListArray<O>, values: &mut Values) -> Option<Vec<ValueId>> {
    let elements = array.values();
    let numbers = match elements.as_any_dictionary_opt() {
        Some(dictionary) => {
            let numbers = plain_texts(slot, dictionary.values(), values)?;
            downcast_dictionary_array!(
                elements => keyed(elements.keys(), &numbers),
                _ => return None,
            )
        }
        None if *elements.data_type() == DataType::Null => vec![Fault::Missing.id(); elements.len()],
        None => plain_texts(slot, elements, values)?,
    };
    let mut last: Option<(&[ValueId], ValueId)> = None;
    let mut result = Vec::with_capacity(array.len());
    for (row, bounds) in array.value_offsets().windows(2).enumerate() {
        let [from, to] = bounds else { continue };
        let set = match numbers.get(from.as_usize()..to.as_usize()) {
            Some(_) if array.is_null(row) => Fault::Missing.id(),
            Some(members) => match last {
                Some((known, id)) if known == members => id,
                _ => {
                    let id = values.set(members.iter().copied());
                    last = Some((members, id));
                    id
                }
            },
            None => Fault::Missing.id(),
        };
        result.push(set);
    }
    Some(result)
}

fn masked<O: OffsetSizeTrait, K: ArrowDictionaryKeyType>(
    array: &GenericListArray<O>,
    keys: &PrimitiveArray<K>,
    words: &[ValueId],
) -> Masks {
    let bit = |at: usize| match keys.values().get(at) {
        Some(key) if keys.is_valid(at) => 1_u64 << key.as_usize().min(MASK_WORDS),
        _ => 1 << MASK_WORDS,
    };
    let row = |bounds: &[O]| match bounds {
        [from, to] => (from.as_usize()..to.as_usize()).fold(0, |mask, at| mask | bit(at)),
        _ => 1 << MASK_WORDS,
    };
    let bits = array.value_offsets().windows(2).map(row).collect();
    let given = array.nulls().map(|nulls| Bits::of(nulls.len(), |row| nulls.is_valid(row)));
    Masks::new(words, bits, given.as_ref())
}

/// A word that the fact cannot have is a slip, and a slip is unknown.
fn word(slot: &Slot, text: &str, values: &mut Values) -> ValueId {
    if slot.words.is_empty() || slot.words.contains(text) { values.text(text) } else { Fault::Missing.id() }
}

/// One fact of one decision.
pub(crate) fn of_fact(slot: &Slot, value: Option<&FactValue>, values: &mut Values) -> ValueId {
    value.map_or(Fault::Missing.id(), |value| value_of(slot, value, values))
}

/// A known fact of one decision.
pub(crate) fn value_of(slot: &Slot, value: &FactValue, values: &mut Values) -> ValueId {
    match value {
        FactValue::Text(text) => word(slot, text, values),
        FactValue::TextSet(texts) => {
            let elements: Vec<ValueId> = texts.iter().map(|text| word(slot, text, values)).collect();
            values.set(elements)
        }
        FactValue::Bool(_) | FactValue::Long(_) => Fault::Missing.id(),
    }
}
