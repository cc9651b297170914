//! A decision's row as plain columns, so that any reader of Parquet sees it; every other row stays bytes.

use crate::cbor::{Item, Reader, write_bool, write_int, write_list, write_optional, write_text};
use crate::row::{RawContent, RawGroup, RawRow, write_erased, write_head, write_open};
use crate::salt::{fixed_bytes_at, salt_under};
use crate::tag::MacKey;
use crate::{ALGORITHM_SCHEMA, DECISION_SCHEMA, GroupCommitment, GroupNumber, Nonce, RecordId, commit_group};
use std::collections::BTreeSet;

/// Milliseconds up to the year 9999; readers of time stamps fail on what lies beyond.
const LAST_INSTANT: u64 = 253_402_300_799_999;
/// Facts of a decision among which a second look for the same path is quick.
const FEW: usize = 24;

/// A row with the groups `gongdao/algorithm/1` and `gongdao/decision/1`, or what an erasure left of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TypedRow<'a, F = Vec<(&'a str, Fact<'a>)>> {
    pub(crate) leaf: u64,
    pub(crate) record: RecordId,
    /// The commitment stands here only where the content is gone: the ledger's own key, which no erasure takes, makes it
    /// again from nonce and content.
    pub(crate) algorithm: Part<Option<&'a str>>,
    pub(crate) decision: Part<Decision<'a, F>>,
}

/// One group: its content, or the place of the entry that erased it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part<T> {
    pub(crate) commitment: Option<GroupCommitment>,
    pub(crate) content: Result<(Nonce, T), u64>,
}

/// Columns of `gongdao/decision/1`, and the person's counter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decision<'a, F = Vec<(&'a str, Fact<'a>)>> {
    pub(crate) counter: u64,
    pub(crate) id: &'a str,
    pub(crate) at: i64,
    pub(crate) action: &'a str,
    pub(crate) place: Option<&'a str>,
    pub(crate) person: Option<&'a str>,
    pub(crate) facts: F,
}

/// Facts of one decision, wherever they stand.
pub(crate) trait WriteFacts {
    fn count(&self) -> usize;
    /// Append each as its path and value. Nothing where one is none.
    fn write(&self, to: &mut Vec<u8>) -> Option<()>;
}

/// The value of a fact.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fact<'a> {
    Bool(bool),
    Number(i64),
    Text(&'a str),
    Words(Vec<&'a str>),
}

impl<'a> TypedRow<'a> {
    /// Nothing where the bytes are not exactly those that [`Self::write`] would give.
    pub(crate) fn of(bytes: &'a [u8], shared: &MacKey) -> Option<Self> {
        let mut raw = RawRow::of(bytes).filter(|raw| raw.groups == 2)?;
        let (first, second) = (raw.next_group()?, raw.next_group()?);
        let (leaf, record) = (raw.leaf, raw.record);
        if !raw.is_at_end() {
            return None;
        }
        let algorithm = part(&first, read_algorithm)?;
        let algorithm = match (&first.content, algorithm) {
            (Ok(RawContent { nonce, bytes, .. }), part) => {
                let own = commit_group(salt_under(shared, record, GroupNumber(0), *nonce), bytes);
                Part { commitment: None, content: Some(part.content).filter(|_| own == first.commitment)? }
            }
            (Err(_), part) => part,
        };
        Some(Self { leaf, record, algorithm, decision: part(&second, read_decision)? })
    }
}

impl<F: WriteFacts> TypedRow<'_, F> {
    /// Append the row. Nothing where a commitment is missing or stands beside what makes it, or a pseudonym is none.
    pub(crate) fn write(&self, shared: &MacKey, to: &mut Vec<u8>) -> Option<()> {
        write_head(to, self.leaf, self.record, 2);
        let at = to.len();
        to.extend_from_slice(&[0; 32]);
        let commitment = match (&self.algorithm.content, self.algorithm.commitment) {
            (Ok((nonce, algorithm)), None) => {
                let (_, bytes) = write_open(to, "", 0, *nonce, |to| {
                    write_list(to, 2);
                    write_text(to, ALGORITHM_SCHEMA);
                    write_optional(to, *algorithm);
                });
                commit_group(salt_under(shared, self.record, GroupNumber(0), *nonce), to.get(bytes)?)
            }
            (Err(by), Some(commitment)) => {
                write_erased(to, *by);
                commitment
            }
            _ => return None,
        };
        fixed_bytes_at(to, at, commitment.as_bytes());
        to.extend_from_slice(self.decision.commitment?.as_bytes());
        match &self.decision.content {
            Ok((nonce, decision)) => {
                let person = match decision.person {
                    Some(person) if person.is_empty() || person.len() > 255 => return None,
                    person => person.unwrap_or_default(),
                };
                let mut is_written = None;
                write_open(to, person, decision.counter, *nonce, |to| is_written = decision.write(to));
                is_written?;
            }
            Err(by) => write_erased(to, *by),
        }
        Some(())
    }
}

impl<F: WriteFacts> Decision<'_, F> {
    fn write(&self, to: &mut Vec<u8>) -> Option<()> {
        write_list(to, 7);
        write_text(to, DECISION_SCHEMA);
        write_text(to, self.id);
        write_int(to, self.at);
        write_text(to, self.action);
        write_optional(to, self.place);
        write_optional(to, self.person);
        write_list(to, self.facts.count());
        self.facts.write(to)
    }
}

impl WriteFacts for Vec<(&str, Fact<'_>)> {
    fn count(&self) -> usize {
        self.len()
    }

    fn write(&self, to: &mut Vec<u8>) -> Option<()> {
        for (path, fact) in self {
            begin_fact(to, path);
            match fact {
                Fact::Bool(is) => write_bool(to, *is),
                Fact::Number(number) => write_int(to, *number),
                Fact::Text(text) => write_text(to, text),
                Fact::Words(words) => {
                    write_list(to, words.len());
                    for word in words {
                        write_text(to, word);
                    }
                }
            }
        }
        Some(())
    }
}

/// What stands before the value of a fact.
pub(crate) fn begin_fact(to: &mut Vec<u8>, path: &str) {
    write_list(to, 2);
    write_text(to, path);
}

fn part<'a, T>(group: &RawGroup<'a>, read: impl FnOnce(&RawContent<'a>) -> Option<T>) -> Option<Part<T>> {
    let content = match &group.content {
        Err(by) => Err(*by),
        Ok(content) => Ok((content.nonce, read(content)?)),
    };
    Some(Part { commitment: Some(group.commitment), content })
}

#[expect(clippy::option_option, reason = "no such column, beside the column of none")]
fn read_algorithm<'a>(content: &RawContent<'a>) -> Option<Option<&'a str>> {
    let mut reader = Reader::new(content.bytes);
    list(&mut reader).filter(|count| *count == 2)?;
    (text(&mut reader)? == ALGORITHM_SCHEMA).then_some(())?;
    let algorithm = optional_text(&mut reader)?;
    (reader.is_at_end() && content.person.is_empty() && content.counter == 0).then_some(algorithm)
}

fn read_decision<'a>(content: &RawContent<'a>) -> Option<Decision<'a>> {
    let mut reader = Reader::new(content.bytes);
    list(&mut reader).filter(|count| *count == 7)?;
    (text(&mut reader)? == DECISION_SCHEMA).then_some(())?;
    let id = text(&mut reader)?;
    let Item::Int(at) = reader.item().ok()? else { return None };
    let action = text(&mut reader)?;
    let (place, person) = (optional_text(&mut reader)?, optional_text(&mut reader)?);
    let count = list(&mut reader)?;
    // Each fact takes bytes, so a count that lies cannot make a large list.
    let mut facts = Vec::with_capacity(usize::try_from(count).ok()?.min(FEW));
    for _ in 0..count {
        list(&mut reader).filter(|count| *count == 2)?;
        facts.push((text(&mut reader)?, read_fact(&mut reader)?));
    }
    // Filed under the person whom it names.
    let is_filed = content.person == person.unwrap_or_default() && person != Some("");
    let is_typed = reader.is_at_end() && is_filed && at.unsigned_abs() <= LAST_INSTANT && !has_repeats(&facts);
    is_typed.then_some(Decision { counter: content.counter, id, at, action, place, person, facts })
}

/// Keys of a map: of two that are equal a reader may keep one.
fn has_repeats(facts: &[(&str, Fact)]) -> bool {
    if facts.len() > FEW {
        return facts.iter().map(|(path, _)| *path).collect::<BTreeSet<&str>>().len() < facts.len();
    }
    let mut rest = facts;
    while let Some(((path, _), others)) = rest.split_first() {
        if others.iter().any(|(other, _)| other == path) {
            return true;
        }
        rest = others;
    }
    false
}

fn read_fact<'a>(reader: &mut Reader<'a>) -> Option<Fact<'a>> {
    match reader.item().ok()? {
        Item::Bool(is) => Some(Fact::Bool(is)),
        Item::Int(number) => Some(Fact::Number(number)),
        Item::Text(text) => Some(Fact::Text(text)),
        Item::List(count) => (0..count).map(|_| text(reader)).collect::<Option<_>>().map(Fact::Words),
        Item::Null | Item::Bytes(_) => None,
    }
}

fn list(reader: &mut Reader) -> Option<u64> {
    if let Ok(Item::List(count)) = reader.item() { Some(count) } else { None }
}

fn text<'a>(reader: &mut Reader<'a>) -> Option<&'a str> {
    if let Ok(Item::Text(text)) = reader.item() { Some(text) } else { None }
}

#[expect(clippy::option_option, reason = "no such value, beside the value of none")]
fn optional_text<'a>(reader: &mut Reader<'a>) -> Option<Option<&'a str>> {
    match reader.item() {
        Ok(Item::Text(text)) => Some(Some(text)),
        Ok(Item::Null) => Some(None),
        _ => None,
    }
}
