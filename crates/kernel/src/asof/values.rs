use super::changes::heap_bytes;
use super::error::{AsOfError, number};
use super::hash;
use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, StringArray};
use gongdao_model::{FactType, FactValue};
use hashbrown::HashTable;
use std::sync::{Arc, OnceLock};

/// The number of "unknown" among the values of a fact.
pub(super) const UNKNOWN: u32 = 0;
/// The number of `true` among the values of a `Bool` fact; that of `false` is 1.
pub(super) const TRUE: u32 = 2;

/// Distinct values of one fact, numbered from 1 in the order first met; 0 is "unknown".
#[derive(Debug)]
pub(super) struct Values {
    kind: FactType,
    list: Vec<FactValue>,
    table: HashTable<u32>,
    /// Of a `Long` fact the values by number; that of "unknown" stands for nothing.
    longs: Vec<i64>,
    /// Bytes and words that the array below will hold; its offsets have 31 bits.
    text_bytes: usize,
    words: usize,
    heap_bytes: usize,
    /// All values of a text or set as an array, built when first asked for.
    array: OnceLock<ArrayRef>,
}

impl Values {
    pub(super) fn new(kind: FactType) -> Self {
        // Known beforehand, so that a column of them needs no look at the values.
        let bools = [FactValue::Bool(false), FactValue::Bool(true)];
        Self {
            kind,
            list: if kind == FactType::Bool { bools.to_vec() } else { Vec::new() },
            table: HashTable::new(),
            longs: vec![0],
            text_bytes: 0,
            words: 0,
            heap_bytes: 0,
            array: OnceLock::new(),
        }
    }

    pub(super) fn kind(&self) -> FactType {
        self.kind
    }

    pub(super) fn longs(&self) -> &[i64] {
        &self.longs
    }

    pub(super) fn value(&self, number: u32) -> Option<&FactValue> {
        self.list.get((number as usize).checked_sub(1)?)
    }

    /// INVARIANT: the value is of the fact's type; the log has checked it.
    pub(super) fn intern(&mut self, value: &FactValue) -> Result<u32, AsOfError> {
        if let FactValue::Bool(truth) = value {
            return Ok(if *truth { TRUE } else { TRUE - 1 });
        }
        let hash = hash::of_value(value);
        let Self { list, table, .. } = self;
        let position = |code: &u32| (*code as usize).wrapping_sub(1);
        if let Some(code) = table.find(hash, |code| list.get(position(code)) == Some(value)) {
            return Ok(*code);
        }
        let code = number(list.len() + 1, "distinct values of one fact")?;
        let (words, text_bytes) = size_of_text(value);
        fits(self.text_bytes + text_bytes, "bytes of distinct texts of one fact")?;
        fits(self.words + words, "words in distinct sets of one fact")?;
        list.push(value.clone());
        table.insert_unique(hash, code, |code| list.get(position(code)).map_or(0, hash::of_value));
        if let FactValue::Long(value) = value {
            self.longs.push(*value);
        }
        self.text_bytes += text_bytes;
        self.words += words;
        self.heap_bytes += heap_bytes(value);
        self.array = OnceLock::new();
        Ok(code)
    }

    /// The values of a text or set in the order of their numbers, the first at 0; one array for all callers until
    /// a value comes that is new.
    pub(super) fn array(&self) -> &ArrayRef {
        self.array.get_or_init(|| {
            if self.kind == FactType::TextSet {
                let mut sets = ListBuilder::new(StringBuilder::with_capacity(self.words, self.text_bytes));
                for value in &self.list {
                    if let FactValue::TextSet(words) = value {
                        for word in words {
                            sets.values().append_value(word);
                        }
                    }
                    sets.append(true);
                }
                return Arc::new(sets.finish());
            }
            let texts =
                self.list.iter().map(|value| if let FactValue::Text(text) = value { text.as_str() } else { "" });
            Arc::new(StringArray::from_iter_values(texts))
        })
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.list.capacity() * size_of::<FactValue>()
            + self.table.allocation_size()
            + self.longs.capacity() * size_of::<i64>()
            + self.heap_bytes
            + self.array.get().map_or(0, |array| array.get_array_memory_size())
    }
}

/// Words of a set and bytes of text.
fn size_of_text(value: &FactValue) -> (usize, usize) {
    match value {
        FactValue::Bool(_) | FactValue::Long(_) => (0, 0),
        FactValue::Text(text) => (0, text.len()),
        FactValue::TextSet(words) => (words.len(), words.iter().map(String::len).sum()),
    }
}

fn fits(count: usize, what: &str) -> Result<(), AsOfError> {
    if i32::try_from(count).is_ok() {
        return Ok(());
    }
    Err(AsOfError::new(
        format!("an index holds at most 2,147,483,647 {what}"),
        "divide the event log by key with `partition` and fold each part on its own",
    ))
}
