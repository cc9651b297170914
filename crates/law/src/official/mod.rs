//! Official texts as they are imported and exported: articles, paragraphs (款) and items (项).

mod akn_read;
mod akn_write;
mod front_matter;
mod markdown;
#[cfg(test)]
mod tests;

use crate::LawError;
pub(crate) use akn_write::{escaped, write as write_akn};

/// Larger files are refused unread: the Civil Code, the longest law, has less than half a megabyte.
pub(crate) const LARGEST_BYTES: usize = 8 * 1024 * 1024;

/// An official text. Runs of white space count as one space throughout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfficialText {
    /// Its metadata, in the file's order: `title_zh`, `issuer`, `promulgated`, `found_at`, …
    pub front_matter: Vec<(String, String)>,
    /// The title as printed.
    pub title: String,
    /// What stands before the first heading or article: how and when it was passed.
    pub preamble: Vec<String>,
    /// The body.
    pub blocks: Vec<Block>,
}

/// A piece of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading of a chapter (level 2), section (3) or deeper, up to 6.
    Heading {
        /// 2 to 6.
        level: u8,
        /// `第一章 总则`
        text: String,
    },
    /// An article.
    Article(Article),
    /// A paragraph outside articles.
    Text(String),
}

/// An article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// In digits: `17`.
    pub number: String,
    /// As printed: `第十七条`.
    pub mark: String,
    /// Its paragraphs, one at least.
    pub paragraphs: Vec<Paragraph>,
}

/// A paragraph (款) with its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// Its text up to the first item.
    pub text: String,
    /// Its items (项).
    pub items: Vec<Item>,
}

/// An item (项).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// As printed: `（一）`.
    pub mark: String,
    /// Its text.
    pub text: String,
}

impl OfficialText {
    /// Read Markdown with YAML front matter.
    ///
    /// Errors name the line: front matter that is not flat, a body without a title, an article that stands twice.
    pub fn from_markdown(text: &str) -> Result<Self, LawError> {
        markdown::read(text)
    }

    /// The text as Markdown; reading it gives an equal text.
    pub fn to_markdown(&self) -> String {
        markdown::write(self)
    }

    /// Read Akoma Ntoso 1.0 (namespace `…/akn/3.0`).
    ///
    /// Errors name the line: no well-formed XML, a document type declaration, an element that statutes do not have.
    pub fn from_akn(text: &str) -> Result<Self, LawError> {
        akn_read::read(text)
    }

    /// Its articles.
    pub fn articles(&self) -> impl Iterator<Item = &Article> {
        self.blocks.iter().filter_map(|block| if let Block::Article(article) = block { Some(article) } else { None })
    }

    /// An article by its number in digits.
    pub fn article(&self, number: &str) -> Option<&Article> {
        self.articles().find(|article| article.number == number)
    }

    /// A value of the front matter.
    pub fn front(&self, key: &str) -> Option<&str> {
        self.front_matter.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }
}

impl Article {
    /// The lines of a paragraph and item, counted from 1: what a provision cites. The whole article where it has no
    /// such part.
    pub fn cited<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let mut numbers = parts.into_iter().map(|part| part.parse::<usize>().ok()?.checked_sub(1));
        let paragraph = numbers.next().flatten().and_then(|number| self.paragraphs.get(number));
        let Some(paragraph) = paragraph else { return self.lines() };
        if let Some(item) = numbers.next().flatten().and_then(|number| paragraph.items.get(number)) {
            return vec![paragraph.text.clone(), item.text.clone()];
        }
        std::iter::once(paragraph.text.clone()).chain(paragraph.items.iter().map(|item| item.text.clone())).collect()
    }

    /// Its lines as printed, the mark before the first.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (index, paragraph) in self.paragraphs.iter().enumerate() {
            lines.push(if index == 0 { format!("{} {}", self.mark, paragraph.text) } else { paragraph.text.clone() });
            lines.extend(paragraph.items.iter().map(|item| format!("{}{}", item.mark, item.text)));
        }
        lines
    }
}

/// Runs of white space, U+3000 among them, as one space; none at the ends.
pub(crate) fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A paragraph that begins like an item: its mark `（一）` and its text.
pub(crate) fn item(line: &str) -> Option<Item> {
    let (number, rest) = line.strip_prefix('（')?.split_once('）')?;
    crate::numerals::from_chinese(number)?;
    Some(Item { mark: format!("（{number}）"), text: rest.trim_start().to_owned() })
}

/// A mark 第…条: its number in digits.
pub(crate) fn article_number(mark: &str) -> Option<String> {
    let number = mark.strip_prefix('第')?.strip_suffix('条')?;
    crate::numerals::from_chinese(number).map(|number| number.to_string())
}
