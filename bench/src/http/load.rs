//! Checks from many connections: each as soon as the one before is answered, or by the clock.

use super::asker::Asker;
use super::served::Served;
use super::{ratio, told};
use crate::machine;
use futures::future::try_join_all;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Requests that identifiers of a plan were given to; every decision has one that nobody had.
static NEXT: AtomicUsize = AtomicUsize::new(0);

#[derive(Clone, Copy)]
pub(super) struct Plan<'a> {
    pub(super) served: &'a Served,
    pub(super) token: &'a str,
    /// Decisions without their identifiers.
    pub(super) records: &'a [String],
    pub(super) connections: usize,
    /// Whether answers leave the verdicts out.
    pub(super) is_minimal: bool,
    pub(super) seconds: Duration,
}

/// What was seen.
pub(super) struct Load {
    decisions: usize,
    elapsed: Duration,
    /// Median, 99 and 99.9 of 100 requests.
    pub(super) waits: [Duration; 3],
    pub(super) service: Duration,
    pub(super) client: Duration,
}

impl Load {
    /// Decisions a second.
    pub(super) fn rate(&self) -> f64 {
        ratio(self.decisions, self.elapsed.as_secs_f64())
    }
}

impl Plan<'_> {
    /// Each connection asks as soon as it is answered.
    pub(super) fn closed(&self, rows: usize) -> Result<Load, String> {
        self.run(rows, None)
    }

    /// So many decisions a second, whatever the service does: a request that it keeps waiting counts from when it was due.
    pub(super) fn open(&self, rows: usize, per_second: f64) -> Result<Load, String> {
        // Of one connection.
        let share = ratio(rows * self.connections, per_second.max(1.0));
        self.run(rows, Some(Duration::from_secs_f64(share)))
    }

    fn run(&self, rows: usize, every: Option<Duration>) -> Result<Load, String> {
        let (service, client) = (self.served.cpu_time(), machine::cpu_time());
        let start = Instant::now();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(told)?;
        let connections = (0..self.connections).map(|number| self.connection(rows, every, number, start));
        let mut waits = runtime.block_on(try_join_all(connections))?.concat();
        let elapsed = start.elapsed();
        waits.sort_unstable();
        let at = |thousandths: usize| waits.get(waits.len() * thousandths / 1_000).copied().unwrap_or_default();
        Ok(Load {
            decisions: waits.len() * rows,
            elapsed,
            waits: [at(500), at(990), at(999)],
            service: self.served.cpu_time().saturating_sub(service),
            client: machine::cpu_time().saturating_sub(client),
        })
    }

    async fn connection(
        &self,
        rows: usize,
        every: Option<Duration>,
        connection: usize,
        start: Instant,
    ) -> Result<Vec<Duration>, String> {
        let mut asker = Asker::connect(self.served.address(), self.token, self.is_minimal).await?;
        let (mut waits, mut body) = (Vec::new(), String::new());
        let first = every.map(|every| every.mul_f64(ratio(connection, ratio(self.connections, 1.0))));
        for turn in 0_u32.. {
            let due = every.zip(first).map(|(every, first)| start + first + every * turn);
            let begun = due.unwrap_or_else(Instant::now);
            if begun.saturating_duration_since(start) >= self.seconds {
                return Ok(waits);
            }
            self.write(rows, &mut body);
            if begun > Instant::now() {
                tokio::time::sleep_until(begun.into()).await;
            }
            let answer = asker.check(body.as_bytes()).await?;
            waits.push(begun.elapsed());
            if rows > 1 && answer.windows(10).any(|window| window == b"\"problem\":") {
                return Err(format!("a row was refused: {}", String::from_utf8_lossy(answer)));
            }
        }
        Ok(waits)
    }

    /// The next decisions: one as it is, more as a list.
    fn write(&self, rows: usize, body: &mut String) {
        let number = NEXT.fetch_add(rows, Ordering::Relaxed);
        body.clear();
        for row in number..number + rows {
            body.push(if row > number { ',' } else { '[' });
            let rest = self.records.get(row % self.records.len().max(1)).map_or("}", String::as_str);
            let _ = write!(body, "{{\"id\":\"load-{row}\"{rest}");
        }
        body.push(']');
        if rows == 1 {
            body.pop();
            body.remove(0);
        }
    }
}
