//! Tables of events as people keep them, into states as of an instant.

#[cfg(test)]
mod tests;

use crate::moments::{Moments, NoMoment, integers, texts};
use crate::{AsOfError, AsOfIndex, Change, Event, EventLog, KernelError, Sees};
use arrow_array::{Array, Int64Array, RecordBatch, StringArray};
use gongdao_model::{Entity, FactPath, FactType, FactValue};
use gongdao_rules::{FactDeclaration, Vocabulary};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const NEEDED: [&str; 5] = ["key", "at", "fact", "op", "value"];
const OPTIONAL: [&str; 4] = ["seq", "known_at", "_file", "_row"];

/// Reads batches with the columns `key`, `at`, `fact`, `op`, `value` and, where the source has them, `seq` and `known_at`
/// (docs/formats/adapter.md, "State as of the decision").
///
/// Nothing bad is dropped: an event that cannot be read makes its fact unknown from then on, one without a readable time
/// at all times, one without a key for everybody; each is reported once.
pub struct EventReader<'a> {
    vocabulary: &'a Vocabulary,
    entity: Entity,
    sees: Sees,
    log: EventLog,
    initial: BTreeMap<FactPath, FactValue>,
    facts: HashMap<String, Named<'a>>,
}

/// A fact by the name that events use.
#[derive(Clone, Copy)]
struct Named<'a> {
    number: usize,
    declared: &'a FactDeclaration,
}

/// An event that could not be read in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadEvent {
    /// Its row in the batch, from 0.
    pub row: usize,
    /// What is wrong with it: one thing at least.
    pub faults: Vec<EventFault>,
}

/// What is wrong with an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventFault {
    /// Nobody knows whose it is: its fact is unknown for everybody.
    WithoutKey,
    /// Nobody knows when it was: its fact is unknown for its key at all times.
    WithoutTime(NoMoment),
    /// Nobody knows when it was recorded: its fact is unknown from then on.
    WithoutRecording(NoMoment),
    /// `op` and `value` make no change of a fact of this type: it is unknown from then on.
    NotUnderstood {
        /// What stands there.
        given: String,
        /// The fact's type.
        kind: FactType,
    },
}

impl EventFault {
    /// The column at fault.
    pub fn column(&self) -> &'static str {
        match self {
            Self::WithoutKey => "key",
            Self::WithoutTime(_) => "at",
            Self::WithoutRecording(_) => "known_at",
            Self::NotUnderstood { .. } => "value",
        }
    }
}

/// The columns of a batch of events.
struct Columns {
    key: StringArray,
    at: Moments,
    fact: StringArray,
    op: StringArray,
    value: StringArray,
    seq: Option<Int64Array>,
    known_at: Option<Moments>,
}

impl<'a> EventReader<'a> {
    /// A reader of the events of persons or of algorithms, for decisions that see what `sees` says. `known_at` is read
    /// for [`Sees::Known`] alone.
    pub fn new(vocabulary: &'a Vocabulary, entity: Entity, sees: Sees) -> Self {
        let log = EventLog::new(Vec::new());
        Self { vocabulary, entity, sees, log, initial: BTreeMap::new(), facts: HashMap::new() }
    }

    /// What a fact is before its first event; only where the log is complete from the beginning.
    ///
    /// Errors: the entity has no such fact; a value of another type, or with a word that the fact cannot have.
    pub fn initial(&mut self, name: &str, value: FactValue) -> Result<(), KernelError> {
        let (path, declared) = self.declared(name)?;
        let (wanted, given) = (declared.fact_type.cedar_name(), value.fact_type().cedar_name());
        if declared.fact_type != value.fact_type() {
            let message = format!("the initial value of `{path}` is `{given}`, not `{wanted}`");
            return Err(KernelError::new(message, "give it the type of the vocabulary"));
        }
        if let Some(word) = declared.unknown_word(&value) {
            let message = format!("the initial value of `{path}` cannot be `{word}`");
            return Err(KernelError::new(message, format!("use one of {}", declared.listed_words())));
        }
        self.fact(name)?;
        self.initial.insert(path, value);
        Ok(())
    }

    /// Read a batch after all others, and tell `bad` of each event that is not what it should be.
    ///
    /// Errors: a column is missing, unknown or of a wrong type; an event names no fact of the entity.
    pub fn read(&mut self, batch: &RecordBatch, bad: &mut dyn FnMut(BadEvent)) -> Result<(), KernelError> {
        let columns = self.columns(batch)?;
        for row in 0..batch.num_rows() {
            let name = cell(&columns.fact, row).unwrap_or_default();
            let fact = self.fact(name).map_err(|error| error.at(row))?;
            let Some(key) = cell(&columns.key, row).filter(|key| !key.trim().is_empty()) else {
                bad(BadEvent { row, faults: vec![EventFault::WithoutKey] });
                self.log.lose(fact.number)?;
                continue;
            };
            let mut faults = Vec::new();
            let (op, value) = (cell(&columns.op, row).unwrap_or_default(), cell(&columns.value, row));
            let mut change = change(fact.declared, op, value).unwrap_or_else(|| {
                let given = format!("{op} {}", value.unwrap_or_default()).trim().to_owned();
                faults.push(EventFault::NotUnderstood { given, kind: fact.declared.fact_type });
                Change::Forget
            });
            let known_at = columns.known_at.as_ref().map(|known_at| known_at.at(row)).transpose();
            let known_at = known_at.unwrap_or_else(|why| {
                // An empty cell says that it was recorded at once.
                if why != NoMoment::Missing {
                    faults.push(EventFault::WithoutRecording(why));
                    change = Change::Forget;
                }
                None
            });
            let at = columns.at.at(row).map_err(|why| faults.push(EventFault::WithoutTime(why))).ok();
            let seq = columns.seq.as_ref().and_then(|seq| seq.is_valid(row).then(|| seq.value(row)));
            self.log.push(&Event { key, at, known_at, seq, fact: fact.number, change: &change })?;
            if !faults.is_empty() {
                bad(BadEvent { row, faults });
            }
        }
        Ok(())
    }

    /// Events were lost, and nobody knows whose or about what: every fact named so far is unknown for everybody.
    pub fn lose_all(&mut self) -> Result<(), KernelError> {
        for number in 0..self.log.facts().len() {
            self.log.lose(number)?;
        }
        Ok(())
    }

    /// The states that follow from all that was read. More threads change nothing but the time.
    ///
    /// Errors: more distinct states or values than have numbers.
    pub fn finish(self, threads: usize) -> Result<AsOfIndex, KernelError> {
        Ok(self.log.fold(&self.initial, self.sees, threads)?)
    }

    fn columns(&self, batch: &RecordBatch) -> Result<Columns, KernelError> {
        let schema = batch.schema_ref();
        let hint = "events have `key`, `at`, `fact`, `op`, `value`, optionally `seq` and `known_at`";
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let missing = NEEDED.iter().filter(|name| !names.contains(name)).map(|name| format!("no column `{name}`"));
        let unknown = names.iter().filter(|name| !NEEDED.contains(name) && !OPTIONAL.contains(name));
        let wrong: Vec<String> = missing.chain(unknown.map(|name| format!("an unknown column `{name}`"))).collect();
        if !wrong.is_empty() {
            return Err(KernelError::new(format!("the events have {}", wrong.join(", ")), hint));
        }
        let found = |name: &str| {
            let missing = || KernelError::new(format!("the events have no column `{name}`"), hint);
            batch.column_by_name(name).ok_or_else(missing)
        };
        let text = |name: &str| texts(found(name)?, name);
        let known_at = batch.column_by_name("known_at").filter(|_| self.sees == Sees::Known);
        Ok(Columns {
            key: text("key")?,
            at: Moments::of(found("at")?, "at")?,
            fact: text("fact")?,
            op: text("op")?,
            value: text("value")?,
            seq: batch.column_by_name("seq").map(|array| integers(array, "seq")).transpose()?,
            known_at: known_at.map(|array| Moments::of(array, "known_at")).transpose()?,
        })
    }

    /// A fact by `profilingOff` or `resource.profilingOff`.
    fn declared(&self, name: &str) -> Result<(FactPath, &'a FactDeclaration), KernelError> {
        let path = if name.contains('.') { name.parse() } else { FactPath::new(self.entity, name) };
        let path = path.ok().filter(|path: &FactPath| path.entity() == self.entity);
        let found = path.and_then(|path| Some((self.vocabulary.facts.get(&path)?, path)));
        found.map(|(declared, path)| (path, declared)).ok_or_else(|| {
            let entity = self.entity.prefix().trim_end_matches('.');
            KernelError::new(
                format!("`{name}` is no fact of `{entity}` in the vocabulary"),
                "events name facts of the state's entity, for instance `profilingOff`",
            )
        })
    }

    fn fact(&mut self, name: &str) -> Result<Named<'a>, KernelError> {
        if let Some(known) = self.facts.get(name) {
            return Ok(*known);
        }
        let (path, declared) = self.declared(name)?;
        let number = self.log.fact(&path, declared.fact_type)?;
        let named = Named { number, declared };
        self.facts.insert(name.to_owned(), named);
        Ok(named)
    }
}

impl From<AsOfError> for KernelError {
    fn from(error: AsOfError) -> Self {
        Self::new(error.message, error.hint.unwrap_or_default())
    }
}

fn cell(array: &StringArray, row: usize) -> Option<&str> {
    array.is_valid(row).then(|| array.value(row))
}

/// What an event does; none where it cannot be read.
fn change(declared: &FactDeclaration, op: &str, value: Option<&str>) -> Option<Change> {
    let kind = declared.fact_type;
    let change = match (op, value) {
        ("set", None) => Change::Forget,
        ("set", Some(text)) => Change::Set(value_of(kind, text)?),
        ("add", Some(text)) if kind == FactType::TextSet => Change::Add(words(text)),
        ("remove", Some(text)) if kind == FactType::TextSet => Change::Remove(words(text)),
        _ => return None,
    };
    // A word that the fact cannot have is a slip; what was meant nobody knows.
    let is_slip = match &change {
        Change::Set(value) => declared.unknown_word(value).is_some(),
        Change::Add(words) | Change::Remove(words) => {
            declared.unknown_word(&FactValue::TextSet(words.clone())).is_some()
        }
        Change::Forget => false,
    };
    (!is_slip).then_some(change)
}

fn value_of(kind: FactType, text: &str) -> Option<FactValue> {
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

/// Words joined with `|`.
fn words(text: &str) -> BTreeSet<String> {
    text.split('|').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
