//! A batch of judged decisions, written as one part of `verdicts.parquet` and one of `findings.parquet`.
//!
//! A part is one row group. The parts of a run have fixed edges, so an interrupted run gives the same bytes as one that
//! was not.

use crate::AuditError;
use crate::columns::{self, ACTION, ALGORITHM, AT, DECISION, FILE, PERSON, PLACE, ROW};
use datafusion::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Int64Array, StringArray, TimestampMillisecondArray, new_null_array,
};
use datafusion::arrow::compute::{cast, take};
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema, TimeUnit};
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_kernel::{KernelError, Pattern, Patterns, Verdicts, cause_type, outcome_type, outcome_words};
use gongdao_model::Effect;
use gongdao_rules::{RuleSet, RuleVersion};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::path::Path;
use std::sync::Arc;

/// Version of the algorithm that decided: a fact of the algorithm's state, shown beside its key.
const ALGORITHM_VERSION: &str = "principal.version";
/// The first columns of both files, in order.
pub(crate) const IDENTITY: [&str; 9] =
    [DECISION, AT, ACTION, PLACE, ALGORITHM, "algorithm_version", PERSON, "file", "row"];
/// What the verdicts say together, after the identity.
const EFFECT: &str = "effect";
/// A column's name, and what it says of a decision.
type Flag = (&'static str, fn(&Pattern) -> bool);
const FLAGS: [Flag; 5] = [
    ("violated", |pattern| pattern.violated),
    ("provisional_only", |pattern| pattern.provisional_only),
    ("disputed", |pattern| pattern.disputed),
    ("undetermined", |pattern| pattern.undetermined),
    ("silent", |pattern| pattern.silent),
];

/// One judged batch on its way to the disk.
pub(crate) struct Part<'a> {
    rules: &'a RuleSet,
    patterns: &'a Patterns,
    /// The pattern of each decision.
    numbers: &'a [usize],
    verdicts: &'a Verdicts,
    identity: Vec<ArrayRef>,
}

impl<'a> Part<'a> {
    /// What is written of a batch, with the number of each decision's pattern.
    pub(crate) fn new(
        rules: &'a RuleSet,
        patterns: &'a Patterns,
        numbers: &'a [usize],
        batch: &RecordBatch,
        verdicts: &'a Verdicts,
    ) -> Result<Self, AuditError> {
        Ok(Self { rules, patterns, numbers, verdicts, identity: identity(batch)? })
    }

    /// Write both files.
    pub(crate) fn write(&self, verdicts: &Path, findings: &Path) -> Result<(), AuditError> {
        write_batch(verdicts, &self.verdict_batch()?)?;
        write_batch(findings, &self.finding_batch()?)
    }

    fn pattern(&self, row: usize) -> Option<&Pattern> {
        self.patterns.get(*self.numbers.get(row)?)
    }

    fn verdict_batch(&self) -> Result<RecordBatch, AuditError> {
        let mut arrays = self.identity.clone();
        let patterns = || (0..self.verdicts.rows).map(|row| self.pattern(row));
        let effect = |pattern: Option<&Pattern>| pattern.map_or(Effect::CannotTell, |pattern| pattern.effect).as_str();
        arrays.push(Arc::new(patterns().map(|pattern| Some(effect(pattern))).collect::<StringArray>()));
        for (_, flag) in FLAGS {
            arrays.push(Arc::new(patterns().map(|pattern| pattern.map(flag)).collect::<BooleanArray>()));
        }
        let words = outcome_words();
        for version in 0..self.rules.versions.len() {
            let (outcomes, causes) = self.version_columns(version, &words)?;
            arrays.push(outcomes);
            arrays.push(causes);
        }
        columns::batch(verdict_schema(self.rules), arrays)
    }

    fn version_columns(&self, version: usize, words: &ArrayRef) -> Result<(ArrayRef, ArrayRef), AuditError> {
        let found = self.verdicts.versions.binary_search_by_key(&version, |column| column.version).ok();
        let Some(column) = found.and_then(|index| self.verdicts.versions.get(index)) else {
            let nothing = |kind: &DataType| new_null_array(kind, self.verdicts.rows);
            return Ok((nothing(&outcome_type()), nothing(&cause_type())));
        };
        let internal = |error: KernelError| columns::internal(&error.message);
        let outcomes = column.outcome_column(words).map_err(internal)?;
        Ok((outcomes, self.verdicts.cause_column(column).map_err(internal)?))
    }

    /// One row a violated rule version and decision, in the order of the decisions, then of the versions.
    fn finding_batch(&self) -> Result<RecordBatch, AuditError> {
        let mut found: Vec<(usize, usize)> = Vec::new();
        for column in &self.verdicts.versions {
            if !column.is_basis {
                found.extend(column.unmet.iter().map(|row| (row, column.version)));
            }
        }
        found.sort_unstable();
        let rows: Int64Array = found.iter().map(|(row, _)| i64::try_from(*row).ok()).collect();
        let mut arrays = Vec::new();
        for array in &self.identity {
            arrays.push(take(array, &rows, None).map_err(|error| columns::internal(&error.to_string()))?);
        }
        let versions: Vec<&RuleVersion> =
            found.iter().filter_map(|(_, version)| self.rules.versions.get(*version)).collect();
        arrays.extend(version_texts(&versions));
        let is_disputed = |((row, _), version): (&(usize, usize), &&RuleVersion)| {
            Some(self.pattern(*row).is_some_and(|pattern| pattern.is_disputed(&version.provision)))
        };
        arrays.push(Arc::new(found.iter().zip(&versions).map(is_disputed).collect::<BooleanArray>()));
        let provisional = versions.iter().map(|version| Some(version.standing.is_provisional()));
        arrays.push(Arc::new(provisional.collect::<BooleanArray>()));
        columns::batch(finding_schema(), arrays)
    }
}

/// What the findings say of each violated version, in the order of [`finding_schema`].
fn version_texts(versions: &[&RuleVersion]) -> Vec<ArrayRef> {
    let text = |of: &dyn Fn(&RuleVersion) -> Option<String>| -> ArrayRef {
        Arc::new(versions.iter().map(|version| of(version)).collect::<StringArray>())
    };
    let asserted = |version: &RuleVersion| {
        let paths: Vec<String> = version.asserted.iter().map(ToString::to_string).collect();
        Some(paths.join("|"))
    };
    vec![
        text(&|version| Some(version.key.rule.to_string())),
        text(&|version| version.key.reading.as_ref().map(ToString::to_string)),
        text(&|version| Some(version.key.from.to_string())),
        text(&|version| Some(version.provision.to_string())),
        text(&|version| Some(version.provision.instrument().to_string())),
        text(&|version| version.effect.map(|effect| effect.as_str().to_owned())),
        text(&|version| Some(version.standing.as_str().to_owned())),
        text(&asserted),
    ]
}

/// The identity columns of a batch, in the order of [`IDENTITY`].
fn identity(batch: &RecordBatch) -> Result<Vec<ArrayRef>, AuditError> {
    let at = columns::column(batch, AT)?.as_primitive::<Int64Type>();
    let at: TimestampMillisecondArray = at.reinterpret_cast();
    let version: ArrayRef = match batch.column_by_name(ALGORITHM_VERSION) {
        Some(version) => cast(version, &DataType::Utf8).map_err(|error| columns::internal(&error.to_string()))?,
        None => Arc::new(StringArray::new_null(batch.num_rows())),
    };
    let own = |name: &str| columns::column(batch, name).map(Arc::clone);
    Ok(vec![
        own(DECISION)?,
        Arc::new(at.with_timezone("UTC")),
        own(ACTION)?,
        own(PLACE)?,
        own(ALGORITHM)?,
        version,
        own(PERSON)?,
        own(FILE)?,
        own(ROW)?,
    ])
}

fn identity_fields() -> Vec<Field> {
    let kind = |name: &str| match name {
        AT => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        "row" => DataType::Int64,
        _ => DataType::Utf8,
    };
    IDENTITY.iter().map(|name| Field::new(*name, kind(name), true)).collect()
}

/// The schema of a part of the verdicts: identity, what they say together, then two columns a rule version.
pub(crate) fn verdict_schema(rules: &RuleSet) -> Schema {
    let mut fields = identity_fields();
    fields.push(Field::new(EFFECT, DataType::Utf8, false));
    fields.extend(FLAGS.map(|(name, _)| Field::new(name, DataType::Boolean, false)));
    for version in &rules.versions {
        fields.push(Field::new(version.key.to_string(), outcome_type(), true));
        fields.push(Field::new(format!("cause {}", version.key), cause_type(), true));
    }
    Schema::new(fields)
}

/// The schema of the findings: identity, then what was broken.
pub(crate) fn finding_schema() -> Schema {
    let mut fields = identity_fields();
    let texts = ["rule", "reading", "in_force_from", "provision", "instrument", "effect", "standing", "asserted"];
    fields.extend(texts.iter().map(|name| Field::new(*name, DataType::Utf8, true)));
    fields.push(Field::new("disputed", DataType::Boolean, false));
    fields.push(Field::new("provisional", DataType::Boolean, false));
    Schema::new(fields)
}

fn write_batch(path: &Path, batch: &RecordBatch) -> Result<(), AuditError> {
    let failed = |words: &str| {
        AuditError::new(path, format!("cannot write the file: {words}"), "check the free space").of_output()
    };
    let file =
        std::fs::File::create(path).map_err(|error| AuditError::io(path, "write the file", &error).of_output())?;
    let level = ZstdLevel::try_new(1).map_err(|error| failed(&error.to_string()))?;
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
    let mut writer =
        ArrowWriter::try_new(file, batch.schema(), Some(properties)).map_err(|error| failed(&error.to_string()))?;
    writer.write(batch).map_err(|error| failed(&error.to_string()))?;
    let file = writer.into_inner().map_err(|error| failed(&error.to_string()))?;
    file.sync_all().map_err(|error| AuditError::io(path, "write the file", &error).of_output())
}
