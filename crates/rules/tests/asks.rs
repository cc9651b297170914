//! What law asks for and what else follows, worked out ahead, beside the whole appraisal.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "../../pack/tests/support/mod.rs"]
mod support;

use gongdao_model::{Effect, Outcome, Standing};
use gongdao_pack::Drafts;
use gongdao_rules::{Appraisal, Asking, Judged, Outline, Outliner, RuleKind, RuleSet, Supported, appraisal};
use std::collections::BTreeSet;
use support::Files;

/// Outcomes that a version can have; the first one is the commonest in logs.
fn drawn(rules: &RuleSet, version: usize, number: u64) -> Outcome {
    let is_basis = matches!(rules.versions[version].kind, RuleKind::Basis { .. });
    let prohibition = [Outcome::NotApplicable, Outcome::Satisfied, Outcome::Violated, Outcome::Undetermined];
    let basis = [Outcome::NotEstablished, Outcome::Established, Outcome::Undetermined];
    if is_basis { basis[(number % 3) as usize] } else { prohibition[(number % 4) as usize] }
}

/// The outline of a whole appraisal, beside that of the same versions when none applies.
fn outline_of(whole: &Appraisal, idle: &Appraisal) -> Outline {
    let (rules, idle_rules) = (&whole.evaluation.rules, &idle.evaluation.rules);
    let rules = rules.iter().zip(idle_rules).enumerate();
    let differs = rules.filter(|(_, (one, idle))| (&one.standing, &one.asserted) != (&idle.standing, &idle.asserted));
    let provisions = whole.evaluation.provisions.iter().zip(&idle.evaluation.provisions).enumerate();
    let less = provisions.clone().filter(|(_, (one, idle))| one.standing != idle.standing);
    Outline {
        violated: whole.violated,
        disputed: whole.disputed,
        undetermined: whole.undetermined,
        silent: whole.silent,
        by_reading: provisions.clone().flat_map(|(_, (one, _))| &one.by_reading).map(|(_, outcome)| *outcome).collect(),
        disagree: provisions.filter(|(_, (one, _))| one.disputed).map(|(at, _)| at).collect(),
        supported: differs
            .map(|(position, (one, _))| Supported { position, standing: one.standing, asserted: one.asserted.clone() })
            .collect(),
        standings: less.map(|(at, (one, _))| (at, one.standing)).collect(),
    }
}

#[test]
fn it_asks_for_what_the_appraisal_asks_for() {
    let mut rules = RuleSet::load(&Files::real().survey().0.unwrap().with_drafts(Drafts::Included)).unwrap();
    // Every basis in the packs is verified: some are made less than that, so that what they meet is too.
    let bases = rules.versions.iter_mut().filter(|version| matches!(version.kind, RuleKind::Basis { .. }));
    for (number, basis) in bases.enumerate() {
        basis.binding &= number % 3 > 0;
        basis.standing = if number % 4 == 1 { Standing::Draft } else { basis.standing };
    }
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let (mut seen, mut disputed, mut supported, mut lowered) = (BTreeSet::new(), 0, 0, 0);
    let places = rules.places().into_iter().map(Some).chain([None]).collect::<Vec<_>>();
    for action in rules.vocabulary.actions.keys() {
        for (on, place) in
            ["2021-12-01", "2024-05-01", "2027-01-01"].iter().flat_map(|on| places.iter().map(move |place| (on, place)))
        {
            let versions = rules.in_force(on.parse().unwrap(), *place, action);
            let asking = Asking::new(&rules, &versions);
            let outliner = Outliner::new(&rules, &versions);
            let none = |version: &usize| Judged { version: *version, outcome: Outcome::NotApplicable, cause: None };
            let none: Vec<Judged> = versions.iter().map(none).collect();
            let idle = appraisal(&rules, "d".parse().unwrap(), &none);
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
                let mut outline = outliner.outline(&outcomes);
                // A demand may be met by what changes nothing about it.
                let own = |one: &Supported| {
                    let idle = &idle.evaluation.rules[one.position];
                    (one.standing, &one.asserted) != (idle.standing, &idle.asserted)
                };
                outline.supported.retain(own);
                supported += outline.supported.len();
                lowered += outline.standings.len();
                assert_eq!(outline, outline_of(&expected, &idle), "{action} {on} {place:?}");
                seen.extend([expected.verified.all, expected.provisional.certain]);
                disputed += u32::from(expected.disputed);
            }
        }
    }
    let all = [Effect::Proceed, Effect::NonPersonalised, Effect::CannotTell, Effect::Hold, Effect::Stop];
    assert!(all.iter().all(|effect| seen.contains(effect)), "{seen:?}");
    assert!(disputed > 20, "{disputed}");
    assert!(supported > 20 && lowered > 20, "{supported} {lowered}");
}
