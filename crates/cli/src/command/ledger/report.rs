use crate::command::output::Fault;
use gongdao_i18n::{I18nError, Words};
use serde_json::{Map, Value, json};

/// What a command found or did, for people and for programs.
pub(crate) struct Report {
    pub(crate) lines: Vec<String>,
    pub(crate) json: Map<String, Value>,
    /// Nothing was found that should not be.
    pub(crate) is_clean: bool,
}

impl Report {
    /// One sentence of the catalogue, `ledger.KEY`, and its values by name.
    pub(crate) fn of(words: Words<'_>, key: &str, values: &[(&str, String)]) -> Result<Self, Vec<Fault>> {
        Self::told(words, &format!("ledger.{key}"), values)
    }

    /// The same under any key.
    pub(crate) fn told(words: Words<'_>, key: &str, values: &[(&str, String)]) -> Result<Self, Vec<Fault>> {
        let borrowed: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let line = words.say(key, &borrowed).map_err(|error: I18nError| vec![error.into()])?;
        let fields = values.iter().map(|(name, value)| {
            // Counts are numbers to programs.
            let value = value.parse::<u64>().map_or_else(|_| json!(value), |number| json!(number));
            ((*name).to_owned(), value)
        });
        Ok(Self { lines: vec![line], json: fields.collect(), is_clean: true })
    }

    /// With one thing more for programs.
    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        self.json.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn and(mut self, line: String) -> Self {
        self.lines.push(line);
        self
    }
}

pub(crate) fn said(words: Words<'_>, key: &str, values: &[(&str, &str)]) -> Result<String, Vec<Fault>> {
    words.say(&format!("ledger.{key}"), values).map_err(|error: I18nError| vec![error.into()])
}
