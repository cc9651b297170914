//! One cell: bytes to a typed value, or the fault in words.

use super::Fault;
use crate::adapter::{ColumnKind, ColumnSpec};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone};
use gongdao_model::Instant;

/// A cell that was read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'a> {
    Missing,
    Text(&'a str),
    Bool(bool),
    Integer(i64),
    Float(f64),
    /// Milliseconds since the epoch.
    Millis(i64),
    /// Days since the epoch.
    Days(i32),
}

/// Read a cell that stands as text by the column's kind; its options are for [`check`].
pub(crate) fn read_text_cell<'a>(column: &ColumnSpec, bytes: &'a [u8]) -> Result<Value<'a>, Fault> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        let shown = Fault::shown(&String::from_utf8_lossy(bytes));
        return Err(Fault::new("not-utf-8", format!("`{shown}` 不是 UTF-8 文本"), format!("`{shown}` is not UTF-8"))
            .hint("把文件另存为 UTF-8", "save the file as UTF-8"));
    };
    let text = trimmed(text);
    if text.is_empty() {
        return Ok(Value::Missing);
    }
    if column.kind == ColumnKind::Text {
        plain_text(text)?;
    }
    let value = match column.kind {
        ColumnKind::Text => Some(Value::Text(text)),
        ColumnKind::Bool => read_bool(text).map(Value::Bool),
        ColumnKind::Integer => read_integer(text).map(Value::Integer),
        ColumnKind::Float => text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::Float),
        ColumnKind::Instant => read_instant(column, text).map(Value::Millis),
        ColumnKind::Seconds => read_seconds(text).map(Value::Millis),
        ColumnKind::Millis => read_integer(text).map(Value::Millis),
        ColumnKind::Date => read_days(text).map(Value::Days),
    };
    value.ok_or_else(|| wrong_type(column, text))
}

/// [`str::trim`], without a look at characters where both ends are letters or digits.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() => text,
        _ => text.trim(),
    }
}

/// Texts go into reports, terminals and other people's tools: none is without end, and none steers a terminal.
fn plain_text(text: &str) -> Result<(), Fault> {
    const LONGEST_BYTES: usize = 8_192;
    let is_printable = |byte: &u8| matches!(byte, b' '..=b'~');
    if text.len() <= LONGEST_BYTES && text.as_bytes().iter().all(is_printable) {
        return Ok(());
    }
    if text.len() > LONGEST_BYTES {
        let (shown, size) = (Fault::shown(text), text.len());
        return Err(Fault::new(
            "too-long",
            format!("`{shown}` 有 {size} 字节，至多 {LONGEST_BYTES}"),
            format!("`{shown}` has {size} bytes, at most {LONGEST_BYTES}"),
        )
        .hint("检查引号是否闭合，或去掉该列", "check that quotes are closed, or leave the column out"));
    }
    // Line breaks and tabs stand in honest texts; marks that turn the direction of what follows do not.
    let steers = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\r' | '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.chars().any(steers) {
        let shown = Fault::shown(text);
        return Err(Fault::new(
            "control-character",
            format!("`{shown}` 含有控制字符"),
            format!("`{shown}` holds a control character"),
        )
        .hint("检查编码，去掉控制字符", "check the encoding, and take the control characters out"));
    }
    Ok(())
}

/// Check a typed value against the column's options.
pub(crate) fn check<'a>(column: &ColumnSpec, value: Value<'a>) -> Result<Value<'a>, Fault> {
    match value {
        Value::Missing if column.required => {
            Err(Fault::new("required-missing", "必填的单元格为空".to_owned(), "a required cell is empty".to_owned())
                .hint("向数据来源查问", "ask the source for it"))
        }
        Value::Text(text) if !column.values.is_empty() && !column.values.iter().any(|word| word == text) => {
            let shown = Fault::shown(text);
            let known = column.values.join(" ");
            Err(Fault::new(
                "unknown-word",
                format!("`{shown}` 不在允许的词中"),
                format!("`{shown}` is not one of the allowed words"),
            )
            .hint(&format!("允许：{known}"), &format!("allowed: {known}")))
        }
        // The exact value only matters within 2^53; ranges are plausibility limits.
        #[expect(clippy::cast_precision_loss, reason = "a plausibility limit")]
        Value::Integer(number) => check_range(column, number as f64).map(|()| value),
        Value::Float(number) => check_range(column, number).map(|()| value),
        Value::Millis(millis) => check_instant(column, millis).map(|()| value),
        _ => Ok(value),
    }
}

fn check_range(column: &ColumnSpec, number: f64) -> Result<(), Fault> {
    let min = column.min.unwrap_or(f64::NEG_INFINITY);
    let max = column.max.unwrap_or(f64::INFINITY);
    let fits = |number: f64| (min..=max).contains(&number);
    if fits(number) {
        return Ok(());
    }
    let limits = match (column.min, column.max) {
        (Some(min), Some(max)) => format!("{min}..{max}"),
        (Some(min), None) => format!(">= {min}"),
        (_, max) => format!("<= {}", max.unwrap_or(f64::INFINITY)),
    };
    let fault = Fault::new(
        "out-of-range",
        format!("`{number}` 超出声明的范围 {limits}"),
        format!("`{number}` lies outside the declared range {limits}"),
    );
    Err(if number != 0.0 && (fits(number * 1000.0) || fits(number / 1000.0)) {
        fault.hint("单位可能相差 1000 倍", "the unit may be off by 1,000")
    } else {
        fault.hint("核对数值，或在适配器中改范围", "check the value, or change the range in the adapter")
    })
}

fn check_instant(column: &ColumnSpec, millis: i64) -> Result<(), Fault> {
    if Instant::from_millis(millis).is_ok() {
        return Ok(());
    }
    // As it stands in the file, so that the row is found by a search for it.
    let shown = match column.kind {
        ColumnKind::Seconds => format!("`{}` s", millis / 1000),
        ColumnKind::Instant => DateTime::from_timestamp_millis(millis)
            .map_or_else(|| format!("`{millis}` ms"), |at| format!("`{}`", at.format("%Y-%m-%dT%H:%M:%SZ"))),
        _ => format!("`{millis}` ms"),
    };
    let fault = Fault::new(
        "impossible-time",
        format!("时间 {shown} 不在 1990 至 2099 年之间"),
        format!("time {shown} lies outside the years 1990 to 2099"),
    );
    let other_unit = [millis.checked_mul(1000), Some(millis / 1000), Some(millis / 1_000_000)];
    Err(if other_unit.into_iter().flatten().any(|millis| Instant::from_millis(millis).is_ok()) {
        fault.hint(
            "单位可能相差 1000 倍：秒、毫秒、微秒",
            "the unit may be off by 1,000: seconds, milliseconds, microseconds",
        )
    } else {
        fault.hint("核对时间", "check the time")
    })
}

pub(super) fn wrong_type(column: &ColumnSpec, text: &str) -> Fault {
    let shown = Fault::shown(text);
    let (zh, en) = match column.kind {
        ColumnKind::Text => ("文本", "text"),
        ColumnKind::Bool => ("是或否", "true or false"),
        ColumnKind::Integer => ("整数", "a whole number"),
        ColumnKind::Float => ("数", "a number"),
        ColumnKind::Instant => ("时间", "a moment"),
        ColumnKind::Seconds => ("秒数", "a number of seconds"),
        ColumnKind::Millis => ("毫秒数", "a number of milliseconds"),
        ColumnKind::Date => ("日期", "a date"),
    };
    let fault = Fault::new("wrong-type", format!("`{shown}` 不是{zh}"), format!("`{shown}` is not {en}"));
    match column.kind {
        ColumnKind::Instant if column.offset.is_none() => fault.hint(
            "写成 2024-05-01T12:00:00+08:00；没有时差时在列上声明 offset",
            "write it like 2024-05-01T12:00:00+08:00; without an offset, declare `offset` on the column",
        ),
        ColumnKind::Date => fault.hint("写成 2024-05-01", "write it like 2024-05-01"),
        _ => fault.hint("改正单元格，或改列的类型", "correct the cell, or change the column's type"),
    }
}

fn read_bool(text: &str) -> Option<bool> {
    let is_any = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_any(&["true", "1", "yes", "y"]) {
        Some(true)
    } else if is_any(&["false", "0", "no", "n"]) {
        Some(false)
    } else {
        None
    }
}

/// `3.0` counts as 3: spreadsheets write whole numbers so once a column has an empty cell.
fn read_integer(text: &str) -> Option<i64> {
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => text,
    };
    whole.parse().ok()
}

fn read_seconds(text: &str) -> Option<i64> {
    if let Some(seconds) = read_integer(text) {
        return seconds.checked_mul(1000);
    }
    let millis = (text.parse::<f64>().ok()? * 1000.0).floor();
    // 9.0e15 is far beyond the year 2099 and well inside an exact integer.
    #[expect(clippy::cast_possible_truncation, reason = "range checked")]
    (millis.abs() < 9.0e15).then_some(millis as i64)
}

fn read_instant(column: &ColumnSpec, text: &str) -> Option<i64> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.timestamp_millis());
    }
    let local = text.replacen(' ', "T", 1);
    let local = NaiveDateTime::parse_from_str(&local, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    column.offset?.from_local_datetime(&local).single().map(|at| at.timestamp_millis())
}

fn read_days(text: &str) -> Option<i32> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).ok()
}
