//! What is wrong with somebody's input, as the package's exception.

use arrow_schema::ArrowError;
use gongdao_kernel::KernelError;
use gongdao_pack::Problem;
use pyo3::prelude::*;

/// One thing that is wrong. `line` counts from 1: a line of a file, or a row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) file: String,
    pub(crate) line: Option<usize>,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

/// Everything that is wrong; never empty.
pub(crate) type Faults = Vec<Fault>;

/// As Python has it: file, line, message, hint.
pub(crate) type Row = (String, Option<usize>, String, Option<String>);

impl Fault {
    pub(crate) fn new(file: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let hint: String = hint.into();
        let hint = Some(hint).filter(|hint| !hint.is_empty());
        Self { file: file.to_owned(), line: None, message: message.into(), hint }
    }

    /// The same fault in a row, counted from 0.
    pub(crate) fn at(self, row: usize) -> Self {
        Self { line: Some(row + 1), ..self }
    }

    /// An error of the kernel about the table `file`, of which `before` rows came before the batch.
    pub(crate) fn of_kernel(file: &str, before: usize, error: KernelError) -> Self {
        let fault = Self::new(file, error.message, error.hint);
        match error.row {
            Some(row) => fault.at(before + row),
            None => fault,
        }
    }

    /// Something that no input should cause.
    pub(crate) fn unexpected(error: &ArrowError) -> Self {
        Self::new("", format!("a column cannot be built: {error}"), "report this with the data")
    }

    pub(crate) fn into_row(self) -> Row {
        (self.file, self.line, self.message, self.hint)
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        let file = problem.file.to_string_lossy().into_owned();
        Self { file, line: problem.line, message: problem.message, hint: problem.hint }
    }
}

/// The exception that says all of it.
pub(crate) fn refuse(py: Python<'_>, faults: Faults) -> PyErr {
    let rows: Vec<Row> = faults.into_iter().map(Fault::into_row).collect();
    let made = py.import("gongdao._errors").and_then(|module| module.getattr("refusal")?.call1((rows,)));
    match made {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}
