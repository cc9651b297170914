//! What law asks for, worked out ahead, beside the whole appraisal.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "../../pack/tests/support/mod.rs"]
mod support;

use gongdao_model::{Effect, Outcome};
use gongdao_pack::Drafts;
use gongdao_rules::{Asking, Judged, RuleKind, RuleSet, appraisal};
use std::collections::BTreeSet;
use support::Files;

/// Outcomes that a version can have; the first one is the commonest in logs.
fn drawn(rules: &RuleSet, version: usize, number: u64) -> Outcome {
    let is_basis = matches!(rules.versions[version].kind, RuleKind::Basis { .. });
    let prohibition = [Outcome::NotApplicable, Outcome::Satisfied, Outcome::Violated, Outcome::Undetermined];
    let basis = [Outcome::NotEstablished, Outcome::Established, Outcome::Undetermined];
    if is_basis { basis[(number % 3) as usize] } else { prohibition[(number % 4) as usize] }
}

#[test]
fn it_asks_for_what_the_appraisal_asks_for() {
    let rules = RuleSet::load(&Files::real().survey().0.unwrap().with_drafts(Drafts::Included)).unwrap();
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let (mut seen, mut disputed) = (BTreeSet::new(), 0);
    let places = rules.places().into_iter().map(Some).chain([None]).collect::<Vec<_>>();
    for action in rules.vocabulary.actions.keys() {
        for (on, place) in
            ["2021-12-01", "2024-05-01", "2027-01-01"].iter().flat_map(|on| places.iter().map(move |place| (on, place)))
        {
            let versions = rules.in_force(on.parse().unwrap(), *place, action);
            let asking = Asking::new(&rules, &versions);
            for round in 0..8 {
                // Few breaches among many that are kept, and the other way round.
                let outcome = |version: &usize| {
                    let number = next();
                    drawn(&rules, *version, if round % 4 > 0 && number % 5 > 0 { 1 } else { number >> 4 })
                };
                let outcomes: Vec<Outcome> = versions.iter().map(outcome).collect();
                let judged = versions.iter().zip(&outcomes);
                let judged =
                    judged.map(|(version, outcome)| Judged { version: *version, outcome: *outcome, cause: None });
                let expected = appraisal(&rules, "d".parse().unwrap(), &judged.collect::<Vec<_>>());
                assert_eq!(
                    asking.asked(&outcomes),
                    [expected.verified, expected.provisional],
                    "{action} {on} {place:?}"
                );
                seen.extend([expected.verified.all, expected.provisional.certain]);
                disputed += u32::from(expected.disputed);
            }
        }
    }
    let all = [Effect::Proceed, Effect::NonPersonalised, Effect::CannotTell, Effect::Hold, Effect::Stop];
    assert!(all.iter().all(|effect| seen.contains(effect)), "{seen:?}");
    assert!(disputed > 20, "{disputed}");
}
