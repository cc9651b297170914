//! Tables of decisions as people have them, into the columns that the kernel judges.

use crate::fault::{Fault, Faults};
use crate::state::{States, key_column, naive_times};
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch};
use arrow_cast::{CastOptions, cast, cast_with_options};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use gongdao_kernel::columns::{ACTION, ALGORITHM, AT, DECISION, DECISION_COLUMNS, FILE, PERSON, PLACE, ROW};
use gongdao_kernel::{KernelError, Moments, NoMoment};
use gongdao_model::{FactPath, FactType};
use gongdao_rules::Vocabulary;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the table of decisions is called in faults.
pub(crate) const TABLE: &str = "data";

/// The columns of a table of decisions, each known and of a type that can be read.
pub(crate) struct Plan {
    columns: Vec<(usize, Arc<Field>, Kind)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Id,
    At,
    Text,
    Key,
    Fact(FactType),
}

impl Plan {
    /// Check the columns against the vocabulary and the facts that the state gives; every fault is told.
    pub(crate) fn new(schema: &Schema, vocabulary: &Vocabulary, states: Option<&States>) -> Result<Self, Faults> {
        let mut faults = missing(schema, states);
        faults.extend(naive_times(schema, &[AT], TABLE));
        let from_state = states.map(States::facts).unwrap_or_default();
        let mut columns = Vec::new();
        let mut seen = BTreeSet::new();
        for (index, field) in schema.fields().iter().enumerate() {
            let name = field.name().as_str();
            if !seen.insert(name) {
                let message = format!("column `{name}` stands twice");
                faults.push(Fault::new(TABLE, message, "leave one of them out"));
                continue;
            }
            match kind(field, vocabulary, &from_state) {
                Ok(Some(kind)) => columns.push((index, Arc::clone(field), kind)),
                Ok(None) => {}
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(Self { columns }) } else { Err(faults) }
    }

    /// The columns of a batch, of which `before` rows came before, in the kernel's types; identifiers as they came.
    pub(crate) fn read(&self, batch: &RecordBatch, before: usize) -> Result<RecordBatch, Faults> {
        let mut fields = Vec::with_capacity(self.columns.len());
        let mut arrays = Vec::with_capacity(self.columns.len());
        for (index, field, kind) in &self.columns {
            let array = column(batch.column(*index), field, *kind, before).map_err(|fault| vec![fault])?;
            fields.push(Field::new(field.name(), array.data_type().clone(), true));
            arrays.push(array);
        }
        let schema: SchemaRef = Arc::new(Schema::new(fields));
        RecordBatch::try_new(schema, arrays).map_err(|error| vec![Fault::unexpected(&error)])
    }
}

fn missing(schema: &Schema, states: Option<&States>) -> Faults {
    let has = |name: &str| schema.fields().iter().any(|field| field.name() == name);
    let keys = states.into_iter().flat_map(|states| &states.of).map(|(entity, _)| key_column(*entity));
    let needed = [DECISION, AT, ACTION].into_iter().chain(keys);
    let missing = needed.filter(|name| !has(name));
    let hint = "see docs/python.md for the columns";
    missing.map(|name| Fault::new(TABLE, format!("there is no column `{name}`"), hint)).collect()
}

/// How a column is read; none where nobody reads it.
fn kind(field: &Field, vocabulary: &Vocabulary, from_state: &BTreeSet<&FactPath>) -> Result<Option<Kind>, Fault> {
    let name = field.name().as_str();
    let kind = match name {
        DECISION => Kind::Id,
        AT => Kind::At,
        ACTION => Kind::Text,
        PLACE | ALGORITHM | PERSON => Kind::Key,
        FILE | ROW => return Ok(None),
        _ => {
            let known = name.parse().ok().and_then(|path: FactPath| vocabulary.facts.get_key_value(&path));
            let Some((path, declared)) = known else { return Err(unknown(name, vocabulary)) };
            if from_state.contains(path) {
                let message = format!("`{path}` is given by the data and by the state");
                return Err(Fault::new(TABLE, message, "leave it out of one of them"));
            }
            Kind::Fact(declared.fact_type)
        }
    };
    if fits(field.data_type(), kind) { Ok(Some(kind)) } else { Err(wrong_type(field, kind)) }
}

fn unknown(name: &str, vocabulary: &Vocabulary) -> Fault {
    let lower = name.to_lowercase();
    let alike = |path: &String| path.to_lowercase() == lower || path.to_lowercase().ends_with(&format!(".{lower}"));
    let paths = vocabulary.facts.keys().map(ToString::to_string);
    let names = DECISION_COLUMNS.iter().map(|name| (*name).to_owned());
    let hint = match paths.chain(names).find(alike) {
        Some(path) => format!("do you mean `{path}`?"),
        None => "name facts by their path (`Pack.facts` lists them), and leave other columns out".to_owned(),
    };
    Fault::new(TABLE, format!("column `{name}` is no fact of the vocabulary"), hint)
}

fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

fn is_list_of_texts(kind: &DataType) -> bool {
    match kind {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            is_text(item.data_type()) || *item.data_type() == DataType::Null
        }
        DataType::ListView(item) | DataType::LargeListView(item) => is_text(item.data_type()),
        DataType::Dictionary(_, values) => is_list_of_texts(values),
        _ => false,
    }
}

fn is_whole(kind: &DataType) -> bool {
    kind.is_integer() || matches!(kind, DataType::Decimal128(_, 0) | DataType::Decimal256(_, 0))
}

/// Whether a column of this type can be read as what it is for.
fn fits(given: &DataType, kind: Kind) -> bool {
    let plain = match given {
        DataType::Dictionary(_, values) => values,
        other => other,
    };
    match kind {
        _ if *given == DataType::Null => true,
        Kind::Id => is_text(given) || given.is_integer(),
        Kind::At => matches!(given, DataType::Timestamp(..)) || given.is_integer() || is_text(given),
        Kind::Text | Kind::Fact(FactType::Text) => is_text(given),
        Kind::Key => is_text(given) || plain.is_integer(),
        Kind::Fact(FactType::Bool) => *plain == DataType::Boolean,
        Kind::Fact(FactType::Long) => is_whole(plain),
        Kind::Fact(FactType::TextSet) => is_list_of_texts(given),
    }
}

fn wrong_type(field: &Field, kind: Kind) -> Fault {
    let (wanted, hint) = match kind {
        Kind::Id | Kind::Key => ("text or integers", "give keys as text; floating-point numbers are not exact"),
        Kind::At => ("instants", "give timestamps with a time zone, milliseconds since the epoch, or RFC 3339 text"),
        Kind::Text | Kind::Fact(FactType::Text) => ("text", "give it as text"),
        Kind::Fact(FactType::Bool) => ("truth values", "give it as Booleans; what is unknown is null"),
        Kind::Fact(FactType::Long) => (
            "whole numbers",
            "give integers, money in fen; in pandas a column of integers with gaps is `astype(\"Int64\")`",
        ),
        Kind::Fact(FactType::TextSet) => ("lists of texts", "split joined words into a list, for instance by `|`"),
    };
    Fault::new(TABLE, format!("column `{}` is `{}`, not {wanted}", field.name(), field.data_type()), hint)
}

fn column(array: &ArrayRef, field: &Field, kind: Kind, before: usize) -> Result<ArrayRef, Fault> {
    let name = field.name().as_str();
    let given = array.data_type();
    let wanted = match kind {
        Kind::At => return instants(array, before),
        Kind::Id => {
            let null = if array.null_count() > 0 { (0..array.len()).find(|row| array.is_null(*row)) } else { None };
            if let Some(row) = null {
                let fault = Fault::new(TABLE, "the decision has no identifier", "use the source's identifier");
                return Err(fault.at(before + row));
            }
            None
        }
        _ if *given == DataType::Null => None,
        Kind::Key if !is_text(given) => Some(DataType::Utf8),
        Kind::Fact(FactType::Bool) => Some(DataType::Boolean),
        Kind::Fact(FactType::Long) => Some(DataType::Int64),
        Kind::Fact(FactType::TextSet) => list_layout(given),
        Kind::Key | Kind::Text | Kind::Fact(FactType::Text) => None,
    };
    match wanted {
        Some(wanted) if wanted != *given => {
            // Not the lenient cast: a number that does not fit must not turn into a missing one.
            let strict = CastOptions { safe: false, ..CastOptions::default() };
            cast_with_options(array, &wanted, &strict).map_err(|error| {
                Fault::new(TABLE, format!("column `{name}`: {error}"), "keep it within a signed 64-bit integer")
            })
        }
        _ => Ok(Arc::clone(array)),
    }
}

/// The layout of lists that the kernel reads, for those that it does not.
fn list_layout(given: &DataType) -> Option<DataType> {
    match given {
        DataType::ListView(item) | DataType::FixedSizeList(item, _) => Some(DataType::List(Arc::clone(item))),
        DataType::LargeListView(item) => Some(DataType::LargeList(Arc::clone(item))),
        _ => None,
    }
}

/// Milliseconds since the epoch.
fn instants(array: &ArrayRef, before: usize) -> Result<ArrayRef, Fault> {
    let plain = match array.data_type() {
        DataType::Dictionary(..) => cast(array, &DataType::Utf8).map_err(|error| Fault::unexpected(&error))?,
        _ => Arc::clone(array),
    };
    let moments = Moments::of(&plain, AT).map_err(|error: KernelError| Fault::of_kernel(TABLE, before, error))?;
    let mut millis = Vec::with_capacity(plain.len());
    for row in 0..plain.len() {
        let at = moments.at(row).map_err(|why| {
            let fault = match why {
                NoMoment::Missing => {
                    Fault::new(TABLE, "the decision has no instant", "without one nobody knows which law was in force")
                }
                NoMoment::Impossible { why, .. } => Fault::new(TABLE, why.message, why.hint.unwrap_or_default()),
            };
            fault.at(before + row)
        })?;
        millis.push(at.millis());
    }
    Ok(Arc::new(Int64Array::from(millis)))
}
