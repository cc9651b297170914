//! The little that both databases are asked to do alike.

use gongdao_service::ServiceError;

/// A value of a statement or of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn optional(text: Option<&str>) -> Self {
        text.map_or(Self::Null, Self::text)
    }

    /// Numbers up to 2^63 - 1; greater ones do not occur.
    pub(crate) fn number(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }

    pub(crate) fn optional_number(number: Option<u64>) -> Self {
        number.map_or(Self::Null, Self::number)
    }
}

/// A row, taken from the left.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<Cell>);

impl Row {
    pub(crate) fn new(cells: Vec<Cell>) -> Self {
        Self(cells.into_iter())
    }

    pub(crate) fn cell(&mut self) -> Result<Cell, ServiceError> {
        self.0.next().ok_or_else(|| unexpected(None))
    }

    pub(crate) fn int(&mut self) -> Result<i64, ServiceError> {
        match self.0.next() {
            Some(Cell::Int(number)) => Ok(number),
            other => Err(unexpected(other.as_ref())),
        }
    }

    pub(crate) fn optional_int(&mut self) -> Result<Option<i64>, ServiceError> {
        match self.0.next() {
            Some(Cell::Int(number)) => Ok(Some(number)),
            Some(Cell::Null) => Ok(None),
            other => Err(unexpected(other.as_ref())),
        }
    }

    pub(crate) fn unsigned(&mut self) -> Result<u64, ServiceError> {
        u64::try_from(self.int()?).map_err(ServiceError::storage)
    }

    pub(crate) fn optional_unsigned(&mut self) -> Result<Option<u64>, ServiceError> {
        self.optional_int()?.map(u64::try_from).transpose().map_err(ServiceError::storage)
    }

    pub(crate) fn text(&mut self) -> Result<String, ServiceError> {
        match self.0.next() {
            Some(Cell::Text(text)) => Ok(text),
            other => Err(unexpected(other.as_ref())),
        }
    }

    pub(crate) fn optional_text(&mut self) -> Result<Option<String>, ServiceError> {
        match self.0.next() {
            Some(Cell::Text(text)) => Ok(Some(text)),
            Some(Cell::Null) => Ok(None),
            other => Err(unexpected(other.as_ref())),
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>, ServiceError> {
        match self.0.next() {
            Some(Cell::Bytes(bytes)) => Ok(bytes),
            other => Err(unexpected(other.as_ref())),
        }
    }
}

fn unexpected(cell: Option<&Cell>) -> ServiceError {
    let what = match cell {
        None => "no column",
        Some(Cell::Null) => "null",
        Some(Cell::Int(_)) => "a number",
        Some(Cell::Text(_)) => "text",
        Some(Cell::Bytes(_)) => "bytes",
    };
    ServiceError::storage(format_args!("the database has {what} where something else belongs"))
}

/// Statements in one transaction, or alone. Parameters are `$1`, `$2`, …, each named first in this order.
pub(crate) trait Statements {
    /// Run one; the number of rows it changed.
    fn execute(&mut self, sql: &str, parameters: &[Cell]) -> Result<u64, ServiceError>;
    /// Rows of one.
    fn query(&mut self, sql: &str, parameters: &[Cell]) -> Result<Vec<Row>, ServiceError>;
    /// Several without parameters, separated by semicolons.
    fn batch(&mut self, sql: &str) -> Result<(), ServiceError>;
}

/// What is done in a transaction; `Ok(false)` rolls it back without an error.
pub(crate) type Work<'a> = &'a mut dyn FnMut(&mut dyn Statements) -> Result<bool, ServiceError>;

/// A database.
pub(crate) trait Backend: Send + Sync {
    /// Whether other processes use it too.
    fn is_shared(&self) -> bool;
    /// An expression for the database's clock, in milliseconds since 1970.
    fn now(&self) -> &'static str;
    /// What makes texts compare byte by byte, as they do here, where the database would compare them as a language does.
    fn by_bytes(&self) -> &'static str;
    /// Do all of it or nothing. May be called again from the start where two transactions stood in each other's way.
    fn transaction(&self, work: Work<'_>) -> Result<(), ServiceError>;
    /// The same for what can be made again from the ledger, and is at the next start: it may be lost where the machine loses its
    /// power, with everything that came after it.
    /// `is_flood`: much more waits, so what is written matters more than who else waits for the disk.
    fn transaction_of_copies(&self, work: Work<'_>, _is_flood: bool) -> Result<(), ServiceError> {
        self.transaction(work)
    }
    /// Read, outside of any transaction.
    fn read(&self, sql: &str, parameters: &[Cell]) -> Result<Vec<Row>, ServiceError>;
    /// Read row by row, as many as there are.
    fn each(&self, sql: &str, take: &mut dyn FnMut(Row) -> Result<(), ServiceError>) -> Result<(), ServiceError>;
    /// Rows that were taken away must not stand in the database's files longer than they have to.
    fn scrub(&self) -> Result<(), ServiceError>;
    /// Write the database's file anew, where it is one of this process, so that it holds its rows and nothing else.
    fn write_anew(&self) -> Result<(), ServiceError>;
}

/// Take rows about a person away, out of the database's files too; how many there were.
pub(crate) fn forget(backend: &dyn Backend, statements: &[&str], person: &str) -> Result<u64, ServiceError> {
    let mut gone = 0;
    backend.transaction(&mut |sql| {
        gone = 0;
        for statement in statements {
            gone += sql.execute(statement, &[Cell::text(person)])?;
        }
        Ok(true)
    })?;
    backend.scrub()?;
    Ok(gone)
}

/// `$first, …` for a row of a statement that takes many.
pub(crate) fn places(first: usize, count: usize) -> String {
    let all: Vec<String> = (first..first + count).map(|number| format!("${number}")).collect();
    all.join(", ")
}

/// `($1, $2), ($3, $4), …`
pub(crate) fn rows_of_places(rows: usize, columns: usize) -> String {
    let all: Vec<String> = (0..rows).map(|row| format!("({})", places(row * columns + 1, columns))).collect();
    all.join(", ")
}
