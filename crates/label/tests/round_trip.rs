//! A label goes into every kind of file, reads back, replaces what stood there, and leaves the content alone.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_label::{Conformity, Dialect, Key, Label, LabelError, Reading, WriteOptions, read, write_bytes};
use proptest::prelude::*;
use std::io::Cursor;
use support::{PLATFORM, PRODUCER};

fn label(id: &str) -> Label {
    Label::first(PRODUCER, id).unwrap()
}

fn written(name: &str, bytes: &[u8], label: &Label) -> Vec<u8> {
    write_bytes(bytes, name, label, WriteOptions::default())
        .unwrap_or_else(|error: LabelError| panic!("{name}: {error}; {}", error.hint))
}

fn reading(name: &str, bytes: &[u8]) -> Reading {
    read(&mut Cursor::new(bytes), name).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn check(name: &str, file: &[u8], content: &[u8]) {
    let before = reading(name, file);
    assert_eq!(before.conformity(), Conformity::Absent, "{name}: {before:?}");
    let first = label("number-1");
    let once = written(name, file, &first);
    let found = reading(name, &once);
    assert!(found.holds(&first), "{name}: {found:?}");
    assert_eq!(found.conformity(), Conformity::Conforms, "{name}: {found:?}");
    assert!(found.sites[0].dialects.is_empty(), "{name}: {:?}", found.sites[0].dialects);
    let is_there = |bytes: &[u8]| bytes.windows(content.len().max(1)).any(|window| window == content);
    if support::is_in_one_piece(name) && !content.is_empty() {
        assert!(is_there(file) && is_there(&once), "{name}: the content is not there as it was");
    }
    let place = &found.sites[0].place;
    let value = &once[usize::try_from(place.offset).unwrap()..usize::try_from(place.offset + place.length).unwrap()];
    let value = String::from_utf8_lossy(value);
    assert!(value.contains("number-1"), "{name}: at {place:?} stands {value}");

    // A second label replaces the first, whether it is longer or shorter.
    for id in ["a-much-longer-number-than-the-first-one-0123456789-0123456789-0123456789", "2"] {
        let second = label(id).spread_by(PLATFORM, id).unwrap();
        let twice = written(name, &once, &second);
        let found = reading(name, &twice);
        assert!(found.holds(&second), "{name}: {found:?}");
        assert_eq!(found.sites[0].label.as_ref().unwrap().value(Key::ContentPropagator), Some(PLATFORM));
        let again = written(name, &twice, &second);
        assert!(reading(name, &again).holds(&second), "{name}");
    }
}

#[test]
fn every_carrier_takes_a_label() {
    let content = b"content-of-the-file-0123456789";
    for (name, file) in support::all(content) {
        check(name, &file, content);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn random_content_is_kept(content in prop::collection::vec(any::<u8>(), 0..2000)) {
        for (name, file) in support::all(&content) {
            check(name, &file, &content);
        }
    }

    #[test]
    fn random_numbers_come_back(id in "[!#-\\[\\]-~]{1,200}") {
        for (name, file) in support::all(b"content") {
            let label = label(&id);
            prop_assert!(reading(name, &written(name, &file, &label)).holds(&label), "{}", name);
        }
    }
}

/// Bytes of the content, taken out of a labelled file by a reader that knows nothing of labels.
#[test]
fn samples_stand_where_the_tables_say() {
    let content = b"samples-0123456789";
    for is_early in [true, false] {
        let file = written("a.mp4", &support::mp4(content, is_early), &label("x"));
        let table = file.windows(4).position(|window| window == b"stco").unwrap();
        let place = u32::from_be_bytes(file[table + 12..table + 16].try_into().unwrap()) as usize;
        assert_eq!(&file[place..place + content.len()], content, "early {is_early}");
    }
}

#[test]
fn a_free_box_gives_its_room_so_that_no_sample_moves() {
    let content = b"samples";
    let plain = support::mp4(content, true);
    let moov_end = plain.windows(4).position(|window| window == b"mdat").unwrap() - 4;
    let free = [&1000_u32.to_be_bytes()[..], b"free", &[0; 992]].concat();
    let mut file = [&plain[..moov_end], &free, &plain[moov_end..]].concat();
    let table = file.windows(4).position(|window| window == b"stco").unwrap();
    let place = u32::try_from(file.len() - content.len()).unwrap();
    file[table + 12..table + 16].copy_from_slice(&place.to_be_bytes());
    let new = written("a.mp4", &file, &label("x"));
    assert_eq!(new.len(), file.len());
    assert_eq!(&new[place as usize..], content);
}

#[test]
fn pictures_decode_to_the_same_pixels() {
    let content: Vec<u8> = (0..=255).collect();
    let old = support::png(&content);
    let new = written("a.png", &old, &label("x"));
    let data = |file: &[u8]| {
        let at = file.windows(4).position(|window| window == b"IDAT").unwrap();
        let length = u32::from_be_bytes(file[at - 4..at].try_into().unwrap()) as usize;
        miniz_oxide::inflate::decompress_to_vec_zlib(&file[at + 4..at + 4 + length]).unwrap()
    };
    assert_eq!(data(&old), data(&new));
    assert_eq!(old.len(), 8 + 25 + 25 + (new.len() - (new.len() - old.len())) - 58, "the rest is as long as before");
}

#[test]
fn a_manifest_behind_the_last_page_of_a_tiff_is_not_broken_unasked() {
    let mut file = support::tiff(b"content-0123456789");
    // The first directory's link, the last 4 bytes, leads to a page that has nothing but a manifest (C2PA 2.1, A.3.4).
    let (link, page) = (file.len() - 4, u32::try_from(file.len()).unwrap());
    file.splice(link.., page.to_le_bytes());
    file.extend([&[1, 0, 0x41, 0xcd, 7, 0][..], &4_u32.to_le_bytes(), b"jumb", &[0; 4]].concat());
    assert_eq!(reading("a.tiff", &file).credentials, Some(u64::from(page) + 10));
    let refused = write_bytes(&file, "a.tiff", &label("1"), WriteOptions::default()).unwrap_err();
    assert!(refused.message.contains("C2PA"), "{refused}");
    // A ring of pages ends.
    file.splice(link.., 72_u32.to_le_bytes());
    assert_eq!(reading("a.tiff", &file).credentials, None);
}

#[test]
fn other_front_matter_and_the_line_ends_stay() {
    let old = "---\r\ntitle: x # y\r\ntags: [a, b]\r\n---\r\nText\r\n";
    let new = String::from_utf8(written("a.md", old.as_bytes(), &label("x"))).unwrap();
    insta::assert_snapshot!(new.replace('\r', "␍"), @r"
    ---␍
    title: x # y␍
    tags: [a, b]␍
    AIGC:␍
      Label: '1'␍
      ContentProducer: '001191110102MACQD9K64010000'␍
      ProduceID: 'x'␍
      ReservedCode1: ''␍
      ContentPropagator: '001191110102MACQD9K64010000'␍
      PropagateID: 'x'␍
      ReservedCode2: ''␍
    ---␍
    Text␍
    ");
}

#[test]
fn labels_in_other_places_give_way_to_one() {
    let old = support::png(b"x");
    let chunk = |kind: &[u8], data: &[u8]| {
        let body = [kind, data].concat();
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &body, &crc32fast::hash(&body).to_be_bytes()].concat()
    };
    let wild = format!("AIGC\0{}", label("old").to_wrapped_json());
    let file = [&old[..33], &chunk(b"tEXt", wild.as_bytes()), &old[33..]].concat();
    let found = reading("a.png", &file);
    assert_eq!(found.sites[0].dialects, [Dialect::PngTextChunk].into());
    let both = [&written("a.png", &old, &label("new"))[..], &[]].concat();
    let both = [&both[..33], &chunk(b"tEXt", wild.as_bytes()), &both[33..]].concat();
    assert_eq!(reading("a.png", &both).conformity(), Conformity::Fails);
    let new = written("a.png", &both, &label("new"));
    assert!(reading("a.png", &new).holds(&label("new")));
}
