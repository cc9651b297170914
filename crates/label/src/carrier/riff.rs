//! RIFF containers: chunks with little-endian lengths, padded to even; RF64 and BW64 (EBU Tech 3306) have 64-bit lengths
//! in a `ds64` chunk.

use super::Survey;
use crate::LabelError;
use crate::model::{Dialect, looks_like_label};
use crate::source::{Source, number, push, size};
use crate::splice::Edit;

/// The guide's chunk for WAV and AVI.
pub(crate) const LABEL: &[u8; 4] = b"AIGC";
const LENGTH_ELSEWHERE: u64 = 0xffff_ffff;

#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    pub(crate) id: [u8; 4],
    pub(crate) at: u64,
    pub(crate) length: u64,
}

impl Chunk {
    pub(crate) fn data_at(&self) -> u64 {
        self.at + 8
    }

    /// With head and padding.
    pub(crate) fn whole(&self) -> u64 {
        8 + self.length + self.length % 2
    }
}

/// A file's first RIFF chunk.
#[derive(Debug, Clone)]
pub(crate) struct Riff {
    /// Its end as its length says.
    pub(crate) end: u64,
    /// Where a `ds64` chunk keeps the length.
    long_size_at: Option<u64>,
    pub(crate) chunks: Vec<Chunk>,
    /// The last chunk says that it is longer than the file.
    pub(crate) is_cut: bool,
}

pub(crate) fn open(source: &mut Source<'_>) -> Result<Riff, LabelError> {
    let head = source.bytes(0, 12)?;
    let mut end = 8 + number::le32(&head, 4).map_or(0, u64::from);
    let mut long_size_at = None;
    let mut long_data = None;
    if !head.starts_with(b"RIFF") {
        let long = source.bytes(12, 24)?;
        if !long.starts_with(b"ds64") {
            return Err(LabelError::malformed(12, "a 64-bit RIFF file does not begin with `ds64`"));
        }
        long_size_at = Some(20);
        end = number::le64(&long, 8).unwrap_or(0).saturating_add(8);
        long_data = number::le64(&long, 16);
    }
    let (mut found, mut is_cut) = chunks(source, 12, end.min(source.length()), long_data)?;
    if is_cut && end < source.length() {
        // A length that is too small, in a file whose chunks end where the file does.
        let (all, is_still_cut) = chunks(source, 12, source.length(), long_data)?;
        if !is_still_cut && all.last().is_some_and(|last| last.at + last.whole() == source.length()) {
            (found, is_cut, end) = (all, false, source.length());
        }
    }
    let chunks = found;
    Ok(Riff { end, long_size_at, chunks, is_cut: is_cut || end > source.length() })
}

/// Chunks between two places; true if the last one says that it is longer than the room.
pub(crate) fn chunks(
    source: &mut Source<'_>,
    from: u64,
    to: u64,
    long_data: Option<u64>,
) -> Result<(Vec<Chunk>, bool), LabelError> {
    let mut chunks = Vec::new();
    let mut at = from;
    while at.checked_add(8).is_some_and(|head_end| head_end <= to) {
        let head = source.bytes(at, 8)?;
        let id = number::array(&head, 0).unwrap_or_default();
        let mut length = number::le32(&head, 4).map_or(0, u64::from);
        if length == LENGTH_ELSEWHERE
            && let Some(long) = long_data.filter(|_| &id == b"data")
        {
            length = long;
        }
        let is_cut = length > to - at - 8;
        if is_cut {
            length = to - at - 8;
        }
        let chunk = Chunk { id, at, length };
        at += chunk.whole();
        push(&mut chunks, chunk, from)?;
        if is_cut {
            return Ok((chunks, true));
        }
    }
    Ok((chunks, false))
}

impl Riff {
    /// The edit of the length field after `edits`.
    ///
    /// Errors: the file would need 64-bit lengths; the file is cut short, so that its end is unknown.
    pub(crate) fn resized(&self, edits: &[Edit]) -> Result<Edit, LabelError> {
        if self.is_cut {
            return Err(LabelError::malformed(self.end, "the file is shorter than its chunks say"));
        }
        let grown: u64 = edits.iter().map(|edit| size(&edit.insert)).sum();
        let shrunk: u64 = edits.iter().map(|edit| edit.remove).sum();
        let new = (self.end + grown).saturating_sub(shrunk + 8);
        match (self.long_size_at, u32::try_from(new)) {
            (Some(at), _) => Ok(Edit::over(at, new.to_le_bytes().to_vec())),
            (None, Ok(new)) => Ok(Edit::over(4, new.to_le_bytes().to_vec())),
            (None, Err(_)) => {
                Err(LabelError::refused("the file would be larger than 4 GiB", "save it as RF64, MKV or MP4"))
            }
        }
    }
}

/// A chunk with its head and padding.
pub(crate) fn chunk(id: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let pad = vec![0; data.len() % 2];
    [&id, &length.to_le_bytes()[..], data, &pad].concat()
}

/// The label chunks: at the top, and in `LIST INFO`.
pub(crate) struct Labels {
    pub(crate) top: Vec<Chunk>,
    pub(crate) info: Vec<Chunk>,
}

pub(crate) fn labels(source: &mut Source<'_>, riff: &Riff) -> Result<Labels, LabelError> {
    let top = riff.chunks.iter().filter(|chunk| &chunk.id == LABEL).cloned().collect();
    let mut info = Vec::new();
    for list in riff.chunks.iter().filter(|chunk| &chunk.id == b"LIST") {
        if source.head(list.data_at(), 4)? == b"INFO" {
            let (below, _) = chunks(source, list.data_at() + 4, list.data_at() + list.length, None)?;
            info.extend(below.into_iter().filter(|chunk| &chunk.id == LABEL));
        }
    }
    Ok(Labels { top, info })
}

/// Adds the label chunks and a C2PA chunk to a survey.
pub(crate) fn survey(source: &mut Source<'_>, riff: &Riff, kind: &str, survey: &mut Survey) -> Result<(), LabelError> {
    let labels = labels(source, riff)?;
    let places = labels.top.iter().map(|chunk| (chunk, "AIGC"));
    for (chunk, name) in places.chain(labels.info.iter().map(|chunk| (chunk, "LIST INFO AIGC"))) {
        let bytes = source.bytes(chunk.data_at(), chunk.length)?;
        let text = String::from_utf8_lossy(&bytes).trim_end_matches('\0').to_owned();
        let dialects: &[Dialect] = &[];
        if looks_like_label(&text) || !text.trim().is_empty() {
            survey.text(format!("{kind} {name}"), (chunk.data_at(), chunk.length), text, dialects);
        }
    }
    survey.credentials = riff.chunks.iter().find(|chunk| &chunk.id == b"C2PA").map(|chunk| chunk.at);
    Ok(())
}
