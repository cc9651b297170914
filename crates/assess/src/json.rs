use crate::text::{Detail, lines};
use crate::{AssessError, Assessment, Law, Service};
use gongdao_i18n::{Catalogue, Language};
use serde::Serialize;
use std::collections::BTreeMap;

/// JSON form, version 1 (docs/formats/service.md).
#[derive(Serialize)]
struct Machine<'a> {
    format: u8,
    #[serde(flatten)]
    assessment: &'a Assessment,
    /// The same in words, a line each, by language.
    text: BTreeMap<&'static str, Vec<String>>,
}

/// For programs.
pub fn json(
    assessment: &Assessment,
    service: &Service,
    law: &Law<'_>,
    catalogue: &Catalogue,
) -> Result<String, AssessError> {
    let mut text = BTreeMap::new();
    for language in Language::ALL {
        text.insert(language.code(), lines(assessment, service, law, catalogue.words(language), Detail::Short)?);
    }
    serde_json::to_string_pretty(&Machine { format: 1, assessment, text })
        .map_err(|error| AssessError::of_program(format!("cannot write JSON: {error}")))
}
