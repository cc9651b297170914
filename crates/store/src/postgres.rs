use crate::sql::{Backend, Cell, Row, Statements, Work};
use gongdao_service::ServiceError;
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{IsNull, ToSql, Type, private::BytesMut};
use postgres::{Client, Config, GenericClient, NoTls, Statement};
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Connections kept open.
const CONNECTIONS: usize = 8;
/// Times that a transaction is tried which another one stood in the way of.
const TRIES: u32 = 8;
const CONNECT_WAIT: Duration = Duration::from_secs(5);

/// Connections, each with the statements that it knows.
pub(crate) struct Postgres {
    config: Config,
    idle: Mutex<Vec<Connected>>,
}

struct Connected {
    client: Client,
    statements: HashMap<String, Statement>,
}

impl Postgres {
    pub(crate) fn connect(address: &str) -> Result<Self, ServiceError> {
        let mut config: Config = address.parse().map_err(failed)?;
        config.connect_timeout(CONNECT_WAIT).application_name("gongdao");
        let store = Self { config, idle: Mutex::default() };
        let connected = store.connection()?;
        store.give_back(connected);
        Ok(store)
    }

    fn connection(&self) -> Result<Connected, ServiceError> {
        while let Some(connected) = self.held().pop() {
            if !connected.client.is_closed() {
                return Ok(connected);
            }
        }
        let mut client = self.config.connect(NoTls).map_err(failed)?;
        // A transaction that is told to be done is on the disk, whatever the server's default is.
        client.batch_execute("SET synchronous_commit = on; SET lock_timeout = '10s';").map_err(failed)?;
        Ok(Connected { client, statements: HashMap::new() })
    }

    /// A connection that failed is not used again.
    fn give_back(&self, connected: Connected) {
        let mut idle = self.held();
        if idle.len() < CONNECTIONS && !connected.client.is_closed() {
            idle.push(connected);
        }
    }

    fn held(&self) -> MutexGuard<'_, Vec<Connected>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attempt(&self, work: Work<'_>) -> Result<(), Failed> {
        let mut connected = self.connection().map_err(Failed::Ours)?;
        let result = connected.transaction(work);
        if !matches!(result, Err(Failed::Broken(_))) {
            self.give_back(connected);
        }
        result
    }
}

impl Connected {
    fn transaction(&mut self, work: Work<'_>) -> Result<(), Failed> {
        let Self { client, statements } = self;
        let mut transaction = client.transaction().map_err(Failed::of)?;
        let mut on = On { client: &mut transaction, statements, failure: None };
        let done = work(&mut on);
        match (done, on.failure.take()) {
            (_, Some(error)) => Err(Failed::of(error)),
            (Err(error), None) => Err(Failed::Ours(error)),
            (Ok(true), None) => transaction.commit().map_err(Failed::of),
            (Ok(false), None) => transaction.rollback().map_err(Failed::of),
        }
    }
}

/// Why a transaction did not come about.
enum Failed {
    /// The work itself refused.
    Ours(ServiceError),
    /// Another transaction stood in the way: the same can be tried again.
    InTheWay(ServiceError),
    /// The connection or the server.
    Broken(ServiceError),
}

impl Failed {
    fn of(error: postgres::Error) -> Self {
        let again = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED, SqlState::UNIQUE_VIOLATION];
        if error.code().is_some_and(|code| again.contains(code)) {
            Self::InTheWay(failed(error))
        } else {
            Self::Broken(failed(error))
        }
    }
}

impl Backend for Postgres {
    fn is_shared(&self) -> bool {
        true
    }

    fn now(&self) -> &'static str {
        "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
    }

    fn by_bytes(&self) -> &'static str {
        " COLLATE \"C\""
    }

    fn transaction(&self, work: Work<'_>) -> Result<(), ServiceError> {
        let mut tried = 0;
        loop {
            match self.attempt(work) {
                Ok(()) => return Ok(()),
                Err(Failed::InTheWay(_)) if tried < TRIES => tried += 1,
                Err(Failed::Ours(error) | Failed::InTheWay(error) | Failed::Broken(error)) => return Err(error),
            }
        }
    }

    fn read(&self, sql: &str, parameters: &[Cell]) -> Result<Vec<Row>, ServiceError> {
        let mut connected = self.connection()?;
        let Connected { client, statements } = &mut connected;
        let rows = On { client, statements, failure: None }.query(sql, parameters)?;
        self.give_back(connected);
        Ok(rows)
    }

    fn each(&self, sql: &str, take: &mut dyn FnMut(Row) -> Result<(), ServiceError>) -> Result<(), ServiceError> {
        let mut connected = self.connection()?;
        let mut rows = connected.client.query_raw(sql, std::iter::empty::<&Cell>()).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            take(read_row(&row)?)?;
        }
        drop(rows);
        self.give_back(connected);
        Ok(())
    }

    fn scrub(&self) -> Result<(), ServiceError> {
        // The server takes dead rows away when it vacuums, and its log of writes when it is reused.
        Ok(())
    }

    fn write_anew(&self) -> Result<(), ServiceError> {
        // The server's files are its own.
        Ok(())
    }
}

/// Statements on a connection or in a transaction of it.
struct On<'a, C> {
    client: &'a mut C,
    statements: &'a mut HashMap<String, Statement>,
    /// The first error of the server; whatever the work makes of it, the transaction is lost.
    failure: Option<postgres::Error>,
}

/// Statements that a connection keeps prepared.
const PREPARED: usize = 200;

impl<C: GenericClient> On<'_, C> {
    fn statement(&mut self, sql: &str) -> Result<Statement, postgres::Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        if self.statements.len() >= PREPARED {
            self.statements.clear();
        }
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn lost(&mut self, error: postgres::Error) -> ServiceError {
        let told = ServiceError::storage(format_args!("postgresql: {error}"));
        self.failure.get_or_insert(error);
        told
    }
}

impl<C: GenericClient> Statements for On<'_, C> {
    fn execute(&mut self, sql: &str, parameters: &[Cell]) -> Result<u64, ServiceError> {
        let parameters: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|cell| cell as _).collect();
        let result = self.statement(sql).and_then(|statement| self.client.execute(&statement, &parameters));
        result.map_err(|error| self.lost(error))
    }

    fn query(&mut self, sql: &str, parameters: &[Cell]) -> Result<Vec<Row>, ServiceError> {
        let parameters: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|cell| cell as _).collect();
        let result = self.statement(sql).and_then(|statement| self.client.query(&statement, &parameters));
        let rows = result.map_err(|error| self.lost(error))?;
        rows.iter().map(read_row).collect()
    }

    fn batch(&mut self, sql: &str) -> Result<(), ServiceError> {
        self.client.batch_execute(sql).map_err(|error| self.lost(error))
    }
}

fn read_row(row: &postgres::Row) -> Result<Row, ServiceError> {
    let mut cells = Vec::with_capacity(row.len());
    for (number, column) in row.columns().iter().enumerate() {
        let cell = match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(number).map_err(failed)?.map(Cell::Int),
            Type::TEXT => row.try_get::<_, Option<String>>(number).map_err(failed)?.map(Cell::Text),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(number).map_err(failed)?.map(Cell::Bytes),
            ref other => return Err(ServiceError::storage(format_args!("postgresql gave a value of type `{other}`"))),
        };
        cells.push(cell.unwrap_or(Cell::Null));
    }
    Ok(Row::new(cells))
}

impl ToSql for Cell {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    postgres::types::to_sql_checked!();
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn failed(error: postgres::Error) -> ServiceError {
    // The outer words are only "db error"; what the server said is its source.
    let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    ServiceError::storage(format_args!("postgresql: {error}{source}"))
}
