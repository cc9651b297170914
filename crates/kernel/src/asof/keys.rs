use super::error::{AsOfError, number};
use super::hash;
use hashbrown::HashTable;

/// Keys of persons or algorithms, each text once, numbered from 0 in the order first met.
#[derive(Debug, Default)]
pub(super) struct Keys {
    text: String,
    /// Where each key's text ends; it begins where the one before ends.
    ends: Vec<u32>,
    table: HashTable<u32>,
}

impl Keys {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn code(&self, key: &str, hash: u64) -> Option<u32> {
        self.table.find(hash, |code| self.bytes(*code) == key.as_bytes()).copied()
    }

    pub(super) fn intern(&mut self, key: &str, hash: u64) -> Result<u32, AsOfError> {
        if let Some(code) = self.code(key, hash) {
            return Ok(code);
        }
        let code = number(self.ends.len(), "keys")?;
        let end = number(self.text.len() + key.len(), "bytes of keys")?;
        self.text.push_str(key);
        self.ends.push(end);
        let Self { text, ends, table } = self;
        table.insert_unique(hash, code, |code| hash::of_bytes(bytes(text, ends, *code)));
        Ok(code)
    }

    /// The keys in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let mut from = 0;
        self.ends.iter().map(move |end| {
            let text = self.text.get(from..*end as usize).unwrap_or_default();
            from = *end as usize;
            text
        })
    }

    /// Give back what growing has reserved too much.
    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<u32>() + self.table.allocation_size()
    }

    fn bytes(&self, code: u32) -> &[u8] {
        bytes(&self.text, &self.ends, code)
    }
}

fn bytes<'a>(text: &'a str, ends: &[u32], code: u32) -> &'a [u8] {
    let code = code as usize;
    let from = code.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    let to = ends.get(code).copied().unwrap_or(from);
    text.as_bytes().get(from as usize..to as usize).unwrap_or_default()
}
