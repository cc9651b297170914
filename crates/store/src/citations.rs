use crate::SqlStore;
use crate::decisions::{COLUMNS, pieces, read};
use crate::sql::{Cell, Statements, rows_of_places};
use gongdao_model::Instant;
use gongdao_service::ServiceError;
use gongdao_service::port::{Citations, CitedCount, Cites, ContestCount, Projected};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::PoisonError;

impl Citations for SqlStore {
    fn cited(&self, subject: &str) -> Result<Vec<CitedCount>, ServiceError> {
        const SQL: &str = "SELECT month, outcome, decisions FROM subject_decisions WHERE subject = $1
             ORDER BY month DESC, outcome";
        let rows = self.backend.read(SQL, &[Cell::text(subject)])?;
        let count = |mut row: crate::sql::Row| {
            Ok(CitedCount { month: row.text()?, outcome: row.text()?, decisions: row.unsigned()? })
        };
        rows.into_iter().map(count).collect()
    }

    fn cited_about(&self, subject: &str, person: &str, limit: u32) -> Result<Vec<(Projected, String)>, ServiceError> {
        let columns: Vec<String> = COLUMNS.split(", ").map(|column| format!("decisions.{column}")).collect();
        let sql = format!(
            "SELECT answer_subjects.outcome, {} FROM decisions
             JOIN answer_subjects ON answer_subjects.answer = decisions.answer AND answer_subjects.subject = $1
             WHERE decisions.person = $2 AND decisions.leaf IS NOT NULL
             ORDER BY decisions.at DESC, decisions.id DESC LIMIT $3",
            columns.join(", ")
        );
        let parameters = [Cell::text(subject), Cell::text(person), Cell::number(limit.into())];
        let rows = self.backend.read(&sql, &parameters)?;
        rows.into_iter()
            .map(|mut row| {
                let outcome = row.text()?;
                Ok((read(row)?, outcome))
            })
            .collect()
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
}

/// Counts of lines that were added, to be written with them.
#[derive(Default)]
pub(crate) struct Counted {
    /// By answer and month.
    answers: BTreeMap<(i64, String), u64>,
}

impl Counted {
    pub(crate) fn add(&mut self, answer: i64, at: Instant) {
        // `2026-03-09` without its day.
        let mut month = at.date_in_shanghai().to_string();
        month.truncate(7);
        *self.answers.entry((answer, month)).or_default() += 1;
    }

    /// Write them, in one order, so that two processes do not wait for each other. Returns answers that are new to this process.
    pub(crate) fn write(
        &self,
        sql: &mut dyn Statements,
        cites: &HashMap<i64, &Cites>,
        known: &HashSet<i64>,
    ) -> Result<Vec<i64>, ServiceError> {
        let mut subjects: BTreeMap<(&str, &str, &str), u64> = BTreeMap::new();
        let (mut said, mut fresh) = (Vec::new(), Vec::new());
        for ((answer, month), count) in &self.answers {
            let Some(cites) = cites.get(answer) else { continue };
            for (subject, outcome) in &cites.subjects {
                *subjects.entry((subject, month, outcome)).or_default() += count;
            }
            if !known.contains(answer) && fresh.last() != Some(answer) {
                fresh.push(*answer);
                said.extend(cites.subjects.iter().map(|(subject, outcome)| (*answer, subject, *outcome)));
            }
        }
        for piece in pieces(&said) {
            let statement = format!(
                "INSERT INTO answer_subjects (answer, subject, outcome) VALUES {} ON CONFLICT (answer, subject) DO NOTHING",
                rows_of_places(piece.len(), 3)
            );
            let cells = |(answer, subject, outcome): &(i64, &String, &str)| {
                [Cell::Int(*answer), Cell::text(*subject), Cell::text(*outcome)]
            };
            sql.execute(&statement, &piece.iter().flat_map(cells).collect::<Vec<_>>())?;
        }
        let counts: Vec<_> = subjects.into_iter().collect();
        for piece in pieces(&counts) {
            let statement = format!(
                "INSERT INTO subject_decisions (subject, month, outcome, decisions) VALUES {}
                 ON CONFLICT (subject, month, outcome)
                 DO UPDATE SET decisions = subject_decisions.decisions + excluded.decisions",
                rows_of_places(piece.len(), 4)
            );
            let cells = |((subject, month, outcome), count): &((&str, &str, &str), u64)| {
                [Cell::text(*subject), Cell::text(*month), Cell::text(*outcome), Cell::number(*count)]
            };
            sql.execute(&statement, &piece.iter().flat_map(cells).collect::<Vec<_>>())?;
        }
        Ok(fresh)
    }
}

impl SqlStore {
    /// Answers whose subjects this process saw written.
    pub(crate) fn known_answers(&self) -> std::sync::MutexGuard<'_, HashSet<i64>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
