//! Articles of an imported text, and the digests that tie provisions to them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_pack::{Packs, article_digests, check_texts, with_digests};
use sha2::{Digest, Sha256};
use std::path::Path;
use support::{Files, expect, manifest};

const PROVISIONS: &str = "cn/example/provisions.toml";

fn sha256(text: &str) -> String {
    format!("sha256:{:x}", Sha256::digest(text.as_bytes()))
}

fn example() -> String {
    std::fs::read_to_string(manifest("tests/texts/example.zh.md")).unwrap()
}

#[test]
fn an_article_runs_to_the_next_mark_or_heading_and_white_space_does_not_count() {
    let digests = article_digests(&example());
    let numbers: Vec<&str> = digests.keys().map(String::as_str).collect();
    assert_eq!(numbers, ["1", "11", "2", "3", "4", "5"], "a reference inside an article is no mark");
    for (number, article) in [
        ("1", "第一条超过上限的，不得派单。"),
        ("3", "第三条须有下列依据之一，见第一条：（一）同意；（二）履约所必需。"),
        ("4", "第四条十个工作日内备案。"),
        ("11", "第十一条第二条所称用户，是指个人。"),
    ] {
        assert_eq!(digests[number], sha256(article), "article {number}");
    }
}

#[test]
fn the_marks_of_articles_are_read_in_numerals_and_digits() {
    for (mark, number) in [
        ("第一条", "1"),
        ("第十条", "10"),
        ("第十九条", "19"),
        ("第二十条", "20"),
        ("第九十九条", "99"),
        ("第一百条", "100"),
        ("第一百零七条", "107"),
        ("第一百一十条", "110"),
        ("第一千二百六十条", "1260"),
        ("第24条", "24"),
    ] {
        let digests = article_digests(&format!("{mark}\u{3000}内容"));
        assert_eq!(digests.keys().collect::<Vec<_>>(), [number], "{mark}");
    }
    for no_mark in
        ["第条　空", "第零条　零", "第0条　零", "第+1条　一", "第甲条　字", "第一条所称", "见第一条　内", "第一章　章"]
    {
        assert!(article_digests(no_mark).is_empty(), "{no_mark}");
    }
}

#[test]
fn line_ends_and_front_matter_do_not_change_a_digest() {
    let text = example();
    assert_eq!(article_digests(&text.replace('\n', "\r\n")), article_digests(&text));
    let (_, body) = text.split_once("\n---\n").unwrap();
    assert_eq!(article_digests(body), article_digests(&text));
}

fn packs(files: &Files) -> Packs {
    files.survey().0.unwrap()
}

#[test]
fn digests_are_written_after_the_identifier_and_then_fit() {
    let texts = manifest("tests/texts");
    let files = Files::good();
    let before = files.text(PROVISIONS);
    let written = with_digests(&packs(&files).instruments[0], &before, &texts).unwrap().unwrap();
    let first = format!("id = \"cn.example/1\"\ndigest = \"{}\"\n", sha256("第一条超过上限的，不得派单。"));
    assert!(written.starts_with(&format!("[[provision]]\n{first}kind")), "{written}");
    let kept: Vec<&str> = written.lines().filter(|line| !line.starts_with("digest")).collect();
    let without = kept.join("\n") + "\n";
    assert_eq!(without, before, "no other line changes");

    let files = files.with(PROVISIONS, &written);
    expect("written", check_texts(&packs(&files), &texts), &[]);
    assert_eq!(with_digests(&packs(&files).instruments[0], &written, &texts).unwrap(), None, "nothing to write twice");
}

#[test]
fn a_digest_that_does_not_fit_is_named_with_the_provision() {
    let texts = manifest("tests/texts");
    let good = Files::good();
    let written = with_digests(&packs(&good).instruments[0], &good.text(PROVISIONS), &texts).unwrap().unwrap();
    let good = good.with(PROVISIONS, written);
    let rows: [(&str, Files, &str); 3] = [
        (
            "changed",
            good.clone().replaced(PROVISIONS, "digest = \"sha256:", "digest = \"sha256:0"),
            "cn/example/provisions.toml:2: article 1 is not the one that `cn.example/1` was written for",
        ),
        (
            "taken out",
            good.clone().replaced(PROVISIONS, "digest", "#"),
            "cn/example/provisions.toml:2: `cn.example/1` has no digest of its article",
        ),
        (
            "no such article",
            good.clone().replaced(PROVISIONS, "cn.example/5", "cn.example/6"),
            "cn/example/provisions.toml:62: the imported text has no article 6, which `cn.example/6` cites",
        ),
    ];
    for (name, files, expected) in rows {
        expect(name, check_texts(&packs(&files), &texts), &[expected]);
    }
    let nowhere = check_texts(&packs(&good), Path::new("no-such-folder"));
    expect("no texts", nowhere, &["cn/example/instrument.toml: cannot read the imported text `example.zh.md`"]);
    let cites_nothing = good.replaced(PROVISIONS, "cn.example/5", "cn.example/6");
    let text = cites_nothing.text(PROVISIONS);
    let refused = with_digests(&packs(&cites_nothing).instruments[0], &text, &texts).unwrap_err();
    expect("nothing is written then", refused, &["cn/example/provisions.toml:62: the imported text has no article 6"]);
}
