#[cfg(test)]
mod tests;

use crate::program::Slot;
use crate::value::{Fault, ValueId, Values};
use arrow_array::cast::AsArray;
use arrow_array::downcast_dictionary_array;
use arrow_array::types::ArrowDictionaryKeyType;
use arrow_array::{Array, ArrayAccessor, ArrayRef, GenericListArray, OffsetSizeTrait, PrimitiveArray};
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;
use gongdao_model::{FactPath, FactValue};
use std::collections::HashMap;
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
    /// Of a fact with sets: those met so far, by the bits of their words.
    sets: Sets,
}

type Sets = HashMap<u64, ValueId, foldhash::fast::RandomState>;

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
    pub(crate) fn sets(&mut self, slot: &Slot, array: &ArrayRef, values: &mut Values) -> Option<Vec<ValueId>> {
        match array.data_type() {
            DataType::List(_) => self.lists(slot, array.as_list::<i32>(), values),
            DataType::LargeList(_) => self.lists(slot, array.as_list::<i64>(), values),
            _ => self.column(slot, array, values, plain_sets),
        }
    }

    /// Few words: the members of a set are bits, and a set is looked up by its bits.
    fn lists<O: OffsetSizeTrait>(
        &mut self,
        slot: &Slot,
        array: &GenericListArray<O>,
        values: &mut Values,
    ) -> Option<Vec<ValueId>> {
        let elements = array.values();
        let Some(dictionary) = elements.as_any_dictionary_opt().filter(|words| words.values().len() <= MASK_BITS)
        else {
            return lists(slot, array, values);
        };
        let known = self.known(slot, dictionary.values(), values, plain_texts)?;
        downcast_dictionary_array!(
            elements => Some(masked(array, elements.keys(), known, values)),
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

    fn known(&mut self, slot: &Slot, words: &ArrayRef, values: &mut Values, plain: Plain) -> Option<&mut Dictionary> {
        let is_known = |known: &Dictionary| known.fact == slot.path && Arc::ptr_eq(&known.words, words);
        let position = if let Some(position) = self.dictionaries.iter().position(is_known) {
            position
        } else {
            let numbers = plain(slot, words, values)?;
            if self.dictionaries.len() >= MOST_DICTIONARIES {
                self.dictionaries.remove(0);
            }
            let words = Arc::clone(words);
            self.dictionaries.push(Dictionary { fact: slot.path.clone(), words, numbers, sets: Sets::default() });
            self.dictionaries.len() - 1
        };
        self.dictionaries.get_mut(position)
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

/// Words of a dictionary that a mask has a bit for; one bit more stands for null.
const MASK_BITS: usize = 63;

fn masked<O: OffsetSizeTrait, K: ArrowDictionaryKeyType>(
    array: &GenericListArray<O>,
    keys: &PrimitiveArray<K>,
    dictionary: &mut Dictionary,
    values: &mut Values,
) -> Vec<ValueId> {
    let Dictionary { numbers, sets, .. } = dictionary;
    let bit = |at: usize| match keys.values().get(at) {
        Some(key) if keys.is_valid(at) => 1_u64 << key.as_usize().min(MASK_BITS),
        _ => 1 << MASK_BITS,
    };
    let mut last = (0, ValueId::NONE);
    let row = |(row, bounds): (usize, &[O])| {
        let [from, to] = bounds else { return Fault::Missing.id() };
        if array.is_null(row) {
            return Fault::Missing.id();
        }
        let mask = (from.as_usize()..to.as_usize()).fold(0, |mask, at| mask | bit(at));
        if last.0 != mask || last.1 == ValueId::NONE {
            let set = sets.entry(mask).or_insert_with(|| values.set(members(mask, numbers)));
            last = (mask, *set);
        }
        last.1
    };
    array.value_offsets().windows(2).enumerate().map(row).collect()
}

/// The values whose bits are in a mask; a bit without a value is a fault.
fn members(mask: u64, numbers: &[ValueId]) -> impl Iterator<Item = ValueId> {
    let bits = (0..=MASK_BITS).filter(move |bit| mask >> bit & 1 == 1);
    bits.map(|bit| numbers.get(bit).copied().unwrap_or(Fault::Missing.id()))
}

/// A word that the fact cannot have is a slip, and a slip is unknown.
fn word(slot: &Slot, text: &str, values: &mut Values) -> ValueId {
    if slot.words.is_empty() || slot.words.contains(text) { values.text(text) } else { Fault::Missing.id() }
}

/// One fact of one decision.
pub(crate) fn of_fact(slot: &Slot, value: Option<&FactValue>, values: &mut Values) -> ValueId {
    match value {
        Some(FactValue::Text(text)) => word(slot, text, values),
        Some(FactValue::TextSet(texts)) => {
            let elements: Vec<ValueId> = texts.iter().map(|text| word(slot, text, values)).collect();
            values.set(elements)
        }
        _ => Fault::Missing.id(),
    }
}
