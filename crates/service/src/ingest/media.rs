//! Media types that decisions come in.

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MediaType {
    /// One record or a list of them.
    Json,
    /// One record a line.
    Ndjson,
    /// Arrow's stream of record batches.
    ArrowStream,
    /// A Parquet file.
    Parquet,
    /// One `CloudEvent` in structured mode (CloudEvents 1.0, JSON format §3).
    CloudEvent,
    /// A list of CloudEvents (JSON format §4).
    CloudEventBatch,
}

impl MediaType {
    /// All of them with their names, the registered name first.
    pub const NAMES: [(&'static str, Self); 9] = [
        ("application/json", Self::Json),
        ("application/x-ndjson", Self::Ndjson),
        ("application/ndjson", Self::Ndjson),
        ("application/jsonl", Self::Ndjson),
        ("application/vnd.apache.arrow.stream", Self::ArrowStream),
        ("application/vnd.apache.parquet", Self::Parquet),
        ("application/cloudevents+json", Self::CloudEvent),
        ("application/cloudevents-batch+json", Self::CloudEventBatch),
        ("application/x-parquet", Self::Parquet),
    ];

    /// The type that a `Content-Type` names; its parameters do not count (RFC 9110 §8.3.1).
    pub fn of(content_type: &str) -> Option<Self> {
        let name = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, media)| *media)
    }
}
