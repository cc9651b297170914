//! A change of a file as a list of edits; all other bytes are copied as they are.

use crate::LabelError;
use crate::source::{Source, size};
use std::io::Write;

/// At byte `at` of the old file, `remove` bytes give way to `insert`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) at: u64,
    pub(crate) remove: u64,
    pub(crate) insert: Vec<u8>,
}

impl Edit {
    pub(crate) fn insert(at: u64, insert: Vec<u8>) -> Self {
        Self { at, remove: 0, insert }
    }

    pub(crate) fn cut(at: u64, remove: u64) -> Self {
        Self { at, remove, insert: Vec::new() }
    }

    pub(crate) fn replace(at: u64, remove: u64, insert: Vec<u8>) -> Self {
        Self { at, remove, insert }
    }

    /// New bytes over as many old ones.
    pub(crate) fn over(at: u64, insert: Vec<u8>) -> Self {
        Self { at, remove: size(&insert), insert }
    }
}

/// Edits in the order of the file, none over another.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edits(Vec<Edit>);

impl Edits {
    pub(crate) fn new(mut edits: Vec<Edit>) -> Result<Self, LabelError> {
        edits.sort_by_key(|edit| (edit.at, edit.remove));
        let mut end = 0;
        for edit in &edits {
            if edit.at < end {
                return Err(LabelError::malformed(edit.at, "two pieces of metadata lie over each other"));
            }
            end = edit.at.saturating_add(edit.remove);
        }
        Ok(Self(edits))
    }

    /// Where the byte that stood at `at` stands afterwards.
    pub(crate) fn moved(&self, at: u64) -> u64 {
        let before = self.0.iter().take_while(|edit| edit.at.saturating_add(edit.remove) <= at);
        before.fold(at, |at, edit| at.saturating_add(size(&edit.insert)).saturating_sub(edit.remove))
    }

    /// Write the changed file.
    pub(crate) fn apply(&self, source: &mut Source<'_>, sink: &mut dyn Write) -> Result<(), LabelError> {
        let mut at = 0;
        for edit in &self.0 {
            if edit.at.saturating_add(edit.remove) > source.length() {
                return Err(LabelError::malformed(edit.at, "a piece of metadata reaches past the end of the file"));
            }
            source.copy(at, edit.at.saturating_sub(at), sink)?;
            sink.write_all(&edit.insert)?;
            at = edit.at.saturating_add(edit.remove);
        }
        source.copy(at, source.length() - at, sink)?;
        sink.flush()?;
        Ok(())
    }
}
