//! Questions for self-assessment (`checklist.toml`): what soft law asks, put so that somebody can answer and show why.

use crate::check::{Known, must_be_known};
use crate::content::{InstrumentPack, SourceText};
use crate::reader::Reader;
use crate::{Problem, line_of};
use gongdao_model::ProvisionId;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// A question that an operator answers about the own service. No verdict follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Provision, `#`, name.
    pub id: String,
    /// The provision that it comes from.
    pub provision: ProvisionId,
    /// The question, Chinese.
    pub zh: String,
    /// The question, English.
    pub en: String,
    /// What to show, Chinese.
    pub evidence_zh: String,
    /// What to show, English.
    pub evidence_en: String,
    /// Line of its identifier.
    pub line: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawChecklist {
    #[serde(default)]
    question: Vec<RawQuestion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawQuestion {
    id: Spanned<String>,
    provision: Spanned<String>,
    zh: String,
    en: String,
    evidence_zh: String,
    evidence_en: String,
}

pub(crate) fn read(raw: RawChecklist, source: &SourceText, reader: &mut Reader) -> Vec<Question> {
    let question = |raw: RawQuestion| {
        Some(Question {
            line: line_of(&source.text, raw.id.span().start),
            provision: reader.value(source, &raw.provision)?,
            id: raw.id.into_inner(),
            zh: raw.zh,
            en: raw.en,
            evidence_zh: raw.evidence_zh,
            evidence_en: raw.evidence_en,
        })
    };
    raw.question.into_iter().filter_map(question).collect()
}

pub(crate) fn check(pack: &InstrumentPack, known: &Known<'_>, problems: &mut Vec<Problem>) {
    let file = pack.folder.join("checklist.toml");
    let mut seen = BTreeMap::new();
    for question in &pack.questions {
        let mut error = |message: String, hint: &str| {
            problems.push(Problem::error(&file, Some(question.line), message).hint(hint));
        };
        if let Some(first) = seen.insert(&question.id, question.line) {
            error(format!("`{}` stands twice, first on line {first}", question.id), "give each question its own name");
        }
        let fits = |(provision, name): (&str, &str)| provision == question.provision.as_str() && !name.is_empty();
        if !question.id.split_once('#').is_some_and(fits) {
            let message = format!("`{}` does not begin with its provision `{}`", question.id, question.provision);
            error(message, "write provision, `#`, name");
        }
        let words = [
            ("zh", &question.zh),
            ("en", &question.en),
            ("evidence_zh", &question.evidence_zh),
            ("evidence_en", &question.evidence_en),
        ];
        for (name, _) in words.into_iter().filter(|(_, text)| text.trim().is_empty()) {
            error(format!("`{name}` of `{}` is empty", question.id), "ask something, and say what shows the answer");
        }
        must_be_known(&question.provision, known, &file, question.line, problems);
    }
}
