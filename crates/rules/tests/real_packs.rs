//! The packs that are released with the program: sound, complete, in force without gap, their cases pass, and what is
//! missing is named.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "../../pack/tests/support/mod.rs"]
mod support;

use gongdao_model::{Cause, Entity, FactPath, FactValue, Facts, LegalDate, Outcome, ReadingId, RuleId};
use gongdao_pack::{Drafts, Packs, Problem, RuleCase, Severity};
use gongdao_rules::{Reference, RuleKind, RuleSet, RuleVersion, case_failures};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use support::Files;

fn load() -> (Packs, RuleSet) {
    let (packs, problems) = Files::real().survey();
    assert!(problems.is_empty(), "{problems:#?}");
    let packs = packs.unwrap().with_drafts(Drafts::Included);
    let rules = RuleSet::load(&packs).unwrap_or_else(|problems| panic!("{}", worded(&problems)));
    (packs, rules)
}

fn worded(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn no_errors(problems: &[Problem]) {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
    let errors: Vec<Problem> = errors.cloned().collect();
    assert!(errors.is_empty(), "{} errors\n{}", errors.len(), worded(&errors));
}

#[test]
fn no_check_finds_an_error() {
    let (packs, rules) = load();
    no_errors(&gongdao_pack::check(&packs));
    no_errors(&gongdao_rules::check(&packs, &rules));
}

#[test]
fn every_digest_is_that_of_its_article_in_the_official_text() {
    let Some(texts) = support::texts() else { return };
    no_errors(&gongdao_pack::check_texts(&load().0, &texts));
}

#[test]
fn all_cases_pass() {
    let (packs, rules) = load();
    let (ran, failures) = case_failures(&packs, &rules, "").unwrap();
    let told: Vec<String> = failures.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{} of {ran} cases\n{}", told.len(), told.join("\n"));
    assert!(ran >= 5 * rules.versions.len(), "{ran} cases for {} versions", rules.versions.len());
}

#[test]
fn at_least_sixty_rules_can_be_decided_from_a_record() {
    let (_, rules) = load();
    let ids: BTreeSet<&RuleId> = rules.versions.iter().map(|version| &version.key.rule).collect();
    assert!(ids.len() >= 60, "{} rules", ids.len());
    for version in &rules.versions {
        let known = |action: &String| rules.vocabulary.actions.contains_key(action);
        assert!(!version.actions.is_empty() && version.actions.iter().all(known), "{}", version.key);
        assert!(version.facts.iter().all(|path| rules.vocabulary.facts.contains_key(path)), "{}", version.key);
    }
}

type Series<'a> = BTreeMap<(&'a RuleId, Option<&'a ReadingId>), Vec<&'a RuleVersion>>;

/// The versions of each rule and reading, by first day.
fn series(rules: &RuleSet) -> Series<'_> {
    let mut series = Series::new();
    for version in &rules.versions {
        series.entry((&version.key.rule, version.key.reading.as_ref())).or_default().push(version);
    }
    series
}

/// A day, the one before and the one after.
fn around(day: LegalDate) -> [LegalDate; 3] {
    let after = gongdao_model::Instant::from_millis(day.starts_at().millis() + 86_400_000).unwrap();
    [day.previous(), day, after.date_in_shanghai()]
}

#[test]
fn on_every_day_at_a_boundary_a_rule_has_one_version_or_is_not_in_force() {
    let (_, rules) = load();
    let boundaries: BTreeSet<LegalDate> =
        rules.versions.iter().flat_map(|version| [Some(version.key.from), version.until]).flatten().collect();
    let grid: BTreeSet<LegalDate> = boundaries.into_iter().flat_map(around).collect();
    for ((rule, reading), versions) in series(&rules) {
        let first = versions.iter().map(|version| version.key.from).min().unwrap();
        let end = versions.iter().map(|version| version.until).max_by_key(|until| (until.is_none(), *until)).unwrap();
        for day in &grid {
            let holding = versions.iter().filter(|version| version.holds_on(*day)).count();
            let expected = usize::from(first <= *day && end.is_none_or(|end| *day < end));
            assert_eq!(holding, expected, "{rule} {reading:?} on {day}");
        }
    }
}

#[test]
fn on_every_day_at_a_boundary_a_rule_stands_once_or_once_per_reading() {
    let (_, rules) = load();
    let days: BTreeSet<LegalDate> = rules.versions.iter().flat_map(|version| around(version.key.from)).collect();
    for day in days {
        let mut by_rule: BTreeMap<&RuleId, BTreeSet<Option<&ReadingId>>> = BTreeMap::new();
        for version in rules.versions.iter().filter(|version| version.holds_on(day)) {
            by_rule.entry(&version.key.rule).or_default().insert(version.key.reading.as_ref());
        }
        for (rule, readings) in by_rule {
            let mixed = readings.contains(&None) && readings.len() > 1;
            assert!(!mixed, "{rule} stands with and without a reading on {day}");
        }
    }
}

/// Cases in which a rule speaks, with the index of its version.
fn speaking<'a>(packs: &'a Packs, rules: &RuleSet) -> Vec<(usize, &'a RuleCase)> {
    let mut found = Vec::new();
    let files = packs.instruments.iter().flat_map(|pack| &pack.rule_files).filter_map(|file| file.cases.as_ref());
    for group in files.flat_map(|file| &file.groups) {
        for case in &group.cases {
            let on = case.at.date_in_shanghai();
            let own = |version: &RuleVersion| {
                version.key.rule == group.rule && version.key.reading == group.reading && version.holds_on(on)
            };
            if ["violated", "satisfied", "established"].contains(&case.expect.as_str()) {
                found.extend(rules.versions.iter().position(own).map(|index| (index, case)));
            }
        }
    }
    found
}

/// The facts that a version can turn on: its own, and for a demand those of the bases.
fn facts_behind(rules: &RuleSet, index: usize) -> BTreeSet<&FactPath> {
    let version = &rules.versions[index];
    let mut facts: BTreeSet<&FactPath> = version.facts.iter().collect();
    if let RuleKind::Demand { basis } = &version.kind {
        let meets = |other: &&RuleVersion| matches!(&other.kind, RuleKind::Basis { basis: of } if of == basis);
        facts.extend(rules.versions.iter().filter(meets).flat_map(|other| &other.facts));
    }
    facts
}

/// Judge with one fact less; each undetermined verdict must name a fact that is not there. Gives the version's own
/// outcome and cause.
fn without(
    reference: &Reference,
    rules: &RuleSet,
    packs: &Packs,
    index: usize,
    case: &RuleCase,
    path: &FactPath,
) -> (Outcome, Option<Cause>) {
    let known: Facts = case.facts.iter().filter(|(own, _)| *own != path).map(|(p, v)| (p.clone(), v.clone())).collect();
    let dated = packs.parameters(case.at.date_in_shanghai(), case.place);
    let judged = reference.judge(case.at, &case.action, case.place, &known).unwrap();
    for one in &judged {
        let rule = &rules.versions[one.version].key;
        if one.outcome != Outcome::Undetermined {
            assert_eq!(one.cause, None, "{rule} without {path}");
            continue;
        }
        let Some(Cause::MissingFact(named)) = &one.cause else { panic!("{rule} without {path}: {:?}", one.cause) };
        let given =
            known.value(named).is_some() || named.entity() == Entity::Parameter && dated.contains_key(named.name());
        assert!(!given, "{rule} without {path} names {named}, which is there");
        assert!(facts_behind(rules, one.version).contains(named), "{rule} names {named}, which is not its business");
    }
    let own = judged.into_iter().find(|one| one.version == index).unwrap();
    (own.outcome, own.cause)
}

#[test]
fn an_undetermined_verdict_names_a_fact_that_is_really_missing() {
    let (packs, rules) = load();
    let reference = Reference::new(&rules).unwrap();
    let mut pairs: BTreeSet<(usize, &FactPath)> = BTreeSet::new();
    let mut named_itself: BTreeSet<(usize, FactPath)> = BTreeSet::new();
    for (index, case) in speaking(&packs, &rules) {
        for path in facts_behind(&rules, index) {
            if case.facts.value(path).is_none() {
                continue;
            }
            pairs.insert((index, path));
            let (outcome, cause) = without(&reference, &rules, &packs, index, case, path);
            if outcome == Outcome::Undetermined && cause == Some(Cause::MissingFact(path.clone())) {
                named_itself.insert((index, path.clone()));
            }
        }
    }
    assert!(pairs.len() >= rules.versions.len(), "only {} pairs of rule and fact were tried", pairs.len());
    // A rule that no missing fact can leave open would be one that guesses.
    let guessing: Vec<String> = rules
        .versions
        .iter()
        .enumerate()
        .filter(|(index, _)| !named_itself.iter().any(|(named, _)| named == index))
        .map(|(_, version)| version.key.to_string())
        .collect();
    assert!(guessing.is_empty(), "no missing fact leaves these open: {guessing:#?}");
}

/// A word outside the vocabulary's list is refused: as a fact it would quietly turn rules off.
#[test]
fn a_word_that_a_fact_cannot_have_is_refused_with_those_that_it_can() {
    let packs = Packs::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")).unwrap();
    let rules = RuleSet::load(&packs).unwrap();
    let reference = Reference::new(&rules).unwrap();
    let at = "2024-05-01T12:00:00+08:00".parse().unwrap();
    for (word, is_known) in [("employee", true), ("employe", false), ("Employee", false)] {
        let fact = ("resource.worker".parse().unwrap(), FactValue::Text(word.to_owned()));
        let judged = reference.judge(at, "dispatch", None, &[fact].into_iter().collect());
        assert_eq!(judged.is_ok(), is_known, "{word}");
        if let Err(error) = judged {
            assert_eq!(error.message, format!("`resource.worker` cannot be `{word}`"));
            assert_eq!(error.hint.as_deref(), Some("use one of employee, independent, managed, none"));
        }
    }
}
