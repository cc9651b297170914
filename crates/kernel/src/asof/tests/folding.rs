//! Logs into indexes.

use super::{KEYS, PROBES, Said, any_initial, any_said, at, facts, log, naive, seen, words};
use crate::asof::log::Row;
use crate::asof::timeline::Seen;
use crate::{AsOfIndex, Change, EventLog, Sees, partition_of};
use gongdao_model::{FactPath, FactType, FactValue};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// All that an index answers, by number too.
fn numbers(index: &AsOfIndex) -> Vec<(u32, Vec<Option<FactValue>>)> {
    let probes = KEYS.into_iter().flat_map(|key| PROBES.map(move |ms| (key, ms)));
    probes.map(|(key, ms)| (index.state_at(key, at(ms)), seen(index, key, ms))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn an_index_answers_as_filtering_sorting_and_replaying_does(
        said in prop::collection::vec(any_said(), 0..40),
        initial in any_initial(),
        threads in 0..4_usize,
    ) {
        for sees in [Sees::Happened, Sees::Known] {
            let index = log(&said).fold(&initial, sees, threads).unwrap();
            for (key, ms) in KEYS.into_iter().flat_map(|key| PROBES.map(move |ms| (key, ms))) {
                let expected = naive::seen(&said, &initial, sees, key, ms);
                prop_assert_eq!(seen(&index, key, ms), expected, "{:?} {} at {}", sees, key, ms);
            }
        }
    }

    #[test]
    fn logs_filled_apart_and_merged_give_the_same_numbers_as_one_log(
        said in prop::collection::vec(any_said(), 0..40),
        initial in any_initial(),
        cuts in (0..40_usize, 0..40_usize),
    ) {
        let whole = log(&said).fold(&initial, Sees::Known, 1).unwrap();
        let (first, second) = (cuts.0.min(said.len()), cuts.0.max(cuts.1).min(said.len()));
        let mut merged = log(&said[..first]);
        // A thread that met the facts in another order.
        let mut other = EventLog::new(facts().into_iter().rev().collect());
        for said in &said[first..second] {
            let mirrored = Said { fact: facts().len() - 1 - said.fact, ..said.clone() };
            other.push(&mirrored.event()).unwrap();
        }
        merged.merge(other).unwrap();
        merged.merge(log(&said[second..])).unwrap();
        prop_assert_eq!(merged.len(), said.len());
        prop_assert_eq!(numbers(&merged.fold(&initial, Sees::Known, 3).unwrap()), numbers(&whole));
    }

    #[test]
    fn each_part_of_a_log_answers_for_its_own_keys(
        said in prop::collection::vec(any_said(), 0..40),
        initial in any_initial(),
        parts in 1..5_u32,
    ) {
        let parts = NonZeroU32::new(parts).unwrap();
        let logs = log(&said).partition(parts).unwrap();
        prop_assert_eq!(logs.iter().map(EventLog::len).sum::<usize>(), said.len());
        for (part, log) in (0..).zip(logs) {
            let index = log.fold(&initial, Sees::Known, 1).unwrap();
            for (key, ms) in KEYS.into_iter().flat_map(|key| PROBES.map(move |ms| (key, ms))) {
                let own = if partition_of(key, parts) == part { said.as_slice() } else { &[] };
                prop_assert_eq!(seen(&index, key, ms), naive::seen(own, &initial, Sees::Known, key, ms));
            }
        }
    }
}

/// Many keys, so that every one of the log's parts has some and its table grows.
#[test]
fn a_log_of_many_keys_is_folded_by_any_number_of_threads_to_the_same_numbers() {
    let fold = |threads: usize| {
        let mut log = EventLog::new(facts());
        for number in 0..5_000_i64 {
            let key = format!("courier-{}", number % 1_700);
            let change = Change::Set(FactValue::Long(number));
            let said = Said { key: "", at: Some(number), known_at: None, seq: None, fact: 1, change };
            log.push(&crate::Event { key: &key, ..said.event() }).unwrap();
        }
        log.fold(&BTreeMap::new(), Sees::Happened, threads).unwrap()
    };
    let alone = fold(1);
    assert_eq!(alone.keys(), 1_700);
    for threads in [2, 3, 100] {
        let index = fold(threads);
        for number in 0..1_700_i64 {
            let key = format!("courier-{number}");
            for (ms, last) in [(number - 1, None), (1_699, Some(number)), (3_399, Some(number + 1_700))] {
                let state = index.state_at(&key, at(ms));
                assert_eq!(index.value(state, 1), last.map(FactValue::Long).as_ref(), "{key} at {ms}");
                assert_eq!(state, alone.state_at(&key, at(ms)), "{threads} threads");
            }
        }
    }
}

#[test]
fn a_late_correction_of_an_old_event_does_not_override_a_younger_one() {
    let said = |at: i64, known_at: i64, text: &str| {
        let change = Change::Set(FactValue::Text(text.to_owned()));
        Said { key: "p", at: Some(at), known_at: Some(known_at), seq: None, fact: 2, change }
    };
    let said = [said(1, 1, "old"), said(3, 3, "young"), said(2, 5, "correction of old")];
    let of = |sees: Sees| {
        let index = log(&said).fold(&BTreeMap::new(), sees, 1).unwrap();
        let text = |ms| match &seen(&index, "p", ms)[2] {
            Some(FactValue::Text(text)) => text.clone(),
            _ => String::new(),
        };
        (0..7).map(text).collect::<Vec<_>>()
    };
    assert_eq!(of(Sees::Happened), ["", "old", "correction of old", "young", "young", "young", "young"]);
    assert_eq!(of(Sees::Known), ["", "old", "old", "young", "young", "young", "young"]);
}

#[test]
fn a_fact_that_could_be_anybodys_event_is_unknown_for_everybody() {
    let initial: BTreeMap<FactPath, FactValue> =
        BTreeMap::from([(facts()[3].0.clone(), FactValue::TextSet(words(&["a"])))]);
    let said = |fact: usize, change: Change| Said { key: "p", at: Some(1), known_at: None, seq: None, fact, change };
    let said = [
        said(3, Change::Set(FactValue::TextSet(words(&["b"])))),
        said(3, Change::Add(words(&["c"]))),
        said(1, Change::Set(FactValue::Long(17))),
    ];
    let mut one = log(&said[..1]);
    one.lose(3).unwrap();
    let mut both = log(&[]);
    both.merge(one).unwrap();
    both.merge(log(&said[1..])).unwrap();
    for log in both.partition(NonZeroU32::new(2).unwrap()).unwrap() {
        let is_ps = !log.is_empty();
        let index = log.fold(&initial, Sees::Happened, 1).unwrap();
        for ms in [0, 1, 9] {
            let age = (is_ps && ms > 0).then_some(FactValue::Long(17));
            assert_eq!(seen(&index, "p", ms), [None, age, None, None], "another fact is as it was");
            assert_eq!(seen(&index, "never heard of", ms), [None, None, None, None]);
        }
    }
}

#[test]
fn an_event_takes_32_bytes_and_a_change_of_state_12() {
    assert_eq!((size_of::<Row>(), size_of::<Seen>()), (32, 12));
}

#[test]
fn the_part_of_a_key_is_the_same_for_ever() {
    let part = |key: &str| partition_of(key, NonZeroU32::new(1_000).unwrap());
    let keys =
        ["", "p", "courier-1", "courier-2", "12345678", "骑手-一二三四五", "c5b0a1de-8a3c-4a9c-9a39-0d7f6d1e6c11"];
    assert_eq!(keys.map(part), [455, 242, 671, 553, 637, 136, 356], "decisions and events would no longer meet");
    let mut counts = [0_u32; 8];
    for number in 0..8_000 {
        let key = format!("courier-{number}");
        counts[partition_of(&key, NonZeroU32::new(8).unwrap()) as usize] += 1;
    }
    assert!(counts.iter().all(|count| (850..1_150).contains(count)), "{counts:?}");
}

#[test]
fn a_fact_is_found_by_its_path_or_added() {
    let mut log = EventLog::new(facts());
    assert_eq!(log.fact(&facts()[2].0, FactType::Text).unwrap(), 2);
    assert_eq!(log.fact(&"resource.restricted".parse().unwrap(), FactType::Bool).unwrap(), 4);
    assert_eq!(log.facts().len(), 5);
}
