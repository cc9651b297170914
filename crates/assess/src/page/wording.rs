use crate::gap::Gap;
use crate::given::Where;
use crate::service::write::values_text;
use crate::{AssessError, Assessment, Law, Scope, Service};
use gongdao_i18n::Words;
use gongdao_model::{FactPath, FactType, FactValue};
use std::collections::BTreeSet;

/// What is needed to say anything of an assessment.
#[derive(Clone, Copy)]
pub(crate) struct Wording<'a> {
    pub(crate) assessment: &'a Assessment,
    pub(crate) service: &'a Service,
    pub(crate) law: &'a Law<'a>,
    pub(crate) words: Words<'a>,
}

impl Wording<'_> {
    /// A text of `assess.…` in the catalogue.
    pub(crate) fn say(self, key: &str, values: &[(&str, &str)]) -> Result<String, AssessError> {
        Ok(self.words.say(&format!("assess.{key}"), values)?)
    }

    /// A text that may be missing: the packs' own words come in kinds that the catalogue need not know.
    pub(crate) fn or_own(self, group: &str, word: &str) -> String {
        self.say(&format!("{group}.{word}"), &[]).unwrap_or_else(|_| word.to_owned())
    }

    /// A list in the way of the language.
    pub(crate) fn join(self, parts: &[String]) -> String {
        parts.join(self.words.language().choose("；", "; "))
    }

    /// What the vocabulary says of a fact.
    pub(crate) fn label(self, path: &FactPath) -> String {
        let declaration = self.law.rules.vocabulary.facts.get(path);
        declaration.map_or(path.name(), |fact| self.words.language().choose(&fact.zh, &fact.en)).to_owned()
    }

    /// `label (path = value)`, with the value that the service or the law gives.
    pub(crate) fn fact(self, path: &FactPath) -> Result<String, AssessError> {
        let value = self.service.facts.get(path).map(values_text).or_else(|| {
            let Assessment { on, place, include_drafts, .. } = *self.assessment;
            let parameters = crate::law::parameters(&self.law.numbers(Scope { on, include_drafts }, place));
            parameters.get(path).map(i64::to_string)
        });
        self.fact_is(path, &value.unwrap_or_default())
    }

    fn fact_is(self, path: &FactPath, value: &str) -> Result<String, AssessError> {
        let (label, path_text) = (self.label(path), path.to_string());
        // Beside its value a fact needs no list of the words that it could have.
        let is_text = self
            .law
            .rules
            .vocabulary
            .facts
            .get(path)
            .is_some_and(|fact| matches!(fact.fact_type, FactType::Text | FactType::TextSet));
        let short = label.split(['：', ':']).next().filter(|_| is_text).unwrap_or(&label);
        self.say("fact", &[("label", short), ("path", &path_text), ("value", value)])
    }

    pub(crate) fn facts(self, paths: &BTreeSet<FactPath>) -> Result<String, AssessError> {
        let texts: Vec<String> = paths.iter().map(|path| self.fact(path)).collect::<Result<_, _>>()?;
        Ok(self.join(&texts))
    }

    /// What is missing, with what it means.
    pub(crate) fn gap(self, gap: &Gap) -> Result<String, AssessError> {
        match gap {
            Gap::Actions => self.say("gap.actions", &[]),
            Gap::Role { role } => self.say("gap.role", &[("role", &self.role(role))]),
            Gap::Fact { fact } => {
                let path = fact.to_string();
                self.say("gap.fact", &[("label", &self.label(fact)), ("path", &path)])
            }
            Gap::Engine { words } => self.say("gap.engine", &[("words", words)]),
        }
    }

    pub(crate) fn gaps(self, gaps: &BTreeSet<Gap>) -> Result<String, AssessError> {
        let texts: Vec<String> = gaps.iter().map(|gap| self.gap(gap)).collect::<Result<_, _>>()?;
        Ok(self.join(&texts))
    }

    /// The packs' word for who owes, with the catalogue's where it has one.
    pub(crate) fn role(self, role: &str) -> String {
        role_text(role, self.words)
    }

    /// `age group = "minor"; … or: …`
    pub(crate) fn cases(self, cases: &[Where]) -> Result<String, AssessError> {
        let case = |case: &Where| -> Result<String, AssessError> {
            let texts: Vec<String> =
                case.iter().map(|(path, values)| self.case(path, values)).collect::<Result<_, _>>()?;
            Ok(texts.join(self.words.language().choose("，且", ", and ")))
        };
        let texts: Vec<String> = cases.iter().map(case).collect::<Result<_, _>>()?;
        Ok(texts.join(self.words.language().choose("；或者", "; or ")))
    }

    fn case(self, path: &FactPath, values: &BTreeSet<FactValue>) -> Result<String, AssessError> {
        self.fact_is(path, &values_text(values))
    }
}

/// The packs' word for who owes, with the catalogue's where it has one: the packs need not be known to it.
pub(crate) fn role_text(role: &str, words: Words<'_>) -> String {
    let key = role.replace([' ', ','], "-");
    match words.say(&format!("assess.role.{key}"), &[]) {
        Ok(text) if text != role => format!("{text} ({role})"),
        _ => role.to_owned(),
    }
}
