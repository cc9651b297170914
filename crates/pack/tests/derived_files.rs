//! Derived facts of a packs folder: what is read, what the digest covers, and each way to break one.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_pack::DerivedType;
use support::{Files, expect};

const TOML: &str = "derived/held.toml";
const SQL: &str = "derived/held.sql";

/// The good pack with a derived fact in which nothing is wrong.
fn good() -> Files {
    Files::good().with(TOML, include_bytes!("derived/held.toml")).with(SQL, include_bytes!("derived/held.sql"))
}

fn check(name: &str, files: &Files, expected: &[&str]) {
    let (packs, mut problems) = files.survey();
    problems.extend(packs.iter().flat_map(gongdao_pack::check));
    expect(name, problems, expected);
}

#[test]
fn a_derived_fact_is_read_whole() {
    check("as it stands", &good(), &[]);
    let packs = good().survey().0.unwrap();
    let held = packs.derived("held").unwrap();
    assert_eq!((held.key.as_str(), held.serves[0].to_string().as_str()), ("decision_id", "cn.example/1"));
    let columns: Vec<_> = held.inputs[0].columns.iter().map(|column| (column.name.as_str(), column.kind)).collect();
    assert_eq!(columns, [("decision_id", DerivedType::Text), ("minutes", DerivedType::Integer)]);
    assert_eq!((held.gives[0].name.as_str(), held.parameters[0].default), ("held", 5));
    assert!(held.sql.text.starts_with("SELECT"));
    assert_eq!(packs.instruments.len(), 1, "`derived` is no jurisdiction");
}

#[test]
fn the_digest_of_the_packs_covers_derived_facts() {
    let digest = |files: &Files| files.survey().0.unwrap().digest();
    let before = digest(&good());
    assert_ne!(digest(&Files::good()), before);
    assert_ne!(digest(&good().replaced(SQL, "minutes +", "minutes -")), before);
    assert_ne!(digest(&good().replaced(TOML, "default = 5", "default = 6")), before);
}

#[test]
fn what_is_wrong_in_a_derived_fact_is_named_with_its_line() {
    let rows: [(&str, &str, &str, &[&str]); 18] = [
        ("format", "format = 1", "format = 2", &["derived/held.toml:1: format 2 is not known"]),
        ("title", "zh = \"示例\"", "zh = \" \"", &["derived/held.toml:2: `zh` is empty"]),
        ("no provision", "[\"cn.example/1\"]", "[]", &["derived/held.toml:4: `serves` names no provision"]),
        ("no such id", "cn.example/1", "example", &["derived/held.toml:4: "]),
        ("unknown provision", "cn.example/1", "cn.example/99", &["derived/held.toml: `cn.example/99` is in no `prov"]),
        ("unknown key", "all_rows = false", "rows = false", &["derived/held.toml:9: unknown field `rows`"]),
        ("not said", "all_rows = false\n", "", &["derived/held.toml:7: missing field `all_rows`"]),
        ("type", "type = \"text\"", "type = \"float\"", &["derived/held.toml:12: column type `float` is unknown"]),
        (
            "no unit",
            "type = \"integer\", unit = \"minutes\"",
            "type = \"integer\"",
            &["derived/held.toml:13: column `minutes`: a number has a unit"],
        ),
        (
            "unit of a text",
            "type = \"text\"",
            "type = \"text\", unit = \"m\"",
            &["derived/held.toml:12: column `decision_id`: a number has a unit"],
        ),
        ("no words", "zh = \"决策\"", "zh = \"\"", &["derived/held.toml:12: `decision_id` has no words"]),
        ("column", "column = \"held\"", "column = \"Held\"", &["derived/held.toml:16: `Held` is not a name in SQL"]),
        (
            "key given",
            "column = \"held\"",
            "column = \"decision_id\"",
            &["derived/held.toml:16: the name `decision_id` sta"],
        ),
        ("no fact", "column = \"held\"", "column = \"held\"\nfact = \"minutes\"", &["derived/held.toml:17: "]),
        ("no gives", "[[gives]]", "[[given]]", &["derived/held.toml:15: unknown field `given`"]),
        ("default", "default = 5", "default = -5", &["derived/held.toml:25: `default` of `more_minutes` is -5"]),
        (
            "large default",
            "default = 5",
            "default = 1000001",
            &["derived/held.toml:25: `default` of `more_minutes` is 1"],
        ),
        ("parameter", "more_minutes", "more-minutes", &["derived/held.toml:23: `more-minutes` is not a name in SQL"]),
    ];
    for (name, from, to, expected) in rows {
        check(name, &good().replaced(TOML, from, to), expected);
    }
}

#[test]
fn files_that_make_no_pair_are_named() {
    let moved = |to: &str| {
        let files = good();
        let (toml, sql) = (files.text(TOML), files.text(SQL));
        files.without(TOML).without(SQL).with(&format!("{to}.toml"), toml).with(&format!("{to}.sql"), sql)
    };
    check("no query", &good().without(SQL), &["derived/held.sql: the file is missing"]);
    check("query alone", &good().without(TOML), &["derived/held.sql: `held.toml` is missing beside it"]);
    check(
        "something else",
        &good().with("derived/README.md", ""),
        &["derived/README.md: the file is no part of a derived"],
    );
    check("in a folder", &moved("derived/cn/held"), &["derived/cn: derived facts lie right in `derived`"]);
    check("name", &moved("derived/Held"), &["derived/Held.toml: `Held` is not a name"]);
}
