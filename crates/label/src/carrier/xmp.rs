//! XMP packets (ISO 16684-1): property `AIGC` in the guide's name space. The packet is edited by property; the rest of it
//! stays byte for byte.

use super::xml::{Attribute, Piece, Tag, escape, pieces, split, unescape};
use super::{Content, Found, Survey};
use crate::LabelError;
use crate::model::{Dialect, Shape};
use std::collections::BTreeSet;
use std::ops::Range;

/// The name space of the guide for pictures (TC260-PG-20259A).
pub(crate) const NAMESPACE: &str = "http://www.tc260.org.cn/ns/AIGC/1.0/";
const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/// The property in a packet.
struct Property {
    value: String,
    value_at: Range<usize>,
    /// What goes when the property goes.
    whole: Range<usize>,
    dialects: BTreeSet<Dialect>,
}

/// A new packet that holds only the label.
pub(crate) fn packet(json: &str) -> Vec<u8> {
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n <rdf:RDF xmlns:rdf=\"{RDF}\">\n{}\n </rdf:RDF>\n</x:xmpmeta>\n\
         <?xpacket end=\"w\"?>",
        description(json, "rdf", "rdf:about=\"\"")
    )
    .into_bytes()
}

fn description(json: &str, rdf: &str, about: &str) -> String {
    let json = escape(json);
    let element = qualified(rdf, "Description");
    format!("  <{element} {about} xmlns:TC260=\"{NAMESPACE}\">\n   <TC260:AIGC>{json}</TC260:AIGC>\n  </{element}>")
}

fn qualified(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}:{name}") }
}

/// Adds the labels of a packet to the survey. `base` is where the packet stands in the file, or `None` if it is
/// compressed there; then `whole` is the place.
pub(crate) fn survey(bytes: &[u8], base: Option<u64>, whole: (u64, u64), field: &str, survey: &mut Survey) {
    let encoding = Encoding::of(bytes);
    let text = encoding.decode(bytes);
    if !text.contains("AIGC") {
        return;
    }
    let found = match properties(&text) {
        Ok(found) => found,
        Err(problem) => return survey.unread.push(format!("{field}: {problem}")),
    };
    for property in found {
        let exact = base.filter(|_| encoding == Encoding::Utf8);
        let (offset, length) = match exact {
            Some(base) => (base + property.value_at.start as u64, property.value_at.len() as u64),
            None => whole,
        };
        survey.sites.push(Found {
            field: format!("{field} TC260:AIGC"),
            offset,
            length,
            content: Content::Text(property.value, Shape::Bare),
            dialects: property.dialects,
        });
    }
}

/// How a packet's characters are stored (ISO 16684-1, 7.3.2).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16 {
        big_endian: bool,
    },
    /// A stray byte in UTF-8: one byte a character, so that the byte stays.
    Bytes,
}

impl Encoding {
    fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0, b'<', ..] | [0xfe, 0xff, ..] => Self::Utf16 { big_endian: true },
            [b'<', 0, ..] | [0xff, 0xfe, ..] => Self::Utf16 { big_endian: false },
            _ if std::str::from_utf8(bytes).is_ok() => Self::Utf8,
            _ => Self::Bytes,
        }
    }

    fn decode(self, bytes: &[u8]) -> String {
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Self::Bytes => bytes.iter().copied().map(char::from).collect(),
            Self::Utf16 { big_endian } => {
                let unit =
                    |pair: &[u8; 2]| if big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
                String::from_utf16_lossy(&bytes.as_chunks::<2>().0.iter().map(unit).collect::<Vec<_>>())
            }
        }
    }

    fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Bytes => text.chars().filter_map(|character| u8::try_from(character).ok()).collect(),
            Self::Utf16 { big_endian } => {
                let unit = |unit: u16| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
                text.encode_utf16().flat_map(unit).collect()
            }
        }
    }
}

/// The packet with `json` as its only label, or without any; `None` if nothing changes.
pub(crate) fn relabel(bytes: &[u8], json: Option<&str>, at: u64) -> Result<Option<Vec<u8>>, LabelError> {
    let broken = |problem: String| LabelError::malformed(at, format!("the XMP packet is broken: {problem}"));
    let encoding = Encoding::of(bytes);
    let text = encoding.decode(bytes);
    let text = text.as_str();
    let mut cuts: Vec<(Range<usize>, String)> = Vec::new();
    if text.contains("AIGC") {
        cuts.extend(properties(text).map_err(broken)?.into_iter().map(|property| (property.whole, String::new())));
    }
    if let Some(json) = json {
        cuts.push(insertion(text, json).map_err(broken)?);
    } else if cuts.is_empty() {
        return Ok(None);
    }
    cuts.sort_by_key(|(range, _)| (range.start, range.end));
    let mut new = String::with_capacity(text.len() + 1024);
    let mut from = 0;
    for (range, insert) in cuts {
        new.push_str(text.get(from..range.start).ok_or_else(|| broken("its properties overlap".to_owned()))?);
        new.push_str(&insert);
        from = range.end;
    }
    new.push_str(text.get(from..).unwrap_or_default());
    Ok(Some(encoding.encode(&new)))
}

/// Where a new description goes: before the end of `rdf:RDF`, with the prefix and the subject that the packet has.
fn insertion(text: &str, json: &str) -> Result<(Range<usize>, String), String> {
    let mut about = None;
    for piece in pieces(text)? {
        match piece {
            Piece::Start(tag) if split(tag.name).1 == "Description" && about.is_none() => {
                let subject = tag.attributes.iter().find(|attribute| split(attribute.name).1 == "about");
                about = subject
                    .map(|attribute| format!("{}=\"{}\"", attribute.name, attribute.value.replace('"', "&quot;")));
            }
            Piece::Start(tag) if split(tag.name).1 == "RDF" && tag.is_empty => {
                let prefix = split(tag.name).0;
                let inner = description(json, prefix, &format!("{}=\"\"", qualified(prefix, "about")));
                let end = tag.at.end;
                return Ok((end - 2..end, format!(">\n{inner}\n</{}>", tag.name)));
            }
            Piece::End { name, at } if split(name).1 == "RDF" => {
                let prefix = split(name).0;
                let about = about.unwrap_or_else(|| format!("{}=\"\"", qualified(prefix, "about")));
                return Ok((at.start..at.start, format!("{}\n ", description(json, prefix, &about).trim_start())));
            }
            _ => {}
        }
    }
    Err("it has no `rdf:RDF`".to_owned())
}

/// Open elements, each with its name-space bindings.
type Scopes<'a> = Vec<Vec<(&'a str, &'a str)>>;
/// Deeper nesting is no XMP.
const MOST_DEPTH: usize = 256;

/// An `AIGC` element that is open: its tag, depth, and the text so far.
struct Open<'a> {
    tag: Tag<'a>,
    depth: usize,
    value: String,
    dialects: BTreeSet<Dialect>,
}

fn properties(text: &str) -> Result<Vec<Property>, String> {
    let header = text.contains("??>");
    let mut found = Vec::new();
    let mut scopes: Scopes<'_> = Vec::new();
    let mut open: Option<Open<'_>> = None;
    for piece in pieces(text)? {
        match piece {
            Piece::Start(tag) => {
                let bindings = tag.attributes.iter().filter_map(|a| Some((a.name.strip_prefix("xmlns:")?, a.value)));
                scopes.push(bindings.collect());
                if scopes.len() > MOST_DEPTH {
                    return Err("it nests too deeply".to_owned());
                }
                found.extend(tag.attributes.iter().filter_map(|attribute| of_attribute(text, attribute, &scopes)));
                let (prefix, local) = split(tag.name);
                if local == "AIGC" && open.is_none() && !tag.is_empty {
                    let dialects = names(prefix, &scopes);
                    open = Some(Open { depth: scopes.len(), tag: tag.clone(), value: String::new(), dialects });
                }
                if tag.is_empty {
                    scopes.pop();
                }
            }
            Piece::Text { raw } => open.iter_mut().for_each(|open| open.value.push_str(&unescape(raw))),
            Piece::Data { raw } => open.iter_mut().for_each(|open| open.value.push_str(raw)),
            Piece::End { at, .. } => {
                if let Some(done) = open.take_if(|open| open.depth == scopes.len()) {
                    found.push(Property {
                        value: done.value,
                        value_at: done.tag.at.end..at.start,
                        whole: done.tag.at.start..at.end,
                        dialects: done.dialects,
                    });
                }
                scopes.pop();
            }
        }
    }
    for property in found.iter_mut().filter(|_| header) {
        property.dialects.insert(Dialect::XmpHeaderEnd);
    }
    Ok(found)
}

fn of_attribute(text: &str, attribute: &Attribute<'_>, scopes: &Scopes<'_>) -> Option<Property> {
    let (prefix, local) = split(attribute.name);
    if local != "AIGC" || prefix.is_empty() || prefix == "xmlns" {
        return None;
    }
    let mut dialects = names(prefix, scopes);
    dialects.insert(Dialect::XmpAttribute);
    let before = text.get(..attribute.at.start).unwrap_or_default();
    let start = before.trim_end().len();
    Some(Property {
        value: unescape(attribute.value),
        value_at: attribute.value_at..attribute.value_at + attribute.value.len(),
        whole: start..attribute.at.end,
        dialects,
    })
}

fn names(prefix: &str, scopes: &Scopes<'_>) -> BTreeSet<Dialect> {
    let mut dialects = BTreeSet::new();
    if prefix != "TC260" {
        dialects.insert(Dialect::XmpPrefix);
    }
    let bound = scopes.iter().rev().flatten().find(|(name, _)| *name == prefix).map(|(_, uri)| *uri);
    if bound != Some(NAMESPACE) {
        dialects.insert(Dialect::XmpNamespace);
    }
    dialects
}
