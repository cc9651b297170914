//! Columns of a segment, out of rows.

use crate::tag::MacKey;
use crate::typed_row::{Fact, Part, TypedRow};
use arrow_array::builder::{
    ArrayBuilder, BinaryBuilder, BooleanBuilder, FixedSizeBinaryBuilder, Int64Builder, ListBuilder, StringBuilder,
    TimestampMillisecondBuilder, UInt64Builder,
};
use arrow_array::{ArrayRef, MapArray, RecordBatch, StructArray};
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

/// Columns that grow row by row. A row that is no decision, or not one to the byte, stands as bytes in `other`.
pub(crate) struct Building {
    shared: MacKey,
    schema: SchemaRef,
    leaf: UInt64Builder,
    record: FixedSizeBinaryBuilder,
    algorithm: StringBuilder,
    algorithm_part: PartBuilding,
    id: StringBuilder,
    at: TimestampMillisecondBuilder,
    action: StringBuilder,
    place: StringBuilder,
    person: StringBuilder,
    facts: FactsBuilding,
    counter: UInt64Builder,
    decision_part: PartBuilding,
    other: BinaryBuilder,
}

impl Building {
    pub(crate) fn new(shared: MacKey) -> Self {
        Self {
            shared,
            schema: schema(),
            leaf: UInt64Builder::new(),
            record: FixedSizeBinaryBuilder::new(16),
            algorithm: StringBuilder::new(),
            algorithm_part: PartBuilding::new(),
            id: StringBuilder::new(),
            at: TimestampMillisecondBuilder::new().with_timezone("UTC"),
            action: StringBuilder::new(),
            place: StringBuilder::new(),
            person: StringBuilder::new(),
            facts: FactsBuilding::new(),
            counter: UInt64Builder::new(),
            decision_part: PartBuilding::new(),
            other: BinaryBuilder::new(),
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.leaf.len()
    }

    /// Append a row in the layout of docs/formats/ledger-folder.md.
    pub(crate) fn push(&mut self, leaf: u64, row: &[u8]) -> Result<(), ArrowError> {
        self.leaf.append_value(leaf);
        let typed = TypedRow::of(row, &self.shared);
        self.other.append_option(typed.is_none().then_some(row));
        fixed(&mut self.record, typed.as_ref().map(|typed| typed.record.as_bytes().as_slice()))?;
        let algorithm = typed.as_ref().and_then(|typed| typed.algorithm.content.as_ref().ok());
        self.algorithm.append_option(algorithm.and_then(|(_, name)| *name));
        self.algorithm_part.push(typed.as_ref().map(|typed| &typed.algorithm))?;
        self.decision_part.push(typed.as_ref().map(|typed| &typed.decision))?;
        let decision = typed.as_ref().and_then(|typed| typed.decision.content.as_ref().ok());
        let decision = decision.map(|(_, decision)| decision);
        self.id.append_option(decision.map(|decision| decision.id));
        self.at.append_option(decision.map(|decision| decision.at));
        self.action.append_option(decision.map(|decision| decision.action));
        self.place.append_option(decision.and_then(|decision| decision.place));
        self.person.append_option(decision.and_then(|decision| decision.person));
        self.counter.append_option(decision.map(|decision| decision.counter));
        self.facts.push(decision.map(|decision| decision.facts.as_slice()));
        Ok(())
    }

    /// The rows so far, and none from then on.
    pub(crate) fn take(&mut self) -> Result<RecordBatch, ArrowError> {
        let [algorithm_nonce, algorithm_commitment, algorithm_by] = self.algorithm_part.take();
        let [nonce, commitment, erased_by] = self.decision_part.take();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.leaf.finish()),
            Arc::new(self.record.finish()),
            Arc::new(self.algorithm.finish()),
            algorithm_nonce,
            algorithm_commitment,
            algorithm_by,
            Arc::new(self.id.finish()),
            Arc::new(self.at.finish()),
            Arc::new(self.action.finish()),
            Arc::new(self.place.finish()),
            Arc::new(self.person.finish()),
            Arc::new(self.facts.take()?),
            Arc::new(self.counter.finish()),
            nonce,
            commitment,
            erased_by,
            Arc::new(self.other.finish()),
        ];
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }
}

/// Nonce, commitment and place of the erasure of one group.
struct PartBuilding {
    nonce: FixedSizeBinaryBuilder,
    commitment: FixedSizeBinaryBuilder,
    erased_by: UInt64Builder,
}

impl PartBuilding {
    fn new() -> Self {
        let (nonce, commitment) = (FixedSizeBinaryBuilder::new(16), FixedSizeBinaryBuilder::new(32));
        Self { nonce, commitment, erased_by: UInt64Builder::new() }
    }

    fn push<T>(&mut self, part: Option<&Part<T>>) -> Result<(), ArrowError> {
        let content = part.map(|part| &part.content);
        let nonce = content.and_then(|content| content.as_ref().ok()).map(|(nonce, _)| nonce.as_bytes().as_slice());
        fixed(&mut self.nonce, nonce)?;
        let commitment = part.and_then(|part| part.commitment.as_ref());
        fixed(&mut self.commitment, commitment.map(|commitment| commitment.as_bytes().as_slice()))?;
        self.erased_by.append_option(content.and_then(|content| content.as_ref().err()).copied());
        Ok(())
    }

    fn take(&mut self) -> [ArrayRef; 3] {
        [Arc::new(self.nonce.finish()), Arc::new(self.commitment.finish()), Arc::new(self.erased_by.finish())]
    }
}

struct FactsBuilding {
    counts: Vec<usize>,
    is_there: Vec<bool>,
    path: StringBuilder,
    flag: BooleanBuilder,
    number: Int64Builder,
    text: StringBuilder,
    words: ListBuilder<StringBuilder>,
}

impl FactsBuilding {
    fn new() -> Self {
        Self {
            counts: Vec::new(),
            is_there: Vec::new(),
            path: StringBuilder::new(),
            flag: BooleanBuilder::new(),
            number: Int64Builder::new(),
            text: StringBuilder::new(),
            words: ListBuilder::new(StringBuilder::new()),
        }
    }

    fn push(&mut self, facts: Option<&[(&str, Fact)]>) {
        self.is_there.push(facts.is_some());
        let facts = facts.unwrap_or_default();
        self.counts.push(facts.len());
        for (path, fact) in facts {
            self.path.append_value(path);
            self.flag.append_option(if let Fact::Bool(is) = fact { Some(*is) } else { None });
            self.number.append_option(if let Fact::Number(number) = fact { Some(*number) } else { None });
            self.text.append_option(if let Fact::Text(text) = fact { Some(*text) } else { None });
            let words = if let Fact::Words(words) = fact { Some(words) } else { None };
            for word in words.into_iter().flatten() {
                self.words.values().append_value(word);
            }
            self.words.append(words.is_some());
        }
    }

    fn take(&mut self) -> Result<MapArray, ArrowError> {
        let offsets = OffsetBuffer::from_lengths(std::mem::take(&mut self.counts));
        let nulls = NullBuffer::from(std::mem::take(&mut self.is_there));
        let values: Vec<ArrayRef> = vec![
            Arc::new(self.flag.finish()),
            Arc::new(self.number.finish()),
            Arc::new(self.text.finish()),
            Arc::new(self.words.finish()),
        ];
        let values = StructArray::try_new(fact_fields(), values, None)?;
        let field = facts_field();
        let DataType::Struct(fields) = field.data_type() else {
            return Err(ArrowError::SchemaError("the entries of a map are a struct".to_owned()));
        };
        let entries = StructArray::try_new(fields.clone(), vec![Arc::new(self.path.finish()), Arc::new(values)], None)?;
        MapArray::try_new(Arc::clone(&field), offsets, entries, Some(nulls), false)
    }
}

fn fixed(to: &mut FixedSizeBinaryBuilder, value: Option<&[u8]>) -> Result<(), ArrowError> {
    if let Some(value) = value {
        return to.append_value(value);
    }
    to.append_null();
    Ok(())
}
