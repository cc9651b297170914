//! The reference engine over batches, with the small pack that the pack crate is tested with.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod fact_column;

use super::{BothEngines, ColumnarEngine, Engine, EngineKind, ReferenceEngine};
use crate::columns::{self, ACTION, AT, DECISION, FILE, PLACE, ROW};
use datafusion::arrow::array::{ArrayRef, Int64Array, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use fact_column::FactColumn;
use gongdao_kernel::Verdicts;
use gongdao_model::{Cause, FactType, FactValue, Outcome};
use gongdao_pack::Packs;
use gongdao_rules::{Judged, RuleSet};
use proptest::prelude::*;
use std::path::Path;
use std::sync::Arc;

fn rules() -> RuleSet {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pack/tests/good");
    RuleSet::load(&Packs::read(&folder).unwrap()).unwrap()
}

const FACTS: [(&str, FactType); 6] = [
    ("context.minutes", FactType::Long),
    ("context.personalInformation", FactType::Bool),
    ("context.personalised", FactType::Bool),
    ("principal.filed", FactType::Bool),
    ("resource.consents", FactType::TextSet),
    ("resource.optedOut", FactType::Bool),
];

/// A decision: when (Shanghai), what, and its facts in the order of [`FACTS`].
type Row = (&'static str, &'static str, [Option<FactValue>; 6]);

fn batch(rows: &[Row]) -> RecordBatch {
    let at = rows.iter().map(|(at, _, _)| at.parse::<gongdao_model::Instant>().unwrap().millis());
    let names = (0..rows.len()).map(|number| format!("d{number}"));
    let mut fields: Vec<Field> =
        [DECISION, ACTION, PLACE, FILE].map(|name| Field::new(name, DataType::Utf8, true)).into();
    fields.extend([Field::new(AT, DataType::Int64, false), Field::new(ROW, DataType::Int64, true)]);
    let mut arrays: Vec<ArrayRef> = vec![
        Arc::new(names.map(Some).collect::<StringArray>()),
        Arc::new(rows.iter().map(|(_, action, _)| Some(*action)).collect::<StringArray>()),
        Arc::new(StringArray::new_null(rows.len())),
        Arc::new(rows.iter().map(|_| Some("a.csv")).collect::<StringArray>()),
        Arc::new(at.collect::<Int64Array>()),
        Arc::new((1..=i64::try_from(rows.len()).unwrap()).collect::<Int64Array>()),
    ];
    for (index, (name, kind)) in FACTS.into_iter().enumerate() {
        let mut column = FactColumn::new(kind);
        for (_, _, facts) in rows {
            column.append(facts[index].as_ref());
        }
        fields.push(Field::new(name, columns::arrow_type(kind), true));
        arrays.push(column.finish().unwrap());
    }
    columns::batch(Schema::new(fields), arrays).unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "a known fact, among facts that may be missing")]
fn truth(value: bool) -> Option<FactValue> {
    Some(FactValue::Bool(value))
}

fn rows() -> Vec<Row> {
    let none = [None, None, None, None, None, None];
    let known =
        |minutes: i64, filed: bool| [Some(FactValue::Long(minutes)), truth(false), None, truth(filed), None, None];
    let recommended = |opted_out: Option<FactValue>, personalised: bool| {
        [None, truth(false), truth(personalised), None, None, opted_out]
    };
    vec![
        ("2024-05-01T12:00:00+08:00", "dispatch", known(200, false)),
        ("2024-05-01T12:00:00+08:00", "dispatch", known(200, true)),
        ("2024-05-01T12:00:00+08:00", "dispatch", known(199, false)),
        ("2023-12-31T23:59:59+08:00", "dispatch", known(200, false)),
        ("2022-02-28T23:59:59+08:00", "dispatch", known(900, false)),
        ("2024-05-01T12:00:00+08:00", "recommend", recommended(truth(true), true)),
        ("2024-05-01T12:00:00+08:00", "recommend", recommended(None, true)),
        ("2024-05-01T12:00:00+08:00", "dispatch", none),
    ]
}

/// `rule[reading]@from outcome (cause)` of one decision.
fn said(rules: &RuleSet, verdicts: &Verdicts, row: usize) -> Vec<String> {
    let line = |one: Judged| {
        let key = &rules.versions[one.version].key;
        let reading = key.reading.as_ref().map_or(String::new(), |reading| format!("[{}]", reading.as_str()));
        let cause = one.cause.map_or(String::new(), |cause| format!(" ({cause})"));
        format!("{}{reading}@{} {}{cause}", key.rule.as_str().trim_start_matches("cn.example/"), key.from, one.outcome)
    };
    verdicts.row(row).map(line).filter(|line| !line.starts_with('3')).collect()
}

#[test]
fn each_decision_is_judged_by_the_versions_in_force_for_its_day_and_action() {
    let rules = rules();
    let rows = rows();
    let engines: [Box<dyn Engine>; 3] = [
        Box::new(ReferenceEngine::new(&rules, 1).unwrap()),
        Box::new(ColumnarEngine::new(&rules).unwrap()),
        Box::new(BothEngines::new(&rules, 2).unwrap()),
    ];
    for engine in engines {
        check(&rules, &rows, engine.as_ref());
    }
}

fn check(rules: &RuleSet, rows: &[Row], engine: &dyn Engine) {
    let verdicts = engine.judge(&batch(rows)).unwrap();
    let expected: [&[&str]; 8] = [
        &["1#limit@2024-01-01 violated"],
        &["1#limit@2024-01-01 satisfied"],
        &["1#limit@2024-01-01 not-applicable"],
        &["1#limit@2022-03-01 not-applicable"],
        &[],
        &["2#stop[broad]@2022-03-01 violated", "2#stop[narrow]@2022-03-01 violated"],
        &[
            "2#stop[broad]@2022-03-01 undetermined (missing fact `resource.optedOut`)",
            "2#stop[narrow]@2022-03-01 undetermined (missing fact `resource.optedOut`)",
        ],
        &["1#limit@2024-01-01 undetermined (missing fact `context.minutes`)"],
    ];
    for (row, expected) in expected.into_iter().enumerate() {
        assert_eq!(said(rules, &verdicts, row), expected, "{}, decision {row}: {:?}", engine.name(), rows[row]);
    }
    let old =
        verdicts.versions.iter().find(|column| rules.versions[column.version].key.from.to_string() == "2022-03-01");
    assert!(!old.unwrap().scope.has(0), "the old version does not speak about 2024");
    assert_eq!(verdicts.versions.iter().find(|column| column.scope.has(4)), None, "before all law");
}

#[test]
fn threads_share_a_batch_and_change_nothing() {
    let rules = rules();
    let all: Vec<Row> = rows().into_iter().cycle().take(45).collect();
    for count in [0, 1, 2, 3, 7, 45] {
        let batch = batch(&all[..count]);
        let alone = ReferenceEngine::new(&rules, 1).unwrap().judge(&batch).unwrap();
        assert_eq!(alone.rows, count);
        assert!(alone.versions.iter().all(|column| column.scope.rows() == count));
        for threads in [0, 2, 3, 64] {
            let shared = EngineKind::Reference.build(&rules, threads).unwrap();
            assert_eq!(shared.judge(&batch).unwrap(), alone, "{count} decisions on {threads} threads");
            assert_eq!(shared.name(), "reference");
        }
    }
}

#[test]
fn a_batch_of_no_rows_has_no_columns() {
    for kind in [EngineKind::Columnar, EngineKind::Reference, EngineKind::Both] {
        let verdicts = kind.build(&rules(), 2).unwrap().judge(&batch(&[])).unwrap();
        assert_eq!(verdicts, Verdicts::default(), "{}", kind.as_str());
        assert_eq!(verdicts.row(0).count(), 0);
    }
}

#[test]
fn a_decision_that_cannot_be_judged_is_named_by_its_row() {
    let mut rows = rows();
    rows[6].1 = "fire";
    for kind in [EngineKind::Columnar, EngineKind::Reference] {
        let error = kind.build(&rules(), 2).unwrap().judge(&batch(&rows)).unwrap_err();
        assert_eq!(error.problems[0].file, Path::new("a.csv"));
        assert_eq!(error.problems[0].message, "row 7: decision `d6`: `fire` is not an action");
        assert_eq!(error.problems[0].hint.as_deref(), Some("use one of dispatch, recommend"));
    }
}

fn any_judged() -> impl Strategy<Value = Judged> {
    let cause = prop_oneof![
        Just(None),
        prop::sample::select(vec!["context.a", "context.b"])
            .prop_map(|path| Some(Cause::MissingFact(path.parse().unwrap()))),
        Just(Some(Cause::EngineError("integer overflow".to_owned()))),
    ];
    (0_usize..9, prop::sample::select(Outcome::ALL.to_vec()), cause).prop_map(|(version, outcome, cause)| {
        let cause = cause.filter(|_| outcome == Outcome::Undetermined);
        Judged { version, outcome, cause }
    })
}

/// Versions from 6 on are legal bases, and say what those say.
fn of_version(version: usize, judged: Judged) -> Judged {
    let outcome = match judged.outcome {
        Outcome::Satisfied | Outcome::NotApplicable if version >= 6 => Outcome::Established,
        Outcome::Violated if version >= 6 => Outcome::NotEstablished,
        Outcome::Established if version < 6 => Outcome::Satisfied,
        Outcome::NotEstablished if version < 6 => Outcome::Violated,
        other => other,
    };
    Judged { version, outcome, ..judged }
}

proptest! {
    /// What goes in by rows comes out by rows; a version without a word in a row is out of scope there.
    #[test]
    fn rows_survive_the_columns(rows in prop::collection::vec(prop::collection::btree_map(0_usize..9, any_judged(), 0..6), 0..12)) {
        let rows: Vec<Vec<Judged>> = rows
            .into_iter()
            .map(|row| row.into_iter().map(|(version, judged)| of_version(version, judged)).collect())
            .collect();
        let verdicts = Verdicts::from_rows(&rows);
        prop_assert_eq!(verdicts.rows, rows.len());
        for (number, row) in rows.iter().enumerate() {
            prop_assert_eq!(&verdicts.row(number).collect::<Vec<_>>(), row);
            for column in &verdicts.versions {
                let speaks = row.iter().any(|judged| judged.version == column.version);
                prop_assert_eq!(column.scope.has(number), speaks);
            }
        }
        prop_assert_eq!(verdicts.row(rows.len()).count(), 0);
        let mut causes = verdicts.causes.clone();
        causes.dedup();
        prop_assert_eq!(causes.len(), verdicts.causes.len());
    }
}
