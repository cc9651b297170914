//! The ledger's writer, growth and checks, beside `SQLite` and `PostgreSQL` on the same records.

mod client;
pub(crate) mod growth;
mod hashing;
mod peers;
pub(crate) mod postgres;
mod records;
mod server;
mod sqlite;
mod store;
pub(crate) mod verify;
pub(crate) mod writer;

pub(crate) use client::run as client;

use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

fn told(error: impl Display) -> String {
    error.to_string()
}

/// Records a second.
#[expect(clippy::cast_precision_loss, reason = "counts of a bench stay far below 2^53")]
fn rate(records: u64, seconds: f64) -> f64 {
    records as f64 / seconds.max(0.01)
}

/// Microseconds a record.
#[expect(clippy::cast_precision_loss, reason = "counts of a bench stay far below 2^53")]
fn micros(time: Duration, records: u64) -> f64 {
    time.as_secs_f64() * 1e6 / records.max(1) as f64
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench stay far below 2^53")]
fn each(bytes: u64, records: u64) -> f64 {
    bytes as f64 / records.max(1) as f64
}

/// Bytes of all files below a folder.
fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes_below(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    });
    sizes.sum()
}
