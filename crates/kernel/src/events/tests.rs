//! What events mean to the decisions after them, row by row as a person would read the table.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use super::{BadEvent, EventFault, EventReader};
use crate::moments::NoMoment;
use crate::{AsOfIndex, KernelError, Sees};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray};
use gongdao_model::{Entity, FactPath, FactType, FactValue, Instant};
use gongdao_rules::{FactDeclaration, Grade, Vocabulary};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Noon of 2024-05-01 in Shanghai.
const NOON: i64 = 1_714_536_000_000;
const ONE: Option<&str> = Some("2024-05-01T13:00:00+08:00");
const TWO: Option<&str> = Some("2024-05-01T06:00:00Z");

fn vocabulary() -> Vocabulary {
    let declared = |fact_type, words: &[&str]| FactDeclaration {
        fact_type,
        grade: Grade::Observed,
        unit: None,
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        zh: String::new(),
        en: String::new(),
    };
    let facts = [
        ("resource.profilingOff", declared(FactType::Bool, &[])),
        ("resource.consents", declared(FactType::TextSet, &["dispatch", "marketing"])),
        ("resource.ageGroup", declared(FactType::Text, &["adult", "minor"])),
        ("resource.orders", declared(FactType::Long, &[])),
        ("principal.filed", declared(FactType::Bool, &[])),
    ];
    let facts = facts.into_iter().map(|(path, declared)| (path.parse().unwrap(), declared)).collect();
    Vocabulary { actions: BTreeMap::new(), facts }
}

/// Key, instant, fact, op and value.
type Row = (Option<&'static str>, Option<&'static str>, &'static str, &'static str, Option<&'static str>);

fn table(rows: &[Row]) -> RecordBatch {
    let text = |of: &dyn Fn(&Row) -> Option<&'static str>| -> ArrayRef {
        Arc::new(rows.iter().map(of).collect::<StringArray>())
    };
    RecordBatch::try_from_iter_with_nullable([
        ("key", text(&|row| row.0), true),
        ("at", text(&|row| row.1), true),
        ("fact", text(&|row| Some(row.2)), true),
        ("op", text(&|row| Some(row.3)), true),
        ("value", text(&|row| row.4), true),
    ])
    .unwrap()
}

fn with(batch: &RecordBatch, name: &str, array: ArrayRef) -> RecordBatch {
    let schema = batch.schema();
    let others = schema.fields().iter().zip(batch.columns()).filter(|(field, _)| field.name() != name);
    let others = others.map(|(field, column)| (field.name().clone(), Arc::clone(column), true));
    RecordBatch::try_from_iter_with_nullable(others.chain([(name.to_owned(), array, true)])).unwrap()
}

fn read(reader: &mut EventReader<'_>, batch: &RecordBatch) -> Result<Vec<BadEvent>, KernelError> {
    let mut bad = Vec::new();
    reader.read(batch, &mut |event| bad.push(event))?;
    Ok(bad)
}

fn seen(index: &AsOfIndex, key: &str, hour: i64, fact: &str) -> String {
    let path: FactPath = fact.parse().unwrap();
    let number = index.facts().iter().position(|(known, _)| *known == path).unwrap();
    let at = Instant::from_millis(NOON + hour * 3_600_000).unwrap();
    match index.value(index.state_at(key, at), number) {
        None => "unknown".into(),
        Some(FactValue::TextSet(words)) => words.iter().cloned().collect::<Vec<_>>().join("|"),
        Some(value) => format!("{value:?}"),
    }
}

#[test]
fn events_are_seen_from_their_instant_on() {
    let vocabulary = vocabulary();
    let mut reader = EventReader::new(&vocabulary, Entity::Person, Sees::Happened);
    reader.initial("consents", FactValue::TextSet(BTreeSet::new())).unwrap();
    let rows = [
        (Some("p"), ONE, "consents", "add", Some("dispatch | marketing")),
        (Some("p"), TWO, "resource.consents", "remove", Some("marketing")),
        (Some("p"), TWO, "profilingOff", "set", Some("TRUE")),
        (Some("p"), TWO, "orders", "set", Some("12")),
        (Some("q"), TWO, "ageGroup", "set", Some("minor")),
    ];
    assert_eq!(read(&mut reader, &table(&rows)).unwrap(), []);
    let index = reader.finish(1).unwrap();
    let expected = [
        ("p", 0, "resource.consents", ""),
        ("p", 1, "resource.consents", "dispatch|marketing"),
        ("p", 2, "resource.consents", "dispatch"),
        ("p", 1, "resource.profilingOff", "unknown"),
        ("p", 2, "resource.profilingOff", "Bool(true)"),
        ("p", 2, "resource.orders", "Long(12)"),
        ("q", 2, "resource.consents", ""),
        ("q", 2, "resource.ageGroup", "Text(\"minor\")"),
    ];
    for (key, hour, fact, value) in expected {
        assert_eq!(seen(&index, key, hour, fact), value, "{fact} of {key}, {hour} hours after noon");
    }
}

#[test]
fn what_cannot_be_read_is_unknown_and_never_dropped() {
    let (all, later) = (["unknown"; 3], ["", "unknown", "unknown"]);
    let cases: [(Row, &str, [&str; 3]); 8] = [
        ((None, ONE, "consents", "add", Some("dispatch")), "key", all),
        ((Some(" "), ONE, "consents", "add", Some("dispatch")), "key", all),
        ((Some("p"), Some("yesterday"), "consents", "add", Some("dispatch")), "at", all),
        ((Some("p"), None, "consents", "add", Some("dispatch")), "at", all),
        ((Some("p"), Some("1984-05-01T13:00:00Z"), "consents", "add", Some("dispatch")), "at", all),
        ((Some("p"), ONE, "consents", "added", Some("dispatch")), "value", later),
        ((Some("p"), ONE, "consents", "add", Some("dispach")), "value", later),
        // Some consent went, and nobody knows which.
        ((Some("p"), ONE, "consents", "remove", None), "value", later),
    ];
    let vocabulary = vocabulary();
    for (row, column, expected) in cases {
        let mut reader = EventReader::new(&vocabulary, Entity::Person, Sees::Happened);
        reader.initial("consents", FactValue::TextSet(BTreeSet::new())).unwrap();
        let good = (Some("p"), TWO, "ageGroup", "set", Some("adult"));
        let bad = read(&mut reader, &table(&[good, row])).unwrap();
        assert_eq!(bad.iter().map(|event| (event.row, event.faults[0].column())).collect::<Vec<_>>(), [(1, column)]);
        let index = reader.finish(1).unwrap();
        let found = [0, 1, 2].map(|hour| seen(&index, "p", hour, "resource.consents"));
        assert_eq!(found, expected, "{row:?}");
        assert_eq!(seen(&index, "p", 2, "resource.ageGroup"), "Text(\"adult\")", "{row:?} touches its own fact alone");
    }
}

#[test]
fn lost_rows_leave_every_fact_unknown() {
    let vocabulary = vocabulary();
    let mut reader = EventReader::new(&vocabulary, Entity::Person, Sees::Happened);
    reader.initial("profilingOff", FactValue::Bool(false)).unwrap();
    read(&mut reader, &table(&[(Some("p"), ONE, "orders", "set", Some("3"))])).unwrap();
    reader.lose_all().unwrap();
    let index = reader.finish(1).unwrap();
    for fact in ["resource.profilingOff", "resource.orders"] {
        assert_eq!(seen(&index, "p", 2, fact), "unknown", "{fact}");
    }
}

#[test]
fn the_time_of_recording_matters_only_to_what_was_known() {
    let vocabulary = vocabulary();
    let events = table(&[(Some("p"), ONE, "profilingOff", "set", Some("true"))]);
    let cases = [
        (Sees::Happened, TWO, ["Bool(true)", "Bool(true)"], 0),
        (Sees::Known, TWO, ["unknown", "Bool(true)"], 0),
        (Sees::Known, None, ["Bool(true)", "Bool(true)"], 0),
        (Sees::Happened, Some("soon"), ["Bool(true)", "Bool(true)"], 0),
        (Sees::Known, Some("soon"), ["unknown", "unknown"], 1),
    ];
    for (sees, known_at, expected, faults) in cases {
        let mut reader = EventReader::new(&vocabulary, Entity::Person, sees);
        let batch = with(&events, "known_at", Arc::new(StringArray::from(vec![known_at])));
        let bad = read(&mut reader, &batch).unwrap();
        assert_eq!(bad.len(), faults, "{sees:?} {known_at:?}: {bad:?}");
        let index = reader.finish(1).unwrap();
        let found = [1, 2].map(|hour| seen(&index, "p", hour, "resource.profilingOff"));
        assert_eq!(found, expected, "{sees:?} {known_at:?}");
    }
}

#[test]
fn keys_may_be_numbers_and_instants_milliseconds() {
    let batch = RecordBatch::try_from_iter([
        ("key", Arc::new(Int32Array::from(vec![7, 7])) as ArrayRef),
        ("at", Arc::new(Int64Array::from(vec![NOON, NOON])) as ArrayRef),
        ("seq", Arc::new(Int32Array::from(vec![2, 1])) as ArrayRef),
        ("fact", Arc::new(StringArray::from(vec!["profilingOff"; 2])) as ArrayRef),
        ("op", Arc::new(StringArray::from(vec!["set"; 2])) as ArrayRef),
        ("value", Arc::new(BooleanArray::from(vec![true, false])) as ArrayRef),
    ])
    .unwrap();
    let vocabulary = vocabulary();
    let mut reader = EventReader::new(&vocabulary, Entity::Person, Sees::Happened);
    assert_eq!(read(&mut reader, &batch).unwrap(), []);
    // The second row comes first by `seq`.
    assert_eq!(seen(&reader.finish(1).unwrap(), "7", 0, "resource.profilingOff"), "Bool(true)");
}

#[test]
fn a_table_that_is_no_table_of_events_is_refused_by_name() {
    let vocabulary = vocabulary();
    let good = table(&[(Some("p"), ONE, "profilingOff", "set", Some("true"))]);
    let float: ArrayRef = Arc::new(Float64Array::from(vec![1.5]));
    let without = |name: &str| {
        good.project(&(0..5).filter(|c| good.schema().field(*c).name() != name).collect::<Vec<_>>()).unwrap()
    };
    let of = |fact| table(&[(Some("p"), ONE, fact, "set", Some("true"))]);
    let cases = [
        (without("key"), "the events have no column `key`"),
        (without("at"), "the events have no column `at`"),
        (with(&good, "valu", Arc::clone(&float)), "the events have an unknown column `valu`"),
        (with(&good, "key", Arc::clone(&float)), "column `key` is `Float64`, not text"),
        (with(&good, "seq", Arc::clone(&float)), "column `seq` is `Float64`, not an integer"),
        (with(&good, "at", float), "column `at` is `Float64`, not an instant"),
        (of("filed"), "row 1: `filed` is no fact of `resource` in the vocabulary"),
        (of("principal.filed"), "row 1: `principal.filed` is no fact of `resource` in the vocabulary"),
        (of(""), "row 1: `` is no fact of `resource` in the vocabulary"),
    ];
    for (batch, message) in cases {
        let mut reader = EventReader::new(&vocabulary, Entity::Person, Sees::Happened);
        assert_eq!(read(&mut reader, &batch).unwrap_err().to_string(), message);
    }
    let mut reader = EventReader::new(&vocabulary, Entity::Person, Sees::Happened);
    let words = FactValue::TextSet(BTreeSet::from(["selling".to_owned()]));
    let refused = reader.initial("consents", words).unwrap_err();
    assert_eq!(refused.to_string(), "the initial value of `resource.consents` cannot be `selling`");
    let refused = reader.initial("profilingOff", FactValue::Long(0)).unwrap_err();
    assert_eq!(refused.to_string(), "the initial value of `resource.profilingOff` is `Long`, not `Bool`");
}

#[test]
fn a_missing_moment_is_told_from_an_impossible_one() {
    let vocabulary = vocabulary();
    let mut reader = EventReader::new(&vocabulary, Entity::Person, Sees::Happened);
    let of = |at| (Some("p"), at, "profilingOff", "set", Some("true"));
    let bad = read(&mut reader, &table(&[of(None), of(Some("12:00"))])).unwrap();
    assert_eq!(bad[0].faults, [EventFault::WithoutTime(NoMoment::Missing)]);
    let [EventFault::WithoutTime(NoMoment::Impossible { given, .. })] = &bad[1].faults[..] else {
        panic!("{:?}", bad[1])
    };
    assert_eq!(given, "12:00");
}
