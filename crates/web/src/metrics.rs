//! Numbers for Prometheus. Labels are routes, statuses, effects and words of the vocabulary: nothing of a person, no
//! identifier that a request brought.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Checked {
    action: String,
    effect: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// Limits of the histogram's buckets, in seconds: from well below a check to far above it.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// All numbers of one process.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
    checks: Family<Checked, Counter>,
    rows: Family<Outcome, Counter>,
    alarms: Gauge,
    stopped: Gauge,
    ready: Gauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("gongdao");
        let requests = Family::<Request, Counter>::default();
        let seconds: Family<Route, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        let (checks, rows) = (Family::<Checked, Counter>::default(), Family::<Outcome, Counter>::default());
        let (alarms, stopped, ready) = (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_seconds", "Time from head to answer", seconds.clone());
        registry.register("checks", "Decisions checked, by what the caller was told", checks.clone());
        registry.register("ingested_rows", "Rows of decisions made elsewhere, by what became of them", rows.clone());
        registry.register("gate_alarms", "Times that the official evaluator disagreed", alarms.clone());
        registry.register("gate_stopped_rules", "Rule versions that judge nothing", stopped.clone());
        registry.register("ready", "1 while the process takes checks", ready.clone());
        Self { registry, requests, seconds, checks, rows, alarms, stopped, ready }
    }

    pub(crate) fn request(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        self.requests.get_or_create(&Request { method, route: route.to_owned(), status }).inc();
        self.seconds.get_or_create(&Route { route: route.to_owned() }).observe(took.as_secs_f64());
    }

    pub(crate) fn checked(&self, action: &str, effect: &'static str) {
        self.checks.get_or_create(&Checked { action: action.to_owned(), effect }).inc();
    }

    pub(crate) fn rows(&self, outcome: &'static str, count: u64) {
        self.rows.get_or_create(&Outcome { outcome }).inc_by(count);
    }

    /// Rows of decisions made elsewhere since the start, by what became of them.
    pub(crate) fn row_counts(&self) -> Vec<(&'static str, u64)> {
        let of = |outcome| (outcome, self.rows.get_or_create(&Outcome { outcome }).get());
        ["accepted", "duplicate", "bad", "failed"].map(of).to_vec()
    }

    /// What is read when somebody asks.
    pub(crate) fn gauges(&self, alarms: usize, stopped: usize, ready: bool) {
        self.alarms.set(i64::try_from(alarms).unwrap_or(i64::MAX));
        self.stopped.set(i64::try_from(stopped).unwrap_or(i64::MAX));
        self.ready.set(i64::from(ready));
    }

    /// OpenMetrics text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
