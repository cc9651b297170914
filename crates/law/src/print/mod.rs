//! Answers as text for people, in one language.

mod differences;
mod lists;
mod sheets;

use crate::LawError;
use crate::wording::PackWords;
use gongdao_i18n::{Language, Words};
use gongdao_model::Standing;

/// Writes answers in one language. Every text ends without a line end.
#[derive(Debug, Clone)]
pub struct Print<'a> {
    words: Words<'a>,
    pack_words: PackWords,
}

impl<'a> Print<'a> {
    /// In the language of `words`.
    pub fn new(words: Words<'a>) -> Result<Self, LawError> {
        Ok(Self { words, pack_words: PackWords::embedded()? })
    }

    /// The words that it speaks in.
    pub fn words(&self) -> Words<'a> {
        self.words
    }

    fn language(&self) -> Language {
        self.words.language()
    }

    fn say(&self, key: &str, values: &[(&str, &str)]) -> Result<String, LawError> {
        Ok(self.words.say(&format!("law.{key}"), values)?)
    }

    fn pick<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        self.language().choose(zh, en)
    }

    fn status(&self, status: Standing) -> Result<String, LawError> {
        self.say(&format!("status.{}", status.as_str()), &[])
    }
}
