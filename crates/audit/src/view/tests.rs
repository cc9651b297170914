//! What a decisions query may give, what its rows become, and what is said of the others.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::DecisionView;
use crate::adapter::{Assumption, Sql};
use crate::error::AuditError;
use datafusion::arrow::array::{Array, ArrayRef, DictionaryArray, StringArray, UInt64Array};
use datafusion::arrow::datatypes::Int32Type;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::prelude::SessionContext;
use gongdao_model::{FactPath, FactType};
use gongdao_rules::{FactDeclaration, Grade, Labels, Vocabulary};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A row in which nothing is wrong; tests replace a part of it.
const GOOD: &str = "SELECT 'd1' AS decision_id, 1714536000000 AS at, 'dispatch' AS action, 'a.csv' AS _file, 3 AS _row";

fn vocabulary() -> Vocabulary {
    let declare = |(name, fact_type): (&str, FactType)| {
        let words = String::new();
        let path: FactPath = name.parse().unwrap();
        (
            path,
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
        ("context.priceFen", FactType::Long),
        ("context.personalised", FactType::Bool),
        ("context.purpose", FactType::Text),
        ("context.tagsUsed", FactType::TextSet),
        ("context.parameters.limitMinutes", FactType::Long),
        ("resource.profilingOff", FactType::Bool),
    ];
    let label = |name: &str| (name.to_owned(), Labels { zh: String::new(), en: String::new() });
    Vocabulary { actions: ["dispatch", "price"].map(label).into(), facts: facts.map(declare).into() }
}

fn batches(sql: &str) -> Vec<RecordBatch> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { SessionContext::new().sql(sql).await.unwrap().collect().await.unwrap() })
}

fn plan(batch: &RecordBatch, parameters: &[&str], from_state: &[&str]) -> Result<DecisionView, AuditError> {
    let sql = Sql { file: "decisions.sql".into(), text: String::new() };
    let assumption = Assumption { value: 15, zh: String::new(), en: String::new() };
    let parameters: BTreeMap<_, _> = parameters.iter().map(|name| ((*name).to_owned(), assumption.clone())).collect();
    let from_state: BTreeSet<FactPath> = from_state.iter().map(|path| path.parse().unwrap()).collect();
    DecisionView::plan(&sql, &batch.schema(), &vocabulary(), &parameters, &from_state)
}

fn words(error: &AuditError) -> Vec<String> {
    assert!(error.problems.iter().all(|problem| problem.file.ends_with("decisions.sql")), "{error:?}");
    let line = |problem: &gongdao_pack::Problem| format!("{}; {}", problem.message, problem.hint.as_deref().unwrap());
    error.problems.iter().map(line).collect()
}

/// All problems with the columns of a query.
#[track_caller]
fn refused(sql: &str, expected: &[&str]) {
    let Err(error) = plan(&batches(sql)[0], &[], &["resource.profilingOff"]) else { panic!("{sql} was planned") };
    assert_eq!(words(&error), expected, "{sql}");
}

/// The decisions of a batch, a text a row: `column=value …`, missing ones left out; and the view after it.
fn converted(batch: &RecordBatch, parameters: &[&str]) -> (Vec<String>, DecisionView) {
    let mut view = plan(batch, parameters, &[]).unwrap();
    // A superset of the identifiers that stand more than once will do.
    view.watch(["d1", "d2", "d3"].map(crate::repeats::fingerprint_of).into());
    let decisions = view.convert(batch).unwrap();
    let schema = decisions.schema();
    let line = |row: usize| {
        let cell = |(name, array): (&String, &ArrayRef)| {
            array.is_valid(row).then(|| format!("{name}={}", array_value_to_string(array, row).unwrap()))
        };
        let cells = schema.fields().iter().map(|field| field.name()).zip(decisions.columns());
        cells.filter_map(cell).collect::<Vec<_>>().join(" ")
    };
    ((0..decisions.num_rows()).map(line).collect(), view)
}

fn findings(view: &DecisionView) -> Vec<String> {
    let line = |finding: &crate::summary::DataFinding| {
        let column = finding.column.as_deref().unwrap();
        let hint = &finding.hint.as_ref().unwrap().en;
        format!("{}:{:?} {column} {}: {}; {hint}", finding.file, finding.first_rows, finding.code, finding.message.en)
    };
    view.faults.findings().map(line).collect()
}

#[test]
fn the_columns_of_a_query_are_refused_all_at_once() {
    refused(
        "SELECT 1 AS at, true AS \"context.unheardOf\"",
        &[
            "the decisions query gives no column `decision_id`; see docs/formats/adapter.md",
            "the decisions query gives no column `action`; see docs/formats/adapter.md",
            "the decisions query gives no column `_file`; see docs/formats/adapter.md",
            "the decisions query gives no column `_row`; see docs/formats/adapter.md",
            "column `context.unheardOf` of the decisions query is no fact of the vocabulary; \
             name a fact of packs/vocabulary.cedarschema, in double quotes",
        ],
    );
}

/// Each row: what the query gives beside a good row, and what is said.
#[test]
fn a_column_that_names_no_fact_or_has_another_type_ends_the_run() {
    let money = "round it in the query: CAST(ROUND(price * 100) AS BIGINT)";
    for (column, said) in [
        ("1 AS \"priceFen\"", "column `priceFen` of the decisions query is no fact of the vocabulary; did you mean \"context.priceFen\"?".to_owned()),
        ("1 AS \"context.pricefen\"", "column `context.pricefen` of the decisions query is no fact of the vocabulary; did you mean \"context.priceFen\"?".to_owned()),
        ("12.5 AS \"context.priceFen\"", format!("column `context.priceFen` of the decisions query is `Float64`, the fact is an integer; {money}")),
        ("CAST(12.5 AS DECIMAL(9, 2)) AS \"context.priceFen\"", format!("column `context.priceFen` of the decisions query is `Decimal128(9, 2)`, the fact is an integer; {money}")),
        ("'12' AS \"context.priceFen\"", format!("column `context.priceFen` of the decisions query is `Utf8`, the fact is an integer; {money}")),
        ("1 AS \"context.personalised\"", "column `context.personalised` of the decisions query is `Int64`, the fact is a boolean; write a comparison, for instance `flag = 'Y'`".to_owned()),
        ("true AS \"context.purpose\"", "column `context.purpose` of the decisions query is `Boolean`, the fact is text; CAST it AS VARCHAR".to_owned()),
        ("7 AS \"context.tagsUsed\"", "column `context.tagsUsed` of the decisions query is `Int64`, the fact is text joined with `|`; join the words with `|`".to_owned()),
        ("true AS \"resource.profilingOff\"", "`resource.profilingOff` is given by the decisions query and by a state; leave it out of one of them".to_owned()),
    ] {
        refused(&format!("{GOOD}, {column}"), &[&said]);
    }
}

#[test]
fn facts_take_the_types_of_the_vocabulary_and_null_is_missing() {
    let facts = "CAST(1999 AS SMALLINT) AS \"context.priceFen\", false AS \"context.personalised\", 'rank' AS \"context.purpose\"";
    let identity = "decision_id=d1 at=1714536000000 action=dispatch";
    for (columns, expected) in [
        (
            facts,
            format!(
                "{identity} _file=a.csv _row=3 context.personalised=false context.priceFen=1999 context.purpose=rank"
            ),
        ),
        ("NULL AS \"context.priceFen\", NULL AS \"context.tagsUsed\"", format!("{identity} _file=a.csv _row=3")),
        ("CAST(NULL AS BIGINT) AS \"context.priceFen\"", format!("{identity} _file=a.csv _row=3")),
        ("CAST(NULL AS VARCHAR) AS \"context.tagsUsed\"", format!("{identity} _file=a.csv _row=3")),
        ("'' AS \"context.tagsUsed\"", format!("{identity} _file=a.csv _row=3 context.tagsUsed=[]")),
        ("' b | a|b||' AS \"context.tagsUsed\"", format!("{identity} _file=a.csv _row=3 context.tagsUsed=[a, b]")),
        (
            "440300 AS place, 7 AS person, 'v1' AS algorithm",
            format!("{identity} place=440300 algorithm=v1 person=7 _file=a.csv _row=3"),
        ),
    ] {
        let (rows, view) = converted(&batches(&format!("{GOOD}, {columns}"))[0], &[]);
        assert_eq!(rows, [expected], "{columns}");
        assert_eq!(view.set_aside, 0);
    }
}

#[test]
fn a_row_that_is_no_decision_is_set_aside_and_counted() {
    let known = "use one of: dispatch price";
    let place = "use the six-digit division code of GB/T 2260, for instance `110000` for Beijing";
    let unit = "check the unit: seconds, milliseconds and microseconds differ by 1,000";
    let rows = "SELECT column1 AS decision_id, column2 AS at, column3 AS action, column4 AS place, 'a.csv' AS _file, \
                column5 AS _row FROM (VALUES
                ('d1', 1714536000000, 'dispatch', '440300', 1), ('d2', NULL, 'dispatch', NULL, 2),
                ('d3', 1714536000, 'dispatch', NULL, 3), ('d4', 1714536000000, 'fire', NULL, 4),
                ('d5', 1714536000000, NULL, NULL, 5), ('d6', 1714536000000, 'price', 'Shenzhen', 6),
                ('d1', 1714536000000, 'price', NULL, 7), (NULL, 1714536000000, 'price', NULL, 8),
                ('  ', 1714536000000, 'price', NULL, 9), ('d3', 1714536000001, 'price', NULL, 10))";
    let (kept, view) = converted(&batches(rows)[0], &[]);
    assert_eq!(
        kept,
        [
            "decision_id=d1 at=1714536000000 action=dispatch place=440300 _file=a.csv _row=1",
            "decision_id=d3 at=1714536000001 action=price _file=a.csv _row=10",
        ],
        "an identifier counts as used only by a row that is a decision"
    );
    assert_eq!(view.set_aside, 8);
    assert_eq!(
        findings(&view),
        [
            format!("a.csv:[4, 5] action unknown-action: `fire` is not an action of the vocabulary; {known}"),
            format!("a.csv:[3] at impossible-time: time `1714536000` ms lies outside the years 1990 to 2099; {unit}"),
            "a.csv:[2] at time-missing: the time is missing; without a time nobody knows which law was in force"
                .to_owned(),
            "a.csv:[7] decision_id duplicate: decision `d1` stands twice; the first row stays".to_owned(),
            "a.csv:[8, 9] decision_id required-missing: the decision has no identifier; use the source's identifier"
                .to_owned(),
            format!("a.csv:[6] place unknown-place: `Shenzhen` is not a place; {place}"),
        ]
    );
}

#[test]
fn an_identifier_stands_once_in_all_batches() {
    let batch = &batches(GOOD)[0];
    let mut view = plan(batch, &[], &[]).unwrap();
    view.watch([crate::repeats::fingerprint_of("d1")].into());
    assert_eq!([view.convert(batch).unwrap().num_rows(), view.convert(batch).unwrap().num_rows()], [1, 0]);
    assert_eq!(view.set_aside, 1);
}

#[test]
fn times_are_timestamps_milliseconds_or_text() {
    for at in [
        "1714536000000",
        "CAST(1714536000000 AS BIGINT UNSIGNED)",
        "'2024-05-01T12:00:00+08:00'",
        "' 2024-05-01T04:00:00Z '",
        "CAST(1714536000 AS TIMESTAMP)",
        "CAST('2024-05-01T12:00:00+08:00' AS TIMESTAMP WITH TIME ZONE)",
    ] {
        let sql = GOOD.replace("1714536000000", at);
        let (rows, _) = converted(&batches(&sql)[0], &[]);
        assert_eq!(rows, ["decision_id=d1 at=1714536000000 action=dispatch _file=a.csv _row=3"], "{at}");
    }
    let (rows, view) = converted(&batches(&GOOD.replace("1714536000000", "'noon'"))[0], &[]);
    assert_eq!((rows.len(), view.set_aside), (0, 1));
    assert!(findings(&view)[0].starts_with("a.csv:[3] at impossible-time: `noon` is not "), "{:?}", findings(&view));
}

#[test]
fn what_the_adapter_assumes_stands_in_every_row() {
    let batch = &batches(GOOD)[0];
    let (rows, _) = converted(batch, &["limitMinutes"]);
    assert!(rows[0].ends_with("_row=3 context.parameters.limitMinutes=15"), "{rows:?}");
    let Err(error) = plan(batch, &["limit"], &[]) else { panic!("an unknown parameter was taken") };
    assert_eq!(
        words(&error),
        [
            "parameter `limit` of the adapter is not in the vocabulary; use a name under `Parameters` of packs/vocabulary.cedarschema"
        ]
    );
    let both = &batches(&format!("{GOOD}, 20 AS \"context.parameters.limitMinutes\""))[0];
    let Err(error) = plan(both, &["limitMinutes"], &[]) else { panic!("a parameter was taken twice") };
    assert_eq!(
        words(&error),
        [
            "`context.parameters.limitMinutes` is given by the decisions query and by the adapter's parameters; leave it out of one of them"
        ]
    );
}

#[test]
fn a_parameter_of_the_decisions_query_is_told_from_an_assumed_one() {
    let given = &batches(&format!("{GOOD}, 20 AS \"context.parameters.limitMinutes\""))[0];
    assert!(plan(given, &[], &[]).unwrap().gives_parameter("limitMinutes"));
    assert!(!plan(given, &[], &[]).unwrap().gives_parameter("priceFen"));
    let other = &batches(&format!("{GOOD}, 20 AS \"context.priceFen\""))[0];
    let view = plan(other, &["limitMinutes"], &[]).unwrap();
    assert!(!view.gives_parameter("limitMinutes") && !view.gives_parameter("priceFen"));
}

fn with(batch: &RecordBatch, name: &str, array: ArrayRef) -> RecordBatch {
    let schema = batch.schema();
    let own = schema.fields().iter().map(|field| field.name().as_str()).zip(batch.columns().iter().cloned());
    RecordBatch::try_from_iter_with_nullable(own.chain([(name, array)]).map(|(name, array)| (name, array, true)))
        .unwrap()
}

#[test]
fn a_number_that_does_not_fit_ends_the_run_rather_than_going_missing() {
    let batch = with(&batches(GOOD)[0], "context.priceFen", Arc::new(UInt64Array::from(vec![u64::MAX])));
    let error = plan(&batch, &[], &[]).unwrap().convert(&batch).unwrap_err();
    assert!(error.problems[0].message.starts_with("column `context.priceFen` of the query: "), "{error}");
    assert!(error.problems[0].hint.is_some());
}

#[test]
fn dictionaries_of_text_are_text() {
    let words: DictionaryArray<Int32Type> = [Some("b|a")].into_iter().collect();
    let batch = with(&batches(GOOD)[0], "context.tagsUsed", Arc::new(words));
    let batch = with(&batch, "context.purpose", Arc::new(StringArray::from(vec!["rank"])));
    let (rows, _) = converted(&batch, &[]);
    assert!(rows[0].ends_with("context.purpose=rank context.tagsUsed=[a, b]"), "{rows:?}");
}
