//! The facts that a request may name, and where each is held.

use crate::RefusalKind;
use gongdao_kernel::CompiledRules;
use gongdao_model::{Entity, FactPath, FactType, FactValue};
use gongdao_rules::{FactDeclaration, Vocabulary};
use std::collections::HashMap;

/// Every fact of the vocabulary, by number.
#[derive(Debug)]
pub(crate) struct Lexicon {
    facts: Vec<Known>,
    by_path: HashMap<FactPath, usize, foldhash::fast::RandomState>,
    /// By slot of the compiled rules.
    sources: Vec<Source>,
    paths: Vec<FactPath>,
}

/// A fact of the vocabulary.
#[derive(Debug)]
pub(crate) struct Known {
    /// Its number.
    pub(crate) number: usize,
    pub(crate) path: FactPath,
    pub(crate) kind: FactType,
    /// The words that it can have; empty where any will do.
    pub(crate) words: Box<[Box<str>]>,
    /// Their positions; looking through dozens takes longer than all else about a fact.
    by_word: HashMap<Box<str>, usize, foldhash::fast::RandomState>,
    listed_words: String,
    /// Its slot; none where no rule refers to it.
    pub(crate) slot: Option<usize>,
    pub(crate) source: Source,
}

/// Who knows a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The request alone.
    Request,
    /// The person's state, by the number of the fact there.
    Person(usize),
    /// The algorithm's state.
    Algorithm(usize),
}

/// What is wrong with a fact of a request.
pub(crate) struct Fault {
    pub(crate) kind: RefusalKind,
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl Lexicon {
    /// `person` and `algorithm` are the facts of the states, in the order of their numbers.
    pub(crate) fn new(rules: &CompiledRules, person: &[FactPath], algorithm: &[FactPath]) -> Self {
        let slots: HashMap<&FactPath, usize> = rules.slots().enumerate().map(|(slot, path)| (path, slot)).collect();
        let source = |path: &FactPath| match path.entity() {
            Entity::Person => person.binary_search(path).map_or(Source::Request, Source::Person),
            Entity::Algorithm => algorithm.binary_search(path).map_or(Source::Request, Source::Algorithm),
            Entity::Decision | Entity::Parameter => Source::Request,
        };
        let known = |(number, (path, declared)): (usize, (&FactPath, &FactDeclaration))| {
            let words: Box<[Box<str>]> = declared.words.iter().map(|word| word.as_str().into()).collect();
            Known {
                number,
                path: path.clone(),
                kind: declared.fact_type,
                by_word: words.iter().enumerate().map(|(position, word)| (word.clone(), position)).collect(),
                words,
                listed_words: declared.listed_words(),
                slot: slots.get(path).copied(),
                source: source(path),
            }
        };
        let facts: Vec<Known> = rules.vocabulary().facts.iter().enumerate().map(known).collect();
        let by_path = facts.iter().enumerate().map(|(number, known)| (known.path.clone(), number)).collect();
        let sources = rules.slots().map(source).collect();
        Self { facts, by_path, sources, paths: rules.slots().cloned().collect() }
    }

    pub(crate) fn source(&self, slot: usize) -> Source {
        self.sources.get(slot).copied().unwrap_or(Source::Request)
    }

    /// How many facts there are.
    pub(crate) fn len(&self) -> usize {
        self.facts.len()
    }

    /// The facts, by number.
    pub(crate) fn facts(&self) -> &[Known] {
        &self.facts
    }

    /// The path of a slot's fact.
    pub(crate) fn path(&self, slot: usize) -> Option<&FactPath> {
        self.paths.get(slot)
    }

    /// What the vocabulary says of the fact at a position of a request. `shape` holds the facts of the last request of the
    /// kind: the next one mostly names the same.
    #[inline]
    pub(crate) fn known(&self, path: &FactPath, position: usize, shape: &mut Vec<usize>) -> Result<&Known, Fault> {
        match shape.get(position).and_then(|number| self.facts.get(*number)) {
            Some(known) if known.path == *path => Ok(known),
            _ => self.look_up(path, position, shape),
        }
    }

    #[cold]
    fn look_up(&self, path: &FactPath, position: usize, shape: &mut Vec<usize>) -> Result<&Known, Fault> {
        let found = self.by_path.get(path).and_then(|number| Some((*number, self.facts.get(*number)?)));
        let (number, known) = found.ok_or_else(|| Fault {
            kind: RefusalKind::UnknownFact,
            message: format!("`{path}` is not in the vocabulary"),
            hint: "use a fact of packs/vocabulary.cedarschema".to_owned(),
        })?;
        match shape.get_mut(position) {
            Some(slot) => *slot = number,
            None => shape.push(number),
        }
        Ok(known)
    }
}

impl Known {
    /// The position of a word among those that the fact can have. Another one is a slip: it is unknown, and must not be
    /// taken for "no".
    #[inline]
    pub(crate) fn word(&self, word: &str) -> Result<usize, Fault> {
        self.by_word.get(word).copied().ok_or_else(|| self.unknown_word(word))
    }

    #[cold]
    pub(crate) fn wrong_type(&self, value: &FactValue) -> Fault {
        let (wanted, given) = (self.kind.cedar_name(), value.fact_type().cedar_name());
        let hint = match self.kind {
            FactType::Bool => "write true or false",
            FactType::Long => "write a whole number without quotes",
            FactType::Text => "write one text in quotes",
            FactType::TextSet => "write a list of texts",
        };
        Fault {
            kind: RefusalKind::WrongType,
            message: format!("`{}` is of type {wanted} and not {given}", self.path),
            hint: hint.to_owned(),
        }
    }

    #[cold]
    fn unknown_word(&self, word: &str) -> Fault {
        Fault {
            kind: RefusalKind::UnknownWord,
            message: format!("`{}` cannot be `{word}`", self.path),
            hint: format!("use one of {}", self.listed_words),
        }
    }
}

/// Whether the vocabulary has an action, in the words of a refusal.
pub(crate) fn action_fault(vocabulary: &Vocabulary, action: &str) -> Option<Fault> {
    if vocabulary.actions.contains_key(action) {
        return None;
    }
    let known = vocabulary.actions.keys().cloned().collect::<Vec<_>>().join(", ");
    Some(Fault {
        kind: RefusalKind::UnknownAction,
        message: format!("`{action}` is not an action"),
        hint: format!("use one of {known}"),
    })
}
