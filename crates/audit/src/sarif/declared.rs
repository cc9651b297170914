//! Declared rules in the log.

use super::place_of;
use crate::summary::{ColumnTest, DeclaredExample, DeclaredRow, RemovalFlag};
use serde_json::{Value, json};

/// `declared/ALGORITHM@FROM`: no rule of a pack is named so.
fn id(row: &DeclaredRow) -> String {
    format!("declared/{}", row.key())
}

pub(super) fn described(row: &DeclaredRow) -> Value {
    json!({
        "id": id(row),
        "shortDescription": { "text": format!("The declared rule reproduces the outcome: {}", row.title.en) },
        "fullDescription": { "text": format!("{} / {}", row.title.zh, row.title.en) },
        "properties": {
            "provisions": row.provisions,
            "recomputed": row.rows.recomputed,
            "reproduced": row.rows.reproduced,
            "notRecomputed": row.rows.not_recomputed(),
        },
    })
}

/// A result where decisions differ, and one where some could not be recomputed.
pub(super) fn results(number: usize, row: &DeclaredRow) -> Vec<Value> {
    let mut results = Vec::new();
    let differ = row.rows.recomputed - row.rows.reproduced;
    if differ > 0 {
        let text = format!(
            "the declared rule does not reproduce {differ} of {} recomputed decisions{}",
            row.rows.recomputed,
            causes(row)
        );
        results.push(result(number, row, "fail", "warning", &text));
    }
    let open = row.rows.not_recomputed();
    if open > 0 {
        let missing: Vec<String> =
            row.rows.missing.iter().map(|(factor, count)| format!("`{factor}` ({count})")).collect();
        let why = if missing.is_empty() { String::new() } else { format!("; missing: {}", missing.join(", ")) };
        let text = format!("{open} decisions cannot be recomputed by the declared rule{why}");
        results.push(result(number, row, "open", "none", &text));
    }
    results
}

fn causes(row: &DeclaredRow) -> String {
    let named = |columns: Vec<&ColumnTest>| {
        columns.into_iter().map(|column| format!("`{}`", column.column)).collect::<Vec<_>>().join(", ")
    };
    let standing = |declared: bool| {
        named(row.columns.iter().filter(|column| column.declared == declared && column.flag.stands_out()).collect())
    };
    let better: Vec<String> = row
        .removals
        .iter()
        .filter(|removal| removal.flag == RemovalFlag::BetterWithout)
        .map(|removal| format!("`{}`", removal.factor))
        .collect();
    let mut text = String::new();
    for (words, list) in [
        ("undeclared columns account for part of the rest: ", standing(false)),
        ("declared factors weigh otherwise: ", standing(true)),
        ("closer without: ", better.join(", ")),
    ] {
        if !list.is_empty() {
            text.push_str("; ");
            text.push_str(words);
            text.push_str(&list);
        }
    }
    text
}

fn result(number: usize, row: &DeclaredRow, kind: &str, level: &str, text: &str) -> Value {
    let place = |example: &DeclaredExample| Some(place_of(example.file.as_deref()?, example.row?));
    let places: Vec<Value> = if kind == "fail" { row.examples.iter().filter_map(place).collect() } else { Vec::new() };
    json!({
        "ruleId": id(row),
        "ruleIndex": number,
        "kind": kind,
        "level": level,
        "message": { "text": text },
        "locations": places,
        "partialFingerprints": { "version/v1": row.key() },
    })
}
