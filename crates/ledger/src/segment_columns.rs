//! Columns of a segment, from rows and back.

use crate::typed_row::{Decision, Fact, Part, TypedRow};
use crate::{GroupCommitment, LedgerError, Nonce, PersonKey, RecordId, Row};
use arrow_array::builder::{FixedSizeBinaryBuilder, ListBuilder, StringBuilder};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, FixedSizeBinaryArray, Int64Array, ListArray, MapArray, RecordBatch,
    StringArray, StructArray, TimestampMillisecondArray, UInt64Array,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;

/// Names, types and whether a value may be missing.
pub(crate) fn schema() -> SchemaRef {
    let at = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    let (hash, random) = (DataType::FixedSizeBinary(32), DataType::FixedSizeBinary(16));
    let optional = |name: &str, kind: &DataType| Field::new(name, kind.clone(), true);
    Arc::new(Schema::new(vec![
        Field::new("leaf", DataType::UInt64, false),
        optional("record", &random),
        optional("algorithm", &DataType::Utf8),
        optional("algorithm_nonce", &random),
        optional("algorithm_commitment", &hash),
        optional("algorithm_erased_by", &DataType::UInt64),
        optional("id", &DataType::Utf8),
        optional("decided_at", &at),
        optional("action", &DataType::Utf8),
        optional("place", &DataType::Utf8),
        optional("person", &DataType::Utf8),
        optional("facts", &DataType::Map(facts_field(), false)),
        optional("counter", &DataType::UInt64),
        optional("nonce", &random),
        optional("commitment", &hash),
        optional("erased_by", &DataType::UInt64),
        optional("other", &DataType::Binary),
    ]))
}

fn facts_field() -> Arc<Field> {
    let fields =
        vec![Field::new("key", DataType::Utf8, false), Field::new("value", DataType::Struct(fact_fields()), false)];
    Arc::new(Field::new("key_value", DataType::Struct(fields.into()), false))
}

fn fact_fields() -> Fields {
    let words = DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)));
    vec![
        Field::new("flag", DataType::Boolean, true),
        Field::new("number", DataType::Int64, true),
        Field::new("text", DataType::Utf8, true),
        Field::new("words", words, true),
    ]
    .into()
}

/// Rows as columns. A row that is no decision, or not one to the byte, stands as bytes in `other`.
pub(crate) fn batch(rows: &[Row], shared: &PersonKey) -> Result<RecordBatch, ArrowError> {
    let typed: Vec<Option<TypedRow>> = rows.iter().map(|row| TypedRow::of(row, shared)).collect();
    let leaves: UInt64Array = rows.iter().map(|row| Some(row.leaf)).collect();
    let other = rows.iter().zip(&typed).map(|(row, typed)| {
        typed.is_none().then(|| {
            let mut bytes = Vec::new();
            row.write(&mut bytes);
            bytes
        })
    });
    let other: BinaryArray = other.collect();
    let decisions: Vec<Option<&Decision>> = typed
        .iter()
        .map(|typed| typed.as_ref()?.decision.content.as_ref().ok().map(|(_, decision)| decision))
        .collect();
    let texts = |of: fn(&Decision) -> Option<&str>| -> ArrayRef {
        Arc::new(decisions.iter().map(|decision| of((*decision)?)).collect::<StringArray>())
    };
    let algorithm: StringArray = typed
        .iter()
        .map(|typed| typed.as_ref()?.algorithm.content.as_ref().ok().and_then(|(_, name)| name.as_deref()))
        .collect();
    let at: TimestampMillisecondArray = decisions.iter().map(|decision| Some((*decision)?.at)).collect();
    let counter: UInt64Array = decisions.iter().map(|decision| Some((*decision)?.counter)).collect();
    let record = fixed(16, typed.iter().map(|typed| Some(typed.as_ref()?.record.as_bytes().as_slice())))?;
    let [algorithm_nonce, algorithm_commitment, algorithm_by] = part(&typed, |typed| &typed.algorithm)?;
    let [nonce, commitment, erased_by] = part(&typed, |typed| &typed.decision)?;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(leaves),
        record,
        Arc::new(algorithm),
        algorithm_nonce,
        algorithm_commitment,
        algorithm_by,
        texts(|decision| Some(&decision.id)),
        Arc::new(at.with_timezone("UTC")),
        texts(|decision| Some(&decision.action)),
        texts(|decision| decision.place.as_deref()),
        texts(|decision| decision.person.as_deref()),
        Arc::new(facts(&decisions)?),
        Arc::new(counter),
        nonce,
        commitment,
        erased_by,
        Arc::new(other),
    ];
    RecordBatch::try_new(schema(), columns)
}

/// Nonce, commitment and place of the erasure of one group of every row.
fn part<T>(typed: &[Option<TypedRow>], of: fn(&TypedRow) -> &Part<T>) -> Result<[ArrayRef; 3], ArrowError> {
    let parts = || typed.iter().map(|typed| typed.as_ref().map(of));
    let nonce = |part: Option<&Part<T>>| part?.content.as_ref().ok().map(|(nonce, _)| *nonce);
    let nonces: Vec<Option<Nonce>> = parts().map(nonce).collect();
    let nonces = fixed(16, nonces.iter().map(|nonce| nonce.as_ref().map(|nonce| nonce.as_bytes().as_slice())))?;
    let commitments =
        fixed(32, parts().map(|part| part?.commitment.as_ref().map(|commitment| commitment.as_bytes().as_slice())))?;
    let erased: UInt64Array = parts().map(|part| part?.content.as_ref().err().copied()).collect();
    Ok([nonces, commitments, Arc::new(erased)])
}

fn fixed<'a>(width: i32, values: impl Iterator<Item = Option<&'a [u8]>>) -> Result<ArrayRef, ArrowError> {
    let mut builder = FixedSizeBinaryBuilder::new(width);
    for value in values {
        match value {
            Some(value) => builder.append_value(value)?,
            None => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}

fn facts(decisions: &[Option<&Decision>]) -> Result<MapArray, ArrowError> {
    let counts = decisions.iter().map(|decision| decision.map_or(0, |decision| decision.facts.len()));
    let offsets = OffsetBuffer::from_lengths(counts);
    let nulls: NullBuffer = decisions.iter().map(Option::is_some).collect();
    let all = || decisions.iter().flatten().flat_map(|decision| &decision.facts);
    let paths: StringArray = all().map(|(path, _)| Some(path)).collect();
    let flags: BooleanArray = all().map(|(_, fact)| if let Fact::Bool(is) = fact { Some(*is) } else { None }).collect();
    let numbers: Int64Array =
        all().map(|(_, fact)| if let Fact::Number(number) = fact { Some(*number) } else { None }).collect();
    let texts: StringArray =
        all().map(|(_, fact)| if let Fact::Text(text) = fact { Some(text) } else { None }).collect();
    let mut words = ListBuilder::new(StringBuilder::new());
    for (_, fact) in all() {
        if let Fact::Words(of_fact) = fact {
            for word in of_fact {
                words.values().append_value(word);
            }
            words.append(true);
        } else {
            words.append(false);
        }
    }
    let values: Vec<ArrayRef> = vec![Arc::new(flags), Arc::new(numbers), Arc::new(texts), Arc::new(words.finish())];
    let values = StructArray::try_new(fact_fields(), values, None)?;
    let field = facts_field();
    let DataType::Struct(fields) = field.data_type() else {
        return Err(ArrowError::SchemaError("the entries of a map are a struct".to_owned()));
    };
    let entries = StructArray::try_new(fields.clone(), vec![Arc::new(paths), Arc::new(values)], None)?;
    MapArray::try_new(Arc::clone(&field), offsets, entries, Some(nulls), false)
}

/// The rows of a batch. Errors: other columns, or a row that is neither typed nor bytes.
pub(crate) fn read_batch(batch: &RecordBatch, shared: &PersonKey) -> Result<Vec<Row>, LedgerError> {
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
        row: column(batch, "other")?,
    };
    (0..batch.num_rows()).map(|at| columns.row(at, shared)).collect()
}

/// Columns that [`read_names`] needs.
pub(crate) const NAMING: [&str; 3] = ["leaf", "record", "other"];

/// Leaf and name of each row.
pub(crate) fn read_names(batch: &RecordBatch) -> Result<Vec<(u64, RecordId)>, LedgerError> {
    let leaves: &UInt64Array = column(batch, "leaf")?;
    let (records, rows): (&FixedSizeBinaryArray, &BinaryArray) = (column(batch, "record")?, column(batch, "other")?);
    let name = |at: usize| {
        if rows.is_valid(at) {
            return Row::parse(rows.value(at)).map(|row| (row.leaf, row.record));
        }
        let record = records.is_valid(at).then(|| records.value(at)).ok_or_else(|| other_form("record"))?;
        Ok((leaves.value(at), RecordId::try_from(record)?))
    };
    (0..batch.num_rows()).map(name).collect()
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
    row: &'a BinaryArray,
}

impl Columns<'_> {
    fn row(&self, at: usize, shared: &PersonKey) -> Result<Row, LedgerError> {
        if self.row.is_valid(at) {
            return Row::parse(self.row.value(at));
        }
        self.typed(at).and_then(|typed| typed.to_row(shared)).ok_or_else(|| other_form("row"))
    }

    fn typed(&self, at: usize) -> Option<TypedRow> {
        let algorithm = self.algorithm_part.read(at, || Some(text(self.algorithm, at)))?;
        let decision = self.decision_part.read(at, || {
            Some(Decision {
                counter: number(self.counter, at)?,
                id: text(self.id, at)?,
                at: self.at.is_valid(at).then(|| self.at.value(at))?,
                action: text(self.action, at)?,
                place: text(self.place, at),
                person: text(self.person, at),
                facts: self.facts.read(at)?,
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
}

impl<'a> FactColumns<'a> {
    fn of(map: &'a MapArray) -> Option<Self> {
        let values = map.values().as_any().downcast_ref::<StructArray>()?;
        Some(Self {
            map,
            path: map.keys().as_any().downcast_ref()?,
            flag: values.column_by_name("flag")?.as_any().downcast_ref()?,
            number: values.column_by_name("number")?.as_any().downcast_ref()?,
            text: values.column_by_name("text")?.as_any().downcast_ref()?,
            words: values.column_by_name("words")?.as_any().downcast_ref()?,
        })
    }

    fn read(&self, at: usize) -> Option<Vec<(String, Fact)>> {
        let offset = |at: usize| self.map.value_offsets().get(at).and_then(|at| usize::try_from(*at).ok());
        let places = offset(at)?..offset(at + 1)?;
        self.map.is_valid(at).then_some(())?;
        places.map(|place| Some((text(self.path, place)?, self.fact(place)?))).collect()
    }

    fn fact(&self, at: usize) -> Option<Fact> {
        if self.flag.is_valid(at) {
            return Some(Fact::Bool(self.flag.value(at)));
        }
        if self.number.is_valid(at) {
            return Some(Fact::Number(self.number.value(at)));
        }
        if self.words.is_valid(at) {
            let words = self.words.value(at);
            let words: &StringArray = words.as_any().downcast_ref()?;
            return words.iter().map(|word| word.map(str::to_owned)).collect::<Option<_>>().map(Fact::Words);
        }
        text(self.text, at).map(Fact::Text)
    }
}

fn column<'a, T: 'static>(batch: &'a RecordBatch, name: &str) -> Result<&'a T, LedgerError> {
    batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref()).ok_or_else(|| other_form(name))
}

fn text(column: &StringArray, at: usize) -> Option<String> {
    column.is_valid(at).then(|| column.value(at).to_owned())
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
