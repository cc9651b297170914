//! What was found, for programs (JSON, SARIF) and for people (both languages).

mod machine;
mod people;
mod sarif;

pub use machine::{
    CredentialsReport, DisagreementReport, FindingReport, LabelReport, Members, PlaceReport, Report, SecurityReport,
    report,
};
pub use people::{decision_text, reading_text, records_text};
pub use sarif::sarif;
