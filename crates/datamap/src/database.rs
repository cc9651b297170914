//! What the three databases have in common, and where they differ.

use crate::{DataMap, MapError, mysql, postgres, sqlite};

/// How a database writes statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Postgres,
    MySql,
    Sqlite,
}

/// What matters about a column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Text,
    Bytes,
    Other,
}

/// A column as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypedColumn {
    pub(crate) name: String,
    /// As the database writes it, for casts.
    pub(crate) declared: String,
    pub(crate) kind: Kind,
}

/// A row: each value as text, nothing for `NULL`.
pub(crate) type TextRow = Vec<Option<String>>;

/// One connection. What is not committed when it is dropped never happened.
pub(crate) trait Database {
    fn dialect(&self) -> Dialect;

    /// Columns of a table in their order; none where there is no such table.
    fn columns(&mut self, table: &str) -> Result<Vec<TypedColumn>, MapError>;

    /// Errors: what is changed in the table could not be taken back.
    fn check_undoable(&mut self, table: &str) -> Result<(), MapError>;

    fn rows(&mut self, statement: &str, values: &[String]) -> Result<Vec<TextRow>, MapError>;

    /// Rows that it met.
    fn change(&mut self, statement: &str, values: &[String]) -> Result<u64, MapError>;

    fn begin(&mut self) -> Result<(), MapError>;

    /// Everything that the database would look at only when it commits.
    fn settle(&mut self) -> Result<(), MapError>;

    fn commit(&mut self) -> Result<(), MapError>;

    fn roll_back(&mut self) -> Result<(), MapError>;
}

/// Connect to the database of a map.
///
/// Errors: a variable that is not set; an address of no known kind; the database.
pub(crate) fn connect(map: &DataMap) -> Result<Box<dyn Database>, MapError> {
    let address = match map.database.strip_prefix("env:") {
        None => map.database.clone(),
        Some(name) => std::env::var(name).map_err(|_| {
            MapError::request(format!("`{name}` is not set"), format!("set it to the address of `{}`", map.name))
        })?,
    };
    let scheme = address.split_once("://").map_or("", |(scheme, _)| scheme);
    match scheme {
        "" if address.contains("host=") => Ok(Box::new(postgres::Postgres::connect(&address)?)),
        "postgres" | "postgresql" => Ok(Box::new(postgres::Postgres::connect(&address)?)),
        "mysql" | "mariadb" => Ok(Box::new(mysql::MySql::connect(&address)?)),
        "sqlite" => Ok(Box::new(sqlite::Sqlite::open(address.trim_start_matches("sqlite://"))?)),
        _ => Err(MapError::request(
            format!("the address of `{}` is of no kind that is known", map.name),
            "begin it with `postgres://`, `mysql://` or `sqlite://`; PostgreSQL also as `host=… dbname=…`",
        )),
    }
}
