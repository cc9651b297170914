//! States of batches and their columns.

use super::{KEYS, NOON, PROBES, Said, any_initial, any_said, log, naive, words};
use crate::{AsOfIndex, Change, Sees, column_type};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int8Type, Int64Type, UInt32Type};
use arrow_array::{
    Array, ArrayRef, DictionaryArray, Int8Array, Int64Array, LargeStringArray, StringArray, StringViewArray,
};
use gongdao_model::FactValue;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

fn cell(column: &ArrayRef, row: usize) -> Option<FactValue> {
    if column.is_null(row) {
        return None;
    }
    let code = |column: &ArrayRef| column.as_dictionary::<UInt32Type>().keys().value(row) as usize;
    Some(match column.data_type() {
        arrow_schema::DataType::Boolean => FactValue::Bool(column.as_boolean().value(row)),
        arrow_schema::DataType::Int64 => FactValue::Long(column.as_primitive::<Int64Type>().value(row)),
        _ => {
            let values = column.as_any_dictionary().values();
            if let Some(sets) = values.as_list_opt::<i32>() {
                let set = sets.value(code(column));
                FactValue::TextSet(set.as_string::<i32>().iter().map(|word| word.unwrap().to_owned()).collect())
            } else {
                FactValue::Text(values.as_string::<i32>().value(code(column)).to_owned())
            }
        }
    })
}

/// The keys in each encoding that a reader may give.
fn encodings(keys: &[Option<&str>]) -> Vec<ArrayRef> {
    let texts = |keys: &[Option<&str>]| -> Vec<ArrayRef> {
        vec![
            Arc::new(StringArray::from(keys.to_vec())),
            Arc::new(LargeStringArray::from(keys.to_vec())),
            Arc::new(StringViewArray::from(keys.to_vec())),
        ]
    };
    let mut arrays = texts(keys);
    // A dictionary of few values, one of them null and one of them unused, and a null key; then a long dictionary.
    let mut words: Vec<Option<&str>> = KEYS.into_iter().map(Some).chain([None, Some("unused")]).collect();
    for _ in 0..2 {
        let position = |key: Option<&str>| i8::try_from(words.iter().position(|word| *word == key).unwrap()).unwrap();
        let codes = |(row, key): (usize, Option<&str>)| (key.is_some() || row % 2 == 0).then(|| position(key));
        let codes: Int8Array = keys.iter().copied().enumerate().map(codes).collect();
        for words in texts(&words) {
            arrays.push(Arc::new(DictionaryArray::<Int8Type>::try_new(codes.clone(), words).unwrap()));
        }
        words.extend([Some("unused too"); 100]);
    }
    arrays
}

proptest! {
    #[test]
    fn columns_hold_what_filtering_sorting_and_replaying_finds(
        said in prop::collection::vec(any_said(), 0..30),
        initial in any_initial(),
        probes in prop::collection::vec((prop::option::of(prop::sample::select(KEYS.to_vec())), PROBES), 0..40),
    ) {
        let index = log(&said).fold(&initial, Sees::Known, 1).unwrap();
        let at: Int64Array = probes.iter().map(|(_, ms)| NOON + ms).collect::<Vec<_>>().into();
        let keys: Vec<Option<&str>> = probes.iter().map(|(key, _)| *key).collect();
        for array in encodings(&keys) {
            let states = index.states(&array, &at).unwrap();
            let columns = index.columns(&states).unwrap();
            for ((path, column), (fact, kind)) in columns.iter().zip(index.facts()) {
                prop_assert_eq!((path, column.data_type(), column.len()), (fact, &column_type(*kind), keys.len()));
            }
            for (row, (key, ms)) in probes.iter().enumerate() {
                let found: Vec<_> = columns.iter().map(|(_, column)| cell(column, row)).collect();
                // Whose decision it is nobody knows, so nothing is known, not even initially.
                let expected = key.map_or(vec![None; 4], |key| naive::seen(&said, &initial, Sees::Known, key, *ms));
                prop_assert_eq!(found, expected, "{} {:?} at {}", array.data_type(), key, ms);
            }
        }
    }
}

fn of_p(change: Change) -> Said {
    Said { key: "p", at: Some(0), known_at: None, seq: None, fact: 3, change }
}

#[test]
fn a_slice_of_an_array_is_probed_by_its_own_rows() {
    let said = of_p(Change::Set(FactValue::TextSet(words(&["a"]))));
    let index = log(&[said]).fold(&BTreeMap::new(), Sees::Happened, 1).unwrap();
    let keys: Vec<Option<&str>> = vec![Some("p"), None, Some("q"), Some("p"), Some("p"), None];
    let at = Int64Array::from(vec![NOON - 1, NOON, NOON, NOON - 1, NOON, NOON]);
    for array in encodings(&keys) {
        let whole = index.states(&array, &at).unwrap();
        assert_eq!(index.states(&array.slice(2, 3), &at.slice(2, 3)).unwrap(), whole[2..5], "{}", array.data_type());
        assert_eq!((whole[0], whole[1], whole[5]), (AsOfIndex::INITIAL, AsOfIndex::NOTHING, AsOfIndex::NOTHING));
        assert!(whole[4] > AsOfIndex::NOTHING);
    }
}

#[test]
fn the_dictionary_of_a_fact_is_one_array_for_all_batches_until_a_new_value_comes() {
    let set = |words: &[&str]| Change::Set(FactValue::TextSet(super::words(words)));
    let mut live = log(&[of_p(set(&["a"]))]).open(&BTreeMap::new(), Sees::Happened, 1).unwrap();
    let values = |index: &AsOfIndex| {
        let columns = index.columns(&[index.latest("p"), AsOfIndex::NOTHING]).unwrap();
        Arc::clone(columns[3].1.as_any_dictionary().values())
    };
    let first = values(live.index());
    live.apply(&Said { at: Some(1), ..of_p(set(&["a"])) }.event()).unwrap();
    assert!(Arc::ptr_eq(&first, &values(live.index())));
    live.apply(&Said { at: Some(2), ..of_p(set(&["a", "b"])) }.event()).unwrap();
    assert_eq!((first.len(), values(live.index()).len()), (1, 2));
}

#[test]
fn an_index_without_events_or_without_facts_gives_columns_too() {
    let index = log(&[]).fold(&BTreeMap::new(), Sees::Happened, 1).unwrap();
    let columns = index.columns(&[AsOfIndex::INITIAL, AsOfIndex::NOTHING]).unwrap();
    assert!(columns.iter().all(|(_, column)| column.null_count() == 2 || column.logical_null_count() == 2));
    let index = crate::EventLog::new(Vec::new()).fold(&BTreeMap::new(), Sees::Happened, 1).unwrap();
    assert_eq!(index.columns(&[AsOfIndex::INITIAL, AsOfIndex::NOTHING]).unwrap().len(), 0);
}
