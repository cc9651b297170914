//! Tables: CSV and Parquet files read row by row into typed batches, bad rows set aside and counted.
//!
//! A table can be read any number of times, once for each query that names it; every pass sets the same rows aside,
//! and what the longest pass found is what counts, so nothing is counted twice. The first pass that comes to the end keeps
//! its rows in a temporary file for those that follow.

mod cell;
mod csv_file;
mod fault;
mod kept;
mod parquet_file;
mod pass;
mod provider;
mod rows;
mod survey;
#[cfg(test)]
mod tests;

pub(crate) use cell::{Value, read_text_cell};
pub(crate) use fault::{Fault, FaultTally};

use crate::AuditError;
use crate::adapter::{Adapter, ColumnKind, TableSpec, has_extension};
use crate::error::problem;
use crate::ledger::{self, LedgerSource, LedgerStream};
use crate::repeats::Seen;
use crate::summary::MAX_EXAMPLES;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::catalog::TableProvider;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::prelude::SessionContext;
use gongdao_pack::Problem;
use kept::Kept;
use pass::Pass;
use provider::Provider;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Rows in a batch of a table.
pub(crate) const BATCH_ROWS: usize = 8192;

/// The tables of an adapter over one data folder, and the ledger where one is read.
pub(crate) struct Tables {
    tables: Vec<Arc<Table>>,
    ledger: Option<Arc<LedgerSource>>,
}

/// One table and what its passes found.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) spec: TableSpec,
    pub(crate) data: PathBuf,
    schema: SchemaRef,
    /// The longest pass so far. Locked only at the end of a pass and by [`Tables::found`].
    found: Mutex<Found>,
    /// For each unique column the fingerprints of values that stand more than once, from a survey before the first pass.
    repeated: OnceLock<Vec<Option<HashSet<u128>>>>,
    /// The rows of the first pass that came to the end.
    kept: OnceLock<Kept>,
}

/// What a pass over a table found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    /// Rows read of each file, bad ones included.
    pub(crate) rows: Vec<u64>,
    /// Rows set aside.
    pub(crate) set_aside: u64,
    /// Why.
    pub(crate) faults: FaultTally,
    /// Whether the pass came to the end of the last file.
    pub(crate) complete: bool,
}

/// The rows of one file that were set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SetAside {
    pub(crate) file: String,
    pub(crate) count: u64,
    pub(crate) first_rows: Vec<u64>,
}

impl Found {
    fn rows_read(&self) -> u64 {
        self.rows.iter().sum()
    }
}

impl Tables {
    /// Open every file far enough to know that its columns are there. All problems at once.
    pub(crate) fn open(adapter: &Adapter, data: &Path, ledger: Option<Arc<LedgerSource>>) -> Result<Self, AuditError> {
        let mut problems = Vec::new();
        let is_taken = |name: &str| name.eq_ignore_ascii_case(ledger::TABLE);
        if ledger.is_some() && adapter.tables.iter().any(|spec| is_taken(&spec.name)) {
            let message = format!("the adapter has a table `{}` of its own", ledger::TABLE);
            problems.push(problem(&adapter.file, message, "rename it: with `--ledger` the ledger has this name"));
        }
        if !data.is_dir() {
            let hint = "name the folder that holds the adapter's files with `--data`";
            return Err(AuditError::new(data, "the data folder does not exist", hint));
        }
        let mut tables = Vec::new();
        for spec in &adapter.tables {
            for file in &spec.files {
                problems.extend(check_file(spec, &data.join(file)));
            }
            let schema = Arc::new(schema_of(spec));
            tables.push(Arc::new(Table {
                spec: spec.clone(),
                data: data.to_path_buf(),
                schema,
                found: Mutex::default(),
                repeated: OnceLock::new(),
                kept: OnceLock::new(),
            }));
        }
        if problems.is_empty() { Ok(Self { tables, ledger }) } else { Err(problems.into()) }
    }

    /// Make the tables known to SQL.
    pub(crate) fn register(&self, context: &SessionContext) -> Result<(), AuditError> {
        let register = |name: &str, provider: Arc<dyn TableProvider>| {
            let registered = context.register_table(name, provider);
            registered.map(drop).map_err(|error| crate::query::sql_error(Path::new(""), &error))
        };
        for table in &self.tables {
            register(&table.spec.name, Arc::new(Provider(Arc::clone(table))))?;
        }
        let Some(ledger) = &self.ledger else { return Ok(()) };
        let stream: Arc<dyn PartitionStream> = Arc::new(LedgerStream(Arc::clone(ledger)));
        let provider = StreamingTable::try_new(Arc::clone(stream.schema()), vec![stream])
            .map_err(|error| crate::query::sql_error(Path::new(""), &error))?;
        register(ledger::TABLE, Arc::new(provider))
    }

    /// What was found in each table. Tables that no query has read to the end are read now.
    pub(crate) fn found(&self) -> Result<Vec<(TableSpec, Found)>, AuditError> {
        let tables = self.tables.iter().map(|table| Ok((table.spec.clone(), table.found()?)));
        let ledger = self.ledger.iter().map(|ledger| Ok((ledger.spec(), ledger.found().clone())));
        tables.chain(ledger).collect()
    }

    /// The rows that were set aside of the tables of these names (as SQL knows them), by file.
    pub(crate) fn set_aside(&self, names: &BTreeSet<String>) -> Result<Vec<SetAside>, AuditError> {
        let mut files: BTreeMap<String, SetAside> = BTreeMap::new();
        let is_named = |own: &str| names.iter().any(|name| name.eq_ignore_ascii_case(own));
        let mut behind = Vec::new();
        for table in self.tables.iter().filter(|table| is_named(&table.spec.name)) {
            behind.push(table.found()?);
        }
        behind.extend(self.ledger.iter().filter(|_| is_named(ledger::TABLE)).map(|ledger| ledger.found().clone()));
        for found in behind {
            for finding in found.faults.findings().filter(|finding| finding.set_aside) {
                let file = files.entry(finding.file.clone()).or_insert_with(|| SetAside {
                    file: finding.file.clone(),
                    count: 0,
                    first_rows: Vec::new(),
                });
                file.count += finding.count;
                file.first_rows.extend(&finding.first_rows);
                file.first_rows.sort_unstable();
                file.first_rows.dedup();
                file.first_rows.truncate(MAX_EXAMPLES);
            }
        }
        Ok(files.into_values().collect())
    }

    /// The ledger that is read.
    pub(crate) fn ledger(&self) -> Option<&LedgerSource> {
        self.ledger.as_deref()
    }

    /// All data files as written in the adapter, with their paths; ordered, each once.
    pub(crate) fn files(&self) -> Vec<(String, PathBuf)> {
        let mut files: Vec<_> = self
            .tables
            .iter()
            .flat_map(|table| table.spec.files.iter().map(|file| (file.clone(), table.data.join(file))))
            .collect();
        files.sort();
        files.dedup();
        files
    }
}

impl Table {
    /// What the longest pass found. A table that no query has read to the end is read now.
    fn found(self: &Arc<Self>) -> Result<Found, AuditError> {
        if !self.found.lock().unwrap_or_else(PoisonError::into_inner).complete {
            for batch in Pass::new(Arc::clone(self)) {
                batch?;
            }
        }
        Ok(self.found.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// What watches over each unique column, nothing met yet. The first call surveys the table.
    fn seen(&self) -> Result<Vec<Option<Seen>>, AuditError> {
        let repeated = if let Some(repeated) = self.repeated.get() {
            repeated
        } else {
            let surveyed = survey::repeated(&self.spec, &self.data)?;
            self.repeated.get_or_init(|| surveyed)
        };
        Ok(repeated.iter().map(|values| values.clone().map(Seen::new)).collect())
    }

    fn keep(&self, found: &Found) {
        let mut known = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.complete && (found.complete || found.rows_read() > known.rows_read()) {
            *known = found.clone();
        }
    }
}

/// A data file to read; a pipe or a device could keep a run waiting for ever.
fn open_regular(path: &Path) -> Result<File, AuditError> {
    let failed = |error: &std::io::Error| AuditError::io(path, "read the file", error);
    if !std::fs::metadata(path).map_err(|error| failed(&error))?.is_file() {
        return Err(AuditError::new(path, "this is no regular file", "name a CSV or Parquet file"));
    }
    File::open(path).map_err(|error| failed(&error))
}

fn check_file(spec: &TableSpec, path: &Path) -> Vec<Problem> {
    let names = if has_extension(&path.to_string_lossy(), "parquet") {
        parquet_file::column_names(path)
    } else {
        csv_file::column_names(path)
    };
    let names = match names {
        Ok(names) => names,
        Err(error) => return error.problems,
    };
    let mut problems = Vec::new();
    for column in &spec.columns {
        match names.iter().filter(|name| **name == column.from).count() {
            1 => {}
            0 => problems.push(problem(
                path,
                format!("column `{}` of table `{}` is missing", column.from, spec.name),
                format!("the file has: {}", listed(&names)),
            )),
            _ => problems.push(problem(
                path,
                format!("column `{}` stands twice in the header", column.from),
                "rename one of them",
            )),
        }
    }
    problems
}

fn listed(names: &[String]) -> String {
    const SHOWN: usize = 30;
    let mut text = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(", …");
    }
    text
}

fn schema_of(spec: &TableSpec) -> Schema {
    let mut fields: Vec<_> =
        spec.columns.iter().map(|column| Field::new(&column.name, sql_type(column.kind), !column.required)).collect();
    fields.push(Field::new("_file", DataType::Utf8, false));
    fields.push(Field::new("_row", DataType::Int64, false));
    Schema::new(fields)
}

fn sql_type(kind: ColumnKind) -> DataType {
    match kind {
        ColumnKind::Text => DataType::Utf8,
        ColumnKind::Bool => DataType::Boolean,
        ColumnKind::Integer => DataType::Int64,
        ColumnKind::Float => DataType::Float64,
        ColumnKind::Instant | ColumnKind::Seconds | ColumnKind::Millis => {
            DataType::Timestamp(TimeUnit::Millisecond, None)
        }
        ColumnKind::Date => DataType::Date32,
    }
}
