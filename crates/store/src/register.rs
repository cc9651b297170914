use crate::SqlStore;
use crate::sql::{Cell, places};
use gongdao_service::ServiceError;
use gongdao_service::port::{AlgorithmCount, PublishedCount, PublishedFilter, PublishedLine, Register};

impl Register for SqlStore {
    fn count_algorithms(&self, names: &[String]) -> Result<AlgorithmCount, ServiceError> {
        const AT_ONCE: usize = 500;
        let mut count = AlgorithmCount::default();
        for piece in names.chunks(AT_ONCE) {
            let (list, parameters) = (places(1, piece.len()), piece.iter().map(Cell::text).collect::<Vec<_>>());
            let sql = format!(
                "SELECT CAST(COALESCE(SUM(decisions), 0) AS BIGINT) FROM algorithm_decisions WHERE algorithm IN ({list})"
            );
            for mut row in self.backend.read(&sql, &parameters)? {
                count.decisions += row.unsigned()?;
            }
            let sql = format!(
                "SELECT COUNT(DISTINCT cases.decision), COUNT(cases.changed), CAST(COALESCE(SUM(cases.changed), 0) AS BIGINT)
                 FROM cases JOIN decisions ON decisions.id = cases.decision
                 WHERE cases.kind = 'contest' AND decisions.algorithm IN ({list})"
            );
            for mut row in self.backend.read(&sql, &parameters)? {
                count.contested += row.unsigned()?;
                count.reviewed += row.unsigned()?;
                count.changed += row.unsigned()?;
            }
        }
        Ok(count)
    }

    fn put_published(&self, lines: &[PublishedLine]) -> Result<PublishedCount, ServiceError> {
        let mut count = PublishedCount::default();
        self.backend.transaction(&mut |sql| {
            count = PublishedCount::default();
            for line in lines {
                let known = sql.query("SELECT body FROM published_filings WHERE id = $1", &[Cell::text(&line.id)])?;
                match known.into_iter().next().map(|mut row| row.text()).transpose()? {
                    Some(body) if body == line.body => continue,
                    Some(_) => count.changed += 1,
                    None => count.added += 1,
                }
                let parameters = [
                    Cell::text(&line.id),
                    Cell::text(&line.class),
                    Cell::text(&line.province),
                    Cell::text(&line.haystack),
                    Cell::text(&line.body),
                ];
                sql.execute(
                    "INSERT INTO published_filings (id, class, province, haystack, body) VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT (id) DO UPDATE SET class = excluded.class, province = excluded.province,
                     haystack = excluded.haystack, body = excluded.body",
                    &parameters,
                )?;
            }
            Ok(true)
        })?;
        Ok(count)
    }

    fn published(
        &self,
        filter: &PublishedFilter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<(String, String)>, ServiceError> {
        let mut parameters = vec![Cell::text(after.unwrap_or_default())];
        let mut conditions = vec!["id > $1".to_owned()];
        if let Some(text) = &filter.text {
            parameters.push(Cell::text(format!("%{}%", escaped(text))));
            conditions.push(format!("haystack LIKE ${} ESCAPE '!'", parameters.len()));
        }
        for (column, value) in [("province", &filter.province), ("class", &filter.class)] {
            if let Some(value) = value {
                parameters.push(Cell::text(value));
                conditions.push(format!("{column} = ${}", parameters.len()));
            }
        }
        parameters.push(Cell::number(limit.into()));
        let sql = format!(
            "SELECT id, body FROM published_filings WHERE {} ORDER BY id LIMIT ${}",
            conditions.join(" AND "),
            parameters.len()
        );
        let rows = self.backend.read(&sql, &parameters)?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }
}

/// What is searched for, so that no character of it means more than itself.
fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}
