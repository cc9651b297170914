//! The documented collective agreement: whom it binds, from when, and what keeps it from binding.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "../../pack/tests/support/mod.rs"]
mod support;

use gongdao_model::{Facts, Outcome, Standing};
use gongdao_pack::{Drafts, Packs, Problem};
use gongdao_rules::{Reference, RuleSet, case_failures};
use support::{Files, manifest};

const FOLDER: &str = "agreements/example-couriers";
const AGREEMENT: &str = "agreements/example-couriers/agreement.toml";
const RULES: &str = "agreements/example-couriers/rules/terms@2026-01-01.cedar";
const NOTE: &str = "agreements/example-couriers/agreement.note";

/// The released packs with the example of the documents among them.
fn files() -> Files {
    let mut files = Files::real();
    let example = Files::of(&manifest("../../docs/examples/collective-agreement"));
    for (path, bytes) in example.0 {
        files.0.insert(std::path::Path::new(FOLDER).join(path), bytes);
    }
    files
}

fn packs(files: &Files) -> Packs {
    let (packs, problems) = files.survey();
    assert!(problems.is_empty(), "{problems:#?}");
    packs.unwrap()
}

/// Stands in for the verifier of signed notes, which is another crate's: whether the note has a line of the key's name.
fn has_line(note: &str, key: &str) -> bool {
    let name = key.split('+').next().unwrap();
    note.lines().any(|line| line.starts_with(&format!("— {name} ")))
}

fn signed(files: &Files) -> (Packs, Vec<Problem>) {
    packs(files).with_signed_agreements(&has_line)
}

fn about_the_agreement(problems: Vec<Problem>) -> Vec<String> {
    let own = problems.into_iter().filter(|problem| problem.file.starts_with(FOLDER));
    own.map(|problem| problem.to_string()).collect()
}

fn facts(platform: &str, member: bool) -> Facts {
    let agreements = if member { vec!["agreements.example-couriers"] } else { Vec::new() };
    let facts = [
        ("principal.provider", serde_json::json!(platform)),
        ("resource.agreements", serde_json::json!(agreements)),
        ("resource.worker", serde_json::json!("managed")),
        ("context.sector", serde_json::json!("food-delivery")),
        ("context.continuousMinutes", serde_json::json!(200)),
        ("context.fatiguePromptShown", serde_json::json!(false)),
    ];
    let value = |value| serde_json::from_value(value).unwrap();
    facts.into_iter().map(|(path, fact)| (path.parse().unwrap(), value(fact))).collect()
}

#[test]
fn an_agreement_is_sound_and_its_cases_pass() {
    let packs = packs(&files()).with_drafts(Drafts::Included);
    let rules = RuleSet::load(&packs).unwrap();
    let mut problems = gongdao_pack::check(&packs);
    problems.extend(gongdao_rules::check(&packs, &rules));
    assert_eq!(about_the_agreement(problems), Vec::<String>::new());
    let (ran, failures) = case_failures(&packs, &rules, "agreements.").unwrap();
    assert!(ran > 30 && failures.is_empty(), "{ran} {failures:#?}");
}

#[test]
fn an_agreement_binds_once_signed_and_only_its_platform_and_members() {
    let unsigned = packs(&files());
    let own = |rules: &RuleSet| rules.versions.iter().any(|version| version.file.starts_with(FOLDER));
    assert!(!own(&RuleSet::load(&unsigned).unwrap()), "a reader has confirmed no signature");
    let (signed, problems) = signed(&files());
    assert_eq!(problems, []);
    let rules = RuleSet::load(&signed).unwrap();
    assert!(own(&rules));
    assert_eq!(signed.standing(&"agreements.example-couriers/1".parse().unwrap()), Some(Standing::Verified));
    let reference = Reference::new(&rules).unwrap();
    for (at, platform, member, expected) in [
        ("2026-05-06T12:00:00+08:00", "chenguang-delivery", true, Some(Outcome::Violated)),
        ("2026-05-06T12:00:00+08:00", "chenguang-delivery", false, Some(Outcome::NotApplicable)),
        ("2026-05-06T12:00:00+08:00", "another", true, Some(Outcome::NotApplicable)),
        ("2025-12-31T23:59:59+08:00", "chenguang-delivery", true, None),
        ("2028-01-01T00:00:00+08:00", "chenguang-delivery", true, None),
    ] {
        let judged = reference.judge(at.parse().unwrap(), "dispatch", None, &facts(platform, member)).unwrap();
        let outcome = judged
            .into_iter()
            .find(|one| rules.versions[one.version].key.rule.as_str() == "agreements.example-couriers/1#limit");
        assert_eq!(outcome.map(|one| one.outcome), expected, "{at} {platform} {member}");
    }
}

#[test]
fn what_is_not_signed_by_both_or_was_changed_does_not_bind() {
    let without_union = {
        let note = files().text(NOTE);
        let kept: Vec<&str> = note.lines().filter(|line| !line.starts_with("— couriers-union")).collect();
        files().with(NOTE, kept.join("\n") + "\n")
    };
    for (name, files, expected) in [
        ("no note", files().without(NOTE), "`agreements.example-couriers` is not signed"),
        ("one side", without_union, "the union `couriers-union` has not signed `agreements.example-couriers`"),
        (
            "a rule changed",
            files().replaced(RULES, "> 180", "> 181"),
            "the note of `agreements.example-couriers` is about other files or another agreement",
        ),
        (
            "a file added",
            files().with("agreements/example-couriers/duties.toml", ""),
            "the note of `agreements.example-couriers` is about other files or another agreement",
        ),
    ] {
        let (packs, problems) = signed(&files);
        let told: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(told, [expected], "{name}");
        let rules = RuleSet::load(&packs).unwrap();
        assert!(rules.versions.iter().all(|version| !version.file.starts_with(FOLDER)), "{name}");
    }
}

#[test]
fn an_agreement_that_protects_less_than_the_law_is_refused_by_both_provisions() {
    for (from, to, expected) in [
        (
            "value = 180",
            "value = 241",
            "`agreements.example-couriers/1` sets 241 minutes where `cn.catering-guidance/3` sets 240",
        ),
        (
            "value = 30",
            "value = 19",
            "`agreements.example-couriers/2` sets 19 minutes where `cn.catering-guidance/3` sets 20",
        ),
        ("value = 180", "value = 240", ""),
        ("unit = \"minutes\"", "unit = \"hours\"", "`continuousDeliveryMinutes` is in hours, the law's is in minutes"),
        (
            "provision = \"agreements.example-couriers/1\"",
            "provision = \"agreements.example-couriers/9\"",
            "`agreements.example-couriers/9` is no provision of the agreement",
        ),
    ] {
        let found = gongdao_pack::check(&packs(&files().replaced(AGREEMENT, from, to)));
        let own =
            found.iter().filter(|problem| problem.file.starts_with(FOLDER)).map(|problem| problem.message.as_str());
        let expected: Vec<&str> = Some(expected).filter(|text| !text.is_empty()).into_iter().collect();
        assert_eq!(own.collect::<Vec<_>>(), expected, "{to}");
    }
}

#[test]
fn an_agreement_and_its_rules_say_the_same() {
    let packs = packs(&files().replaced(AGREEMENT, "value = 180", "value = 170")).with_drafts(Drafts::Included);
    let rules = RuleSet::load(&packs).unwrap();
    let told = about_the_agreement(gongdao_rules::check(&packs, &rules));
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("no rule of `agreements.example-couriers/1` uses 170"), "{told:#?}");
}

#[test]
fn a_rule_of_an_agreement_that_would_bind_others_is_refused() {
    for (from, to, hint) in [
        ("principal.provider == \"chenguang-delivery\" && ", "", "principal.provider == \"chenguang-delivery\""),
        ("\"chenguang-delivery\"", "\"another\"", "principal.provider == \"chenguang-delivery\""),
        (
            "resource.agreements.contains(\"agreements.example-couriers\")",
            "!resource.agreements.contains(\"agreements.example-couriers\")",
            "resource.agreements.contains(\"agreements.example-couriers\")",
        ),
    ] {
        // The long condition is laid out over several lines.
        let flat = files().text(RULES).replace("\n  && ", " && ");
        let changed = files().with(RULES, flat).replaced(RULES, from, to);
        let problems = RuleSet::load(&packs(&changed)).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:#?}");
        let problem = problems[0].to_string();
        assert!(problem.contains("binds more than the agreement’s platform and members"), "{problem}");
        assert!(problem.contains(hint), "{problem}");
    }
}

#[test]
fn level_and_parties_belong_together() {
    let instrument = "agreements/example-couriers/instrument.toml";
    for (name, files, expected) in [
        (
            "no agreement",
            files().without(AGREEMENT),
            "`level` and `agreement.toml` of `agreements.example-couriers` differ",
        ),
        (
            "no level",
            files().replaced(instrument, "collective agreement", "law"),
            "`level` and `agreement.toml` of `agreements.example-couriers` differ",
        ),
        ("nobody", files().replaced(AGREEMENT, "id = \"couriers-union\"", "id = \" \""), "`id` of the union is empty"),
    ] {
        let told = about_the_agreement(gongdao_pack::check(&packs(&files)));
        assert!(told.iter().any(|problem| problem.contains(expected)), "{name}: {told:#?}");
    }
}
