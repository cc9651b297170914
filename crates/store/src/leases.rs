use crate::SqlStore;
use crate::sql::Cell;
use gongdao_service::ServiceError;
use gongdao_service::port::{Lease, Leases};
use std::time::Duration;

impl Leases for SqlStore {
    fn renew(&self, node: &str, applied: u64, lasts: Duration) -> Result<(), ServiceError> {
        let now = self.backend.now();
        let statement = format!(
            "INSERT INTO leases (node, applied, until) VALUES ($1, $2, {now} + $3)
             ON CONFLICT (node) DO UPDATE SET applied = excluded.applied, until = excluded.until"
        );
        let lasts = u64::try_from(lasts.as_millis()).unwrap_or(u64::MAX);
        let parameters = [Cell::text(node), Cell::number(applied), Cell::number(lasts)];
        self.backend.transaction(&mut |sql| sql.execute(&statement, &parameters).map(|_| true))
    }

    fn leases(&self) -> Result<Vec<Lease>, ServiceError> {
        let now = self.backend.now();
        let sql = format!(
            "SELECT node, applied, CAST(until > {now} AS INTEGER) * CAST(1 AS BIGINT) FROM leases ORDER BY node"
        );
        let rows = self
            .backend
            .read(&sql, &[])?
            .into_iter()
            .map(|mut row| Ok(Lease { node: row.text()?, applied: row.unsigned()?, is_live: row.int()? == 1 }));
        rows.collect()
    }

    fn give_up(&self, node: &str) -> Result<(), ServiceError> {
        let parameters = [Cell::text(node)];
        self.backend
            .transaction(&mut |sql| sql.execute("DELETE FROM leases WHERE node = $1", &parameters).map(|_| true))
    }
}
