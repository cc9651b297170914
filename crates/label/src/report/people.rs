//! Lines for people.

use crate::credentials::{Credentials, Disagreement, Examined};
use crate::duty::{Decision, notice};
use crate::model::{Finding, Key, Level};
use crate::read::{Conformity, Reading, Site};
use crate::security::SignatureOutcome;
use crate::{LabelError, i18n_fault};
use gongdao_i18n::Words;
use gongdao_model::ProvisionId;

/// A reading in words; a manifest is not verified.
pub fn reading_text(reading: &Reading, words: Words<'_>) -> Result<String, LabelError> {
    records_text(reading, &Examined::NotVerified, words)
}

/// A file's label and its manifest in words.
pub fn records_text(reading: &Reading, examined: &Examined, words: Words<'_>) -> Result<String, LabelError> {
    let say = |key: &str, values: &[(&str, &str)]| words.say(key, values).map_err(i18n_fault);
    let conformity = reading.conformity();
    let mut lines = vec![say(&format!("label.conformity.{}", conformity.code()), &[])?];
    for site in &reading.sites {
        lines.push(String::new());
        lines.extend(site_lines(site, words)?);
    }
    for finding in &reading.findings {
        lines.push(finding_line(finding, words)?);
    }
    match (examined, reading.credentials) {
        (Examined::Found(found), _) => lines.extend(credentials_lines(found, words)?),
        (_, Some(offset)) => lines.push(say("label.says.credentials", &[("offset", &offset.to_string())])?),
        (_, None) => {}
    }
    for what in &reading.unread {
        lines.push(say("label.says.unread", &[("what", what)])?);
    }
    if matches!(conformity, Conformity::Absent | Conformity::CannotTell) {
        lines.push(say("label.says.absence", &[])?);
    }
    Ok(lines.join("\n"))
}

fn site_lines(site: &Site, words: Words<'_>) -> Result<Vec<String>, LabelError> {
    let say = |key: &str, values: &[(&str, &str)]| words.say(key, values).map_err(i18n_fault);
    let (offset, length) = (site.place.offset.to_string(), site.place.length.to_string());
    let values = [("field", site.place.field.as_str()), ("offset", &offset), ("length", &length)];
    let mut lines = vec![say("label.says.place", &values)?];
    match &site.label {
        Some(label) => {
            let own = Key::ALL.iter().filter_map(|key| Some((key.name(), label.value(*key)?)));
            let others = label.others.iter().map(|(key, value)| (key.as_str(), value.as_str()));
            lines.extend(own.chain(others).map(|(key, value)| format!("  {key}: {}", shortened(value))));
        }
        None => lines.push(format!("  {}", shortened(&site.text))),
    }
    if !site.dialects.is_empty() {
        let names: Vec<&str> = site.dialects.iter().map(|dialect| dialect.code()).collect();
        lines.push(say("label.says.dialect", &[("names", &names.join(", "))])?);
    }
    for checked in &site.security {
        if let SignatureOutcome::Fits { public_key, .. } = &checked.outcome {
            let key = shortened(public_key);
            lines.push(say("label.says.signature", &[("key", checked.key.name()), ("public_key", &key)])?);
        }
    }
    for finding in &site.findings {
        lines.push(finding_line(finding, words)?);
    }
    Ok(lines)
}

fn finding_line(finding: &Finding, words: Words<'_>) -> Result<String, LabelError> {
    let level = match finding.level() {
        Level::Error => "label.level.error",
        Level::Advice => "label.level.advice",
    };
    let level = words.say(level, &[]).map_err(i18n_fault)?;
    let value = shortened(&finding.value);
    let text =
        words.say(&format!("label.finding.{}", finding.kind.code()), &[("value", &value)]).map_err(i18n_fault)?;
    let key = finding.key.as_deref().map(|key| format!("{key}: ")).unwrap_or_default();
    Ok(format!("{level}: {key}{text}"))
}

/// A value on one line: control characters escaped, and no longer than a line is read.
fn shortened(value: &str) -> String {
    const LONGEST: usize = 100;
    let clean: String = value
        .chars()
        .take(LONGEST)
        .flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] })
        .collect();
    if value.chars().count() > LONGEST { format!("{clean}…") } else { clean }
}

/// A verified manifest, line by line.
fn credentials_lines(found: &Credentials, words: Words<'_>) -> Result<Vec<String>, LabelError> {
    let say = |key: &str, values: &[(&str, &str)]| words.say(key, values).map_err(i18n_fault);
    let unknown = words.say("label.c2pa.unknown", &[]).map_err(i18n_fault)?;
    let known = |text: &Option<String>| text.as_deref().map_or_else(|| unknown.clone(), shortened);
    let mut lines = vec![say(&format!("label.c2pa.{}", found.validity.code()), &[])?];
    if !found.failures.is_empty() {
        lines.push(say("label.c2pa.failures", &[("codes", &found.failures.join(", "))])?);
    }
    let (signer, generator, at) = (known(&found.signer), known(&found.generator), known(&found.signed_at));
    lines.push(say("label.c2pa.signer", &[("signer", &signer), ("generator", &generator), ("at", &at)])?);
    if !found.claimed.source_types.is_empty() {
        let types: Vec<String> = found.claimed.source_types.iter().map(|kind| shortened(kind)).collect();
        lines.push(say("label.c2pa.source_types", &[("types", &types.join(", "))])?);
    }
    for difference in &found.disagreements {
        let text = match difference {
            Disagreement::Value { key, in_label, in_manifest } => {
                let (label, manifest) = (shortened(in_label), shortened(in_manifest));
                let values = [("key", key.name()), ("label", label.as_str()), ("manifest", manifest.as_str())];
                say("label.c2pa.value", &values)?
            }
            other => say(&format!("label.c2pa.{}", other.code()), &[])?,
        };
        lines.push(say("label.c2pa.disagree", &[("what", &text)])?);
    }
    Ok(lines)
}

/// A decision in words.
pub fn decision_text(decision: &Decision, words: Words<'_>) -> Result<String, LabelError> {
    let say = |key: &str, values: &[(&str, &str)]| words.say(key, values).map_err(i18n_fault);
    let mut lines = vec![say(&format!("label.status.{}", decision.status.code()), &[])?];
    for reason in &decision.reasons {
        lines.push(format!("  {}", say(&format!("label.reason.{}", reason.code()), &[])?));
    }
    if let Some(notice) = notice(decision.status, words)? {
        lines.push(say("label.says.notice", &[("notice", &notice)])?);
    }
    if let Some(code) = decision.write_back {
        lines.push(say("label.says.write_back", &[("code", code.as_str())])?);
    }
    let provisions: Vec<&str> = decision.provisions.iter().map(ProvisionId::as_str).collect();
    lines.push(say("label.says.provision", &[("provisions", &provisions.join(", "))])?);
    Ok(lines.join("\n"))
}
