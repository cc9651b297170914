//! Decisions and events drawn into Parquet files: `decisions.parquet`, `person-events.parquet`, `algorithm-events.parquet`.
//!
//! Equal seeds give equal files. A fact of a decision stands where a rule about its action asks for it, as a source records
//! it, and is null elsewhere; one value in 128 is unknown. The rows are ordered by instant. An event row is the whole state
//! of a key from its instant on; the rows are ordered by key and instant.

use super::columns::{Builder, Out, data_type};
use super::drawn::{One, Values};
use super::{rules, told};
use crate::decisions::Draw;
use crate::options::Options;
use arrow_array::{ArrayRef, Int64Array, StringArray};
use arrow_schema::{DataType, Field};
use gongdao_model::{Entity, FactPath, FactType, LegalDate};
use gongdao_rules::{RuleSet, Vocabulary};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Out of 100 decisions.
pub(crate) const ACTIONS: [(&str, u64); 12] = [
    ("dispatch", 40),
    ("pay", 12),
    ("price", 10),
    ("recommend", 12),
    ("promise", 6),
    ("rank", 5),
    ("push", 4),
    ("penalise", 4),
    ("search", 3),
    ("assess", 2),
    ("offer", 1),
    ("share", 1),
];
const PLACES: [&str; 6] = ["310100", "440300", "110100", "330100", "510100", "420100"];
/// In so many decisions one names no person.
const NOBODY: u64 = 1_000;
pub(crate) const PERSONS: u64 = 200_000;
const ALGORITHMS: u64 = 40;
const ALGORITHM_EVENTS: u64 = 25;
const BATCH: u64 = 50_000;
const DAY: i64 = 86_400_000;

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let rows = options.value("rows", 10_000_000_u64)?;
    let out: PathBuf = options.value("out", PathBuf::from("target/bench-audit"))?;
    let seed = options.value("seed", 1_u64)?;
    std::fs::create_dir_all(&out).map_err(|error| format!("cannot create `{}`: {error}", out.display()))?;
    let rules = rules::kept(options)?;
    let period = Period::new()?;
    decisions(&out.join("decisions.parquet"), &rules, &period, rows, seed)?;
    let events = (rows / 10).max(PERSONS.min(rows));
    let persons = PERSONS.min(rows.max(1));
    let keys = Keys { count: persons, events: events / persons, name: person_name };
    states(&out.join("person-events.parquet"), &rules, &period, Entity::Person, &keys, seed ^ 0xaaaa)?;
    let keys = Keys { count: ALGORITHMS, events: ALGORITHM_EVENTS, name: algorithm_name };
    states(&out.join("algorithm-events.parquet"), &rules, &period, Entity::Algorithm, &keys, seed ^ 0xbbbb)?;
    let size = |name: &str| std::fs::metadata(out.join(name)).map_or(0, |file| file.len());
    Ok(format!(
        "{rows} decisions ({} bytes), {} events of {persons} persons ({} bytes), seed {seed}, in `{}`",
        size("decisions.parquet"),
        keys_total(events, persons),
        size("person-events.parquet"),
        out.display()
    ))
}

fn keys_total(events: u64, persons: u64) -> u64 {
    events / persons * persons
}

struct Period {
    from: i64,
    millis: u64,
}

impl Period {
    fn new() -> Result<Self, String> {
        let day = |text: &str| text.parse::<LegalDate>().map(|day| day.starts_at().millis()).map_err(told);
        let (from, last) = (day(rules::FIRST_DAY)?, day(rules::LAST_DAY)?);
        Ok(Self { from, millis: u64::try_from(last + DAY - from).map_err(told)? })
    }

    /// An instant so many of `parts` after the beginning.
    fn at(&self, position: u64, parts: u64) -> i64 {
        let offset = u128::from(self.millis) * u128::from(position) / u128::from(parts.max(1));
        self.from + i64::try_from(offset).unwrap_or(0)
    }
}

/// A fact's column: how it is drawn, and the actions that record it.
pub(crate) struct Column {
    pub(crate) path: FactPath,
    pub(crate) kind: FactType,
    pub(crate) values: Values,
    pub(crate) actions: Vec<bool>,
}

pub(crate) fn columns(rules: &RuleSet, whose: Entity) -> Result<Vec<Column>, String> {
    let vocabulary: &Vocabulary = &rules.vocabulary;
    let facts = rules::facts(rules)?.into_iter().filter(|(path, _)| path.entity() == whose);
    facts
        .map(|(path, kind)| {
            let asks = |action: &str| {
                rules.versions.iter().any(|version| version.actions.contains(action) && version.facts.contains(&path))
            };
            let actions = ACTIONS.iter().map(|(action, _)| asks(action)).collect();
            let values = Values::of(vocabulary, &path)?;
            Ok(Column { path, kind, values, actions })
        })
        .collect()
}

fn fields(keys: &[(&str, DataType)], columns: &[Column]) -> Vec<Field> {
    let keys = keys.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true));
    let facts = columns.iter().map(|column| Field::new(column.path.to_string(), data_type(column.kind), true));
    keys.chain(facts).collect()
}

fn decisions(path: &Path, rules: &RuleSet, period: &Period, rows: u64, seed: u64) -> Result<(), String> {
    let columns = columns(rules, Entity::Decision)?;
    let text = DataType::Utf8;
    let keys = [
        ("decision_id", text.clone()),
        ("at", DataType::Int64),
        ("action", text.clone()),
        ("place", text.clone()),
        ("algorithm", text.clone()),
        ("person", text),
    ];
    let mut out = Out::create(path, fields(&keys, &columns))?;
    let mut draw = Draw(seed);
    let mut from = 0;
    while from < rows {
        let until = (from + BATCH).min(rows);
        let ids = StringArray::from_iter_values((from..until).map(|row| format!("d-{row:010}")));
        let at: Int64Array = (from..until).map(|row| Some(period.at(row, rows))).collect();
        let actions: Vec<usize> = (from..until).map(|_| action(draw.next() % 100)).collect();
        let words = actions.iter().filter_map(|action| ACTIONS.get(*action)).map(|(word, _)| *word);
        let action_column = StringArray::from_iter_values(words);
        let places = (from..until).filter_map(|_| PLACES.get(small(draw.next() % PLACES.len() as u64)));
        let place_column = StringArray::from_iter_values(places);
        let algorithms = StringArray::from_iter_values((from..until).map(|_| algorithm_name(draw.next() % ALGORITHMS)));
        let persons: StringArray = (from..until)
            .map(|_| Some(draw.next()).filter(|drawn| !drawn.is_multiple_of(NOBODY)))
            .map(|drawn| drawn.map(|drawn| person_name((drawn >> 8) % PERSONS.min(rows))))
            .collect();
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(ids),
            Arc::new(at),
            Arc::new(action_column),
            Arc::new(place_column),
            Arc::new(algorithms),
            Arc::new(persons),
        ];
        arrays.extend(columns.iter().map(|column| drawn(column, &actions, &mut draw)));
        out.write(arrays)?;
        from = until;
    }
    out.close()
}

fn drawn(column: &Column, actions: &[usize], draw: &mut Draw) -> ArrayRef {
    let mut builder = Builder::of(&column.values);
    for action in actions {
        let is_recorded = column.actions.get(*action).copied().unwrap_or(false);
        let one = if is_recorded { column.values.draw(draw) } else { None };
        builder.push(one.as_ref(), column.values.words());
    }
    builder.finish()
}

/// Position of the action that 0 to 99 stands for.
pub(crate) fn action(drawn: u64) -> usize {
    let mut left = drawn;
    for (position, (_, share)) in ACTIONS.iter().enumerate() {
        if left < *share {
            return position;
        }
        left -= share;
    }
    0
}

/// Whose states a file holds.
struct Keys {
    count: u64,
    /// Events of each.
    events: u64,
    name: fn(u64) -> String,
}

/// Most keys have a state before the first decision; the others come into being on the way. Each later event changes one
/// fact.
fn states(path: &Path, rules: &RuleSet, period: &Period, whose: Entity, keys: &Keys, seed: u64) -> Result<(), String> {
    let columns = columns(rules, whose)?;
    let key = if whose == Entity::Person { "person" } else { "algorithm" };
    let mut out = Out::create(path, fields(&[(key, DataType::Utf8), ("at", DataType::Int64)], &columns))?;
    let mut draw = Draw(seed);
    let per_batch = (BATCH / keys.events.max(1)).max(1);
    let mut from = 0;
    while from < keys.count {
        let until = (from + per_batch).min(keys.count);
        let (mut names, mut at) = (Vec::new(), Vec::new());
        let mut builders: Vec<Builder> = columns.iter().map(|column| Builder::of(&column.values)).collect();
        for number in from..until {
            let mut state: Vec<Option<One>> = columns.iter().map(|column| column.values.draw(&mut draw)).collect();
            for (event, instant) in instants(period, keys.events, &mut draw).into_iter().enumerate() {
                let changed = small(draw.next() % columns.len().max(1) as u64);
                if let (Some(slot), Some(column), true) = (state.get_mut(changed), columns.get(changed), event > 0) {
                    *slot = column.values.draw(&mut draw);
                }
                names.push((keys.name)(number));
                at.push(instant);
                for ((builder, one), column) in builders.iter_mut().zip(&state).zip(&columns) {
                    builder.push(one.as_ref(), column.values.words());
                }
            }
        }
        let mut arrays: Vec<ArrayRef> =
            vec![Arc::new(StringArray::from_iter_values(names)), Arc::new(Int64Array::from(at))];
        arrays.extend(builders.iter_mut().map(Builder::finish));
        out.write(arrays)?;
        from = until;
    }
    out.close()
}

/// Ascending and distinct; the first is mostly before the period.
fn instants(period: &Period, count: u64, draw: &mut Draw) -> Vec<i64> {
    let late = draw.next().is_multiple_of(20);
    let first = if late { period.at(draw.next() % 100, 1_000) } else { period.from - DAY };
    let mut instants: Vec<i64> = (1..count).map(|_| period.at(draw.next() % 1_000_000, 1_000_000)).collect();
    instants.retain(|at| *at > first);
    instants.push(first);
    instants.sort_unstable();
    instants.dedup();
    instants
}

pub(crate) fn person_name(number: u64) -> String {
    format!("courier-{number:08}")
}

pub(crate) fn algorithm_name(number: u64) -> String {
    format!("algorithm-{number:03}")
}

fn small(number: u64) -> usize {
    usize::try_from(number).unwrap_or(0)
}
