use super::columns::{malformed, optional, read_optional};
use super::{Group, open_groups};
use crate::ServiceError;
use crate::port::{JournalEntry, JournalKind, NewEntry};
use gongdao_ledger::{Draft, DraftGroup, EntryKind, PersonId, Row, Value};
use gongdao_model::Instant;

/// An entry of the journal: about the person whom it concerns, or about nobody.
pub const JOURNAL_SCHEMA: &str = "gongdao/journal/1";

/// Errors: a pseudonym above 255 bytes.
pub(crate) fn journal_draft(entry: &JournalEntry) -> Result<Draft, ServiceError> {
    let NewEntry { kind, id, person, subject, actor, at, body } = &entry.entry;
    let columns = vec![
        Value::Text(kind.as_str().to_owned()),
        Value::Text(id.clone()),
        optional(person.as_deref()),
        optional(subject.as_deref()),
        Value::Text(actor.clone()),
        Value::Int(at.millis()),
        Value::Text(body.clone()),
    ];
    let person = person.as_deref().map(str::parse::<PersonId>).transpose()?;
    let kind = if person.is_some() { EntryKind::Rights } else { EntryKind::Operation };
    Ok(Draft { kind, groups: vec![DraftGroup { person, schema: JOURNAL_SCHEMA.to_owned(), columns }] })
}

/// The journal's entry of a row; nothing where it has none, or its content was erased.
///
/// Errors: other columns than those of the schema.
pub fn read_journal(row: &Row) -> Result<Option<NewEntry>, ServiceError> {
    read_journal_groups(&open_groups(row)?)
}

pub(crate) fn read_journal_groups(groups: &[Group]) -> Result<Option<NewEntry>, ServiceError> {
    let Some((_, columns)) = groups.iter().find(|(schema, _)| schema == JOURNAL_SCHEMA) else { return Ok(None) };
    let [Value::Text(kind), Value::Text(id), person, subject, Value::Text(actor), Value::Int(at), Value::Text(body)] =
        columns.as_slice()
    else {
        return Err(malformed());
    };
    Ok(Some(NewEntry {
        kind: kind.parse::<JournalKind>()?,
        id: id.clone(),
        person: read_optional(person)?,
        subject: read_optional(subject)?,
        actor: actor.clone(),
        at: Instant::from_millis(*at)?,
        body: body.clone(),
    }))
}
