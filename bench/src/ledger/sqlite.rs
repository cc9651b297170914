//! `SQLite` on the same records: columns, a unique id, an index by person and time. No network, no JSON to read: that is in
//! its favour.

use super::peers::Measured;
use super::records::{ALGORITHM, Record};
use super::{bytes_below, told};
use crate::machine;
use rusqlite::{Connection, params};
use std::path::Path;
use std::time::Instant;

/// Records of a transaction.
pub(crate) const BATCH: u64 = 10_000;
/// The same table for `SQLite` and `PostgreSQL`.
pub(crate) const TABLE: &str = "CREATE TABLE decisions (id text NOT NULL UNIQUE, decided_at bigint NOT NULL, \
    action text NOT NULL, place text, algorithm text, person text, facts text NOT NULL)";
pub(crate) const INDEX: &str = "CREATE INDEX of_person ON decisions (person, decided_at)";

pub(crate) fn run(folder: &Path, records: u64, persons: u64) -> Result<Measured, String> {
    std::fs::create_dir_all(folder).map_err(told)?;
    let mut connection = Connection::open(folder.join("decisions.sqlite")).map_err(told)?;
    // A cache in which the indexes stay, as somebody would set who measures.
    let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -524288;";
    connection.execute_batch(&format!("{settings} {TABLE}; {INDEX};")).map_err(told)?;
    let (started, busy) = (Instant::now(), machine::busy());
    for first in (0..records).step_by(usize::try_from(BATCH).map_err(told)?) {
        let transaction = connection.transaction().map_err(told)?;
        let mut insert =
            transaction.prepare_cached("INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?)").map_err(told)?;
        for number in first..records.min(first + BATCH) {
            let record = Record::of(number, persons);
            let (facts, Record { id, at, action, place, person, .. }) = (format!("{{{}}}", record.facts()), record);
            insert.execute(params![id, at, action, place, ALGORITHM, person, facts]).map_err(told)?;
        }
        drop(insert);
        transaction.commit().map_err(told)?;
    }
    let (wall, processor) = (started.elapsed().as_secs_f64(), machine::busy() - busy);
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(told)?;
    let version = rusqlite::version();
    let name = format!("SQLite {version}, WAL, FULL, batches of {BATCH}");
    Ok(Measured { name, records, wall, processor, bytes: bytes_below(folder) })
}
