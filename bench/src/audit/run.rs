//! The audit's way: Parquet, the state as of each decision, the kernel, counts.

use super::count::Counts;
use super::source::Source;
use super::{rules, states, told};
use crate::machine;
use crate::options::Options;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};
use gongdao_kernel::{AsOfIndex, CompiledRules, Judge, columns};
use gongdao_model::{Entity, FactPath};
use gongdao_rules::RuleSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let machine = machine::line();
    let rules = rules::sixty(options)?;
    let audit = Audit::read(options)?;
    let (counts, times) = audit.judge(&rules)?;
    let lacking = counts.lacking(&rules);
    if !lacking.is_empty() {
        return Err(format!("outcomes that never occur (met, unmet, open, silent): {lacking:?}"));
    }
    let counts = counts.as_json(&rules);
    Ok(format!("{}\n{counts}", times.report(&machine, &audit, rules.versions.len())))
}

/// The files and how they are worked through.
pub(crate) struct Audit {
    pub(crate) data: PathBuf,
    pub(crate) threads: usize,
    /// Rows of a batch.
    pub(crate) batch: usize,
}

/// What a run took.
pub(crate) struct Times {
    pub(crate) rows: u64,
    /// Reading the events and folding them.
    pub(crate) states: Duration,
    pub(crate) whole: Duration,
    /// User and system time of the process in the same span.
    pub(crate) cpu: Duration,
}

impl Audit {
    pub(crate) fn read(options: &Options) -> Result<Self, String> {
        Ok(Self {
            data: options.value("data", PathBuf::from("target/bench-audit"))?,
            threads: options.value("threads", 2_usize)?,
            batch: options.value("batch", 32_768_usize)?,
        })
    }

    /// Judge every decision of the files.
    pub(crate) fn judge(&self, rules: &RuleSet) -> Result<(Counts, Times), String> {
        let (start, cpu) = (Instant::now(), machine::cpu_time());
        let compiled = Arc::new(CompiledRules::new(rules).map_err(told)?);
        let state = |name: &str, whose| states::index(&self.data.join(name), rules, whose, self.threads);
        let indexes = [
            ("person", state("person-events.parquet", Entity::Person)?),
            ("algorithm", state("algorithm-events.parquet", Entity::Algorithm)?),
        ];
        let states = start.elapsed();
        let file = self.data.join("decisions.parquet");
        let source = Source::open(&file, &wanted(rules)?)?;
        let keys = [columns::AT, columns::PERSON, columns::ALGORITHM].map(str::to_owned);
        let keys = Source::open(&file, &keys)?;
        let next = AtomicUsize::new(0);
        let part = || -> Result<Counts, String> {
            let mut judge = Judge::new(Arc::clone(&compiled));
            let mut counts = Counts::default();
            loop {
                let row_group = next.fetch_add(1, Ordering::Relaxed);
                if row_group >= source.row_groups() {
                    return Ok(counts);
                }
                // A person's timeline is looked up once a row group, not once a decision.
                let mut states = vec![Vec::new(); indexes.len()];
                for batch in keys.batches(row_group, usize::MAX >> 8)? {
                    let batch = batch.map_err(told)?;
                    for (states, (key, index)) in states.iter_mut().zip(&indexes) {
                        states.extend(states_of(&batch, key, index)?);
                    }
                }
                let mut from = 0;
                for batch in source.batches(row_group, self.batch)? {
                    let batch = batch.map_err(told)?;
                    let until = from + batch.num_rows();
                    let states = states.iter().map(|states| states.get(from..until).unwrap_or_default());
                    let seen = indexes.iter().map(|(_, index)| index).zip(states);
                    counts.add(&judge.judge(&with_facts(&batch, seen)?).map_err(told)?);
                    from = until;
                }
            }
        };
        let mut counts = Counts::default();
        let parts: Result<Vec<Counts>, String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..self.threads).map(|_| scope.spawn(part)).collect();
            threads.into_iter().map(|thread| thread.join().map_err(|_| "a thread ended early".to_owned())?).collect()
        });
        for part in parts? {
            counts.merge(&part);
        }
        let times =
            Times { rows: counts.rows, states, whole: start.elapsed(), cpu: machine::cpu_time().saturating_sub(cpu) };
        Ok((counts, times))
    }
}

/// The columns that the rules ask of the decisions.
pub(crate) fn wanted(rules: &RuleSet) -> Result<Vec<String>, String> {
    let keys = [columns::AT, columns::ACTION, columns::PLACE];
    let facts = rules::facts(rules)?;
    let facts = facts.keys().filter(|path| path.entity() == Entity::Decision).map(ToString::to_string);
    Ok(keys.iter().map(|key| (*key).to_owned()).chain(facts).collect())
}

/// The numbers of the states that the decisions of a batch see.
pub(crate) fn states_of(batch: &RecordBatch, key: &str, index: &AsOfIndex) -> Result<Vec<u32>, String> {
    let column = |name: &str| batch.column_by_name(name).ok_or_else(|| format!("no column `{name}`"));
    index.states(column(key)?, column(columns::AT)?.as_primitive::<Int64Type>()).map_err(told)
}

/// The batch with a column for each fact of the states.
pub(crate) fn with_facts<'a>(
    batch: &RecordBatch,
    seen: impl Iterator<Item = (&'a AsOfIndex, &'a [u32])>,
) -> Result<RecordBatch, String> {
    let mut fields: Vec<Arc<Field>> = batch.schema_ref().fields().iter().cloned().collect();
    let mut arrays: Vec<ArrayRef> = batch.columns().to_vec();
    for (index, states) in seen {
        let found: Vec<(FactPath, ArrayRef)> = index.columns(states).map_err(told)?;
        for (path, array) in found {
            fields.push(Arc::new(Field::new(path.to_string(), array.data_type().clone(), true)));
            arrays.push(array);
        }
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(told)
}

impl Times {
    #[expect(clippy::cast_precision_loss, reason = "counts of a bench stay far below 2^53")]
    fn report(&self, machine: &str, audit: &Audit, versions: usize) -> String {
        let (whole, states, cpu) = (self.whole.as_secs_f64(), self.states.as_secs_f64(), self.cpu.as_secs_f64());
        let rate = self.rows as f64 / whole;
        let peak = machine::peak_mib();
        format!(
            "machine: {machine}\n{} decisions x {versions} rule versions, {} threads, batches of {}\n\
             wall {whole:.2} s (states {states:.2}), processor {cpu:.2} s, {rate:.0} rows/s, peak {peak} MiB",
            self.rows, audit.threads, audit.batch
        )
    }
}
