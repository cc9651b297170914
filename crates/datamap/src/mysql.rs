use crate::MapError;
use crate::database::{Database, Dialect, Kind, TextRow, TypedColumn};
use mysql::prelude::Queryable;
use mysql::{Conn, Opts, OptsBuilder, Value};
use std::time::Duration;

const CONNECT_WAIT: Duration = Duration::from_secs(10);

pub(crate) struct MySql(Conn);

impl MySql {
    pub(crate) fn connect(address: &str) -> Result<Self, MapError> {
        let address =
            address.strip_prefix("mariadb://").map_or_else(|| address.to_owned(), |rest| format!("mysql://{rest}"));
        let options = OptsBuilder::from_opts(Opts::from_url(&address).map_err(MapError::database)?)
            .tcp_connect_timeout(Some(CONNECT_WAIT));
        let mut connection = Conn::new(options).map_err(MapError::database)?;
        // Strict: a value that does not fit is refused, not cut.
        let setting = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES', NAMES utf8mb4";
        connection
            .query_drop(setting)
            .and_then(|()| connection.query_drop("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            .map_err(MapError::database)?;
        Ok(Self(connection))
    }
}

/// The table's schema and name as values; the schema that the address names where there is none.
fn place(table: &str) -> (&'static str, Vec<String>) {
    match table.split_once('.') {
        Some((schema, name)) => ("table_schema = ? AND table_name = ?", vec![schema.to_owned(), name.to_owned()]),
        None => ("table_schema = DATABASE() AND table_name = ?", vec![table.to_owned()]),
    }
}

impl Database for MySql {
    fn dialect(&self) -> Dialect {
        Dialect::MySql
    }

    fn columns(&mut self, table: &str) -> Result<Vec<TypedColumn>, MapError> {
        let (place, values) = place(table);
        let statement = format!(
            "SELECT CAST(column_name AS CHAR), CAST(column_type AS CHAR), CAST(data_type AS CHAR) FROM \
             information_schema.columns WHERE {place} ORDER BY ordinal_position"
        );
        let column = |row: TextRow| {
            let mut row = row.into_iter().flatten();
            let (name, declared, plain) = (row.next()?, row.next()?, row.next()?);
            let kind = match plain.as_str() {
                "tinyint" | "smallint" | "mediumint" | "int" | "bigint" => Kind::Integer,
                "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" => Kind::Text,
                "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Kind::Bytes,
                _ => Kind::Other,
            };
            Some(TypedColumn { name, declared, kind })
        };
        Ok(self.rows(&statement, &values)?.into_iter().filter_map(column).collect())
    }

    fn check_undoable(&mut self, table: &str) -> Result<(), MapError> {
        let (place, values) = place(table);
        let statement = format!("SELECT CAST(engine AS CHAR) FROM information_schema.tables WHERE {place}");
        match self.rows(&statement, &values)?.into_iter().flatten().flatten().next() {
            Some(engine) if engine.eq_ignore_ascii_case("InnoDB") => Ok(()),
            engine => Err(MapError::request(
                format!("`{table}` is kept by `{}`, which takes nothing back", engine.unwrap_or_default()),
                "change its engine to InnoDB, or do it by hand and attest it",
            )),
        }
    }

    fn rows(&mut self, statement: &str, values: &[String]) -> Result<Vec<TextRow>, MapError> {
        let rows: Vec<mysql::Row> = self.0.exec(statement, bound(values)).map_err(MapError::database)?;
        rows.into_iter().map(|row| row.unwrap_raw().into_iter().map(text).collect()).collect()
    }

    fn change(&mut self, statement: &str, values: &[String]) -> Result<u64, MapError> {
        let result = self.0.exec_iter(statement, bound(values)).map_err(MapError::database)?;
        Ok(result.affected_rows())
    }

    fn begin(&mut self) -> Result<(), MapError> {
        self.0.query_drop("START TRANSACTION").map_err(MapError::database)
    }

    fn settle(&mut self) -> Result<(), MapError> {
        Ok(())
    }

    fn commit(&mut self) -> Result<(), MapError> {
        self.0.query_drop("COMMIT").map_err(MapError::database)
    }

    fn roll_back(&mut self) -> Result<(), MapError> {
        self.0.query_drop("ROLLBACK").map_err(MapError::database)
    }
}

fn bound(values: &[String]) -> mysql::Params {
    if values.is_empty() {
        return mysql::Params::Empty;
    }
    mysql::Params::Positional(values.iter().map(|value| Value::Bytes(value.clone().into_bytes())).collect())
}

/// Statements cast what they ask for to text; only counts come as numbers.
fn text(value: Option<Value>) -> Result<Option<String>, MapError> {
    match value {
        None | Some(Value::NULL) => Ok(None),
        Some(Value::Bytes(bytes)) => String::from_utf8(bytes).map(Some).map_err(MapError::database),
        Some(Value::Int(number)) => Ok(Some(number.to_string())),
        Some(Value::UInt(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(MapError::database("a value came in a form that was not asked for")),
    }
}
