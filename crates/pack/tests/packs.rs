//! Packs as a whole: what the digest covers, which value of a parameter holds, how files are written and packs begun.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_pack::{NewPack, Packs, start, write_whole};
use std::path::Path;
use support::{Files, expect, manifest};

#[test]
fn a_folder_and_its_files_in_memory_are_read_the_same() {
    let folder = Packs::read(&manifest("tests/good")).unwrap();
    let (memory, problems) = Files::good().survey();
    let memory = memory.unwrap();
    assert!(problems.is_empty());
    assert_eq!(folder.digest(), memory.digest());
    assert_eq!(folder.instruments, memory.instruments);
    assert_eq!(folder.vocabulary, memory.vocabulary);
}

#[test]
fn every_byte_and_every_name_counts_in_the_digest() {
    let digest = |files: Files| files.survey().0.unwrap().digest();
    let good = digest(Files::good());
    assert_eq!(digest(Files::good()), good, "equal files, equal digest");
    let file = "cn/example/CHANGES.md";
    for (name, files) in [
        ("one byte more", Files::good().extended(file, "\n")),
        ("one file more", Files::good().with("cn/example/notes.md", "")),
        ("another name", Files::good().without(file).with("cn/example/CHANGED.md", "# Changes\n")),
    ] {
        assert_ne!(digest(files), good, "{name}");
    }
    let folder = tempfile::tempdir().unwrap();
    Files::good().with("cn/example/.hidden.swp", "x").save(folder.path());
    assert_eq!(Packs::read(folder.path()).unwrap().digest(), good, "hidden files do not count");
}

#[test]
fn the_most_particular_place_gives_the_value_of_the_day() {
    let local = "\n[[parameter.value]]\nfrom = 2023-01-01\nuntil = 2023-07-01\nplace = \"440300\"\nvalue = 180\nsource = \"made up\"\n";
    let files = Files::good().extended("cn/example/parameters.toml", local);
    let packs = files.survey().0.unwrap();
    for (on, place, value) in [
        ("2022-02-28", None, None),
        ("2022-03-01", None, Some(240)),
        ("2023-06-30", None, Some(240)),
        ("2023-06-30", Some("440305"), Some(180)),
        ("2023-06-30", Some("440000"), Some(240)),
        ("2022-12-31", Some("440305"), Some(240)),
        ("2023-07-01", Some("440305"), Some(240)),
        ("2023-12-31", None, Some(240)),
        ("2024-01-01", None, Some(200)),
    ] {
        let values = packs.parameters(on.parse().unwrap(), place.map(|place| place.parse().unwrap()));
        assert_eq!(values.get("limitMinutes").map(|value| value.value), value, "{on} {place:?}");
    }
}

#[test]
fn a_folder_that_is_none_is_told_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nowhere");
    let problems = Packs::read(&path).unwrap_err();
    expect("nowhere", problems, &[&format!("{}: cannot read the packs folder: there is none", path.display())]);
    let problems = Packs::read(folder.path()).unwrap_err();
    expect("empty", problems, &["vocabulary.cedarschema: the file is missing"]);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_back_up_ends_in_a_problem_and_not_in_a_loop() {
    let folder = tempfile::tempdir().unwrap();
    Files::good().save(folder.path());
    std::os::unix::fs::symlink(folder.path(), folder.path().join("cn/again")).unwrap();
    let problems = Packs::read(folder.path()).unwrap_err();
    assert!(problems.iter().any(|problem| problem.message == "the folder is nested too deeply"), "{problems:?}");
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pack.lock");
    write_whole(&path, "one").unwrap();
    write_whole(&path, "two").unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
    // A folder in the file's place: the rename fails.
    let blocked = folder.path().join("blocked");
    std::fs::create_dir(&blocked).unwrap();
    std::fs::write(blocked.join("x"), "").unwrap();
    assert!(write_whole(&blocked, "three").is_err());
    let mut names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["blocked", "pack.lock"], "no temporary file stays behind");
}

fn new_pack(id: &str) -> NewPack {
    NewPack {
        id: id.parse().unwrap(),
        title_zh: Some("新\"规\"".to_owned()),
        title_en: None,
        effective: Some("2026-01-01".parse().unwrap()),
    }
}

#[test]
fn a_new_pack_says_what_is_still_to_be_filled_in() {
    let folder = tempfile::tempdir().unwrap();
    Files::good().save(folder.path());
    let made = start(folder.path(), &new_pack("cn-sz.couriers")).unwrap();
    assert_eq!(made, Path::new("cn-sz/couriers"));
    let (packs, mut problems) = Packs::survey(folder.path());
    let packs = packs.unwrap();
    problems.extend(gongdao_pack::check(&packs));
    expect(
        "new",
        problems,
        &[
            "cn-sz/couriers/instrument.toml: `issuers` is empty",
            "cn-sz/couriers/instrument.toml: `level` is empty",
            "cn-sz/couriers/instrument.toml: `title_en` is empty",
            "cn-sz/couriers/provisions.toml: the pack has no provision",
        ],
    );
    let pack = packs.instruments.iter().find(|pack| pack.folder == made).unwrap();
    assert_eq!(pack.instrument.title_zh, "新\"规\"");
    let without_date = NewPack { effective: None, ..new_pack("cn-sz.undated") };
    start(folder.path(), &without_date).unwrap();
    let (_, problems) = Packs::survey(folder.path());
    let asks = |message: &str| problems.iter().any(|problem| problem.message.starts_with(message));
    assert!(asks("missing field `effective`"), "a date is never made up: {problems:?}");
}

#[test]
fn a_pack_that_is_there_is_not_begun_again() {
    let folder = tempfile::tempdir().unwrap();
    Files::good().save(folder.path());
    let before = Packs::read(folder.path()).unwrap().digest();
    let refused = *start(folder.path(), &new_pack("cn.example")).unwrap_err();
    expect("there already", vec![refused], &["cn/example: the pack `cn.example` is there already"]);
    assert_eq!(Packs::read(folder.path()).unwrap().digest(), before);
    let nowhere = *start(&folder.path().join("cn"), &new_pack("cn.other")).unwrap_err();
    assert!(nowhere.message.contains("is not a packs folder"), "{nowhere}");
    assert!(!folder.path().join("cn/cn").exists(), "nothing is made in the wrong place");
}

const INSTRUMENT: &str = "cn/example/instrument.toml";

#[test]
fn the_days_of_an_instruments_making_are_told_in_order() {
    let history = "document_number = \"第1号\"\n\n[history]\npublished = 2022-01-04\ndraft_published = 2021-08-27\n\
                   comments_until = 2021-09-26\nadopted = 2021-11-16\namended = [2023-01-01, 2024-01-01]\n";
    let packs = Files::good().extended(INSTRUMENT, history).survey().0.unwrap();
    let instrument = &packs.instruments[0].instrument;
    assert_eq!(instrument.document_number.as_deref(), Some("第1号"));
    let told: Vec<String> = instrument.history.days().iter().map(|(day, name)| format!("{day} {name}")).collect();
    assert_eq!(
        told,
        [
            "2021-08-27 draft_published",
            "2021-09-26 comments_until",
            "2021-11-16 adopted",
            "2022-01-04 published",
            "2023-01-01 amended",
            "2024-01-01 amended"
        ]
    );
    for (from, to, expected) in [
        ("2021-09-26", "2021-08-26", "cn/example/instrument.toml:18: comments close on 2021-08-26, before the draft"),
        ("2023-01-01", "2024-01-01", "cn/example/instrument.toml:20: `amended` has 2024-01-01 after 2024-01-01"),
        ("adopted", "adapted", "cn/example/instrument.toml:19: unknown field `adapted`"),
    ] {
        let problems = Files::good().extended(INSTRUMENT, &history.replacen(from, to, 1)).survey().1;
        expect(to, problems, &[expected]);
    }
}

#[test]
fn an_instrument_stands_from_its_first_day_up_to_its_end() {
    let packs = Files::good().replaced(INSTRUMENT, "binding", "until = 2024-01-01\nbinding").survey().0.unwrap();
    for (on, place, stands) in [
        ("2022-02-28", None, false),
        ("2022-03-01", None, true),
        ("2023-12-31", Some("440300"), true),
        ("2024-01-01", None, false),
    ] {
        let found = packs.in_force(on.parse().unwrap(), place.map(|place| place.parse().unwrap()));
        assert_eq!(!found.is_empty(), stands, "{on} {place:?}");
    }
}
