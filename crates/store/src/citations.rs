use crate::SqlStore;
use crate::blocks::{Sought, newest};
use crate::decisions::pieces;
use crate::sql::{Cell, Row, Statements, rows_of_places};
use gongdao_model::{Instant, LegalDate};
use gongdao_service::ServiceError;
use gongdao_service::port::{Citations, Cited, CitedCount, ContestCount, Projected};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Citations for SqlStore {
    fn cited(&self, subject: &str) -> Result<Vec<CitedCount>, ServiceError> {
        const SQL: &str = "SELECT month, outcome, decisions FROM subject_decisions WHERE subject = $1
             ORDER BY month DESC, outcome";
        let rows = self.backend.read(SQL, &[Cell::text(subject)])?;
        let count =
            |mut row: Row| Ok(CitedCount { month: row.text()?, outcome: row.text()?, decisions: row.unsigned()? });
        rows.into_iter().map(count).collect()
    }

    fn judged_about(&self, person: &str, limit: u32) -> Result<Vec<(Projected, [u8; 32])>, ServiceError> {
        let lines = newest(&*self.backend, &Sought { person: Some(person), after: None, is_judged: true, limit })?;
        lines.into_iter().map(|(line, answer)| Ok((line, digest(&mut Row::new(vec![answer]))?))).collect()
    }

    fn contests_citing(&self, subject: &str) -> Result<ContestCount, ServiceError> {
        // The subject first: as many rows are read as contests cite it.
        const SQL: &str = "SELECT COUNT(*), COUNT(c.changed), CAST(COALESCE(SUM(c.changed), 0) AS BIGINT)
             FROM answer_subjects s CROSS JOIN contests k CROSS JOIN cases c
             WHERE s.subject = $1 AND k.answer = s.answer AND c.id = k.case_id";
        let mut count = ContestCount::default();
        for mut row in self.backend.read(SQL, &[Cell::text(subject)])? {
            count.filed = row.unsigned()?;
            count.reviewed = row.unsigned()?;
            count.changed = row.unsigned()?;
        }
        Ok(count)
    }

    fn unread_contested(&self, limit: u32) -> Result<Vec<[u8; 32]>, ServiceError> {
        const OPEN: &str = "SELECT state FROM contests WHERE state > 0 LIMIT 1";
        const UNREAD: &str = "SELECT DISTINCT answer FROM contests WHERE state = 1 LIMIT $1";
        if self.backend.read(OPEN, &[])?.is_empty() {
            return Ok(Vec::new());
        }
        self.backend.transaction(&mut |sql| {
            SETTLE.into_iter().try_for_each(|statement| sql.execute(statement, &[]).map(drop))?;
            Ok(true)
        })?;
        let rows = self.backend.read(UNREAD, &[Cell::number(limit.into())])?;
        rows.into_iter().map(|mut row| digest(&mut row)).collect()
    }

    fn put_contested(&self, answer: &[u8; 32], cited: Option<&Cited>) -> Result<(), ServiceError> {
        // That it was read is a row without a subject.
        let spoken = cited.into_iter().flat_map(Cited::spoken).chain([("", "")]);
        let rows: Vec<(&str, &str)> = spoken.collect();
        self.backend.transaction(&mut |sql| {
            for piece in pieces(&rows) {
                let statement = format!(
                    "INSERT INTO answer_subjects (answer, subject, outcome) VALUES {} ON CONFLICT (answer, subject) DO NOTHING",
                    rows_of_places(piece.len(), 3)
                );
                let cells = |(subject, outcome): &(&str, &str)| {
                    [Cell::Bytes(answer.to_vec()), Cell::text(*subject), Cell::text(*outcome)]
                };
                sql.execute(&statement, &piece.iter().flat_map(cells).collect::<Vec<_>>())?;
            }
            let read = "UPDATE contests SET state = 0 WHERE answer = $1 AND state = 1";
            sql.execute(read, &[Cell::Bytes(answer.to_vec())])?;
            Ok(true)
        })
    }
}

/// What becomes of contests that came in since: a decision that is in the ledger has an answer or never will, and an answer that was
/// read for another contest is read for this one.
const SETTLE: [&str; 3] = [
    "UPDATE contests SET answer = (SELECT answer FROM decisions WHERE decisions.id = contests.decision), state = 1
     WHERE state = 2 AND EXISTS (SELECT 1 FROM decisions WHERE decisions.id = contests.decision AND decisions.leaf IS NOT NULL)",
    "UPDATE contests SET state = 0 WHERE state = 1 AND answer IS NULL",
    "UPDATE contests SET state = 0 WHERE state = 1
     AND EXISTS (SELECT 1 FROM answer_subjects WHERE answer_subjects.answer = contests.answer)",
];

/// A contest, so that whoever asks next what contests cite looks at it.
pub(crate) fn put_contest(sql: &mut dyn Statements, case: &str, decision: &str) -> Result<(), ServiceError> {
    const SQL: &str = "INSERT INTO contests (case_id, decision, answer, state) VALUES ($1, $2, NULL, 2)
         ON CONFLICT (case_id) DO NOTHING";
    sql.execute(SQL, &[Cell::text(case), Cell::text(decision)]).map(drop)
}

fn digest(row: &mut Row) -> Result<[u8; 32], ServiceError> {
    row.bytes()?.try_into().map_err(|_| ServiceError::storage("a digest of another length"))
}

/// Counts of lines that were added, to be written with them.
#[derive(Default)]
pub(crate) struct Counted {
    /// By day and the list of names: how often each name had each word.
    days: BTreeMap<(LegalDate, usize), Day>,
}

struct Day {
    names: Arc<[String]>,
    counts: Vec<[u64; Cited::WORDS.len()]>,
}

impl Counted {
    pub(crate) fn add(&mut self, cited: &Cited, at: Instant) {
        let key = (at.date_in_shanghai(), cited.names.as_ptr().addr());
        let counted = self.days.entry(key).or_insert_with(|| Day {
            names: Arc::clone(&cited.names),
            counts: vec![[0; Cited::WORDS.len()]; cited.names.len()],
        });
        for (counts, word) in counted.counts.iter_mut().zip(&cited.words) {
            if let Some(count) = counts.get_mut(usize::from(*word)) {
                *count += 1;
            }
        }
    }

    /// Write them, in one order, so that two processes do not wait for each other.
    pub(crate) fn write(&self, sql: &mut dyn Statements) -> Result<(), ServiceError> {
        let mut all: BTreeMap<(&str, String, &str), u64> = BTreeMap::new();
        for ((date, _), day) in &self.days {
            // `2026-03-09` without its day.
            let mut month = date.to_string();
            month.truncate(7);
            for (name, counts) in day.names.iter().zip(&day.counts) {
                // The first word says that nothing was said.
                for (word, count) in Cited::WORDS.iter().zip(counts).skip(1).filter(|(_, count)| **count > 0) {
                    *all.entry((name, month.clone(), word)).or_default() += count;
                }
            }
        }
        let all: Vec<_> = all.into_iter().collect();
        for piece in pieces(&all) {
            let statement = format!(
                "INSERT INTO subject_decisions (subject, month, outcome, decisions) VALUES {}
                 ON CONFLICT (subject, month, outcome)
                 DO UPDATE SET decisions = subject_decisions.decisions + excluded.decisions",
                rows_of_places(piece.len(), 4)
            );
            let cells = |((subject, month, outcome), count): &((&str, String, &str), u64)| {
                [Cell::text(*subject), Cell::text(month), Cell::text(*outcome), Cell::number(*count)]
            };
            sql.execute(&statement, &piece.iter().flat_map(cells).collect::<Vec<_>>())?;
        }
        Ok(())
    }
}
