//! The words people read, in Chinese and English.
//!
//! In: the two catalogues under `translations/`, embedded at build time; keys with `{name}` placeholders. Out: a text
//! for a language and a key, filled in. Contains no formatting of numbers or dates, no law (packs carry their own
//! texts) and no choice of language: the caller says which.

mod catalogue;
mod error;
mod language;
mod placeholder;

pub use catalogue::{Catalogue, Words};
pub use error::I18nError;
pub use language::Language;

#[cfg(test)]
mod tests;
