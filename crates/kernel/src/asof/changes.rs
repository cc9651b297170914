use super::error::{AsOfError, number};
use super::{Change, hash};
use gongdao_model::FactValue;
use hashbrown::HashTable;
use std::collections::BTreeSet;

/// Distinct changes of facts, numbered from 0 in the order first met.
#[derive(Debug, Default)]
pub(super) struct Changes {
    list: Vec<(u32, Change)>,
    table: HashTable<u32>,
    text_bytes: usize,
}

impl Changes {
    pub(super) fn intern(&mut self, fact: u32, change: &Change) -> Result<u32, AsOfError> {
        let Self { list, table, .. } = self;
        let hash = hash_of(fact, change);
        let same = |code: &u32| list.get(*code as usize).is_some_and(|(of, known)| *of == fact && known == change);
        if let Some(code) = table.find(hash, same) {
            return Ok(*code);
        }
        let code = number(list.len(), "distinct changes")?;
        list.push((fact, change.clone()));
        self.text_bytes += text_bytes(change);
        table.insert_unique(hash, code, |code| {
            list.get(*code as usize).map_or(0, |(fact, change)| hash_of(*fact, change))
        });
        Ok(code)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(u32, Change)> {
        self.list.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn at(&self, code: u32) -> Option<&(u32, Change)> {
        self.list.get(code as usize)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.list.capacity() * size_of::<(u32, Change)>() + self.table.allocation_size() + self.text_bytes
    }
}

fn hash_of(fact: u32, change: &Change) -> u64 {
    let (kind, of_change) = match change {
        Change::Set(value) => (0, hash::of_value(value)),
        Change::Forget => (1, 0),
        Change::Add(words) => (2, hash::of_words(words.iter())),
        Change::Remove(words) => (3, hash::of_words(words.iter())),
    };
    of_change.rotate_left(7) ^ hash::of_numbers([fact, kind].into_iter())
}

fn text_bytes(change: &Change) -> usize {
    match change {
        Change::Set(value) => heap_bytes(value),
        Change::Forget => 0,
        Change::Add(words) | Change::Remove(words) => heap_bytes_of_words(words),
    }
}

/// What a value keeps outside itself, about: how a set lays out its words is the standard library's affair.
pub(super) fn heap_bytes(value: &FactValue) -> usize {
    match value {
        FactValue::Bool(_) | FactValue::Long(_) => 0,
        FactValue::Text(text) => text.capacity(),
        FactValue::TextSet(words) => heap_bytes_of_words(words),
    }
}

fn heap_bytes_of_words(words: &BTreeSet<String>) -> usize {
    words.iter().map(|word| word.capacity() + 2 * size_of::<String>()).sum()
}
