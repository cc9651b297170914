use super::flat::{lines, meaning, shown};
use crate::problem::Problem;
use gongdao_i18n::Words;
use gongdao_service::PersonRecord;

/// One row a value (RFC 4180), after a byte order mark, so that spreadsheets read it as UTF-8.
pub(crate) fn csv(record: &PersonRecord, words: Words<'_>) -> Result<String, Problem> {
    let say = |key: &str| words.say(key, &[]).map_err(|error| Problem::internal(error.message));
    let mut text = String::from("\u{feff}");
    let head = ["category", "item", "field", "meaning", "value"].map(|name| say(&format!("record.column.{name}")));
    let head = head.into_iter().collect::<Result<Vec<_>, _>>()?;
    row(&mut text, &head);
    for held in &record.manifest {
        let status = say(&format!("record.status.{}", held.status))?;
        let reason = held.reason.map(|reason| say(&format!("record.reason.{reason}"))).transpose()?;
        let category = say(&format!("record.category.{}", held.category.as_str()))?;
        let count = format!("{} / {}", held.count, held.count + held.missing);
        row(&mut text, &[category, count, String::new(), reason.unwrap_or_default(), status]);
    }
    for line in lines(record)? {
        let category = say(&format!("record.category.{}", line.category.as_str()))?;
        let meaning = meaning(record, &line.field);
        let meaning = meaning.map(|meaning| words.language().choose(&meaning.zh, &meaning.en).to_owned());
        row(&mut text, &[category, line.item.to_string(), line.field, meaning.unwrap_or_default(), shown(&line.value)]);
    }
    Ok(text)
}

fn row(text: &mut String, cells: &[String]) {
    for (number, cell) in cells.iter().enumerate() {
        if number > 0 {
            text.push(',');
        }
        text.push('"');
        // A cell that begins so is a formula to a spreadsheet; it is to be text.
        if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err() {
            text.push('\'');
        }
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    }
    text.push_str("\r\n");
}
