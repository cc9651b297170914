use super::{BodyFault, MediaType, Reading, Row, batches, fits, strict};
use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, UInt64Array,
};
use arrow_ipc::writer::StreamWriter;
use bytes::Bytes;
use gongdao_i18n::{Catalogue, Language};
use gongdao_model::{DecisionRecord, FactType};
use gongdao_rules::{FactDeclaration, Grade, Labels, Vocabulary};
use parquet::arrow::ArrowWriter;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

fn vocabulary() -> Vocabulary {
    let facts: [(&str, FactType, &[&str]); 5] = [
        ("principal.filed", FactType::Bool, &[]),
        ("resource.ageGroup", FactType::Text, &["minor", "adult"]),
        ("resource.consents", FactType::TextSet, &[]),
        ("context.priceFen", FactType::Long, &[]),
        ("context.parameters.hourlyMinimumWageFen", FactType::Long, &[]),
    ];
    let declared = |fact_type, words: &[&str]| FactDeclaration {
        fact_type,
        grade: Grade::Observed,
        unit: None,
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        zh: "事实".to_owned(),
        en: "a fact".to_owned(),
    };
    let actions =
        ["dispatch", "price"].map(|name| (name.to_owned(), Labels { zh: name.to_owned(), en: name.to_owned() }));
    Vocabulary {
        actions: actions.into(),
        facts: facts.into_iter().map(|(path, kind, words)| (path.parse().unwrap(), declared(kind, words))).collect(),
    }
}

/// All rows, and the fault after them.
fn read(media: MediaType, body: impl Into<Bytes>) -> (Vec<Row>, Option<BodyFault>) {
    static WORDS: OnceLock<(Catalogue, Vocabulary)> = OnceLock::new();
    let (catalogue, vocabulary) = WORDS.get_or_init(|| (Catalogue::embedded().unwrap(), vocabulary()));
    let reading = Reading { vocabulary, words: catalogue.words(Language::En) };
    let mut rows = Vec::new();
    let batches = match batches(media, &body.into(), reading) {
        Ok(batches) => batches,
        Err(fault) => return (rows, Some(fault)),
    };
    for batch in batches {
        match batch {
            Ok(batch) => rows.extend(batch),
            Err(fault) => return (rows, Some(fault)),
        }
    }
    (rows, None)
}

/// Identifiers of good rows; `line:column message` of bad ones.
fn told(rows: &[Row]) -> Vec<String> {
    rows.iter()
        .map(|row| match &row.record {
            Ok(record) => record.id.to_string(),
            Err(faults) => {
                let fault = &faults[0];
                assert!(fault.hint.as_ref().is_none_or(|hint| !hint.is_empty()));
                match (&fault.field, fault.line, fault.column) {
                    (Some(field), None, None) => format!("{field}: {}", fault.message),
                    (None, Some(line), Some(column)) => format!("{line}:{column} {}", fault.message),
                    other => panic!("a place that is none: {other:?}"),
                }
            }
        })
        .collect()
}

const D1: &str = r#"{"id":"d-1","at":"2024-05-01T12:00:00+08:00","action":"dispatch"}"#;
const D2: &str = r#"{"id":"d-2","at":"2024-05-01T12:00:00+08:00","action":"price","context":{"priceFen":250}}"#;

#[test]
fn a_line_that_is_no_record_is_named_by_its_place_and_the_others_are_kept() {
    let rows: [(&str, &[&str]); 12] = [
        (D1, &["d-1"]),
        (&format!("{D1}\r\n\n  \n{D2}\n"), &["d-1", "d-2"]),
        (&format!("\u{feff}{D1}"), &["d-1"]),
        (&format!("{D1}\n{{\n{D2}"), &["d-1", "2:2 the text ends before the JSON does", "d-2"]),
        (&format!("{D1} {D2}"), &["1:67 something follows the record"]),
        ("[]", &["1:1 this is a list of 0, not one decision record"]),
        ("\n  {\"at\": 1}", &["2:3 the record has no `id`"]),
        (&D1.replace("dispatch", "dispach"), &["1:55 `dispach` is not an action"]),
        (&D2.replace("250", "2.5"), &["1:85 `context.priceFen` is to be a whole number, not `2.5`"]),
        (&D2.replace("priceFen", "prizeFen"), &["1:74 `context.prizeFen` is not in the vocabulary"]),
        (&D1.replace("12:00:00+08:00", "12:00:00"), &["1:18 `2024-05-01T12:00:00` is not a moment"]),
        ("", &[]),
    ];
    for (body, expected) in rows {
        let (rows, fault) = read(MediaType::Ndjson, body.to_owned());
        assert_eq!(told(&rows), expected, "{body}");
        assert_eq!(fault, None, "{body}");
        let numbers: Vec<u64> = rows.iter().map(|row| row.number).collect();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    }
}

#[test]
fn the_quick_way_reads_what_the_model_reads_where_the_vocabulary_has_it_and_nothing_else() {
    let vocabulary = vocabulary();
    let head = r#""id":"d-1","at":"2024-05-01T12:00:00+08:00","action":"dispatch""#;
    let rows: [(&str, bool); 19] = [
        ("", true),
        (r#","place":"110000","algorithm":"a","person":"p""#, true),
        (r#","place":null,"person":null"#, true),
        (r#","context":{"priceFen":250,"parameters":{"hourlyMinimumWageFen":2640}},"principal":{"filed":true}"#, true),
        (r#","context":{"parameters":{"hourlyMinimumWageFen":2640},"priceFen":-1}"#, true),
        (r#","resource":{"consents":["b","a","b"],"ageGroup":"adult"}"#, true),
        (r#","resource":{"ageGr\u006fup":"minor","consents":[]},"context":{},"principal":{}"#, true),
        (r#","resource":{"ageGroup":"old"}"#, false),
        (r#","resource":{"ageGroup":null}"#, false),
        (r#","resource":{"filed":true}"#, false),
        (r#","context":{"priceFen":"250"}"#, false),
        (r#","context":{"priceFen":2.5}"#, false),
        (r#","context":{"priceFen":1,"priceFen":1}"#, false),
        (r#","context":{"parameters":{},"parameters":{}}"#, false),
        (r#","context":{"hourlyMinimumWageFen":1}"#, false),
        (r#","context":{"0":1}"#, false),
        (r#","principal":{"filed":true},"principal":{}"#, false),
        (r#","other":1"#, false),
        (r#","id":"d-2""#, false),
    ];
    for (rest, is_good) in rows {
        let text = format!("{{{head}{rest}}}");
        let slow = serde_json::from_str::<DecisionRecord>(&text).ok().filter(|record| fits(record, &vocabulary));
        let quick = strict::record(&text, &vocabulary);
        assert_eq!(quick, slow, "{text}");
        assert_eq!(quick.is_some(), is_good, "{text}");
        let list = strict::records(&format!(" [{text} , {text}] "), &vocabulary);
        assert_eq!(list, slow.map(|record| vec![record.clone(), record]), "{text}");
    }
    assert_eq!(strict::records(&format!("[{{{head}}}] []"), &vocabulary), None);
    assert_eq!(strict::records(&format!("{{{head}}} 1"), &vocabulary), None);
}

#[test]
fn bytes_that_are_no_text_spoil_their_own_line_only() {
    let mut body = format!("{D1}\n").into_bytes();
    body.extend([b'{', b'"', 0xff, b'\n']);
    body.extend(D2.as_bytes());
    let (rows, fault) = read(MediaType::Ndjson, body);
    assert_eq!(told(&rows), ["d-1", "2:3 the text is not UTF-8", "d-2"]);
    assert_eq!(fault, None);
}

#[test]
fn a_list_names_rows_by_their_place_in_the_whole_text() {
    let rows: [(&str, &[&str]); 5] = [
        (D1, &["d-1"]),
        (&format!("[{D1},\n {D2}]"), &["d-1", "d-2"]),
        (
            &format!("[{D1},\n {}]", D2.replace("250", "true")),
            &["d-1", "2:86 `context.priceFen` is to be a whole number, not `true`"],
        ),
        (&format!("[{D1}, 7,\n{D2}]"), &["d-1", "1:69 this is not a decision record", "d-2"]),
        ("[]", &[]),
    ];
    for (body, expected) in rows {
        let (rows, fault) = read(MediaType::Json, body.to_owned());
        assert_eq!(told(&rows), expected, "{body}");
        assert_eq!(fault, None, "{body}");
    }
    for (body, message) in
        [("", "the body is empty"), ("[1,", "not JSON at line 1"), ("\u{feff} ", "the body is empty")]
    {
        let (rows, fault) = read(MediaType::Json, body.to_owned());
        assert!(rows.is_empty());
        assert!(fault.unwrap().message.contains(message), "{body}");
    }
}

#[test]
fn an_event_carries_a_record_in_its_data() {
    let event =
        |data: &str| format!(r#"{{"specversion":"1.0","id":"e","source":"s","type":"t","extra":1,"data":{data}}}"#);
    let rows: [(&str, &[&str]); 8] = [
        (&event(D1), &["d-1"]),
        (&format!("[{},\n{}]", event(D1), event(D2)), &["d-1", "d-2"]),
        (&event(&D1.replace("dispatch", "x")), &["1:126 `x` is not an action"]),
        (&event(D1).replace("1.0", "0.3"), &["1:1 the event is of version `0.3`"]),
        (&event(D1).replace("\"source\":\"s\",", ""), &["1:1 the event has no `source`"]),
        (&event(D1).replace("\"data\"", "\"data_base64\""), &["1:1 the event has no `data`"]),
        (&event(D1).replace("\"extra\"", "\"id\""), &["1:1 `id` stands twice in the event"]),
        ("7", &["1:1 this is not a CloudEvent"]),
    ];
    for (body, expected) in rows {
        let (rows, _) = read(MediaType::CloudEvent, body.to_owned());
        assert_eq!(told(&rows), expected, "{body}");
    }
}

type Columns = Vec<(&'static str, ArrayRef)>;

fn arrow(columns: Columns) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)));
    let batch = batch.unwrap();
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn parquet(columns: Columns) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)));
    let batch = batch.unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn moments(count: usize) -> ArrayRef {
    Arc::new(Int64Array::from(vec![1_714_536_000_000; count]))
}

fn frame(ids: &[Option<&str>]) -> Columns {
    vec![("decision_id", texts(ids)), ("at", moments(ids.len())), ("action", texts(&vec![Some("price"); ids.len()]))]
}

#[test]
fn a_table_says_the_same_as_its_rows_in_json() {
    let mut sets = ListBuilder::new(StringBuilder::new());
    sets.append_value([Some("b"), Some("a")]);
    sets.append_null();
    let stamps = TimestampMicrosecondArray::from(vec![1_714_536_000_000_000, 1_714_536_000_500_000]);
    let words: DictionaryArray<Int32Type> = vec![Some("adult"), None].into_iter().collect();
    let columns: Columns = vec![
        ("decision_id", texts(&[Some("d-1"), Some("d-2")])),
        ("at", Arc::new(stamps.with_timezone("+00:00"))),
        ("action", texts(&[Some("dispatch"), Some("price")])),
        ("place", texts(&[Some("110000"), None])),
        ("person", texts(&[None, Some("p-1")])),
        ("principal.filed", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("resource.ageGroup", Arc::new(words)),
        ("resource.consents", Arc::new(sets.finish())),
        ("context.priceFen", Arc::new(UInt64Array::from(vec![None, Some(250)]))),
        ("_row", Arc::new(Int64Array::from(vec![1, 2]))),
    ];
    let expected: Vec<DecisionRecord> = [
        r#"{"id":"d-1","at":"2024-05-01T12:00:00+08:00","action":"dispatch","place":"110000","principal":{"filed":true},
            "resource":{"ageGroup":"adult","consents":["a","b"]}}"#,
        r#"{"id":"d-2","at":"2024-05-01T12:00:00.5+08:00","action":"price","person":"p-1","context":{"priceFen":250}}"#,
    ]
    .map(|json| serde_json::from_str(json).unwrap())
    .into();
    for (media, body) in
        [(MediaType::ArrowStream, arrow(columns.clone())), (MediaType::Parquet, parquet(columns.clone()))]
    {
        let (rows, fault) = read(media, body);
        let records: Vec<DecisionRecord> = rows.into_iter().map(|row| row.record.unwrap()).collect();
        assert_eq!(records, expected, "{media:?}");
        assert_eq!(fault, None);
    }
}

#[test]
fn a_bad_cell_refuses_its_row_and_no_other() {
    let with = |name: &'static str, array: ArrayRef| {
        let mut columns = frame(&[Some("d-1"), Some("d-2")]);
        columns.retain(|(known, _)| *known != name);
        columns.push((name, array));
        arrow(columns)
    };
    let rows: [(Vec<u8>, [&str; 2]); 7] = [
        (with("decision_id", texts(&[Some("d-1"), None])), ["d-1", "decision_id: `decision_id` is null"]),
        (with("decision_id", texts(&[Some(" "), Some("d-2")])), ["decision_id: the identifier is empty", "d-2"]),
        (with("action", texts(&[Some("price"), Some("prize")])), ["d-1", "action: `prize` is not an action"]),
        (with("place", texts(&[Some("11"), None])), ["place: `11` is not a place code", "d-2"]),
        (
            with("at", Arc::new(Int64Array::from(vec![1_714_536_000, 1_714_536_000_000]))),
            ["at: `1714536000` is not a moment", "d-2"],
        ),
        (
            with("context.priceFen", Arc::new(UInt64Array::from(vec![u64::MAX, 1]))),
            ["context.priceFen: the value of `context.priceFen` does not fit its type", "d-2"],
        ),
        (
            with("resource.ageGroup", texts(&[Some("old"), None])),
            ["resource.ageGroup: `resource.ageGroup` cannot be `old`", "d-2"],
        ),
    ];
    for (body, expected) in rows {
        let (rows, fault) = read(MediaType::ArrowStream, body);
        let found = told(&rows);
        assert_eq!(fault, None);
        for (found, expected) in found.iter().zip(expected) {
            // The model's own words for an empty identifier are its own matter.
            if expected.starts_with("decision_id: the") {
                assert!(found.starts_with("decision_id: "), "{found}");
            } else {
                assert_eq!(found, expected);
            }
        }
        assert_eq!(found.len(), 2);
    }
}

#[test]
fn a_table_whose_columns_cannot_be_told_is_refused_whole() {
    let and = |name: &'static str, array: ArrayRef| {
        let mut columns = frame(&[Some("d-1")]);
        columns.push((name, array));
        arrow(columns)
    };
    let without = |name: &str| arrow(frame(&[Some("d-1")]).into_iter().filter(|(known, _)| *known != name).collect());
    let rows = [
        (and("context.prizeFen", moments(1)), "`context.prizeFen` is no part of a decision"),
        (and("context.priceFen", Arc::new(Float64Array::from(vec![2.5]))), "`context.priceFen` has Float64"),
        (and("principal.filed", texts(&[Some("yes")])), "`principal.filed` has Utf8"),
        (and("decision_id", texts(&[Some("d-2")])), "`decision_id` stands twice"),
        (without("decision_id"), "no column `decision_id`"),
        (without("at"), "no column `at`"),
        (without("action"), "no column `action`"),
    ];
    for (body, message) in rows {
        let (rows, fault) = read(MediaType::ArrowStream, body);
        assert!(rows.is_empty());
        let fault = fault.unwrap();
        assert!(fault.message.contains(message), "{fault:?}");
        assert_eq!(fault.after_row, None);
    }
}

#[test]
fn a_stream_that_breaks_off_keeps_the_rows_before() {
    let columns = frame(&[Some("d-1"), Some("d-2")]);
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    let first = writer.get_ref().len();
    writer.write(&batch).unwrap();
    let mut body = writer.into_inner().unwrap();
    body.truncate(first + 40);
    let (rows, fault) = read(MediaType::ArrowStream, body);
    assert_eq!(told(&rows), ["d-1", "d-2"]);
    assert_eq!(fault.unwrap().after_row, Some(2));
}

#[test]
fn hostile_tables_are_faults_and_never_panics() {
    let good =
        [(MediaType::ArrowStream, arrow(frame(&[Some("d-1")]))), (MediaType::Parquet, parquet(frame(&[Some("d-1")])))];
    for (media, body) in good {
        for place in 0..body.len() {
            for value in [0x00, 0x7f, 0xff] {
                let mut bent = body.clone();
                bent[place] = value;
                // Whatever comes out: rows, faults, both.
                let _ = read(media, bent);
            }
        }
        for length in 0..body.len() {
            let _ = read(media, body[..length].to_vec());
        }
    }
}

#[test]
fn large_bodies_come_in_batches_with_numbers_that_go_on() {
    let ids: Vec<String> = (1..=1300).map(|number| format!("d-{number}")).collect();
    let columns = frame(&ids.iter().map(|id| Some(id.as_str())).collect::<Vec<_>>());
    let lines: String = ids.iter().map(|id| D1.replace("d-1", id) + "\n").collect();
    let bodies = [
        (MediaType::ArrowStream, arrow(columns.clone())),
        (MediaType::Parquet, parquet(columns)),
        (MediaType::Ndjson, lines.into_bytes()),
    ];
    for (media, body) in bodies {
        let (rows, fault) = read(media, body);
        assert_eq!(fault, None);
        let found: BTreeSet<(u64, String)> =
            rows.into_iter().map(|row| (row.number, row.record.unwrap().id.to_string())).collect();
        let expected: BTreeSet<(u64, String)> = (1..).zip(ids.clone()).collect();
        assert_eq!(found, expected, "{media:?}");
    }
}

#[test]
fn media_types_are_told_by_their_names_alone() {
    let rows = [
        ("application/json", Some(MediaType::Json)),
        ("Application/JSON; charset=utf-8", Some(MediaType::Json)),
        ("application/x-ndjson", Some(MediaType::Ndjson)),
        ("application/vnd.apache.arrow.stream", Some(MediaType::ArrowStream)),
        ("application/vnd.apache.parquet", Some(MediaType::Parquet)),
        ("application/cloudevents+json;charset=utf-8", Some(MediaType::CloudEvent)),
        ("text/plain", None),
        ("", None),
    ];
    for (name, expected) in rows {
        assert_eq!(MediaType::of(name), expected, "{name}");
    }
}
