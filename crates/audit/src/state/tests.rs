//! The reading of events from SQL; the index itself is tested where it is, in the kernel.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::{State, load};
use crate::adapter::{Adapter, AdapterKind, Sql, StateSpec};
use crate::columns;
use crate::query::Session;
use crate::table::FaultTally;
use datafusion::arrow::array::{Array, ArrayRef, Int64Array, StringArray};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::util::display::array_value_to_string;
use gongdao_kernel::Sees;
use gongdao_model::{Entity, FactPath, FactType, FactValue};
use gongdao_rules::{FactDeclaration, Grade, Labels, Vocabulary};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Noon of 2024-05-01 in Shanghai, and milliseconds after it.
const NOON: i64 = 1_714_536_000_000;

fn path(text: &str) -> FactPath {
    text.parse().unwrap()
}

fn vocabulary() -> Vocabulary {
    let declare = |(name, fact_type): (&str, FactType)| {
        let words = String::new();
        (
            path(name),
            FactDeclaration {
                fact_type,
                grade: Grade::Observed,
                unit: None,
                words: BTreeSet::new(),
                zh: words.clone(),
                en: words,
            },
        )
    };
    let facts = [
        ("resource.optedOut", FactType::Bool),
        ("resource.consents", FactType::TextSet),
        ("resource.worker", FactType::Text),
        ("resource.age", FactType::Long),
        ("principal.filed", FactType::Bool),
    ];
    let actions = BTreeMap::from([("dispatch".to_owned(), Labels { zh: String::new(), en: String::new() })]);
    Vocabulary { actions, facts: facts.map(declare).into() }
}

/// An adapter without tables: the queries bring their own rows.
fn bare() -> Adapter {
    Adapter {
        file: "test.toml".into(),
        name: "test".to_owned(),
        zh: "试".to_owned(),
        en: "Test".to_owned(),
        note_zh: None,
        note_en: None,
        illustration: false,
        kind: AdapterKind::Decisions,
        data: ".".into(),
        tables: Vec::new(),
        steps: Vec::new(),
        decisions: None,
        states: Vec::new(),
        parameters: BTreeMap::new(),
        checks: Vec::new(),
        measures: Vec::new(),
        algorithms: Vec::new(),
        digest: String::new(),
    }
}

fn read(entity: Entity, sql: &str, initial: &[(&str, FactValue)]) -> Result<(State, Vec<String>), Vec<String>> {
    let session = Session::open(&bare(), std::path::Path::new("."), &[]).unwrap();
    let initial = initial.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let sql = Sql { file: "events.sql".into(), text: sql.to_owned() };
    let mut faults = FaultTally::default();
    match load(&session, &StateSpec { entity, sql, initial, sees: Sees::Happened }, &vocabulary(), &mut faults) {
        Ok(state) => {
            let line = |finding: &crate::summary::DataFinding| {
                let column = finding.column.as_deref().unwrap();
                format!("{}:{:?} {column} {}: {}", finding.file, finding.first_rows, finding.code, finding.message.en)
            };
            Ok((state, faults.findings().map(line).collect()))
        }
        Err(error) => Err(error
            .problems
            .iter()
            .map(|problem| format!("{}; {}", problem.message, problem.hint.as_deref().unwrap()))
            .collect()),
    }
}

const HEAD: &str = "SELECT column1 AS key, column2 AS at, column3 AS fact, column4 AS op, column5 AS value, \
                    'events.csv' AS _file, column6 AS _row FROM (VALUES ";

/// What a decision about `person` sees, that many ms after noon: `fact=value`, unknown facts left out.
fn sees(state: &State, person: Option<&str>, ms: i64) -> String {
    let key: ArrayRef = Arc::new(StringArray::from(vec![person]));
    let at: ArrayRef = Arc::new(Int64Array::from(vec![NOON + ms]));
    let batch = RecordBatch::try_from_iter_with_nullable([
        (columns::PERSON, Arc::clone(&key), true),
        (columns::ALGORITHM, key, true),
        (columns::AT, at, false),
    ]);
    let joined = state.join(&batch.unwrap()).unwrap();
    let schema = joined.schema();
    let facts = schema.fields().iter().zip(joined.columns()).skip(3).filter(|(_, array)| array.is_valid(0));
    let mut facts: Vec<String> =
        facts.map(|(field, array)| format!("{}={}", field.name(), array_value_to_string(array, 0).unwrap())).collect();
    facts.sort();
    facts.join(" ")
}

#[test]
fn a_decision_sees_what_happened_up_to_its_own_instant() {
    let events = format!(
        "{HEAD}
        ('p1', {NOON}, 'optedOut', 'set', 'true', 1),
        ('p1', {NOON} + 10, 'resource.optedOut', 'set', 'false', 2),
        ('p1', {NOON} + 10, 'worker', 'set', 'platform', 3),
        ('p1', {NOON} + 20, 'consents', 'add', 'price|rank', 4),
        ('p1', {NOON} + 30, 'consents', 'remove', 'rank', 5),
        ('p1', {NOON} + 40, 'consents', 'set', '', 6),
        ('p1', {NOON} + 50, 'worker', 'set', NULL, 7),
        ('p2', {NOON}, 'age', 'set', ' 17 ', 8))"
    );
    let initial = [("consents", FactValue::TextSet(BTreeSet::new()))];
    let (state, faults) = read(Entity::Person, &events, &initial).unwrap();
    assert_eq!(faults, [""; 0]);
    for (person, ms, expected) in [
        (Some("p1"), -1, "resource.consents=[]"),
        (Some("p1"), 0, "resource.consents=[] resource.optedOut=true"),
        (Some("p1"), 9, "resource.consents=[] resource.optedOut=true"),
        (Some("p1"), 10, "resource.consents=[] resource.optedOut=false resource.worker=platform"),
        (Some("p1"), 20, "resource.consents=[price, rank] resource.optedOut=false resource.worker=platform"),
        (Some("p1"), 30, "resource.consents=[price] resource.optedOut=false resource.worker=platform"),
        (Some("p1"), 40, "resource.consents=[] resource.optedOut=false resource.worker=platform"),
        (Some("p1"), 50, "resource.consents=[] resource.optedOut=false"),
        (Some("p2"), 0, "resource.age=17 resource.consents=[]"),
        (Some("never heard of"), 99, "resource.consents=[]"),
        (None, 99, ""),
    ] {
        assert_eq!(sees(&state, person, ms), expected, "{person:?} at {ms}");
    }
}

#[test]
fn events_of_one_instant_go_by_seq_then_by_input_order() {
    let events = |rows: &str| {
        format!(
            "SELECT column1 AS key, {NOON} AS at, 'worker' AS fact, 'set' AS op, column3 AS value, column2 AS seq \
             FROM (VALUES {rows})"
        )
    };
    for (rows, last) in [
        ("('p', 1, 'a'), ('p', 2, 'b')", "b"),
        ("('p', 2, 'a'), ('p', 1, 'b')", "a"),
        ("('p', NULL, 'a'), ('p', -5, 'b')", "b"),
        ("('p', -5, 'a'), ('p', NULL, 'b')", "a"),
        ("('p', 1, 'a'), ('p', 1, 'b')", "b"),
        ("('p', 1, 'b'), ('p', 1, 'a')", "a"),
    ] {
        let (state, _) = read(Entity::Person, &events(rows), &[]).unwrap();
        assert_eq!(sees(&state, Some("p"), 0), format!("resource.worker={last}"), "{rows}");
    }
}

#[test]
fn an_event_that_cannot_be_read_leaves_its_fact_unknown_until_the_next_set() {
    let events = format!(
        "{HEAD}
        ('p', {NOON}, 'optedOut', 'set', 'true', 1),
        ('p', {NOON} + 1, 'optedOut', 'set', 'maybe', 2),
        ('p', {NOON} + 2, 'optedOut', 'set', 'FALSE', 3),
        ('p', {NOON} + 3, 'optedOut', 'add', 'true', 4),
        ('p', {NOON}, 'consents', 'set', 'price', 5),
        ('p', {NOON} + 1, 'consents', 'drop', 'price', 6),
        ('p', {NOON} + 2, 'consents', 'add', 'rank', 7),
        ('p', {NOON}, 'age', 'set', '17.5', 8),
        (NULL, {NOON}, 'age', 'set', '17', 9))"
    );
    let (state, faults) = read(Entity::Person, &events, &[]).unwrap();
    let seen: Vec<String> = (0..4).map(|ms| sees(&state, Some("p"), ms)).collect();
    assert_eq!(
        seen,
        ["resource.consents=[price] resource.optedOut=true", "", "resource.optedOut=false", ""],
        "unknown, then known again; a word added to an unknown set leaves it unknown"
    );
    assert_eq!(
        faults,
        [
            "events.csv:[9] key event-without-key: the event has no key: it could be anybody's",
            "events.csv:[2, 4, 6, 8] value event-not-understood: the event `set maybe` does not fit the type Bool; \
             the fact counts as unknown from there on",
        ]
    );
}

#[test]
fn what_was_withdrawn_without_a_name_nobody_knows() {
    for op in ["add", "remove"] {
        let events = format!(
            "{HEAD}
            ('p', {NOON}, 'consents', 'set', 'price|rank', 1),
            ('p', {NOON} + 1, 'consents', '{op}', NULL, 2))"
        );
        let (state, faults) = read(Entity::Person, &events, &[]).unwrap();
        assert_eq!(sees(&state, Some("p"), 0), "resource.consents=[price, rank]");
        assert_eq!(sees(&state, Some("p"), 1), "", "{op}");
        assert_eq!(faults.len(), 1, "{faults:?}");
    }
}

#[test]
fn an_event_without_a_time_makes_its_fact_unknown_at_all_times_for_its_key_alone() {
    let events = format!(
        "{HEAD}
        ('p', {NOON}, 'optedOut', 'set', 'true', 1),
        ('p', 7, 'optedOut', 'set', 'true', 2),
        ('p', NULL, 'age', 'set', '17', 3),
        ('p', {NOON}, 'worker', 'set', 'platform', 4),
        ('q', {NOON}, 'optedOut', 'set', 'true', 5))"
    );
    let (state, faults) = read(Entity::Person, &events, &[("optedOut", FactValue::Bool(false))]).unwrap();
    assert_eq!(sees(&state, Some("p"), -1), "", "not even the initial value");
    assert_eq!(sees(&state, Some("p"), 9), "resource.worker=platform");
    assert_eq!(sees(&state, Some("q"), 9), "resource.optedOut=true");
    assert_eq!(
        faults,
        [
            "events.csv:[2] at impossible-time: time `7` ms lies outside the years 1990 to 2099",
            "events.csv:[3] at time-missing: the time is missing",
        ]
    );
}

#[test]
fn an_event_without_a_key_makes_its_fact_unknown_for_every_key() {
    let events = format!(
        "{HEAD}
        ('p', {NOON}, 'optedOut', 'set', 'true', 1),
        ('p', {NOON}, 'age', 'set', '17', 2),
        (NULL, {NOON} + 5, 'optedOut', 'set', 'false', 3),
        (' ', 7, 'worker', 'set', 'platform', 4),
        ('q', {NOON} + 9, 'optedOut', 'set', 'true', 5))"
    );
    let (state, _) = read(Entity::Person, &events, &[("optedOut", FactValue::Bool(false))]).unwrap();
    for (person, ms) in [("p", -1), ("q", 9), ("never heard of", 9)] {
        assert_eq!(sees(&state, Some(person), ms), "", "{person} at {ms}");
    }
    assert_eq!(sees(&state, Some("p"), 9), "resource.age=17", "another fact is as it was");
}

#[test]
fn a_row_with_two_faults_is_one_row_set_aside() {
    let events = format!(
        "{HEAD}
        ('p', 7, 'optedOut', 'set', 'maybe', 1),
        (NULL, 7, 'optedOut', 'set', 'maybe', 2),
        ('p', {NOON}, 'optedOut', 'set', 'maybe', 3),
        ('p', {NOON}, 'optedOut', 'set', 'true', 4))"
    );
    let (state, faults) = read(Entity::Person, &events, &[]).unwrap();
    assert_eq!((state.set_aside, faults.len()), (3, 3), "{faults:?}");
}

#[test]
fn the_algorithm_has_its_own_state() {
    let events = format!("{HEAD}('v1', {NOON}, 'filed', 'set', 'true', 1))");
    let (state, _) = read(Entity::Algorithm, &events, &[]).unwrap();
    assert_eq!(sees(&state, Some("v1"), 0), "principal.filed=true");
    assert_eq!(sees(&state, Some("v1"), -1), "");
}

#[test]
fn a_query_that_gives_no_events_is_refused_in_words() {
    const FACT: &str = "events name facts of the state's entity, for instance `profilingOff`";
    let row = |fact: &str| format!("{HEAD}('p', {NOON}, '{fact}', 'set', 'true', 7))");
    let whole = "SELECT 'p' AS key, 1 AS at, 'age' AS fact, 'set' AS op, '1' AS value";
    for (entity, sql, words) in [
        (
            Entity::Person,
            "SELECT 'p' AS key, 1 AS at, 'x' AS extra".to_owned(),
            vec![
                "the events have no column `fact`, no column `op`, no column `value`, an unknown column `extra`; \
                 events have `key`, `at`, `fact`, `op`, `value`, optionally `seq` and `known_at`"
                    .to_owned(),
            ],
        ),
        (Entity::Person, row("nothing"), vec![format!("events.csv row 7: `nothing` is no fact of `resource` in the vocabulary; {FACT}")]),
        (Entity::Person, row("principal.filed"), vec![format!("events.csv row 7: `principal.filed` is no fact of `resource` in the vocabulary; {FACT}")]),
        (Entity::Algorithm, row("optedOut"), vec![format!("events.csv row 7: `optedOut` is no fact of `principal` in the vocabulary; {FACT}")]),
        (
            Entity::Person,
            whole.replace("'1' AS value", "1.5 AS value"),
            vec!["column `value` is `Float64`, not text; give it as text, or as integers where it is a key".to_owned()],
        ),
        (
            Entity::Person,
            whole.replace("1 AS at", "true AS at"),
            vec!["column `at` is `Boolean`, not an instant; give timestamps, milliseconds since the epoch, or RFC 3339 text".to_owned()],
        ),
        (
            Entity::Person,
            format!("{whole}, 'one' AS seq"),
            vec!["column `seq` is `Utf8`, not an integer; give it as integers; floating-point numbers are not exact".to_owned()],
        ),
    ] {
        assert_eq!(read(entity, &sql, &[]).map(|_| ()).unwrap_err(), words, "{sql}");
    }
}

#[test]
fn an_initial_value_must_be_a_fact_of_the_entity_and_of_its_type() {
    let events = format!("{HEAD}('p', {NOON}, 'age', 'set', '1', 1))");
    let refused =
        |name: &str, value: FactValue| read(Entity::Person, &events, &[(name, value)]).map(|_| ()).unwrap_err();
    assert_eq!(
        refused("optedOut", FactValue::Long(0)),
        ["the initial value of `resource.optedOut` is `Long`, not `Bool`; give it the type of the vocabulary"]
    );
    assert!(refused("filed", FactValue::Bool(true))[0].starts_with("`filed` is no fact of `resource`"));
}
