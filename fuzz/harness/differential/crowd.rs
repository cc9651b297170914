//! So many words, dictionaries and places that the kernel forgets what it kept.

use super::packs::{ACTIONS, Fact};
use super::{Draw, Tally};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int64Array, RecordBatch, StringArray};
use gongdao_kernel::Judge;
use gongdao_model::FactType;
use std::sync::Arc;

/// More than the values that are kept from batch to batch.
const WORDS: usize = 270_000;
/// More than the dictionaries that are kept.
const DICTIONARIES: usize = 260;
/// More than the places that are kept by their text.
const PLACES: usize = 100_001;

/// Judge batches whose verdicts nobody looks at: with many words and places, or with many dictionaries. Not with both:
/// the second would push out what the first makes wrong to keep.
pub(crate) fn fill(draw: &mut Draw<'_>, judge: &mut Judge, facts: &[Fact], tally: &mut Tally) {
    tally.crowds += 1;
    let free = |fact: &&Fact| fact.kind == FactType::Text && fact.words.is_empty();
    let facts: Vec<String> = facts.iter().filter(free).map(|fact| fact.path.to_string()).collect();
    let columns = |rows: usize, texts: &dyn Fn() -> ArrayRef, place: ArrayRef| {
        let at: ArrayRef = Arc::new(Int64Array::from(vec![1_700_000_000_000; rows]));
        let action: ArrayRef = Arc::new(StringArray::from_iter_values(std::iter::repeat_n(ACTIONS[0], rows)));
        let fixed = [("at".to_owned(), at), ("action".to_owned(), action), ("place".to_owned(), place)];
        let facts = facts.iter().map(|name| (name.clone(), texts()));
        RecordBatch::try_from_iter(fixed.into_iter().chain(facts)).unwrap()
    };
    if draw.one_in(2) {
        for _ in 0..DICTIONARIES {
            let one = || Arc::new(["of one batch"].into_iter().collect::<DictionaryArray<Int32Type>>()) as ArrayRef;
            judge.judge(&columns(1, &one, Arc::new(StringArray::from(vec!["440000"])))).unwrap();
        }
        return;
    }
    let words = || Arc::new(StringArray::from_iter_values((0..WORDS).map(|row| format!("word {row}")))) as ArrayRef;
    let places = StringArray::from_iter_values((0..WORDS).map(|row| format!("{:06}", row % PLACES)));
    judge.judge(&columns(WORDS, &words, Arc::new(places))).unwrap();
}
