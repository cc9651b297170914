//! Signed notes, cosignatures, and which Ed25519 signatures are accepted.

use gongdao_merkle::{Cosignature, KeyName, Note, NoteSigner, Policy, SignedCheckpoint, VerifierKey, decode_base64};
use serde_json::Value;
use std::path::Path;

pub(crate) fn run(folder: &Path, file: &str, bytes: &[u8]) -> Option<usize> {
    match file {
        "open.json" => Some(open(&serde_json::from_slice(bytes).unwrap())),
        "keys.json" => Some(keys(&serde_json::from_slice(bytes).unwrap())),
        "c2sp-example.note" => {
            let known: Value = serde_json::from_slice(&std::fs::read(folder.join("keys.json")).unwrap()).unwrap();
            let key: VerifierKey = known["good"][2].as_str().unwrap().parse().unwrap();
            Note::parse(bytes).unwrap().verify(&[key]).unwrap();
            Some(1)
        }
        _ => None,
    }
}

fn open(cases: &Value) -> usize {
    for case in cases.as_array().unwrap() {
        let known: Vec<VerifierKey> =
            case["vkeys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap().parse().unwrap()).collect();
        let bytes = decode_base64(case["note_b64"].as_str().unwrap()).unwrap();
        let parsed = Note::parse(&bytes);
        match case["error"].as_str() {
            Some("malformed") => assert!(parsed.is_err(), "{}", case["desc"]),
            Some("unverified") => {
                let error = parsed.unwrap().verify(&known).unwrap_err();
                assert_eq!(error.message, "no signature is by a known key");
            }
            Some(other) => panic!("`{other}` is not understood"),
            None => {
                let note = parsed.unwrap();
                assert_eq!(note.to_string().as_bytes(), bytes);
                let verified = note.verify(&known).unwrap();
                let names: Vec<&str> = verified.keys.iter().map(|key| key.name().as_str()).collect();
                let foreign: Vec<&str> = verified.foreign.iter().map(|line| line.name.as_str()).collect();
                assert_eq!(Value::from(names), case["verified"]);
                assert_eq!(Value::from(foreign), case["unverified"]);
            }
        }
    }
    cases.as_array().unwrap().len()
}

fn keys(file: &Value) -> usize {
    for key in file["good"].as_array().unwrap() {
        let text = key.as_str().unwrap();
        assert_eq!(text.parse::<VerifierKey>().unwrap().to_string(), text);
    }
    for key in file["bad"].as_array().unwrap() {
        assert!(key.as_str().unwrap().parse::<VerifierKey>().is_err(), "{key}");
    }
    let secret = file["sign"]["test_skey"].as_str().unwrap();
    let mut parts = secret.strip_prefix("PRIVATE+KEY+").unwrap().splitn(3, '+');
    let name: KeyName = parts.next().unwrap().parse().unwrap();
    let encoded = decode_base64(parts.nth(1).unwrap()).unwrap();
    let signer = NoteSigner::new(name, encoded[1..].try_into().unwrap());
    let text = file["sign"]["text"].as_str().unwrap();
    let note = Note::new(text, vec![signer.sign(text)]).unwrap();
    assert_eq!(note.to_string(), file["sign"]["note"].as_str().unwrap());
    file["good"].as_array().unwrap().len() + file["bad"].as_array().unwrap().len() + 1
}

pub(crate) fn cosigned(folder: &Path, file: &str, bytes: &[u8]) -> Option<usize> {
    match file {
        "witness.v0.json" => return Some(0),
        "rome2026h1/checkpoint" => {}
        _ => return None,
    }
    let about: Value = serde_json::from_slice(&std::fs::read(folder.join("witness.v0.json")).unwrap()).unwrap();
    let key: VerifierKey = about["verifier_keys"][0].as_str().unwrap().parse().unwrap();
    let signed = SignedCheckpoint::parse(bytes).unwrap();
    assert_eq!(signed.unverified().size, 300);
    let verified = signed.note().verify(std::slice::from_ref(&key)).unwrap();
    assert_eq!(verified.keys.first(), Some(&key));
    assert_eq!(verified.foreign.len(), 1, "the log's RFC 6962 signature is kept as a foreign line");
    assert!(
        matches!(Cosignature::of(&signed.note().signatures()[1]), Cosignature::Ed25519 { at } if at > 1_700_000_000)
    );
    let changed = signed.to_string().replace("\n300\n", "\n301\n");
    assert!(SignedCheckpoint::parse(changed.as_bytes()).unwrap().note().verify(&[key]).is_err());
    let unknown: Policy = "quorum none\n".parse().unwrap();
    assert!(unknown.verify(&signed).is_err());
    Some(1)
}

/// A note's text ends in a newline and these messages do not: the raw check of a key is asked instead.
pub(crate) fn ed25519(text: &str) -> usize {
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    let mut failures = Vec::new();
    for case in &cases {
        let flags: Vec<&str> = case["flags"]
            .as_array()
            .map_or(Vec::new(), |flags| flags.iter().map(|flag| flag.as_str().unwrap()).collect());
        for flag in &flags {
            assert!(ALL_FLAGS.contains(flag), "`{flag}` is not understood");
        }
        let wanted = !flags.iter().any(|flag| REFUSED.contains(flag));
        let found = is_accepted(&case["key"], &case["sig"], case["msg"].as_str().unwrap());
        if found != wanted {
            failures.push(format!("{}: accepted {found}, {flags:?}", case["number"]));
        }
    }
    assert!(failures.is_empty(), "{} of {}\n{}", failures.len(), cases.len(), failures.join("\n"));
    cases.len()
}

const ALL_FLAGS: [&str; 8] = [
    "low_order_A",
    "low_order_R",
    "low_order_component_A",
    "low_order_component_R",
    "low_order_residue",
    "non_canonical_A",
    "non_canonical_R",
    "reencoded_k",
];
/// The rules we follow: no key and no commitment of small order, no cofactor, the commitment in its one encoding, and the
/// challenge over the bytes as they were given.
const REFUSED: [&str; 5] = ["low_order_A", "low_order_R", "low_order_residue", "non_canonical_R", "reencoded_k"];

fn is_accepted(key: &Value, signature: &Value, message: &str) -> bool {
    let encoded = [vec![1], hex(key.as_str().unwrap())].concat();
    let id = gongdao_merkle::sha256(&[b"vector\n", &encoded]);
    let id = u32::from_be_bytes(id[..4].try_into().unwrap());
    let text = format!("vector+{id:08x}+{}", gongdao_merkle::encode_base64(&encoded));
    let Ok(key) = text.parse::<VerifierKey>() else { return false };
    key.verify(message, &hex(signature.as_str().unwrap())).is_ok()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
