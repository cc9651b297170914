use crate::SqlStore;
use crate::citations::put_contest;
use crate::decisions::pieces;
use crate::journal::record;
use crate::sql::{Cell, Row, Statements, forget, places};
use gongdao_model::Instant;
use gongdao_service::ServiceError;
use gongdao_service::port::{
    CaseCount, CaseLine, ClockLine, ClockQuery, Desk, Due, MandateLine, NewEntry, Recorded, TaskLine, TaskQuery,
};

const CASE: &str =
    "id, person, kind, stage, opened_at, filing, decision, suspends, outcome, article, changed, seconds, events, body";
/// All of a case; a closed one has no clock.
const WHOLE: &str = "c.id, c.person, c.kind, c.stage, c.opened_at, c.filing, c.decision, c.suspends, c.outcome, c.article, c.changed, \
                     c.seconds, c.events, c.body, COALESCE(q.waits, 0), q.since, \
                     COALESCE(q.moved, 0), COALESCE(q.due, 9223372036854775807), COALESCE(q.escalated, 0)";
const CASES: &str = "cases c LEFT JOIN case_clocks q ON q.case_id = c.id";
const CLOCK: &str = "case_id, kind, stage, waits, due, since, moved, escalated, events";
const MANDATE: &str = "id, person, representative, state, events, body";
const TASK: &str = "id, case_id, person, kind, system, way, state, since, events";
/// Stands for no date.
const NO_DUE: i64 = i64::MAX;

impl Desk for SqlStore {
    fn change_desk(
        &self,
        node: &str,
        cases: &[CaseLine],
        mandates: &[MandateLine],
        entries: &[NewEntry],
    ) -> Result<Vec<Recorded>, ServiceError> {
        let mut made = Vec::new();
        self.backend.transaction(&mut |sql| {
            // Entries first: their names are one of a kind, so whoever was slower stops here and overwrites nothing.
            let recorded = entries.iter().map(|entry| record(sql, node, entry)).collect::<Result<Vec<_>, _>>()?;
            let stands = !recorded.contains(&Recorded::Other);
            if stands && !recorded.iter().any(|one| matches!(one, Recorded::Same(_))) {
                cases.iter().try_for_each(|line| put_case(sql, line))?;
                mandates.iter().try_for_each(|line| put_mandate(sql, line))?;
            }
            made = recorded;
            Ok(stands)
        })?;
        Ok(made)
    }

    fn case(&self, id: &str) -> Result<Option<CaseLine>, ServiceError> {
        let sql = format!("SELECT {WHOLE} FROM {CASES} WHERE c.id = $1");
        self.backend.read(&sql, &[Cell::text(id)])?.into_iter().next().map(read_case).transpose()
    }

    fn cases(&self, ids: &[&str]) -> Result<Vec<CaseLine>, ServiceError> {
        let mut found = Vec::new();
        for piece in pieces(ids) {
            let sql = format!("SELECT {WHOLE} FROM {CASES} WHERE c.id IN ({})", places(1, piece.len()));
            let parameters: Vec<Cell> = piece.iter().map(|id| Cell::text(*id)).collect();
            for row in self.backend.read(&sql, &parameters)? {
                found.push(read_case(row)?);
            }
        }
        Ok(found)
    }

    fn begun_clocks(
        &self,
        query: &ClockQuery,
        (since, case): (i64, &str),
        until: i64,
        limit: u32,
    ) -> Result<Vec<ClockLine>, ServiceError> {
        let (mut conditions, mut parameters) = clock_conditions(query, 0);
        parameters.extend([Cell::Int(since), Cell::text(case), Cell::Int(until), Cell::number(limit.into())]);
        let last = parameters.len();
        conditions.push(format!("(since, case_id) > (${}, ${}) AND since < ${}", last - 3, last - 2, last - 1));
        let sql = format!(
            "SELECT case_id, since FROM case_clocks WHERE {} ORDER BY since, case_id LIMIT ${last}",
            conditions.join(" AND ")
        );
        let rows = self.backend.read(&sql, &parameters)?.into_iter();
        rows.map(|mut row| {
            Ok(ClockLine { case: row.text()?, since: Instant::from_millis(row.int()?)?, moved_to: None })
        })
        .collect()
    }

    fn moved_clocks(
        &self,
        query: &ClockQuery,
        (due, since, case): (i64, i64, &str),
        until: Option<i64>,
        limit: u32,
    ) -> Result<Vec<ClockLine>, ServiceError> {
        let (mut conditions, mut parameters) = clock_conditions(query, 1);
        let first = parameters.len() + 1;
        parameters.extend([Cell::Int(due), Cell::Int(since), Cell::text(case)]);
        conditions.push(format!("(due, since, case_id) > (${first}, ${}, ${})", first + 1, first + 2));
        if let Some(until) = until {
            parameters.push(Cell::Int(until));
            conditions.push(format!("due < ${}", parameters.len()));
        }
        parameters.push(Cell::number(limit.into()));
        let sql = format!(
            "SELECT case_id, since, due FROM case_clocks WHERE {} ORDER BY due, since, case_id LIMIT ${}",
            conditions.join(" AND "),
            parameters.len()
        );
        let rows = self.backend.read(&sql, &parameters)?.into_iter();
        rows.map(|mut row| {
            Ok(ClockLine { case: row.text()?, since: Instant::from_millis(row.int()?)?, moved_to: read_due(&mut row)? })
        })
        .collect()
    }

    fn moved_cases(&self, after: Option<&str>, limit: u32) -> Result<Vec<CaseLine>, ServiceError> {
        let sql = format!(
            "SELECT {WHOLE} FROM case_clocks q CROSS JOIN cases c WHERE c.id = q.case_id AND q.moved = 1 AND q.case_id > $1
             ORDER BY q.case_id LIMIT $2"
        );
        let parameters = [Cell::text(after.unwrap_or_default()), Cell::number(limit.into())];
        self.backend.read(&sql, &parameters)?.into_iter().map(read_case).collect()
    }

    fn cases_of(
        &self,
        person: &str,
        after: Option<(Instant, String)>,
        limit: u32,
    ) -> Result<Vec<CaseLine>, ServiceError> {
        let (at, id) =
            after.map_or((Cell::Int(i64::MAX), Cell::text("")), |(at, id)| (Cell::Int(at.millis()), Cell::text(id)));
        let sql = format!(
            "SELECT {WHOLE} FROM {CASES} WHERE c.person = $1 AND (c.opened_at, c.id) < ($2, $3)
             ORDER BY c.opened_at DESC, c.id DESC LIMIT $4"
        );
        let parameters = [Cell::text(person), at, id, Cell::number(limit.into())];
        self.backend.read(&sql, &parameters)?.into_iter().map(read_case).collect()
    }

    fn cases_of_filing(&self, filing: &str, after: Option<&str>, limit: u32) -> Result<Vec<CaseLine>, ServiceError> {
        let sql = format!("SELECT {WHOLE} FROM {CASES} WHERE c.filing = $1 AND c.id > $2 ORDER BY c.id LIMIT $3");
        let parameters = [Cell::text(filing), Cell::text(after.unwrap_or_default()), Cell::number(limit.into())];
        self.backend.read(&sql, &parameters)?.into_iter().map(read_case).collect()
    }

    fn suspending(&self, decision: &str) -> Result<Vec<CaseLine>, ServiceError> {
        let sql =
            format!("SELECT {WHOLE} FROM {CASES} WHERE c.decision = $1 AND c.suspends = 1 ORDER BY c.opened_at, c.id");
        self.backend.read(&sql, &[Cell::text(decision)])?.into_iter().map(read_case).collect()
    }

    fn count_cases(&self) -> Result<Vec<CaseCount>, ServiceError> {
        const SQL: &str = "SELECT kind, stage, outcome, article, changed, COUNT(*), CAST(COALESCE(SUM(seconds), 0) AS BIGINT)
             FROM cases GROUP BY kind, stage, outcome, article, changed ORDER BY kind, stage, outcome, article, changed";
        let rows = self.backend.read(SQL, &[])?;
        rows.into_iter()
            .map(|mut row| {
                Ok(CaseCount {
                    kind: row.text()?,
                    stage: row.text()?,
                    outcome: row.optional_text()?,
                    article: row.optional_text()?,
                    changed: row.optional_int()?.map(|changed| changed == 1),
                    count: row.unsigned()?,
                    seconds: row.unsigned()?,
                })
            })
            .collect()
    }

    fn set_dues(&self, dues: &[Due]) -> Result<(), ServiceError> {
        const SQL: &str = "UPDATE case_clocks SET due = $1, since = $2, moved = $3 WHERE case_id = $4 AND events = $5";
        self.backend.transaction(&mut |sql| {
            for Due { id, events, since, moved, moved_to } in dues {
                let parameters = [
                    Cell::Int(moved_to.map_or(NO_DUE, Instant::millis)),
                    since.map_or(Cell::Null, |since| Cell::Int(since.millis())),
                    Cell::Int(i64::from(*moved)),
                    Cell::text(id),
                    Cell::number((*events).into()),
                ];
                sql.execute(SQL, &parameters)?;
            }
            Ok(true)
        })
    }

    fn tasks(&self, query: &TaskQuery, after: Option<&str>, limit: u32) -> Result<Vec<TaskLine>, ServiceError> {
        let mut parameters = vec![Cell::text(after.unwrap_or_default())];
        let mut conditions = vec!["id > $1".to_owned()];
        if let Some(state) = &query.state {
            parameters.push(Cell::text(state));
            conditions.push(format!("state = ${}", parameters.len()));
        }
        if let Some(systems) = &query.systems {
            if systems.is_empty() {
                return Ok(Vec::new());
            }
            let first = parameters.len() + 1;
            parameters.extend(systems.iter().map(Cell::text));
            conditions.push(format!("system IN ({})", places(first, systems.len())));
        }
        parameters.push(Cell::number(limit.into()));
        let sql = format!(
            "SELECT {TASK} FROM fulfilments WHERE {} ORDER BY id LIMIT ${}",
            conditions.join(" AND "),
            parameters.len()
        );
        self.backend.read(&sql, &parameters)?.into_iter().map(read_task).collect()
    }

    fn mandate(&self, id: &str) -> Result<Option<MandateLine>, ServiceError> {
        let sql = format!("SELECT {MANDATE} FROM mandates WHERE id = $1");
        self.backend.read(&sql, &[Cell::text(id)])?.into_iter().next().map(read_mandate).transpose()
    }

    fn mandates_for(&self, person: &str, representative: Option<&str>) -> Result<Vec<MandateLine>, ServiceError> {
        let mut parameters = vec![Cell::text(person)];
        let mut condition = "";
        if let Some(representative) = representative {
            parameters.push(Cell::text(representative));
            condition = " AND representative = $2";
        }
        let sql = format!("SELECT {MANDATE} FROM mandates WHERE person = $1{condition} ORDER BY id");
        self.backend.read(&sql, &parameters)?.into_iter().map(read_mandate).collect()
    }

    fn mandates_of(
        &self,
        representative: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<MandateLine>, ServiceError> {
        let sql = format!("SELECT {MANDATE} FROM mandates WHERE representative = $1 AND id > $2 ORDER BY id LIMIT $3");
        let parameters =
            [Cell::text(representative), Cell::text(after.unwrap_or_default()), Cell::number(limit.into())];
        self.backend.read(&sql, &parameters)?.into_iter().map(read_mandate).collect()
    }

    fn forget_desk_of(&self, person: &str) -> Result<u64, ServiceError> {
        forget(&*self.backend, &["DELETE FROM fulfilments WHERE person = $1"], person)?;
        for table in ["case_clocks", "contests"] {
            let rows = format!("DELETE FROM {table} WHERE case_id IN (SELECT id FROM cases WHERE person = $1)");
            forget(&*self.backend, &[&rows], person)?;
        }
        let cases = forget(&*self.backend, &["DELETE FROM cases WHERE person = $1"], person)?;
        Ok(cases + forget(&*self.backend, &["DELETE FROM mandates WHERE person = $1"], person)?)
    }
}

/// Which clocks, in words that the database finds an index by, with the first parameters.
fn clock_conditions(query: &ClockQuery, moved: u8) -> (Vec<String>, Vec<Cell>) {
    let ClockQuery { stage, kind, not_escalated } = query;
    let mut conditions = vec![format!("moved = {moved}"), "stage = $1".to_owned()];
    let mut parameters = vec![Cell::text(stage)];
    if let Some(kind) = kind {
        conditions.push("kind = $2".to_owned());
        parameters.push(Cell::text(kind));
    }
    if *not_escalated {
        conditions.push("escalated = 0".to_owned());
    }
    (conditions, parameters)
}

fn put_case(sql: &mut dyn Statements, line: &CaseLine) -> Result<(), ServiceError> {
    let flag = |is: bool| Cell::Int(i64::from(is));
    let parameters = [
        Cell::text(&line.id),
        Cell::text(&line.person),
        Cell::text(&line.kind),
        Cell::text(&line.stage),
        Cell::Int(line.opened_at.millis()),
        Cell::optional(line.filing.as_deref()),
        Cell::optional(line.decision.as_deref()),
        flag(line.suspends),
        Cell::optional(line.outcome.as_deref()),
        Cell::optional(line.article.as_deref()),
        line.changed.map_or(Cell::Null, flag),
        Cell::optional_number(line.seconds),
        Cell::number(line.events.into()),
        Cell::text(&line.body),
    ];
    let statement = format!(
        "INSERT INTO cases ({CASE}) VALUES ({}) ON CONFLICT (id) DO UPDATE SET stage = excluded.stage,
         suspends = excluded.suspends, outcome = excluded.outcome, article = excluded.article, changed = excluded.changed,
         seconds = excluded.seconds, events = excluded.events, body = excluded.body WHERE cases.events <= excluded.events",
        places(1, parameters.len())
    );
    // A line that is older than what is there changes no clock either.
    if sql.execute(&statement, &parameters)? > 0 {
        put_clock(sql, line)?;
    }
    if let Some(decision) = line.decision.as_deref().filter(|_| line.kind == "contest") {
        put_contest(sql, &line.id, decision)?;
    }
    line.tasks.iter().try_for_each(|task| put_task(sql, task))
}

fn put_clock(sql: &mut dyn Statements, line: &CaseLine) -> Result<(), ServiceError> {
    let Some(since) = line.since else {
        return sql.execute("DELETE FROM case_clocks WHERE case_id = $1", &[Cell::text(&line.id)]).map(|_| ());
    };
    let parameters = [
        Cell::text(&line.id),
        Cell::text(&line.kind),
        Cell::text(&line.stage),
        Cell::Int(i64::from(line.waits)),
        Cell::Int(line.moved_to.map_or(NO_DUE, Instant::millis)),
        Cell::Int(since.millis()),
        Cell::Int(i64::from(line.moved)),
        Cell::Int(i64::from(line.escalated)),
        Cell::number(line.events.into()),
    ];
    let statement = format!(
        "INSERT INTO case_clocks ({CLOCK}) VALUES ({}) ON CONFLICT (case_id) DO UPDATE SET stage = excluded.stage,
         waits = excluded.waits, due = excluded.due, since = excluded.since, moved = excluded.moved,
         escalated = excluded.escalated, events = excluded.events",
        places(1, parameters.len())
    );
    sql.execute(&statement, &parameters).map(|_| ())
}

fn put_task(sql: &mut dyn Statements, line: &TaskLine) -> Result<(), ServiceError> {
    let parameters = [
        Cell::text(&line.id),
        Cell::text(&line.case),
        Cell::text(&line.person),
        Cell::text(&line.kind),
        Cell::text(&line.system),
        Cell::text(&line.way),
        Cell::text(&line.state),
        Cell::Int(line.since.millis()),
        Cell::number(line.events.into()),
    ];
    let statement = format!(
        "INSERT INTO fulfilments ({TASK}) VALUES ({}) ON CONFLICT (id) DO UPDATE SET way = excluded.way, state = excluded.state,
         since = excluded.since, events = excluded.events WHERE fulfilments.events <= excluded.events",
        places(1, parameters.len())
    );
    sql.execute(&statement, &parameters).map(|_| ())
}

fn put_mandate(sql: &mut dyn Statements, line: &MandateLine) -> Result<(), ServiceError> {
    let parameters = [
        Cell::text(&line.id),
        Cell::text(&line.person),
        Cell::text(&line.representative),
        Cell::text(&line.state),
        Cell::number(line.events.into()),
        Cell::text(&line.body),
    ];
    let statement = format!(
        "INSERT INTO mandates ({MANDATE}) VALUES ({}) ON CONFLICT (id) DO UPDATE SET state = excluded.state,
         events = excluded.events, body = excluded.body WHERE mandates.events <= excluded.events",
        places(1, parameters.len())
    );
    sql.execute(&statement, &parameters).map(|_| ())
}

fn read_case(mut row: Row) -> Result<CaseLine, ServiceError> {
    Ok(CaseLine {
        id: row.text()?,
        person: row.text()?,
        kind: row.text()?,
        stage: row.text()?,
        opened_at: Instant::from_millis(row.int()?)?,
        filing: row.optional_text()?,
        decision: row.optional_text()?,
        suspends: row.int()? == 1,
        outcome: row.optional_text()?,
        article: row.optional_text()?,
        changed: row.optional_int()?.map(|changed| changed == 1),
        seconds: row.optional_unsigned()?,
        events: u32::try_from(row.unsigned()?).map_err(ServiceError::storage)?,
        body: row.text()?,
        waits: row.int()? == 1,
        since: row.optional_int()?.map(Instant::from_millis).transpose()?,
        moved: row.int()? == 1,
        moved_to: read_due(&mut row)?,
        escalated: row.int()? == 1,
        tasks: Vec::new(),
    })
}

fn read_due(row: &mut Row) -> Result<Option<Instant>, ServiceError> {
    Ok(Some(row.int()?).filter(|due| *due != NO_DUE).map(Instant::from_millis).transpose()?)
}

fn read_task(mut row: Row) -> Result<TaskLine, ServiceError> {
    Ok(TaskLine {
        id: row.text()?,
        case: row.text()?,
        person: row.text()?,
        kind: row.text()?,
        system: row.text()?,
        way: row.text()?,
        state: row.text()?,
        since: Instant::from_millis(row.int()?)?,
        events: u32::try_from(row.unsigned()?).map_err(ServiceError::storage)?,
    })
}

fn read_mandate(mut row: Row) -> Result<MandateLine, ServiceError> {
    Ok(MandateLine {
        id: row.text()?,
        person: row.text()?,
        representative: row.text()?,
        state: row.text()?,
        events: u32::try_from(row.unsigned()?).map_err(ServiceError::storage)?,
        body: row.text()?,
    })
}
