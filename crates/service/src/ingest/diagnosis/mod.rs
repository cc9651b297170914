//! Everything that is wrong with a record written as JSON, held against the vocabulary, with its place in the text. `gongdao
//! check` and the intake of the service say it in the same words.

mod json;
mod moment;
mod near;

use gongdao_i18n::{I18nError, Words};
use gongdao_model::{Entity, FactPath, FactType, FactValue, Instant, PlaceCode};
use gongdao_rules::Vocabulary;
use json::{Json, Member};
use moment::{Meant, meant};
use std::collections::BTreeSet;

pub use json::{Located, Malformed, MalformedKind, line_and_column, read};

const FIELDS: [&str; 9] = ["id", "at", "action", "place", "algorithm", "person", "principal", "resource", "context"];
const NEEDED: [&str; 3] = ["id", "at", "action"];
/// What is quoted of a wrong value.
const MOST_QUOTED: usize = 40;

/// One thing wrong, with its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Byte of the text.
    pub at: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Walks a record and collects what is wrong with it.
pub struct Diagnosis<'a> {
    text: &'a str,
    vocabulary: &'a Vocabulary,
    words: Words<'a>,
    found: Vec<Found>,
}

type Values<'a> = &'a [(&'a str, &'a str)];

impl<'a> Diagnosis<'a> {
    /// All faults, in the order of the text; none for a record that can be judged.
    pub fn of(
        text: &'a str,
        tree: &Located,
        vocabulary: &'a Vocabulary,
        words: Words<'a>,
    ) -> Result<Vec<Found>, I18nError> {
        let mut diagnosis = Self { text, vocabulary, words, found: Vec::new() };
        diagnosis.record(tree)?;
        diagnosis.found.sort_by_key(|found| found.at);
        Ok(diagnosis.found)
    }

    /// `check.fault.KEY` says it, `check.advice.ADVICE` says what to do.
    fn note(&mut self, at: usize, fault: (&str, Values<'_>), advice: (&str, Values<'_>)) -> Result<(), I18nError> {
        let message = self.words.say(&format!("check.fault.{}", fault.0), fault.1)?;
        let hint = self.words.say(&format!("check.advice.{}", advice.0), advice.1)?;
        self.found.push(Found { at, message, hint: Some(hint) });
        Ok(())
    }

    fn record(&mut self, tree: &Located) -> Result<(), I18nError> {
        let members = match &tree.value {
            Json::Object(members) => members,
            Json::List(records) => {
                let count = records.len().to_string();
                return self.note(tree.span.start, ("list", &[("count", &count)]), ("list", &[]));
            }
            _ => return self.note(tree.span.start, ("no_record", &[]), ("no_record", &[])),
        };
        self.twice(members)?;
        for member in members {
            self.field(member)?;
        }
        for name in NEEDED.into_iter().filter(|name| members.iter().all(|member| member.name != *name)) {
            self.note(tree.span.start, ("field_missing", &[("name", name)]), ("field_missing", &[]))?;
        }
        Ok(())
    }

    fn twice(&mut self, members: &[Member]) -> Result<(), I18nError> {
        let mut seen = BTreeSet::new();
        for member in members {
            if !seen.insert(&member.name) {
                self.note(member.at, ("twice", &[("name", &member.name)]), ("twice", &[]))?;
            }
        }
        Ok(())
    }

    fn field(&mut self, member: &Member) -> Result<(), I18nError> {
        match member.name.as_str() {
            "id" => self.identifier(member),
            "at" => self.moment(member),
            "action" => self.action(member),
            "place" => self.place(member),
            "algorithm" | "person" => self.name(member),
            "principal" => self.facts(member, Entity::Algorithm),
            "resource" => self.facts(member, Entity::Person),
            "context" => self.facts(member, Entity::Decision),
            _ => self.unknown_field(member),
        }
    }

    fn unknown_field(&mut self, member: &Member) -> Result<(), I18nError> {
        let bare = member.name.rsplit('.').next().unwrap_or_default();
        let facts = listed(near::facts(bare, self.vocabulary));
        let fields = near::words(&member.name, FIELDS.into_iter());
        let fault: (&str, Values<'_>) = ("field_unknown", &[("name", &member.name)]);
        if !fields.is_empty() {
            let fields = listed(fields);
            self.note(member.at, fault, ("meant", &[("names", &fields)]))
        } else if facts.is_empty() {
            let fields = listed(FIELDS);
            self.note(member.at, fault, ("field_unknown", &[("names", &fields)]))
        } else {
            self.note(member.at, fault, ("fact_outside", &[("names", &facts)]))
        }
    }

    /// The text of a field; notes any other kind of value.
    fn text_of<'b>(&mut self, member: &'b Member) -> Result<Option<&'b str>, I18nError> {
        if let Json::Text(text) = &member.value.value {
            return Ok(Some(text));
        }
        let value = self.quoted(&member.value);
        let fault: (&str, Values<'_>) = ("not_text", &[("name", &member.name), ("value", &value)]);
        self.note(member.value.span.start, fault, ("not_text", &[]))?;
        Ok(None)
    }

    fn identifier(&mut self, member: &Member) -> Result<(), I18nError> {
        let Some(text) = self.text_of(member)? else { return Ok(()) };
        if text.trim().is_empty() {
            return self.note(member.value.span.start, ("id_empty", &[]), ("id_empty", &[]));
        }
        Ok(())
    }

    fn name(&mut self, member: &Member) -> Result<(), I18nError> {
        // The model takes `null` for nobody.
        if matches!(member.value.value, Json::Null) { Ok(()) } else { self.text_of(member).map(drop) }
    }

    fn moment(&mut self, member: &Member) -> Result<(), I18nError> {
        let (Json::Text(text) | Json::Number(text)) = &member.value.value else {
            return self.text_of(member).map(drop);
        };
        let number = matches!(member.value.value, Json::Number(_));
        if !number && text.parse::<Instant>().is_ok() {
            return Ok(());
        }
        let at = member.value.span.start;
        let value = shortened(text);
        let fault: (&str, Values<'_>) = ("moment", &[("value", &value)]);
        let outside: (&str, Values<'_>) = ("moment_outside", &[("value", &value)]);
        match meant(text) {
            Meant::Count { unit, at: moment } => {
                let unit = self.words.say(&format!("check.since.{}", unit.key()), &[])?;
                self.note(at, fault, ("moment_count", &[("unit", &unit), ("moment", &moment.to_string())]))
            }
            Meant::SecondsAsMillis(moment) => {
                self.note(at, outside, ("moment_seconds", &[("moment", &moment.to_string())]))
            }
            Meant::OutsideYears => self.note(at, outside, ("moment_outside", &[])),
            Meant::NoOffset(moment) => self.note(at, fault, ("moment_offset", &[("moment", &moment)])),
            Meant::Nothing => self.note(at, fault, ("moment", &[])),
        }
    }

    fn action(&mut self, member: &Member) -> Result<(), I18nError> {
        let Some(text) = self.text_of(member)? else { return Ok(()) };
        let actions = &self.vocabulary.actions;
        if actions.contains_key(text) {
            return Ok(());
        }
        let language = self.words.language();
        let all: Vec<String> = actions
            .iter()
            .map(|(name, labels)| format!("`{name}` {}", language.choose(&labels.zh, &labels.en)))
            .collect();
        let all = all.join(language.choose("，", ", "));
        let near = listed(near::words(text, actions.keys().map(String::as_str)));
        let at = member.value.span.start;
        let value = shortened(text);
        let fault: (&str, Values<'_>) = ("action", &[("value", &value)]);
        if near.is_empty() {
            self.note(at, fault, ("action", &[("all", &all)]))
        } else {
            self.note(at, fault, ("action_meant", &[("names", &near), ("all", &all)]))
        }
    }

    fn place(&mut self, member: &Member) -> Result<(), I18nError> {
        let fits = match &member.value.value {
            Json::Null => true,
            Json::Text(text) => text.parse::<PlaceCode>().is_ok(),
            _ => false,
        };
        if fits {
            return Ok(());
        }
        let value = self.quoted(&member.value);
        self.note(member.value.span.start, ("place", &[("value", &value)]), ("place", &[]))
    }

    fn facts(&mut self, member: &Member, entity: Entity) -> Result<(), I18nError> {
        let Json::Object(members) = &member.value.value else {
            let value = self.quoted(&member.value);
            let fault: (&str, Values<'_>) = ("not_facts", &[("name", &member.name), ("value", &value)]);
            return self.note(member.value.span.start, fault, ("not_facts", &[]));
        };
        self.twice(members)?;
        for inner in members {
            if entity == Entity::Decision && inner.name == "parameters" {
                self.facts(inner, Entity::Parameter)?;
            } else {
                self.fact(inner, entity)?;
            }
        }
        Ok(())
    }

    fn fact(&mut self, member: &Member, entity: Entity) -> Result<(), I18nError> {
        let path = format!("{}{}", entity.prefix(), member.name);
        let declared = FactPath::new(entity, &member.name).ok().and_then(|path| self.vocabulary.facts.get(&path));
        let Some(declared) = declared else {
            let near = listed(near::facts(&member.name, self.vocabulary));
            let fault: (&str, Values<'_>) = ("fact", &[("path", &path)]);
            return if near.is_empty() {
                self.note(member.at, fault, ("fact", &[]))
            } else {
                self.note(member.at, fault, ("meant", &[("names", &near)]))
            };
        };
        let at = member.value.span.start;
        if matches!(member.value.value, Json::Null) {
            return self.note(at, ("null", &[("path", &path)]), ("null", &[]));
        }
        if fits(declared.fact_type, &member.value.value) {
            let slip = fact_value(&member.value.value).as_ref().and_then(|value| {
                let word = declared.unknown_word(value)?;
                Some((format!("`{word}`"), declared.listed_words()))
            });
            return match slip {
                Some((word, names)) => {
                    self.note(at, ("word", &[("path", &path), ("word", &word)]), ("meant_words", &[("names", &names)]))
                }
                None => Ok(()),
            };
        }
        let value = self.quoted(&member.value);
        let key = match declared.fact_type {
            FactType::Bool => "bool",
            FactType::Long => "long",
            FactType::Text => "text_fact",
            FactType::TextSet => "text_set",
        };
        let fault: (&str, Values<'_>) = (&format!("not_{key}"), &[("path", &path), ("value", &value)]);
        match declared.unit.as_deref().map(|unit| unit_in_words(self.words, unit)) {
            Some(unit) => self.note(at, fault, ("long_in", &[("unit", &unit)])),
            None => self.note(at, fault, (key.trim_end_matches("_fact"), &[])),
        }
    }

    /// The value as it stands in the text, shortened.
    fn quoted(&self, value: &Located) -> String {
        shortened(self.text.get(value.span.clone()).unwrap_or_default())
    }
}

fn shortened(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MOST_QUOTED {
        return line;
    }
    line.chars().take(MOST_QUOTED).chain(['…']).collect()
}

/// The unit's word where the catalogue has one, else the unit as the vocabulary writes it.
pub fn unit_in_words(words: Words<'_>, unit: &str) -> String {
    let key = format!("unit.{}", unit.replace(' ', "-"));
    words.say(&key, &[]).unwrap_or_else(|_| unit.to_owned())
}

/// A text or a list of texts as a fact's value.
fn fact_value(value: &Json) -> Option<FactValue> {
    match value {
        Json::Text(word) => Some(FactValue::Text(word.clone())),
        Json::List(values) => {
            let words = values.iter().map(|one| match &one.value {
                Json::Text(word) => Some(word.clone()),
                _ => None,
            });
            words.collect::<Option<_>>().map(FactValue::TextSet)
        }
        _ => None,
    }
}

fn fits(wanted: FactType, value: &Json) -> bool {
    match (wanted, value) {
        (FactType::Bool, Json::Bool) | (FactType::Text, Json::Text(_)) => true,
        // JSON readers take `-0` for a fraction.
        (FactType::Long, Json::Number(digits)) => digits != "-0" && digits.parse::<i64>().is_ok(),
        (FactType::TextSet, Json::List(values)) => values.iter().all(|one| matches!(one.value, Json::Text(_))),
        _ => false,
    }
}

fn listed<T: std::fmt::Display>(names: impl IntoIterator<Item = T>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
