//! Rows into segments and back.

use crate::segment::{SegmentWriter, each_segment_row};
use crate::typed_row::TypedRow;
use crate::{
    ALGORITHM_SCHEMA, Content, DECISION_SCHEMA, GroupCommitment, GroupNumber, Nonce, PersonKey, RecordId, Row,
    RowGroup, Value, commit_group, decision_draft, group_bytes, salt,
};
use proptest::prelude::*;

const RECORD: RecordId = RecordId::from_bytes([9; 16]);

fn shared() -> PersonKey {
    PersonKey::from_bytes([4; 32])
}

fn group(seed: u8, person: Option<&str>, bytes: Vec<u8>) -> RowGroup {
    let person = person.map(|person| person.parse().unwrap());
    let content = Content::Open { person, counter: u64::from(seed % 3), nonce: Nonce::from_bytes([seed; 16]), bytes };
    RowGroup { commitment: GroupCommitment::from_bytes([seed ^ 0xff; 32]), content }
}

fn row(leaf: u64, algorithm: &[Value], person: Option<&str>, decision: &[Value]) -> Row {
    let mut first = group(0, None, group_bytes(ALGORITHM_SCHEMA, algorithm.to_vec()));
    if let Content::Open { nonce, bytes, .. } = &first.content {
        first.commitment = commit_group(salt(&shared(), RECORD, GroupNumber(0), *nonce), bytes);
    }
    let second = group(5, person, group_bytes(DECISION_SCHEMA, decision.to_vec()));
    Row { leaf, record: RECORD, groups: vec![first, second] }
}

fn decision(json: &str) -> (Vec<Value>, Option<String>, Vec<Value>) {
    let record = serde_json::from_str(json).unwrap();
    let mut groups = decision_draft(&record).unwrap().groups;
    let second = groups.remove(1);
    (groups.remove(0).columns, second.person.map(|person| person.as_str().to_owned()), second.columns)
}

fn through(rows: &[Row], leaves: std::ops::Range<u64>) -> Vec<Row> {
    let mut writer = SegmentWriter::new(shared().ready()).unwrap();
    for row in rows {
        writer.push(row.leaf, &row.to_bytes()).unwrap();
    }
    let mut read = Vec::new();
    let mut take = |leaf, row: &[u8], _is_made: bool| {
        let row = Row::parse(row).unwrap();
        assert_eq!(row.leaf, leaf);
        read.push(row);
        Ok(())
    };
    let (bytes, sums) = writer.finish().unwrap();
    assert_eq!(sums.len(), rows.len());
    each_segment_row(bytes.into(), rows[0].leaf, &leaves, &shared().ready(), &mut take).unwrap();
    read
}

/// Whether a row stands in columns; then they give it back to the byte.
fn is_typed(row: &Row) -> bool {
    let bytes = row.to_bytes();
    TypedRow::of(&bytes, &shared().ready()).is_some_and(|typed| {
        let mut again = Vec::new();
        typed.write(&shared().ready(), &mut again).unwrap();
        assert_eq!(again, bytes);
        true
    })
}

const FULL: &str = r#"{"id":"单-1","at":"2024-05-01T12:00:00.5Z","action":"price","place":"110000","algorithm":"v7",
    "person":"p-1","principal":{"filed":true},"resource":{"consents":["b","a"],"ageGroup":"adult","none":[]},
    "context":{"continuousMinutes":-241}}"#;

#[test]
fn decisions_stand_in_columns_and_come_back_to_the_byte() {
    let mut rows = Vec::new();
    for (leaf, json) in [FULL, r#"{"id":"d","at":"2024-05-01T12:00:00Z","action":"dispatch"}"#].into_iter().enumerate()
    {
        let (algorithm, person, columns) = decision(json);
        rows.push(row(u64::try_from(leaf).unwrap() + 40, &algorithm, person.as_deref(), &columns));
        assert!(is_typed(&rows[leaf]), "{json}");
    }
    for (leaf, scope) in [(42, vec![1]), (43, vec![0]), (44, vec![0, 1])] {
        let mut erased = Row { leaf, ..rows[0].clone() };
        let scope = scope.into_iter().map(|group| (leaf, GroupNumber(group))).collect();
        assert!(erased.erase(&scope, 99));
        assert!(!erased.erase(&scope, 100), "what is gone keeps the place of its erasure");
        assert!(is_typed(&erased));
        rows.push(erased);
    }
    assert_eq!(through(&rows, 0..u64::MAX), rows);
    assert_eq!(through(&rows, 41..43), rows[1..3]);
    assert_eq!(through(&rows, 44..44), []);
}

#[test]
fn rows_that_are_no_decisions_or_strange_ones_stand_as_bytes() {
    let (algorithm, person, columns) = decision(FULL);
    let good = row(0, &algorithm, person.as_deref(), &columns);
    let mut rows = vec![
        Row { groups: Vec::new(), ..good.clone() },
        Row { groups: good.groups[..1].to_vec(), ..good.clone() },
        Row { groups: good.groups.iter().rev().cloned().collect(), ..good.clone() },
        // A commitment that the ledger's own key does not make.
        Row {
            groups: vec![group(1, None, group_bytes(ALGORITHM_SCHEMA, algorithm.clone())), good.groups[1].clone()],
            ..good.clone()
        },
        // Filed under another person than its group names.
        row(0, &algorithm, Some("p-2"), &columns),
        row(0, &[Value::Int(1)], Some("p-1"), &columns),
    ];
    let fact = columns[5].as_list().unwrap()[0].clone();
    for (place, value) in [
        (0, Value::Null),
        (1, Value::Int(i64::MAX)),
        (1, Value::Int(i64::MIN)),
        (3, Value::Bool(true)),
        (5, Value::List(vec![fact.clone(), fact])),
        (5, Value::List(vec![Value::List(vec![Value::Text("a".to_owned()), Value::Bytes(vec![1])])])),
    ] {
        let mut changed = columns.clone();
        changed[place] = value;
        rows.push(row(0, &algorithm, Some("p-1"), &changed));
    }
    let mut longer = columns.clone();
    longer.push(Value::Null);
    rows.push(row(0, &algorithm, Some("p-1"), &longer));
    for (leaf, row) in rows.iter_mut().enumerate() {
        row.leaf = u64::try_from(leaf).unwrap();
        assert!(!is_typed(row), "{leaf}");
    }
    assert_eq!(through(&rows, 0..u64::MAX), rows);
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        ".{0,6}".prop_map(Value::Text),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::List))
}

proptest! {
    #[test]
    fn whatever_the_columns_are_the_row_comes_back(
        algorithm in prop::collection::vec(value(), 0..2),
        mut columns in prop::collection::vec(value(), 6..7),
        typed in any::<bool>(),
        at in any::<i64>(),
        person in prop::option::of("[a-z]{1,5}"),
    ) {
        if typed {
            columns[0] = Value::Text("d".to_owned());
            columns[1] = Value::Int(at);
            columns[2] = Value::Text("a".to_owned());
            columns[4] = person.clone().map_or(Value::Null, Value::Text);
        }
        let rows = [row(3, &algorithm, person.as_deref(), &columns)];
        is_typed(&rows[0]);
        prop_assert_eq!(through(&rows, 3..4), rows);
    }
}
