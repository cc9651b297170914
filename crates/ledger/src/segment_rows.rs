//! Rows out of the columns of a segment.

use crate::cbor::{write_bool, write_int, write_list, write_text};
use crate::row::{RawRow, unreadable};
use crate::tag::MacKey;
use crate::typed_row::{Decision, Part, TypedRow, WriteFacts, begin_fact};
use crate::{GroupCommitment, GroupNumber, LedgerError, Nonce, RecordId};
use arrow_array::{
    Array, BinaryArray, BooleanArray, FixedSizeBinaryArray, Int64Array, ListArray, MapArray, RecordBatch, StringArray,
    StructArray, TimestampMillisecondArray, UInt64Array,
};
use std::ops::Range;

/// Takes the rows of batches, one by one.
pub(crate) type TakeBytes<'a> = dyn FnMut(u64, &[u8]) -> Result<(), LedgerError> + 'a;

/// The same, with whether the first group's commitment was made from its content just now, so that it opens.
pub(crate) type TakeMade<'a> = dyn FnMut(u64, &[u8], bool) -> Result<(), LedgerError> + 'a;

/// Each row of a batch, with its leaf. Errors: other columns, or a row that is neither typed nor bytes.
pub(crate) fn each_row(batch: &RecordBatch, shared: &MacKey, take: &mut TakeMade) -> Result<(), LedgerError> {
    let columns = Columns {
        leaf: column(batch, "leaf")?,
        record: column(batch, "record")?,
        algorithm: column(batch, "algorithm")?,
        algorithm_part: PartColumns::of(batch, ["algorithm_nonce", "algorithm_commitment", "algorithm_erased_by"])?,
        id: column(batch, "id")?,
        at: column(batch, "decided_at")?,
        action: column(batch, "action")?,
        place: column(batch, "place")?,
        person: column(batch, "person")?,
        facts: FactColumns::of(column(batch, "facts")?).ok_or_else(|| other_form("facts"))?,
        counter: column(batch, "counter")?,
        decision_part: PartColumns::of(batch, ["nonce", "commitment", "erased_by"])?,
    };
    let other: &BinaryArray = column(batch, "other")?;
    let mut bytes = Vec::new();
    for at in 0..batch.num_rows() {
        let leaf = columns.leaf.value(at);
        if other.is_valid(at) {
            take(leaf, other.value(at), false)?;
            continue;
        }
        bytes.clear();
        let typed = columns.typed(at).ok_or_else(|| other_form("row"))?;
        typed.write(shared, &mut bytes).ok_or_else(|| other_form("row"))?;
        take(leaf, &bytes, typed.algorithm.content.is_ok())?;
    }
    Ok(())
}

/// Columns that [`read_names`] needs.
pub(crate) const NAMING: [&str; 3] = ["leaf", "record", "other"];

/// Leaf and name of each row.
pub(crate) fn read_names(batch: &RecordBatch, take: &mut dyn FnMut(u64, RecordId)) -> Result<(), LedgerError> {
    let leaves: &UInt64Array = column(batch, "leaf")?;
    let (records, rows): (&FixedSizeBinaryArray, &BinaryArray) = (column(batch, "record")?, column(batch, "other")?);
    for at in 0..batch.num_rows() {
        let record = if rows.is_valid(at) {
            RawRow::of(rows.value(at)).ok_or_else(unreadable)?.record
        } else {
            RecordId::try_from(bytes(records, at).ok_or_else(|| other_form("record"))?)?
        };
        take(leaves.value(at), record);
    }
    Ok(())
}

/// Whom a group concerns, without what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Concern<'a> {
    /// A person, empty for nobody, and the number of their entry in its epoch.
    Open(&'a str, u64),
    Erased,
}

/// Takes whom the groups of rows concern.
pub(crate) type TakeConcern<'a> = dyn FnMut(u64, GroupNumber, Concern) -> Result<(), LedgerError> + 'a;

/// Columns that [`each_concern`] needs.
pub(crate) const CONCERNING: [&str; 6] = ["leaf", "algorithm_erased_by", "person", "counter", "erased_by", "other"];

/// Whom each group of each row concerns.
pub(crate) fn each_concern(batch: &RecordBatch, take: &mut TakeConcern) -> Result<(), LedgerError> {
    let leaves: &UInt64Array = column(batch, "leaf")?;
    let persons: &StringArray = column(batch, "person")?;
    let counters: &UInt64Array = column(batch, "counter")?;
    let [first_by, second_by]: [&UInt64Array; 2] = [column(batch, "algorithm_erased_by")?, column(batch, "erased_by")?];
    let other: &BinaryArray = column(batch, "other")?;
    for at in 0..batch.num_rows() {
        let leaf = leaves.value(at);
        if other.is_valid(at) {
            concerns_of(other.value(at), take)?;
            continue;
        }
        let of = |erased: &UInt64Array, open| if erased.is_valid(at) { Concern::Erased } else { open };
        take(leaf, GroupNumber(0), of(first_by, Concern::Open("", 0)))?;
        let open = Concern::Open(text(persons, at).unwrap_or_default(), number(counters, at).unwrap_or_default());
        take(leaf, GroupNumber(1), of(second_by, open))?;
    }
    Ok(())
}

/// The same for one row of bytes.
pub(crate) fn concerns_of(row: &[u8], take: &mut TakeConcern) -> Result<(), LedgerError> {
    let mut raw = RawRow::of(row).ok_or_else(unreadable)?;
    for group in 0..raw.groups {
        let content = raw.next_group().ok_or_else(unreadable)?.content;
        let concern = content.map_or(Concern::Erased, |content| Concern::Open(content.person, content.counter));
        take(raw.leaf, GroupNumber(group), concern)?;
    }
    Ok(())
}

struct Columns<'a> {
    leaf: &'a UInt64Array,
    record: &'a FixedSizeBinaryArray,
    algorithm: &'a StringArray,
    algorithm_part: PartColumns<'a>,
    id: &'a StringArray,
    at: &'a TimestampMillisecondArray,
    action: &'a StringArray,
    place: &'a StringArray,
    person: &'a StringArray,
    facts: FactColumns<'a>,
    counter: &'a UInt64Array,
    decision_part: PartColumns<'a>,
}

impl Columns<'_> {
    fn typed(&self, at: usize) -> Option<TypedRow<'_, FactsAt<'_>>> {
        let algorithm = self.algorithm_part.read(at, || Some(text(self.algorithm, at)))?;
        let decision = self.decision_part.read(at, || {
            Some(Decision {
                counter: number(self.counter, at)?,
                id: text(self.id, at)?,
                at: self.at.is_valid(at).then(|| self.at.value(at))?,
                action: text(self.action, at)?,
                place: text(self.place, at),
                person: text(self.person, at),
                facts: self.facts.at(at)?,
            })
        })?;
        let record = RecordId::try_from(bytes(self.record, at)?).ok()?;
        Some(TypedRow { leaf: number(self.leaf, at)?, record, algorithm, decision })
    }
}

struct PartColumns<'a> {
    nonce: &'a FixedSizeBinaryArray,
    commitment: &'a FixedSizeBinaryArray,
    erased_by: &'a UInt64Array,
}

impl<'a> PartColumns<'a> {
    fn of(batch: &'a RecordBatch, [nonce, commitment, erased_by]: [&str; 3]) -> Result<Self, LedgerError> {
        Ok(Self {
            nonce: column(batch, nonce)?,
            commitment: column(batch, commitment)?,
            erased_by: column(batch, erased_by)?,
        })
    }

    fn read<T>(&self, at: usize, content: impl FnOnce() -> Option<T>) -> Option<Part<T>> {
        let commitment = bytes(self.commitment, at).map(GroupCommitment::try_from).transpose().ok()?;
        let content = match (bytes(self.nonce, at), number(self.erased_by, at)) {
            (Some(nonce), None) => Ok((Nonce::try_from(nonce).ok()?, content()?)),
            (None, Some(by)) => Err(by),
            _ => return None,
        };
        Some(Part { commitment, content })
    }
}

struct FactColumns<'a> {
    map: &'a MapArray,
    path: &'a StringArray,
    flag: &'a BooleanArray,
    number: &'a Int64Array,
    text: &'a StringArray,
    words: &'a ListArray,
    word: &'a StringArray,
}

impl<'a> FactColumns<'a> {
    fn of(map: &'a MapArray) -> Option<Self> {
        let values = map.values().as_any().downcast_ref::<StructArray>()?;
        let words: &ListArray = values.column_by_name("words")?.as_any().downcast_ref()?;
        Some(Self {
            map,
            path: map.keys().as_any().downcast_ref()?,
            flag: values.column_by_name("flag")?.as_any().downcast_ref()?,
            number: values.column_by_name("number")?.as_any().downcast_ref()?,
            text: values.column_by_name("text")?.as_any().downcast_ref()?,
            words,
            word: words.values().as_any().downcast_ref()?,
        })
    }

    fn at(&self, at: usize) -> Option<FactsAt<'_>> {
        self.map.is_valid(at).then_some(())?;
        Some(FactsAt { columns: self, places: places(self.map.value_offsets(), at)? })
    }

    fn write(&self, at: usize, to: &mut Vec<u8>) -> Option<()> {
        begin_fact(to, text(self.path, at)?);
        if self.number.is_valid(at) {
            write_int(to, self.number.value(at));
        } else if self.flag.is_valid(at) {
            write_bool(to, self.flag.value(at));
        } else if self.words.is_valid(at) {
            let words = places(self.words.value_offsets(), at)?;
            write_list(to, words.len());
            for place in words {
                write_text(to, text(self.word, place)?);
            }
        } else {
            write_text(to, text(self.text, at)?);
        }
        Some(())
    }
}

/// The facts of one row.
struct FactsAt<'a> {
    columns: &'a FactColumns<'a>,
    places: Range<usize>,
}

impl WriteFacts for FactsAt<'_> {
    fn count(&self) -> usize {
        self.places.len()
    }

    fn write(&self, to: &mut Vec<u8>) -> Option<()> {
        self.places.clone().try_for_each(|place| self.columns.write(place, to))
    }
}

/// Where the values of one list stand.
fn places(offsets: &[i32], at: usize) -> Option<Range<usize>> {
    let offset = |at: usize| offsets.get(at).and_then(|at| usize::try_from(*at).ok());
    Some(offset(at)?..offset(at + 1)?)
}

fn column<'a, T: 'static>(batch: &'a RecordBatch, name: &str) -> Result<&'a T, LedgerError> {
    batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref()).ok_or_else(|| other_form(name))
}

fn text(column: &StringArray, at: usize) -> Option<&str> {
    column.is_valid(at).then(|| column.value(at))
}

fn number(column: &UInt64Array, at: usize) -> Option<u64> {
    column.is_valid(at).then(|| column.value(at))
}

fn bytes(column: &FixedSizeBinaryArray, at: usize) -> Option<&[u8]> {
    column.is_valid(at).then(|| column.value(at))
}

fn other_form(column: &str) -> LedgerError {
    LedgerError::evidence(
        format!("column `{column}` of a segment has another form"),
        "it was written by another program; see docs/formats/ledger-segment.md",
    )
}
