//! What is decided with facts missing is what the reference evaluator says once they are there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_assess::{Application, Kept, Service, assess};
use gongdao_model::{Entity, FactPath, FactType, FactValue, Facts, Outcome, PlaceCode};
use gongdao_rules::{FactDeclaration, Reference};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use support::{Shelf, on};

/// Draws that spread well enough; Knuth's MMIX.
struct Draw(u64);

impl Draw {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % count
    }

    fn value(&mut self, declaration: &FactDeclaration) -> FactValue {
        let mut words: Vec<String> = declaration.words.iter().cloned().collect();
        if words.is_empty() {
            words = ["pay", "order-allocation", "none", "other"].map(str::to_owned).to_vec();
        }
        match declaration.fact_type {
            FactType::Bool => FactValue::Bool(self.below(2) == 0),
            // Few values, so that both sides of a comparison are often equal.
            FactType::Long => FactValue::Long([0, 1, 100, 240, 480][self.below(5)]),
            FactType::Text => FactValue::Text(words[self.below(words.len())].clone()),
            FactType::TextSet => FactValue::TextSet(words.into_iter().filter(|_| self.below(3) == 0).collect()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_decision_stands_whatever_the_missing_facts_turn_out_to_be(seed in any::<u64>()) {
        thread_local! {
            static SHELF: &'static Shelf = Box::leak(Box::new(Shelf::whole()));
        }
        let shelf = SHELF.with(|shelf| *shelf);
        let mut draw = Draw(seed);
        let vocabulary = &shelf.rules.vocabulary;
        let own = |path: &FactPath| path.entity() != Entity::Parameter;
        let facts: Facts = vocabulary
            .facts
            .iter()
            .filter(|(path, _)| own(path))
            .map(|(path, declaration)| (path.clone(), draw.value(declaration)))
            .collect();
        let actions: Vec<&String> = vocabulary.actions.keys().collect();
        let action = actions[draw.below(actions.len())];
        let hidden = draw.below(100);
        // What varies has the value of this decision among others.
        let varies = draw.below(2) == 0;
        let mut said = BTreeMap::new();
        for (path, value) in facts.iter() {
            if draw.below(100) < hidden {
                continue;
            }
            let mut values = BTreeSet::from([value.clone()]);
            if varies && draw.below(8) == 0 {
                values.insert(draw.value(&vocabulary.facts[path]));
            }
            said.insert(path.clone(), values);
        }
        let actions = Some(BTreeSet::from([action.clone()]));
        let service = Service { name: "drawn".to_owned(), actions, facts: said, ..Service::default() };
        let scope = on("2025-10-10");
        let assessment = assess(&shelf.law(), &service, scope).unwrap();
        let at = scope.on.starts_at();
        let judged = Reference::new(&shelf.rules).unwrap().judge(at, action, Some(PlaceCode::COUNTRY), &facts).unwrap();
        let rules = assessment.provisions.iter().flat_map(|finding| &finding.rules);
        let mut compared = 0;
        for rule in rules.filter(|rule| !rule.is_other_action) {
            let one = judged.iter().find(|one| shelf.rules.versions[one.version].key == rule.version).unwrap();
            let kept = rule.evidence.as_ref().map(|evidence| evidence.kept);
            let expected: &[Outcome] = match (rule.application, kept) {
                (Application::Applies, Some(Kept::Kept)) => &[Outcome::Satisfied],
                (Application::Applies, Some(Kept::Broken)) => &[Outcome::Violated],
                (Application::Applies, Some(Kept::Missing)) => &[Outcome::Satisfied, Outcome::Violated, Outcome::Undetermined],
                (Application::Applies, None) => &[Outcome::Established],
                (Application::DoesNotApply, _) => &[Outcome::NotApplicable, Outcome::NotEstablished],
                _ => continue,
            };
            // Where facts vary, a rule that applies need not apply to this decision.
            let elsewhere = rule.application == Application::Applies
                && !rule.applies_where.is_empty()
                && matches!(one.outcome, Outcome::NotApplicable | Outcome::NotEstablished);
            // Broken where it certainly applies; where it may apply besides, nothing was said.
            let is_open = kept == Some(Kept::Broken) && !rule.missing.is_empty();
            let fits = expected.contains(&one.outcome) || elsewhere || is_open;
            prop_assert!(fits, "{}: {:?} {kept:?}, judged {}", rule.version, rule.application, one.outcome);
            compared += 1;
        }
        prop_assert!(hidden > 50 || compared > 0);
    }
}
