//! Damaged rules, cases and vocabularies, through the same harness as the fuzz target `rules`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "../../../fuzz/harness/mutate.rs"]
mod mutate;
#[path = "../../../fuzz/harness/pack.rs"]
mod pack;
#[path = "../../../fuzz/harness/rules.rs"]
mod rules;
#[path = "../../pack/tests/support/mod.rs"]
mod support;

use mutate::{damage, damaged};
use proptest::prelude::*;
use support::Files;

const WORDS: [&str; 16] = [
    "forbid",
    "permit",
    "when",
    "unless",
    "{ true }",
    "&&",
    "principal",
    "context.parameters",
    "has",
    "like \"*\"",
    "if",
    "(",
    "]",
    "@id(\"cn.example/1#limit\")",
    "//",
    "9223372036854775807",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 384, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_rule_or_case_is_read_or_refused_with_its_place(pick in any::<u8>(), acts in damage()) {
        let good = Files::good().0;
        let seed = good.values().nth(usize::from(pick) % good.len()).unwrap();
        let mut bytes = vec![pick];
        bytes.extend(damaged(seed, &acts, &WORDS));
        rules::drive(&good, &bytes);
    }
}

const RULE: &str = "cn/example/rules/art-1@2022-03-01.cedar";
const CONDITION: &str = "context.minutes > context.parameters.limitMinutes";

/// The stack ends the program when it overflows: the test is that it comes back at all.
#[test]
fn nesting_without_end_is_refused_and_not_followed() {
    for depth in [40, 100, 190, 380, 1_000, 5_000, 100_000] {
        for (before, inside, after) in [
            ("(", "context.personalised", ")"),
            ("!", "context.personalised", ""),
            ("- ", "1 == 1", ""),
            ("[", "context.personalised", "]"),
            ("if true then ", "true", " else true"),
            ("if true then true else ", "true", ""),
            ("(1 > ", "1", ")"),
            ("{a: ", "1", "}"),
            ("true && ", "true", ""),
            ("1 < ", "1", ""),
            ("1 + ", "1 == 1", ""),
            ("context", "", ".minutes"),
            ("context", "", ".contains(context)"),
            ("context", "", "[\"minutes\"]"),
        ] {
            let nested =
                [&before.repeat(if inside.is_empty() { 1 } else { depth }), inside, &after.repeat(depth)].concat();
            rules::drive(&Files::good().replaced(RULE, CONDITION, &nested).0, &[]);
            let duties = "cn/example/duties.toml";
            let quoted = nested.replace('"', "\\\"");
            rules::drive(&Files::good().replaced(duties, "!principal.filed", &quoted).0, &[]);
        }
        let nested = format!("{}String{}", "Set<".repeat(depth), ">".repeat(depth));
        rules::drive(
            &Files::good().replaced("vocabulary.cedarschema", "purpose: String", &format!("purpose: {nested}")).0,
            &[],
        );
    }
}

#[test]
fn a_bound_is_told_in_words() {
    for (condition, message) in [
        (format!("{}true{}", "(".repeat(60), ")".repeat(60)), "brackets stand more than 48 deep"),
        (format!("{}true", "true && ".repeat(200)), "more than 384 operators stand in one rule"),
        (format!("{}true", "if true then true else ".repeat(49)), "more than 48 choices (`if`) stand in one rule"),
        (format!("context.purpose == \"{}\"", "a".repeat(16 * 1024)), "the text has "),
    ] {
        let (packs, _) = Files::good().replaced(RULE, CONDITION, &condition).survey();
        let problems = gongdao_rules::RuleSet::load(&packs.unwrap()).unwrap_err();
        support::expect(message, problems, &[&format!("{RULE}:2: {message}")]);
    }
}
