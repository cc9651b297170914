//! The publication standard of the Dutch algorithm register, version 1.0: members by their own names and limits
//! (`schemas/config/v1_0.json` of `MinBZK/Algoritmeregister`). Its register is for Dutch authorities and in Dutch; the texts
//! here are in the language in which they were declared, and `lang` says so.

use super::{Record, cut};
use crate::Standing;
use serde_json::{Map, Value};

/// The version of the standard.
pub const DUTCH_VERSION: &str = "1.0";

/// Characters of a long text.
const LONG: usize = 2500;

/// As JSON. Members for which nothing was declared are left out.
pub fn dutch(record: &Record<'_>) -> Value {
    let (description, details) = (&record.algorithm.description, &record.algorithm.description.details);
    let texts = &description.texts;
    let month = |at: gongdao_model::Instant| cut(&at.date_in_shanghai().to_string(), 7);
    let status = if record.is_over() {
        "Buiten gebruik"
    } else if record.is_in_force() {
        "In gebruik"
    } else {
        "In ontwikkeling"
    };
    let withdrawn = |version: &crate::Version| version.hold().standing(record.now) == Standing::Withdrawn;
    let last =
        record.versions.iter().filter(|version| withdrawn(version)).filter_map(|version| version.hold().until).max();
    let end = record.is_over().then_some(last).flatten().map(month);
    let basis: Vec<&str> = details.legal_basis.iter().map(gongdao_model::ProvisionId::as_str).collect();
    let methods = [texts.mechanism.as_str(), texts.principle.as_str(), &record.factors()].join("\n");
    let texts = [
        ("name", cut(&description.name, 100)),
        ("description_short", cut(record.summary(), 350)),
        ("organization", cut(&description.provider, 100)),
        ("status", status.to_owned()),
        ("begin_date", record.first_day().map(month).unwrap_or_default()),
        ("end_date", end.unwrap_or_default()),
        ("contact_email", cut(&description.contact, 500)),
        ("website", description.website.clone().unwrap_or_default()),
        // People are decided about: never the lowest of the three.
        ("publication_category", "Impactvolle algoritmes".to_owned()),
        ("url", record.url.map(str::to_owned).unwrap_or_default()),
        ("goal", cut(&texts.purpose, LONG)),
        ("proportionality", cut(&details.alternatives, LONG)),
        ("human_intervention", cut(&details.human_review, LONG)),
        ("risks", cut(&details.risks, LONG)),
        ("lawful_basis", cut(&basis.join(", "), LONG)),
        ("impacttoetsen", cut(&details.impact_assessments, LONG)),
        ("source_data", cut(&details.data, LONG)),
        ("methods_and_models", cut(methods.trim(), 5000)),
        ("provider", cut(&details.supplier, 200)),
        ("lang", "zho".to_owned()),
        ("standard_version", DUTCH_VERSION.to_owned()),
        ("source_id", cut(&record.algorithm.id, 100)),
        ("tags", description.class.as_str().to_owned()),
    ];
    let told = texts.into_iter().filter(|(_, text)| !text.is_empty());
    let members: Map<String, Value> = told.map(|(name, text)| (name.to_owned(), Value::String(text))).collect();
    Value::Object(members)
}
