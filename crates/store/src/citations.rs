use crate::SqlStore;
use crate::decisions::{COLUMNS, pieces, read};
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
        let sql = format!(
            "SELECT answer, {COLUMNS} FROM decisions WHERE person = $1 AND leaf IS NOT NULL AND answer IS NOT NULL
             ORDER BY at DESC, id DESC LIMIT $2"
        );
        let rows = self.backend.read(&sql, &[Cell::text(person), Cell::number(limit.into())])?;
        let judged = |mut row: Row| {
            let answer = digest(&mut row)?;
            Ok((read(row)?, answer))
        };
        rows.into_iter().map(judged).collect()
    }

    fn contests_citing(&self, subject: &str) -> Result<ContestCount, ServiceError> {
        const SQL: &str = "SELECT COUNT(*), COUNT(cases.changed), CAST(COALESCE(SUM(cases.changed), 0) AS BIGINT)
             FROM cases JOIN decisions ON decisions.id = cases.decision
             JOIN answer_subjects ON answer_subjects.answer = decisions.answer AND answer_subjects.subject = $1
             WHERE cases.kind = 'contest'";
        let mut count = ContestCount::default();
        for mut row in self.backend.read(SQL, &[Cell::text(subject)])? {
            count.filed = row.unsigned()?;
            count.reviewed = row.unsigned()?;
            count.changed = row.unsigned()?;
        }
        Ok(count)
    }

    fn unread_contested(&self, limit: u32) -> Result<Vec<[u8; 32]>, ServiceError> {
        const SQL: &str = "SELECT DISTINCT decisions.answer FROM cases JOIN decisions ON decisions.id = cases.decision
             WHERE cases.kind = 'contest' AND decisions.answer IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM answer_subjects WHERE answer_subjects.answer = decisions.answer) LIMIT $1";
        let rows = self.backend.read(SQL, &[Cell::number(limit.into())])?;
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
            Ok(true)
        })
    }
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
