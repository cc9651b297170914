use crate::MapError;
use crate::database::{Database, Dialect, Kind, TextRow, TypedColumn};
use postgres::types::ToSql;
use postgres::{Client, Config, NoTls};
use std::time::Duration;

const CONNECT_WAIT: Duration = Duration::from_secs(10);

pub(crate) struct Postgres(Client);

impl Postgres {
    pub(crate) fn connect(address: &str) -> Result<Self, MapError> {
        let mut config: Config = address.parse().map_err(|error| told(&error))?;
        config.connect_timeout(CONNECT_WAIT).application_name("gongdao datamap");
        let mut client = config.connect(NoTls).map_err(|error| told(&error))?;
        client.batch_execute("SET synchronous_commit = on; SET lock_timeout = '30s'").map_err(|error| told(&error))?;
        Ok(Self(client))
    }
}

/// The driver says no more than `db error` by itself.
fn told(error: &postgres::Error) -> MapError {
    error.as_db_error().map_or_else(|| MapError::database(error), |db| MapError::database(db.message()))
}

fn bound(values: &[String]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl Database for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn columns(&mut self, table: &str) -> Result<Vec<TypedColumn>, MapError> {
        let quoted: Vec<String> = table.split('.').map(|part| format!("\"{part}\"")).collect();
        let rows = self.rows(
            "SELECT CAST(attname AS text), format_type(atttypid, atttypmod), format_type(atttypid, NULL) FROM pg_attribute
             WHERE attrelid = to_regclass($1::text) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            &[quoted.join(".")],
        )?;
        let column = |row: TextRow| {
            let mut row = row.into_iter().flatten();
            let (name, declared, plain) = (row.next()?, row.next()?, row.next()?);
            let kind = match plain.as_str() {
                "smallint" | "integer" | "bigint" => Kind::Integer,
                "text" | "character varying" | "character" => Kind::Text,
                "bytea" => Kind::Bytes,
                _ => Kind::Other,
            };
            Some(TypedColumn { name, declared, kind })
        };
        Ok(rows.into_iter().filter_map(column).collect())
    }

    fn check_undoable(&mut self, _table: &str) -> Result<(), MapError> {
        Ok(())
    }

    fn rows(&mut self, statement: &str, values: &[String]) -> Result<Vec<TextRow>, MapError> {
        let rows = self.0.query(statement, &bound(values)).map_err(|error| told(&error))?;
        let texts = |row: &postgres::Row| (0..row.len()).map(|at| row.try_get(at)).collect::<Result<TextRow, _>>();
        rows.iter().map(texts).collect::<Result<_, _>>().map_err(|error| told(&error))
    }

    fn change(&mut self, statement: &str, values: &[String]) -> Result<u64, MapError> {
        self.0.execute(statement, &bound(values)).map_err(|error| told(&error))
    }

    fn begin(&mut self) -> Result<(), MapError> {
        self.0.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ").map_err(|error| told(&error))
    }

    fn settle(&mut self) -> Result<(), MapError> {
        self.0.batch_execute("SET CONSTRAINTS ALL IMMEDIATE").map_err(|error| told(&error))
    }

    fn commit(&mut self) -> Result<(), MapError> {
        self.0.batch_execute("COMMIT").map_err(|error| told(&error))
    }

    fn roll_back(&mut self) -> Result<(), MapError> {
        self.0.batch_execute("ROLLBACK").map_err(|error| told(&error))
    }
}
