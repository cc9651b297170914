use crate::SqlStore;
use crate::decisions::pieces;
use crate::journal::record;
use crate::sql::{Cell, Row, Statements, rows_of_places};
use gongdao_model::Instant;
use gongdao_service::port::{Change, Document, Documents, Expected, NewEntry, Put, Recorded};
use gongdao_service::{ErrorKind, ServiceError};
use std::collections::HashSet;

const COLUMNS: &str = "collection, id, version, body, alias, expires";

impl Documents for SqlStore {
    fn change(&self, node: &str, puts: &[Put], entries: &[NewEntry]) -> Result<Change, ServiceError> {
        let mut change = None;
        self.backend.transaction(&mut |sql| {
            let versions = puts.iter().map(|put| apply(sql, put)).collect::<Result<Vec<_>, _>>()?;
            let recorded = entries.iter().map(|entry| record(sql, node, entry)).collect::<Result<Vec<_>, _>>()?;
            let stands = !recorded.contains(&Recorded::Other);
            change = Some(Change { versions, entries: recorded });
            Ok(stands)
        })?;
        change.ok_or_else(|| ServiceError::storage("a transaction without a result"))
    }

    fn keep(&self, collection: &str, named: &[(String, String)]) -> Result<(), ServiceError> {
        // A statement must not meet one name twice.
        let mut met = HashSet::with_capacity(named.len());
        let named: Vec<&(String, String)> = named.iter().filter(|(id, _)| met.insert(id.as_str())).collect();
        let mut add = |sql: &mut dyn Statements| {
            for piece in pieces(&named) {
                let statement = format!(
                    "INSERT INTO documents (collection, id, version, body) VALUES {} ON CONFLICT (collection, id) DO NOTHING",
                    rows_of_places(piece.len(), 4)
                );
                let of_one = |(id, body): &&(String, String)| {
                    [Cell::text(collection), Cell::text(id), Cell::Int(1), Cell::text(body)]
                };
                let cells: Vec<Cell> = piece.iter().flat_map(of_one).collect();
                sql.execute(&statement, &cells)?;
            }
            Ok(true)
        };
        self.backend.transaction_of_copies(&mut add, false)
    }

    fn document(&self, collection: &str, id: &str) -> Result<Option<Document>, ServiceError> {
        let sql = format!("SELECT {COLUMNS} FROM documents WHERE collection = $1 AND id = $2");
        let rows = self.backend.read(&sql, &[Cell::text(collection), Cell::text(id)])?;
        rows.into_iter().next().map(read).transpose()
    }

    fn by_alias(&self, collection: &str, alias: &str) -> Result<Option<Document>, ServiceError> {
        let sql = format!("SELECT {COLUMNS} FROM documents WHERE collection = $1 AND alias = $2");
        let rows = self.backend.read(&sql, &[Cell::text(collection), Cell::text(alias)])?;
        rows.into_iter().next().map(read).transpose()
    }

    fn list(&self, collection: &str, after: Option<&str>, limit: u32) -> Result<Vec<Document>, ServiceError> {
        let sql = format!("SELECT {COLUMNS} FROM documents WHERE collection = $1 AND id > $2 ORDER BY id LIMIT $3");
        let parameters = [Cell::text(collection), Cell::text(after.unwrap_or_default()), Cell::number(limit.into())];
        self.backend.read(&sql, &parameters)?.into_iter().map(read).collect()
    }

    fn purge(&self, collection: &str, now: Instant) -> Result<u64, ServiceError> {
        let mut gone = 0;
        self.backend.transaction(&mut |sql| {
            let parameters = [Cell::text(collection), Cell::Int(now.millis())];
            gone = sql.execute("DELETE FROM documents WHERE collection = $1 AND expires <= $2", &parameters)?;
            Ok(true)
        })?;
        Ok(gone)
    }
}

/// One change. Returns the new version, 0 for what was taken away.
fn apply(sql: &mut dyn Statements, put: &Put) -> Result<u64, ServiceError> {
    let key = [Cell::text(put.collection), Cell::text(&put.id)];
    let Some(body) = &put.body else { return take_away(sql, put, key) };
    check_alias(sql, put)?;
    let [collection, id] = key;
    let expires = put.expires.map_or(Cell::Null, |at| Cell::Int(at.millis()));
    let mut parameters = vec![collection, id, Cell::text(body), Cell::optional(put.alias.as_deref()), expires];
    let statement = match put.expected {
        Expected::Absent => {
            "INSERT INTO documents (collection, id, version, body, alias, expires) VALUES ($1, $2, 1, $3, $4, $5)
             ON CONFLICT (collection, id) DO NOTHING RETURNING version"
        }
        Expected::Any => {
            "INSERT INTO documents (collection, id, version, body, alias, expires) VALUES ($1, $2, 1, $3, $4, $5)
             ON CONFLICT (collection, id) DO UPDATE SET version = documents.version + 1, body = excluded.body,
             alias = excluded.alias, expires = excluded.expires RETURNING version"
        }
        Expected::Version(version) => {
            parameters.push(Cell::number(version));
            "UPDATE documents SET version = version + 1, body = $3, alias = $4, expires = $5
             WHERE collection = $1 AND id = $2 AND version = $6 RETURNING version"
        }
    };
    let rows = sql.query(statement, &parameters)?;
    rows.into_iter().next().ok_or_else(changed)?.unsigned()
}

fn take_away(sql: &mut dyn Statements, put: &Put, key: [Cell; 2]) -> Result<u64, ServiceError> {
    let gone = match put.expected {
        Expected::Version(version) => {
            let [collection, id] = key;
            let parameters = [collection, id, Cell::number(version)];
            sql.execute("DELETE FROM documents WHERE collection = $1 AND id = $2 AND version = $3", &parameters)?
        }
        Expected::Any | Expected::Absent => {
            sql.execute("DELETE FROM documents WHERE collection = $1 AND id = $2", &key)?
        }
    };
    let fits = match put.expected {
        Expected::Version(_) => gone == 1,
        Expected::Absent => gone == 0,
        Expected::Any => true,
    };
    if fits { Ok(0) } else { Err(changed()) }
}

/// The index refuses two of a name; here it is said in words.
fn check_alias(sql: &mut dyn Statements, put: &Put) -> Result<(), ServiceError> {
    let Some(alias) = &put.alias else { return Ok(()) };
    let parameters = [Cell::text(put.collection), Cell::text(alias)];
    let rows = sql.query("SELECT id FROM documents WHERE collection = $1 AND alias = $2", &parameters)?;
    for mut row in rows {
        if row.text()? != put.id {
            return Err(ServiceError::new(ErrorKind::Taken, "the name is taken", "choose another one"));
        }
    }
    Ok(())
}

fn changed() -> ServiceError {
    ServiceError::new(
        ErrorKind::Changed,
        "it was changed since it was read",
        "read it again, and decide on what it is now",
    )
}

fn read(mut row: Row) -> Result<Document, ServiceError> {
    Ok(Document {
        collection: row.text()?,
        id: row.text()?,
        version: row.unsigned()?,
        body: row.text()?,
        alias: row.optional_text()?,
        expires: row.optional_int()?.map(Instant::from_millis).transpose()?,
    })
}
