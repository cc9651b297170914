//! The kernel beside the reference evaluator and beside the official authorizer, over drawn worlds. A short run: the fuzz
//! target of this name goes on from it, and the long one is `cargo run --release -p gongdao-bench -- differential`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "../../../fuzz/harness/differential/mod.rs"]
mod differential;

use differential::{Draw, Level, Tally};
use proptest::prelude::*;

/// A short run must reach what makes it worth anything.
fn run(level: Level, seeds: std::ops::Range<u64>, rows: usize, outcomes: &[&str], errors: &[&str]) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let found = differential::compare(level, &mut Draw::seeded(seed), rows, &mut tally);
        found.unwrap_or_else(|difference| panic!("seed {seed}: {difference}"));
    }
    println!("{tally}");
    let lacks = |seen: &std::collections::BTreeMap<String, u64>, name: &&&str| !seen.contains_key(**name);
    let never: Vec<&&str> = outcomes.iter().filter(|name| lacks(&tally.outcomes, name)).collect();
    assert!(never.is_empty(), "never seen: {never:?}");
    let never: Vec<&&str> = errors.iter().filter(|name| lacks(&tally.errors, name)).collect();
    assert!(never.is_empty(), "never seen: {never:?}");
    assert!(tally.kept > 20 * tally.refused_count(), "{} kept, {} refused", tally.kept, tally.refused_count());
    tally
}

#[test]
fn rules_are_judged_as_by_the_reference_evaluator() {
    let outcomes = ["satisfied", "violated", "not-applicable", "undetermined", "established", "not-established"];
    let errors = [
        "integer overflow while attempting to add",
        "integer overflow while attempting to subtract",
        "integer overflow while attempting to multiply",
        "integer overflow while attempting to negate",
        "missing fact of principal.",
        "missing fact of resource.",
        "missing fact of context.",
        "missing fact of context.parameters.",
    ];
    let tally = run(Level::Rules, 0..80, 150, &outcomes, &errors);
    assert!(tally.layouts.len() > 80, "few layouts: {:?}", tally.layouts);
}

/// One world in thirty-two crowds its judge with words and places, or with dictionaries.
#[test]
fn a_judge_that_was_made_to_forget_judges_as_before() {
    let mut tally = Tally::default();
    for seed in 1_000..1_400 {
        let found = differential::compare(Level::Rules, &mut Draw::seeded(seed), 20, &mut tally);
        found.unwrap_or_else(|difference| panic!("seed {seed}: {difference}"));
        if tally.crowds == 6 {
            return;
        }
    }
    panic!("no judge was filled until it forgot");
}

#[test]
fn policies_are_answered_as_by_the_official_authorizer() {
    let errors = [
        "integer overflow",
        "an entity does not exist",
        "an entity lacks an attribute or a tag",
        "a record lacks an attribute",
        "an extension function failed",
    ];
    run(Level::Language, 0..120, 60, &["allowed", "forbidden", "not permitted"], &errors);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// What the fuzz target does with its bytes.
    #[test]
    fn worlds_drawn_from_bytes_are_judged_alike(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        differential::drive(&bytes);
    }
}
