//! `findings.sarif`: SARIF 2.1.0 (OASIS standard, 27 March 2020), so that findings show in the tools engineers use.
//!
//! One rule a rule version; one result a violated decision, up to a bound that the run's properties state; one result of
//! kind `open` for a rule that could not be judged somewhere. A line is the file's line of a CSV row without line breaks
//! in its cells: row 1 stands on line 2. An algorithm version whose declared rule was re-run is a rule too, with one result where
//! decisions differ from it and one of kind `open` where some could not be recomputed.

mod declared;

use crate::run::{Location, MOST_LOCATIONS, Tally};
use crate::summary::{RuleSummary, Summary};
use gongdao_model::{Outcome, Standing};
use gongdao_rules::RuleSet;
use serde_json::{Value, json};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The log as JSON text.
pub(crate) fn render(summary: &Summary, tally: &Tally, rules: &RuleSet) -> Result<String, serde_json::Error> {
    let mut results = Vec::new();
    for (index, own) in &tally.rules {
        let key = rules.versions.get(*index).map(|version| &version.key);
        let Some((number, rule)) = summary.rules.iter().enumerate().find(|(_, rule)| Some(&rule.key) == key) else {
            continue;
        };
        for location in &own.violated {
            results.push(violated(number, rule, location));
        }
        if rule.count(Outcome::Undetermined) > 0 {
            results.push(open(number, rule, own.undetermined.first()));
        }
    }
    let described = summary.rules.iter().map(described).chain(summary.declared.iter().map(declared::described));
    for (place, row) in summary.declared.iter().enumerate() {
        results.extend(declared::results(summary.rules.len() + place, row));
    }
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "gongdao",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": described.collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "artifacts": summary.run.files.iter().map(|file| json!({
                "location": { "uri": uri(&file.file) },
                "length": file.bytes,
                "hashes": { "sha-256": file.digest.trim_start_matches("sha256:") },
            })).collect::<Vec<_>>(),
            "results": results,
            "properties": {
                "adapter": summary.source.adapter,
                "illustration": summary.source.illustration,
                "decisions": summary.counts.decisions,
                "mostResultsPerRule": MOST_LOCATIONS,
                "packsDigest": summary.run.packs_digest,
                "adapterDigest": summary.run.adapter_digest,
            },
        }],
    });
    let mut text = serde_json::to_string_pretty(&log)?;
    text.push('\n');
    Ok(text)
}

fn described(rule: &RuleSummary) -> Value {
    json!({
        "id": rule.key.to_string(),
        "shortDescription": { "text": rule.text.en },
        "fullDescription": { "text": format!("{} / {}", rule.text.zh, rule.text.en) },
        "properties": {
            "provision": rule.provision,
            "violated": rule.count(Outcome::Violated),
            "undetermined": rule.count(Outcome::Undetermined),
            "provisional": rule.standing.is_provisional(),
        },
    })
}

fn violated(number: usize, rule: &RuleSummary, location: &Location) -> Value {
    // What law nobody checked, or only one reading says, is not an error in anybody's program.
    let (level, remark) = match (rule.standing, location.disputed) {
        (Standing::Verified, false) => ("error", ""),
        (Standing::Verified, true) => ("warning", " (disputed: other readings of the text exist)"),
        (Standing::Unverified | Standing::Draft, _) => ("note", " (provisional)"),
    };
    let text = format!("decision `{}` violates {}{remark}: {}", location.decision, rule.provision, rule.text.en);
    json!({
        "ruleId": rule.key.to_string(),
        "ruleIndex": number,
        "kind": "fail",
        "level": level,
        "message": { "text": text },
        "locations": [place(location)],
        "partialFingerprints": { "decision/v1": location.decision },
        "properties": { "decision": location.decision, "at": location.at },
    })
}

fn open(number: usize, rule: &RuleSummary, location: Option<&Location>) -> Value {
    let missing: Vec<String> = rule.missing.iter().map(|fact| format!("`{}` ({})", fact.fact, fact.count)).collect();
    let why =
        if missing.is_empty() { "the evaluator erred".to_owned() } else { format!("missing: {}", missing.join(", ")) };
    let text = format!("{} decisions cannot be judged: {why}", rule.count(Outcome::Undetermined));
    json!({
        "ruleId": rule.key.to_string(),
        "ruleIndex": number,
        "kind": "open",
        "level": "none",
        "message": { "text": text },
        "locations": location.map(place).into_iter().collect::<Vec<_>>(),
    })
}

fn place(location: &Location) -> Value {
    place_of(&location.file, location.row)
}

fn place_of(file: &str, row: u64) -> Value {
    let is_csv = crate::adapter::has_extension(file, "csv");
    let mut physical = json!({ "artifactLocation": { "uri": uri(file) } });
    if is_csv && let Some(physical) = physical.as_object_mut() {
        physical.insert("region".to_owned(), json!({ "startLine": row + 1 }));
    }
    json!({
        "physicalLocation": physical,
        "logicalLocations": [{ "name": format!("row {row}"), "kind": "element" }],
    })
}

/// A file name as a relative URI (RFC 3986, section 2.3: everything but unreserved characters and `/` is escaped).
fn uri(file: &str) -> String {
    use std::fmt::Write as _;
    let mut uri = String::with_capacity(file.len());
    for byte in file.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
