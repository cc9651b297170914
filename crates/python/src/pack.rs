//! Packs from files, and what stands in them as tables.

use crate::fault::{Fault, Faults, refuse};
use arrow_array::builder::{Date32Builder, ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
use arrow_pyarrow::PyArrowType;
use arrow_schema::ArrowError;
use gongdao_kernel::CompiledRules;
use gongdao_model::LegalDate;
use gongdao_pack::{Packs, Severity};
use gongdao_rules::{Grade, RuleKind, RuleSet, RuleVersion};
use pyo3::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Validated and compiled packs.
#[pyclass(frozen, module = "gongdao._gongdao")]
pub(crate) struct NativePack {
    pub(crate) rules: Arc<CompiledRules>,
    digest: String,
}

/// The files below a packs folder: path with `/`, and bytes.
#[pyfunction]
pub(crate) fn read_folder(py: Python<'_>, folder: PathBuf) -> PyResult<BTreeMap<String, Vec<u8>>> {
    let files = py.detach(move || Packs::files(&folder));
    let files = files.map_err(|problems| refuse(py, problems.into_iter().map(Fault::from).collect()))?;
    Ok(files.into_iter().map(|(path, bytes)| (path.to_string_lossy().into_owned(), bytes)).collect())
}

#[pymethods]
impl NativePack {
    #[new]
    fn new(py: Python<'_>, files: BTreeMap<String, Vec<u8>>) -> PyResult<Self> {
        py.detach(|| Self::compile(files)).map_err(|faults| refuse(py, faults))
    }

    #[getter]
    fn digest(&self) -> &str {
        &self.digest
    }

    /// One row a rule version.
    fn versions(&self, py: Python<'_>) -> PyResult<PyArrowType<RecordBatch>> {
        let table = versions(self.rules.rules());
        table.map(PyArrowType).map_err(|error| refuse(py, vec![Fault::unexpected(&error)]))
    }

    /// One row a fact.
    fn facts(&self, py: Python<'_>) -> PyResult<PyArrowType<RecordBatch>> {
        let table = facts(self.rules.rules());
        table.map(PyArrowType).map_err(|error| refuse(py, vec![Fault::unexpected(&error)]))
    }

    /// The actions with their words in Chinese and English.
    fn actions(&self) -> Vec<(String, String, String)> {
        let actions = self.rules.vocabulary().actions.iter();
        actions.map(|(name, labels)| (name.clone(), labels.zh.clone(), labels.en.clone())).collect()
    }
}

impl NativePack {
    /// Every problem is collected: those of the rules too where the rest has some.
    fn compile(files: BTreeMap<String, Vec<u8>>) -> Result<Self, Faults> {
        let files = files.into_iter().map(|(path, bytes)| (PathBuf::from(path), bytes)).collect();
        let (packs, mut problems) = Packs::survey_files(files);
        problems.retain(|problem| problem.severity == Severity::Error);
        let rules = match packs.as_ref().map(RuleSet::load) {
            Some(Ok(rules)) if problems.is_empty() => rules,
            Some(Err(more)) => {
                problems.extend(more.into_iter().filter(|problem| !problems.contains(problem)).collect::<Vec<_>>());
                return Err(problems.into_iter().map(Fault::from).collect());
            }
            _ => return Err(problems.into_iter().map(Fault::from).collect()),
        };
        let compiled = CompiledRules::new(&rules).map_err(|error| vec![Fault::new("", error.message, error.hint)])?;
        let digest = packs.map(|packs| packs.digest()).unwrap_or_default();
        Ok(Self { rules: Arc::new(compiled), digest })
    }
}

/// Days since 1970-01-01.
pub(crate) fn day_number(day: LegalDate) -> i32 {
    // The day begins at midnight in Shanghai, 16:00 of the day before in UTC.
    let days = (day.starts_at().millis() + 8 * 3_600_000).div_euclid(86_400_000);
    i32::try_from(days).unwrap_or(i32::MAX)
}

fn versions(rules: &RuleSet) -> Result<RecordBatch, ArrowError> {
    let texts = |of: &dyn Fn(&RuleVersion) -> Option<String>| -> ArrayRef {
        let mut column = StringBuilder::new();
        rules.versions.iter().for_each(|version| column.append_option(of(version)));
        Arc::new(column.finish())
    };
    let days = |of: &dyn Fn(&RuleVersion) -> Option<LegalDate>| -> ArrayRef {
        let mut column = Date32Builder::new();
        rules.versions.iter().for_each(|version| column.append_option(of(version).map(day_number)));
        Arc::new(column.finish())
    };
    let binding: BooleanArray = rules.versions.iter().map(|version| Some(version.binding)).collect();
    RecordBatch::try_from_iter([
        ("key", texts(&|version| Some(version.key.to_string()))),
        ("rule", texts(&|version| Some(version.key.rule.to_string()))),
        ("reading", texts(&|version| version.key.reading.as_ref().map(ToString::to_string))),
        ("provision", texts(&|version| Some(version.provision.to_string()))),
        ("kind", texts(&|version| Some(kind(version).to_owned()))),
        ("actions", lists(rules.versions.iter().map(|version| version.actions.iter().cloned()))),
        ("facts", lists(rules.versions.iter().map(|version| version.facts.iter().map(ToString::to_string)))),
        ("place", texts(&|version| Some(version.place.to_string()))),
        ("from", days(&|version| Some(version.key.from))),
        ("until", days(&|version| version.until)),
        ("effect", texts(&|version| version.effect.map(|effect| effect.as_str().to_owned()))),
        ("standing", texts(&|version| Some(version.standing.as_str().to_owned()))),
        ("binding", Arc::new(binding) as ArrayRef),
        ("zh", texts(&|version| Some(version.zh.clone()))),
        ("en", texts(&|version| Some(version.en.clone()))),
    ])
}

fn kind(version: &RuleVersion) -> &'static str {
    match version.kind {
        RuleKind::Prohibition => "prohibition",
        RuleKind::Demand { .. } => "demand",
        RuleKind::Basis { .. } => "basis",
    }
}

fn facts(rules: &RuleSet) -> Result<RecordBatch, ArrowError> {
    let facts = &rules.vocabulary.facts;
    let grade = |grade: Grade| match grade {
        Grade::Observed => "observed",
        Grade::Derived => "derived",
        Grade::Asserted => "asserted",
    };
    let texts = |words: &mut dyn Iterator<Item = Option<String>>| -> ArrayRef {
        let mut column = StringBuilder::new();
        words.for_each(|word| column.append_option(word));
        Arc::new(column.finish())
    };
    RecordBatch::try_from_iter([
        ("path", texts(&mut facts.keys().map(|path| Some(path.to_string())))),
        ("type", texts(&mut facts.values().map(|fact| Some(fact.fact_type.cedar_name().to_owned())))),
        ("grade", texts(&mut facts.values().map(|fact| Some(grade(fact.grade).to_owned())))),
        ("unit", texts(&mut facts.values().map(|fact| fact.unit.clone()))),
        ("words", lists(facts.values().map(|fact| fact.words.iter().cloned()))),
        ("zh", texts(&mut facts.values().map(|fact| Some(fact.zh.clone())))),
        ("en", texts(&mut facts.values().map(|fact| Some(fact.en.clone())))),
    ])
}

fn lists<W: Iterator<Item = String>>(rows: impl Iterator<Item = W>) -> ArrayRef {
    let mut column = ListBuilder::new(StringBuilder::new());
    for words in rows {
        words.for_each(|word| column.values().append_value(word));
        column.append(true);
    }
    Arc::new(column.finish())
}
