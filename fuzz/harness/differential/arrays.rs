//! Columns in every layout that the kernel promises to read, cut out of longer arrays.

use super::packs::Fact;
use super::pools::TEXTS;
use super::rows::{Cell, Row};
use super::{Draw, Tally};
use arrow_array::types::{
    ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, GenericListArray, Int64Array, LargeStringArray, NullArray,
    OffsetSizeTrait, PrimitiveArray, RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray,
};
use arrow_buffer::{ArrowNativeType, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{Field, Schema};
use gongdao_model::FactType;
use std::sync::Arc;

type Words = Vec<Option<&'static str>>;

/// Makes the columns of batches. Some batches share the arrays of their dictionaries, as those of one file do.
pub(crate) struct Columns {
    shared: [ArrayRef; 3],
}

impl Columns {
    pub(crate) fn new(draw: &mut Draw<'_>) -> Self {
        let mut words: Words = TEXTS.into_iter().map(Some).collect();
        words.extend([None, Some(TEXTS[1]), Some(TEXTS[8])]);
        Self { shared: std::array::from_fn(|layout| plain(draw, layout, &words)) }
    }

    /// The batch of some rows, its columns in any order.
    pub(crate) fn batch(&self, draw: &mut Draw<'_>, facts: &[Fact], rows: &[&Row], tally: &mut Tally) -> RecordBatch {
        let mut columns = vec![("at".to_owned(), instants(draw, rows))];
        let action: Words = rows.iter().map(|row| Some(row.action)).collect();
        columns.push(("action".to_owned(), self.cut(draw, &action, |columns, draw, words| columns.texts(draw, words))));
        if rows.iter().any(|row| row.place.is_some()) || draw.one_in(2) {
            let place: Words = rows.iter().map(|row| row.place).collect();
            columns
                .push(("place".to_owned(), self.cut(draw, &place, |columns, draw, words| columns.texts(draw, words))));
        }
        if draw.one_in(4) {
            columns.push(("_row".to_owned(), Arc::new(NullArray::new(rows.len()))));
        }
        for (index, fact) in facts.iter().enumerate() {
            let cells: Vec<&Cell> = rows.iter().filter_map(|row| row.cells.get(index)).collect();
            if cells.iter().all(|cell| **cell == Cell::Missing) && draw.one_in(2) {
                if draw.one_in(2) {
                    columns.push((fact.path.to_string(), Arc::new(NullArray::new(rows.len()))));
                }
                continue;
            }
            let array = self.fact(draw, fact, &cells);
            tally.layout(array.data_type());
            columns.push((fact.path.to_string(), array));
        }
        draw.shuffle(&mut columns);
        let fields: Vec<Field> =
            columns.iter().map(|(name, array)| Field::new(name, array.data_type().clone(), true)).collect();
        let arrays = columns.into_iter().map(|(_, array)| array).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
    }

    /// An array of more elements, of which the middle is taken.
    fn cut<T: Clone>(
        &self,
        draw: &mut Draw<'_>,
        elements: &[T],
        array: impl Fn(&Self, &mut Draw<'_>, &[T]) -> ArrayRef,
    ) -> ArrayRef {
        if draw.one_in(2) || elements.is_empty() {
            return array(self, draw, elements);
        }
        let more = |draw: &mut Draw<'_>| {
            let count = draw.below(70);
            (0..count).map(|_| elements[draw.below(elements.len())].clone()).collect::<Vec<_>>()
        };
        let (before, after) = (more(draw), more(draw));
        let all = [before.as_slice(), elements, &after].concat();
        array(self, draw, &all).slice(before.len(), elements.len())
    }

    fn fact(&self, draw: &mut Draw<'_>, fact: &Fact, cells: &[&Cell]) -> ArrayRef {
        match fact.kind {
            FactType::Bool => self.cut(draw, cells, |_, draw, cells| {
                let value = |draw: &mut Draw<'_>, cell: &Cell| match cell {
                    Cell::Bool(value) => *value,
                    // What stands below a null does not count.
                    _ => draw.one_in(2),
                };
                let values: Vec<bool> = cells.iter().map(|cell| value(draw, cell)).collect();
                Arc::new(BooleanArray::new(
                    values.into(),
                    nulls(draw, cells.iter().map(|cell| **cell != Cell::Missing)),
                ))
            }),
            FactType::Long => self.cut(draw, cells, |_, draw, cells| {
                let value = |draw: &mut Draw<'_>, cell: &Cell| match cell {
                    Cell::Long(value) => *value,
                    _ => super::pools::long(draw),
                };
                let values: Vec<i64> = cells.iter().map(|cell| value(draw, cell)).collect();
                let nulls = nulls(draw, cells.iter().map(|cell| **cell != Cell::Missing));
                Arc::new(Int64Array::new(values.into(), nulls))
            }),
            FactType::Text => {
                let words: Words = cells
                    .iter()
                    .map(|cell| match cell {
                        Cell::Text(word) => Some(*word),
                        _ => None,
                    })
                    .collect();
                self.cut(draw, &words, |columns, draw, words| columns.texts(draw, words))
            }
            FactType::TextSet => {
                let sets: Vec<Option<Words>> = cells
                    .iter()
                    .map(|cell| match cell {
                        Cell::Texts(words) => Some(words.clone()),
                        _ => None,
                    })
                    .collect();
                self.cut(draw, &sets, |columns, draw, sets| columns.sets(draw, sets))
            }
        }
    }

    fn texts(&self, draw: &mut Draw<'_>, words: &[Option<&'static str>]) -> ArrayRef {
        let layout = draw.below(3);
        if draw.one_in(2) {
            return plain(draw, layout, words);
        }
        self.dictionary(draw, words)
    }

    /// A dictionary of its own, or one that other columns and batches have too.
    fn dictionary(&self, draw: &mut Draw<'_>, words: &[Option<&'static str>]) -> ArrayRef {
        let layout = draw.below(3);
        if draw.one_in(2) && words.iter().flatten().all(|word| TEXTS.contains(word)) {
            let position = |word: &str| TEXTS.iter().position(|known| *known == word);
            // Null by its key or by the word that its key stands for; the same word in two places.
            let keys = words.iter().map(|word| match word {
                None => Some(TEXTS.len()).filter(|_| draw.one_in(2)),
                Some(word) if *word == TEXTS[1] && draw.one_in(2) => Some(TEXTS.len() + 1),
                Some(word) => position(word),
            });
            let keys = keys.collect();
            return keyed(draw, keys, Arc::clone(&self.shared[layout]));
        }
        let mut own: Words = words.iter().filter(|word| word.is_some()).copied().collect();
        own.sort_unstable();
        own.dedup();
        own.extend([None, Some("in no row")]);
        draw.shuffle(&mut own);
        let keys = words.iter().map(|word| own.iter().position(|known| known == word));
        let keys = keys.zip(words).map(|(key, word)| key.filter(|_| word.is_some() || draw.one_in(2))).collect();
        let values = plain(draw, layout, &own);
        keyed(draw, keys, values)
    }

    fn sets(&self, draw: &mut Draw<'_>, sets: &[Option<Words>]) -> ArrayRef {
        if draw.one_in(3) {
            let mut own: Vec<Option<Words>> = sets.to_vec();
            own.sort_unstable();
            own.dedup();
            own.push(None);
            draw.shuffle(&mut own);
            let keys = sets.iter().map(|set| own.iter().position(|known| known == set));
            let keys = keys.zip(sets).map(|(key, set)| key.filter(|_| set.is_some() || draw.one_in(2))).collect();
            let values = self.cut(draw, &own, |columns, draw, sets| columns.lists(draw, sets));
            return keyed(draw, keys, values);
        }
        self.lists(draw, sets)
    }

    fn lists(&self, draw: &mut Draw<'_>, sets: &[Option<Words>]) -> ArrayRef {
        let mut words: Words = Vec::new();
        let mut lengths = Vec::with_capacity(sets.len());
        for set in sets {
            let before = words.len();
            match set {
                Some(set) => words.extend(set),
                // What stands below a null does not count.
                None if draw.one_in(2) => words.extend([Some("a"), None]),
                None => {}
            }
            lengths.push(words.len() - before);
        }
        let known = nulls(draw, sets.iter().map(Option::is_some));
        let are_empty = words.iter().all(Option::is_none) && draw.one_in(2);
        let elements: ArrayRef =
            if are_empty { Arc::new(NullArray::new(words.len())) } else { self.texts(draw, &words) };
        if draw.one_in(3) { list::<i64>(elements, lengths, known) } else { list::<i32>(elements, lengths, known) }
    }
}

fn list<O: OffsetSizeTrait>(elements: ArrayRef, lengths: Vec<usize>, nulls: Option<NullBuffer>) -> ArrayRef {
    let field = Arc::new(Field::new("item", elements.data_type().clone(), true));
    Arc::new(GenericListArray::<O>::new(field, OffsetBuffer::from_lengths(lengths), elements, nulls))
}

/// None where nothing is null, or one that says so.
fn nulls(draw: &mut Draw<'_>, known: impl Iterator<Item = bool>) -> Option<NullBuffer> {
    let nulls = known.collect::<NullBuffer>();
    (nulls.null_count() > 0 || draw.one_in(2)).then_some(nulls)
}

fn plain(draw: &mut Draw<'_>, layout: usize, words: &[Option<&str>]) -> ArrayRef {
    let array: ArrayRef = match layout {
        0 => Arc::new(StringArray::from_iter(words)),
        1 => Arc::new(LargeStringArray::from_iter(words)),
        _ => Arc::new(StringViewArray::from_iter(words)),
    };
    // With what stands below a null, and without.
    if draw.one_in(2) { array } else { array.slice(0, array.len()) }
}

fn keyed(draw: &mut Draw<'_>, keys: Vec<Option<usize>>, values: ArrayRef) -> ArrayRef {
    let fits_a_byte = values.len() <= 127;
    match draw.below(if fits_a_byte { 8 } else { 6 }) {
        0 => keyed_by::<Int16Type>(keys, values),
        1 => keyed_by::<Int32Type>(keys, values),
        2 => keyed_by::<Int64Type>(keys, values),
        3 => keyed_by::<UInt16Type>(keys, values),
        4 => keyed_by::<UInt32Type>(keys, values),
        5 => keyed_by::<UInt64Type>(keys, values),
        6 => keyed_by::<Int8Type>(keys, values),
        _ => keyed_by::<UInt8Type>(keys, values),
    }
}

fn keyed_by<K: ArrowDictionaryKeyType>(keys: Vec<Option<usize>>, values: ArrayRef) -> ArrayRef {
    let nulls = keys.iter().map(Option::is_some).collect::<NullBuffer>();
    let nulls = Some(nulls).filter(|nulls| nulls.null_count() > 0);
    let keys: Vec<K::Native> = keys.into_iter().map(|key| K::Native::usize_as(key.unwrap_or(0))).collect();
    let keys = PrimitiveArray::<K>::new(ScalarBuffer::from(keys), nulls);
    Arc::new(DictionaryArray::new(keys, values))
}

fn instants(draw: &mut Draw<'_>, rows: &[&Row]) -> ArrayRef {
    let at: Vec<i64> = rows.iter().map(|row| row.at).collect();
    // Parts of a millisecond are cut off.
    let finer = |draw: &mut Draw<'_>, factor: i64| -> Vec<i64> {
        at.iter().map(|at| at * factor + i64::try_from(draw.bits() % factor.unsigned_abs()).unwrap()).collect()
    };
    match draw.below(5) {
        0 if at.iter().all(|at| at % 1_000 == 0) => {
            Arc::new(TimestampSecondArray::from(at.iter().map(|at| at / 1_000).collect::<Vec<_>>()))
        }
        1 => Arc::new(TimestampMillisecondArray::from(at).with_timezone("+08:00")),
        2 => Arc::new(TimestampMicrosecondArray::from(finer(draw, 1_000))),
        3 => Arc::new(TimestampNanosecondArray::from(finer(draw, 1_000_000)).with_timezone("UTC")),
        _ => {
            let all = [&[0], at.as_slice()].concat();
            Arc::new(Int64Array::from(all).slice(1, at.len()))
        }
    }
}
