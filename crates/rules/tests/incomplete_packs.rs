//! What a pack lacks although each of its files can be read: rules for provisions, versions for readings, bases for
//! demands, cases for what a rule can say. Collected as `gongdao pack check` does.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "../../pack/tests/support/mod.rs"]
mod support;

use gongdao_rules::RuleSet;
use support::{Files, expect};

const READINGS: &str = "cn/example/rules/art-2@2022-03-01.cedar";
const BASES: &str = "cn/example/rules/art-3@2022-03-01.cedar";
const CASES: &str = "cn/example/rules/art-1@2024-01-01.cases.toml";

fn check(name: &str, files: &Files, expected: &[&str]) {
    let (packs, mut problems) = files.survey();
    let packs = packs.unwrap();
    problems.extend(gongdao_pack::check(&packs));
    let (rules, found) = RuleSet::survey(&packs);
    problems.extend(found);
    problems.extend(rules.iter().flat_map(|rules| gongdao_rules::check(&packs, rules)));
    expect(name, problems, expected);
}

#[test]
fn nothing_is_wrong_with_the_good_pack() {
    check("as it stands", &Files::good(), &[]);
}

#[test]
fn a_provision_has_a_rule_or_a_duty_or_a_reason() {
    let lacking = "cn/example/provisions.toml:56: `cn.example/5` has neither rule nor duty nor a line in no-rule.toml";
    check("nothing", &Files::good().without("cn/example/no-rule.toml"), &[lacking]);
    check(
        "a reason out of date",
        &Files::good().replaced("cn/example/no-rule.toml", "/5", "/1"),
        &["cn/example/no-rule.toml:2: `cn.example/1` has a rule or duty, so the line is out of date", lacking],
    );
    check(
        "a duty less",
        &Files::good().without("cn/example/duties.toml"),
        &["cn/example/provisions.toml:50: `cn.example/4` has neither rule nor duty nor a line in no-rule.toml"],
    );
}

/// The policies of a file, one by one.
fn policies(file: &str) -> Vec<String> {
    Files::good().text(file).split("\n\n").map(str::to_owned).collect()
}

#[test]
fn a_rule_follows_every_reading_of_its_provision() {
    let broad = policies(READINGS)[1].clone();
    check(
        "one reading only",
        &Files::good().with(READINGS, broad),
        &[
            "cn/example/rules/art-2@2022-03-01.cases.toml:2: there is no rule `cn.example/2#stop` in the reading `narrow`",
            "cn/example/rules/art-2@2022-03-01.cedar:1: `cn.example/2#stop` has no version for the reading `narrow`",
        ],
    );
}

#[test]
fn packs_that_would_make_verdicts_wrong_are_refused_and_those_that_only_lack_cases_are_not() {
    let refused = |name: &str, files: &Files, expected: &[&str]| {
        let found = RuleSet::load(&files.survey().0.unwrap());
        match expected {
            [] => assert!(found.is_ok(), "{name}: {found:#?}"),
            _ => expect(name, found.unwrap_err(), expected),
        }
    };
    refused("good", &Files::good(), &[]);
    refused("no cases", &Files::good().without("cn/example/rules/art-2@2022-03-01.cases.toml"), &[]);
    refused("a provision without a rule", &Files::good().without("cn/example/no-rule.toml"), &[]);
    refused(
        "one reading of two",
        &Files::good().with(READINGS, &policies(READINGS)[1]),
        &["cn/example/rules/art-2@2022-03-01.cedar:1: `cn.example/2#stop` has no version for the reading `narrow`"],
    );
    refused(
        "no basis",
        &Files::good().with(BASES, &policies(BASES)[0]),
        &["cn/example/rules/art-3@2022-03-01.cedar:1: `cn.example/3#basis` demands a basis of `cn.example/3`"],
    );
    let provisions = "cn/example/provisions.toml";
    let demand = "@id(\"cn.example/3#basis\")";
    let broad = Files::good().replaced(BASES, demand, &format!("{demand}\n@reading(\"broad\")"));
    let readings = policies(provisions)[2..4].join("\n\n");
    for (name, at, message) in [
        ("one of its own readings", "en = \"A basis is needed\"", "has no version for the reading `narrow`"),
        ("no reading of its bases", "en = \"Consent\"", "follows the reading `broad`, and none of its bases does"),
    ] {
        let files = broad.clone().replaced(provisions, at, &format!("{at}\n\n{readings}"));
        let expected = format!("cn/example/rules/art-3@2022-03-01.cedar:1: `cn.example/3#basis` {message}");
        refused(name, &files, &[&expected]);
    }
}

#[test]
fn a_demand_has_bases_and_a_basis_has_a_demand() {
    let demand_alone = Files::good().with(BASES, &policies(BASES)[0]);
    check(
        "no basis",
        &demand_alone.without("cn/example/rules/art-3@2022-03-01.cases.toml"),
        &[
            "cn/example/provisions.toml:38: `cn.example/3/1` has neither rule nor duty",
            "cn/example/provisions.toml:44: `cn.example/3/2` has neither rule nor duty",
            "cn/example/rules/art-3@2022-03-01.cedar:1: `cn.example/3#basis@2022-03-01` has no case",
            "cn/example/rules/art-3@2022-03-01.cedar:1: `cn.example/3#basis` demands a basis of `cn.example/3`, and there is none",
        ],
    );
    let elsewhere = Files::good().replaced(BASES, "@basis(\"cn.example/3\")", "@basis(\"cn.example/4\")");
    check(
        "a basis nobody demands",
        &elsewhere,
        &["cn/example/rules/art-3@2022-03-01.cedar:11: no rule demands a basis of `cn.example/4`"],
    );
    let readings =
        "\n[[provision.reading]]\nid = \"wide\"\nzh = \"宽\"\nen = \"wide\"\nheld_by_zh = \"甲\"\nheld_by_en = \"a\"\n
[[provision.reading]]\nid = \"strict\"\nzh = \"严\"\nen = \"strict\"\nheld_by_zh = \"乙\"\nheld_by_en = \"b\"\n";
    let from = "en = \"Needed for a contract\"\n";
    let open = Files::good().replaced("cn/example/provisions.toml", from, &format!("{from}{readings}"));
    let open =
        open.replaced(BASES, "@id(\"cn.example/3/2#contract\")", "@id(\"cn.example/3/2#contract\") @reading(\"wide\")");
    let cases = "cn/example/rules/art-3@2022-03-01.cases.toml";
    let open = open.replaced(
        cases,
        "id = \"cn.example/3/2#contract\"",
        "id = \"cn.example/3/2#contract\"\nreading = \"wide\"",
    );
    check(
        "a basis in a reading that the demand does not know",
        &open,
        &[
            "cn/example/rules/art-3@2022-03-01.cedar:1: `cn.example/3#basis` has no version for the reading `wide` of its bases",
            "cn/example/rules/art-3@2022-03-01.cedar:20: `cn.example/3/2#contract` has no version for the reading `strict`",
        ],
    );
}

const FIRST_LACKS: &str = "cn/example/rules/art-1@2022-03-01.cedar:2: `cn.example/1#limit@2022-03-01` has no case";
const SECOND_LACKS: &str = "cn/example/rules/art-1@2024-01-01.cedar:1: `cn.example/1#limit@2024-01-01` has no case";

#[test]
fn each_version_has_a_case_of_all_that_it_can_say() {
    let first_second = "at = \"2024-01-01T00:00:00+08:00\"\nexpect = \"violated\"";
    let filed = "set = { principal.filed = true }\nexpect = \"satisfied\"";
    let nowhere_violated = Files::good()
        .replaced(CASES, "not filed\"\nexpect = \"violated\"", &format!("once more\"\n{filed}"))
        .replaced(CASES, first_second, &format!("at = \"2024-01-01T00:00:00+08:00\"\n{filed}"));
    for (name, files) in [
        ("violated", nowhere_violated),
        ("satisfied", Files::good().replaced(CASES, "\"satisfied\"", "\"violated\"")),
        (
            "not-applicable",
            Files::good().replaced(CASES, "199 }\nexpect = \"not-applicable\"", "200 }\nexpect = \"violated\""),
        ),
        (
            "undetermined",
            Files::good().replaced(CASES, "\"undetermined\"\nmissing = \"principal.filed\"", "\"violated\""),
        ),
    ] {
        check(name, &files, &[&format!("{SECOND_LACKS} that expects `{name}`")]);
    }
    check(
        "no cases at all",
        &Files::good().without("cn/example/rules/art-2@2022-03-01.cases.toml"),
        &[
            "cn/example/rules/art-2@2022-03-01.cedar:1: `cn.example/2#stop@2022-03-01?narrow` has no case",
            "cn/example/rules/art-2@2022-03-01.cedar:12: `cn.example/2#stop@2022-03-01?broad` has no case",
        ],
    );
}

#[test]
fn each_boundary_has_a_case_on_both_sides_within_a_second() {
    let [before, after] = ["in the last second before 2024-01-01", "in the first second of 2024-01-01"];
    for (name, from, to, side) in [
        ("two seconds before", "2023-12-31T23:59:59", "2023-12-31T23:59:58", before),
        ("a second after", "2024-01-01T00:00:00", "2024-01-01T00:00:01", after),
    ] {
        check(
            name,
            &Files::good().replaced(CASES, from, to),
            &[&format!("{FIRST_LACKS} {side} (its end)"), &format!("{SECOND_LACKS} {side} (`@from`)")],
        );
    }
}

#[test]
fn cases_are_sound_themselves() {
    let rows: [(&str, &str, &str, &str); 3] = [
        (
            "no missing fact",
            "missing = \"principal.filed\"\n",
            "",
            "22: `filing not recorded` does not name the missing fact",
        ),
        (
            "one too many",
            "expect = \"satisfied\"",
            "expect = \"satisfied\"\nmissing = \"principal.filed\"",
            "12: `at the limit, filed` names a missing fact but expects `satisfied`",
        ),
        (
            "the same name",
            "at the limit, filed",
            "at the limit, not filed",
            "12: two cases are named `at the limit, not filed`",
        ),
    ];
    for (name, from, to, expected) in rows {
        check(name, &Files::good().replaced(CASES, from, to), &[&format!("{CASES}:{expected}")]);
    }
    let (packs, _) = Files::good().replaced(CASES, "#limit", "#limits").survey();
    let packs = packs.unwrap();
    let problems = gongdao_rules::check(&packs, &RuleSet::load(&packs).unwrap());
    let named = |message: &str| problems.iter().any(|problem| problem.message == message);
    assert!(named("there is no rule `cn.example/1#limits`"), "{problems:#?}");
}

#[test]
fn values_and_conditions_fit_the_vocabulary() {
    let parameters = "cn/example/parameters.toml";
    check(
        "undeclared",
        &Files::good().replaced(parameters, "limitMinutes", "limitHours"),
        &["cn/example/parameters.toml:2: `limitHours` is no parameter of the vocabulary"],
    );
    check(
        "another unit",
        &Files::good().replaced(parameters, "\"minutes\"", "\"hours\""),
        &["cn/example/parameters.toml:2: `limitMinutes` is in hours, the vocabulary says minutes"],
    );
    for (name, when, message) in [
        ("syntax", "!!(", ""),
        ("unknown fact", "principal.famous", "attribute `famous`"),
        (
            "unknown where nothing is evaluated",
            "false && principal.famous",
            "`principal.famous` is not in the vocabulary",
        ),
        ("has", "principal has filed", "`principal has filed` uses `has`"),
        ("no condition", "1 + 1", ""),
    ] {
        let expected = format!("cn/example/duties.toml:2: `when` of `cn.example/4#file`: {message}");
        check(name, &Files::good().replaced("cn/example/duties.toml", "!principal.filed", when), &[&expected]);
    }
}

/// A derived column that says it is a fact has that fact's type and unit, and the vocabulary grades it `derived`.
#[test]
fn a_derived_column_is_the_fact_that_it_says() {
    let toml = include_str!("../../pack/tests/derived/held.toml");
    let rows: [(&str, &str, &[&str]); 6] = [
        ("unit = \"minutes\"\nzh = \"时长\"", "context.minutes", &[]),
        ("unit = \"minutes\"\nzh = \"时长\"", "context.hours", &["derived/held.toml:16: `context.hours` is no fact"]),
        ("unit = \"hours\"\nzh = \"时长\"", "context.minutes", &["derived/held.toml:16: `held` is in hours, the fact"]),
        (
            "unit = \"minutes\"\nzh = \"时长\"",
            "context.parameters.limitMinutes",
            &["derived/held.toml:16: the fact `context.parameters.limitMinutes` is not graded `derived`"],
        ),
        (
            "unit = \"minutes\"\nzh = \"时长\"",
            "context.purpose",
            &[
                "derived/held.toml:16: `held` is in minutes, the fact `context.purpose` in no unit",
                "derived/held.toml:16: `held` is integer, the fact `context.purpose` is String",
                "derived/held.toml:16: the fact `context.purpose` is not graded `derived`",
            ],
        ),
        (
            "unit = \"minutes\"\nzh = \"时长\"",
            "context.personalised",
            &[
                "derived/held.toml:16: `held` is in minutes, the fact `context.personalised` in no unit",
                "derived/held.toml:16: `held` is integer, the fact `context.personalised` is Bool",
                "derived/held.toml:16: the fact `context.personalised` is not graded `derived`",
            ],
        ),
    ];
    for (unit, fact, expected) in rows {
        let toml = toml.replacen("unit = \"minutes\"\nzh = \"时长\"", &format!("fact = \"{fact}\"\n{unit}"), 1);
        assert!(toml.contains(fact));
        let files = Files::good().with("derived/held.toml", toml);
        check(fact, &files.with("derived/held.sql", "SELECT 1"), expected);
    }
}
