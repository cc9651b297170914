//! `gongdao law` as its users meet it: languages, formats, exit codes; and its rules beside those that are judged by.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use gongdao_law::{Book, Texts};
use gongdao_pack::{Drafts, Packs};
use gongdao_rules::RuleSet;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Exit code, standard output, standard error, over the packs and texts that the statute book is tested with.
fn law(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gongdao"))
        .arg("law")
        .args(arguments)
        .env("GONGDAO_PACKS", root().join("crates/law/tests/packs"))
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .env_remove("LANG")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn every_subcommand_answers_people_in_both_languages_and_programs() {
    let rows: [(&[&str], &str, &str); 7] = [
        (&["list"], "中华人民共和国示例法", "Example Law"),
        (&["show", "cn.example-law/17/1", "--on", "2021-10-31"], "尚未施行", "not yet in force"),
        (&["cite", "cn.example-law/17/1"], "《示例法》第十七条第一款", "Example Law, art. 17(1)"),
        (&["search", "怎么关掉推荐"], "第十七条第一款", "art. 17(1)"),
        (&["timeline"], "2021-11-01", "2021-11-01"),
        (&["diff", "000000", "440300", "--on", "2024-01-01"], "深圳示例条例", "Shenzhen Example Regulations"),
        (&["in-force", "--on", "2024-01-01"], "施行", "In force"),
    ];
    for (arguments, zh, en) in rows {
        let (code, out, err) = law(arguments);
        assert_eq!((code, err.as_str()), (0, ""), "{arguments:?}");
        assert!(out.contains(zh), "{arguments:?}: {out}");
        let (_, out, _) = law(&[arguments, &["--lang", "en"]].concat());
        assert!(out.contains(en), "{arguments:?}: {out}");
        let (code, out, _) = law(&[arguments, &["--format", "json"]].concat());
        assert!(code == 0 && serde_json::from_str::<serde_json::Value>(&out).is_ok(), "{arguments:?}: {out}");
    }
    let (code, svg, _) = law(&["timeline", "--svg"]);
    assert!(code == 0 && svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
}

#[test]
fn texts_are_imported_shown_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let (source, into) = (root().join("crates/law/tests/texts"), folder.path().join("texts"));
    let (source, into) = (source.to_str().unwrap(), into.to_str().unwrap());
    let (code, out, _) = law(&["import", source, "--into", into]);
    assert_eq!(code, 1, "a text that differs from its pack is told by the exit code: {out}");
    assert!(law(&["show", "cn.example-law/17/1", "--texts", into]).1.contains("第十七条 用户有权"));
    assert!(law(&["export", "cn.example-law", "--format", "akn", "--texts", into]).1.starts_with("<?xml"));
    for format in ["json", "oscal"] {
        let (code, out, _) = law(&["export", "--format", format, "--on", "2024-05-01"]);
        assert!(code == 0 && serde_json::from_str::<serde_json::Value>(&out).is_ok(), "{format}");
    }
}

#[test]
fn what_is_wrong_is_said_with_a_hint_and_an_exit_code() {
    let rows: [(&[&str], i32, &str); 8] = [
        (&["show", "cn.exampel-law/1"], 64, "cn.example-law"),
        (&["show", "17/1"], 64, "is not a provision"),
        (&["show", "cn.example-law/1", "--on", "2022-13-01"], 64, "is not a date"),
        (&["show", "cn.example-law/1", "--on", "2022-13-01"], 64, "hint: "),
        (&["search", "？"], 64, "no word to look for"),
        (&["export", "--format", "akn"], 64, "name one"),
        (&["list", "--texts", "no/such/folder"], 66, "not a folder"),
        (&["import", "no/such/folder", "--into", "x"], 65, "cannot list"),
    ];
    for (arguments, expected, told) in rows {
        let (code, out, err) = law(arguments);
        assert_eq!((code, out.as_str()), (expected, ""), "{arguments:?}: {err}");
        assert!(err.contains(told), "{arguments:?}: {err}");
    }
}

#[test]
fn the_rules_that_are_shown_are_the_rules_that_are_judged_by() {
    let packs = Packs::read(&root().join("packs")).unwrap();
    let judged = RuleSet::load(&packs.clone().with_drafts(Drafts::Included)).unwrap();
    let judged: BTreeSet<_> = judged
        .versions
        .iter()
        .map(|version| {
            (version.key.to_string(), version.until, version.zh.clone(), version.en.clone(), version.provision.clone())
        })
        .collect();
    let book = Book::new(packs, Texts::none()).unwrap();
    let shown: BTreeSet<_> = book
        .rules()
        .iter()
        .map(|rule| (rule.key.to_string(), rule.until, rule.zh.clone(), rule.en.clone(), rule.provision.clone()))
        .collect();
    let differing: Vec<_> = shown.symmetric_difference(&judged).collect();
    assert!(differing.is_empty(), "{differing:#?}");
}
