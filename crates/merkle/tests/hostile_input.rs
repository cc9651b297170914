//! Damaged log files, through the same harness as the fuzz target `log`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "../../../fuzz/harness/log.rs"]
mod log;
#[path = "../../../fuzz/harness/mutate.rs"]
mod mutate;

use gongdao_merkle::{
    AddCheckpoint, Checkpoint, LeafHash, Leaves, NoteSigner, TlogProof, encode_base64, prove_consistency,
    prove_inclusion, root_of, write_entry,
};
use mutate::{damage, damaged};
use proptest::prelude::*;
use std::sync::LazyLock;

const WORDS: [&str; 10] =
    ["\n\n", "— ", "=", "+", "0", "18446744073709551616", ".p/", "x000/", "quorum none\n", "old "];

/// A good input for each reader.
static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let signer = NoteSigner::new("log.example".parse().unwrap(), &[1; 32]);
    let witness = NoteSigner::new("witness.example".parse().unwrap(), &[2; 32]);
    let leaves: Vec<LeafHash> = (0..9_u8).map(|number| LeafHash::of(&[number])).collect();
    let origin = "log.example".parse().unwrap();
    let mut checkpoint =
        Checkpoint { origin, size: 9, root: root_of(&leaves), extensions: Vec::new() }.sign(&signer).unwrap();
    checkpoint.add(witness.cosign(checkpoint.note().text(), 1));
    let inclusion = prove_inclusion(&Leaves(&leaves), 4, 9).unwrap();
    let proof = TlogProof { extra: Some(vec![1, 2]), index: 4, inclusion, checkpoint: checkpoint.clone() };
    let consistency = prove_consistency(&Leaves(&leaves), 5, 9).unwrap();
    let request = AddCheckpoint { old_size: 5, consistency, checkpoint: checkpoint.clone() };
    let policy = format!(
        "log {}\nwitness w {} https://w.example\ngroup g 1 w\nquorum g\n",
        signer.log_key(),
        witness.witness_key()
    );
    let lines: Vec<String> = checkpoint.note().signatures().iter().map(|line| format!("{line}\n")).collect();
    let mut bundle = Vec::new();
    for entry in [&b"one"[..], b"", &[0; 300]] {
        write_entry(&mut bundle, entry).unwrap();
    }
    vec![
        checkpoint.to_string().into_bytes(),
        checkpoint.to_string().into_bytes(),
        proof.to_string().into_bytes(),
        request.to_string().into_bytes(),
        signer.log_key().to_string().into_bytes(),
        b"tile/1/x001/x234/067.p/8".to_vec(),
        policy.into_bytes(),
        encode_base64(&[7; 40]).into_bytes(),
        lines.concat().into_bytes(),
        bundle,
        vec![3; 64],
    ]
});

#[test]
fn every_reader_has_a_seed() {
    assert_eq!(SEEDS.len(), usize::from(log::READERS));
    for (reader, seed) in (0..).zip(SEEDS.iter()) {
        log::drive(reader, seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8192, ..ProptestConfig::default() })]

    #[test]
    fn damaged_input_is_read_or_refused_in_words(reader in 0..log::READERS, acts in damage()) {
        log::drive(reader, &damaged(&SEEDS[usize::from(reader)], &acts, &WORDS));
    }

    #[test]
    fn noise_is_refused_in_words(reader in 0..log::READERS, bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        log::drive(reader, &bytes);
    }
}
