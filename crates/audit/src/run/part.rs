//! A few batches of judged decisions, written as one part of `verdicts.parquet` and one of `findings.parquet`.
//!
//! A part is one row group. The parts of a run have fixed edges, so an interrupted run gives the same bytes as one that
//! was not.

use crate::AuditError;
use crate::columns::{self, ACTION, ALGORITHM, AT, DECISION, FILE, PERSON, PLACE, ROW};
use crate::engine::{OUT_OF_SCOPE, Verdicts};
use crate::run::pattern::Patterns;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, DictionaryArray, Int64Array, StringArray, StringDictionaryBuilder,
    TimestampMillisecondArray, UInt8Array,
};
use datafusion::arrow::compute::concat;
use datafusion::arrow::datatypes::{DataType, Field, Int32Type, Int64Type, Schema, TimeUnit, UInt8Type};
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_model::{Cause, Effect, Outcome};
use gongdao_rules::RuleSet;
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
const TOGETHER: [&str; 6] = ["effect", "violated", "provisional_only", "disputed", "undetermined", "silent"];

/// A judged batch waiting to be written.
struct Judged {
    identity: Vec<ArrayRef>,
    verdicts: Verdicts,
    /// Effect and the flags of each decision, and which of its violated rules stand at a disputed provision.
    together: Vec<Together>,
}

struct Together {
    effect: Effect,
    flags: [bool; 5],
    /// Indexes of violated versions whose provision is disputed.
    disputed: Vec<usize>,
}

/// The batches of the part being filled.
#[derive(Default)]
pub(crate) struct Part(Vec<Judged>);

impl Part {
    /// Take a judged batch in.
    pub(crate) fn push(
        &mut self,
        rules: &RuleSet,
        patterns: &Patterns,
        numbers: &[usize],
        batch: &RecordBatch,
        verdicts: Verdicts,
    ) -> Result<(), AuditError> {
        let together =
            numbers.iter().enumerate().map(|(row, number)| together(rules, patterns, *number, &verdicts, row));
        let together = together.collect();
        self.0.push(Judged { identity: identity(batch)?, verdicts, together });
        Ok(())
    }

    /// How many batches it holds.
    pub(crate) fn batches(&self) -> usize {
        self.0.len()
    }

    /// Write both parts and start anew.
    pub(crate) fn write(&mut self, rules: &RuleSet, verdicts: &Path, findings: &Path) -> Result<(), AuditError> {
        let judged = std::mem::take(&mut self.0);
        write_batch(verdicts, &verdict_batch(rules, &judged)?)?;
        write_batch(findings, &finding_batch(rules, &judged)?)
    }
}

fn together(rules: &RuleSet, patterns: &Patterns, number: usize, verdicts: &Verdicts, row: usize) -> Together {
    let Some(pattern) = patterns.get(number) else {
        return Together {
            effect: Effect::CannotTell,
            flags: [false, false, false, true, false],
            disputed: Vec::new(),
        };
    };
    let mut disputed = Vec::new();
    if pattern.disputed {
        for column in &verdicts.versions {
            let Some(version) = rules.versions.get(column.version) else { continue };
            if is_violated(column.outcomes.get(row)) && pattern.is_disputed(&version.provision) {
                disputed.push(column.version);
            }
        }
    }
    let flags = [pattern.violated, pattern.provisional_only, pattern.disputed, pattern.undetermined, pattern.silent];
    Together { effect: pattern.effect, flags, disputed }
}

fn is_violated(code: Option<&u8>) -> bool {
    code.and_then(|code| crate::engine::outcome(*code)) == Some(Outcome::Violated)
}

/// The identity columns of a batch, in the order of [`IDENTITY`].
fn identity(batch: &RecordBatch) -> Result<Vec<ArrayRef>, AuditError> {
    let at = columns::column(batch, AT)?.as_primitive::<Int64Type>();
    let at: TimestampMillisecondArray = at.reinterpret_cast();
    let version: ArrayRef = match batch.column_by_name(ALGORITHM_VERSION) {
        Some(version) => Arc::clone(version),
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
    let word = |key: DataType| DataType::Dictionary(Box::new(key), Box::new(DataType::Utf8));
    let mut fields = identity_fields();
    fields.push(Field::new(TOGETHER[0], DataType::Utf8, false));
    fields.extend(TOGETHER.iter().skip(1).map(|name| Field::new(*name, DataType::Boolean, false)));
    for version in &rules.versions {
        fields.push(Field::new(version.key.to_string(), word(DataType::UInt8), true));
        fields.push(Field::new(format!("cause {}", version.key), word(DataType::Int32), true));
    }
    Schema::new(fields)
}

fn verdict_batch(rules: &RuleSet, judged: &[Judged]) -> Result<RecordBatch, AuditError> {
    let mut arrays = Vec::new();
    for column in 0..IDENTITY.len() {
        arrays.push(joined(judged.iter().filter_map(|one| one.identity.get(column)))?);
    }
    let together = || judged.iter().flat_map(|one| &one.together);
    arrays.push(Arc::new(together().map(|one| Some(one.effect.as_str())).collect::<StringArray>()));
    for flag in 0..TOGETHER.len() - 1 {
        let values: BooleanArray = together().map(|one| one.flags.get(flag).copied()).collect();
        arrays.push(Arc::new(values));
    }
    let words: ArrayRef = Arc::new(Outcome::ALL.iter().map(|outcome| Some(outcome.as_str())).collect::<StringArray>());
    for version in 0..rules.versions.len() {
        let (outcomes, causes) = version_columns(judged, version, &words)?;
        arrays.push(outcomes);
        arrays.push(causes);
    }
    columns::batch(verdict_schema(rules), arrays)
}

fn version_columns(judged: &[Judged], version: usize, words: &ArrayRef) -> Result<(ArrayRef, ArrayRef), AuditError> {
    let mut codes: Vec<Option<u8>> = Vec::new();
    let mut causes = StringDictionaryBuilder::<Int32Type>::new();
    for one in judged {
        let found = one.verdicts.versions.binary_search_by_key(&version, |column| column.version).ok();
        let Some(column) = found.and_then(|index| one.verdicts.versions.get(index)) else {
            codes.resize(codes.len() + one.verdicts.rows, None);
            (0..one.verdicts.rows).for_each(|_| causes.append_null());
            continue;
        };
        codes.extend(column.outcomes.iter().map(|code| Some(*code).filter(|code| *code != OUT_OF_SCOPE)));
        for row in 0..one.verdicts.rows {
            match one.verdicts.cause(column, row) {
                Some(Cause::MissingFact(path)) => causes.append_value(path.to_string()),
                Some(error) => causes.append_value(error.to_string()),
                None => causes.append_null(),
            }
        }
    }
    let outcomes = DictionaryArray::<UInt8Type>::try_new(UInt8Array::from(codes), Arc::clone(words))
        .map_err(|error| columns::internal(&error.to_string()))?;
    Ok((Arc::new(outcomes), Arc::new(causes.finish())))
}

fn joined<'a>(arrays: impl Iterator<Item = &'a ArrayRef>) -> Result<ArrayRef, AuditError> {
    let arrays: Vec<&dyn Array> = arrays.map(AsRef::as_ref).collect();
    concat(&arrays).map_err(|error| columns::internal(&error.to_string()))
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

/// One row a violated rule version and decision, in the order of the decisions, then of the versions.
fn finding_batch(rules: &RuleSet, judged: &[Judged]) -> Result<RecordBatch, AuditError> {
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    for (part, one) in judged.iter().enumerate() {
        let start = found.len();
        for column in &one.verdicts.versions {
            let rows = column.outcomes.iter().enumerate().filter(|(_, code)| is_violated(Some(code)));
            found.extend(rows.map(|(row, _)| (part, row, column.version)));
        }
        if let Some(own) = found.get_mut(start..) {
            own.sort_unstable();
        }
    }
    let mut arrays = Vec::new();
    for column in 0..IDENTITY.len() {
        arrays.push(picked(judged, &found, column)?);
    }
    let versions: Vec<_> = found.iter().filter_map(|(_, _, version)| rules.versions.get(*version)).collect();
    let text = |of: &dyn Fn(&gongdao_rules::RuleVersion) -> Option<String>| -> ArrayRef {
        Arc::new(versions.iter().map(|version| of(version)).collect::<StringArray>())
    };
    arrays.push(text(&|version| Some(version.key.rule.to_string())));
    arrays.push(text(&|version| version.key.reading.as_ref().map(ToString::to_string)));
    arrays.push(text(&|version| Some(version.key.from.to_string())));
    arrays.push(text(&|version| Some(version.provision.to_string())));
    arrays.push(text(&|version| Some(version.provision.instrument().to_string())));
    arrays.push(text(&|version| version.effect.map(|effect| effect.as_str().to_owned())));
    arrays.push(text(&|version| Some(version.standing.as_str().to_owned())));
    let asserted = |version: &gongdao_rules::RuleVersion| {
        let paths: Vec<String> = version.asserted.iter().map(ToString::to_string).collect();
        Some(paths.join("|"))
    };
    arrays.push(text(&asserted));
    let is_disputed = |(part, row, version): &(usize, usize, usize)| {
        let together = judged.get(*part).and_then(|one| one.together.get(*row));
        Some(together.is_some_and(|one| one.disputed.contains(version)))
    };
    arrays.push(Arc::new(found.iter().map(is_disputed).collect::<BooleanArray>()));
    let provisional = versions.iter().map(|version| Some(version.standing.is_provisional()));
    arrays.push(Arc::new(provisional.collect::<BooleanArray>()));
    columns::batch(finding_schema(), arrays)
}

/// An identity column at the rows of the findings.
fn picked(judged: &[Judged], found: &[(usize, usize, usize)], column: usize) -> Result<ArrayRef, AuditError> {
    let kind = identity_fields().get(column).map_or(DataType::Utf8, |field| field.data_type().clone());
    let mut taken: Vec<ArrayRef> = Vec::new();
    for (part, one) in judged.iter().enumerate() {
        let Some(array) = one.identity.get(column) else { continue };
        let rows = found.iter().filter(|(of, _, _)| *of == part).map(|(_, row, _)| i64::try_from(*row).ok());
        let rows: Int64Array = rows.collect();
        let part = datafusion::arrow::compute::take(array, &rows, None);
        taken.push(part.map_err(|error| columns::internal(&error.to_string()))?);
    }
    if taken.is_empty() { Ok(datafusion::arrow::array::new_empty_array(&kind)) } else { joined(taken.iter()) }
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
