//! What the tests of whole runs share.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use gongdao_audit::engine::EngineKind;
use gongdao_audit::run::{Ended, Progress, Request, Watch, audit};
use gongdao_audit::summary::Summary;
use gongdao_audit::{Adapter, AuditError};
use gongdao_pack::Packs;
use gongdao_rules::RuleSet;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The shared material beside the repository. Without it a test says so and passes, except where CI must have it.
pub fn shared() -> Option<PathBuf> {
    let shared = root().join("../shared");
    if shared.is_dir() {
        return Some(shared);
    }
    assert!(std::env::var_os("CI").is_none(), "no ../shared, and CI must have it");
    println!("skipped: no ../shared");
    None
}

/// The law of this repository.
pub fn law() -> (Packs, RuleSet) {
    let packs = Packs::read(&root().join("packs")).unwrap();
    let rules = RuleSet::load(&packs).unwrap();
    (packs, rules)
}

/// Watches nothing and never stops.
pub struct Silent;

impl Watch for Silent {
    fn progress(&self, _: Progress) {}
    fn stop(&self) -> bool {
        false
    }
}

/// Remembers how many decisions an interrupted run had judged before.
#[derive(Default)]
pub struct Resumed(pub Cell<u64>);

impl Watch for Resumed {
    fn progress(&self, progress: Progress) {
        if let Progress::Resuming(decisions) = progress {
            self.0.set(decisions);
        }
    }
    fn stop(&self) -> bool {
        false
    }
}

/// Stops after so many questions.
pub struct StopAfter(pub Cell<usize>);

impl Watch for StopAfter {
    fn progress(&self, _: Progress) {}
    fn stop(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left <= 1
    }
}

/// How a run is asked for.
pub struct Ask<'a> {
    pub adapter: &'a Adapter,
    pub data: Option<&'a Path>,
    pub out: &'a Path,
    pub strict: bool,
}

/// Run an audit with the repository's law.
pub fn run(law: &(Packs, RuleSet), ask: &Ask<'_>, watch: &dyn Watch) -> Result<Ended, AuditError> {
    let request = Request {
        adapter: ask.adapter,
        data: ask.data.unwrap_or(&ask.adapter.data),
        ledger: None,
        packs: &law.0,
        rules: &law.1,
        engine: EngineKind::Both,
        threads: 2,
        strict: ask.strict,
        fresh: false,
        command: "gongdao audit",
        build: "test",
        out: ask.out,
    };
    audit(&request, watch)
}

/// The summary of a run that came to its end.
pub fn complete(ended: Result<Ended, AuditError>) -> Summary {
    match ended.unwrap() {
        Ended::Complete(summary) => *summary,
        Ended::Stopped { .. } => panic!("the run was stopped"),
    }
}

/// Run one of the repository's adapters into a temporary folder.
pub fn run_shipped(name: &str) -> Option<(tempfile::TempDir, Summary)> {
    shared()?;
    let adapter = Adapter::read(&root().join("adapters").join(format!("{name}.toml"))).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let ask = Ask { adapter: &adapter, data: None, out: &out, strict: false };
    let summary = complete(run(&law(), &ask, &Silent));
    Some((folder, summary))
}

/// Rows of a Parquet file as texts by column (`wanted` ones, all if none are named); missing values are empty.
pub fn parquet_rows(path: &Path, wanted: &[&str]) -> Vec<BTreeMap<String, String>> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(path).unwrap()).unwrap();
    let fields = builder.schema().fields().iter().enumerate();
    let kept = fields.filter(|(_, field)| wanted.is_empty() || wanted.contains(&field.name().as_str()));
    let mask = ProjectionMask::roots(builder.parquet_schema(), kept.map(|(index, _)| index).collect::<Vec<_>>());
    let mut rows = Vec::new();
    for batch in builder.with_projection(mask).build().unwrap() {
        let batch = batch.unwrap();
        let columns: Vec<(String, ArrayRef)> = batch
            .schema()
            .fields()
            .iter()
            .zip(batch.columns())
            .map(|(field, array)| (field.name().clone(), cast(array, &DataType::Utf8).unwrap()))
            .collect();
        for row in 0..batch.num_rows() {
            let text = |array: &ArrayRef| {
                if array.is_valid(row) { array.as_string::<i32>().value(row).to_owned() } else { String::new() }
            };
            rows.push(columns.iter().map(|(name, array)| (name.clone(), text(array))).collect());
        }
    }
    rows
}

/// Every file of a folder with its bytes.
pub fn bytes_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).unwrap()))
        .collect()
}
