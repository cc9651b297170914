use crate::placeholder::{Piece, names, pieces};
use crate::{I18nError, Language};
use std::collections::{BTreeMap, BTreeSet};

const ZH: &str = include_str!("../../../translations/zh.toml");
const EN: &str = include_str!("../../../translations/en.toml");

type Texts = BTreeMap<String, String>;

/// All texts in both languages.
///
/// INVARIANT: both languages have the same keys, and a key's texts need the same placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    zh: Texts,
    en: Texts,
}

impl Catalogue {
    /// The catalogue that the program ships.
    pub fn embedded() -> Result<Self, I18nError> {
        Self::read(ZH, EN)
    }

    /// Reads two TOML texts of nested tables of strings; a table's name and a key join with a full stop.
    pub fn read(zh: &str, en: &str) -> Result<Self, I18nError> {
        let catalogue = Self { zh: texts(zh, Language::Zh)?, en: texts(en, Language::En)? };
        catalogue.check()?;
        Ok(catalogue)
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.zh.keys().map(String::as_str)
    }

    /// The catalogue seen from one language.
    pub fn words(&self, language: Language) -> Words<'_> {
        Words { catalogue: self, language }
    }

    fn texts(&self, language: Language) -> &Texts {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }

    fn check(&self) -> Result<(), I18nError> {
        for (one, other) in [(Language::Zh, Language::En), (Language::En, Language::Zh)] {
            if let Some(key) = self.texts(one).keys().find(|key| !self.texts(other).contains_key(*key)) {
                return Err(I18nError::new(
                    format!("`{key}` has no text in `{other}`"),
                    format!("add it to translations/{other}.toml"),
                ));
            }
        }
        for (key, zh) in &self.zh {
            let en = self.en.get(key).map_or("", String::as_str);
            let (zh, en) = (needs(key, zh)?, needs(key, en)?);
            if zh != en {
                return Err(I18nError::new(
                    format!("`{key}` needs {} in zh and {} in en", listed(&zh), listed(&en)),
                    "use the same placeholders in both languages",
                ));
            }
        }
        Ok(())
    }
}

/// The texts of one language.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    catalogue: &'a Catalogue,
    language: Language,
}

impl Words<'_> {
    /// The language of these texts.
    pub fn language(self) -> Language {
        self.language
    }

    /// The text of `key` with its placeholders filled.
    ///
    /// Errors: no such key; a placeholder without a value; a value that the text has no placeholder for.
    pub fn say(self, key: &str, values: &[(&str, &str)]) -> Result<String, I18nError> {
        let text = self.catalogue.texts(self.language).get(key).ok_or_else(|| {
            I18nError::new(format!("no text has the key `{key}`"), "add it to both files under translations/")
        })?;
        fill(key, text, values)
    }
}

fn fill(key: &str, text: &str, values: &[(&str, &str)]) -> Result<String, I18nError> {
    let mut filled = String::with_capacity(text.len());
    let mut used = BTreeSet::new();
    for piece in pieces(text).map_err(|fault| malformed(key, &fault))? {
        match piece {
            Piece::Plain(plain) => filled.push_str(plain),
            Piece::Brace(brace) => filled.push(brace),
            Piece::Name(name) => {
                let value = values.iter().find(|(given, _)| *given == name).map(|(_, value)| *value);
                filled.push_str(value.ok_or_else(|| {
                    I18nError::new(format!("`{key}` needs a value for `{name}`"), "give every placeholder a value")
                })?);
                used.insert(name);
            }
        }
    }
    match values.iter().find(|(given, _)| !used.contains(given)) {
        Some((unused, _)) => Err(I18nError::new(
            format!("`{key}` has no placeholder `{unused}`"),
            "remove the value, or use it in both languages",
        )),
        None => Ok(filled),
    }
}

fn texts(source: &str, language: Language) -> Result<Texts, I18nError> {
    let table: toml::Table = source.parse().map_err(|fault: toml::de::Error| {
        I18nError::new(format!("translations/{language}.toml: {}", fault.message()), "correct the file's TOML")
    })?;
    let mut flat = Texts::new();
    flatten("", table, &mut flat)?;
    Ok(flat)
}

fn flatten(prefix: &str, table: toml::Table, flat: &mut Texts) -> Result<(), I18nError> {
    for (name, value) in table {
        let key = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::String(text) if !text.trim().is_empty() => {
                flat.insert(key, text);
            }
            toml::Value::Table(inner) => flatten(&key, inner, flat)?,
            _ => return Err(I18nError::new(format!("`{key}` is not a text"), "write a non-empty string")),
        }
    }
    Ok(())
}

fn needs<'a>(key: &str, text: &'a str) -> Result<BTreeSet<&'a str>, I18nError> {
    names(text).map_err(|fault| malformed(key, &fault))
}

fn malformed(key: &str, fault: &str) -> I18nError {
    I18nError::new(format!("`{key}`: {fault}"), "write placeholders like `{name}` and braces like `{{`")
}

fn listed(names: &BTreeSet<&str>) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
