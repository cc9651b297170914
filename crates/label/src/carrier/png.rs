//! PNG (ISO/IEC 15948): `iTXt` chunk `XML:com.adobe.xmp` right after `IHDR`.

use super::{Content, Survey, exif, xmp};
use crate::LabelError;
use crate::model::{Dialect, Label, Shape, looks_like_label};
use crate::source::{Source, number, push, size};
use crate::splice::Edit;

const XMP_KEYWORD: &str = "XML:com.adobe.xmp";
/// No text chunk unpacks to more.
const MOST_UNPACKED: usize = 64 << 20;

struct Chunk {
    at: u64,
    kind: [u8; 4],
    length: u64,
}

impl Chunk {
    fn data_at(&self) -> u64 {
        self.at + 8
    }

    /// With length, kind and check sum.
    fn whole(&self) -> u64 {
        self.length + 12
    }
}

/// A text chunk: keyword, text, and where the text stands unless it is compressed.
struct Text {
    keyword: String,
    bytes: Vec<u8>,
    at: Option<u64>,
}

pub(crate) fn survey(source: &mut Source<'_>) -> Result<Survey, LabelError> {
    let mut survey = Survey::default();
    for chunk in chunks(source)? {
        let whole = (chunk.at, chunk.whole());
        match &chunk.kind {
            b"caBX" => survey.credentials = survey.credentials.or(Some(chunk.at)),
            b"eXIf" => {
                let bytes = source.bytes(chunk.data_at(), chunk.length)?;
                exif::survey(&bytes, chunk.data_at(), "PNG eXIf", &mut survey);
            }
            b"iTXt" | b"tEXt" | b"zTXt" => {
                let field = format!("PNG {}", String::from_utf8_lossy(&chunk.kind));
                match text(source, &chunk)? {
                    Ok(text) if text.keyword == XMP_KEYWORD => {
                        let field = format!("{field} {XMP_KEYWORD}");
                        xmp::survey(&text.bytes, text.at, whole, &field, &mut survey);
                    }
                    Ok(text) if is_label(&text) => {
                        let place = text.at.map_or(whole, |at| (at, size(&text.bytes)));
                        let value = String::from_utf8_lossy(&text.bytes).into_owned();
                        let field = format!("{field} {}", text.keyword);
                        survey.text(field, place, value.clone(), &[Dialect::PngTextChunk]);
                        if let Some(site) = survey.sites.last_mut() {
                            site.content = Content::Text(value, Shape::Wrapped);
                        }
                    }
                    Ok(_) => {}
                    Err(problem) => survey.unread.push(format!("{field}: {problem}")),
                }
            }
            _ => {}
        }
    }
    Ok(survey)
}

pub(crate) fn edits(source: &mut Source<'_>, label: &Label) -> Result<Vec<Edit>, LabelError> {
    let json = label.to_json();
    let chunks = chunks(source)?;
    let mut edits = Vec::new();
    let mut written = false;
    for chunk in &chunks {
        match &chunk.kind {
            b"eXIf" => edits.extend(exif::blanks(&source.bytes(chunk.data_at(), chunk.length)?, chunk.data_at())),
            b"iTXt" | b"tEXt" | b"zTXt" => {
                let Ok(text) = text(source, chunk)? else { continue };
                if text.keyword == XMP_KEYWORD {
                    let new = xmp::relabel(&text.bytes, (!written).then_some(&json), chunk.at)?;
                    edits.extend(new.map(|packet| Edit::replace(chunk.at, chunk.whole(), xmp_chunk(&packet))));
                    written = true;
                } else if is_label(&text) {
                    edits.push(Edit::cut(chunk.at, chunk.whole()));
                }
            }
            _ => {}
        }
    }
    if !written {
        let header = chunks.first().filter(|chunk| &chunk.kind == b"IHDR");
        let header = header.ok_or_else(|| LabelError::malformed(8, "the first chunk is not `IHDR`"))?;
        edits.push(Edit::insert(header.at + header.whole(), xmp_chunk(&xmp::packet(&json))));
    }
    Ok(edits)
}

fn is_label(text: &Text) -> bool {
    text.keyword.contains("AIGC") || looks_like_label(&String::from_utf8_lossy(&text.bytes))
}

fn xmp_chunk(packet: &[u8]) -> Vec<u8> {
    // Keyword, no compression, no language, no translated keyword.
    let data = [XMP_KEYWORD.as_bytes(), &[0, 0, 0, 0, 0], packet].concat();
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(b"iTXt");
    hasher.update(&data);
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), &b"iTXt"[..], &data, &hasher.finalize().to_be_bytes()].concat()
}

/// The chunks up to and with `IEND`, or to the end of a file that has none.
fn chunks(source: &mut Source<'_>) -> Result<Vec<Chunk>, LabelError> {
    let mut chunks = Vec::new();
    let mut at = 8;
    while at + 12 <= source.length() {
        let head = source.bytes(at, 8)?;
        let length = u64::from(number::be32(&head, 0).unwrap_or(0));
        let kind = number::array(&head, 4).unwrap_or_default();
        if at + 12 + length > source.length() {
            return Err(LabelError::malformed(at, "a chunk reaches past the end of the file"));
        }
        // Picture data is most of the file, and holds no label.
        if &kind != b"IDAT" && &kind != b"fdAT" {
            push(&mut chunks, Chunk { at, kind, length }, at)?;
        }
        if &kind == b"IEND" {
            break;
        }
        at += 12 + length;
    }
    if chunks.is_empty() { Err(LabelError::malformed(8, "the file has no chunk")) } else { Ok(chunks) }
}

fn text(source: &mut Source<'_>, chunk: &Chunk) -> Result<Result<Text, String>, LabelError> {
    let data = source.bytes(chunk.data_at(), chunk.length)?;
    Ok(split_text(chunk.kind, &data, chunk.data_at()).ok_or_else(|| "a text chunk is broken".to_owned()))
}

fn split_text(kind: [u8; 4], data: &[u8], at: u64) -> Option<Text> {
    let end = |from: usize| data.get(from..)?.iter().position(|byte| *byte == 0).map(|place| from + place);
    let keyword_end = end(0)?;
    let keyword = String::from_utf8_lossy(data.get(..keyword_end)?).into_owned();
    let (start, is_packed) = match &kind {
        b"tEXt" => (keyword_end + 1, false),
        b"zTXt" => (keyword_end + 2, true),
        _ => {
            let is_packed = *data.get(keyword_end + 1)? == 1;
            let language_end = end(keyword_end + 3)?;
            (end(language_end + 1)? + 1, is_packed)
        }
    };
    let raw = data.get(start..)?;
    let (bytes, at) = if is_packed {
        (miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(raw, MOST_UNPACKED).ok()?, None)
    } else {
        (raw.to_vec(), Some(at + start as u64))
    };
    Some(Text { keyword, bytes, at })
}
