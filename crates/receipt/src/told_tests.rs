use super::*;
use crate::planted::{ORIGIN, log, receipt};
use serde_json::{Value as Json, json};

fn answer(columns: Vec<Value>) -> Json {
    let receipt = receipt(columns, false).to_string();
    serde_json::from_str(&told(receipt.as_bytes(), &log().log_key().to_string())).unwrap()
}

#[test]
fn what_holds_is_told_without_loss() {
    let nasty = "\"\\\u{0}\u{1f}\u{7f}\u{2028}</script>\u{10ffff}公道";
    let found = answer(vec![
        Value::Int(i64::MAX),
        Value::Int(i64::MIN),
        Value::Bytes(vec![0xff, 0]),
        Value::Text(nasty.to_owned()),
        Value::List(vec![Value::Null, Value::Bool(true), Value::List(Vec::new()), Value::Bool(false)]),
    ]);
    assert_eq!(
        found,
        json!({
            "verdict": "holds", "leaf": {"int": "3"}, "size": {"int": "7"}, "logged_at": {"int": "1800000000"},
            "hidden": {"int": "2"}, "origin": ORIGIN, "schema": "test/1",
            "columns": [
                {"int": "9223372036854775807"}, {"int": "-9223372036854775808"}, {"bytes": "/wA="}, nasty,
                [null, true, [], false],
            ],
        })
    );
}

#[test]
fn what_fails_is_told_with_its_step_and_what_to_do() {
    let found: Json = serde_json::from_str(&told(b"dear \"ledger\"", &log().log_key().to_string())).unwrap();
    assert_eq!(
        found,
        json!({
            "verdict": "form", "message": "the proof has no empty line",
            "hint": "a proof is its head, hashes, an empty line and a checkpoint (C2SP tlog-proof)",
        })
    );
    let found: Json = serde_json::from_str(&told(b"", "a \"key\"")).unwrap();
    assert_eq!(found["verdict"], "trust");
    assert!(found["message"].as_str().unwrap().contains("a \"key\""), "{found}");
}
