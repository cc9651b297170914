//! What is refused, and in which words.

use super::{Said, facts, log, words};
use crate::asof::error::number;
use crate::{AsOfError, Change, EventLog, Sees};
use arrow_array::{Array, DictionaryArray, Int64Array, StringArray, types::Int32Type};
use gongdao_model::{FactType, FactValue};
use std::collections::BTreeMap;

fn words_of<T>(result: Result<T, AsOfError>) -> String {
    let error = result.map(|_| ()).unwrap_err();
    format!("{error}; {}", error.hint.as_deref().unwrap_or_default())
}

fn said(fact: usize, change: Change) -> Said {
    Said { key: "p", at: Some(0), known_at: None, seq: None, fact, change }
}

#[test]
fn an_event_must_fit_a_fact_of_the_log() {
    for (fact, change, expected) in [
        (4, Change::Forget, "the event log has no fact number `4`; name its facts first"),
        (
            0,
            Change::Set(FactValue::Long(1)),
            "`resource.profilingOff` is `Bool`, not `Long`; give it the type of the vocabulary",
        ),
        (
            2,
            Change::Add(words(&["a"])),
            "`resource.worker` is `String`, not `Set<String>`; give it the type of the vocabulary",
        ),
    ] {
        let mut filled = log(&[]);
        assert_eq!(words_of(filled.push(&said(fact, change.clone()).event())), expected);
        assert!(filled.is_empty());
        let mut live = log(&[]).open(&BTreeMap::new(), Sees::Happened, 1).unwrap();
        assert_eq!(words_of(live.apply(&said(fact, change).event())), expected);
        assert_eq!(live.index().keys(), 0);
    }
    assert!(words_of(log(&[]).lose(4)).starts_with("the event log has no fact number `4`"));
}

#[test]
fn a_fact_has_one_type() {
    let refused = "`resource.worker` is `String`, not `Long`; give it the type of the vocabulary";
    assert_eq!(words_of(log(&[]).fact(&facts()[2].0, FactType::Long)), refused);
    assert_eq!(words_of(log(&[]).merge(EventLog::new(vec![(facts()[2].0.clone(), FactType::Long)]))), refused);
    let initial = |path: &str, value: FactValue| BTreeMap::from([(path.parse().unwrap(), value)]);
    let fold = |initial| words_of(log(&[]).fold(&initial, Sees::Happened, 1));
    assert_eq!(fold(initial("resource.worker", FactValue::Long(1))), refused);
    assert_eq!(
        fold(initial("resource.restricted", FactValue::Bool(true))),
        "the initial value of `resource.restricted` is of no fact of the event log; name its facts first"
    );
}

#[test]
fn numbers_beyond_32_bits_are_refused() {
    assert_eq!(number(4_294_967_293, "events"), Ok(u32::MAX - 2));
    for count in [4_294_967_294, 4_294_967_296, usize::MAX] {
        assert_eq!(
            words_of(number(count, "events")),
            "an event log holds at most 4,294,967,293 events; divide it by key with `partition` and fold each part on its own"
        );
    }
}

#[test]
fn keys_are_text_and_each_has_an_instant() {
    let index = log(&[]).fold(&BTreeMap::new(), Sees::Happened, 1).unwrap();
    let at = Int64Array::from(vec![Some(0), None]);
    let texts = StringArray::from(vec!["p", "q"]);
    let probe = |keys: &dyn Array, at: &Int64Array| words_of(index.states(keys, at));
    assert_eq!(
        probe(&texts, &at),
        "the decision in row `1` of the batch has no instant; set such decisions aside before"
    );
    assert_eq!(
        probe(&texts, &at.slice(0, 1)),
        "`2` keys come with `1` instants; give each decision a key, which may be null, and an instant"
    );
    let numbers = Int64Array::from(vec![1]);
    assert_eq!(probe(&numbers, &at.slice(0, 1)), "keys of decisions cannot be `Int64`; give them as text");
    let codes = arrow_array::Int32Array::from(vec![0]);
    let dictionary = DictionaryArray::<Int32Type>::try_new(codes, std::sync::Arc::new(numbers)).unwrap();
    assert_eq!(
        probe(&dictionary, &at.slice(0, 1)),
        "keys of decisions cannot be `Dictionary(Int32, Int64)`; give them as text"
    );
    assert_eq!(
        words_of(index.columns(&[0, 2])),
        "the index has no state number `2`; take the numbers from the same index"
    );
}
