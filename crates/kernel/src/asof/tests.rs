#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod columns;
mod folding;
mod live;
mod naive;
mod refusing;

use super::{AsOfIndex, Change, Event, EventLog};
use gongdao_model::{FactPath, FactType, FactValue, Instant};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Noon of 2024-05-01 in Shanghai.
const NOON: i64 = 1_714_536_000_000;
/// Probes begin before the first event and end after the last, in milliseconds from noon.
const PROBES: std::ops::Range<i64> = -2..8;
const KEYS: [&str; 4] = ["p", "q", "骑手-一二三四五", "never heard of"];

/// An event that owns what it says; times are milliseconds from noon.
#[derive(Debug, Clone, PartialEq)]
struct Said {
    key: &'static str,
    at: Option<i64>,
    known_at: Option<i64>,
    seq: Option<i64>,
    fact: usize,
    change: Change,
}

impl Said {
    fn event(&self) -> Event<'_> {
        let instant = |ms: Option<i64>| ms.map(|ms| Instant::from_millis(NOON + ms).unwrap());
        let (at, known_at) = (instant(self.at), instant(self.known_at));
        Event { key: self.key, at, known_at, seq: self.seq, fact: self.fact, change: &self.change }
    }
}

fn facts() -> Vec<(FactPath, FactType)> {
    let kinds = [
        ("profilingOff", FactType::Bool),
        ("ageYears", FactType::Long),
        ("worker", FactType::Text),
        ("consents", FactType::TextSet),
    ];
    kinds.map(|(name, kind)| (format!("resource.{name}").parse().unwrap(), kind)).to_vec()
}

fn words(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn at(ms: i64) -> Instant {
    Instant::from_millis(NOON + ms).unwrap()
}

fn log(said: &[Said]) -> EventLog {
    let mut log = EventLog::new(facts());
    for said in said {
        log.push(&said.event()).unwrap();
    }
    log
}

fn seen(index: &AsOfIndex, key: &str, ms: i64) -> Vec<Option<FactValue>> {
    let state = index.state_at(key, at(ms));
    (0..index.facts().len()).map(|fact| index.value(state, fact).cloned()).collect()
}

// --- few keys, instants, numbers and words, so that ties, repeats and late corrections are the rule ---

fn any_words() -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set(prop::sample::select(vec!["a", "b", "c"]).prop_map(str::to_owned), 0..3)
}

fn any_value(fact: usize) -> BoxedStrategy<FactValue> {
    match fact {
        0 => any::<bool>().prop_map(FactValue::Bool).boxed(),
        1 => (16..19_i64).prop_map(FactValue::Long).boxed(),
        2 => prop::sample::select(vec!["", "platform"]).prop_map(|text| FactValue::Text(text.to_owned())).boxed(),
        _ => any_words().prop_map(FactValue::TextSet).boxed(),
    }
}

fn any_change(fact: usize) -> BoxedStrategy<Change> {
    let any = prop_oneof![4 => any_value(fact).prop_map(Change::Set), 1 => Just(Change::Forget)];
    if fact < 3 {
        return any.boxed();
    }
    prop_oneof![2 => any, 2 => any_words().prop_map(Change::Add), 2 => any_words().prop_map(Change::Remove)].boxed()
}

fn any_said() -> impl Strategy<Value = Said> {
    let at = prop_oneof![19 => (0..6_i64).prop_map(Some), 1 => Just(None)];
    let known_at = prop::option::of(-1..8_i64);
    let seq = prop::sample::select(vec![None, None, Some(i64::MIN), Some(-1), Some(0), Some(1), Some(i64::MAX)]);
    let fact = prop_oneof![1 => 0..3_usize, 2 => Just(3_usize)];
    let fact = fact.prop_flat_map(|fact| (Just(fact), any_change(fact)));
    (prop::sample::select(KEYS[..3].to_vec()), at, known_at, seq, fact)
        .prop_map(|(key, at, known_at, seq, (fact, change))| Said { key, at, known_at, seq, fact, change })
}

fn any_initial() -> impl Strategy<Value = BTreeMap<FactPath, FactValue>> {
    let each = (0..4_usize).map(|fact| prop::option::of(any_value(fact))).collect::<Vec<_>>();
    each.prop_map(|values| {
        facts().into_iter().zip(values).filter_map(|((path, _), value)| Some((path, value?))).collect()
    })
}
