//! The Algorithmic Transparency Recording Standard of the United Kingdom, version 3.0: attributes by their own names
//! (`template_table.md` of `co-cddo/algorithmic-transparency-recording-standard`).

use super::{Record, table};
use crate::RegisterError;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The version of the standard.
pub const ATRS_VERSION: &str = "3.0";

/// Attributes with what there is of them, in the order of the standard. What its fields ask for and nobody declared is empty.
fn attributes(record: &Record<'_>) -> Vec<(&'static str, &'static str, String)> {
    let (description, details) = (&record.algorithm.description, &record.algorithm.description.details);
    let texts = &description.texts;
    let version = record.shown_version();
    let day = |at: gongdao_model::Instant| at.date_in_shanghai().to_string();
    let phase = if record.is_over() {
        "Retired"
    } else if record.is_in_force() {
        "Production"
    } else {
        "Pre-deployment"
    };
    let places: Vec<&str> = description.places.iter().map(gongdao_model::PlaceCode::as_str).collect();
    let decisions = record.decisions.map(|count| format!("{count} decisions logged")).unwrap_or_default();
    let rows = [
        ("0.1", "id", record.algorithm.id.clone()),
        ("0.2", "standard_version", ATRS_VERSION.to_owned()),
        ("0.7", "tags", description.class.as_str().to_owned()),
        ("0.8", "date_of_completion", day(record.algorithm.registered_at)),
        ("0.9", "date_updated", day(record.changed_at())),
        ("0.11", "title", description.name.clone()),
        ("0.12", "organisation_name", description.provider.clone()),
        ("0.13", "phase", phase.to_owned()),
        ("0.14", "region", places.join(", ")),
        ("0.15", "one_sentence_description", record.summary().to_owned()),
        ("1.1", "name", description.name.clone()),
        ("1.2", "description", texts.purpose.clone()),
        ("1.3", "website_url", description.website.clone().or(record.url.map(str::to_owned)).unwrap_or_default()),
        ("1.4", "contact_email", description.contact.clone()),
        ("2.1.1", "organisation_or_department", description.provider.clone()),
        ("2.1.2", "team", details.team.clone()),
        ("2.1.3", "senior_responsible_owner", details.owner.clone()),
        ("2.1.4", "external_supplier_involvement", if details.supplier.is_empty() { "" } else { "Yes" }.to_owned()),
        ("2.1.4.1", "external_supplier", details.supplier.clone()),
        (
            "2.2.1",
            "detailed_description",
            [texts.principle.as_str(), texts.mechanism.as_str()].join("\n").trim().to_owned(),
        ),
        ("2.2.2", "scope", texts.scenario.clone()),
        ("2.2.3", "benefit", details.benefit.clone()),
        ("2.2.4", "previous_process", details.previous_process.clone()),
        ("2.2.5", "alternatives_considered", details.alternatives.clone()),
        ("2.3.1", "process_integration", texts.mechanism.clone()),
        ("2.3.3", "frequency_and_scale_of_usage", decisions),
        ("2.3.4", "human_decisions_and_review", details.human_review.clone()),
        ("2.3.5", "required_training", details.training.clone()),
        ("2.3.6", "appeals_and_review", details.appeals.clone()),
        ("2.4.1.1", "system_architecture", texts.principle.clone()),
        ("2.4.1.3", "maintenance", details.maintenance.clone()),
        ("2.4.2.1", "model_name", version.map(|version| version.id.clone()).unwrap_or_default()),
        ("2.4.2.2", "model_version", version.map(|version| version.digest.clone()).unwrap_or_default()),
        ("2.4.2.3", "model_task", texts.purpose.clone()),
        ("2.4.2.4", "model_input", record.factors()),
        ("2.4.3.3", "data_description", details.data.clone()),
        ("2.4.3.5", "sensitive_attributes", details.sensitive_data.clone()),
        ("2.5.1", "impact_assessment", details.impact_assessments.clone()),
        ("2.5.2", "risks_and_mitigations", details.risks.clone()),
    ];
    rows.into_iter().collect()
}

/// As JSON: a member an attribute.
pub fn atrs(record: &Record<'_>) -> Value {
    let members = attributes(record).into_iter().map(|(_, name, value)| (name.to_owned(), Value::String(value)));
    Value::Object(members.collect::<Map<_, _>>())
}

/// As a table: reference number, attribute, value.
pub fn atrs_csv(record: &Record<'_>) -> Result<String, RegisterError> {
    let header = ["reference number", "attribute", "value"].into_iter().map(Cow::Borrowed).collect();
    let row = |(number, name, value)| vec![Cow::Borrowed(number), Cow::Borrowed(name), Cow::Owned(value)];
    table(std::iter::once(header).chain(attributes(record).into_iter().map(row)))
}
