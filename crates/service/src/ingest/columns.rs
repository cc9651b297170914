//! A table's columns as decision records. Their names are those of `gongdao_kernel::columns`: what a decision is, then a
//! column a fact, named by its path. A null is unknown; a column that is not in the vocabulary refuses the whole table, as
//! leaving it out would lose a fact silently.

use super::{BodyFault, Reading, Row, RowFault};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, ListArray, RecordBatch, StringArray};
use arrow_buffer::NullBuffer;
use arrow_cast::cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use gongdao_i18n::I18nError;
use gongdao_kernel::columns::{ACTION, ALGORITHM, AT, DECISION, FILE, PERSON, PLACE, ROW};
use gongdao_model::{DecisionId, DecisionRecord, FactPath, FactType, FactValue, Facts, Instant, PlaceCode};
use gongdao_rules::FactDeclaration;
use std::sync::Arc;

pub(super) struct Columns<'a> {
    facts: Vec<(usize, FactPath, &'a FactDeclaration)>,
    reading: Reading<'a>,
}

impl<'a> Columns<'a> {
    /// Errors: a column that is needed and missing, that nobody knows, or that has another type.
    pub(super) fn of(schema: &Schema, reading: Reading<'a>) -> Result<Self, BodyFault> {
        let mut facts = Vec::new();
        for (place, field) in schema.fields().iter().enumerate() {
            let name = field.name().as_str();
            if schema.fields().iter().take(place).any(|one| one.name() == name) {
                return Err(refused("column_twice", &[("name", name)], reading));
            }
            match name {
                DECISION | ACTION | PLACE | ALGORITHM | PERSON | FILE => wanted(field, is_text, "text", reading)?,
                AT => wanted(field, is_moment, "moment", reading)?,
                ROW => wanted(field, DataType::is_integer, "long", reading)?,
                _ => {
                    let known =
                        name.parse::<FactPath>().ok().and_then(|path| reading.vocabulary.facts.get_key_value(&path));
                    let Some((path, declared)) = known else {
                        return Err(refused("column_unknown", &[("name", name)], reading));
                    };
                    let (fits, kind) = kind(declared.fact_type);
                    wanted(field, fits, kind, reading)?;
                    facts.push((place, path.clone(), declared));
                }
            }
        }
        if let Some(name) = [DECISION, AT, ACTION].into_iter().find(|name| schema.index_of(name).is_err()) {
            return Err(refused("column_missing", &[("name", name)], reading));
        }
        Ok(Self { facts, reading })
    }

    /// The rows of a batch that follows `before` rows.
    pub(super) fn rows(&self, batch: &RecordBatch, before: u64) -> Result<Vec<Row>, BodyFault> {
        let frame = Frame {
            id: self.cast(batch, DECISION, &DataType::Utf8)?,
            at: self.moments(batch)?,
            action: self.cast(batch, ACTION, &DataType::Utf8)?,
            place: self.cast(batch, PLACE, &DataType::Utf8)?,
            algorithm: self.cast(batch, ALGORITHM, &DataType::Utf8)?,
            person: self.cast(batch, PERSON, &DataType::Utf8)?,
        };
        let facts: Vec<Fact<'_>> = self.facts.iter().map(|fact| self.fact(batch, fact)).collect::<Result<_, _>>()?;
        let numbers = before + 1..;
        let rows = (0..batch.num_rows()).zip(numbers).map(|(row, number)| {
            let mut faults = Vec::new();
            let record = self.record(&frame, &facts, row, &mut faults)?;
            Ok(Row { number, record: record.filter(|_| faults.is_empty()).ok_or(faults) })
        });
        rows.collect::<Result<_, I18nError>>().map_err(BodyFault::from)
    }

    fn cast(&self, batch: &RecordBatch, name: &str, to: &DataType) -> Result<Option<Column>, BodyFault> {
        batch.column_by_name(name).map(|array| self.cast_array(array, name, to)).transpose()
    }

    fn cast_array(&self, array: &ArrayRef, name: &str, to: &DataType) -> Result<Column, BodyFault> {
        let options = CastOptions { safe: true, ..CastOptions::default() };
        let failed = |cause: String| refused("column_cast", &[("name", name), ("cause", &cause)], self.reading);
        let cast = cast_with_options(array, to, &options).map_err(|error| failed(error.to_string()))?;
        Ok(Column { nulls: array.logical_nulls(), cast })
    }

    fn moments(&self, batch: &RecordBatch) -> Result<Option<Column>, BodyFault> {
        let Some(array) = batch.column_by_name(AT) else { return Ok(None) };
        let to = match array.data_type() {
            DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Millisecond, zone.clone()),
            given if given.is_integer() => DataType::Int64,
            _ => DataType::Utf8,
        };
        self.cast_array(array, AT, &to).map(Some)
    }

    fn fact<'b>(
        &'b self,
        batch: &RecordBatch,
        (place, path, declared): &'b (usize, FactPath, &'a FactDeclaration),
    ) -> Result<Fact<'b>, BodyFault> {
        let to = match declared.fact_type {
            FactType::Bool => DataType::Boolean,
            FactType::Long => DataType::Int64,
            FactType::Text => DataType::Utf8,
            FactType::TextSet => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
        };
        // The place was found in this table's schema.
        let array =
            batch.columns().get(*place).cloned().unwrap_or_else(|| Arc::new(BooleanArray::new_null(batch.num_rows())));
        let column = self.cast_array(&array, &path.to_string(), &to)?;
        let values = match declared.fact_type {
            FactType::Bool => column.cast.as_boolean_opt().cloned().map(Values::Bool),
            FactType::Long => column.cast.as_primitive_opt::<Int64Type>().cloned().map(Values::Long),
            FactType::Text => column.cast.as_string_opt().cloned().map(Values::Text),
            FactType::TextSet => column.cast.as_list_opt().cloned().and_then(Values::set),
        };
        let values = values.ok_or_else(|| {
            let name = path.to_string();
            refused("column_cast", &[("name", &name), ("cause", "another type came out")], self.reading)
        })?;
        Ok(Fact { path, declared, nulls: column.nulls, values })
    }

    fn record(
        &self,
        frame: &Frame,
        facts: &[Fact<'_>],
        row: usize,
        faults: &mut Vec<RowFault>,
    ) -> Result<Option<DecisionRecord>, I18nError> {
        let id = self.text(frame.id.as_ref(), DECISION, row, true, faults)?;
        let id = match id.map(|text| text.parse::<DecisionId>()) {
            Some(Err(error)) => {
                faults.push(RowFault { hint: error.hint, ..fault(DECISION, error.message) });
                None
            }
            other => other.and_then(Result::ok),
        };
        let at = self.moment(frame, row, faults)?;
        let action = self.text(frame.action.as_ref(), ACTION, row, true, faults)?;
        if let Some(action) = action.as_ref().filter(|name| !self.reading.vocabulary.actions.contains_key(*name)) {
            let all: Vec<String> = self.reading.vocabulary.actions.keys().map(|name| format!("`{name}`")).collect();
            let values: [(&str, &str); 1] = [("value", action)];
            let all = all.join(", ");
            faults.push(self.note(
                ACTION,
                ("check.fault.action", &values),
                ("check.advice.action", &[("all", &all)]),
            )?);
        }
        let place = match self.text(frame.place.as_ref(), PLACE, row, false, faults)? {
            Some(text) => {
                let place = text.parse::<PlaceCode>().ok();
                if place.is_none() {
                    let values: [(&str, &str); 1] = [("value", &text)];
                    faults.push(self.note(PLACE, ("check.fault.place", &values), ("check.advice.place", &[]))?);
                }
                place
            }
            None => None,
        };
        let algorithm = self.text(frame.algorithm.as_ref(), ALGORITHM, row, false, faults)?;
        let person = self.text(frame.person.as_ref(), PERSON, row, false, faults)?;
        let facts = self.facts(facts, row, faults)?;
        let (Some(id), Some(at), Some(action)) = (id, at, action) else { return Ok(None) };
        Ok(Some(DecisionRecord { id, at, action, place, algorithm, person, facts }))
    }

    fn text(
        &self,
        column: Option<&Column>,
        name: &str,
        row: usize,
        needed: bool,
        faults: &mut Vec<RowFault>,
    ) -> Result<Option<String>, I18nError> {
        let array = column.and_then(|column| column.cast.as_string_opt::<i32>());
        let text = array.filter(|array| array.is_valid(row)).map(|array| array.value(row).to_owned());
        if text.is_none() && needed {
            faults.push(self.note(name, ("ingest.fault.null", &[("name", name)]), ("ingest.advice.null", &[]))?);
        }
        Ok(text)
    }

    fn moment(&self, frame: &Frame, row: usize, faults: &mut Vec<RowFault>) -> Result<Option<Instant>, I18nError> {
        let Some(column) = frame.at.as_ref().filter(|column| column.is_given(row)) else {
            faults.push(self.note(AT, ("ingest.fault.null", &[("name", AT)]), ("ingest.advice.null", &[]))?);
            return Ok(None);
        };
        let array = &column.cast;
        let (shown, at) = if let Some(texts) = array.as_string_opt::<i32>() {
            let text = texts.value(row).to_owned();
            let at = text.parse::<Instant>();
            (text, at)
        } else {
            let millis = match array.as_primitive_opt::<TimestampMillisecondType>() {
                Some(stamps) => stamps.is_valid(row).then(|| stamps.value(row)),
                None => array.as_primitive_opt::<Int64Type>().filter(|all| all.is_valid(row)).map(|all| all.value(row)),
            };
            let millis = millis.unwrap_or(i64::MAX);
            (millis.to_string(), Instant::from_millis(millis))
        };
        match at {
            Ok(at) => Ok(Some(at)),
            Err(error) => {
                let values: [(&str, &str); 1] = [("value", &shown)];
                let said = self.note(AT, ("check.fault.moment", &values), ("check.advice.moment_outside", &[]))?;
                let hint = if array.as_string_opt::<i32>().is_some() { error.hint } else { said.hint.clone() };
                faults.push(RowFault { hint, ..said });
                Ok(None)
            }
        }
    }

    fn facts(&self, columns: &[Fact<'_>], row: usize, faults: &mut Vec<RowFault>) -> Result<Facts, I18nError> {
        let mut facts = Facts::new();
        let given = |column: &&Fact<'_>| column.nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        for column in columns.iter().filter(given) {
            let name = || column.path.to_string();
            let Some(value) = column.values.at(row) else {
                let name = name();
                let values: [(&str, &str); 1] = [("name", &name)];
                faults.push(self.note(&name, ("ingest.fault.cell", &values), ("ingest.advice.cell", &[]))?);
                continue;
            };
            if let Some(word) = column.declared.unknown_word(&value) {
                let (name, word) = (name(), format!("`{word}`"));
                let all = column.declared.listed_words();
                let values: [(&str, &str); 2] = [("path", &name), ("word", &word)];
                let advice: (&str, &[(&str, &str)]) = ("check.advice.meant_words", &[("names", &all)]);
                faults.push(self.note(&name, ("check.fault.word", &values), advice)?);
                continue;
            }
            facts.insert(column.path.clone(), value);
        }
        Ok(facts)
    }

    fn note(
        &self,
        field: &str,
        said: (&str, &[(&str, &str)]),
        advice: (&str, &[(&str, &str)]),
    ) -> Result<RowFault, I18nError> {
        let message = self.reading.words.say(said.0, said.1)?;
        let hint = self.reading.words.say(advice.0, advice.1)?;
        Ok(RowFault { hint: Some(hint), ..fault(field, message) })
    }
}

fn fault(field: &str, message: String) -> RowFault {
    RowFault { line: None, column: None, field: Some(field.to_owned()), message, hint: None }
}

/// What a decision is, without its facts.
struct Frame {
    id: Option<Column>,
    at: Option<Column>,
    action: Option<Column>,
    place: Option<Column>,
    algorithm: Option<Column>,
    person: Option<Column>,
}

/// A column as it came, and in the type that is read: a value that is lost on the way is a fault, not a null.
struct Column {
    nulls: Option<NullBuffer>,
    cast: ArrayRef,
}

impl Column {
    fn is_given(&self, row: usize) -> bool {
        self.nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row))
    }
}

struct Fact<'a> {
    path: &'a FactPath,
    declared: &'a FactDeclaration,
    nulls: Option<NullBuffer>,
    values: Values,
}

enum Values {
    Bool(BooleanArray),
    Long(Int64Array),
    Text(StringArray),
    /// Lists, and the words in them all.
    Set(ListArray, StringArray),
}

impl Values {
    /// None where the value did not survive the cast, or is a set with a null in it.
    fn at(&self, row: usize) -> Option<FactValue> {
        match self {
            Self::Bool(array) => array.is_valid(row).then(|| FactValue::Bool(array.value(row))),
            Self::Long(array) => array.is_valid(row).then(|| FactValue::Long(array.value(row))),
            Self::Text(array) => array.is_valid(row).then(|| FactValue::Text(array.value(row).to_owned())),
            Self::Set(array, words) => {
                let range = array.value_offsets().get(row..=row + 1).filter(|_| array.is_valid(row))?;
                let [from, to] = *range else { return None };
                let (from, to) = (usize::try_from(from).ok()?, usize::try_from(to).ok()?);
                let word = |at: usize| words.is_valid(at).then(|| words.value(at).to_owned());
                (from..to).map(word).collect::<Option<_>>().map(FactValue::TextSet)
            }
        }
    }

    fn set(array: ListArray) -> Option<Self> {
        let words = array.values().as_string_opt().cloned()?;
        Some(Self::Set(array, words))
    }
}

fn wanted(field: &Field, fits: fn(&DataType) -> bool, kind: &str, reading: Reading<'_>) -> Result<(), BodyFault> {
    if fits(field.data_type()) {
        return Ok(());
    }
    let found = field.data_type().to_string();
    let wanted = reading.words.say(&format!("ingest.kind.{kind}"), &[])?;
    Err(refused("column_type", &[("name", field.name()), ("found", &found), ("wanted", &wanted)], reading))
}

fn refused(key: &str, values: &[(&str, &str)], reading: Reading<'_>) -> BodyFault {
    let said = || -> Result<BodyFault, I18nError> {
        let message = reading.words.say(&format!("ingest.fault.{key}"), values)?;
        Ok(BodyFault::new(message, reading.words.say(&format!("ingest.advice.{key}"), &[])?))
    };
    said().unwrap_or_else(BodyFault::from)
}

fn kind(fact_type: FactType) -> (fn(&DataType) -> bool, &'static str) {
    match fact_type {
        FactType::Bool => (|kind| *kind == DataType::Boolean, "bool"),
        FactType::Long => (DataType::is_integer, "long"),
        FactType::Text => (is_text, "text"),
        FactType::TextSet => (is_set, "set"),
    }
}

fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

fn is_moment(kind: &DataType) -> bool {
    kind.is_integer() || is_text(kind) || matches!(kind, DataType::Timestamp(..))
}

fn is_set(kind: &DataType) -> bool {
    match kind {
        DataType::List(item) | DataType::LargeList(item) => is_text(item.data_type()),
        DataType::Dictionary(_, values) => is_set(values),
        _ => false,
    }
}
