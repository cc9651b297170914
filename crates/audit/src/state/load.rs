//! Events from SQL into an [`AsOfIndex`](gongdao_kernel::AsOfIndex).

use super::State;
use crate::AuditError;
use crate::adapter::StateSpec;
use crate::columns::words;
use crate::error::problem;
use crate::query::Session;
use crate::read_at::{integers, moments, texts};
use crate::table::{Fault, FaultTally};
use datafusion::arrow::array::{Array, StringArray};
use datafusion::arrow::datatypes::Schema;
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_kernel::{AsOfError, Change, Event, EventLog};
use gongdao_model::{FactPath, FactType, FactValue};
use gongdao_rules::Vocabulary;
use std::collections::BTreeMap;

const NEEDED: [&str; 5] = ["key", "at", "fact", "op", "value"];
const OPTIONAL: [&str; 4] = ["seq", KNOWN_AT, "_file", "_row"];
const KNOWN_AT: &str = "known_at";

/// Read the events of one state query. Bad events are counted in `faults`.
pub(crate) fn load(
    session: &Session,
    spec: &StateSpec,
    vocabulary: &Vocabulary,
    faults: &mut FaultTally,
) -> Result<State, AuditError> {
    let batches = session.stream(&spec.sql)?;
    check_columns(spec, &batches.schema)?;
    let initial = initial(spec, vocabulary)?;
    let mut reading = Reading { spec, vocabulary, log: EventLog::new(Vec::new()), set_aside: 0, faults };
    for path in initial.keys() {
        reading.fact(path.name(), None)?;
    }
    for batch in batches {
        reading.batch(&batch?)?;
    }
    reading.look_behind(session)?;
    let Reading { log, set_aside, .. } = reading;
    let index = log.fold(&initial, spec.sees, 1).map_err(|error| refused(spec, error))?;
    Ok(State { entity: spec.entity, index, set_aside })
}

fn refused(spec: &StateSpec, error: AsOfError) -> AuditError {
    AuditError::new(&spec.sql.file, error.message, error.hint.unwrap_or_default())
}

fn check_columns(spec: &StateSpec, schema: &Schema) -> Result<(), AuditError> {
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let mut problems = Vec::new();
    for needed in NEEDED.iter().filter(|needed| !names.contains(needed)) {
        problems.push(problem(
            &spec.sql.file,
            format!("the state query gives no column `{needed}`"),
            "see docs/formats/adapter.md",
        ));
    }
    for other in names.iter().filter(|name| !NEEDED.contains(name) && !OPTIONAL.contains(name)) {
        problems.push(problem(
            &spec.sql.file,
            format!("the state query gives an unknown column `{other}`"),
            "leave it out",
        ));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.into()) }
}

fn initial(spec: &StateSpec, vocabulary: &Vocabulary) -> Result<BTreeMap<FactPath, FactValue>, AuditError> {
    let mut initial = BTreeMap::new();
    for (name, value) in &spec.initial {
        let path = path_of(spec, vocabulary, name)?;
        let wanted = vocabulary.facts.get(&path).map(|fact| fact.fact_type);
        // An empty list in TOML is a set of nothing; a list is always a set.
        if wanted != Some(value.fact_type()) {
            let wanted = wanted.map_or("", FactType::cedar_name);
            return Err(AuditError::new(
                &spec.sql.file,
                format!("the initial value of `{path}` is `{}`, not `{wanted}`", value.fact_type().cedar_name()),
                "give it the type of the vocabulary",
            ));
        }
        if let Some((word, declared)) =
            vocabulary.facts.get(&path).and_then(|declared| Some((declared.unknown_word(value)?, declared)))
        {
            let message = format!("the initial value of `{path}` cannot be `{word}`");
            let hint = format!("use one of {}", declared.listed_words());
            return Err(AuditError::new(&spec.sql.file, message, hint));
        }
        initial.insert(path, value.clone());
    }
    Ok(initial)
}

fn path_of(spec: &StateSpec, vocabulary: &Vocabulary, name: &str) -> Result<FactPath, AuditError> {
    let path = if name.contains('.') { name.parse() } else { FactPath::new(spec.entity, name) };
    let path: Option<FactPath> = path.ok().filter(|path: &FactPath| path.entity() == spec.entity);
    path.filter(|path| vocabulary.facts.contains_key(path)).ok_or_else(|| {
        AuditError::new(
            &spec.sql.file,
            format!("`{name}` is no fact of `{}` in the vocabulary", spec.entity.prefix().trim_end_matches('.')),
            "events name facts of the state's entity, for instance `profilingOff`",
        )
    })
}

struct Reading<'a> {
    spec: &'a StateSpec,
    vocabulary: &'a Vocabulary,
    log: EventLog,
    /// Rows with at least one fault.
    set_aside: u64,
    faults: &'a mut FaultTally,
}

/// Where an event stands, for findings.
struct Place<'a> {
    file: &'a str,
    row: u64,
}

impl Reading<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), AuditError> {
        let file = &self.spec.sql.file;
        let text = |name: &str| texts(batch, name, file);
        let (key, fact, op, value) = (text("key")?, text("fact")?, text("op")?, text("value")?);
        let at = moments(batch, "at", file)?;
        let seq = integers(batch, "seq", file)?;
        let (files, rows) =
            (batch.column_by_name("_file").map(|_| text("_file")).transpose()?, integers(batch, "_row", file)?);
        let known_at = batch.column_by_name(KNOWN_AT).map(|_| moments(batch, KNOWN_AT, file)).transpose()?;
        for row in 0..batch.num_rows() {
            let place = Place {
                file: files.as_ref().and_then(|files| at_row(files, row)).unwrap_or(""),
                row: rows
                    .as_ref()
                    .and_then(|rows| rows.is_valid(row).then(|| rows.value(row)))
                    .and_then(|row| u64::try_from(row).ok())
                    .unwrap_or(0),
            };
            let number = self.fact(at_row(&fact, row).unwrap_or(""), Some(&place))?;
            let Some(key) = at_row(&key, row).filter(|key| !key.trim().is_empty()) else {
                self.log.lose(number).map_err(|error| refused(self.spec, error))?;
                self.set_aside += 1;
                self.faults.add(place.file, Some("key"), place.row, without_key(), true);
                continue;
            };
            let at = at.at(row).map_err(|fault| self.faults.add(place.file, Some("at"), place.row, fault, true));
            let known = known_at.as_ref().filter(|known| known.is_given(row)).map(|known| known.at(row)).transpose();
            let known = known.map_err(|fault| self.faults.add(place.file, Some(KNOWN_AT), place.row, fault, true));
            let change = self.change(number, at_row(&op, row).unwrap_or(""), at_row(&value, row), &place);
            self.set_aside += u64::from(at.is_err() || known.is_err() || change.is_err());
            let seq = seq.as_ref().and_then(|seq| seq.is_valid(row).then(|| seq.value(row)));
            // An event of which nobody knows when it was recorded is not one that was recorded at once.
            let change = if known.is_err() { Change::Forget } else { change.unwrap_or(Change::Forget) };
            let event = Event { key, at: at.ok(), known_at: known.ok().flatten(), seq, fact: number, change: &change };
            self.log.push(&event).map_err(|error| refused(self.spec, error))?;
        }
        Ok(())
    }

    /// Rows that the tables behind the query set aside were events of nobody knows whom about nobody knows what.
    fn look_behind(&mut self, session: &Session) -> Result<(), AuditError> {
        for lost in session.set_aside_behind(&self.spec.sql)? {
            for fact in 0..self.log.facts().len() {
                self.log.lose(fact).map_err(|error| refused(self.spec, error))?;
            }
            self.faults.say_once(&lost.file, events_set_aside(), lost.count, lost.first_rows);
        }
        Ok(())
    }

    /// The number of a fact in the index.
    fn fact(&mut self, name: &str, place: Option<&Place<'_>>) -> Result<usize, AuditError> {
        let path = path_of(self.spec, self.vocabulary, name).map_err(|mut error| {
            if let (Some(problem), Some(place)) = (error.problems.first_mut(), place) {
                let placed = format!("{} row {}: {}", place.file, place.row, problem.message);
                placed.trim().clone_into(&mut problem.message);
            }
            error
        })?;
        let kind = self.vocabulary.facts.get(&path).map_or(FactType::Text, |declared| declared.fact_type);
        self.log.fact(&path, kind).map_err(|error| refused(self.spec, error))
    }

    /// What the event does. One that cannot be read is counted; its fact is unknown from then on.
    fn change(&mut self, fact: usize, op: &str, value: Option<&str>, place: &Place<'_>) -> Result<Change, ()> {
        let path = self.log.facts().get(fact).map(|(path, _)| path);
        let Some(declared) = path.and_then(|path| self.vocabulary.facts.get(path)) else { return Ok(Change::Forget) };
        let kind = declared.fact_type;
        let change = match (op, value) {
            ("set", None) => Some(Change::Forget),
            ("set", Some(value)) => read_value(kind, value).map(Change::Set),
            ("add", value) if kind == FactType::TextSet => Some(Change::Add(words(value.unwrap_or_default()))),
            ("remove", value) if kind == FactType::TextSet => Some(Change::Remove(words(value.unwrap_or_default()))),
            _ => None,
        };
        // A word that the fact cannot have is a slip; what was meant nobody knows.
        let is_known = |change: &Change| match change {
            Change::Set(value) => declared.unknown_word(value).is_none(),
            Change::Add(words) | Change::Remove(words) => {
                declared.unknown_word(&FactValue::TextSet(words.clone())).is_none()
            }
            Change::Forget => true,
        };
        change.filter(is_known).ok_or_else(|| {
            let fault = not_understood(op, value, kind);
            self.faults.add(place.file, Some("value"), place.row, fault, true);
        })
    }
}

fn without_key() -> Fault {
    let (zh, en) = ("事件没有主体，不知道是谁的", "the event has no key: it could be anybody's");
    Fault::new("event-without-key", zh.to_owned(), en.to_owned()).hint(
        "补上主体，否则该事实对所有人都按未知处理",
        "add the key; until then its fact counts as unknown for everybody",
    )
}

fn not_understood(op: &str, value: Option<&str>, kind: FactType) -> Fault {
    let shown = Fault::shown(&format!("{op} {}", value.unwrap_or_default()));
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

fn at_row(array: &StringArray, row: usize) -> Option<&str> {
    array.is_valid(row).then(|| array.value(row))
}

fn read_value(kind: FactType, text: &str) -> Option<FactValue> {
    match kind {
        FactType::Bool => match text.trim().to_ascii_lowercase().as_str() {
            "true" => Some(FactValue::Bool(true)),
            "false" => Some(FactValue::Bool(false)),
            _ => None,
        },
        FactType::Long => text.trim().parse().ok().map(FactValue::Long),
        FactType::Text => Some(FactValue::Text(text.to_owned())),
        FactType::TextSet => Some(FactValue::TextSet(words(text))),
    }
}
