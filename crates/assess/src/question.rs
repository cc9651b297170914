//! What to ask next: the fact that decides most.

use crate::gap::Gap;
use crate::provision::{BothLanguages, ProvisionFinding};
use crate::rule::Application;
use gongdao_model::{FactType, ProvisionId};
use gongdao_rules::{Grade, Vocabulary};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Something that is missing, and what it decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// What is missing.
    pub gap: Gap,
    /// What the vocabulary says of the fact.
    pub says: Option<BothLanguages>,
    /// `Bool`, `Long`, `String` or `Set<String>`; a list of actions for `actions`.
    pub answer: &'static str,
    /// Unit of a number.
    pub unit: Option<String>,
    /// Words that it can have; any where empty.
    pub words: Vec<String>,
    /// Whether it is read off events, computed, or the operator's own claim.
    pub grade: Option<&'static str>,
    /// Provisions of which it is open whether they apply.
    pub decides: BTreeSet<ProvisionId>,
    /// Provisions that apply and of which it is open whether they are kept.
    pub shows: BTreeSet<ProvisionId>,
}

/// Ordered by how many provisions each decides, then by how many it shows to be kept.
pub(crate) fn questions(provisions: &[ProvisionFinding], vocabulary: &Vocabulary) -> Vec<Question> {
    let mut open: BTreeMap<&Gap, (BTreeSet<ProvisionId>, BTreeSet<ProvisionId>)> = BTreeMap::new();
    for finding in provisions {
        for gap in finding.missing.iter().filter(|gap| !matches!(gap, Gap::Engine { .. })) {
            let (decides, shows) = open.entry(gap).or_default();
            let of = if finding.application == Application::CannotTell { decides } else { shows };
            of.insert(finding.provision.clone());
        }
    }
    let mut questions: Vec<Question> =
        open.into_iter().map(|(gap, (decides, shows))| question(gap, decides, shows, vocabulary)).collect();
    questions.sort_by(|one, other| {
        let rank = |question: &Question| (question.decides.len(), question.shows.len());
        rank(other).cmp(&rank(one)).then_with(|| one.gap.cmp(&other.gap))
    });
    questions
}

fn question(
    gap: &Gap,
    decides: BTreeSet<ProvisionId>,
    shows: BTreeSet<ProvisionId>,
    vocabulary: &Vocabulary,
) -> Question {
    let mut question = Question {
        gap: gap.clone(),
        says: None,
        answer: "Bool",
        unit: None,
        words: Vec::new(),
        grade: None,
        decides,
        shows,
    };
    match gap {
        Gap::Fact { fact } => {
            let Some(declaration) = vocabulary.facts.get(fact) else { return question };
            question.says = Some(BothLanguages::new(&declaration.zh, &declaration.en));
            question.answer = declaration.fact_type.cedar_name();
            question.unit.clone_from(&declaration.unit);
            question.words = declaration.words.iter().cloned().collect();
            question.grade = Some(match declaration.grade {
                Grade::Observed => "observed",
                Grade::Derived => "derived",
                Grade::Asserted => "asserted",
            });
        }
        Gap::Actions => {
            question.answer = FactType::TextSet.cedar_name();
            question.words = vocabulary.actions.keys().cloned().collect();
        }
        Gap::Role { .. } | Gap::Engine { .. } => {}
    }
    question
}
