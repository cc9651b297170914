//! FLAC (RFC 9639): a Vorbis comment block.

use super::{Survey, vorbis};
use crate::LabelError;
use crate::model::Label;
use crate::source::{Source, number, size};
use crate::splice::Edit;

const COMMENTS: u8 = 4;
const LAST: u8 = 0x80;

struct Block {
    at: u64,
    kind: u8,
    is_last: bool,
    length: u64,
}

pub(crate) fn survey(source: &mut Source<'_>) -> Result<Survey, LabelError> {
    let mut survey = Survey::default();
    for block in blocks(source)?.iter().filter(|block| block.kind == COMMENTS) {
        let bytes = source.bytes(block.at + 4, block.length)?;
        match vorbis::read(&bytes) {
            Some(comments) => {
                for (range, text) in comments.labels(&bytes) {
                    let place = (block.at + 4 + range.start as u64, range.len() as u64);
                    survey.text("FLAC Vorbis comment AIGC", place, text, &[]);
                }
            }
            None => survey.unread.push("FLAC Vorbis comment: the block is broken".to_owned()),
        }
    }
    Ok(survey)
}

pub(crate) fn edits(source: &mut Source<'_>, label: &Label) -> Result<Vec<Edit>, LabelError> {
    let json = label.to_json();
    let blocks = blocks(source)?;
    if let Some(block) = blocks.iter().find(|block| block.kind == COMMENTS) {
        let bytes = source.bytes(block.at + 4, block.length)?;
        let comments = vorbis::read(&bytes)
            .ok_or_else(|| LabelError::malformed(block.at, "the block of Vorbis comments is broken"))?;
        let new = head(block.is_last, &comments.relabel(&bytes, &json))?;
        return Ok(vec![Edit::replace(block.at, 4 + block.length, new)]);
    }
    let info = blocks.first().ok_or_else(|| LabelError::malformed(4, "the file has no metadata block"))?;
    let mut edits = vec![Edit::insert(info.at + 4 + info.length, head(info.is_last, &vorbis::block(&json))?)];
    if info.is_last {
        edits.push(Edit::over(info.at, vec![info.kind]));
    }
    Ok(edits)
}

fn head(is_last: bool, body: &[u8]) -> Result<Vec<u8>, LabelError> {
    let length = u32::try_from(body.len()).ok().filter(|length| *length < 1 << 24).ok_or_else(|| {
        LabelError::refused("the comments would be larger than 16 MiB", "save the file with fewer comments")
    })?;
    let kind = COMMENTS | if is_last { LAST } else { 0 };
    Ok([&[kind], length.to_be_bytes().get(1..).unwrap_or_default(), body].concat())
}

fn blocks(source: &mut Source<'_>) -> Result<Vec<Block>, LabelError> {
    let mut blocks = Vec::new();
    let mut at = 4;
    loop {
        let head = source.bytes(at, 4)?;
        let word = number::be32(&head, 0).unwrap_or(0);
        let first = head.first().copied().unwrap_or(0);
        let block =
            Block { at, kind: first & !LAST, is_last: first & LAST != 0, length: u64::from(word & 0x00ff_ffff) };
        at += 4 + block.length;
        if at > source.length() {
            return Err(LabelError::malformed(block.at, "a metadata block reaches past the end of the file"));
        }
        let is_last = block.is_last;
        blocks.push(block);
        if is_last {
            return Ok(blocks);
        }
    }
}

/// Comments of FLAC in Ogg stand behind a block head like these.
pub(crate) const HEAD: u64 = 4;

/// The head of a comment block in a packet, kept but for its length.
pub(crate) fn packet_head(old: &[u8], body: &[u8]) -> Result<Vec<u8>, LabelError> {
    let is_last = old.first().is_some_and(|first| first & LAST != 0);
    let new = head(is_last, body)?;
    Ok(new
        .get(..usize::try_from(HEAD).unwrap_or(4).min(size(&new).try_into().unwrap_or(4)))
        .unwrap_or_default()
        .to_vec())
}
