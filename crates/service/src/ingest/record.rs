//! A record out of JSON text.

use super::diagnosis::{Diagnosis, Located, Malformed, MalformedKind, line_and_column, read};
use super::{BATCH_ROWS, Batches, BodyFault, Reading, Row, RowFault, strict};
use bytes::Bytes;
use gongdao_i18n::I18nError;
use gongdao_model::DecisionRecord;
use gongdao_rules::Vocabulary;
use std::ops::Range;

/// Whether every part of a record is a word of the vocabulary, of the type that it declares.
pub fn fits(record: &DecisionRecord, vocabulary: &Vocabulary) -> bool {
    vocabulary.actions.contains_key(&record.action)
        && record.facts.iter().all(|(path, value)| {
            vocabulary.facts.get(path).is_some_and(|declared| {
                declared.fact_type == value.fact_type() && declared.unknown_word(value).is_none()
            })
        })
}

/// A record, or everything that is wrong with it; `line` is the body's line on which the text begins, `column` the
/// characters before it there.
pub(super) fn of_text(
    text: &str,
    (line, column): (u64, u64),
    reading: Reading<'_>,
) -> Result<Result<DecisionRecord, Vec<RowFault>>, I18nError> {
    if let Some(record) = strict::record(text, reading.vocabulary) {
        return Ok(Ok(record));
    }
    let refused = match serde_json::from_str::<DecisionRecord>(text) {
        Ok(record) if fits(&record, reading.vocabulary) => return Ok(Ok(record)),
        Ok(_) => None,
        Err(error) => Some(error),
    };
    let place = |at: usize| {
        let (inner_line, inner_column) = line_and_column(text, at);
        let (inner_line, inner_column) = (to_u64(inner_line), to_u64(inner_column));
        let before = if inner_line == 1 { column } else { 0 };
        (Some(line + inner_line - 1), Some(before + inner_column))
    };
    let tree: Located = match read(text) {
        Ok(tree) => tree,
        Err(malformed) => {
            let (message, hint) = in_words(&malformed, reading)?;
            let (line, column) = place(malformed.at);
            return Ok(Err(vec![RowFault { line, column, field: None, message, hint: Some(hint) }]));
        }
    };
    let found = Diagnosis::of(text, &tree, reading.vocabulary, reading.words)?;
    let mut faults: Vec<RowFault> = found
        .into_iter()
        .map(|found| {
            let (line, column) = place(found.at);
            RowFault { line, column, field: None, message: found.message, hint: found.hint }
        })
        .collect();
    if faults.is_empty() {
        // The model refuses what the diagnosis lets pass: its own words are better than none.
        let message = refused.map_or_else(|| "the record cannot be read".to_owned(), |error| error.to_string());
        faults.push(RowFault { line: Some(line), column: Some(column + 1), field: None, message, hint: None });
    }
    Ok(Err(faults))
}

fn in_words(malformed: &Malformed, reading: Reading<'_>) -> Result<(String, String), I18nError> {
    let key = match malformed.kind {
        MalformedKind::Ends => "json_ends",
        MalformedKind::More => "json_more",
        MalformedKind::Other => "json",
    };
    let cause: &[(&str, &str)] =
        if malformed.kind == MalformedKind::Other { &[("cause", &malformed.words)] } else { &[] };
    Ok((
        reading.words.say(&format!("ingest.fault.{key}"), cause)?,
        reading.words.say(&format!("ingest.advice.{key}"), &[])?,
    ))
}

/// One record or a list of them.
pub(super) fn of_json<'a>(body: &Bytes, reading: Reading<'a>) -> Result<Batches<'a>, BodyFault> {
    let text = utf8(body, reading)?;
    if let Some(records) = strict::records(text, reading.vocabulary) {
        let rows = (1..).zip(records).map(|(number, record)| Row { number, record: Ok(record) });
        return Ok(Box::new(in_batches(rows.collect())));
    }
    let mut rows = Vec::new();
    let mut places = Places::new(text);
    for (number, span) in (1..).zip(items(text, reading)?) {
        let place = places.of(span.start);
        rows.push(Row { number, record: of_text(text.get(span).unwrap_or_default(), place, reading)? });
    }
    Ok(Box::new(in_batches(rows)))
}

/// The body as text.
pub(super) fn utf8<'a>(body: &'a [u8], reading: Reading<'_>) -> Result<&'a str, BodyFault> {
    let said = |key: &str, values: &[(&str, &str)]| reading.words.say(key, values);
    match std::str::from_utf8(body) {
        // A byte order mark is tolerated, as in CSV.
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let at = error.valid_up_to().to_string();
            Err(BodyFault::new(said("ingest.fault.not_utf8", &[("at", &at)])?, said("ingest.advice.not_utf8", &[])?))
        }
    }
}

/// Where a list's items stand, or the one text.
pub(super) fn items(text: &str, reading: Reading<'_>) -> Result<Vec<Range<usize>>, BodyFault> {
    let inner = text.trim();
    if inner.is_empty() {
        let message = reading.words.say("ingest.fault.empty", &[])?;
        return Err(BodyFault::new(message, reading.words.say("ingest.advice.empty", &[])?));
    }
    let start = text.len() - text.trim_start().len();
    if !inner.starts_with('[') {
        let whole = start..start + inner.len();
        return Ok(Vec::from([whole]));
    }
    match read(text) {
        Ok(tree) => Ok(tree.items().unwrap_or_default()),
        Err(malformed) => {
            let (line, column) = line_and_column(text, malformed.at);
            let values =
                [("cause", malformed.words.as_str()), ("line", &line.to_string()), ("column", &column.to_string())];
            let message = reading.words.say("ingest.fault.list", &values)?;
            Err(BodyFault::new(message, reading.words.say("ingest.advice.list", &[])?))
        }
    }
}

pub(super) fn in_batches<'a>(rows: Vec<Row>) -> impl Iterator<Item = Result<Vec<Row>, BodyFault>> + 'a {
    let mut rows = rows.into_iter().peekable();
    std::iter::from_fn(move || {
        rows.peek()?;
        Some(Ok(rows.by_ref().take(BATCH_ROWS).collect()))
    })
}

/// Lines and columns of places in one text, asked for in their order.
pub(super) struct Places<'t> {
    text: &'t str,
    at: usize,
    line: u64,
    column: u64,
}

impl<'t> Places<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0, line: 1, column: 0 }
    }

    /// 1-based line of a byte, and the characters before it there.
    pub(super) fn of(&mut self, start: usize) -> (u64, u64) {
        let between = self.text.get(self.at..start).unwrap_or_default();
        match between.rfind('\n') {
            Some(last) => {
                self.line += to_u64(between.matches('\n').count());
                self.column = to_u64(between.get(last + 1..).unwrap_or_default().chars().count());
            }
            None => self.column += to_u64(between.chars().count()),
        }
        self.at = start.max(self.at);
        (self.line, self.column)
    }
}

pub(super) fn to_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
