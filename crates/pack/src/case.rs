use crate::SourceText;
use crate::reader::Reader;
use gongdao_model::{Entity, FactPath, FactValue, Facts, Instant, PlaceCode, ReadingId, RuleId};
use serde::Deserialize;
use std::collections::BTreeSet;
use toml::Spanned;

/// A file of cases (`*.cases.toml`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFile {
    /// The file.
    pub source: SourceText,
    /// Its groups, one a rule (and reading).
    pub groups: Vec<CaseGroup>,
}

/// The cases of one rule (and reading).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseGroup {
    /// The rule.
    pub rule: RuleId,
    /// The reading, if the rule has readings.
    pub reading: Option<ReadingId>,
    /// Line of the rule's identifier.
    pub line: usize,
    /// The cases, defaults of the group already applied.
    pub cases: Vec<RuleCase>,
}

/// One case: facts, and what the rule must say of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCase {
    /// A sentence.
    pub name: String,
    /// Line of the name.
    pub line: usize,
    /// The action.
    pub action: String,
    /// When.
    pub at: Instant,
    /// Where.
    pub place: Option<PlaceCode>,
    /// What is known.
    pub facts: Facts,
    /// The expected outcome, or `not-in-force`.
    pub expect: String,
    /// The fact that must be named as missing.
    pub missing: Option<FactPath>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCases {
    #[serde(default)]
    rule: Vec<RawGroup>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGroup {
    id: Spanned<String>,
    reading: Option<Spanned<String>>,
    action: Spanned<String>,
    at: Spanned<String>,
    place: Option<Spanned<String>>,
    #[serde(default)]
    given: Option<Spanned<toml::Table>>,
    #[serde(default)]
    case: Vec<RawCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    name: Spanned<String>,
    action: Option<Spanned<String>>,
    at: Option<Spanned<String>>,
    place: Option<Spanned<String>>,
    #[serde(default)]
    set: Option<Spanned<toml::Table>>,
    #[serde(default)]
    unset: Vec<Spanned<String>>,
    expect: Spanned<String>,
    missing: Option<Spanned<String>>,
}

pub(crate) fn read(source: SourceText, reader: &mut Reader) -> CaseFile {
    let raw: Option<RawCases> = reader.parse(&source);
    let groups = raw.map(|raw| raw.rule).unwrap_or_default();
    let groups = groups.into_iter().filter_map(|group| read_group(&group, &source, reader)).collect();
    CaseFile { source, groups }
}

fn read_group(raw: &RawGroup, source: &SourceText, reader: &mut Reader) -> Option<CaseGroup> {
    let rule = reader.value(source, &raw.id)?;
    let reading = match &raw.reading {
        Some(text) => Some(reader.value(source, text)?),
        None => None,
    };
    let given = facts(raw.given.as_ref(), source, reader);
    if raw.case.is_empty() {
        reader.error(
            source,
            raw.id.span().start,
            format!("rule `{rule}` has no case here"),
            "add `[[rule.case]]` below it",
        );
    }
    let cases = raw.case.iter().filter_map(|case| read_case(case, raw, &given, source, reader)).collect();
    Some(CaseGroup { rule, reading, line: reader.line(source, raw.id.span().start), cases })
}

const EXPECTATIONS: [&str; 7] =
    ["satisfied", "violated", "not-applicable", "undetermined", "not-in-force", "established", "not-established"];

fn read_case(
    raw: &RawCase,
    group: &RawGroup,
    given: &Facts,
    source: &SourceText,
    reader: &mut Reader,
) -> Option<RuleCase> {
    let mut known = given.clone();
    for (path, value) in facts(raw.set.as_ref(), source, reader).iter() {
        known.insert(path.clone(), value.clone());
    }
    for text in &raw.unset {
        let path: FactPath = reader.value(source, text)?;
        if known.remove(&path).is_none() {
            let message = format!("`{path}` is unset but was not given");
            reader.error(source, text.span().start, message, "take the line out, or give the fact above");
        }
    }
    if !EXPECTATIONS.contains(&raw.expect.get_ref().as_str()) {
        let message = format!("`{}` is not an expectation", raw.expect.get_ref());
        reader.error(source, raw.expect.span().start, message, format!("use one of {}", EXPECTATIONS.join(", ")));
        return None;
    }
    let missing = match &raw.missing {
        Some(text) => Some(reader.value(source, text)?),
        None => None,
    };
    let place = match raw.place.as_ref().or(group.place.as_ref()) {
        Some(text) => Some(reader.value(source, text)?),
        None => None,
    };
    Some(RuleCase {
        name: raw.name.get_ref().clone(),
        line: reader.line(source, raw.name.span().start),
        action: raw.action.as_ref().unwrap_or(&group.action).get_ref().clone(),
        at: reader.value(source, raw.at.as_ref().unwrap_or(&group.at))?,
        place,
        facts: known,
        expect: raw.expect.get_ref().clone(),
        missing,
    })
}

fn facts(table: Option<&Spanned<toml::Table>>, source: &SourceText, reader: &mut Reader) -> Facts {
    let mut facts = Facts::new();
    let Some(table) = table else { return facts };
    for (entity, values) in table.get_ref() {
        let entity_known = match entity.as_str() {
            "principal" => Entity::Algorithm,
            "resource" => Entity::Person,
            "context" => Entity::Decision,
            _ => {
                let message = format!("`{entity}` is neither `principal` nor `resource` nor `context`");
                reader.error(source, table.span().start, message, "write facts like `resource.profilingOff = true`");
                continue;
            }
        };
        let Some(values) = values.as_table() else {
            let message = format!("`{entity}` has no attribute");
            reader.error(source, table.span().start, message, "write facts like `resource.profilingOff = true`");
            continue;
        };
        for (name, value) in values {
            match (name.as_str(), value.as_table()) {
                ("parameters", Some(parameters)) if entity_known == Entity::Decision => {
                    for (name, value) in parameters {
                        learn(&mut facts, Entity::Parameter, name, value, table.span().start, source, reader);
                    }
                }
                _ => learn(&mut facts, entity_known, name, value, table.span().start, source, reader),
            }
        }
    }
    facts
}

fn learn(
    facts: &mut Facts,
    entity: Entity,
    name: &str,
    value: &toml::Value,
    offset: usize,
    source: &SourceText,
    reader: &mut Reader,
) {
    let path = match FactPath::new(entity, name) {
        Ok(path) => path,
        Err(error) => {
            reader.error(source, offset, error.message, error.hint.unwrap_or_default());
            return;
        }
    };
    match fact_value(value) {
        Some(value) => {
            facts.insert(path, value);
        }
        None => reader.error(
            source,
            offset,
            format!("`{path}` cannot be `{value}`"),
            "use true, false, a whole number, text, or a list of texts",
        ),
    }
}

fn fact_value(value: &toml::Value) -> Option<FactValue> {
    match value {
        toml::Value::Boolean(value) => Some(FactValue::Bool(*value)),
        toml::Value::Integer(value) => Some(FactValue::Long(*value)),
        toml::Value::String(value) => Some(FactValue::Text(value.clone())),
        toml::Value::Array(values) => {
            let words: Option<BTreeSet<String>> = values.iter().map(|word| word.as_str().map(str::to_owned)).collect();
            words.map(FactValue::TextSet)
        }
        _ => None,
    }
}
