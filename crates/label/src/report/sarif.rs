//! SARIF 2.1.0 (OASIS standard) of a scan: one rule a kind of finding, one result a finding. A file without a label has no
//! result: absence is not a breach.

use super::machine::{FindingReport, PlaceReport};
use crate::LabelError;
use crate::model::{FindingKind, Level};
use crate::scan::{Outcome, Scan};
use crate::{ErrorKind, i18n_fault};
use gongdao_i18n::{Catalogue, Language};
use serde_json::{Value, json};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The log as JSON text.
pub fn sarif(scan: &Scan, catalogue: &Catalogue) -> Result<String, LabelError> {
    let mut rules = Vec::new();
    for kind in FindingKind::ALL {
        let text = |language: Language| {
            let words = catalogue.words(language);
            words.say(&format!("label.finding.{}", kind.code()), &[("value", "…")]).map_err(i18n_fault)
        };
        let level = if kind.level() == Level::Error { "error" } else { "note" };
        rules.push(json!({
            "id": kind.code(),
            "shortDescription": { "text": text(Language::En)? },
            "fullDescription": { "text": format!("{} / {}", text(Language::Zh)?, text(Language::En)?) },
            "defaultConfiguration": { "level": level },
        }));
    }
    let words = catalogue.words(Language::En);
    let mut results = Vec::new();
    for entry in &scan.entries {
        match &entry.outcome {
            Outcome::Read { report } => {
                let of_file = report.findings.iter().map(|finding| (finding, None));
                let of_label = report
                    .labels
                    .iter()
                    .flat_map(|label| label.findings.iter().map(move |finding| (finding, Some(&label.place))));
                for (finding, place) in of_file.chain(of_label) {
                    let text = words
                        .say(&format!("label.finding.{}", finding.kind), &[("value", &finding.value)])
                        .map_err(i18n_fault)?;
                    results.push(result(&entry.path, finding, place, &text));
                }
                results.extend(report.unread.iter().map(|what| open(&entry.path, what)));
            }
            Outcome::Failed { message, .. } => results.push(open(&entry.path, message)),
            Outcome::Unsupported { .. } => {}
        }
    }
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "gongdao",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log)
        .map(|text| text + "\n")
        .map_err(|error| LabelError::new(ErrorKind::Program, error.to_string(), ""))
}

fn result(path: &str, finding: &FindingReport, place: Option<&PlaceReport>, text: &str) -> Value {
    let key = finding.key.as_deref().map(|key| format!("{key}: ")).unwrap_or_default();
    let level = if finding.level == "error" { "error" } else { "note" };
    json!({
        "ruleId": finding.kind,
        "kind": "fail",
        "level": level,
        "message": { "text": format!("{key}{text}") },
        "locations": [location(path, place)],
    })
}

fn open(path: &str, what: &str) -> Value {
    json!({
        "ruleId": FindingKind::Unreadable.code(),
        "kind": "open",
        "level": "none",
        "message": { "text": what },
        "locations": [location(path, None)],
    })
}

fn location(path: &str, place: Option<&PlaceReport>) -> Value {
    let mut physical = serde_json::Map::new();
    physical.insert("artifactLocation".to_owned(), json!({ "uri": uri(path) }));
    if let Some(place) = place {
        physical.insert("region".to_owned(), json!({ "byteOffset": place.offset, "byteLength": place.length }));
    }
    json!({ "physicalLocation": physical })
}

/// A path as a relative URI (RFC 3986, section 2.3: everything but unreserved characters and `/` is escaped).
fn uri(path: &str) -> String {
    let escape = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    path.bytes().map(escape).collect()
}
