//! SQL over the tables: one session, the adapter's views, and the query engine's words made readable.

use crate::adapter::{Adapter, DerivedUse, Sql, Step};
use crate::columns::DECISION;
use crate::derived;
use crate::ledger::LedgerSource;
use crate::read_at::texts;
use crate::repeats::{Repeats, fingerprint_of};
use crate::table::{BATCH_ROWS, FaultTally, SetAside, Tables};
use crate::{AuditError, error::problem};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;
use gongdao_pack::DerivedFact;
use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// Functions of the query engine whose result is not in the data.
const VOLATILE: [&str; 8] =
    ["now", "current_timestamp", "current_date", "today", "current_time", "random", "uuid", "version"];

/// The tables and views of one adapter over one data folder, ready for queries.
///
/// One partition and one thread: rows come in the order of the files, so that equal inputs give equal bytes and an
/// interrupted run can go on where it stopped.
pub(crate) struct Session {
    pub(crate) context: SessionContext,
    pub(crate) tables: Tables,
    /// Where rows were set aside that a derived fact needs.
    pub(crate) faults: FaultTally,
    runtime: Runtime,
}

impl Session {
    /// Open the tables, a ledger as the table `ledger` among them, and register views and derived facts, in the adapter's order.
    /// `derived` are those of the packs.
    ///
    /// Tables behind a derived fact that needs all rows are read once here.
    pub(crate) fn with_ledger(
        adapter: &Adapter,
        data: &Path,
        derived: &[DerivedFact],
        ledger: Option<Arc<LedgerSource>>,
    ) -> Result<Self, AuditError> {
        let tables = Tables::open(adapter, data, ledger)?;
        let context = engine();
        tables.register(&context)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(|error| AuditError::io(&adapter.file, "start the query engine", &error))?;
        let mut session = Self { context, tables, faults: FaultTally::default(), runtime };
        for step in &adapter.steps {
            match step {
                Step::View(view) => session.register(&view.name, session.frame(&view.sql)?, &view.sql.file)?,
                Step::Derived(wanted) => session.derive(wanted, derived, &adapter.file)?,
            }
        }
        Ok(session)
    }

    /// The same without a ledger.
    #[cfg(test)]
    pub(crate) fn open(adapter: &Adapter, data: &Path, derived: &[DerivedFact]) -> Result<Self, AuditError> {
        Self::with_ledger(adapter, data, derived, None)
    }

    fn register(&self, name: &str, frame: DataFrame, file: &Path) -> Result<(), AuditError> {
        let registered = self.context.register_table(name, frame.into_view());
        registered.map(drop).map_err(|error| sql_error(file, &error))
    }

    fn derive(&mut self, wanted: &DerivedUse, derived: &[DerivedFact], file: &Path) -> Result<(), AuditError> {
        let fact = derived::known(wanted, derived, file)?;
        let inputs = self.wait(derived::inputs(&self.context, fact, wanted, file))?;
        let mut lost = false;
        for (_, frame) in fact.inputs.iter().zip(&inputs).filter(|(input, _)| input.all_rows) {
            let behind = behind(frame).map_err(|error| sql_error(file, &error))?;
            for aside in self.tables.set_aside(&behind)? {
                lost = true;
                self.faults.say_once(&aside.file, derived::set_aside(), aside.count, aside.first_rows);
            }
        }
        let frame = self.wait(derived::plan(&engine(), fact, inputs, &wanted.parameters))?;
        let frame = if lost { derived::unknown(frame, fact)? } else { frame };
        self.register(&wanted.view, frame, &fact.sql.path)
    }

    /// Run anything that waits on the query engine.
    pub(crate) fn wait<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    fn frame(&self, sql: &Sql) -> Result<DataFrame, AuditError> {
        self.wait(self.context.sql_with_options(&sql.text, read_only())).map_err(|error| sql_error(&sql.file, &error))
    }

    /// Rows of a query, batch by batch.
    pub(crate) fn stream(&self, sql: &Sql) -> Result<Batches<'_>, AuditError> {
        let frame = self.frame(sql)?;
        let stream = self.wait(frame.execute_stream()).map_err(|error| sql_error(&sql.file, &error))?;
        Ok(Batches { schema: stream.schema(), stream, session: self, file: sql.file.clone() })
    }

    /// The rows that were set aside, by file, of every table that a query reads, through views too.
    pub(crate) fn set_aside_behind(&self, sql: &Sql) -> Result<Vec<SetAside>, AuditError> {
        let names = behind(&self.frame(sql)?).map_err(|error| sql_error(&sql.file, &error))?;
        self.tables.set_aside(&names)
    }

    /// How many rows the decisions query gives, and the fingerprints of identifiers that stand more than once.
    pub(crate) fn identifiers(&self, sql: &Sql) -> Result<(u64, HashSet<u128>), AuditError> {
        let failed = |error: DataFusionError| sql_error(&sql.file, &error);
        let frame = self.frame(sql)?.select_columns(&[DECISION]).map_err(failed)?;
        let stream = self.wait(frame.execute_stream()).map_err(failed)?;
        let mut repeats = Repeats::default();
        let mut rows = 0;
        for batch in (Batches { schema: stream.schema(), stream, session: self, file: sql.file.clone() }) {
            let batch = batch?;
            rows += batch.num_rows() as u64;
            for id in texts(&batch, DECISION, &sql.file)?.iter().flatten() {
                repeats.push(fingerprint_of(id))?;
            }
        }
        Ok((rows, repeats.finish()?))
    }
}

/// The query engine: one partition, and nothing in it that differs from run to run.
pub(crate) fn engine() -> SessionContext {
    let config = SessionConfig::new().with_target_partitions(1).with_batch_size(BATCH_ROWS);
    let context = SessionContext::new_with_config(config);
    for name in VOLATILE {
        context.deregister_udf(name);
    }
    context
}

/// Names of the tables that a frame reads, through views too.
fn behind(frame: &DataFrame) -> Result<BTreeSet<String>, DataFusionError> {
    let mut names = BTreeSet::new();
    scanned(frame.logical_plan(), &mut names)?;
    Ok(names)
}

/// Names of the tables that a plan reads.
fn scanned(plan: &LogicalPlan, names: &mut BTreeSet<String>) -> Result<(), DataFusionError> {
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            match scan.source.get_logical_plan() {
                Some(view) => scanned(&view, names)?,
                None => drop(names.insert(scan.table_name.table().to_owned())),
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })
    .map(drop)
}

/// The rows of a query. Ends after an error.
pub(crate) struct Batches<'a> {
    pub(crate) schema: SchemaRef,
    stream: SendableRecordBatchStream,
    session: &'a Session,
    file: std::path::PathBuf,
}

impl Iterator for Batches<'_> {
    type Item = Result<RecordBatch, AuditError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.session.wait(self.stream.next())?;
        Some(next.map_err(|error| sql_error(&self.file, &error)))
    }
}

/// An error of the query engine: our own if it carries one, else its first line with the SQL file.
pub(crate) fn sql_error(file: &Path, error: &DataFusionError) -> AuditError {
    if let Some(own) = own_error(error) {
        return own;
    }
    let words = error.strip_backtrace();
    let first = plain(words.lines().next().unwrap_or_default());
    problem(file, format!("the query failed: {first}"), "check it against the tables and columns of the adapter").into()
}

/// The engine's words without the names of its own types around them.
fn plain(words: &str) -> String {
    let inner = words.split_once("ParserError(\"").and_then(|(_, rest)| rest.rsplit_once("\")"));
    inner.map_or(words, |(inner, _)| inner).replace("\\\"", "\"")
}

/// A query may read and nothing else: no `COPY`, no `CREATE`, no `SET`.
pub(crate) fn read_only() -> SQLOptions {
    SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false)
}

/// The error of a table that a query met on its way.
pub(crate) fn own_error(error: &DataFusionError) -> Option<AuditError> {
    let DataFusionError::External(cause) = error.find_root() else { return None };
    cause.downcast_ref::<AuditError>().cloned()
}
