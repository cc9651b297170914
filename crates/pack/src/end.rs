//! When a rule version ends. Rules and the statute book both ask here.

use gongdao_model::{LegalDate, VersionKey};

/// First day of the version that follows, of the same rule and reading.
pub fn next_version<'a>(key: &VersionKey, all: impl IntoIterator<Item = &'a VersionKey>) -> Option<LegalDate> {
    let same = |other: &&VersionKey| other.rule == key.rule && other.reading == key.reading;
    all.into_iter().filter(same).map(|other| other.from).filter(|from| *from > key.from).min()
}

/// First day on which a version is no longer in force: the earliest of what it says itself (`@until`), the next version's
/// first day, and the end of its instrument.
pub fn version_end(
    said: Option<LegalDate>,
    next: Option<LegalDate>,
    instrument_end: Option<LegalDate>,
) -> Option<LegalDate> {
    [said, next, instrument_end].into_iter().flatten().min()
}
