//! OpenTelemetry: one span a request, sent as OTLP over HTTP in JSON (OTLP 1.x §"OTLP/HTTP", JSON encoding). A span has the
//! method, the route and the status: nothing of what was sent.

use axum::http::HeaderMap;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Spans that may wait; what does not fit is dropped, as a request never waits for its trace.
const WAITING: usize = 4096;
/// Spans of one parcel.
const PARCEL: usize = 256;

/// What came with the request as `traceparent` (W3C Trace Context §3.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parent {
    trace: Option<u128>,
    span: Option<u64>,
}

impl Parent {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        headers.get("traceparent").and_then(|value| value.to_str().ok()).and_then(Self::read).unwrap_or_default()
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
        let _flags = parts.next()?;
        if version.len() != 2 || version == "ff" || trace.len() != 32 || span.len() != 16 {
            return None;
        }
        let (trace, span) = (u128::from_str_radix(trace, 16).ok()?, u64::from_str_radix(span, 16).ok()?);
        (trace != 0 && span != 0).then_some(Self { trace: Some(trace), span: Some(span) })
    }
}

struct Span {
    trace: u128,
    id: u64,
    parent: Option<u64>,
    name: String,
    method: &'static str,
    route: String,
    status: u16,
    began: Instant,
    took: Duration,
}

/// Sends spans, or does nothing where no collector is set.
pub(crate) struct Tracer {
    sender: Option<SyncSender<Span>>,
    seed: u64,
    count: AtomicU64,
}

impl Tracer {
    /// `seed` makes this process's numbers differ from another's; `unix_nanos` is the time of day of `started`.
    pub(crate) fn new(endpoint: Option<&str>, seed: u64, started: Instant, unix_nanos: u128) -> Self {
        let sender = endpoint.map(|endpoint| {
            let (sender, receiver) = sync_channel(WAITING);
            let address = format!("{endpoint}/v1/traces");
            // Ends when the last sender is gone.
            std::thread::spawn(move || export(&receiver, &address, started, unix_nanos));
            sender
        });
        Self { sender, seed, count: AtomicU64::new(1) }
    }

    /// A request that was answered.
    pub(crate) fn span(
        &self,
        parent: &Parent,
        method: &'static str,
        route: &str,
        status: u16,
        began: Instant,
        took: Duration,
    ) {
        let Some(sender) = &self.sender else { return };
        let span = Span {
            trace: parent.trace.unwrap_or_else(|| (u128::from(self.number()) << 64) | u128::from(self.number())),
            id: self.number(),
            parent: parent.span,
            name: format!("{method} {route}"),
            method,
            route: route.to_owned(),
            status,
            began,
            took,
        };
        // A full queue loses the span, not the request.
        let _ = sender.try_send(span);
    }

    /// Numbers that do not repeat within a process and differ between processes (SplitMix64).
    fn number(&self) -> u64 {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let mut state = self.seed.wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (state ^ (state >> 31)).max(1)
    }
}

fn export(receiver: &Receiver<Span>, address: &str, started: Instant, unix_nanos: u128) {
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(5))).build().into();
    let mut reported = false;
    while let Ok(first) = receiver.recv() {
        let mut spans = vec![first];
        while spans.len() < PARCEL {
            match receiver.try_recv() {
                Ok(span) => spans.push(span),
                Err(_) => break,
            }
        }
        let body = parcel(&spans, started, unix_nanos).to_string();
        let sent = agent.post(address).header("content-type", "application/json").send(body);
        // A collector that is away is told once, not with every parcel.
        match sent {
            Ok(_) => reported = false,
            Err(error) if !reported => {
                tracing::warn!(%error, "the collector of traces does not answer");
                reported = true;
            }
            Err(_) => {}
        }
    }
}

fn parcel(spans: &[Span], started: Instant, unix_nanos: u128) -> Value {
    let spans: Vec<Value> = spans
        .iter()
        .map(|span| {
            let began = unix_nanos + span.began.saturating_duration_since(started).as_nanos();
            let ended = began + span.took.as_nanos();
            let mut value = json!({
                "traceId": format!("{:032x}", span.trace),
                "spanId": format!("{:016x}", span.id),
                "name": span.name,
                "kind": 2,
                "startTimeUnixNano": began.to_string(),
                "endTimeUnixNano": ended.to_string(),
                "attributes": [
                    {"key": "http.request.method", "value": {"stringValue": span.method}},
                    {"key": "http.route", "value": {"stringValue": span.route}},
                    {"key": "http.response.status_code", "value": {"intValue": span.status.to_string()}},
                ],
                "status": {"code": if span.status >= 500 { 2 } else { 0 }},
            });
            if let (Some(parent), Some(object)) = (span.parent, value.as_object_mut()) {
                object.insert("parentSpanId".to_owned(), format!("{parent:016x}").into());
            }
            value
        })
        .collect();
    json!({"resourceSpans": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "gongdao"}}]},
        "scopeSpans": [{"scope": {"name": "gongdao-web", "version": env!("CARGO_PKG_VERSION")}, "spans": spans}],
    }]})
}

#[cfg(test)]
mod tests {
    use super::{Parent, Tracer};
    use std::collections::BTreeSet;
    use std::time::Instant;

    #[test]
    fn a_parent_is_taken_only_as_the_standard_writes_it() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let read = Parent::read(good).unwrap();
        assert_eq!(read.span, Some(0xb7ad_6b71_6920_3331));
        for bad in [
            "",
            "00",
            &good.replacen("00", "ff", 1),
            &good[1..],
            "00-0-0-01",
            &good.replace("b7ad6b7169203331", "0000000000000000"),
        ] {
            assert_eq!(Parent::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn numbers_do_not_repeat() {
        let tracer = Tracer::new(None, 7, Instant::now(), 0);
        let numbers: BTreeSet<u64> = (0..10_000).map(|_| tracer.number()).collect();
        assert_eq!(numbers.len(), 10_000);
    }
}
