//! Office Open XML (ISO/IEC 29500-2): custom property `AIGC` in `docProps/custom.xml`, with its relationship and content
//! type.

use super::Survey;
use super::xml::{Piece, Tag, escape, pieces, split, unescape};
use super::zip::{Part, Zip};
use crate::LabelError;
use crate::model::Label;
use crate::source::Source;
use crate::splice::Edit;
use std::ops::Range;

const CUSTOM: &str = "docProps/custom.xml";
const CONTENT_TYPES: &str = "[Content_Types].xml";
const RELATIONSHIPS: &str = "_rels/.rels";
const RELATIONSHIP: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties";
const CONTENT_TYPE: &str = "application/vnd.openxmlformats-officedocument.custom-properties+xml";
const PROPERTIES: &str = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties";
const VALUES: &str = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes";
/// The set that custom properties belong to.
const FORMAT_ID: &str = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}";
const NAME: &str = "AIGC";

/// A list that a new part must be in: its name, its root, and the line for the part.
type List<'a> = (&'a str, &'a str, &'a dyn Fn(&str) -> String);

struct Property {
    value: String,
    value_at: Range<usize>,
    whole: Range<usize>,
}

pub(crate) fn survey(source: &mut Source<'_>) -> Result<Survey, LabelError> {
    let mut survey = Survey::default();
    let zip = Zip::read(source)?;
    let Some((name, text, stored_at)) = custom(source, &zip)? else { return Ok(survey) };
    match properties(&text) {
        Ok((found, _)) => {
            let whole = zip.entry(&name).map_or((0, 0), |entry| (entry.at, 0));
            for property in found {
                let exact = |at: u64| (at + property.value_at.start as u64, property.value_at.len() as u64);
                let place = stored_at.map_or(whole, exact);
                survey.text(format!("OOXML {name} {NAME}"), place, property.value, &[]);
            }
        }
        Err(problem) => survey.unread.push(format!("OOXML {name}: {problem}")),
    }
    Ok(survey)
}

pub(crate) fn edits(source: &mut Source<'_>, label: &Label) -> Result<Vec<Edit>, LabelError> {
    let json = label.to_json();
    let zip = Zip::read(source)?;
    let broken =
        |name: &str, problem: &str| LabelError::malformed(0, format!("the part `{name}` is broken: {problem}"));
    let mut parts = Vec::new();
    if let Some((name, text, _)) = custom(source, &zip)? {
        let bytes = relabelled(&text, &json).map_err(|problem| broken(&name, &problem))?.into_bytes();
        parts.push(Part { name, bytes });
        return zip.with(&parts);
    }
    parts.push(Part { name: CUSTOM.to_owned(), bytes: new_part(&json).into_bytes() });
    let relationship = |text: &str| {
        let free = (1..=9999).map(|number| format!("rId{number}")).find(|id| !text.contains(&format!("\"{id}\"")));
        let id = free.unwrap_or_default();
        format!("<Relationship Id=\"{id}\" Type=\"{RELATIONSHIP}\" Target=\"{CUSTOM}\"/>")
    };
    let override_of = |_: &str| format!("<Override PartName=\"/{CUSTOM}\" ContentType=\"{CONTENT_TYPE}\"/>");
    let lists: [List<'_>; 2] =
        [(RELATIONSHIPS, "Relationships", &relationship), (CONTENT_TYPES, "Types", &override_of)];
    for (name, root, line) in lists {
        let entry = zip.entry(name).ok_or_else(|| broken(name, "it is absent"))?;
        let text = utf8(Zip::content(source, entry)?.0).map_err(|problem| broken(name, &problem))?;
        if name == CONTENT_TYPES && text.contains(&format!("/{CUSTOM}\"")) {
            continue;
        }
        let new = before_end(&text, root, &line(&text)).map_err(|problem| broken(name, &problem))?;
        parts.push(Part { name: entry.name.clone(), bytes: new.into_bytes() });
    }
    zip.with(&parts)
}

/// The part of custom properties: its name, its text, and its place if it is not packed.
fn custom(source: &mut Source<'_>, zip: &Zip) -> Result<Option<(String, String, Option<u64>)>, LabelError> {
    let mut name = CUSTOM.to_owned();
    if let Some(entry) = zip.entry(RELATIONSHIPS) {
        let text = String::from_utf8_lossy(&Zip::content(source, entry)?.0).into_owned();
        let found = pieces(&text).unwrap_or_default().into_iter().find_map(|piece| match piece {
            Piece::Start(tag) if attribute(&tag, "Type").is_some_and(|kind| kind.ends_with("/custom-properties")) => {
                attribute(&tag, "Target").map(|target| target.trim_start_matches('/').to_owned())
            }
            _ => None,
        });
        name = found.unwrap_or(name);
    }
    let Some(entry) = zip.entry(&name) else { return Ok(None) };
    let (bytes, at) = Zip::content(source, entry)?;
    match utf8(bytes) {
        Ok(text) => Ok(Some((name, text, at))),
        Err(problem) => Err(LabelError::malformed(entry.at, format!("the part `{name}` is broken: {problem}"))),
    }
}

fn utf8(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

fn attribute<'a>(tag: &Tag<'a>, name: &str) -> Option<&'a str> {
    tag.attributes.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.value)
}

/// The label's properties, and the highest number of any property.
fn properties(text: &str) -> Result<(Vec<Property>, u32), String> {
    let mut found = Vec::new();
    let mut last_number = 1;
    let mut open: Option<Range<usize>> = None;
    let mut value: Option<(String, Range<usize>)> = None;
    for piece in pieces(text)? {
        match piece {
            Piece::Start(tag) if split(tag.name).1 == "property" => {
                let number = attribute(&tag, "pid").and_then(|number| number.parse().ok());
                last_number = number.unwrap_or(0).max(last_number);
                let is_label = attribute(&tag, "name").is_some_and(|name| name.contains(NAME));
                open = (is_label && !tag.is_empty).then_some(tag.at);
            }
            Piece::Start(tag) if open.is_some() => value = Some((String::new(), tag.at.end..tag.at.end)),
            Piece::Text { raw } | Piece::Data { raw } => {
                if let Some((text, range)) = &mut value {
                    text.push_str(&unescape(raw));
                    range.end += raw.len();
                }
            }
            Piece::End { name, at } if split(name).1 == "property" => {
                if let (Some(start), Some((value, value_at))) = (open.take(), value.take()) {
                    found.push(Property { value, value_at, whole: start.start..at.end });
                }
            }
            Piece::End { .. } if open.is_none() => value = None,
            _ => {}
        }
    }
    Ok((found, last_number))
}

fn property(json: &str, number: u32, prefix: &str) -> String {
    let json = escape(json);
    let element = if prefix.is_empty() { "property".to_owned() } else { format!("{prefix}:property") };
    format!(
        "<{element} fmtid=\"{FORMAT_ID}\" pid=\"{number}\" name=\"{NAME}\">\
         <vt:lpwstr xmlns:vt=\"{VALUES}\">{json}</vt:lpwstr></{element}>"
    )
}

fn new_part(json: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Properties xmlns=\"{PROPERTIES}\">{}</Properties>",
        property(json, 2, "")
    )
}

fn relabelled(text: &str, json: &str) -> Result<String, String> {
    let (found, last_number) = properties(text)?;
    let mut kept = String::new();
    let mut from = 0;
    for property in &found {
        kept.push_str(text.get(from..property.whole.start).unwrap_or_default());
        from = property.whole.end;
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    let root = pieces(&kept)?.into_iter().find_map(|piece| match piece {
        Piece::Start(tag) => Some(split(tag.name).0.to_owned()),
        _ => None,
    });
    let number = last_number.checked_add(1).ok_or("a property's number is too large")?;
    before_end(&kept, "Properties", &property(json, number, &root.unwrap_or_default()))
}

/// The text with a line before the end of its root.
fn before_end(text: &str, root: &str, line: &str) -> Result<String, String> {
    for piece in pieces(text)? {
        match piece {
            Piece::Start(tag) if split(tag.name).1 == root && tag.is_empty => {
                let (before, after) = text.split_at_checked(tag.at.end - 2).ok_or("its root is broken")?;
                let after = after.get(2..).unwrap_or_default();
                return Ok(format!("{before}>{line}</{}>{after}", tag.name));
            }
            Piece::End { name, at } if split(name).1 == root => {
                let (before, after) = text.split_at_checked(at.start).ok_or("its root is broken")?;
                return Ok(format!("{before}{line}{after}"));
            }
            _ => {}
        }
    }
    Err(format!("it has no `{root}`"))
}
