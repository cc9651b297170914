//! The formats: vectors that stay, and a second reader in Python that is asked for its verdicts.
//!
//! `GONGDAO_WRITE_VECTORS=1` writes the file of vectors anew, for a new version of a format. The second reader needs `python3`
//! with the package `cryptography`; where it is missing a virtual environment is made in the target folder.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "support/python.rs"]
mod python;
mod support;

use gongdao_ledger::{
    Entry, EntryKind, Epoch, Erasure, GroupNumber, IndexSeal, LoggedAt, Nonce, Opening, PersonKey, Receipt, RecordId,
    Salt, Stated, Statement, Tag, Target, Value, check, commit_group, commit_record, group_bytes, salt,
};
use gongdao_merkle::{NoteSigner, Policy, RootHash, TlogProof, decode_base64, encode_base64};
use python::{python, run};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use support::{create, decision, folder, log, person, reader, signer};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn shown(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(is) => json!(is),
        Value::Int(number) => json!(number),
        Value::Bytes(bytes) => json!({ "bytes": hex(bytes) }),
        Value::Text(text) => json!(text),
        Value::List(values) => values.iter().map(shown).collect(),
    }
}

/// Our verdict on each case, as the second reader prints its own.
fn verdicts(cases: &Json) -> Json {
    let policies: Vec<Policy> =
        cases["policies"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().parse().unwrap()).collect();
    let place = |case: &Json| usize::try_from(case["policy"].as_u64().unwrap()).unwrap();
    let policy = |case: &Json| &policies[place(case)];
    let each = |name: &str, judge: &dyn Fn(&Json) -> Option<Json>| -> Json {
        cases[name].as_array().unwrap().iter().map(|case| judge(case).unwrap_or(Json::Null)).collect()
    };
    json!({
        "cbor": each("cbor", &|case| Some(json!({ "value": shown(&Value::parse(&unhex(case["hex"].as_str()?)).ok()?) }))),
        "entries": each("entries", &|case| Some(json!(Entry::parse(&unhex(case["hex"].as_str()?)).ok()?.kind.code()))),
        "receipts": each("receipts", &|case| {
            let trust = cases["policies"][place(case)].as_str()?;
            let opened = check(case["text"].as_str()?.as_bytes(), trust).ok()?.opened;
            Some(json!({
                "leaf": opened.leaf, "kind": opened.kind.code(), "at": opened.logged_at.seconds(), "group": opened.group.0,
                "schema": opened.schema, "columns": opened.columns.iter().map(shown).collect::<Vec<_>>(),
            }))
        }),
        "statements": each("statements", &|case| {
            let statement = Statement::parse(&decode_base64(case["base64"].as_str()?).unwrap()).ok()?;
            let key = gongdao_ledger::TagKey::from_bytes(unhex(case["tag_key"].as_str()?).try_into().unwrap());
            let stated = statement.verify(&key, policy(case)).ok()?;
            Some(stated.iter().map(|stated| match stated {
                Stated::Opened(opened) => json!([opened.leaf, true]),
                Stated::Erased { leaf, .. } => json!([leaf, false]),
            }).collect())
        }),
    })
}

fn cbor_cases() -> Vec<Json> {
    let deep = |depth: usize| ["81".repeat(depth), "f6".to_owned()].concat();
    let values = [
        Value::List(vec![
            Value::Int(0),
            Value::Int(23),
            Value::Int(24),
            Value::Int(255),
            Value::Int(256),
            Value::Int(65_536),
        ]),
        Value::List(vec![Value::Int(i64::MAX), Value::Int(i64::MIN), Value::Int(-1), Value::Int(-24), Value::Int(-25)]),
        Value::List(vec![Value::Null, Value::Bool(true), Value::Bool(false), Value::Text("公道".to_owned())]),
        Value::List(vec![Value::Bytes(vec![0; 24]), Value::Text(String::new()), Value::List(Vec::new())]),
    ];
    let good = values.iter().map(|value| hex(&value.to_bytes()));
    let bad = [
        "",
        "1817",
        "190017",
        "1a0000ffff",
        "1b00000000ffffffff",
        "1b8000000000000000",
        "3b8000000000000000",
        "9f01ff",
        "5f",
        "f93c00",
        "fb3ff0000000000000",
        "a0",
        "c001",
        "f7",
        "f818",
        "62c328",
        "4201",
        "8201",
        "0000",
        "1c",
        "ff",
    ];
    let all = good.chain(bad.map(str::to_owned)).chain([deep(16), deep(17)]);
    all.map(|hex| json!({ "hex": hex })).collect()
}

fn entry_cases() -> Vec<Json> {
    let commitment = gongdao_ledger::Commitment::from_bytes([7; 32]);
    let entry = |kind, tags: Vec<Tag>| {
        Entry::new(kind, LoggedAt::from_seconds(1_800_000_000), commitment, tags).unwrap().to_bytes()
    };
    let tag = |byte| Tag::from_bytes([byte; 16]);
    let two = entry(EntryKind::Decision, vec![tag(2), tag(1)]);
    let changed = |at: usize, to: u8| {
        let mut bytes = two.clone();
        bytes[at] = to;
        bytes
    };
    let three = [&changed(3, 3)[..], &[9; 16]].concat();
    [
        entry(EntryKind::Rights, Vec::new()),
        two.clone(),
        changed(0, 2),
        changed(1, 0),
        changed(1, 10),
        changed(3, 1),
        changed(44, 3),
        [&two[..44], &two[44..60], &two[44..60]].concat(),
        three,
        two[..59].to_vec(),
        two[..43].to_vec(),
    ]
    .iter()
    .map(|bytes| json!({ "hex": hex(bytes) }))
    .collect()
}

fn value_cases() -> Json {
    let record = RecordId::from_bytes([1; 16]);
    let groups: Vec<(Salt, Vec<u8>, Json)> = (0..2_u16)
        .map(|number| {
            let bytes = group_bytes("test/1", vec![Value::Int(i64::from(number)), Value::Text("送餐".to_owned())]);
            let (key, nonce) = ([u8::try_from(number).unwrap() + 2; 32], [4; 16]);
            let salted = salt(&PersonKey::from_bytes(key), record, GroupNumber(number), Nonce::from_bytes(nonce));
            let case =
                json!({ "key": hex(&key), "nonce": hex(&nonce), "bytes": hex(&bytes), "salt": hex(salted.as_bytes()) });
            (salted, bytes, case)
        })
        .collect();
    let commitments: Vec<_> = groups.iter().map(|(salted, bytes, _)| commit_group(*salted, bytes)).collect();
    let commitment = commit_record(&commitments).unwrap();
    let key = PersonKey::from_bytes([5; 32]).tag_key(&"ledger.example/city".parse().unwrap(), Epoch(3));
    let seal = IndexSeal { epoch: Epoch(3), first_leaf: 5, end_leaf: 9, count: 7, root: RootHash::from_bytes([6; 32]) };
    json!({
        "commitments": [{
            "record": hex(record.as_bytes()), "commitment": hex(commitment.as_bytes()),
            "groups": groups.into_iter().map(|(_, _, case)| case).collect::<Vec<_>>(),
        }],
        "tags": [{
            "person_key": hex(&[5; 32]), "origin": "ledger.example/city", "epoch": 3, "tag_key": hex(key.as_bytes()),
            "end": hex(key.end().as_bytes()), "tags": (0..3).map(|at| hex(key.tag(at).as_bytes())).collect::<Vec<_>>(),
        }],
        "seals": [{ "seal": hex(&seal.to_bytes()), "commitment": hex(seal.commitment().as_bytes()) }],
    })
}

/// Receipts and statements of a small ledger, right and changed in each part.
fn ledger_cases(path: &Path) -> Json {
    create(path);
    let mut setup = support::setup(folder(path));
    setup.entropy = Box::new(support::Seeded(5, 0));
    let ledger = gongdao_ledger::Ledger::open(setup).unwrap().0;
    log(
        &ledger,
        vec![decision(&["a", "b", "c"], "1"), decision(&["b"], "2"), decision(&[], "3"), decision(&["a"], "4")],
    );
    let target = Target::Groups([(3, GroupNumber(1))].into());
    ledger.erase(Erasure { target, ground: "cn.pipl/47/1".to_owned(), reference: "r".to_owned() }).unwrap();
    ledger.close_epoch().unwrap();
    log(&ledger, vec![decision(&["b"], "5")]);
    ledger.close_epoch().unwrap();
    let union = NoteSigner::new("union.example".parse().unwrap(), &[3; 32]);
    let mut signed = ledger.checkpoint().unwrap();
    signed.add(union.cosign(signed.note().text(), 1_800_000_001));
    ledger.publish(signed).unwrap();
    let reader = reader(path);
    let policies = [
        format!("log {}\nquorum none\n", signer().log_key()),
        format!("log {}\nwitness u {}\ngroup g any u\nquorum g\n", signer().log_key(), union.witness_key()),
        format!("log {}\nquorum none\n", NoteSigner::new(support::ORIGIN.parse().unwrap(), &[8; 32]).log_key()),
    ];
    let receipt = reader.receipt(0, GroupNumber(2)).unwrap();
    let change = |change: &dyn Fn(&mut Opening)| {
        let mut opening = receipt.opening().clone();
        change(&mut opening);
        Receipt::new(receipt.proof().clone(), opening).to_string()
    };
    let text = receipt.to_string();
    let bare = reader.prove(0).unwrap().to_string();
    let receipts: Vec<Json> = [
        text.clone(),
        reader.receipt(2, GroupNumber(0)).unwrap().to_string(),
        change(&|opening| opening.group = GroupNumber(1)),
        change(&|opening| opening.salt = Salt::from_bytes([1; 32])),
        change(&|opening| opening.bytes = group_bytes("test/person/1", Vec::new())),
        change(&|opening| opening.others.swap(0, 1)),
        change(&|opening| opening.entry.logged_at = LoggedAt::from_seconds(1)),
        text.replacen("index 0", "index 1", 1),
        text.replacen("index 0", "index 00", 1),
        text.replacen("\n7\n", "\n8\n", 1),
        bare,
    ]
    .iter()
    .map(|text| json!({ "text": text, "policy": 0 }))
    .chain([json!({ "text": text, "policy": 1 }), json!({ "text": text, "policy": 2 })])
    .collect();
    let mut statements = Vec::new();
    for (name, epoch) in [("a", 0), ("b", 0), ("b", 1), ("c", 1)] {
        let statement = reader.statement(&person(name), Epoch(epoch)).unwrap();
        let key = hex(reader.tag_key(&person(name), Epoch(epoch)).unwrap().as_bytes());
        for changed in changed_statements(&statement) {
            statements.push(json!({ "base64": encode_base64(&changed.to_bytes()), "tag_key": key, "policy": 1 }));
        }
        let key = hex(reader.tag_key(&person("a"), Epoch(9)).unwrap().as_bytes());
        statements.push(json!({ "base64": encode_base64(&statement.to_bytes()), "tag_key": key, "policy": 1 }));
    }
    json!({ "policies": policies, "receipts": receipts, "statements": statements })
}

fn changed_statements(whole: &Statement) -> Vec<Statement> {
    let change = |change: &dyn Fn(&mut Statement)| {
        let mut statement = whole.clone();
        change(&mut statement);
        statement
    };
    vec![
        whole.clone(),
        change(&|statement| drop(statement.entries.pop())),
        change(&|statement| statement.entries.reverse()),
        change(&|statement| statement.next.before = None),
        change(&|statement| statement.next.after = None),
        change(&|statement| statement.seal.end_leaf += 1),
        change(&|statement| statement.seal_entry.kind = EntryKind::Anchor),
        change(&|statement| statement.end = Err(statement.next.clone())),
        change(&|statement| {
            for stated in &mut statement.entries {
                stated.proof.extra = None;
            }
        }),
        change(&|statement| {
            for stated in &mut statement.entries {
                stated.presence.position += 1;
            }
        }),
    ]
}

fn vectors() -> Json {
    let dir = tempfile::tempdir().unwrap();
    let mut cases = json!({ "version": 1, "cbor": cbor_cases(), "entries": entry_cases() });
    for part in [value_cases(), ledger_cases(dir.path())] {
        cases.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    }
    for (name, found) in verdicts(&cases).as_object().unwrap() {
        for (place, wanted) in found.as_array().unwrap().iter().enumerate() {
            cases[name][place]["wanted"] = wanted.clone();
        }
    }
    cases
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/ledger-1.json")
}

#[test]
fn the_formats_are_those_of_their_vectors() {
    let made = vectors();
    if std::env::var_os("GONGDAO_WRITE_VECTORS").is_some() {
        std::fs::create_dir_all(file().parent().unwrap()).unwrap();
        std::fs::write(file(), serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
    }
    let kept: Json = serde_json::from_slice(&std::fs::read(file()).unwrap()).unwrap();
    // What was written once is read for ever, and is still written so.
    for (name, found) in verdicts(&kept).as_object().unwrap() {
        let wanted: Vec<&Json> = kept[name].as_array().unwrap().iter().map(|case| &case["wanted"]).collect();
        assert_eq!(found.as_array().unwrap().iter().collect::<Vec<_>>(), wanted, "{name}");
        let refused = wanted.iter().filter(|wanted| wanted.is_null()).count();
        assert!(refused > 1 && refused < wanted.len() - 1, "{name} has cases of both kinds");
    }
    // Receipts and statements hang on the order in which random bytes are drawn, which is no part of a format.
    for name in ["cbor", "entries", "commitments", "tags", "seals"] {
        assert_eq!(made[name], kept[name], "{name}");
    }
}

fn ask(python: &Path, cases: &Path) -> Json {
    let output = run(python, &[cases]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_second_reader_written_from_the_documents_agrees() {
    let Some(python) = python() else { return };
    let kept: Json = serde_json::from_slice(&std::fs::read(file()).unwrap()).unwrap();
    assert_eq!(ask(&python, &file()), verdicts(&kept));
}

/// Receipts and statements with single bits turned over: both readers must refuse or accept alike.
#[test]
fn a_second_reader_agrees_on_damaged_receipts_and_statements() {
    let Some(python) = python() else { return };
    let kept: Json = serde_json::from_slice(&std::fs::read(file()).unwrap()).unwrap();
    let mut state = 11_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut cases = kept.clone();
    let (mut receipts, mut statements) = (Vec::new(), Vec::new());
    while receipts.len() < 300 {
        let mut bytes = kept["receipts"][0]["text"].as_str().unwrap().as_bytes().to_vec();
        let at = next(bytes.len());
        bytes[at] ^= 1 << next(7);
        // Half of them are damaged inside the opening, where Base64 would hide most of the damage.
        if next(2) == 0 {
            let mut proof = TlogProof::parse(kept["receipts"][0]["text"].as_str().unwrap().as_bytes()).unwrap();
            let mut extra = proof.extra.unwrap();
            let at = next(extra.len());
            extra[at] ^= 1 << next(8);
            proof.extra = Some(extra);
            bytes = proof.to_string().into_bytes();
        }
        if let Ok(text) = String::from_utf8(bytes) {
            receipts.push(json!({ "text": text, "policy": next(2) }));
        }
    }
    while statements.len() < 300 {
        let case = &kept["statements"][next(2) * 11];
        let mut bytes = decode_base64(case["base64"].as_str().unwrap()).unwrap();
        let at = next(bytes.len());
        bytes[at] ^= 1 << next(8);
        statements.push(json!({ "base64": encode_base64(&bytes), "tag_key": case["tag_key"], "policy": 1 }));
    }
    cases["receipts"] = Json::Array(receipts);
    cases["statements"] = Json::Array(statements);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cases.json");
    std::fs::write(&path, cases.to_string()).unwrap();
    let (ours, theirs) = (verdicts(&cases), ask(&python, &path));
    for name in ["receipts", "statements"] {
        for place in 0..300 {
            assert_eq!(ours[name][place], theirs[name][place], "{name} {place}: {}", cases[name][place]);
        }
    }
}
