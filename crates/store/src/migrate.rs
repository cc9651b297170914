//! The same steps for both databases, each once and in order.

use crate::sql::{Backend, Cell, Statements};
use gongdao_service::ServiceError;

const MIGRATIONS: [&str; 10] = [
    include_str!("../migrations/0001_state.sql"),
    include_str!("../migrations/0040_desk.sql"),
    include_str!("../migrations/0041_register.sql"),
    include_str!("../migrations/0042_fulfilments.sql"),
    include_str!("../migrations/0043_documents.sql"),
    include_str!("../migrations/0044_case_clocks.sql"),
    include_str!("../migrations/0045_citations.sql"),
    include_str!("../migrations/0046_due_when_read.sql"),
    include_str!("../migrations/0047_contests.sql"),
    include_str!("../migrations/0048_blocks.sql"),
];

/// The version of the tables that this program makes and reads.
pub const VERSION: usize = MIGRATIONS.len();

/// Bring the tables up to [`VERSION`].
///
/// Errors: the database is of a newer version; its words.
pub(crate) fn run(backend: &dyn Backend) -> Result<(), ServiceError> {
    backend.transaction(&mut |sql| {
        sql.batch("CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY)")?;
        if backend.is_shared() {
            // Of two processes that begin at once the second waits here, and then finds the steps done.
            sql.batch("LOCK TABLE migrations IN EXCLUSIVE MODE")?;
        }
        let done = usize::try_from(count(sql, "SELECT COUNT(*) FROM migrations")?).map_err(ServiceError::storage)?;
        check(done)?;
        for (number, migration) in MIGRATIONS.iter().enumerate().skip(done) {
            sql.batch(migration)?;
            sql.execute("INSERT INTO migrations (number) VALUES ($1)", &[Cell::number(number as u64 + 1)])?;
        }
        Ok(true)
    })
}

/// Errors: a newer program made the tables.
pub(crate) fn check(version: usize) -> Result<(), ServiceError> {
    if version <= VERSION {
        return Ok(());
    }
    Err(ServiceError::storage(format_args!(
        "the database is of version {version}, and this program reads {VERSION}: use a newer program"
    )))
}

/// The one number that a statement gives.
pub(crate) fn count(sql: &mut dyn Statements, statement: &str) -> Result<u64, ServiceError> {
    sql.query(statement, &[])?.into_iter().next().map_or(Ok(0), |mut row| row.unsigned())
}
