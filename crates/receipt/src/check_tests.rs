use super::*;
use crate::planted::{ORIGIN, log, receipt, witness};
use crate::{Opening, Salt, Value};
use gongdao_merkle::NoteSigner;

fn columns() -> Vec<Value> {
    vec![Value::Text("公道".to_owned()), Value::Int(-5), Value::Null]
}

fn verdict(receipt: &str, trust: &str) -> &'static str {
    check(receipt.as_bytes(), trust).map_or_else(|failed| failed.step.as_str(), |_| "holds")
}

#[test]
fn every_step_is_told_by_the_first_thing_that_is_off() {
    let whole = receipt(columns(), false);
    let text = whole.to_string();
    let key = log().log_key().to_string();
    let change = |change: &dyn Fn(&mut Opening)| {
        let mut opening = whole.opening().clone();
        change(&mut opening);
        Receipt::new(whole.proof().clone(), opening).to_string()
    };
    let stranger = NoteSigner::new(ORIGIN.parse().unwrap(), &[9; 32]).log_key().to_string();
    for (what, receipt, trust, expected) in [
        ("as it was given", text.clone(), key.clone(), "holds"),
        ("space around the key", text.clone(), format!("\r\n {key} \n"), "holds"),
        ("no key", text.clone(), String::new(), "trust"),
        ("words", text.clone(), "who knows".to_owned(), "trust"),
        ("half a key", text.clone(), key[..30].to_owned(), "trust"),
        ("a policy without a quorum", text.clone(), format!("log {key}\n"), "trust"),
        ("neither key nor receipt", "x".to_owned(), "x".to_owned(), "trust"),
        ("words", "dear ledger".to_owned(), key.clone(), "form"),
        ("half of it", text[..text.len() / 2].to_owned(), key.clone(), "form"),
        ("another key of the same name", text.clone(), stranger, "signature"),
        ("another size", text.replacen("\n7\n", "\n8\n", 1), key.clone(), "signature"),
        ("another log", text.replacen(ORIGIN, "ledger.example/town", 1), key.clone(), "signature"),
        ("another place", text.replacen("index 3", "index 2", 1), key.clone(), "inclusion"),
        (
            "another time",
            change(&|opening| opening.entry.logged_at = crate::LoggedAt::from_seconds(1)),
            key.clone(),
            "inclusion",
        ),
        ("another salt", change(&|opening| opening.salt = Salt::from_bytes([0; 32])), key.clone(), "content"),
        ("others the other way round", change(&|opening| opening.others.swap(0, 2)), key.clone(), "content"),
        (
            "both off, signature first",
            change(&|opening| opening.bytes.clear()).replacen("\n7\n", "\n8\n", 1),
            key,
            "signature",
        ),
    ] {
        assert_eq!(verdict(&receipt, &trust), expected, "{what}: {receipt}\n{trust}");
    }
}

#[test]
fn a_policy_asks_for_the_witnesses_that_it_names() {
    let (alone, cosigned) = (receipt(columns(), false).to_string(), receipt(columns(), true).to_string());
    let logs = format!("log {}\n", log().log_key());
    let named = format!("{logs}witness u {}\n", witness().witness_key());
    let other = NoteSigner::new("regulator.example".parse().unwrap(), &[8; 32]);
    let two = format!("{named}witness r {}\n", other.witness_key());
    for (policy, of_alone, of_cosigned) in [
        (format!("{logs}quorum none\n"), "holds", "holds"),
        (format!("{named}quorum none"), "holds", "holds"),
        (format!("{named}quorum u"), "witnesses", "holds"),
        (format!("{named}quorum u\n").replace('\n', "\r\n"), "witnesses", "holds"),
        (format!("{two}group g any u r\nquorum g\n"), "witnesses", "holds"),
        (format!("{two}group g all u r\nquorum g\n"), "witnesses", "witnesses"),
        (format!("log {}\n{}quorum u\n", other.log_key(), &named[logs.len()..]), "signature", "signature"),
    ] {
        assert_eq!(verdict(&alone, &policy), of_alone, "{policy}");
        assert_eq!(verdict(&cosigned, &policy), of_cosigned, "{policy}");
    }
}

#[test]
fn what_was_pasted_is_read_as_a_form_writes_it() {
    let text = receipt(columns(), false).to_string();
    let key = log().log_key().to_string();
    for changed in [text.clone(), text.trim().to_owned(), text.replace('\n', "\r\n"), format!("\n\n {text}\n\n")] {
        assert!(check(&pasted(&changed), &key).is_ok(), "{changed:?}");
    }
    assert_eq!(pasted(" \r\n "), [] as [u8; 0]);
}

/// Whatever byte is changed: an answer, and never one that lets through another content than was logged.
#[test]
fn no_changed_byte_passes_for_the_receipt() {
    let whole = receipt(columns(), true);
    let bytes = whole.to_string().into_bytes();
    let key = log().log_key().to_string();
    let opened = check(&bytes, &key).unwrap().opened;
    let mut seen = std::collections::BTreeSet::new();
    let opening = whole.opening().to_bytes();
    let outside = (0..bytes.len()).flat_map(|at| [1_u8, 0x20].map(|bits| (at, bits))).map(|(at, bits)| {
        let mut changed = bytes.clone();
        changed[at] ^= bits;
        changed
    });
    // Where Base64 hides most of the damage.
    let inside = (0..opening.len()).map(|at| {
        let mut changed = opening.clone();
        changed[at] ^= 1;
        let mut proof = whole.proof().clone();
        proof.extra = Some(changed);
        proof.to_string().into_bytes()
    });
    for changed in outside.chain(inside).chain((0..bytes.len()).map(|end| bytes[..end].to_vec())) {
        match check(&changed, &key) {
            Err(failed) => {
                assert!(!failed.error.message.is_empty() && !failed.error.hint.is_empty());
                seen.insert(failed.step);
            }
            // The name of a record is the operator's, and no part of what is committed to; nor are lines of others' keys.
            Ok(passed) => assert_eq!(Opened { record: opened.record, ..passed.opened }, opened),
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [Step::Form, Step::Signature, Step::Inclusion, Step::Content]);
}
