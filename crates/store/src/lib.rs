//! State beside the ledger, in SQLite or in PostgreSQL.
//!
//! In: the ports of `gongdao-service`. Out: the same behaviour on both databases, from the same statements. Contains no
//! decision of its own: what is allowed and what is written, the service says. Operation: docs/service.md.

mod backup;
mod blocks;
mod citations;
mod decisions;
mod desk;
mod documents;
mod journal;
mod leases;
mod migrate;
mod postgres;
mod register;
mod sql;
mod sqlite;

pub use backup::{back_up, is_postgres};
pub use migrate::VERSION;

use gongdao_service::ServiceError;
use sql::Backend;
use std::path::Path;
use std::time::Duration;

/// State in a database.
pub struct SqlStore {
    backend: Box<dyn Backend>,
}

impl SqlStore {
    /// A file of SQLite; it is made where there is none. One process at a time.
    ///
    /// Errors: the disk; a file of a newer version.
    pub fn sqlite(path: &Path) -> Result<Self, ServiceError> {
        Self::ready(Box::new(sqlite::Sqlite::open(path)?))
    }

    /// A database of PostgreSQL, by address: `postgresql://user@host/database`, or `host=/run/postgresql user=… dbname=…`.
    /// Several processes may share it. Connections are not encrypted: use the machine's own socket, or a tunnel.
    ///
    /// Errors: it cannot be reached; a database of a newer version.
    pub fn postgres(address: &str) -> Result<Self, ServiceError> {
        Self::ready(Box::new(postgres::Postgres::connect(address)?))
    }

    /// By an address as `--db` has it: `sqlite:PATH`, or what PostgreSQL takes.
    pub fn open(address: &str) -> Result<Self, ServiceError> {
        match address.strip_prefix("sqlite:") {
            Some(path) => Self::sqlite(Path::new(path)),
            None => Self::postgres(address),
        }
    }

    fn ready(backend: Box<dyn Backend>) -> Result<Self, ServiceError> {
        backup::check_whole(&*backend)?;
        Self::migrated(backend)
    }

    fn migrated(backend: Box<dyn Backend>) -> Result<Self, ServiceError> {
        let store = Self { backend };
        migrate::run(&*store.backend)?;
        Ok(store)
    }
}

/// How long a statement waits for a lock at most.
const LOCK_WAIT: Duration = Duration::from_secs(10);
