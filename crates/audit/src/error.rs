use gongdao_pack::{Problem, Severity};
use std::fmt;
use std::path::{Path, PathBuf};

/// Why an audit could not be made: every problem found, each with file, words and hint. Never empty.
#[derive(Debug, Clone)]
pub struct AuditError {
    /// What is wrong, in the order found.
    pub problems: Vec<Problem>,
    /// Where the fault lies.
    pub at_fault: AtFault,
}

/// Where a fault lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtFault {
    /// The adapter, its SQL or the data.
    Input,
    /// The folder of results.
    Output,
    /// The program itself.
    Program,
}

impl AuditError {
    /// One problem with a file and a hint.
    pub(crate) fn new(file: impl Into<PathBuf>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { problems: vec![problem(file, message, hint)], at_fault: AtFault::Input }
    }

    /// A failure of the file system at `file`.
    pub(crate) fn io(file: &Path, doing: &str, error: &std::io::Error) -> Self {
        Self::new(file, format!("cannot {doing}: {}", io_words(error)), "check the path, the rights and the free space")
    }

    /// The same error, laid at the folder of results.
    pub(crate) fn of_output(self) -> Self {
        Self { at_fault: AtFault::Output, ..self }
    }

    /// The same error, laid at the program.
    pub(crate) fn of_program(self) -> Self {
        Self { at_fault: AtFault::Program, ..self }
    }

    /// The first problem; the others are lost.
    pub(crate) fn into_problem(self) -> Problem {
        self.problems.into_iter().next().unwrap_or_else(|| problem("", "unknown problem", ""))
    }
}

/// An error of this crate's input, without a line.
pub(crate) fn problem(file: impl Into<PathBuf>, message: impl Into<String>, hint: impl Into<String>) -> Problem {
    let hint: String = hint.into();
    Problem {
        severity: Severity::Error,
        file: file.into(),
        line: None,
        message: message.into(),
        hint: Some(hint).filter(|hint| !hint.is_empty()),
    }
}

/// The system's words for a failure, without its number.
pub(crate) fn io_words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::StorageFull => "no space left".to_owned(),
        _ => {
            let words = error.to_string();
            words.split(" (os error").next().unwrap_or_default().to_lowercase()
        }
    }
}

impl From<Vec<Problem>> for AuditError {
    fn from(problems: Vec<Problem>) -> Self {
        Self { problems, at_fault: AtFault::Input }
    }
}

impl From<Problem> for AuditError {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem], at_fault: AtFault::Input }
    }
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            if !problem.file.as_os_str().is_empty() {
                write!(f, "{}", problem.file.display())?;
                if let Some(line) = problem.line {
                    write!(f, ":{line}")?;
                }
                f.write_str(": ")?;
            }
            f.write_str(&problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for AuditError {}
