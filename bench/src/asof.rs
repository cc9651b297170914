//! The as-of index over drawn events and decisions: a city's persons, their consents, opt-outs and status in one year.
//!
//! Persons, instants and changes are drawn evenly, which is the worst for caches: a real log is in order of time, and few
//! persons make many of its decisions.

use crate::decisions::Draw;
use crate::machine;
use crate::options::Options;
use arrow_array::{Array, Int64Array, StringArray};
use gongdao_kernel::{AsOfIndex, Change, Event, EventLog, LiveIndex, Sees};
use gongdao_model::{FactPath, FactType, FactValue, Instant};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Write as _};
use std::hint::black_box;
use std::time::{Duration, Instant as Clock};

/// Midnight of 2024-01-01 in Shanghai, and the milliseconds of that year.
const START: i64 = 1_704_038_400_000;
const YEAR: u64 = 366 * 86_400_000;
/// Decisions in a batch.
const BATCH: usize = 8_192;
/// One event in so many is recorded late, by up to a day.
const LATE: u64 = 20;
const DAY: u64 = 86_400_000;
/// Events that are applied one by one at the end.
const APPLIED: usize = 100_000;

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let machine = machine::line();
    let (probes, events) = (options.value("probes", 10_000_000_usize)?, options.value("events", 1_000_000_usize)?);
    let (persons, threads) = (options.value("persons", 200_000_u64)?, options.value("threads", 2_usize)?);
    let seed = options.value("seed", 1_u64)?;
    if probes == 0 || events == 0 || persons == 0 {
        return Err("`--probes`, `--events` and `--persons` are at least 1".to_owned());
    }
    let city = City::new(events, persons, seed)?;
    let mut table = Table::default();

    let (log, time) = timed(|| city.log());
    let log = log?;
    table.line("events pushed into a log", events, time, Some(log.memory_bytes() / events));
    let initial = city.initial();
    let mut folded = |log: EventLog, sees: Sees, threads: usize| -> Result<AsOfIndex, String> {
        let (index, time) = timed(|| log.fold(&initial, sees, threads).map_err(told));
        let index = index?;
        let what = format!("events folded, {sees:?}, {threads} threads");
        table.line(&what, events, time, Some(index.memory_bytes() / events));
        Ok(index)
    };
    folded(city.log()?, Sees::Known, threads)?;
    folded(city.log()?, Sees::Happened, 1)?;
    let index = folded(log, Sees::Happened, threads)?;
    probe(&index, probes, &batches(probes, persons, seed), &mut table)?;

    let states = index.state_count();
    drop(index);
    let mut live = city.log()?.open(&initial, Sees::Happened, threads).map_err(told)?;
    let bytes = live.memory_bytes() / events;
    let (done, time) = timed(|| city.apply(&mut live));
    table.line("events applied one by one", done?, time, Some(bytes));
    Ok(format!(
        "machine: {machine}\n\
         data: {events} events of {persons} persons about {} facts in one year, {states} states; {probes} decisions in \
         batches of {BATCH}; seed {seed}\n\n{}",
        city.facts.len(),
        table.0
    ))
}

struct Said {
    person: u64,
    at: Instant,
    known_at: Option<Instant>,
    change: usize,
}

struct City {
    facts: Vec<(FactPath, FactType)>,
    changes: Vec<(usize, Change)>,
    said: Vec<Said>,
    names: Vec<String>,
}

impl City {
    fn new(events: usize, persons: u64, seed: u64) -> Result<Self, String> {
        let facts = [
            ("profilingOff", FactType::Bool),
            ("restricted", FactType::Bool),
            ("worker", FactType::Text),
            ("ageYears", FactType::Long),
            ("consents", FactType::TextSet),
        ];
        let facts =
            facts.map(|(name, kind)| Ok::<_, String>((format!("resource.{name}").parse().map_err(told)?, kind)));
        let facts = facts.into_iter().collect::<Result<Vec<_>, _>>()?;
        let changes = changes();
        let mut draw = Draw(seed);
        let mut said = Vec::with_capacity(events);
        for _ in 0..events {
            let at = draw.next() % YEAR;
            let known_at = draw.next().is_multiple_of(LATE).then(|| at + draw.next() % DAY);
            let change = usize::try_from(draw.next() % changes.len() as u64).map_err(told)?;
            let known_at = known_at.map(instant).transpose()?;
            said.push(Said { person: draw.next() % persons, at: instant(at)?, known_at, change });
        }
        Ok(Self { facts, changes, said, names: (0..persons).map(name).collect() })
    }

    fn initial(&self) -> BTreeMap<FactPath, FactValue> {
        let of = |(path, kind): &(FactPath, FactType)| match kind {
            FactType::Bool => Some((path.clone(), FactValue::Bool(false))),
            FactType::TextSet => Some((path.clone(), FactValue::TextSet(BTreeSet::new()))),
            FactType::Long | FactType::Text => None,
        };
        self.facts.iter().filter_map(of).collect()
    }

    fn events(&self) -> impl Iterator<Item = Event<'_>> {
        self.said.iter().filter_map(|said| {
            let key = self.names.get(usize::try_from(said.person).ok()?)?;
            let (fact, change) = self.changes.get(said.change)?;
            Some(Event { key, at: Some(said.at), known_at: said.known_at, seq: None, fact: *fact, change })
        })
    }

    fn log(&self) -> Result<EventLog, String> {
        let mut log = EventLog::new(self.facts.clone());
        for event in self.events() {
            log.push(&event).map_err(told)?;
        }
        Ok(log)
    }

    /// Events after all others, each followed by the question what holds now.
    fn apply(&self, live: &mut LiveIndex) -> Result<usize, String> {
        let mut count = 0;
        for (event, later) in self.events().take(APPLIED).zip(0..) {
            let at = instant(YEAR + later)?;
            live.apply(&Event { at: Some(at), known_at: None, ..event }).map_err(told)?;
            black_box(live.index().state_at(event.key, at));
            count += 1;
        }
        Ok(count)
    }
}

fn changes() -> Vec<(usize, Change)> {
    let mut changes = Vec::new();
    for truth in [true, false] {
        changes.extend([(0, Change::Set(FactValue::Bool(truth))), (1, Change::Set(FactValue::Bool(truth)))]);
    }
    let workers = ["employee", "platform", "dispatched"].map(|word| FactValue::Text(word.to_owned()));
    changes.extend(workers.map(|worker| (2, Change::Set(worker))));
    changes.extend((16..66).step_by(10).map(|years| (3, Change::Set(FactValue::Long(years)))));
    for word in ["dispatch", "price", "recommend", "rank", "profile", "share"] {
        let words = BTreeSet::from([word.to_owned()]);
        changes.extend([(4, Change::Add(words.clone())), (4, Change::Remove(words))]);
    }
    changes
}

/// A batch of decisions: keys in no order, the same with eight equal keys in a row, instants.
struct Batch {
    keys: StringArray,
    in_runs: StringArray,
    at: Int64Array,
}

fn batches(probes: usize, persons: u64, seed: u64) -> Vec<Batch> {
    let mut draw = Draw(seed ^ 0xffff);
    let mut batches = Vec::new();
    let mut left = probes;
    while left > 0 {
        let rows = left.min(BATCH);
        left -= rows;
        let at = (0..rows).map(|_| START + moment(draw.next())).collect::<Vec<_>>().into();
        let drawn: Vec<String> = (0..rows).map(|_| name(draw.next() % persons)).collect();
        let in_runs = (0..rows).filter_map(|row| drawn.get(row / 8));
        let in_runs = StringArray::from_iter_values(in_runs);
        batches.push(Batch { keys: StringArray::from_iter_values(&drawn), in_runs, at });
    }
    batches
}

fn probe(index: &AsOfIndex, probes: usize, batches: &[Batch], table: &mut Table) -> Result<(), String> {
    let states = |keys: fn(&Batch) -> &StringArray| {
        let of = |batch| index.states(keys(batch) as &dyn Array, &batch.at).map_err(told);
        batches.iter().map(of).collect::<Result<Vec<_>, _>>()
    };
    let (seen, time) = timed(|| states(|batch| &batch.keys));
    table.line("decisions probed, persons in no order", probes, time, None);
    let (others, time) = timed(|| states(|batch| &batch.in_runs));
    black_box(others?);
    table.line("decisions probed, eight of a person in a row", probes, time, None);
    let seen = seen?;
    let (columns, time) =
        timed(|| seen.iter().try_for_each(|states| index.columns(states).map(|made| drop(black_box(made)))));
    columns.map_err(told)?;
    table.line("decisions into columns of all facts", probes, time, None);
    Ok(())
}

fn moment(drawn: u64) -> i64 {
    i64::try_from(drawn % YEAR).unwrap_or_default()
}

fn instant(since_start: u64) -> Result<Instant, String> {
    Instant::from_millis(START + i64::try_from(since_start).map_err(told)?).map_err(told)
}

fn name(person: u64) -> String {
    format!("courier-{person:08}")
}

fn told(error: impl Display) -> String {
    error.to_string()
}

/// How long something took.
#[derive(Clone, Copy)]
struct Time {
    elapsed: Duration,
    /// Seconds of processor, all threads together.
    busy: f64,
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Time) {
    let (start, busy) = (Clock::now(), machine::busy());
    let done = work();
    (done, Time { elapsed: start.elapsed(), busy: machine::busy() - busy })
}

/// Lines of what was done, how often, how fast, and the bytes an event that are kept after it.
struct Table(String);

impl Default for Table {
    fn default() -> Self {
        let heads = "| what | rows | seconds | processor seconds | rows per processor second | bytes an event |";
        Self(format!("{heads}\n|---|---|---|---|---|---|"))
    }
}

impl Table {
    #[expect(clippy::cast_precision_loss, reason = "counts of a bench stay far below 2^53")]
    fn line(&mut self, what: &str, rows: usize, time: Time, bytes: Option<usize>) {
        let bytes = bytes.map_or_else(String::new, |bytes| bytes.to_string());
        let Time { elapsed, busy } = time;
        let rate = rows as f64 / busy.max(0.01);
        let _ =
            write!(self.0, "\n| {what} | {rows} | {:.2} | {busy:.2} | {rate:.0} | {bytes} |", elapsed.as_secs_f64());
    }
}
