//! Words that mean the same to somebody who asks, and words that mean nothing (`data/synonyms.toml`).

use super::tokens;
use crate::LawError;
use serde::Deserialize;
use std::collections::BTreeSet;
use tantivy::tokenizer::TextAnalyzer;

const TABLE: &str = include_str!("../../data/synonyms.toml");

/// The table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    /// When somebody last went through it.
    #[serde(rename = "checked")]
    _checked: toml::value::Datetime,
    stop_zh: BTreeSet<String>,
    stop_en: BTreeSet<String>,
    group: Vec<Group>,
}

/// Words of one meaning.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    #[serde(default)]
    zh: Vec<String>,
    #[serde(default)]
    en: Vec<String>,
}

impl Table {
    pub(crate) fn embedded() -> Result<Self, LawError> {
        toml::from_str(TABLE).map_err(|error: toml::de::Error| {
            LawError::new(format!("synonyms.toml: {}", error.message()), "compare the entry with those around it")
        })
    }

    /// The Chinese words of all groups.
    pub(crate) fn chinese_words(&self) -> impl Iterator<Item = &str> {
        self.group.iter().flat_map(|group| &group.zh).map(String::as_str)
    }
}

/// The table, cut into words once.
pub(crate) struct Synonyms {
    stopped: BTreeSet<String>,
    groups: Vec<Vec<Saying>>,
}

/// A way to say a thing.
struct Saying {
    words: Vec<String>,
    /// Chinese counts where the question contains it; else its words have to stand side by side.
    within: Option<String>,
}

/// A word that was asked for, with what else says it: each alternative as its words, and whether it was the one asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Concept {
    pub(crate) alternatives: Vec<(Vec<String>, bool)>,
}

impl Synonyms {
    pub(crate) fn new(table: Table, analyzer: &mut TextAnalyzer) -> Self {
        let mut groups = Vec::new();
        for group in table.group {
            let mut sayings = Vec::new();
            for word in group.zh {
                sayings.push(Saying { words: tokens::words(analyzer, &word), within: Some(word) });
            }
            for word in group.en {
                sayings.push(Saying { words: tokens::words(analyzer, &word), within: None });
            }
            sayings.retain(|saying| !saying.words.is_empty());
            groups.push(sayings);
        }
        let mut stopped = table.stop_zh;
        stopped.extend(table.stop_en.iter().flat_map(|word| tokens::words(analyzer, word)));
        Self { stopped, groups }
    }

    /// What a question asks for. Words that say nothing are left out; a question of nothing else keeps them.
    pub(crate) fn concepts(&self, question: &str, analyzer: &mut TextAnalyzer) -> Vec<Concept> {
        let asked = tokens::words(analyzer, question);
        let mut covered = BTreeSet::new();
        let mut concepts = Vec::new();
        for sayings in &self.groups {
            let hits: Vec<bool> = sayings.iter().map(|saying| saying.is_in(question, &asked)).collect();
            if !hits.contains(&true) {
                continue;
            }
            let hit = sayings.iter().zip(&hits).filter(|(_, hit)| **hit);
            covered.extend(hit.flat_map(|(saying, _)| &saying.words));
            let alternatives = sayings.iter().zip(hits).map(|(saying, hit)| (saying.words.clone(), hit));
            concepts.push(Concept { alternatives: alternatives.collect() });
        }
        let others: BTreeSet<&String> = asked.iter().filter(|word| !covered.contains(*word)).collect();
        let mut telling: Vec<&String> = others.iter().copied().filter(|word| !self.stopped.contains(*word)).collect();
        if telling.is_empty() && concepts.is_empty() {
            telling = others.into_iter().collect();
        }
        concepts.extend(telling.into_iter().map(|word| Concept { alternatives: vec![(vec![word.clone()], true)] }));
        concepts
    }
}

impl Saying {
    fn is_in(&self, question: &str, asked: &[String]) -> bool {
        match &self.within {
            Some(word) => question.contains(word.as_str()),
            None => asked.windows(self.words.len()).any(|window| window == self.words),
        }
    }
}
