//! Verdicts as tables: one row a decision, or one a decision and rule version (docs/python.md, docs/formats/results.md).

use crate::fault::Fault;
use crate::pack::day_number;
use arrow_array::builder::{BooleanBuilder, Date32Builder, Int32Builder, UInt8Builder};
use arrow_array::types::{Int32Type, UInt8Type};
use arrow_array::{ArrayRef, BooleanArray, DictionaryArray, RecordBatch, StringArray, UInt64Array, new_null_array};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use arrow_select::take::take;
use gongdao_kernel::columns::DECISION;
use gongdao_kernel::{
    Pattern, Patterns, Verdicts, VersionVerdicts, cause_text, cause_type, outcome_code, outcome_type, outcome_words,
};
use gongdao_model::{Effect, Outcome};
use gongdao_rules::{RuleSet, RuleVersion};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A decision; two columns a rule version.
    Wide,
    /// A decision and a rule version that speaks about it.
    Long {
        /// Those too that do not apply.
        not_applicable: bool,
    },
}

/// A column's name, and what it says of a decision.
type Flag = (&'static str, fn(&Pattern) -> bool);
const FLAGS: [Flag; 5] = [
    ("violated", |pattern| pattern.violated),
    ("provisional_only", |pattern| pattern.provisional_only),
    ("disputed", |pattern| pattern.disputed),
    ("undetermined", |pattern| pattern.undetermined),
    ("silent", |pattern| pattern.silent),
];

/// Columns of the long form that say the same of a rule version in every row.
const OF_VERSION: [&str; 5] = ["rule", "reading", "provision", "effect", "standing"];

/// How verdicts are laid out; the columns depend on the packs alone.
pub(crate) struct Shape {
    form: Form,
    plain: bool,
    words: ArrayRef,
    /// Column names of the wide form.
    keys: Vec<String>,
    /// By the names of [`OF_VERSION`].
    of_version: Vec<Words>,
}

/// One text a version, each distinct text once.
struct Words {
    texts: ArrayRef,
    of: Vec<Option<i32>>,
}

impl Words {
    fn new(versions: &[RuleVersion], of: impl Fn(&RuleVersion) -> Option<String>) -> Self {
        let mut codes: BTreeMap<String, i32> = BTreeMap::new();
        let mut texts = Vec::new();
        let code = |version: &RuleVersion| {
            let text = of(version)?;
            let next = i32::try_from(texts.len()).ok()?;
            Some(*codes.entry(text).or_insert_with_key(|text| {
                texts.push(text.clone());
                next
            }))
        };
        let of = versions.iter().map(code).collect();
        Self { texts: Arc::new(StringArray::from(texts)), of }
    }
}

/// One row of the long form: decision, position among the verdicts' versions, outcome.
type Said = (usize, usize, Outcome);

impl Shape {
    pub(crate) fn new(rules: &RuleSet, form: Form, plain: bool) -> Self {
        let versions = &rules.versions;
        let of_version = vec![
            Words::new(versions, |version| Some(version.key.rule.to_string())),
            Words::new(versions, |version| version.key.reading.as_ref().map(ToString::to_string)),
            Words::new(versions, |version| Some(version.provision.to_string())),
            Words::new(versions, |version| version.effect.map(|effect| effect.as_str().to_owned())),
            Words::new(versions, |version| Some(version.standing.as_str().to_owned())),
        ];
        let keys = versions.iter().map(|version| version.key.to_string()).collect();
        Self { form, plain, words: outcome_words(), keys, of_version }
    }

    /// The columns for identifiers of this type.
    pub(crate) fn schema(&self, id: &DataType) -> Schema {
        let mut fields = vec![Field::new(DECISION, id.clone(), true)];
        let field = |name: &str, kind: DataType| Field::new(name, kind, true);
        match self.form {
            Form::Wide => {
                fields.push(field("effect", DataType::Utf8));
                fields.extend(FLAGS.map(|(name, _)| field(name, DataType::Boolean)));
                for key in &self.keys {
                    fields.push(field(key, outcome_type()));
                    fields.push(field(&format!("cause {key}"), cause_type()));
                }
            }
            Form::Long { .. } => {
                for name in ["rule", "reading"] {
                    fields.push(field(name, cause_type()));
                }
                fields.push(field("in_force_from", DataType::Date32));
                fields.push(field("provision", cause_type()));
                fields.push(field("outcome", outcome_type()));
                for name in ["cause", "effect", "standing"] {
                    fields.push(field(name, cause_type()));
                }
                fields.extend(["provisional", "disputed"].map(|name| field(name, DataType::Boolean)));
            }
        }
        if self.plain {
            fields = fields.into_iter().map(plain_field).collect();
        }
        Schema::new(fields)
    }

    /// The verdicts on the decisions `ids`.
    pub(crate) fn batch(
        &self,
        rules: &RuleSet,
        ids: Option<&ArrayRef>,
        verdicts: &Verdicts,
        patterns: &mut Patterns,
    ) -> Result<RecordBatch, Fault> {
        let nothing = new_null_array(&DataType::Utf8, verdicts.rows);
        let ids = ids.unwrap_or(&nothing);
        let numbers = patterns.of_rows(rules, verdicts);
        let pattern = |row: usize| numbers.get(row).and_then(|number| patterns.get(*number));
        let mut arrays = match self.form {
            Form::Wide => self.wide(rules, ids, verdicts, &pattern)?,
            Form::Long { not_applicable } => {
                let said = said(verdicts, not_applicable);
                self.long(rules, ids, verdicts, &said, &pattern).map_err(|error| Fault::unexpected(&error))?
            }
        };
        let schema = self.schema(ids.data_type());
        if self.plain {
            for (array, field) in arrays.iter_mut().zip(schema.fields()) {
                *array = cast(array, field.data_type()).map_err(|error| Fault::unexpected(&error))?;
            }
        }
        RecordBatch::try_new(Arc::new(schema), arrays).map_err(|error| Fault::unexpected(&error))
    }

    fn wide<'a>(
        &self,
        rules: &RuleSet,
        ids: &ArrayRef,
        verdicts: &Verdicts,
        pattern: &dyn Fn(usize) -> Option<&'a Pattern>,
    ) -> Result<Vec<ArrayRef>, Fault> {
        let mut arrays = vec![Arc::clone(ids)];
        let patterns = || (0..verdicts.rows).map(pattern);
        let effect = |pattern: Option<&Pattern>| pattern.map_or(Effect::CannotTell, |pattern| pattern.effect).as_str();
        arrays.push(Arc::new(StringArray::from_iter_values(patterns().map(effect))));
        for (_, flag) in FLAGS {
            arrays.push(Arc::new(patterns().map(|pattern| pattern.map(flag)).collect::<BooleanArray>()));
        }
        let failed = |error| Fault::of_kernel("", 0, error);
        for version in 0..rules.versions.len() {
            let found = verdicts.versions.binary_search_by_key(&version, |column| column.version).ok();
            if let Some(column) = found.and_then(|position| verdicts.versions.get(position)) {
                arrays.push(column.outcome_column(&self.words).map_err(failed)?);
                arrays.push(verdicts.cause_column(column).map_err(failed)?);
            } else {
                arrays.push(new_null_array(&outcome_type(), verdicts.rows));
                arrays.push(new_null_array(&cause_type(), verdicts.rows));
            }
        }
        Ok(arrays)
    }

    fn long<'a>(
        &self,
        rules: &RuleSet,
        ids: &ArrayRef,
        verdicts: &Verdicts,
        said: &[Said],
        pattern: &dyn Fn(usize) -> Option<&'a Pattern>,
    ) -> Result<Vec<ArrayRef>, ArrowError> {
        let rows: UInt64Array = said.iter().map(|(row, ..)| Some(*row as u64)).collect();
        let columns = || said.iter().map(|(_, position, _)| verdicts.versions.get(*position));
        let of_version = |name: &str| -> Result<ArrayRef, ArrowError> {
            let words = OF_VERSION.iter().position(|known| *known == name).and_then(|at| self.of_version.get(at));
            let mut codes = Int32Builder::with_capacity(said.len());
            for column in columns() {
                let code = words.zip(column).and_then(|(words, column)| *words.of.get(column.version)?);
                codes.append_option(code);
            }
            let texts = words.map_or_else(|| new_null_array(&DataType::Utf8, 0), |words| Arc::clone(&words.texts));
            Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(codes.finish(), texts)?))
        };
        let mut from = Date32Builder::with_capacity(said.len());
        let mut provisional = BooleanBuilder::with_capacity(said.len());
        let mut disputed = BooleanBuilder::with_capacity(said.len());
        let mut outcomes = UInt8Builder::with_capacity(said.len());
        for ((row, _, outcome), column) in said.iter().zip(columns()) {
            let version = column.and_then(|column| rules.versions.get(column.version));
            from.append_option(version.map(|version| day_number(version.key.from)));
            provisional.append_option(version.map(|version| version.standing.is_provisional()));
            let is_disputed = |version: &RuleVersion| Some(pattern(*row)?.is_disputed(&version.provision));
            disputed.append_option(version.and_then(is_disputed));
            outcomes.append_value(outcome_code(*outcome));
        }
        let outcomes = DictionaryArray::<UInt8Type>::try_new(outcomes.finish(), Arc::clone(&self.words))?;
        Ok(vec![
            take(ids, &rows, None)?,
            of_version("rule")?,
            of_version("reading")?,
            Arc::new(from.finish()),
            of_version("provision")?,
            Arc::new(outcomes),
            causes(verdicts, said)?,
            of_version("effect")?,
            of_version("standing")?,
            Arc::new(provisional.finish()),
            Arc::new(disputed.finish()),
        ])
    }
}

/// What is said of each decision, in the order of decisions, then of versions.
fn said(verdicts: &Verdicts, not_applicable: bool) -> Vec<Said> {
    let mut said: Vec<Said> = Vec::new();
    let mut add = |position: usize, outcome: Outcome, column: &mut dyn Iterator<Item = usize>| {
        said.extend(column.map(|row| (row, position, outcome)));
    };
    for (position, column) in verdicts.versions.iter().enumerate() {
        for (outcome, rows) in column.sets() {
            add(position, outcome, &mut rows.iter());
        }
        if not_applicable {
            add(position, Outcome::NotApplicable, &mut column.not_applicable().iter());
        }
    }
    said.sort_unstable();
    said
}

fn causes(verdicts: &Verdicts, said: &[Said]) -> Result<ArrayRef, ArrowError> {
    let cause = |(row, position, outcome): &Said| {
        let column: &VersionVerdicts = verdicts.versions.get(*position)?;
        let number = (*outcome == Outcome::Undetermined).then(|| column.cause(*row)).flatten()?;
        i32::try_from(number).ok()
    };
    let mut codes = Int32Builder::with_capacity(said.len());
    for one in said {
        codes.append_option(cause(one));
    }
    let texts: ArrayRef = Arc::new(StringArray::from_iter_values(verdicts.causes.iter().map(cause_text)));
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(codes.finish(), texts)?))
}

fn plain_field(field: Field) -> Field {
    match field.data_type() {
        DataType::Dictionary(_, values) => Field::new(field.name(), values.as_ref().clone(), true),
        DataType::LargeUtf8 | DataType::Utf8View => Field::new(field.name(), DataType::Utf8, true),
        _ => field,
    }
}
