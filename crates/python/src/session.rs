//! Judging batch after batch.

use crate::decisions::{Plan, TABLE};
use crate::fault::{Fault, Faults, refuse};
use crate::output::{Form, Shape};
use crate::pack::NativePack;
use crate::state::{NativeState, States};
use arrow_array::RecordBatch;
use arrow_cast::display::array_value_to_string;
use arrow_pyarrow::PyArrowType;
use arrow_schema::Schema;
use gongdao_kernel::columns::DECISION;
use gongdao_kernel::{CompiledRules, Judge, KernelError, Patterns};
use pyo3::prelude::*;
use std::sync::{Arc, Mutex, PoisonError};

/// Rows that are judged at once; a table in one piece must not need working space for all of it.
const ROWS_AT_ONCE: usize = 32_768;

/// Judges batches of one table by one pack; keeps what it learnt between them.
#[pyclass(frozen, module = "gongdao._gongdao")]
pub(crate) struct Session {
    rules: Arc<CompiledRules>,
    states: Option<Arc<States>>,
    shape: Shape,
    /// Owned by whoever judges a batch.
    working: Mutex<Working>,
}

struct Working {
    judge: Judge,
    patterns: Patterns,
    /// Rows of the batches so far.
    rows: usize,
}

#[pymethods]
impl Session {
    /// `long`: one row a decision and rule version, else one a decision. `not_applicable`: long with the versions that do
    /// not apply. `plain`: no dictionaries, for those who cannot read them.
    #[new]
    fn new(pack: &NativePack, state: Option<&NativeState>, long: bool, not_applicable: bool, plain: bool) -> Self {
        let rules = Arc::clone(&pack.rules);
        let form = if long { Form::Long { not_applicable } } else { Form::Wide };
        let judge = Judge::new(Arc::clone(&rules));
        let working = Mutex::new(Working { judge, patterns: Patterns::default(), rows: 0 });
        let shape = Shape::new(rules.rules(), form, plain);
        Self { rules, states: state.map(|state| Arc::clone(&state.0)), shape, working }
    }

    /// The columns of the verdicts on a table with these columns.
    fn schema(&self, py: Python<'_>, schema: PyArrowType<Schema>) -> PyResult<PyArrowType<Schema>> {
        let given = schema.0;
        let of = || -> Result<Schema, Faults> {
            self.plan(&given)?;
            let id = given.field_with_name(DECISION).map_err(|error| vec![Fault::unexpected(&error)])?;
            Ok(self.shape.schema(id.data_type()))
        };
        of().map(PyArrowType).map_err(|faults| refuse(py, faults))
    }

    /// The verdicts on the next batch, in one or more batches.
    fn judge(&self, py: Python<'_>, batch: PyArrowType<RecordBatch>) -> PyResult<Vec<PyArrowType<RecordBatch>>> {
        let batch = batch.0;
        let judged = py.detach(move || self.run(&batch)).map_err(|faults| refuse(py, faults))?;
        Ok(judged.into_iter().map(PyArrowType).collect())
    }
}

impl Session {
    fn plan(&self, schema: &Schema) -> Result<Plan, Faults> {
        Plan::new(schema, self.rules.vocabulary(), self.states.as_deref())
    }

    fn run(&self, batch: &RecordBatch) -> Result<Vec<RecordBatch>, Faults> {
        let mut working = self.working.lock().unwrap_or_else(PoisonError::into_inner);
        let decisions = self.plan(batch.schema_ref())?.read(batch, working.rows)?;
        let mut judged = Vec::new();
        let mut from = 0;
        while from < decisions.num_rows() {
            let part = decisions.slice(from, ROWS_AT_ONCE.min(decisions.num_rows() - from));
            judged.push(self.part(&mut working, &part)?);
            from += part.num_rows();
        }
        Ok(judged)
    }

    fn part(&self, working: &mut Working, decisions: &RecordBatch) -> Result<RecordBatch, Faults> {
        let before = working.rows;
        let joined = match &self.states {
            Some(states) => &states.join(decisions).map_err(|fault| vec![fault])?,
            None => decisions,
        };
        let fault = |error: KernelError| vec![of_decision(decisions, before, error)];
        let verdicts = working.judge.judge(joined).map_err(fault)?;
        working.rows += decisions.num_rows();
        let ids = decisions.column_by_name(DECISION);
        let rules = self.rules.rules();
        self.shape.batch(rules, ids, &verdicts, &mut working.patterns).map_err(|fault| vec![fault])
    }
}

/// An error of the kernel with the decision's own name.
fn of_decision(decisions: &RecordBatch, before: usize, error: KernelError) -> Fault {
    let id = error.row.zip(decisions.column_by_name(DECISION));
    let id = id.and_then(|(row, ids)| array_value_to_string(ids, row).ok());
    let fault = Fault::of_kernel(TABLE, before, error);
    match id {
        Some(id) => Fault { message: format!("decision `{id}`: {}", fault.message), ..fault },
        None => fault,
    }
}
