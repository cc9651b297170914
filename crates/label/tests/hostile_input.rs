//! Damaged files of every kind, through the same harness as the fuzz target `label`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "../../../fuzz/harness/label.rs"]
mod label;
#[path = "../../../fuzz/harness/mutate.rs"]
mod mutate;
mod support;

use gongdao_label::{Label, WriteOptions, write_bytes};
use mutate::{damage, damaged};
use proptest::prelude::*;
use std::sync::OnceLock;

const WORDS: [&str; 14] = [
    "\0\0\0\0",
    "\0\0\0\u{1}",
    "\u{7f}\u{7f}\u{7f}\u{7f}",
    "AIGC",
    "{\"Label\":\"1\"}",
    "<rdf:RDF>",
    "</rdf:RDF>",
    "moov",
    "meta",
    "ilst",
    "endobj",
    "startxref\n0",
    "---\n",
    "&#x110000;",
];

/// Files of every kind, bare and labelled.
fn seeds() -> &'static [(&'static str, Vec<u8>)] {
    static SEEDS: OnceLock<Vec<(&'static str, Vec<u8>)>> = OnceLock::new();
    SEEDS.get_or_init(|| {
        let label = Label::first(support::PRODUCER, "number").unwrap();
        let mut seeds = support::all(b"content-0123456789");
        for (name, file) in seeds.clone() {
            seeds.push((name, write_bytes(&file, name, &label, WriteOptions::default()).unwrap()));
        }
        seeds
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_is_read_or_refused_in_words(seed in 0_usize..38, acts in damage()) {
        let seeds = seeds();
        let (name, bytes) = &seeds[seed % seeds.len()];
        label::drive(name, &damaged(bytes, &acts, &WORDS));
    }

    #[test]
    fn four_bytes_anywhere_may_be_anything(seed in 0_usize..38, at in any::<prop::sample::Index>(), new in any::<[u8; 4]>()) {
        let seeds = seeds();
        let (name, bytes) = &seeds[seed % seeds.len()];
        let mut bytes = bytes.clone();
        let at = at.index(bytes.len());
        for (old, new) in bytes[at..].iter_mut().zip(new) {
            *old = new;
        }
        label::drive(name, &bytes);
    }
}

#[test]
fn every_length_of_a_torn_file_is_read_or_refused_in_words() {
    for (name, bytes) in seeds() {
        for length in 0..bytes.len().min(3000) {
            label::drive(name, &bytes[..length]);
        }
    }
}

#[test]
fn a_length_of_all_ones_takes_no_memory() {
    let huge = [
        ("a.png", [&b"\x89PNG\r\n\x1a\n"[..], &[0xff; 4], b"iTXt"].concat()),
        ("a.mp4", [&b"\0\0\0\x08ftyp\0\0\0\x01moov"[..], &[0xff; 8]].concat()),
        ("a.mkv", [&b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01"[..], &[0xfe; 7], b"\x12\x54\xc3\x67\x08"].concat()),
        ("a.flac", [&b"fLaC\x84"[..], &[0xff; 3]].concat()),
        ("a.mp3", [&b"ID3\x04\0\0"[..], &[0x7f; 4]].concat()),
        ("a.wav", [&b"RIFF"[..], &[0xff; 4], b"WAVEAIGC", &[0xff; 4]].concat()),
    ];
    for (name, bytes) in huge {
        label::drive(name, &bytes);
    }
}

#[test]
fn a_file_of_nothing_but_heads_is_refused_before_it_fills_the_memory() {
    let many = |head: &[u8], piece: &[u8]| [head, &piece.repeat(600_000)].concat();
    let files = [
        ("a.mp4", many(b"\0\0\0\x08ftyp", b"\0\0\0\x08free")),
        ("a.mkv", many(b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff", b"\xec\x80")),
        ("a.png", many(b"\x89PNG\r\n\x1a\n", b"\0\0\0\0tESt\0\0\0\0")),
    ];
    for (name, bytes) in files {
        let error = gongdao_label::read(&mut std::io::Cursor::new(bytes), name).unwrap_err();
        assert!(error.message.contains("pieces"), "{name}: {error}");
    }
}
