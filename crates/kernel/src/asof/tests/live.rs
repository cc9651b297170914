//! Indexes that take events while they are asked.

use super::{KEYS, PROBES, Said, any_initial, any_said, at, facts, log, naive, seen, words};
use crate::{Change, LiveIndex, Sees};
use gongdao_model::FactValue;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn answers(live: &LiveIndex) -> Vec<Vec<Option<FactValue>>> {
    KEYS.into_iter().flat_map(|key| PROBES.map(move |ms| seen(live.index(), key, ms))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_next_question_sees_the_event_as_if_all_had_been_folded_at_once(
        said in prop::collection::vec(any_said(), 0..30),
        initial in any_initial(),
        folded in 0..30_usize,
    ) {
        for sees in [Sees::Happened, Sees::Known] {
            let folded = folded.min(said.len());
            let mut live = log(&said[..folded]).open(&initial, sees, 1).unwrap();
            for applied in folded..said.len() {
                live.apply(&said[applied].event()).unwrap();
                let known = &said[..=applied];
                for (key, ms) in KEYS.into_iter().flat_map(|key| PROBES.map(move |ms| (key, ms))) {
                    let expected = naive::seen(known, &initial, sees, key, ms);
                    prop_assert_eq!(seen(live.index(), key, ms), expected, "{:?} {} at {}", sees, key, ms);
                }
                for key in KEYS {
                    let latest = live.index().state_at(key, at(1_000));
                    prop_assert_eq!(live.index().latest(key), latest);
                }
            }
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_count_where_the_order_of_happening_is_told(
        said in prop::collection::vec(any_said(), 0..30),
        initial in any_initial(),
        arrival in Just((0..30_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        // Of events that stand at the same place in the order of happening only the first stays.
        let mut places = BTreeSet::new();
        let said: Vec<Said> =
            said.into_iter().filter(|said| places.insert((said.key, said.at, said.seq, said.fact))).collect();
        for sees in [Sees::Happened, Sees::Known] {
            let at_once = log(&said).open(&initial, sees, 2).unwrap();
            let mut one_by_one = log(&[]).open(&initial, sees, 1).unwrap();
            for said in arrival.iter().filter_map(|position| said.get(*position)) {
                one_by_one.apply(&said.event()).unwrap();
            }
            prop_assert_eq!(answers(&one_by_one), answers(&at_once));
        }
    }

    #[test]
    fn a_fact_lost_on_the_way_is_unknown_as_if_it_had_been_lost_before(
        said in prop::collection::vec(any_said(), 0..30),
        initial in any_initial(),
        (when, fact) in (0..30_usize, 0..4_usize),
    ) {
        let mut lost = log(&said);
        lost.lose(fact).unwrap();
        let at_once = lost.open(&initial, Sees::Known, 1).unwrap();
        let mut one_by_one = log(&[]).open(&initial, Sees::Known, 1).unwrap();
        for (position, said) in said.iter().enumerate() {
            if position == when {
                one_by_one.lose(fact).unwrap();
            }
            one_by_one.apply(&said.event()).unwrap();
        }
        one_by_one.lose(fact).unwrap();
        prop_assert_eq!(answers(&one_by_one), answers(&at_once));
    }
}

/// One key with many events: its run moves again and again, and every third event comes late.
#[test]
fn a_key_may_have_many_events_and_late_ones() {
    let said: Vec<Said> = (0..600_i64)
        .map(|number| {
            let at = if number % 3 == 0 { 600 - number } else { 600 + number };
            let change = if number % 2 == 0 { Change::Add(words(&["a"])) } else { Change::Remove(words(&["a"])) };
            Said { key: "p", at: Some(at), known_at: Some(number), seq: None, fact: 3, change }
        })
        .collect();
    let initial = BTreeMap::from([(facts()[3].0.clone(), FactValue::TextSet(words(&["b"])))]);
    for sees in [Sees::Happened, Sees::Known] {
        let mut live = log(&said[..100]).open(&initial, sees, 1).unwrap();
        said[100..].iter().for_each(|said| live.apply(&said.event()).unwrap());
        for ms in (-1..1_201).step_by(7) {
            assert_eq!(seen(live.index(), "p", ms), naive::seen(&said, &initial, sees, "p", ms), "{sees:?} at {ms}");
        }
    }
}
