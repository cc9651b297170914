//! MP4, MOV, M4A (ISO/IEC 14496-12, QuickTime): key `AIGC` in `moov.udta.meta`. Sample tables follow when samples move.

mod boxes;
mod item;
mod offsets;

use super::{Survey, xmp};
use crate::LabelError;
use crate::model::{Dialect, Label};
use crate::source::{Source, size};
use crate::splice::{Edit, Edits};
use boxes::{Box, boxes, wrap};
use item::Meta;

/// The identifier of XMP in a `uuid` box (ISO 16684-1, annex).
const XMP_BOX: [u8; 16] =
    [0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8, 0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac];
/// The identifier of a C2PA manifest in a `uuid` box (C2PA 2.1, A.5).
const CREDENTIALS_BOX: [u8; 16] =
    [0xd8, 0xfe, 0xc3, 0xd6, 0x1b, 0x0e, 0x48, 0x3c, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7e, 0xc4, 0x81];

/// The boxes that can hold a label.
struct Movie {
    top: Vec<Box>,
    moov: Box,
    udta: Option<Box>,
    meta: Option<Box>,
}

fn movie(source: &mut Source<'_>) -> Result<Movie, LabelError> {
    let top = boxes(source, 0, source.length(), true)?;
    let moov = top.iter().find(|found| &found.kind == b"moov").cloned();
    let moov = moov.ok_or_else(|| LabelError::malformed(0, "the file has no `moov` box"))?;
    let below = boxes(source, moov.data_at(), moov.end(), false)?;
    let find = |kind: &[u8; 4]| below.iter().find(|found| &found.kind == kind).cloned();
    Ok(Movie { udta: find(b"udta"), meta: find(b"meta"), moov, top })
}

pub(crate) fn survey(source: &mut Source<'_>) -> Result<Survey, LabelError> {
    let mut survey = Survey::default();
    let movie = movie(source)?;
    if let Some(udta) = &movie.udta {
        for found in boxes(source, udta.data_at(), udta.end(), false)? {
            match &found.kind {
                b"meta" => survey_meta(source, &found, "moov.udta.meta", &[], &mut survey)?,
                b"XMP_" => {
                    let packet = source.bytes(found.data_at(), found.data_size())?;
                    let place = (found.data_at(), found.data_size());
                    xmp::survey(&packet, Some(place.0), place, "MP4 moov.udta.XMP_", &mut survey);
                }
                _ => {}
            }
        }
    }
    if let Some(meta) = &movie.meta {
        survey_meta(source, meta, "moov.meta", &[Dialect::MovieMeta], &mut survey)?;
    }
    for found in movie.top.iter().filter(|found| &found.kind == b"uuid" && found.data_size() >= 16) {
        let id = source.bytes(found.data_at(), 16)?;
        if id == XMP_BOX {
            let at = found.data_at() + 16;
            let packet = source.bytes(at, found.data_size() - 16)?;
            let before = survey.sites.len();
            xmp::survey(&packet, Some(at), (at, size(&packet)), "MP4 uuid XMP", &mut survey);
            for site in survey.sites.iter_mut().skip(before) {
                site.dialects.insert(Dialect::XmpBox);
            }
        } else if id == CREDENTIALS_BOX {
            survey.credentials.get_or_insert(found.at);
        }
    }
    Ok(survey)
}

fn survey_meta(
    source: &mut Source<'_>,
    found: &Box,
    path: &str,
    dialects: &[Dialect],
    survey: &mut Survey,
) -> Result<(), LabelError> {
    let bytes = source.bytes(found.data_at(), found.data_size())?;
    let Some(meta) = Meta::read(&bytes) else {
        survey.unread.push(format!("MP4 {path}: the box is broken"));
        return Ok(());
    };
    for item in meta.labels() {
        let mut dialects = dialects.to_vec();
        if item.is_keyless {
            dialects.push(Dialect::KeylessItem);
        }
        let place = (found.data_at() + item.value_at, item.value_size);
        survey.text(format!("MP4 {path} {}", item.name), place, item.value, &dialects);
    }
    Ok(())
}

pub(crate) fn edits(source: &mut Source<'_>, label: &Label) -> Result<Vec<Edit>, LabelError> {
    let json = label.to_json();
    let movie = movie(source)?;
    let mut edits = Vec::new();
    let mut written = relabel_udta(source, &movie, &json, &mut edits)?;
    if let Some(meta) = &movie.meta {
        let bytes = source.bytes(meta.data_at(), meta.data_size())?;
        let broken = || LabelError::malformed(meta.at, "the box `moov.meta` is broken");
        let new = Meta::read(&bytes).ok_or_else(broken)?.relabel((!written).then_some(&json));
        written |= new.is_labelled;
        if new.bytes != bytes {
            edits.push(Edit::replace(meta.at, meta.size, wrap(*b"meta", &new.bytes)));
        }
    } else if !written {
        edits.push(Edit::insert(movie.moov.end(), Meta::fresh(&json)));
        written = true;
    }
    if !written {
        let hint = "save the file again with another program, or put it into an MKV container";
        return Err(LabelError::refused("both places for a label hold metadata of another kind", hint));
    }
    let moov_grown = grown(&edits);
    edits.push(movie.moov.resized(source, moov_grown)?);
    edits.extend(relabel_xmp_boxes(source, &movie)?);
    use_free_room(&movie, moov_grown, source, &mut edits)?;
    let map = Edits::new(edits.clone())?;
    edits.extend(offsets::moved(source, &movie.top, &movie.moov, &map)?);
    Ok(edits)
}

fn grown(edits: &[Edit]) -> i64 {
    let signed = |length: u64| i64::try_from(length).unwrap_or(i64::MAX);
    edits.iter().map(|edit| signed(size(&edit.insert)) - signed(edit.remove)).sum()
}

/// Puts the label into `moov.udta.meta`; false if that box holds metadata of another kind.
fn relabel_udta(source: &mut Source<'_>, movie: &Movie, json: &str, edits: &mut Vec<Edit>) -> Result<bool, LabelError> {
    let Some(udta) = &movie.udta else {
        edits.push(Edit::insert(movie.moov.end(), wrap(*b"udta", &Meta::fresh(json))));
        return Ok(true);
    };
    let mut own = Vec::new();
    let (mut seen_meta, mut written) = (false, false);
    let mut end = udta.data_at();
    for found in boxes(source, udta.data_at(), udta.end(), false)? {
        end = found.end();
        if &found.kind == b"meta" {
            seen_meta = true;
            let bytes = source.bytes(found.data_at(), found.data_size())?;
            let broken = || LabelError::malformed(found.at, "the box `moov.udta.meta` is broken");
            let new = Meta::read(&bytes).ok_or_else(broken)?.relabel((!written).then_some(json));
            written |= new.is_labelled;
            if new.bytes != bytes {
                own.push(Edit::replace(found.at, found.size, wrap(*b"meta", &new.bytes)));
            }
        } else if &found.kind == b"XMP_" {
            let packet = source.bytes(found.data_at(), found.data_size())?;
            let new = xmp::relabel(&packet, None, found.data_at())?;
            own.extend(new.map(|packet| Edit::replace(found.at, found.size, wrap(*b"XMP_", &packet))));
        }
    }
    if !seen_meta {
        own.push(Edit::insert(end, Meta::fresh(json)));
        written = true;
    }
    if !own.is_empty() {
        let resized = udta.resized(source, grown(&own))?;
        edits.extend(own);
        edits.push(resized);
    }
    Ok(written)
}

fn relabel_xmp_boxes(source: &mut Source<'_>, movie: &Movie) -> Result<Vec<Edit>, LabelError> {
    let mut edits = Vec::new();
    for found in movie.top.iter().filter(|found| &found.kind == b"uuid" && found.data_size() >= 16) {
        if source.bytes(found.data_at(), 16)? != XMP_BOX {
            continue;
        }
        let at = found.data_at() + 16;
        let packet = source.bytes(at, found.data_size() - 16)?;
        if let Some(new) = xmp::relabel(&packet, None, at)? {
            let body = [&XMP_BOX[..], &new].concat();
            edits.push(Edit::replace(found.at, found.size, wrap(*b"uuid", &body)));
        }
    }
    Ok(edits)
}

/// A `free` box right after `moov` gives the room that `moov` takes, so that no sample moves.
fn use_free_room(
    movie: &Movie,
    moov_grown: i64,
    source: &mut Source<'_>,
    edits: &mut Vec<Edit>,
) -> Result<(), LabelError> {
    let is_room = |found: &&Box| found.at == movie.moov.end() && matches!(&found.kind, b"free" | b"skip");
    let Some(free) = movie.top.iter().find(is_room) else { return Ok(()) };
    let Some(need) = u64::try_from(moov_grown).ok().filter(|need| *need > 0) else { return Ok(()) };
    if free.size == need {
        edits.push(Edit::cut(free.at, free.size));
    } else if free.size >= need + free.data_at() - free.at {
        edits.push(Edit::cut(free.data_at(), need));
        edits.push(free.resized(source, -moov_grown)?);
    }
    Ok(())
}
