//! The record in the shapes of other registers. What nobody declared is empty there, or left out; nothing is made up.

mod atom;
mod atrs;
mod cac;
mod dutch;
mod schema_org;

pub use atom::{Change, Feed, atom, changes};
pub use atrs::{ATRS_VERSION, atrs, atrs_csv};
pub use cac::{cac_list, cac_notice};
pub use dutch::{DUTCH_VERSION, dutch};
pub use schema_org::schema_org;

use crate::{Algorithm, Standing, Version};
use gongdao_model::Instant;

/// An algorithm with its versions, as of a moment.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// It.
    pub algorithm: &'a Algorithm,
    /// Its versions, oldest first.
    pub versions: &'a [Version],
    /// The moment.
    pub now: Instant,
    /// Where it is read, where the service knows its address.
    pub url: Option<&'a str>,
    /// Decisions that were logged, where they are counted.
    pub decisions: Option<u64>,
}

impl<'a> Record<'a> {
    /// The version that took effect last and still decides, else the one declared last.
    pub fn shown_version(&self) -> Option<&'a Version> {
        let in_force = self.versions.iter().filter(|version| version.hold().standing(self.now) == Standing::InForce);
        in_force.max_by_key(|version| version.hold().from).or_else(|| self.versions.last())
    }

    fn first_day(&self) -> Option<Instant> {
        self.versions.iter().filter_map(|version| version.hold().from).filter(|from| *from <= self.now).min()
    }

    fn is_in_force(&self) -> bool {
        self.versions.iter().any(|version| version.hold().standing(self.now) == Standing::InForce)
    }

    fn is_over(&self) -> bool {
        self.algorithm.filing.service_until.is_some_and(|until| until < self.now.date_in_shanghai())
            || (!self.versions.is_empty()
                && self.versions.iter().all(|version| version.hold().standing(self.now) == Standing::Withdrawn))
    }

    fn changed_at(&self) -> Instant {
        let versions = self.versions.iter().map(|version| version.changed_at);
        versions.fold(self.algorithm.described_at, Instant::max)
    }

    fn summary(&self) -> &'a str {
        let description = &self.algorithm.description;
        [&description.texts.purpose, &description.texts.scenario, &description.name]
            .into_iter()
            .map(String::as_str)
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    }

    fn factors(&self) -> String {
        let factors = self.shown_version().map(|version| version.factors.as_slice()).unwrap_or_default();
        let line = |factor: &crate::Factor| match (&factor.weight, factor.meaning.as_str()) {
            (Some(weight), "") => format!("{} ({weight})", factor.name),
            (Some(weight), meaning) => format!("{} ({weight}): {meaning}", factor.name),
            (None, "") => factor.name.clone(),
            (None, meaning) => format!("{}: {meaning}", factor.name),
        };
        factors.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// At most so many characters.
fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// A table as RFC 4180 has it, safe to open in a spreadsheet: what begins like a formula gets a quote in front.
fn table<'a>(rows: impl IntoIterator<Item = Vec<std::borrow::Cow<'a, str>>>) -> Result<String, crate::RegisterError> {
    let failed = |error: &dyn std::fmt::Display| {
        crate::RegisterError::new(format!("the table cannot be written: {error}"), "report this")
    };
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        let safe = row.iter().map(|cell| match cell.chars().next() {
            Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{cell}"),
            _ => cell.clone().into_owned(),
        });
        writer.write_record(safe).map_err(|error| failed(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}
