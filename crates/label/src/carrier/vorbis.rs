//! Vorbis comments, shared by FLAC and Ogg: `AIGC=…`.

use crate::source::number;
use std::ops::Range;

/// A block of comments: where each stands, and where they end.
pub(crate) struct Comments {
    vendor_end: usize,
    entries: Vec<Range<usize>>,
    end: usize,
}

const NAME: &[u8] = b"AIGC=";

/// Reads a block; `None` if it is broken.
pub(crate) fn read(block: &[u8]) -> Option<Comments> {
    let length = |at| number::le32(block, at).and_then(|length| usize::try_from(length).ok());
    let vendor_end = 4_usize.checked_add(length(0)?)?;
    let count = length(vendor_end)?;
    let mut at = vendor_end + 4;
    let mut entries = Vec::new();
    for _ in 0..count {
        let start = at + 4;
        let end = start.checked_add(length(at)?)?;
        block.get(start..end)?;
        entries.push(start..end);
        at = end;
    }
    Some(Comments { vendor_end, entries, end: at })
}

impl Comments {
    /// Values of the label's comments, with their places in the block.
    pub(crate) fn labels(&self, block: &[u8]) -> Vec<(Range<usize>, String)> {
        let value = |range: &Range<usize>| {
            let bytes = block.get(range.clone()).filter(|bytes| is_label(bytes))?;
            let text = String::from_utf8_lossy(bytes.get(NAME.len()..)?).into_owned();
            Some((range.start + NAME.len()..range.end, text))
        };
        self.entries.iter().filter_map(value).collect()
    }

    /// The block with `json` as its only label; what follows the comments stays.
    pub(crate) fn relabel(&self, block: &[u8], json: &str) -> Vec<u8> {
        let kept: Vec<&[u8]> =
            self.entries.iter().filter_map(|range| block.get(range.clone())).filter(|bytes| !is_label(bytes)).collect();
        let own = [NAME, json.as_bytes()].concat();
        let mut new = block.get(..self.vendor_end).unwrap_or_default().to_vec();
        let length = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
        new.extend(length(kept.len() + 1));
        for entry in kept.into_iter().chain([&own[..]]) {
            new.extend(length(entry.len()));
            new.extend(entry);
        }
        new.extend(block.get(self.end..).unwrap_or_default());
        new
    }
}

/// A block with nothing but the label.
pub(crate) fn block(json: &str) -> Vec<u8> {
    let empty = [0; 8];
    read(&empty).map(|comments| comments.relabel(&empty, json)).unwrap_or_default()
}

/// Names of comments are case-insensitive.
fn is_label(comment: &[u8]) -> bool {
    comment.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME))
}
