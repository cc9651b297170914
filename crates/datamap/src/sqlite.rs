use crate::MapError;
use crate::database::{Database, Dialect, Kind, TextRow, TypedColumn};
use rusqlite::{Connection, OpenFlags, params_from_iter};
use std::time::Duration;

const WAIT: Duration = Duration::from_secs(10);

pub(crate) struct Sqlite(Connection);

impl Sqlite {
    pub(crate) fn open(path: &str) -> Result<Self, MapError> {
        // Without `CREATE`: a slip in the address must not make an empty database, in which nobody is found.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(MapError::database)?;
        connection.busy_timeout(WAIT).map_err(MapError::database)?;
        // What is deleted is overwritten in the file; references are looked at.
        connection.execute_batch("PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON").map_err(MapError::database)?;
        Ok(Self(connection))
    }
}

impl Database for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn columns(&mut self, table: &str) -> Result<Vec<TypedColumn>, MapError> {
        let (schema, name) = table.split_once('.').unwrap_or(("main", table));
        let values = [name.to_owned(), schema.to_owned()];
        let rows = self.rows("SELECT name, type FROM pragma_table_info(?1, ?2) ORDER BY cid", &values)?;
        let column = |row: TextRow| {
            let mut row = row.into_iter().flatten();
            let name = row.next()?;
            let declared = row.next().unwrap_or_default();
            // https://www.sqlite.org/datatype3.html#determination_of_column_affinity
            let upper = declared.to_ascii_uppercase();
            let has = |words: &[&str]| words.iter().any(|word| upper.contains(word));
            let kind = if has(&["INT"]) {
                Kind::Integer
            } else if has(&["CHAR", "CLOB", "TEXT"]) {
                Kind::Text
            } else if has(&["BLOB"]) {
                Kind::Bytes
            } else {
                Kind::Other
            };
            Some(TypedColumn { name, declared, kind })
        };
        Ok(rows.into_iter().filter_map(column).collect())
    }

    fn check_undoable(&mut self, _table: &str) -> Result<(), MapError> {
        Ok(())
    }

    fn rows(&mut self, statement: &str, values: &[String]) -> Result<Vec<TextRow>, MapError> {
        let mut prepared = self.0.prepare(statement).map_err(MapError::database)?;
        let count = prepared.column_count();
        let rows = prepared
            .query_map(params_from_iter(values), |row| (0..count).map(|at| row.get::<_, Option<String>>(at)).collect())
            .map_err(MapError::database)?;
        rows.collect::<Result<_, _>>().map_err(MapError::database)
    }

    fn change(&mut self, statement: &str, values: &[String]) -> Result<u64, MapError> {
        let changed = self.0.execute(statement, params_from_iter(values)).map_err(MapError::database)?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    fn begin(&mut self) -> Result<(), MapError> {
        self.0.execute_batch("BEGIN IMMEDIATE").map_err(MapError::database)
    }

    fn settle(&mut self) -> Result<(), MapError> {
        let broken = self.rows("SELECT CAST(\"table\" AS TEXT) FROM pragma_foreign_key_check LIMIT 1", &[])?;
        match broken.into_iter().flatten().flatten().next() {
            None => Ok(()),
            Some(table) => Err(MapError::database(format!("rows of `{table}` would refer to rows that are gone"))),
        }
    }

    fn commit(&mut self) -> Result<(), MapError> {
        self.0.execute_batch("COMMIT").map_err(MapError::database)?;
        // What was deleted stands in the write-ahead log until it is put into the file.
        let _ = self.0.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        Ok(())
    }

    fn roll_back(&mut self) -> Result<(), MapError> {
        self.0.execute_batch("ROLLBACK").map_err(MapError::database)
    }
}
