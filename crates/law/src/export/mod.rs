//! The book in formats of others.

mod book_json;
mod oscal;

use crate::official::write_akn;
use crate::{Book, LawError};
pub use book_json::json;
use gongdao_model::InstrumentId;
use gongdao_pack::Instrument;
pub use oscal::oscal;

/// How an instrument is named in Akoma Ntoso (FRBR: work, expression, manifestation).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Code of the country (ISO 3166-1): `cn`.
    pub country: String,
    /// The instrument's name within its jurisdiction: `iisarmp`.
    pub slug: String,
    /// Day of promulgation, else the first day in force.
    pub date: String,
    /// First day in force.
    pub version: String,
    /// Who issued it, where the text itself does not say.
    pub issuer: String,
}

impl Identity {
    /// Of a pack's instrument.
    pub fn of(instrument: &Instrument) -> Self {
        let (country, slug) = instrument.id.as_str().split_once('.').unwrap_or(("cn", instrument.id.as_str()));
        Self {
            country: country.to_owned(),
            slug: slug.to_owned(),
            date: instrument.promulgated.unwrap_or(instrument.effective).to_string(),
            version: instrument.effective.to_string(),
            issuer: instrument.issuers.join(", "),
        }
    }
}

/// The imported official text of an instrument as Akoma Ntoso 1.0. Own words are not exported so: they are no act.
///
/// Errors: no such instrument; its text was not imported.
pub fn akn(book: &Book, id: &InstrumentId) -> Result<String, LawError> {
    let instrument = &book.pack(id)?.instrument;
    let imported = book.imported(instrument).ok_or_else(|| {
        let hint =
            "run `gongdao law import DIR --into FOLDER`, then name that folder with `--texts`; or take `--format json`";
        LawError::new(format!("the official text of `{id}` was not imported"), hint)
    })?;
    Ok(write_akn(&imported.text, &Identity::of(instrument)))
}

fn pretty<T: serde::Serialize>(value: &T) -> Result<String, LawError> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| text + "\n")
        .map_err(|error| LawError::new(format!("cannot write JSON: {error}"), "report it with the packs"))
}
