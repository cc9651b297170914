//! What came of a check, as JSON for the script of the page `/verify`.

use crate::{Checked, Failed, Value, check};
use gongdao_merkle::encode_base64;
use std::fmt::Write as _;

/// Check a receipt, and tell what came of it as one JSON object.
///
/// `verdict` is `holds` or the name of the [`crate::Step`] that fails, then with `message` and `hint`. One that holds has `leaf`, `size`,
/// `origin`, `logged_at` (seconds since 1970), `hidden` (groups that it does not open), `schema` and `columns`. Whole numbers
/// stand as `{"int": "12"}` and bytes as `{"bytes": "…"}` in Base64: a number of 64 bits does not survive as a number of JSON in
/// a script, and neither is to be mistaken for text.
pub fn told(receipt: &[u8], trust: &str) -> String {
    let mut json = String::new();
    match check(receipt, trust) {
        Ok(checked) => write_checked(&mut json, &checked),
        Err(Failed { step, error }) => {
            json.push_str("{\"verdict\":");
            write_text(&mut json, step.as_str());
            json.push_str(",\"message\":");
            write_text(&mut json, &error.message);
            json.push_str(",\"hint\":");
            write_text(&mut json, error.hint);
            json.push('}');
        }
    }
    json
}

fn write_checked(to: &mut String, checked: &Checked) {
    let (opened, opening) = (&checked.opened, checked.receipt.opening());
    let head = checked.receipt.proof().checkpoint.unverified();
    to.push_str("{\"verdict\":\"holds\"");
    let numbers = [
        ("leaf", opened.leaf),
        ("size", head.size),
        ("logged_at", opened.logged_at.seconds()),
        ("hidden", u64::try_from(opening.others.len().saturating_sub(1)).unwrap_or(u64::MAX)),
    ];
    for (name, number) in numbers {
        // Writing to a text does not fail.
        let _ = write!(to, ",\"{name}\":{{\"int\":\"{number}\"}}");
    }
    to.push_str(",\"origin\":");
    write_text(to, head.origin.as_str());
    to.push_str(",\"schema\":");
    write_text(to, &opened.schema);
    to.push_str(",\"columns\":");
    write_list(to, &opened.columns);
    to.push('}');
}

fn write_value(to: &mut String, value: &Value) {
    match value {
        Value::Null => to.push_str("null"),
        Value::Bool(is) => to.push_str(if *is { "true" } else { "false" }),
        Value::Int(number) => {
            let _ = write!(to, "{{\"int\":\"{number}\"}}");
        }
        Value::Bytes(bytes) => {
            to.push_str("{\"bytes\":");
            write_text(to, &encode_base64(bytes));
            to.push('}');
        }
        Value::Text(text) => write_text(to, text),
        Value::List(values) => write_list(to, values),
    }
}

fn write_list(to: &mut String, values: &[Value]) {
    to.push('[');
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            to.push(',');
        }
        write_value(to, value);
    }
    to.push(']');
}

/// RFC 8259, section 7.
fn write_text(to: &mut String, text: &str) {
    to.push('"');
    for sign in text.chars() {
        match sign {
            '"' | '\\' => to.extend(['\\', sign]),
            '\0'..='\u{1f}' => {
                let _ = write!(to, "\\u{:04x}", u32::from(sign));
            }
            _ => to.push(sign),
        }
    }
    to.push('"');
}

#[cfg(test)]
#[path = "told_tests.rs"]
mod tests;
