//! Notes, policies, receipts and witness messages.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use gongdao_merkle::{
    AddCheckpoint, Checkpoint, ConsistencyProof, KeyKind, LeafHash, Leaves, Note, NoteSigner, Policy, Refusal,
    RootHash, SignatureLine, SignedCheckpoint, TlogProof, VerifierKey, encode_base64, parse_size_answer,
    prove_consistency, prove_inclusion, root_of,
};
use proptest::prelude::*;
use signed_note::{StandardVerifier, VerifierList};

fn signer(name: &str, seed: u8) -> NoteSigner {
    NoteSigner::new(name.parse().unwrap(), &[seed; 32])
}

fn log() -> NoteSigner {
    signer("log.example/one", 1)
}

fn leaves(count: u8) -> Vec<LeafHash> {
    (0..count).map(|number| LeafHash::of(&[number])).collect()
}

fn signed(leaves: &[LeafHash], by: &NoteSigner) -> SignedCheckpoint {
    let origin = by.log_key().name().as_str().parse().unwrap();
    let size = u64::try_from(leaves.len()).unwrap();
    Checkpoint { origin, size, root: root_of(leaves), extensions: Vec::new() }.sign(by).unwrap()
}

#[test]
fn foreign_signature_lines_are_kept_and_prove_nothing() {
    let mut checkpoint = signed(&leaves(3), &log());
    let foreign = SignatureLine {
        name: "sm2.example".parse().unwrap(),
        id: gongdao_merkle::KeyId::from_bytes([9; 4]),
        signature: vec![7; 64],
    };
    checkpoint.add(foreign.clone());
    let read = SignedCheckpoint::parse(checkpoint.to_string().as_bytes()).unwrap();
    assert_eq!(read, checkpoint);
    let verified = read.note().verify(&[log().log_key()]).unwrap();
    assert_eq!(verified.foreign, [foreign]);
    let key: VerifierKey = format!("sm2.example+09090909+{}", encode_base64(b"\xffsm2-with-sm3")).parse().unwrap();
    assert!(matches!(key.kind(), KeyKind::Foreign { kind: 0xff, .. }));
    let error = read.note().verify(&[log().log_key(), key]).unwrap_err();
    assert_eq!(error.message, "key `sm2.example` is of type 0xff, which this version does not verify");
}

#[test]
fn a_post_quantum_key_is_read_kept_and_not_taken_for_checked() {
    let bytes = [vec![6], vec![5; 1312]].concat();
    let id = gongdao_merkle::sha256(&[b"pq.example\n", &bytes]);
    let id = u32::from_be_bytes(id[..4].try_into().unwrap());
    let text = format!("pq.example+{id:08x}+{}", encode_base64(&bytes));
    let key: VerifierKey = text.parse().unwrap();
    assert_eq!(key.to_string(), text);
    let mut checkpoint = signed(&leaves(3), &log());
    checkpoint.add(SignatureLine { name: key.name().clone(), id: key.id(), signature: vec![0; 2428] });
    assert!(matches!(
        gongdao_merkle::Cosignature::of(&checkpoint.note().signatures()[1]),
        gongdao_merkle::Cosignature::MlDsa44 { at: 0 }
    ));
    // A log that signs with both kinds is believed by the one that is checked here.
    let named = [b"log.example/one\n".as_slice(), &bytes].concat();
    let id = u32::from_be_bytes(gongdao_merkle::sha256(&[&named])[..4].try_into().unwrap());
    let second: VerifierKey = format!("log.example/one+{id:08x}+{}", encode_base64(&bytes)).parse().unwrap();
    checkpoint.add(SignatureLine { name: second.name().clone(), id: second.id(), signature: vec![0; 2428] });
    let both: Policy = format!("log {}\nlog {second}\nquorum none\n", log().log_key()).parse().unwrap();
    both.verify(&checkpoint).unwrap();
    let alone: Policy = format!("log {second}\nquorum none\n").parse().unwrap();
    assert!(alone.verify(&checkpoint).is_err());
    let policy: Policy = format!("log {}\nwitness w {text}\nquorum w\n", log().log_key()).parse().unwrap();
    assert_eq!(policy.verify(&checkpoint).unwrap_err().message, "0 of 1 witnesses cosigned, which is no quorum");
}

/// A policy, which of three witnesses cosigned, and whether that suffices.
#[test]
fn a_quorum_is_what_the_policy_says() {
    let witnesses = ["w1", "w2", "w3"].map(|name| signer(name, name.as_bytes()[1]));
    let lines: Vec<String> =
        witnesses.iter().map(|by| format!("witness {} {}\n", by.witness_key().name(), by.witness_key())).collect();
    let lines = lines.concat();
    let head = format!("# who counts\n\n\tlog {} https://log.example/\n{lines}", log().log_key());
    for (rule, cosigned, enough) in [
        ("quorum none\n", &[][..], true),
        ("quorum w1\n", &[0], true),
        ("quorum w1\n", &[1, 2], false),
        ("group g 2 w1 w2 w3\nquorum g\n", &[0, 2], true),
        ("group g 2 w1 w2 w3\nquorum g\n", &[2, 2], false),
        ("group g any w1 w2\nquorum g\n", &[1], true),
        ("group g all w1 w2\nquorum g\n", &[1], false),
        ("group g all w1 w2\ngroup h any g w3\nquorum h\n", &[2], true),
        ("group g all w1 w2\ngroup h all g w3\nquorum h\n", &[0, 2], false),
    ] {
        let policy: Policy = format!("{head}{rule}").parse().unwrap();
        assert_eq!(policy.url(&log().log_key()), Some("https://log.example/"));
        let mut checkpoint = signed(&leaves(5), &log());
        for at in cosigned {
            let line = witnesses[*at].cosign(checkpoint.note().text(), 1_700_000_000);
            checkpoint.add(line);
        }
        assert_eq!(policy.verify(&checkpoint).is_ok(), enough, "{rule} {cosigned:?}");
    }
}

#[test]
fn a_bad_policy_is_refused_with_its_line() {
    let witness = signer("w", 3).witness_key();
    let log_line = format!("log {}\n", log().log_key());
    let witness_line = format!("witness w {witness}\n");
    for (text, words) in [
        (log_line.clone(), "the policy has no quorum line"),
        ("quorum none\nquorum none\n".to_owned(), "line 2 of the policy: a second quorum line"),
        ("quorum w\n".to_owned(), "line 1 of the policy: `w` is not defined on an earlier line"),
        (
            format!("{log_line}{log_line}quorum none\n"),
            "line 2 of the policy: the key of `log.example/one` stands twice",
        ),
        (format!("{witness_line}group w any w\n"), "line 2 of the policy: the name `w` is taken"),
        (format!("{witness_line}group g any w w\n"), "line 2 of the policy: `w` is a member twice"),
        (format!("{witness_line}group g 2 w\n"), "line 2 of the policy: threshold `2` of 1 members"),
        (format!("{witness_line}group g 0 w\n"), "line 2 of the policy: threshold `0` of 1 members"),
        (format!("{witness_line}group g any w\ngroup h any w\n"), "line 3 of the policy: `w` is a member twice"),
        (format!("{witness_line}group none any w\n"), "line 2 of the policy: the name `none` is taken"),
        (format!("log {witness}\n"), "line 1 of the policy: key `w` is not of a type that logs sign with"),
        ("quorum none\r\n".to_owned(), "line 1 of the policy: a control character"),
        ("quorum \u{7f}\n".to_owned(), "line 1 of the policy: a control character"),
        ("witnesses\n".to_owned(), "line 1 of the policy: `witnesses` is no line of a policy"),
        ("quorum none".to_owned(), "the policy does not end in a newline"),
    ] {
        let error = text.parse::<Policy>().unwrap_err();
        assert_eq!(error.message, words);
    }
}

#[test]
fn a_receipt_is_checked_offline() {
    let all = leaves(9);
    let checkpoint = signed(&all, &log());
    let policy = Policy::of_log(log().log_key());
    let inclusion = prove_inclusion(&Leaves(&all), 4, 9).unwrap();
    let receipt = TlogProof { extra: Some(b"opening".to_vec()), index: 4, inclusion, checkpoint };
    let text = receipt.to_string();
    let read = TlogProof::parse(text.as_bytes()).unwrap();
    assert_eq!(read, receipt);
    read.verify(all[4], &policy).unwrap();
    assert!(read.verify(all[5], &policy).is_err());
    let stranger = Policy::of_log(signer("log.example/one", 2).log_key());
    assert_eq!(read.verify(all[4], &stranger).unwrap_err().message, "no signature is by a known key");
    for (from, to) in
        [("index 4", "index 04"), ("index 4", "index 4 "), ("@v1", "@v2"), ("extra ", "extra  "), ("index 4\n", "")]
    {
        assert!(TlogProof::parse(text.replacen(from, to, 1).as_bytes()).is_err(), "{from} {to}");
    }
}

/// What a witness answers, each row one thing that is off.
#[test]
fn a_witness_answers_as_specified() {
    let all = leaves(9);
    let checkpoint = signed(&all, &log());
    let proof = prove_consistency(&Leaves(&all), 5, 9).unwrap();
    let none = ConsistencyProof(Vec::new());
    let known = Some((5, root_of(&all[..5])));
    let keys = [log().log_key()];
    let check = |old_size, consistency: &ConsistencyProof, keys: &[VerifierKey], known: Option<(u64, RootHash)>| {
        let request = AddCheckpoint { old_size, consistency: consistency.clone(), checkpoint: checkpoint.clone() };
        let read = AddCheckpoint::parse(request.to_string().as_bytes()).unwrap();
        assert_eq!(read, request);
        read.check(keys, known).map(|found| found.size).map_err(|refusal| (refusal.status(), refusal.body()))
    };
    assert_eq!(check(5, &proof, &keys, known), Ok(9));
    assert_eq!(check(0, &none, &keys, None), Ok(9));
    assert_eq!(check(9, &none, &keys, Some((9, root_of(&all)))), Ok(9));
    assert_eq!(check(5, &proof, &[], known).unwrap_err().0, 404);
    assert_eq!(check(5, &proof, &[signer("log.example/one", 2).log_key()], known).unwrap_err().0, 403);
    assert_eq!(check(10, &proof, &keys, known).unwrap_err().0, 400);
    assert_eq!(check(0, &none, &keys, known), Err((409, "5\n".to_owned())));
    assert_eq!(check(9, &none, &keys, Some((9, root_of(&all[..5])))), Err((409, "9\n".to_owned())));
    assert_eq!(check(5, &none, &keys, known).unwrap_err().0, 422);
    assert_eq!(check(0, &proof, &keys, None).unwrap_err().0, 422);
    assert_eq!(parse_size_answer(b"5\n"), Ok(5));
    for bad in ["5", "05\n", "5\n\n", " 5\n", "\n"] {
        assert!(parse_size_answer(bad.as_bytes()).is_err(), "{bad:?}");
    }
    assert!(matches!(
        AddCheckpoint { old_size: 4, consistency: proof, checkpoint }.check(&keys, known),
        Err(Refusal::OtherSize(5))
    ));
}

fn other(key: &VerifierKey) -> VerifierList {
    VerifierList::new(vec![Box::new(StandardVerifier::new(&key.to_string()).unwrap())])
}

proptest! {
    /// Damaged or not, a note that one implementation accepts is accepted by the other, and the text is the same.
    #[test]
    fn notes_are_judged_as_by_another_implementation(
        text in "[a-z—\n ]{0,20}\n", at in any::<prop::sample::Index>(), byte in any::<u8>(), damaged in any::<bool>(),
    ) {
        let by = log();
        let key = by.log_key();
        let note = Note::new(text.clone(), vec![by.sign(&text), signer("other", 4).sign(&text)]).unwrap();
        let mut bytes = note.to_string().into_bytes();
        if damaged {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let ours = Note::parse(&bytes).and_then(|note| note.verify(std::slice::from_ref(&key)).map(|_| note));
        let theirs = signed_note::Note::from_bytes(&bytes)
            .and_then(|note| note.verify(&other(&key)).map(|_| note));
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?} {:?}", ours, theirs);
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            prop_assert_eq!(ours.text().as_bytes(), theirs.text());
        }
    }
}
