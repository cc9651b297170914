//! The law of this repository: every case of every rule, through the kernel and through the reference.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use gongdao_kernel::{Case, CompiledRules, Judge};
use gongdao_model::Facts;
use gongdao_pack::{Drafts, Packs, RuleCase};
use gongdao_rules::{Judged, Reference, RuleSet};
use std::path::Path;
use std::sync::Arc;

fn law() -> (Packs, RuleSet) {
    let packs = Packs::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")).unwrap();
    // The cases of drafts run too.
    let packs = packs.with_drafts(Drafts::Included);
    let rules = RuleSet::load(&packs).unwrap();
    (packs, rules)
}

fn cases(packs: &Packs) -> Vec<&RuleCase> {
    let files = packs.instruments.iter().flat_map(|pack| &pack.rule_files).filter_map(|file| file.cases.as_ref());
    files.flat_map(|file| &file.groups).flat_map(|group| &group.cases).collect()
}

fn as_asked(case: &RuleCase) -> Case<'_> {
    Case { at: case.at, action: &case.action, place: case.place, facts: &case.facts }
}

#[test]
fn every_case_of_every_rule_is_judged_as_the_reference_judges_it() {
    let (packs, rules) = law();
    let reference = Reference::new(&rules).unwrap();
    let expected = |case: &RuleCase| reference.judge(case.at, &case.action, case.place, &case.facts);
    // Facts that the vocabulary refuses never come to an engine: whoever reads the record has dropped them.
    let cases: Vec<&RuleCase> = cases(&packs).into_iter().filter(|case| expected(case).is_ok()).collect();
    assert!(cases.len() > 2_000, "{} cases", cases.len());
    let compiled = Arc::new(CompiledRules::new(&rules).unwrap());
    let mut judge = Judge::new(Arc::clone(&compiled));
    let asked: Vec<Case<'_>> = cases.iter().map(|case| as_asked(case)).collect();
    let together = judge.judge_cases(&asked).unwrap();
    let mut alone = Judge::new(compiled);
    for (row, case) in cases.iter().enumerate() {
        let expected = expected(case).unwrap();
        let told = |judged: Vec<Judged>| judged.into_iter().map(|one| format!("{one:?}")).collect::<Vec<_>>();
        let said = |verdicts: &gongdao_kernel::Verdicts, row| told(verdicts.row(row).collect());
        assert_eq!(said(&together, row), told(expected.clone()), "{}", case.name);
        let one = alone.judge_cases(&[as_asked(case)]).unwrap();
        assert_eq!(said(&one, 0), told(expected), "alone: {}", case.name);
    }
}

#[test]
fn equal_conditions_of_many_rules_are_one_step() {
    let (_, rules) = law();
    let compiled = CompiledRules::new(&rules).unwrap();
    let mut nodes = 0;
    for tree in rules.versions.iter().flat_map(|version| [&version.when, &version.unless]).flatten() {
        tree.visit(&mut |_| nodes += 1);
    }
    assert!(compiled.step_count() * 2 < nodes, "{} steps for {nodes} expressions", compiled.step_count());
}

#[test]
fn an_unknown_action_is_refused() {
    let (_, rules) = law();
    let mut judge = Judge::new(Arc::new(CompiledRules::new(&rules).unwrap()));
    let facts = Facts::new();
    let asked = |action| Case { at: "2024-05-01T12:00:00+08:00".parse().unwrap(), action, place: None, facts: &facts };
    let error = judge.judge_cases(&[asked("dispatch"), asked("fly")]).unwrap_err();
    assert_eq!((error.row, error.message.as_str()), (Some(1), "`fly` is not an action"));
    assert!(error.hint.starts_with("use one of "), "{}", error.hint);
}
