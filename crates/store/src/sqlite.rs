use crate::LOCK_WAIT;
use crate::sql::{Backend, Cell, Row, Statements, Work};
use gongdao_service::ServiceError;
use rusqlite::types::{ToSql, ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Pages that wait for one another in the log before they go where they belong, 8 MiB. Then they are synced at once, and the ledger's
/// syncs on the same disk wait for it.
const LOG_PAGES: u32 = 2048;
/// The same while decisions come faster than they are written: a page that many of them change is written once for all.
const FLOOD_PAGES: u32 = 16_384;
/// Readers kept open.
const READERS: usize = 4;

/// One connection writes, others read beside it.
pub(crate) struct Sqlite {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Sqlite {
    pub(crate) fn open(path: &Path) -> Result<Self, ServiceError> {
        let writer = Connection::open(path).map_err(failed)?;
        prepare(&writer)?;
        // A transaction that is told to be done is on the disk: `FULL` syncs the log of writes at each.
        // 64 MiB of pages stay in memory: due dates of many cases are set in one transaction.
        let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
                        PRAGMA cache_size = -65536;";
        writer.execute_batch(settings).map_err(failed)?;
        writer.pragma_update(None, "wal_autocheckpoint", LOG_PAGES).map_err(failed)?;
        Ok(Self { path: path.to_owned(), writer: Mutex::new(writer), readers: Mutex::default() })
    }

    fn reader(&self) -> Result<Connection, ServiceError> {
        if let Some(reader) = self.held().pop() {
            return Ok(reader);
        }
        let reader =
            Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
                .map_err(failed)?;
        prepare(&reader)?;
        Ok(reader)
    }

    fn give_back(&self, reader: Connection) {
        let mut readers = self.held();
        if readers.len() < READERS {
            readers.push(reader);
        }
    }

    fn held(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn prepare(connection: &Connection) -> Result<(), ServiceError> {
    connection.busy_timeout(LOCK_WAIT).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn transaction(writer: &mut Connection, work: Work<'_>) -> Result<(), ServiceError> {
    let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    // An error on the way drops the transaction, which rolls it back.
    if work(&mut On(&transaction))? { transaction.commit().map_err(failed) } else { Ok(()) }
}

impl Backend for Sqlite {
    fn is_shared(&self) -> bool {
        false
    }

    fn now(&self) -> &'static str {
        "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
    }

    fn by_bytes(&self) -> &'static str {
        ""
    }

    fn transaction(&self, work: Work<'_>) -> Result<(), ServiceError> {
        transaction(&mut self.writer.lock().unwrap_or_else(PoisonError::into_inner), work)
    }

    fn transaction_of_copies(&self, work: Work<'_>, is_flood: bool) -> Result<(), ServiceError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        // The next transaction that must not be lost syncs this one with itself. No power is lost to this process alone, so it
        // starts anew and reads the ledger from where the database ends.
        writer.execute_batch("PRAGMA synchronous = NORMAL").map_err(failed)?;
        if is_flood {
            writer.pragma_update(None, "wal_autocheckpoint", FLOOD_PAGES).map_err(failed)?;
        }
        let done = transaction(&mut writer, work);
        writer.execute_batch("PRAGMA synchronous = FULL").map_err(failed)?;
        if is_flood {
            writer.pragma_update(None, "wal_autocheckpoint", LOG_PAGES).map_err(failed)?;
        }
        done
    }

    fn read(&self, sql: &str, parameters: &[Cell]) -> Result<Vec<Row>, ServiceError> {
        let reader = self.reader()?;
        let rows = On(&reader).query(sql, parameters);
        self.give_back(reader);
        rows
    }

    fn each(&self, sql: &str, take: &mut dyn FnMut(Row) -> Result<(), ServiceError>) -> Result<(), ServiceError> {
        let reader = self.reader()?;
        let mut statement = reader.prepare(sql).map_err(failed)?;
        let columns = statement.column_count();
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            take(read_row(row, columns)?)?;
        }
        Ok(())
    }

    fn scrub(&self) -> Result<(), ServiceError> {
        // Pages are overwritten (`secure_delete`); the log of writes still has them as they were.
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.held().clear();
        writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(failed)
    }

    fn write_anew(&self) -> Result<(), ServiceError> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.held().clear();
        writer.execute_batch("VACUUM").map_err(failed)?;
        writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(failed)
    }
}

/// Statements on a connection.
struct On<'a>(&'a Connection);

impl Statements for On<'_> {
    fn execute(&mut self, sql: &str, parameters: &[Cell]) -> Result<u64, ServiceError> {
        let mut statement = self.0.prepare_cached(&numbered(sql)).map_err(failed)?;
        let changed = statement.execute(rusqlite::params_from_iter(parameters)).map_err(failed)?;
        Ok(changed as u64)
    }

    fn query(&mut self, sql: &str, parameters: &[Cell]) -> Result<Vec<Row>, ServiceError> {
        let mut statement = self.0.prepare_cached(&numbered(sql)).map_err(failed)?;
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(parameters)).map_err(failed)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            all.push(read_row(row, columns)?);
        }
        Ok(all)
    }

    fn batch(&mut self, sql: &str) -> Result<(), ServiceError> {
        self.0.execute_batch(sql).map_err(failed)
    }
}

/// `$1` is a name to SQLite, `?1` a number.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

fn read_row(row: &rusqlite::Row<'_>, columns: usize) -> Result<Row, ServiceError> {
    let mut cells = Vec::with_capacity(columns);
    for column in 0..columns {
        cells.push(match row.get_ref(column).map_err(failed)? {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(number) => Cell::Int(number),
            ValueRef::Text(text) => Cell::Text(String::from_utf8(text.to_vec()).map_err(ServiceError::storage)?),
            ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
            ValueRef::Real(_) => return Err(ServiceError::storage("the database has a fraction where none belongs")),
        });
    }
    Ok(Row::new(cells))
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Int(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn failed(error: rusqlite::Error) -> ServiceError {
    ServiceError::storage(format_args!("sqlite: {error}"))
}
