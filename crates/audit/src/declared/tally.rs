//! Counts and sums over all rows, in one pass.

use super::input::{Input, OUTCOME, short_value, value};
use super::rule::Rule;
use super::sample::{Kept, Sample, key_of};
use super::{AlgorithmVersion, input::Value};
use crate::AuditError;
use crate::columns::{self, AT, DECISION, FILE, ROW};
use crate::read_at::{Moments as Instants, integers, moments, texts};
use crate::summary::{DeclaredExample, DeclaredRows, MAX_EXAMPLES};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, StringArray};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::Float64Type;
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_model::Instant;
use gongdao_stats::Moments;

/// Everything that one pass leaves.
pub(super) struct Tally<'a> {
    version: &'a AlgorithmVersion,
    input: &'a Input,
    pub(super) rows: DeclaredRows,
    /// Logged less recomputed.
    pub(super) differences: Moments,
    /// Largest of them without sign.
    pub(super) largest: f64,
    pub(super) sample: Sample,
    pub(super) examples: Vec<DeclaredExample>,
}

/// The columns of a batch that are no factors.
struct Places {
    id: StringArray,
    at: Instants,
    logged: Float64Array,
    file: Option<StringArray>,
    row: Option<Int64Array>,
}

impl<'a> Tally<'a> {
    pub(super) fn new(version: &'a AlgorithmVersion, input: &'a Input) -> Self {
        Self {
            version,
            input,
            rows: DeclaredRows::default(),
            differences: Moments::default(),
            largest: 0.0,
            sample: Sample::default(),
            examples: Vec::new(),
        }
    }

    /// Count a batch of the input's query.
    pub(super) fn add(&mut self, rule: &Rule, batch: &RecordBatch) -> Result<(), AuditError> {
        let places = Places::of(batch, self.version)?;
        let factors = self.input.factor_arrays(batch)?;
        let kept: Vec<Option<Instant>> =
            (0..batch.num_rows()).map(|row| self.complete(&places, &factors, row)).collect();
        let whole: BooleanArray = kept.iter().map(|at| Some(at.is_some())).collect();
        let schema = self.input.factor_schema();
        let all = RecordBatch::try_new(schema, factors.clone()).map_err(|error| internal(&error))?;
        let found = rule.predict(&filter_record_batch(&all, &whole).map_err(|error| internal(&error))?)?;
        let others = self.input.other_arrays(batch)?;
        let complete = kept.iter().enumerate().filter_map(|(row, at)| at.map(|at| (row, at)));
        for ((row, at), recomputed) in complete.zip(found) {
            let Some(recomputed) = recomputed else {
                self.rows.undefined += 1;
                continue;
            };
            self.compare(&places, row, at, recomputed);
            self.keep(&places, row, recomputed, &factors, &others)?;
        }
        Ok(())
    }

    /// The instant of a row that can be recomputed; another one is counted by what it lacks.
    fn complete(&mut self, places: &Places, factors: &[ArrayRef], row: usize) -> Option<Instant> {
        self.rows.all += 1;
        let at = places.at.at(row).ok().filter(|_| places.id.is_valid(row) && !places.id.value(row).trim().is_empty());
        let Some(at) = at else {
            self.rows.unplaced += 1;
            return None;
        };
        let is_over = self.version.until.is_some_and(|until| at >= until.starts_at());
        if at < self.version.from.starts_at() || is_over {
            self.rows.outside += 1;
            return None;
        }
        if places.logged.is_null(row) || !places.logged.value(row).is_finite() {
            self.rows.without_outcome += 1;
            return None;
        }
        let mut is_whole = true;
        for (column, array) in self.input.factors.iter().zip(factors) {
            if value(array, row) == Value::Missing {
                *self.rows.missing.entry(column.name.clone()).or_default() += 1;
                is_whole = false;
            }
        }
        self.rows.without_factor += u64::from(!is_whole);
        is_whole.then_some(at)
    }

    fn compare(&mut self, places: &Places, row: usize, at: Instant, recomputed: f64) {
        let logged = places.logged.value(row);
        let difference = logged - recomputed;
        self.rows.recomputed += 1;
        self.differences = self.differences.merge(Moments { count: 1, mean: difference, squares: 0.0 });
        self.largest = self.largest.max(difference.abs());
        if self.version.tolerance.holds(difference, logged) {
            self.rows.reproduced += 1;
        } else if self.examples.len() < MAX_EXAMPLES {
            let file = places.file.as_ref().filter(|files| files.is_valid(row));
            let number = places.row.as_ref().filter(|rows| rows.is_valid(row));
            self.examples.push(DeclaredExample {
                decision: places.id.value(row).to_owned(),
                at,
                file: file.map(|files| files.value(row).to_owned()),
                row: number.and_then(|rows| u64::try_from(rows.value(row)).ok()),
                logged,
                recomputed,
            });
        }
    }

    fn keep(
        &mut self,
        places: &Places,
        row: usize,
        recomputed: f64,
        factors: &[ArrayRef],
        others: &[ArrayRef],
    ) -> Result<(), AuditError> {
        let id = places.id.value(row);
        let key = key_of(id);
        if !self.sample.wants(key) {
            return Ok(());
        }
        let kept = Kept {
            key,
            logged: places.logged.value(row),
            recomputed,
            factors: factors.iter().map(|array| value(array, row)).collect(),
            others: others.iter().map(|array| short_value(array, row)).collect(),
        };
        if self.sample.add(kept) {
            return Ok(());
        }
        let message = format!("decision `{id}` stands more than once in `{}`", self.version.query);
        Err(AuditError::new(&self.version.file, message, "give a view one row a decision, or name another `id`"))
    }
}

impl Places {
    fn of(batch: &RecordBatch, version: &AlgorithmVersion) -> Result<Self, AuditError> {
        let file = &version.file;
        let logged = columns::column(batch, OUTCOME)?;
        let files = batch.column_by_name(FILE).map(|_| texts(batch, FILE, file)).transpose()?;
        Ok(Self {
            id: texts(batch, DECISION, file)?,
            at: moments(batch, AT, file)?,
            logged: logged.as_primitive::<Float64Type>().clone(),
            file: files,
            row: integers(batch, ROW, file)?,
        })
    }
}

fn internal(error: &dyn std::fmt::Display) -> AuditError {
    columns::internal(&error.to_string())
}
