//! Each way to break a rule is named with file, line and what to do. The structure of packs has its own table in
//! `gongdao-pack`; what rules, readings and cases lack together stands in `incomplete_packs.rs`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "../../pack/tests/support/mod.rs"]
mod support;

use gongdao_rules::RuleSet;
use support::{Files, expect};

const FIRST: &str = "cn/example/rules/art-1@2022-03-01.cedar";
const READINGS: &str = "cn/example/rules/art-2@2022-03-01.cedar";
const BASES: &str = "cn/example/rules/art-3@2022-03-01.cedar";

/// What refuses the good pack after one text in one file was replaced: `line: start of the message`.
fn check(file: &str, name: &str, from: &str, to: &str, expected: &[&str]) {
    let (packs, _) = Files::good().replaced(file, from, to).survey();
    let problems = RuleSet::load(&packs.unwrap()).unwrap_err();
    let expected: Vec<String> = expected.iter().map(|rest| format!("{file}:{rest}")).collect();
    expect(name, problems, &expected.iter().map(String::as_str).collect::<Vec<_>>());
}

type Row = (&'static str, &'static str, &'static str, &'static str);

#[test]
fn a_policy_that_cannot_be_read_is_refused() {
    let rows: [Row; 7] = [
        ("a text that does not end", "@id(\"", "@id(\"\"", "not a policy: "),
        ("syntax", "forbid (", "forbid ((", "not a policy: "),
        ("no semicolon", "limitMinutes };", "limitMinutes }", "not a policy: "),
        (
            "an unknown fact",
            "context.minutes >",
            "context.metres >",
            "`cn.example/1#limit@2022-03-01`: attribute `metres`",
        ),
        (
            "an unknown fact where nothing is evaluated",
            "context.minutes >",
            "false && context.metres || context.minutes >",
            "`cn.example/1#limit@2022-03-01`: `context.metres` is not in the vocabulary",
        ),
        ("another type", "context.minutes >", "context.personalised >", "`cn.example/1#limit@2022-03-01`: "),
        ("an unknown action", "Action::\"dispatch\"", "Action::\"fly\"", "`cn.example/1#limit@2022-03-01`: "),
    ];
    for (name, from, to, message) in rows {
        check(FIRST, name, from, to, &[&format!("2: {message}")]);
    }
}

#[test]
fn annotations_say_all_that_is_needed_and_nothing_else() {
    let rows: [Row; 13] = [
        ("of nobody", "@effect", "@colour(\"red\") @effect", "`@colour` is not an annotation of rules"),
        ("no sentence", "@en(\"No order beyond the limit\")\n", "", "the rule has no `@en`"),
        ("an empty sentence", "@zh(\"超过上限不派单\")", "@zh(\" \")", "the rule has no `@zh`"),
        ("no id", "@id(\"cn.example/1#limit\")\n", "", "the rule has no `@id`"),
        (
            "id of another provision",
            "@id(\"cn.example/1#",
            "@id(\"cn.example/2#",
            "`cn.example/2#limit` does not begin with",
        ),
        ("no effect", "@effect(\"hold\")\n", "", "`@effect` is `missing`"),
        ("an unknown effect", "\"hold\"", "\"explode\"", "`@effect` is `explode`"),
        ("not a date", "@from(\"2022-03-01\")", "@from(\"1 March\")", "`@from`: `1 March` is not a date"),
        ("not the file's date", "@from(\"2022-03-01\")", "@from(\"2022-03-02\")", "`@from` is 2022-03-02 but"),
        ("an end before the beginning", "@effect", "@until(\"2022-03-01\") @effect", "`@until` is not after `@from`"),
        ("basis on a prohibition", "@effect", "@basis(\"cn.example/3\") @effect", "`@basis` belongs on a `permit`"),
        ("a reading of nobody", "@effect", "@reading(\"mine\") @effect", "`mine` is no reading of `cn.example/1`"),
        ("a malformed reading", "@effect", "@reading(\"My Own\") @effect", "`@reading`: `My Own` is not an identifier"),
    ];
    for (name, from, to, message) in rows {
        check(FIRST, name, from, to, &[&format!("2: {message}")]);
    }
}

#[test]
fn conditions_keep_to_what_can_be_judged_three_valued() {
    let whole = "context.minutes > context.parameters.limitMinutes";
    let rows: [Row; 8] = [
        ("has", "context.minutes >", "context has minutes && context.minutes >", "`context has minutes` uses `has`"),
        ("has in unless", "tes };", "tes } unless { principal has filed };", "`principal has filed` uses `has`"),
        ("all parameters", whole, "context.parameters == context.parameters", "`context.parameters` is not a fact"),
        ("an entity", whole, "principal == principal", "`principal` is of a kind that rules do not use"),
        ("no principal", "principal is Algorithm", "principal", "the scope is not `principal is Algorithm`"),
        ("no action", "action == Action::\"dispatch\"", "action", "the scope names no action"),
        ("two conditions", "limitMinutes };", "limitMinutes } when { true };", "a rule has one `when`"),
        ("an extension", whole, "decimal(\"1.0\").lessThan(decimal(\"2.0\"))", "`decimal("),
    ];
    for (name, from, to, message) in rows {
        check(FIRST, name, from, to, &[&format!("2: {message}")]);
    }
}

#[test]
fn bases_and_demands_are_written_in_one_way_only() {
    let basis = "@basis(\"cn.example/3\")";
    check(BASES, "no basis", basis, "", &["11: a `permit` needs `@basis`"]);
    check(BASES, "an effect", basis, &format!("@effect(\"stop\") {basis}"), &["11: a `permit` has no `@effect`"]);
    let unless = ("personalInformation };", "personalInformation } unless { context.necessary };");
    check(BASES, "a way out", unless.0, unless.1, &["1: a rule with `@demands_basis` has no `unless`"]);
}

#[test]
fn a_rule_stands_in_the_pack_of_its_provision() {
    check(
        FIRST,
        "unknown provision",
        "@provision(\"cn.example/1",
        "@provision(\"cn.example/7",
        &[
            "2: `cn.example/1#limit` does not begin with its provision `cn.example/7`",
            "2: `cn.example/7` is in no `provisions.toml`",
        ],
    );
    let good = Files::good();
    let instrument = good.text("cn/example/instrument.toml").replace("cn.example", "cn.other");
    let provision = "[[provision]]\nid = \"cn.other/1\"\nkind = \"duty\"\nzh = \"一\"\nen = \"one\"\n";
    let rule = good.text(FIRST).replace("#limit", "#guest");
    let files = good.with("cn/other/instrument.toml", instrument).with("cn/other/provisions.toml", provision);
    let (packs, _) = files.with("cn/other/rules/art-1@2022-03-01.cedar", rule).survey();
    let problems = RuleSet::load(&packs.unwrap()).unwrap_err();
    expect("a guest", problems, &["cn/other/rules/art-1@2022-03-01.cedar:2: `cn.example/1` belongs to another pack"]);
}

#[test]
fn a_rule_lives_within_its_instrument() {
    let until = |day: &str| {
        let to = format!("effective = 2022-03-01\nuntil = {day}");
        let files = Files::good().replaced("cn/example/instrument.toml", "effective = 2022-03-01", &to);
        RuleSet::load(&files.survey().0.unwrap())
    };
    assert!(until("2024-01-02").is_ok());
    expect(
        "after its end",
        until("2024-01-01").unwrap_err(),
        &["cn/example/rules/art-1@2024-01-01.cedar:1: `@from` 2024-01-01 lies after the instrument's end (2024-01-01)"],
    );
    let later =
        Files::good().replaced("cn/example/instrument.toml", "effective = 2022-03-01", "effective = 2022-03-02");
    let problems = RuleSet::load(&later.survey().0.unwrap()).unwrap_err();
    assert_eq!(problems.len(), 6, "each rule of 2022-03-01: {problems:#?}");
    assert!(problems.iter().all(|problem| problem.message.contains("lies before the instrument binds (2022-03-02)")));
}

#[test]
fn the_versions_of_a_rule_leave_no_gap_and_do_not_overlap() {
    let says = "2: `cn.example/1#limit@2022-03-01` ends on";
    check(
        FIRST,
        "gap of a day",
        "@effect",
        "@until(\"2023-12-31\")\n@effect",
        &[&format!("{says} 2023-12-31 and leaves a gap before its next version of 2024-01-01")],
    );
    check(
        FIRST,
        "overlap of a day",
        "@effect",
        "@until(\"2024-01-02\")\n@effect",
        &[&format!("{says} 2024-01-02 and overlaps with its next version of 2024-01-01")],
    );
    let fits = Files::good().replaced(FIRST, "@effect", "@until(\"2024-01-01\")\n@effect").survey().0.unwrap();
    assert!(RuleSet::load(&fits).is_ok(), "one ends on the day the next begins");
    check(
        READINGS,
        "twins",
        "\"narrow\"",
        "\"broad\"",
        &["12: `cn.example/2#stop@2022-03-01?broad` stands twice, first at cn/example/rules/art-2@2022-03-01.cedar:1"],
    );
}

#[test]
fn a_file_without_a_rule_is_refused() {
    for (name, text) in [("empty", ""), ("a comment", "// forbid;\n"), ("white space", " \n\n")] {
        let (packs, _) = Files::good().with("cn/example/rules/art-9@2022-03-01.cedar", text).survey();
        let problems = RuleSet::load(&packs.unwrap()).unwrap_err();
        expect(name, problems, &["cn/example/rules/art-9@2022-03-01.cedar: the file has no rule"]);
    }
}

#[test]
fn a_semicolon_in_a_text_or_a_comment_ends_no_policy() {
    let files = Files::good().replaced(FIRST, "No order beyond", "No order; \\\"never\\\"; // beyond");
    let files = files.replaced(FIRST, "forbid", "// not here; nor here\nforbid");
    let rules = RuleSet::load(&files.survey().0.unwrap()).unwrap();
    let rule = rules.versions.iter().find(|version| version.key.rule.as_str() == "cn.example/1#limit").unwrap();
    assert_eq!(rule.en, "No order; \"never\"; // beyond the limit");
    assert_eq!(rule.line, 2, "the comment above is not part of the policy");
}

#[test]
fn a_vocabulary_that_facts_cannot_follow_is_refused() {
    let rows: [Row; 7] = [
        ("syntax", "entity Person", "entity Person Person", ": the vocabulary is not a Cedar schema"),
        ("no sentence", "@zh(\"已备案\")", "", ":7: `principal.filed` has no `@zh`"),
        ("no grade", "@grade(\"observed\")", "", ":7: `principal.filed` has no `@grade`"),
        ("a grade of nobody", "@grade(\"asserted\")", "@grade(\"sworn\")", ":49: `sworn` is not a grade"),
        ("not a column", "filed: Bool", "filed: Set<Long>", ":7: `principal.filed` has a type that facts cannot have"),
        ("one name twice", "  minutes: Long", "  limitMinutes: Long", ":25: `limitMinutes` is both a fact"),
        ("no such type", "type Parameters", "type Params", ": the vocabulary does not hold together"),
    ];
    for (name, from, to, expected) in rows {
        let (packs, _) = Files::good().replaced("vocabulary.cedarschema", from, to).survey();
        let expected = format!("vocabulary.cedarschema{expected}");
        expect(name, RuleSet::load(&packs.unwrap()).unwrap_err(), &[&expected]);
    }
}
