//! Words of packs and answers as people read them.

use crate::{Book, Event, EventKind, Force, LawError};
use gongdao_i18n::{Language, Words};
use gongdao_model::PlaceCode;
use serde::Deserialize;
use std::collections::BTreeMap;

const TABLE: &str = include_str!("../data/words.toml");

/// Chinese for the English words of packs (`data/words.toml`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackWords {
    party: BTreeMap<String, String>,
    level: BTreeMap<String, String>,
    issuer: BTreeMap<String, String>,
    place: PlaceNames,
}

/// What places are called, as far as the table has them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceNames {
    zh: BTreeMap<String, String>,
    en: BTreeMap<String, String>,
}

impl PlaceNames {
    /// Errors: the program's table cannot be read, which a test excludes.
    pub fn embedded() -> Result<Self, LawError> {
        PackWords::embedded().map(|words| words.place)
    }

    /// What a place is called; its code where no name is known.
    pub fn name(&self, language: Language, place: PlaceCode) -> String {
        let table = match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        };
        table.get(place.as_str()).cloned().unwrap_or_else(|| place.to_string())
    }
}

impl PackWords {
    pub(crate) fn embedded() -> Result<Self, LawError> {
        toml::from_str(TABLE).map_err(|error: toml::de::Error| {
            LawError::new(format!("words.toml: {}", error.message()), "compare the entry with those around it")
        })
    }

    pub(crate) fn party<'a>(&'a self, language: Language, word: &'a str) -> &'a str {
        chosen(&self.party, language, word)
    }

    pub(crate) fn level<'a>(&'a self, language: Language, word: &'a str) -> &'a str {
        chosen(&self.level, language, word)
    }

    pub(crate) fn issuers(&self, language: Language, issuers: &[String]) -> String {
        let named: Vec<&str> = issuers.iter().map(|word| chosen(&self.issuer, language, word)).collect();
        named.join(language.choose("、", ", "))
    }

    pub(crate) fn place(&self, language: Language, place: PlaceCode) -> String {
        self.place.name(language, place)
    }

    /// The words of packs that have no Chinese yet, by table.
    #[cfg(test)]
    pub(crate) fn untranslated(&self, book: &Book) -> Vec<String> {
        let mut missing = std::collections::BTreeSet::new();
        for pack in &book.packs().instruments {
            let parties =
                pack.provisions.iter().flat_map(|provision| [&provision.owed_by, &provision.owed_to]).flatten();
            missing.extend(parties.filter(|word| !self.party.contains_key(*word)).map(|word| format!("party {word}")));
            let issuers = pack.instrument.issuers.iter().filter(|word| !self.issuer.contains_key(*word));
            missing.extend(issuers.map(|word| format!("issuer {word}")));
            let level = &pack.instrument.level;
            missing.extend((!self.level.contains_key(level)).then(|| format!("level {level}")));
            let place = pack.instrument.place.to_string();
            missing.extend((!self.place.zh.contains_key(&place)).then(|| format!("place {place}")));
        }
        missing.into_iter().collect()
    }
}

fn chosen<'a>(table: &'a BTreeMap<String, String>, language: Language, word: &'a str) -> &'a str {
    match language {
        Language::Zh => table.get(word).map_or(word, String::as_str),
        Language::En => word,
    }
}

/// Whether it is in force on a day, and why, as a sentence.
pub(crate) fn force(words: Words<'_>, force: Force, binding: bool) -> Result<String, LawError> {
    let key = format!("law.force.{}{}", force.key(), if binding || force == Force::Draft { "" } else { "-soft" });
    let days: Vec<(&str, String)> = match force {
        Force::NotYet { from } | Force::InForce { from, until: None } => vec![("from", from.to_string())],
        Force::InForce { from, until: Some(until) } => vec![("from", from.to_string()), ("until", until.to_string())],
        Force::Ended { until } => vec![("until", until.to_string())],
        Force::Draft => Vec::new(),
    };
    let values: Vec<(&str, &str)> = days.iter().map(|(name, day)| (*name, day.as_str())).collect();
    Ok(words.say(&key, &values)?)
}

/// When a duty is due: `10 working days` is 十个工作日内, `at least 3 years` 至少三年.
pub(crate) fn due(words: Words<'_>, due: &str) -> Result<String, LawError> {
    let (kind, length) = due.strip_prefix("at least ").map_or(("", due), |length| ("at-least-", length));
    match length.split_once(' ') {
        Some((number, unit)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            let key = format!("law.due.{kind}{}", unit.replace(' ', "-"));
            Ok(words.say(&key, &[("number", number)])?)
        }
        _ => Ok(words.say(&format!("law.due.{due}"), &[])?),
    }
}

/// A unit as people write it; one that the catalogue lacks stands as it is.
pub(crate) fn unit(words: Words<'_>, unit: &str) -> String {
    words.say(&format!("unit.{unit}"), &[]).unwrap_or_else(|_| unit.to_owned())
}

/// What an event is, without its instrument.
pub(crate) fn event(words: Words<'_>, book: &Book, event: &Event) -> Result<String, LawError> {
    let soft = book.packs().instrument(&event.instrument).is_some_and(|instrument| !instrument.binding);
    let soft = soft && event.kind == EventKind::InForce;
    Ok(words.say(&format!("law.event.{}{}", event.kind.key(), if soft { "-soft" } else { "" }), &[])?)
}

#[cfg(test)]
mod tests {
    use super::{PackWords, due};
    use crate::{Book, Texts};
    use gongdao_i18n::{Catalogue, Language};
    use gongdao_pack::Packs;
    use std::path::Path;

    fn law() -> Book {
        let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
        Book::new(Packs::read(&packs).unwrap(), Texts::none()).unwrap()
    }

    #[test]
    fn every_word_of_the_packs_has_chinese() {
        assert_eq!(
            PackWords::embedded().unwrap().untranslated(&law()),
            Vec::<String>::new(),
            "add them to data/words.toml"
        );
    }

    #[test]
    fn every_due_date_kind_and_reason_of_the_packs_can_be_said() {
        let catalogue = Catalogue::embedded().unwrap();
        for words in Language::ALL.map(|language| catalogue.words(language)) {
            for pack in &law().packs().instruments {
                pack.duties.iter().for_each(|duty| assert!(due(words, &duty.due).is_ok(), "{}", duty.due));
                let kinds = pack.provisions.iter().map(|provision| format!("law.kind.{}", provision.kind));
                let reasons = pack.no_rules.iter().map(|no_rule| format!("law.reason.{}", no_rule.reason));
                kinds.chain(reasons).for_each(|key| assert!(words.say(&key, &[]).is_ok(), "{key}"));
            }
        }
    }
}
