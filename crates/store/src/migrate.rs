//! The same steps for both databases, each once and in order.

use crate::sql::{Backend, Cell};
use gongdao_service::ServiceError;

const MIGRATIONS: [&str; 2] =
    [include_str!("../migrations/0001_state.sql"), include_str!("../migrations/0040_desk.sql")];

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
        let rows = sql.query("SELECT COUNT(*) FROM migrations", &[])?;
        let done = rows.into_iter().next().map_or(Ok(0), |mut row| row.unsigned())?;
        let done = usize::try_from(done).map_err(ServiceError::storage)?;
        if done > VERSION {
            return Err(ServiceError::storage(format_args!(
                "the database is of version {done}, and this program reads {VERSION}: use a newer program"
            )));
        }
        for (number, migration) in MIGRATIONS.iter().enumerate().skip(done) {
            sql.batch(migration)?;
            sql.execute("INSERT INTO migrations (number) VALUES ($1)", &[Cell::number(number as u64 + 1)])?;
        }
        Ok(true)
    })
}
