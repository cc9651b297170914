use crate::SqlStore;
use crate::sql::{Cell, places};
use gongdao_service::ServiceError;
use gongdao_service::port::{AlgorithmCount, PublishedCount, PublishedFilter, PublishedLine, PublishedWords, Register};

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

    fn decisions_of_version(
        &self,
        version: &str,
        node: &str,
        from: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Option<String>)>, ServiceError> {
        let parameters = [Cell::text(version), Cell::text(node), Cell::number(from), Cell::number(limit.into())];
        let rows = self.backend.read(
            "SELECT leaf, person FROM decisions WHERE algorithm = $1 AND node = $2 AND leaf >= $3 ORDER BY leaf LIMIT $4",
            &parameters,
        )?;
        rows.into_iter().map(|mut row| Ok((row.unsigned()?, row.optional_text()?))).collect()
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
        let (mut conditions, mut parameters) = narrowed(filter, vec![Cell::text(after.unwrap_or_default())]);
        conditions.push("id > $1".to_owned());
        parameters.push(Cell::number(limit.into()));
        let sql = format!(
            "SELECT id, body FROM published_filings WHERE {} ORDER BY id LIMIT ${}",
            conditions.join(" AND "),
            parameters.len()
        );
        let rows = self.backend.read(&sql, &parameters)?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }

    fn published_filing(&self, id: &str) -> Result<Option<String>, ServiceError> {
        let rows = self.backend.read("SELECT body FROM published_filings WHERE id = $1", &[Cell::text(id)])?;
        rows.into_iter().next().map(|mut row| row.text()).transpose()
    }

    fn count_published(&self, filter: &PublishedFilter) -> Result<u64, ServiceError> {
        let (mut conditions, parameters) = narrowed(filter, Vec::new());
        conditions.push("1 = 1".to_owned());
        let sql = format!("SELECT COUNT(*) FROM published_filings WHERE {}", conditions.join(" AND "));
        let rows = self.backend.read(&sql, &parameters)?;
        rows.into_iter().next().map_or(Ok(0), |mut row| row.unsigned())
    }

    fn published_words(&self) -> Result<PublishedWords, ServiceError> {
        let column = |name: &str| {
            let sql = format!("SELECT DISTINCT {name} FROM published_filings WHERE {name} <> '' ORDER BY {name}");
            self.backend
                .read(&sql, &[])?
                .into_iter()
                .map(|mut row| row.text())
                .collect::<Result<Vec<_>, ServiceError>>()
        };
        Ok(PublishedWords { provinces: column("province")?, classes: column("class")? })
    }
}

/// Conditions of a filter, and the parameters that they name behind those that there are.
fn narrowed(filter: &PublishedFilter, mut parameters: Vec<Cell>) -> (Vec<String>, Vec<Cell>) {
    let mut conditions = Vec::new();
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
    (conditions, parameters)
}

/// What is searched for, so that no character of it means more than itself.
fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}
