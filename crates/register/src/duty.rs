//! What has to be met before a version takes effect: data, with its articles.

use crate::RegisterError;
use gongdao_model::ProvisionId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const SHIPPED: &str = include_str!("../data/duties.toml");

/// A duty that is not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MissingKind {
    /// It is not published.
    NotPublished,
    /// Its first day in force is too near.
    TooSoon,
    /// Nobody was consulted.
    NotConsulted,
    /// Comments are open.
    NotAnswered,
    /// There is no result.
    NotConcluded,
    /// The result is not public.
    NotAnnounced,
}

impl MissingKind {
    /// All of them, in the order in which they are met.
    pub const ALL: [Self; 6] = [
        Self::NotConsulted,
        Self::NotAnswered,
        Self::NotConcluded,
        Self::NotAnnounced,
        Self::NotPublished,
        Self::TooSoon,
    ];
}

/// A duty that is not met, in words and with its articles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Which.
    pub missing: MissingKind,
    /// The articles.
    pub provisions: Vec<ProvisionId>,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Missing {
    /// In English, with its articles in brackets.
    pub fn with_articles(&self) -> String {
        let articles: Vec<&str> = self.provisions.iter().map(ProvisionId::as_str).collect();
        format!("{} ({})", self.en, articles.join(", "))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Duty {
    provisions: Vec<ProvisionId>,
    labour_provisions: Vec<ProvisionId>,
    zh: String,
    en: String,
}

/// The table of all duties.
///
/// INVARIANT: it has every kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duties(BTreeMap<MissingKind, Duty>);

impl Duties {
    /// The table that the program ships.
    pub fn shipped() -> Result<Self, RegisterError> {
        Self::read(SHIPPED)
    }

    /// Read a table. Errors: TOML, an unknown word, a kind without an entry.
    pub fn read(text: &str) -> Result<Self, RegisterError> {
        let table: BTreeMap<MissingKind, Duty> = toml::from_str(text).map_err(|error| {
            RegisterError::new(
                format!("the table of duties cannot be read: {}", error.message()),
                "see docs/register.md",
            )
        })?;
        match MissingKind::ALL.into_iter().find(|kind| !table.contains_key(kind)) {
            None => Ok(Self(table)),
            Some(kind) => Err(RegisterError::new(format!("the table of duties lacks {kind:?}"), "add it")),
        }
    }

    /// The articles of a kind.
    pub fn provisions(&self, kind: MissingKind, affects_labour: bool) -> &[ProvisionId] {
        let duty = self.0.get(&kind);
        duty.map_or(&[], |duty| if affects_labour { &duty.labour_provisions } else { &duty.provisions })
    }

    pub(crate) fn missing(&self, kind: MissingKind, affects_labour: bool) -> Missing {
        let (zh, en) = self.0.get(&kind).map(|duty| (duty.zh.clone(), duty.en.clone())).unwrap_or_default();
        Missing { missing: kind, provisions: self.provisions(kind, affects_labour).to_vec(), zh, en }
    }
}
