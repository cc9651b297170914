//! What is measured of each way to keep the records.

use super::{each, rate};
use std::fmt;

/// One run of one way.
#[derive(Clone)]
pub(crate) struct Measured {
    pub(crate) name: String,
    pub(crate) records: u64,
    /// Until the last record was durable.
    pub(crate) wall: f64,
    /// Processor of whoever keeps the records, not of whoever sends them.
    pub(crate) processor: f64,
    /// On the disk in the end.
    pub(crate) bytes: u64,
}

impl Measured {
    pub(crate) fn rate(&self) -> f64 {
        rate(self.records, self.wall)
    }

    pub(crate) fn rate_of_processor(&self) -> f64 {
        rate(self.records, self.processor)
    }

    pub(crate) fn bytes_each(&self) -> f64 {
        each(self.bytes, self.records)
    }
}

pub(crate) const HEAD: &str = "| what | wall s | records a second | processor s | records a processor second | bytes a record |\n|---|---|---|---|---|---|";

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "| {} | {:.2} | {:.0} | {:.2} | {:.0} | {:.1} |",
            self.name,
            self.wall,
            self.rate(),
            self.processor,
            self.rate_of_processor(),
            self.bytes_each()
        )
    }
}

/// The run of median rate.
pub(crate) fn median(mut runs: Vec<Measured>) -> Option<Measured> {
    runs.sort_by(|a, b| a.rate().total_cmp(&b.rate()));
    let middle = runs.len() / 2;
    runs.into_iter().nth(middle)
}
