//! Each way to break a pack is named with file, line and what to do. Rules have their own table in `gongdao-rules`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

mod support;

use support::{Files, expect};

/// What is found in the good pack after a change.
fn check(name: &str, change: impl FnOnce(Files) -> Files, expected: &[&str]) {
    let (packs, mut problems) = change(Files::good()).survey();
    problems.extend(packs.iter().flat_map(gongdao_pack::check));
    expect(name, problems, expected);
}

const INSTRUMENT: &str = "cn/example/instrument.toml";
const PROVISIONS: &str = "cn/example/provisions.toml";
const PARAMETERS: &str = "cn/example/parameters.toml";
const DUTIES: &str = "cn/example/duties.toml";
const NO_RULE: &str = "cn/example/no-rule.toml";
const RULE: &str = "cn/example/rules/art-1@2022-03-01.cedar";
const CASES: &str = "cn/example/rules/art-1@2022-03-01.cases.toml";

#[test]
fn nothing_is_wrong_with_the_good_pack() {
    check("as it stands", |files| files, &[]);
}

/// One row a replacement: name, file, what, by what, what is found.
type Replacement = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

fn check_all(rows: &[Replacement]) {
    for (name, file, from, to, expected) in rows {
        check(name, |files| files.replaced(file, from, to), expected);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_its_line() {
    check_all(&[
        (
            "not TOML",
            PROVISIONS,
            "kind = \"right\"",
            "kind = right\"",
            &["cn/example/provisions.toml:11: missing opening quote"],
        ),
        (
            "wrong type",
            INSTRUMENT,
            "binding = true",
            "binding = \"yes\"",
            &["cn/example/instrument.toml:10: invalid type: string \"yes\", expected a boolean"],
        ),
        (
            "unknown key",
            PROVISIONS,
            "owed_to = ",
            "owed_too = ",
            &["cn/example/provisions.toml:5: unknown field `owed_too`"],
        ),
        ("missing key", INSTRUMENT, "binding = true\n", "", &["cn/example/instrument.toml:1: missing field `binding`"]),
        (
            "twice the same key",
            INSTRUMENT,
            "binding = true",
            "binding = true\nbinding = true",
            &["cn/example/instrument.toml:11: duplicate key"],
        ),
        ("a day that does not exist", INSTRUMENT, "2022-03-01", "2022-02-30", &["cn/example/instrument.toml:9: "]),
        (
            "a moment for a day",
            INSTRUMENT,
            "effective = 2022-03-01",
            "effective = 2022-03-01T00:00:00Z",
            &["cn/example/instrument.toml:9: `2022-03-01T00:00:00Z` is not a date"],
        ),
        (
            "a quoted day",
            INSTRUMENT,
            "effective = 2022-03-01",
            "effective = \"2022-03-01\"",
            &["cn/example/instrument.toml:9: "],
        ),
        (
            "a later format",
            INSTRUMENT,
            "format = 1",
            "format = 2",
            &["cn/example/instrument.toml:1: format 2 is not known"],
        ),
        (
            "a malformed identifier",
            PROVISIONS,
            "cn.example/4",
            "cn.example/4/",
            &[
                "cn/example/duties.toml:2: `cn.example/4` is in no `provisions.toml`",
                "cn/example/provisions.toml:50: `cn.example/4/` is not a provision",
            ],
        ),
    ]);
}

#[test]
fn a_file_that_is_empty_or_missing_or_not_text_is_named() {
    check(
        "not UTF-8",
        |files| files.with(RULE, b"// \xff\xfe"),
        &["cn/example/rules/art-1@2022-03-01.cedar:1: the file is not UTF-8"],
    );
    check(
        "an empty instrument",
        |files| files.with(INSTRUMENT, ""),
        &["cn/example/instrument.toml:1: missing field `format`"],
    );
    check(
        "no provisions",
        |files| files.with(PROVISIONS, "").without(NO_RULE).without(DUTIES).without(PARAMETERS),
        &["cn/example/provisions.toml: the pack has no provision"],
    );
    check("no instrument", |files| files.without(INSTRUMENT), &["cn/example/instrument.toml: the file is missing"]);
    check(
        "no vocabulary",
        |files| files.without("vocabulary.cedarschema"),
        &["vocabulary.cedarschema: the file is missing"],
    );
    check(
        "no provisions file",
        |files| files.without(PROVISIONS).without(NO_RULE).without(DUTIES).without(PARAMETERS),
        &["cn/example/provisions.toml: the file is missing"],
    );
}

#[test]
fn a_word_outside_its_list_is_refused() {
    check_all(&[
        (
            "kind",
            PROVISIONS,
            "\"right\"",
            "\"wish\"",
            &["cn/example/provisions.toml:11: `wish` is not a kind of provision"],
        ),
        ("status", INSTRUMENT, "\"verified\"", "\"sure\"", &["cn/example/instrument.toml:11: `sure` is not a status"]),
        ("reason", NO_RULE, "\"definition\"", "\"lazy\"", &["cn/example/no-rule.toml:3: `lazy` is not a reason"]),
        ("place", INSTRUMENT, "\"000000\"", "\"Beijing\"", &["cn/example/instrument.toml:7: `Beijing` is not a place"]),
        (
            "an act that a duty with a number comes before",
            DUTIES,
            "due = \"10 working days\"",
            "due = \"10 working days\"\nbefore = \"launch\"",
            &["cn/example/duties.toml:2: `before` stands beside `10 working days`"],
        ),
        ("time limit", DUTIES, "10 working days", "soon", &["cn/example/duties.toml:2: `soon` is not a time limit"]),
        (
            "no time at all",
            DUTIES,
            "10 working days",
            "0 days",
            &["cn/example/duties.toml:2: `0 days` is not a time limit"],
        ),
        (
            "expectation",
            CASES,
            "\"violated\"",
            "\"broken\"",
            &["cn/example/rules/art-1@2022-03-01.cases.toml:9: `broken` is not an expectation"],
        ),
    ]);
}

#[test]
fn references_lead_somewhere_and_names_are_unique() {
    check_all(&[
        (
            "a provision of another instrument",
            PROVISIONS,
            "cn.example/5",
            "cn.other/5",
            &[
                "cn/example/no-rule.toml:2: `cn.example/5` is in no `provisions.toml`",
                "cn/example/provisions.toml:56: `cn.other/5` is not a provision of `cn.example`",
            ],
        ),
        (
            "provision twice",
            PROVISIONS,
            "\"cn.example/5\"",
            "\"cn.example/4\"",
            &[
                "cn/example/no-rule.toml:2: `cn.example/5` is in no `provisions.toml`",
                "cn/example/provisions.toml:56: `cn.example/4` stands twice, first on line 50",
            ],
        ),
        (
            "summary without words",
            PROVISIONS,
            "zh = \"超过上限不派单\"",
            "zh = \"  \"",
            &["cn/example/provisions.toml:2: `zh` of `cn.example/1` is empty"],
        ),
        (
            "reading twice",
            PROVISIONS,
            "\"broad\"",
            "\"narrow\"",
            &["cn/example/provisions.toml:10: `cn.example/2` has the reading `narrow` twice"],
        ),
    ]);
}

#[test]
fn instruments_folders_and_duties_fit_together() {
    check_all(&[
        (
            "folder of another instrument",
            INSTRUMENT,
            "id = \"cn.example\"",
            "id = \"cn.sample\"",
            &[
                "cn/example/instrument.toml: `cn.sample` lies in the folder `cn/example`",
                "cn/example/provisions.toml:2: `cn.example/1` is not",
                "cn/example/provisions.toml:10: `cn.example/2` is not",
                "cn/example/provisions.toml:32: `cn.example/3` is not",
                "cn/example/provisions.toml:38: `cn.example/3/1` is not",
                "cn/example/provisions.toml:44: `cn.example/3/2` is not",
                "cn/example/provisions.toml:50: `cn.example/4` is not",
                "cn/example/provisions.toml:56: `cn.example/5` is not",
            ],
        ),
        (
            "duty of an unknown provision",
            DUTIES,
            "provision = \"cn.example/4\"",
            "provision = \"cn.example/9\"",
            &[
                "cn/example/duties.toml:2: `cn.example/4#file` does not begin with its provision `cn.example/9`",
                "cn/example/duties.toml:2: `cn.example/9` is in no `provisions.toml`",
            ],
        ),
        (
            "duty before the instrument",
            DUTIES,
            "2022-03-01",
            "2022-02-28",
            &["cn/example/duties.toml:2: `from` 2022-02-28 lies before the instrument binds (2022-03-01)"],
        ),
        (
            "verified against nothing",
            INSTRUMENT,
            "text = \"example.zh.md\"\n",
            "",
            &["cn/example/instrument.toml: the status is verified, but no `text` says against what"],
        ),
        (
            "an end before the beginning",
            INSTRUMENT,
            "binding",
            "until = 2022-03-01\nbinding",
            &["cn/example/instrument.toml: `until` 2022-03-01 is not after `effective` 2022-03-01"],
        ),
        ("no title", INSTRUMENT, "测试规定", " ", &["cn/example/instrument.toml: `title_zh` is empty"]),
        ("no issuer", INSTRUMENT, "\"nobody\"", "", &["cn/example/instrument.toml: `issuers` is empty"]),
    ]);
}

#[test]
fn nothing_stands_twice() {
    let again = "\n[[no_rule]]\nprovision = \"cn.example/5\"\nreason = \"soft\"\nzh = \"又\"\nen = \"again\"\n";
    check(
        "reason twice",
        |files| files.extended(NO_RULE, again),
        &["cn/example/no-rule.toml:8: `cn.example/5` stands twice, first on line 2"],
    );
    let copy = |files: Files| {
        let instrument = files.text(INSTRUMENT);
        files.with("cn/copy/instrument.toml", instrument).with("cn/copy/provisions.toml", "")
    };
    check(
        "instrument twice",
        copy,
        &[
            "cn/copy/instrument.toml: `cn.example` lies in the folder `cn/copy`",
            "cn/copy/provisions.toml: the pack has no provision",
            "cn/example/instrument.toml: `cn.example` is also the instrument of `cn/copy`",
        ],
    );
}

#[test]
fn a_lone_reading_is_refused() {
    let one = |files: Files| {
        let text = files.text(PROVISIONS);
        let (before, rest) = text.split_once("[[provision.reading]]\nid = \"broad\"").unwrap();
        let (_, after) = rest.split_once("[[provision]]").unwrap();
        let text = format!("{before}[[provision]]{after}");
        files.with(PROVISIONS, text)
    };
    check("one reading", one, &["cn/example/provisions.toml:10: `cn.example/2` has one reading"]);
}

#[test]
fn values_of_a_parameter_neither_overlap_nor_run_backwards() {
    check_all(&[
        (
            "overlap by a day",
            PARAMETERS,
            "until = 2024-01-01",
            "until = 2024-01-02",
            &[
                "cn/example/parameters.toml:15: two values of `limitMinutes` hold on 2024-01-01: this and cn/example/parameters.toml:9",
            ],
        ),
        (
            "open end before another value",
            PARAMETERS,
            "until = 2024-01-01\n",
            "",
            &["cn/example/parameters.toml:14: two values of `limitMinutes` hold on 2024-01-01"],
        ),
        (
            "ends before it begins",
            PARAMETERS,
            "until = 2024-01-01",
            "until = 2022-03-01",
            &["cn/example/parameters.toml:9: a value of `limitMinutes` ends before it begins"],
        ),
        (
            "unknown provision",
            PARAMETERS,
            "cn.example/1",
            "cn.example/9",
            &["cn/example/parameters.toml:2: `cn.example/9` is in no `provisions.toml`"],
        ),
        (
            "a value with a fraction",
            PARAMETERS,
            "value = 240",
            "value = 240.5",
            &["cn/example/parameters.toml:11: invalid type: floating point `240.5`, expected i64"],
        ),
    ]);
    let narrower = "\n[[parameter.value]]\nfrom = 2023-01-01\nplace = \"440300\"\nvalue = 1\nsource = \"made up\"\n";
    check("a narrower place may overlap", |files| files.extended(PARAMETERS, narrower), &[]);
    let second = "\n[[parameter]]\nname = \"limitMinutes\"\nunit = \"hours\"\nprovision = \"cn.example/1\"\nzh = \"时\"\nen = \"h\"\n";
    check(
        "another unit and no value",
        |files| files.extended(PARAMETERS, second),
        &[
            "cn/example/parameters.toml:20: `limitMinutes` has no value",
            "cn/example/parameters.toml:20: `limitMinutes` is in hours here and in minutes elsewhere",
        ],
    );
}
