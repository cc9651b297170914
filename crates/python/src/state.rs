//! States of persons and algorithms from tables of events.

use crate::fault::{Fault, Faults, Row, refuse};
use crate::pack::NativePack;
use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::ArrowArrayStreamReader;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_pyarrow::PyArrowType;
use arrow_schema::{DataType, Field, Schema};
use gongdao_kernel::columns::{ALGORITHM, AT, PERSON};
use gongdao_kernel::{AsOfIndex, EventFault, EventReader, KernelError, NoMoment, Sees};
use gongdao_model::{Entity, FactPath, FactValue};
use gongdao_rules::Vocabulary;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Bad events that are shown; all are counted.
const MOST_SHOWN: usize = 100;

/// States ready to be joined to decisions.
#[pyclass(frozen, module = "gongdao._gongdao")]
pub(crate) struct NativeState(pub(crate) Arc<States>);

/// The states of one or both entities.
pub(crate) struct States {
    pub(crate) of: Vec<(Entity, AsOfIndex)>,
    bad: Vec<Fault>,
    bad_count: usize,
}

/// A value as Python gives it; truth values are numbers too, so they stand first.
#[derive(FromPyObject)]
enum Given {
    Truth(bool),
    Number(i64),
    Text(String),
    Words(BTreeSet<String>),
    List(Vec<String>),
}

impl Given {
    fn value(self) -> FactValue {
        match self {
            Self::Truth(truth) => FactValue::Bool(truth),
            Self::Number(number) => FactValue::Long(number),
            Self::Text(text) => FactValue::Text(text),
            Self::Words(words) => FactValue::TextSet(words),
            Self::List(words) => FactValue::TextSet(words.into_iter().collect()),
        }
    }
}

type Events = Option<PyArrowType<ArrowArrayStreamReader>>;

#[pymethods]
impl NativeState {
    #[new]
    fn new(
        py: Python<'_>,
        pack: &NativePack,
        resource: Events,
        principal: Events,
        initial: BTreeMap<String, Given>,
        sees: &str,
    ) -> PyResult<Self> {
        let sees = match sees {
            "happened" => Sees::Happened,
            "known" => Sees::Known,
            other => {
                let message = format!("sees is `{other}`; it is `happened` or `known`");
                return Err(PyValueError::new_err(message));
            }
        };
        let initial = initial.into_iter().map(|(name, given)| (name, given.value())).collect();
        let tables = vec![(Entity::Person, resource), (Entity::Algorithm, principal)];
        let tables = tables.into_iter().filter_map(|(entity, table)| Some((entity, table?.0))).collect();
        let vocabulary = pack.rules.vocabulary();
        let states = py.detach(|| States::build(vocabulary, tables, initial, sees));
        states.map(|states| Self(Arc::new(states))).map_err(|faults| refuse(py, faults))
    }

    /// The first bad events: table, row, message, hint.
    fn problems(&self) -> Vec<Row> {
        self.0.bad.iter().cloned().map(Fault::into_row).collect()
    }

    /// How many events could not be read in full.
    #[getter]
    fn bad_events(&self) -> usize {
        self.0.bad_count
    }

    /// The facts that it gives, by path.
    fn facts(&self) -> Vec<String> {
        self.0.facts().into_iter().map(ToString::to_string).collect()
    }
}

/// What faults call the table of an entity's events.
fn table_name(entity: Entity) -> String {
    format!("events of {}", entity.prefix().trim_end_matches('.'))
}

impl States {
    fn build(
        vocabulary: &Vocabulary,
        tables: Vec<(Entity, ArrowArrayStreamReader)>,
        mut initial: BTreeMap<String, FactValue>,
        sees: Sees,
    ) -> Result<Self, Faults> {
        let mut states = Self { of: Vec::new(), bad: Vec::new(), bad_count: 0 };
        for (entity, table) in tables {
            let index = states.index(vocabulary, entity, table, &mut initial, sees)?;
            states.of.push((entity, index));
        }
        if let Some(name) = initial.keys().next() {
            let message = format!("the initial value of `{name}` comes without the events of its entity");
            let hint = "give the events, or name the fact like `resource.profilingOff` or `principal.filed`";
            return Err(vec![Fault::new("initial", message, hint)]);
        }
        Ok(states)
    }

    fn index(
        &mut self,
        vocabulary: &Vocabulary,
        entity: Entity,
        table: ArrowArrayStreamReader,
        initial: &mut BTreeMap<String, FactValue>,
        sees: Sees,
    ) -> Result<AsOfIndex, Faults> {
        let mut reader = EventReader::new(vocabulary, entity, sees);
        // A name without its entity is a person's.
        let is_own =
            |name: &str| if name.contains('.') { name.starts_with(entity.prefix()) } else { entity == Entity::Person };
        let own: Vec<String> = initial.keys().filter(|name| is_own(name)).cloned().collect();
        for name in own {
            let Some(value) = initial.remove(&name) else { continue };
            let fault = |error: KernelError| vec![Fault::new("initial", error.message, error.hint)];
            reader.initial(&name, value).map_err(fault)?;
        }
        let name = table_name(entity);
        let mut before = 0;
        for batch in table {
            let batch = batch.map_err(|error| vec![Fault::new(&name, error.to_string(), "")])?;
            if let Some(fault) = naive_times(batch.schema_ref(), &["at", "known_at"], &name) {
                return Err(vec![fault]);
            }
            reader
                .read(&batch, &mut |event| {
                    self.bad_count += 1;
                    for fault in event.faults.iter().take(MOST_SHOWN.saturating_sub(self.bad.len())) {
                        self.bad.push(of_event(&name, fault).at(before + event.row));
                    }
                })
                .map_err(|error| vec![Fault::of_kernel(&name, before, error)])?;
            before += batch.num_rows();
        }
        reader.finish(1).map_err(|error| vec![Fault::of_kernel(&name, 0, error)])
    }

    /// The facts that decisions get from here.
    pub(crate) fn facts(&self) -> BTreeSet<&FactPath> {
        self.of.iter().flat_map(|(_, index)| index.facts()).map(|(path, _)| path).collect()
    }

    /// Add a column for each fact, as each decision could see it.
    pub(crate) fn join(&self, batch: &RecordBatch) -> Result<RecordBatch, Fault> {
        let mut fields: Vec<Arc<Field>> = batch.schema().fields().iter().cloned().collect();
        let mut arrays = batch.columns().to_vec();
        let column = |name: &str| -> Result<&ArrayRef, Fault> {
            batch.column_by_name(name).ok_or_else(|| Fault::new("data", format!("there is no column `{name}`"), ""))
        };
        for (entity, index) in &self.of {
            let keys = column(key_column(*entity))?;
            let at = column(AT)?.as_primitive::<Int64Type>();
            let joined = index.states(keys, at).and_then(|states| index.columns(&states));
            for (path, array) in joined.map_err(|error| Fault::of_kernel("data", 0, error.into()))? {
                fields.push(Arc::new(Field::new(path.to_string(), array.data_type().clone(), true)));
                arrays.push(array);
            }
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|error| Fault::unexpected(&error))
    }
}

/// The column of a decision that names the entity.
pub(crate) fn key_column(entity: Entity) -> &'static str {
    if entity == Entity::Person { PERSON } else { ALGORITHM }
}

/// A timestamp without a zone could be anybody's midnight.
pub(crate) fn naive_times(schema: &Schema, names: &[&str], table: &str) -> Option<Fault> {
    let is_naive = |field: &&Arc<Field>| {
        names.contains(&field.name().as_str()) && matches!(field.data_type(), DataType::Timestamp(_, None))
    };
    let field = schema.fields().iter().find(is_naive)?;
    let message = format!("column `{}` holds timestamps without a time zone", field.name());
    Some(Fault::new(
        table,
        message,
        "say which zone they are in, for instance `tz_localize(\"Asia/Shanghai\")` in pandas, \
         `dt.replace_time_zone(\"Asia/Shanghai\")` in Polars, `AT TIME ZONE 'Asia/Shanghai'` in SQL",
    ))
}

fn of_event(table: &str, fault: &EventFault) -> Fault {
    let moment = |column: &str, why: &NoMoment, then: &str| match why {
        NoMoment::Missing => Fault::new(table, format!("`{column}` is missing; {then}"), "give the event its time"),
        NoMoment::Impossible { why, .. } => {
            let hint = why.hint.clone().unwrap_or_default();
            Fault::new(table, format!("`{column}`: {}; {then}", why.message), hint)
        }
    };
    match fault {
        EventFault::WithoutKey => Fault::new(
            table,
            "the event has no key: it could be anybody's, so its fact counts as unknown for everybody",
            "add the key",
        ),
        EventFault::WithoutTime(why) => moment("at", why, "the fact counts as unknown for its key at all times"),
        EventFault::WithoutRecording(why) => moment("known_at", why, "the fact counts as unknown from there on"),
        EventFault::NotUnderstood { given, kind } => Fault::new(
            table,
            format!(
                "the event `{given}` does not fit the type {}; the fact counts as unknown from there on",
                kind.cedar_name()
            ),
            "write `set`, or for sets `add` and `remove`, with a value that the fact can have",
        ),
    }
}
