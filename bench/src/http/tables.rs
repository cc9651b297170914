//! Decisions made elsewhere, as streams of Arrow.

use super::client::Client;
use super::served::Served;
use super::{ratio, told};
use arrow_array::builder::{BooleanBuilder, Int64Builder, ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMillisecondArray};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use gongdao_gate::CheckRequest;
use gongdao_model::{Entity, FactPath, FactType, FactValue};
use gongdao_rules::RuleSet;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Rows of a body.
const ROWS: usize = 20_000;

/// Bytes of an identifier: `table-000017-00042` is row 42 of body 17.
const NAME: usize = "table-000000-00000".len();

/// Send bodies over several connections, each when the one before is logged.
pub(super) fn arrow(
    served: &Served,
    token: &str,
    rules: &RuleSet,
    requests: &[CheckRequest],
    connections: usize,
    seconds: u64,
) -> Result<String, String> {
    let first = Body::first(body(rules, requests, 0, ROWS)?)?;
    let next = AtomicUsize::new(0);
    let start = Instant::now();
    let connection = || {
        let (mut client, mut body, mut rows) = (Client::connect(served.address(), token)?, first.clone(), 0);
        while start.elapsed() < Duration::from_secs(seconds) {
            body.number(next.fetch_add(1, Ordering::Relaxed));
            let answer = client.post("/v1/decisions", "application/vnd.apache.arrow.stream", &body.bytes)?;
            let answer: Value = serde_json::from_slice(&answer).map_err(told)?;
            if answer.get("accepted") != Some(&Value::from(ROWS)) {
                return Err(format!("of {ROWS} rows some were refused: {answer}"));
            }
            rows += ROWS;
        }
        Ok(rows)
    };
    let rows = std::thread::scope(|scope| {
        let running: Vec<_> = (0..connections).map(|_| scope.spawn(connection)).collect();
        let rows = running.into_iter().map(|one| one.join().map_err(|_| "a thread of the client ended")?);
        rows.sum::<Result<usize, String>>()
    })?;
    Ok(format!(
        "\nArrow streams of {ROWS} rows over {connections} connections: {:.0} rows a second logged, {} bytes a row on the way\n",
        ratio(rows, start.elapsed().as_secs_f64()),
        first.bytes.len() / ROWS
    ))
}

/// A body whose identifiers are written over, so that making it takes nothing of the time: whoever sends tables has them.
#[derive(Clone)]
struct Body {
    bytes: Vec<u8>,
    /// Where the first identifier stands; the others follow it.
    names: usize,
}

impl Body {
    fn first(bytes: Vec<u8>) -> Result<Self, String> {
        let names = bytes.windows(NAME).position(|window| window == b"table-000000-00000");
        let names = names.ok_or("a body without its identifiers")?;
        Ok(Self { bytes, names })
    }

    fn number(&mut self, turn: usize) {
        let prefix = format!("table-{turn:06}-");
        let names = self.bytes.get_mut(self.names..self.names + ROWS * NAME).unwrap_or_default();
        for name in names.chunks_exact_mut(NAME) {
            name.iter_mut().zip(prefix.as_bytes()).for_each(|(to, from)| *to = *from);
        }
    }
}

/// Log so many decisions.
pub(super) fn log(
    served: &Served,
    token: &str,
    rules: &RuleSet,
    requests: &[CheckRequest],
    count: usize,
) -> Result<(), String> {
    let mut client = Client::connect(served.address(), token)?;
    for (turn, from) in (0..count).step_by(ROWS).enumerate() {
        let body = body(rules, requests, turn, ROWS.min(count - from))?;
        client.post("/v1/decisions", "application/vnd.apache.arrow.stream", &body)?;
    }
    Ok(())
}

fn body(rules: &RuleSet, requests: &[CheckRequest], turn: usize, rows: usize) -> Result<Vec<u8>, String> {
    let taken: Vec<&CheckRequest> = requests.iter().cycle().take(rows).collect();
    let names = taken.iter().enumerate().map(|(row, _)| Some(format!("table-{turn:06}-{row:05}")));
    let text = |of: fn(&CheckRequest) -> Option<String>| -> ArrayRef {
        Arc::new(taken.iter().map(|request| of(request)).collect::<StringArray>())
    };
    let at = TimestampMillisecondArray::from_iter_values(taken.iter().map(|request| request.at.millis()));
    let mut fields = vec![
        Field::new("decision_id", DataType::Utf8, true),
        Field::new("at", DataType::Timestamp(TimeUnit::Millisecond, None), true),
        Field::new("action", DataType::Utf8, true),
        Field::new("algorithm", DataType::Utf8, true),
        Field::new("person", DataType::Utf8, true),
    ];
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(names.collect::<StringArray>()),
        Arc::new(at),
        text(|request| Some(request.action.clone())),
        text(|request| request.algorithm.clone()),
        text(|request| request.person.clone()),
    ];
    let paths: BTreeSet<&FactPath> =
        requests.iter().flat_map(|request| request.facts.iter()).map(|(path, _)| path).collect();
    for path in paths.into_iter().filter(|path| path.entity() == Entity::Decision) {
        let declared = rules.vocabulary.facts.get(path).ok_or_else(|| format!("`{path}` is in no vocabulary"))?;
        let column = column(declared.fact_type, taken.iter().map(|request| request.facts.value(path)));
        fields.push(Field::new(path.to_string(), column.data_type().clone(), true));
        columns.push(column);
    }
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns).map_err(told)?;
    let mut writer = StreamWriter::try_new(Vec::new(), &schema).map_err(told)?;
    writer.write(&batch).map_err(told)?;
    writer.into_inner().map_err(told)
}

/// The values of a fact; a value that is missing, or of another type, is a null.
fn column<'a>(kind: FactType, values: impl Iterator<Item = Option<&'a FactValue>>) -> ArrayRef {
    match kind {
        FactType::Bool => {
            let mut column = BooleanBuilder::new();
            values.for_each(|value| column.append_option(value.and_then(bool_of)));
            Arc::new(column.finish())
        }
        FactType::Long => {
            let mut column = Int64Builder::new();
            values.for_each(|value| column.append_option(value.and_then(long_of)));
            Arc::new(column.finish())
        }
        FactType::Text => {
            let mut column = StringBuilder::new();
            values.for_each(|value| match value {
                Some(FactValue::Text(text)) => column.append_value(text),
                _ => column.append_null(),
            });
            Arc::new(column.finish())
        }
        FactType::TextSet => {
            let mut column = ListBuilder::new(StringBuilder::new());
            values.for_each(|value| match value {
                Some(FactValue::TextSet(words)) => {
                    for word in words {
                        column.values().append_value(word);
                    }
                    column.append(true);
                }
                _ => column.append(false),
            });
            Arc::new(column.finish())
        }
    }
}

fn bool_of(value: &FactValue) -> Option<bool> {
    if let FactValue::Bool(value) = value { Some(*value) } else { None }
}

fn long_of(value: &FactValue) -> Option<i64> {
    if let FactValue::Long(value) = value { Some(*value) } else { None }
}
