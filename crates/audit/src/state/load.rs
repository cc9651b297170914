//! Events from SQL into an [`AsOfIndex`](gongdao_kernel::AsOfIndex).

use super::State;
use crate::AuditError;
use crate::adapter::StateSpec;
use crate::query::Session;
use crate::read_at::{integers, no_moment, texts};
use crate::table::{Fault, FaultTally};
use datafusion::arrow::array::{Array, Int64Array, StringArray};
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_kernel::{BadEvent, EventFault, EventReader, KernelError};
use gongdao_model::FactType;
use gongdao_rules::Vocabulary;
use std::path::Path;
use std::sync::Arc;

/// Read the events of one state query. Bad events are counted in `faults`.
pub(crate) fn load(
    session: &Session,
    spec: &StateSpec,
    vocabulary: &Vocabulary,
    faults: &mut FaultTally,
) -> Result<State, AuditError> {
    let batches = session.stream(&spec.sql)?;
    let mut reader = EventReader::new(vocabulary, spec.entity, spec.sees);
    for (name, value) in &spec.initial {
        reader.initial(name, value.clone()).map_err(|error| refused(spec, error))?;
    }
    let mut set_aside = 0;
    // A query without rows must have the right columns too.
    let none = RecordBatch::new_empty(Arc::clone(&batches.schema));
    for batch in std::iter::once(Ok(none)).chain(batches) {
        let batch = batch?;
        let places = Places::of(&batch, &spec.sql.file)?;
        let mut bad = |bad: BadEvent| {
            set_aside += 1;
            let (file, row) = places.of_row(bad.row);
            for fault in &bad.faults {
                faults.add(file, Some(fault.column()), row, in_words(fault), true);
            }
        };
        reader.read(&batch, &mut bad).map_err(|error| refused_at(spec, &places, error))?;
    }
    // Rows that the tables behind the query set aside were events of nobody knows whom about nobody knows what.
    for lost in session.set_aside_behind(&spec.sql)? {
        reader.lose_all().map_err(|error| refused(spec, error))?;
        faults.say_once(&lost.file, events_set_aside(), lost.count, lost.first_rows);
    }
    let index = reader.finish(1).map_err(|error| refused(spec, error))?;
    Ok(State { entity: spec.entity, index, set_aside })
}

fn refused(spec: &StateSpec, error: KernelError) -> AuditError {
    AuditError::new(&spec.sql.file, error.message, error.hint)
}

/// The same with the event's place in the source.
fn refused_at(spec: &StateSpec, places: &Places, error: KernelError) -> AuditError {
    let Some((file, row)) = error.row.map(|row| places.of_row(row)) else { return refused(spec, error) };
    let message = format!("{file} row {row}: {}", error.message).trim().to_owned();
    refused(spec, KernelError { message, ..error })
}

/// Where events stand in the source, for findings.
struct Places {
    files: Option<StringArray>,
    rows: Option<Int64Array>,
}

impl Places {
    fn of(batch: &RecordBatch, file: &Path) -> Result<Self, AuditError> {
        let files = batch.column_by_name("_file").map(|_| texts(batch, "_file", file)).transpose()?;
        Ok(Self { files, rows: integers(batch, "_row", file)? })
    }

    /// File and row; an empty name and 0 where the query does not say.
    fn of_row(&self, row: usize) -> (&str, u64) {
        let file = self.files.as_ref().filter(|files| files.is_valid(row)).map_or("", |files| files.value(row));
        let number = self.rows.as_ref().filter(|rows| rows.is_valid(row)).map(|rows| rows.value(row));
        (file, number.and_then(|number| u64::try_from(number).ok()).unwrap_or(0))
    }
}

fn in_words(fault: &EventFault) -> Fault {
    match fault {
        EventFault::WithoutKey => without_key(),
        EventFault::WithoutTime(why) | EventFault::WithoutRecording(why) => no_moment(why),
        EventFault::NotUnderstood { given, kind } => not_understood(given, *kind),
    }
}

fn without_key() -> Fault {
    let (zh, en) = ("事件没有主体，不知道是谁的", "the event has no key: it could be anybody's");
    Fault::new("event-without-key", zh.to_owned(), en.to_owned()).hint(
        "补上主体，否则该事实对所有人都按未知处理",
        "add the key; until then its fact counts as unknown for everybody",
    )
}

fn not_understood(given: &str, kind: FactType) -> Fault {
    let shown = Fault::shown(given);
    let kind = kind.cedar_name();
    Fault::new(
        "event-not-understood",
        format!("事件 `{shown}` 不适用于类型 {kind}，此后该事实按未知处理"),
        format!("the event `{shown}` does not fit the type {kind}; the fact counts as unknown from there on"),
    )
}

fn events_set_aside() -> Fault {
    Fault::new(
        "events-set-aside",
        "有事件所在的行被搁置，不知道是谁的、什么事；由此得出的状态对所有人都按未知处理".to_owned(),
        "rows with events were set aside, and nobody knows whose or about what: every fact of that state counts as \
         unknown for everybody"
            .to_owned(),
    )
    .hint(
        "改正这些行；或在适配器中把事件的 `at`、`op`、`value` 列声明为 `text`，这样读不懂的事件只影响其主体",
        "correct the rows; or declare the events' `at`, `op` and `value` as `text` in the adapter, so that an event \
         that cannot be read touches its own key alone",
    )
}
