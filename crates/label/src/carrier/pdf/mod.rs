//! PDF (ISO 32000-1): entry `AIGC` of the information dictionary. Writing appends an update; not one old byte changes.

mod object;
mod xref;

use super::Survey;
use crate::LabelError;
use crate::model::Label;
use crate::source::{Source, size};
use crate::splice::Edit;
use object::{Object, Reader};
use xref::{Place, Xref};

const KEY: &str = "AIGC";

/// The information dictionary as it is in force.
struct Information {
    /// Number and generation.
    number: (u32, u32),
    dictionary: Object,
    /// The dictionary's bytes, and where they stand if they are not in a compressed stream.
    bytes: Vec<u8>,
    at: Option<u64>,
}

pub(crate) fn survey(source: &mut Source<'_>) -> Result<Survey, LabelError> {
    let mut survey = Survey::default();
    let xref = Xref::read(source)?;
    survey.credentials = credentials(source, &xref);
    let information = match information(source, &xref) {
        Ok(Some(information)) => information,
        Ok(None) => return Ok(survey),
        Err(error) => {
            survey.unread.push(format!("PDF Info: {}", error.message));
            return Ok(survey);
        }
    };
    let Some(Object::Text(text)) = information.dictionary.member(KEY) else { return Ok(survey) };
    if xref.is_encrypted() {
        survey.unread.push("PDF Info AIGC: the file is encrypted".to_owned());
        return Ok(survey);
    }
    let range = object::member_range(&information.bytes, KEY);
    let place = match (information.at, range) {
        (Some(at), Some(range)) => (at + range.start as u64, range.len() as u64),
        _ => (xref.start(), 0),
    };
    survey.text("PDF Info AIGC", place, object::decode_text(text), &[]);
    Ok(survey)
}

pub(crate) fn edits(source: &mut Source<'_>, label: &Label) -> Result<Vec<Edit>, LabelError> {
    let xref = Xref::read(source)?;
    if xref.is_encrypted() {
        return Err(LabelError::refused("the PDF is encrypted", "label it before it is encrypted"));
    }
    let information = information(source, &xref)?;
    let (number, inner) = match &information {
        Some(found) => (found.number, object::without_member(&found.bytes, KEY)),
        None => ((xref.size(), 0), Vec::new()),
    };
    let mut update = vec![b'\n'];
    let object_at = source.length() - xref.base() + size(&update);
    update.extend(format!("{} {} obj\n<<", number.0, number.1).into_bytes());
    update.extend(&inner);
    update.extend(format!("\n/{KEY} {}\n>>\nendobj\n", literal(&label.to_json())).into_bytes());
    let table_at = source.length() - xref.base() + size(&update);
    update.extend(xref.update(number, object_at, table_at)?);
    Ok(vec![Edit::insert(source.length(), update)])
}

/// A literal string (7.3.4.2).
fn literal(text: &str) -> String {
    let mut literal = String::from("(");
    for character in text.chars() {
        if matches!(character, '(' | ')' | '\\') {
            literal.push('\\');
        }
        literal.push(character);
    }
    literal.push(')');
    literal
}

fn information(source: &mut Source<'_>, xref: &Xref) -> Result<Option<Information>, LabelError> {
    let Some(Object::Reference(number, generation)) = xref.trailer_member("Info") else { return Ok(None) };
    let Some((bytes, at)) = object_bytes(source, xref, *number)? else {
        // An object that the tables do not have is null (7.3.10); one that they have and nobody can read is not.
        return match xref.place(*number) {
            None => Ok(None),
            Some(_) => Err(LabelError::malformed(xref.start(), "the information dictionary cannot be read")),
        };
    };
    let broken = || LabelError::malformed(at.unwrap_or(0), "the information dictionary is broken");
    let (dictionary, end) = Reader::new(&bytes).object(0).ok_or_else(broken)?;
    if !matches!(dictionary, Object::Dictionary(_)) {
        return Ok(None);
    }
    let bytes = bytes.get(..end).unwrap_or_default().to_vec();
    Ok(Some(Information { number: (*number, *generation), dictionary, bytes, at }))
}

/// Bytes, and where they stand if they are not in a compressed stream.
type Bytes = (Vec<u8>, Option<u64>);

/// The bytes from an object's value on, and where they stand in the file.
fn object_bytes(source: &mut Source<'_>, xref: &Xref, number: u32) -> Result<Option<Bytes>, LabelError> {
    match xref.place(number) {
        Some(Place::Plain(at)) => Ok(xref::plain_object(source, at, number)?.map(|(bytes, at)| (bytes, Some(at)))),
        Some(Place::Packed { stream, index }) => {
            Ok(xref::packed_object(source, xref, stream, index)?.map(|bytes| (bytes, None)))
        }
        None => Ok(None),
    }
}

/// Where a file attached as C2PA manifest is announced (C2PA 2.1, A.4).
fn credentials(source: &mut Source<'_>, xref: &Xref) -> Option<u64> {
    let Object::Reference(root, _) = xref.trailer_member("Root")? else { return None };
    let (bytes, _) = object_bytes(source, xref, *root).ok()??;
    let (catalogue, _) = Reader::new(&bytes).object(0)?;
    let mut files = match catalogue.member("AF")? {
        Object::List(files) => files.clone(),
        Object::Reference(list, _) => {
            let (bytes, _) = object_bytes(source, xref, *list).ok()??;
            let (Object::List(files), _) = Reader::new(&bytes).object(0)? else { return None };
            files
        }
        _ => return None,
    };
    files.truncate(64);
    files.iter().find_map(|file| {
        let Object::Reference(number, _) = file else { return None };
        let (bytes, at) = object_bytes(source, xref, *number).ok()??;
        let (specification, _) = Reader::new(&bytes).object(0)?;
        let relationship = specification.member("AFRelationship")?;
        matches!(relationship, Object::Name(name) if name == "C2PA_Manifest").then_some(at.unwrap_or(0))
    })
}
