//! AVI: a chunk `AIGC` in a `LIST INFO`. Indexes hold places in the file, so nothing before them may move: the list goes to
//! the end of the first RIFF chunk, or into unused room (`JUNK`) where more RIFF chunks follow.

use super::riff::{self, Chunk};
use super::{Survey, riff::Riff};
use crate::LabelError;
use crate::model::Label;
use crate::source::{Source, size};
use crate::splice::Edit;

pub(crate) fn survey(source: &mut Source<'_>) -> Result<Survey, LabelError> {
    let riff = riff::open(source)?;
    let mut survey = Survey::default();
    riff::survey(source, &riff, "AVI", &mut survey)?;
    Ok(survey)
}

pub(crate) fn edits(source: &mut Source<'_>, label: &Label) -> Result<Vec<Edit>, LabelError> {
    let riff = riff::open(source)?;
    let labels = riff::labels(source, &riff)?;
    let own = riff::chunk(*riff::LABEL, label.to_json().as_bytes());
    let list = riff::chunk(*b"LIST", &[b"INFO", &own[..]].concat());
    let mut edits: Vec<Edit> = labels.info.iter().chain(&labels.top).map(junk).collect();
    // A place of the same size is used again, so that labelling twice changes nothing.
    let same = |chunk: &&Chunk| chunk.whole() == size(&own);
    if let Some(place) = labels.info.iter().find(same) {
        edits.retain(|edit| edit.at != place.at);
        edits.push(Edit::over(place.at, own));
        return Ok(edits);
    }
    if let Some(room) = room(&riff, size(&list)) {
        let left = room.whole() - size(&list);
        let filler = junk_of(left);
        edits.push(Edit::over(room.at, [list, filler].concat()));
        return Ok(edits);
    }
    if riff.end < source.length() && source.head(riff.end, 4)? == b"RIFF" {
        return Err(LabelError::refused(
            "a long AVI file has no room for a label before its second part",
            "put it into an MKV or MP4 container",
        ));
    }
    let inserted = Edit::insert(riff.end, list);
    edits.push(riff.resized(std::slice::from_ref(&inserted))?);
    edits.push(inserted);
    Ok(edits)
}

/// Unused room before the frames that holds `need` bytes and is either full then or holds a head more.
fn room(riff: &Riff, need: u64) -> Option<&Chunk> {
    let fits = |chunk: &&Chunk| chunk.whole() == need || chunk.whole() >= need + 8;
    riff.chunks.iter().filter(|chunk| &chunk.id == b"JUNK").find(fits)
}

fn junk_of(whole: u64) -> Vec<u8> {
    match whole.checked_sub(8) {
        Some(length) => riff::chunk(*b"JUNK", &vec![0; usize::try_from(length).unwrap_or(0)]),
        None => Vec::new(),
    }
}

/// A chunk of the same size that says nothing.
pub(crate) fn junk(chunk: &Chunk) -> Edit {
    let length = u32::try_from(chunk.length).unwrap_or(0);
    let zeros = vec![0; usize::try_from(chunk.length).unwrap_or(0)];
    Edit::over(chunk.at, [b"JUNK", &length.to_le_bytes()[..], &zeros].concat())
}
