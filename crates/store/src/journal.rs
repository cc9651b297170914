use crate::SqlStore;
use crate::sql::{Cell, Row, Statements, forget, places};
use gongdao_model::Instant;
use gongdao_service::ServiceError;
use gongdao_service::port::{Journal, JournalEntry, JournalKind, NewEntry, Recorded};

const COLUMNS: &str = "seq, node, kind, id, person, subject, actor, at, body, leaf";

impl Journal for SqlStore {
    fn after(&self, seq: u64, limit: u32) -> Result<Vec<JournalEntry>, ServiceError> {
        let sql = format!("SELECT {COLUMNS} FROM journal WHERE seq > $1 ORDER BY seq LIMIT $2");
        let rows = self.backend.read(&sql, &[Cell::number(seq), Cell::number(limit.into())])?;
        rows.into_iter().map(read).collect()
    }

    fn unlogged(&self, node: &str, limit: u32) -> Result<Vec<JournalEntry>, ServiceError> {
        let sql = format!("SELECT {COLUMNS} FROM journal WHERE node = $1 AND leaf IS NULL ORDER BY seq LIMIT $2");
        let rows = self.backend.read(&sql, &[Cell::text(node), Cell::number(limit.into())])?;
        rows.into_iter().map(read).collect()
    }

    fn note_leaves(&self, leaves: &[(u64, u64)]) -> Result<(), ServiceError> {
        self.backend.transaction(&mut |sql| {
            for (seq, leaf) in leaves {
                let parameters = [Cell::number(*leaf), Cell::number(*seq)];
                sql.execute("UPDATE journal SET leaf = $1 WHERE seq = $2", &parameters)?;
            }
            Ok(true)
        })
    }

    fn adopt(&self, node: &str, entries: &[(NewEntry, u64)]) -> Result<u64, ServiceError> {
        let mut added = 0;
        if entries.is_empty() {
            return Ok(0);
        }
        self.backend.transaction(&mut |sql| {
            added = 0;
            for (entry, leaf) in entries {
                let parameters = [Cell::number(*leaf), Cell::text(&entry.id)];
                let noted = sql.execute("UPDATE journal SET leaf = $1 WHERE id = $2", &parameters)?;
                if noted == 0 {
                    let seq = next(sql)?;
                    insert(sql, seq, node, entry, Some(*leaf))?;
                    added += 1;
                }
            }
            Ok(true)
        })?;
        Ok(added)
    }

    fn last_leaf(&self, node: &str) -> Result<Option<u64>, ServiceError> {
        let rows = self.backend.read("SELECT MAX(leaf) FROM journal WHERE node = $1", &[Cell::text(node)])?;
        rows.into_iter().next().map_or(Ok(None), |mut row| row.optional_unsigned())
    }

    fn last(&self) -> Result<u64, ServiceError> {
        let rows = self.backend.read("SELECT value FROM counters WHERE name = 'journal'", &[])?;
        rows.into_iter().next().map_or(Ok(0), |mut row| row.unsigned())
    }

    fn of_person(
        &self,
        person: &str,
        kinds: &[JournalKind],
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, ServiceError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM journal WHERE person = $1 AND seq < $2 AND kind IN ({}) ORDER BY seq DESC LIMIT ${}",
            places(3, kinds.len()),
            kinds.len() + 3
        );
        let mut parameters = vec![Cell::text(person), Cell::number(before.unwrap_or(u64::MAX))];
        parameters.extend(kinds.iter().map(|kind| Cell::text(kind.as_str())));
        parameters.push(Cell::number(limit.into()));
        self.backend.read(&sql, &parameters)?.into_iter().map(read).collect()
    }

    fn count_of_person(&self, person: &str, kind: JournalKind) -> Result<u64, ServiceError> {
        const SQL: &str = "SELECT COUNT(*) FROM journal WHERE person = $1 AND kind = $2";
        let rows = self.backend.read(SQL, &[Cell::text(person), Cell::text(kind.as_str())])?;
        rows.into_iter().next().map_or(Ok(0), |mut row| row.unsigned())
    }

    fn of_subject(
        &self,
        kind: JournalKind,
        subject: Option<&str>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, ServiceError> {
        let mut parameters = vec![Cell::text(kind.as_str()), Cell::number(before.unwrap_or(u64::MAX))];
        let mut condition = String::new();
        if let Some(subject) = subject {
            parameters.push(Cell::text(subject));
            condition.push_str("AND subject = $3 ");
        }
        parameters.push(Cell::number(limit.into()));
        let sql = format!(
            "SELECT {COLUMNS} FROM journal WHERE kind = $1 AND seq < $2 {condition}ORDER BY seq DESC LIMIT ${}",
            parameters.len()
        );
        self.backend.read(&sql, &parameters)?.into_iter().map(read).collect()
    }

    fn forget_person(&self, person: &str) -> Result<u64, ServiceError> {
        forget(&*self.backend, &["DELETE FROM journal WHERE person = $1"], person)
    }
}

/// Write an entry under the next number, unless it is there.
pub(crate) fn record(sql: &mut dyn Statements, node: &str, entry: &NewEntry) -> Result<Recorded, ServiceError> {
    // The number is taken first: it makes whoever else records wait, so of two equal entries the second finds the first.
    let seq = next(sql)?;
    let known = sql.query(&format!("SELECT {COLUMNS} FROM journal WHERE id = $1"), &[Cell::text(&entry.id)])?;
    if let Some(known) = known.into_iter().next().map(read).transpose()? {
        give_back(sql)?;
        let same = &known.entry;
        let is_same = same.kind == entry.kind
            && same.person == entry.person
            && same.subject == entry.subject
            && same.body == entry.body;
        return Ok(if is_same { Recorded::Same(known.seq) } else { Recorded::Other });
    }
    insert(sql, seq, node, entry, None)?;
    Ok(Recorded::New(seq))
}

fn next(sql: &mut dyn Statements) -> Result<u64, ServiceError> {
    let rows = sql.query("UPDATE counters SET value = value + 1 WHERE name = 'journal' RETURNING value", &[])?;
    rows.into_iter()
        .next()
        .map_or_else(|| Err(ServiceError::storage("the journal's counter is gone")), |mut row| row.unsigned())
}

/// Numbers have no gaps.
fn give_back(sql: &mut dyn Statements) -> Result<(), ServiceError> {
    sql.execute("UPDATE counters SET value = value - 1 WHERE name = 'journal'", &[]).map(|_| ())
}

fn insert(
    sql: &mut dyn Statements,
    seq: u64,
    node: &str,
    entry: &NewEntry,
    leaf: Option<u64>,
) -> Result<(), ServiceError> {
    let parameters = [
        Cell::number(seq),
        Cell::text(node),
        Cell::text(entry.kind.as_str()),
        Cell::text(&entry.id),
        Cell::optional(entry.person.as_deref()),
        Cell::optional(entry.subject.as_deref()),
        Cell::text(&entry.actor),
        Cell::Int(entry.at.millis()),
        Cell::text(&entry.body),
        Cell::optional_number(leaf),
    ];
    let sql_text = format!("INSERT INTO journal ({COLUMNS}) VALUES ({})", places(1, parameters.len()));
    sql.execute(&sql_text, &parameters).map(|_| ())
}

fn read(mut row: Row) -> Result<JournalEntry, ServiceError> {
    Ok(JournalEntry {
        seq: row.unsigned()?,
        node: row.text()?,
        entry: NewEntry {
            kind: row.text()?.parse()?,
            id: row.text()?,
            person: row.optional_text()?,
            subject: row.optional_text()?,
            actor: row.text()?,
            at: Instant::from_millis(row.int()?)?,
            body: row.text()?,
        },
        leaf: row.optional_unsigned()?,
    })
}
