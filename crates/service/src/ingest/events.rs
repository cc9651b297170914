//! CloudEvents 1.0 in JSON whose `data` is a decision record.

use super::diagnosis::{Located, read};
use super::record::{Places, in_batches, items, of_text, utf8};
use super::{Batches, BodyFault, Reading, Row, RowFault};
use bytes::Bytes;
use gongdao_i18n::I18nError;

/// One event or a list of them.
pub(super) fn of<'a>(body: &Bytes, reading: Reading<'a>) -> Result<Batches<'a>, BodyFault> {
    let text = utf8(body, reading)?;
    let mut places = Places::new(text);
    let mut rows = Vec::new();
    for (number, span) in (1..).zip(items(text, reading)?) {
        let start = places.of(span.start);
        let item = text.get(span.clone()).unwrap_or_default();
        let record = match event(item, reading)? {
            Ok(data) => {
                let at = places.of(span.start + data.span().start);
                of_text(item.get(data.span()).unwrap_or_default(), at, reading)?
            }
            Err((message, hint)) => Err(vec![RowFault {
                line: Some(start.0),
                column: Some(start.1 + 1),
                field: None,
                message,
                hint: Some(hint),
            }]),
        };
        rows.push(Row { number, record });
    }
    Ok(Box::new(in_batches(rows)))
}

/// The event's data, or what is wrong with the event and what to do. Attributes that are not named here are extensions,
/// which are allowed (CloudEvents 1.0 §3.1).
fn event(item: &str, reading: Reading<'_>) -> Result<Result<Located, (String, String)>, I18nError> {
    let refuse = |key: &str, values: &[(&str, &str)]| {
        let message = reading.words.say(&format!("ingest.fault.{key}"), values)?;
        let hint = reading.words.say(&format!("ingest.advice.{key}"), &[])?;
        Ok(Err((message, hint)))
    };
    let mut tree = match read(item) {
        Ok(tree) => tree,
        Err(malformed) => return refuse("json", &[("cause", &malformed.words)]),
    };
    let Some(members) = tree.members() else { return refuse("event", &[]) };
    let twice = members.iter().enumerate().find(|(at, (name, _))| members.iter().take(*at).any(|(one, _)| one == name));
    if let Some((_, (name, _))) = twice {
        return refuse("event_twice", &[("name", name)]);
    }
    let text = |name: &str| members.iter().find(|(known, _)| *known == name).and_then(|(_, value)| value.text());
    let needed = ["id", "source", "type", "specversion"];
    if let Some(name) = needed.into_iter().find(|name| text(name).is_none_or(str::is_empty)) {
        return refuse("event_attribute", &[("name", name)]);
    }
    let version = text("specversion").unwrap_or_default();
    if version != "1.0" {
        return refuse("event_version", &[("found", version)]);
    }
    match tree.take("data") {
        Some(data) => Ok(Ok(data)),
        None => refuse("event_data", &[]),
    }
}
