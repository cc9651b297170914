//! Where a label stands in each kind of file: one module a container. Each finds labels, and says which bytes change so
//! that exactly one label stands in the guides' place.

mod avi;
mod exif;
mod flac;
mod front_matter;
mod gif;
mod id3;
mod jpeg;
mod mkv;
mod mp4;
mod ogg;
mod ooxml;
mod pdf;
mod png;
mod riff;
mod tiff;
mod vorbis;
mod wav;
mod webp;
mod xml;
mod xmp;
mod yaml;
mod zip;

pub(crate) use riff::{Chunk as RiffChunk, Riff, open as open_riff};

use crate::model::json::Json;
use crate::model::{Dialect, Label, Shape};
use crate::source::Source;
use crate::splice::Edit;
use crate::{Format, LabelError};
use std::collections::BTreeSet;

/// The value of a label as it stands in a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Text(String, Shape),
    Members(Vec<(String, Json)>),
}

/// One place where a label stands.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// Container words for the place: chunk, box, field.
    pub(crate) field: String,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) content: Content,
    pub(crate) dialects: BTreeSet<Dialect>,
}

/// All that was seen of labels in a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Survey {
    pub(crate) sites: Vec<Found>,
    /// Where a C2PA manifest stands.
    pub(crate) credentials: Option<u64>,
    /// Metadata that could not be looked into, and why; a label may hide there.
    pub(crate) unread: Vec<String>,
}

impl Survey {
    pub(crate) fn text(
        &mut self,
        field: impl Into<String>,
        (offset, length): (u64, u64),
        text: impl Into<String>,
        dialects: &[Dialect],
    ) {
        let content = Content::Text(text.into(), Shape::Bare);
        let dialects = dialects.iter().copied().collect();
        self.sites.push(Found { field: field.into(), offset, length, content, dialects });
    }
}

/// Find the labels of a file.
pub(crate) fn survey(format: Format, source: &mut Source<'_>) -> Result<Survey, LabelError> {
    match format {
        Format::Png => png::survey(source),
        Format::Jpeg => jpeg::survey(source),
        Format::Webp => webp::survey(source),
        Format::Gif => gif::survey(source),
        Format::Tiff => tiff::survey(source),
        Format::Mp3 => id3::survey(source),
        Format::Wav => wav::survey(source),
        Format::Flac => flac::survey(source),
        Format::Ogg => ogg::survey(source),
        Format::Mp4 => mp4::survey(source),
        Format::Matroska => mkv::survey(source),
        Format::Avi => avi::survey(source),
        Format::Pdf => pdf::survey(source),
        Format::Ooxml => ooxml::survey(source),
        Format::Markdown | Format::Text => front_matter::survey(source),
    }
}

/// The edits after which `label` is the only one in the file.
pub(crate) fn edits(format: Format, source: &mut Source<'_>, label: &Label) -> Result<Vec<Edit>, LabelError> {
    match format {
        Format::Png => png::edits(source, label),
        Format::Jpeg => jpeg::edits(source, label),
        Format::Webp => webp::edits(source, label),
        Format::Gif => gif::edits(source, label),
        Format::Tiff => tiff::edits(source, label),
        Format::Mp3 => id3::edits(source, label),
        Format::Wav => wav::edits(source, label),
        Format::Flac => flac::edits(source, label),
        Format::Ogg => ogg::edits(source, label),
        Format::Mp4 => mp4::edits(source, label),
        Format::Matroska => mkv::edits(source, label),
        Format::Avi => avi::edits(source, label),
        Format::Pdf => pdf::edits(source, label),
        Format::Ooxml => ooxml::edits(source, label),
        Format::Markdown | Format::Text => front_matter::edits(source, label),
    }
}

/// Whether an archive is an office document.
pub(crate) fn is_document(source: &mut Source<'_>) -> bool {
    zip::Zip::read(source).is_ok_and(|zip| zip.entry("[Content_Types].xml").is_some())
}
