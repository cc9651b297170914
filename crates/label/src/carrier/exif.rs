//! EXIF (CIPA DC-008): labels in `UserComment` (annex B of the standard) and, in the wild, in `ImageDescription`.

use super::tiff::{Entry, Tiff};
use super::{Content, Found, Survey};
use crate::model::{Dialect, Shape, looks_like_label};
use crate::source::{Source, size};
use crate::splice::Edit;
use std::io::Cursor;

const IMAGE_DESCRIPTION: u16 = 0x010e;
const EXIF_DIRECTORY: u16 = 0x8769;
const USER_COMMENT: u16 = 0x9286;
/// `UserComment` begins with the name of its character set.
const CHARACTER_SET: usize = 8;

/// A label: the entry's dialect, where its text stands in the block, the text.
struct Place {
    dialect: Dialect,
    name: &'static str,
    at: u64,
    length: u64,
    text: String,
}

/// Adds the labels of a TIFF-shaped block that stands at `base`.
pub(crate) fn survey(block: &[u8], base: u64, field: &str, survey: &mut Survey) {
    match places(block) {
        Some(places) => survey.sites.extend(places.into_iter().map(|place| of(place, base, field))),
        None => survey.unread.push(format!("{field}: its directories are broken")),
    }
}

/// Spaces over every label of a block, so that the one in XMP is the only copy. Lengths stay.
pub(crate) fn blanks(block: &[u8], base: u64) -> Vec<Edit> {
    places(block).unwrap_or_default().iter().map(|place| blank(place, base)).collect()
}

/// The same for a TIFF file, which is such a block as a whole.
pub(crate) fn survey_file(source: &mut Source<'_>, survey: &mut Survey) {
    let found = places_in(source).unwrap_or_default().into_iter().map(|place| of(place, 0, "TIFF"));
    survey.sites.extend(found);
}

/// The same for a TIFF file.
pub(crate) fn blanks_file(source: &mut Source<'_>) -> Vec<Edit> {
    places_in(source).unwrap_or_default().into_iter().map(|place| blank(&place, 0)).collect()
}

fn of(place: Place, base: u64, field: &str) -> Found {
    Found {
        field: format!("{field} {}", place.name),
        offset: base + place.at,
        length: place.length,
        content: Content::Text(place.text, Shape::Wrapped),
        dialects: [place.dialect].into(),
    }
}

fn blank(place: &Place, base: u64) -> Edit {
    Edit::over(base + place.at, vec![b' '; usize::try_from(place.length).unwrap_or(0)])
}

fn places(block: &[u8]) -> Option<Vec<Place>> {
    let mut cursor = Cursor::new(block);
    places_in(&mut Source::new(&mut cursor).ok()?)
}

fn places_in(source: &mut Source<'_>) -> Option<Vec<Place>> {
    let tiff = Tiff::open(source).ok()?;
    let first = tiff.directory(source, tiff.first).ok()?;
    let mut found = Vec::new();
    let is_utf16_big = tiff.is_big_endian();
    if let Some(entry) = first.entry(IMAGE_DESCRIPTION) {
        let bytes = entry_bytes(source, entry)?;
        let text = String::from_utf8_lossy(&bytes).trim_end_matches(['\0', ' ']).to_owned();
        found.push(Place {
            dialect: Dialect::ExifImageDescription,
            name: "ImageDescription",
            at: entry.value_at,
            length: size(&bytes).saturating_sub(1),
            text,
        });
    }
    let below = first.entry(EXIF_DIRECTORY).and_then(|entry| tiff.offset(source, entry));
    if let Some(directory) = below.and_then(|at| tiff.directory(source, at).ok())
        && let Some(entry) = directory.entry(USER_COMMENT)
    {
        let bytes = entry_bytes(source, entry)?;
        if let Some((set, raw)) = bytes.split_at_checked(CHARACTER_SET) {
            found.push(Place {
                dialect: Dialect::ExifUserComment,
                name: "UserComment",
                at: entry.value_at + CHARACTER_SET as u64,
                length: size(raw),
                text: comment(set, raw, is_utf16_big),
            });
        }
    }
    found.retain(|place| looks_like_label(&place.text));
    Some(found)
}

fn entry_bytes(source: &mut Source<'_>, entry: &Entry) -> Option<Vec<u8>> {
    source.bytes(entry.value_at, entry.length).ok()
}

fn comment(set: &[u8], raw: &[u8], is_big_endian: bool) -> String {
    let text = if set.starts_with(b"UNICODE") {
        let units = raw.as_chunks::<2>().0.iter();
        let unit = |pair: &[u8; 2]| if is_big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
        String::from_utf16_lossy(&units.map(unit).collect::<Vec<_>>())
    } else {
        String::from_utf8_lossy(raw).into_owned()
    };
    text.trim_end_matches(['\0', ' ']).to_owned()
}
