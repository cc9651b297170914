//! Sets have the same numbers however the batch lays them out.

use super::Words;
use crate::evaluate::Column;
use crate::program::Slot;
use crate::value::{Fault, ValueId, Values};
use arrow_array::builder::{ListBuilder, StringBuilder, StringDictionaryBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef};
use gongdao_model::FactType;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A row is unknown, or a list of words, of which one may be unknown.
type Row = Option<Vec<Option<usize>>>;

fn slot(words: &[String]) -> Slot {
    let words: BTreeSet<String> = words.iter().cloned().collect();
    Slot { path: "context.tagsUsed".parse().expect("a fact"), kind: FactType::TextSet, words }
}

fn plain(rows: &[Row], words: &[String]) -> ArrayRef {
    let mut lists = ListBuilder::new(StringBuilder::new());
    for row in rows {
        for word in row.iter().flatten() {
            lists.values().append_option(word.map(|word| &words[word]));
        }
        lists.append(row.is_some());
    }
    Arc::new(lists.finish())
}

fn keyed(rows: &[Row], words: &[String]) -> ArrayRef {
    let mut lists = ListBuilder::new(StringDictionaryBuilder::<Int32Type>::new());
    for row in rows {
        for word in row.iter().flatten() {
            lists.values().append_option(word.map(|word| &words[word]));
        }
        lists.append(row.is_some());
    }
    Arc::new(lists.finish())
}

/// One row at a time, by the definition: a set with an unknown word, or with one that the fact cannot have, is unknown.
fn expected(rows: &[Row], words: &[String], known: &[String], values: &mut Values) -> Vec<ValueId> {
    let number = |word: &Option<usize>, values: &mut Values| match word {
        Some(word) if known.is_empty() || known.contains(&words[*word]) => values.text(&words[*word]),
        _ => Fault::Missing.id(),
    };
    let set = |row: &Row| match row {
        None => Fault::Missing.id(),
        Some(row) => {
            let row: Vec<ValueId> = row.iter().map(|word| number(word, values)).collect();
            values.set(row)
        }
    };
    rows.iter().map(set).collect()
}

fn check(count: usize, rows: &[Row], known: usize) {
    let words: Vec<String> = (0..count).map(|word| format!("word-{word}")).collect();
    let slot = slot(&words[..known.min(count)]);
    let mut values = Values::new();
    let expected = expected(rows, &words, &words[..known.min(count)], &mut values);
    let mut memory = Words::default();
    for array in [plain(rows, &words), keyed(rows, &words)] {
        let half = rows.len() / 2;
        // Twice the same dictionary: what the first batch met is remembered.
        for (array, expected) in
            [(array.slice(0, half), &expected[..half]), (array.slice(half, rows.len() - half), &expected[half..])]
        {
            let found = match memory.sets(&slot, &array, &mut values).expect("a column of sets") {
                Column::Masks(masks) => masks.to_values(&mut values),
                column => column.values().to_vec(),
            };
            assert_eq!(found, expected);
        }
    }
}

fn rows(words: usize) -> impl Strategy<Value = Vec<Row>> {
    let word = prop_oneof![12 => (0..words).prop_map(Some), 1 => Just(None)];
    let row = prop_oneof![6 => proptest::collection::vec(word, 0..6).prop_map(Some), 1 => Just(None)];
    proptest::collection::vec(row, 0..40)
}

proptest! {
    #[test]
    fn few_words_as_bits_and_many_as_lists(
        (words, rows) in prop_oneof![Just(5_usize), Just(63), Just(64), Just(200)]
            .prop_flat_map(|words| (Just(words), rows(words))),
        known in prop_oneof![Just(0_usize), Just(3), Just(200)],
    ) {
        check(words, &rows, known);
    }
}
