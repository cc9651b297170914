//! What is wrong with the rule files of a pack as files: names, cases, the lock of the released ones.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use support::{Files, expect};

const RULE: &str = "cn/example/rules/art-1@2022-03-01.cedar";
const CASES: &str = "cn/example/rules/art-1@2022-03-01.cases.toml";

/// What is found in the good pack after a change.
fn check(name: &str, change: impl FnOnce(Files) -> Files, expected: &[&str]) {
    let (packs, mut problems) = change(Files::good()).survey();
    problems.extend(packs.iter().flat_map(gongdao_pack::check));
    expect(name, problems, expected);
}

#[test]
fn the_rules_folder_holds_dated_rules_and_their_cases_only() {
    let stray = "cn/example/rules/art-9@2022-03-01.cases.toml";
    check(
        "cases without rules",
        |files| files.with(stray, ""),
        &["cn/example/rules/art-9@2022-03-01.cases.toml: the cases have no rule file beside them"],
    );
    check(
        "a file of another kind",
        |files| files.with("cn/example/rules/notes.txt", ""),
        &["cn/example/rules/notes.txt: `notes.txt` does not belong in `rules`"],
    );
    for name in ["art-9.cedar", "art-9@2022-13-01.cedar", "art-9@2022-3-1.cedar"] {
        let path = format!("cn/example/rules/{name}");
        let expected = format!("{path}: the file name `{name}` does not end in a date");
        check(name, |files| files.with(&path, ""), &[&expected]);
    }
}

#[test]
fn cases_are_read_strictly() {
    let place = |line: usize, message: &str| format!("cn/example/rules/art-1@2022-03-01.cases.toml:{line}: {message}");
    for (name, from, to, line, message) in [
        ("fact of nobody", "context.minutes = 241", "weather.rain = true", 5, "`weather` is neither `principal`"),
        ("entity without attribute", "context.minutes = 241", "context = 3", 5, "`context` has no attribute"),
        ("a fraction", "context.minutes = 241", "context.minutes = 2.5", 5, "`context.minutes` cannot be `2.5`"),
        ("a mixed list", "context.minutes = 241", "context.minutes = [\"a\", 1]", 5, "`context.minutes` cannot be"),
        ("a name with a sign", "context.minutes = 241", "context.\"a-b\" = 1", 5, "`a-b` is not the name of a fact"),
        (
            "unset without being given",
            "unset = [\"context.minutes\"]",
            "unset = [\"context.speed\"]",
            18,
            "`context.speed` is unset but was not given",
        ),
        (
            "a moment without offset",
            "at = \"2023-05-01T12:00:00+08:00\"",
            "at = \"2023-05-01 12:00\"",
            4,
            "`2023-05-01 12:00` is not a moment",
        ),
        ("an unknown key", "missing = ", "missed = ", 20, "unknown field `missed`"),
    ] {
        let (packs, problems) = Files::good().replaced(CASES, from, to).survey();
        assert!(packs.is_some());
        let wanted = place(line, message);
        let found: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let shown = |text: &String| text.replacen(": error", "", 1).starts_with(&wanted);
        assert!(found.iter().any(shown), "{name}: expected {wanted}\nfound {found:#?}");
    }
    let empty = "[[rule]]\nid = \"cn.example/1#limit\"\naction = \"dispatch\"\nat = \"2023-05-01T12:00:00+08:00\"\n";
    check(
        "a rule without a case",
        |files| files.with(CASES, empty),
        &["cn/example/rules/art-1@2022-03-01.cases.toml:2: rule `cn.example/1#limit` has no case here"],
    );
}

#[test]
fn a_released_file_is_closed() {
    let frozen = |files: Files| {
        let packs = files.survey().0.unwrap();
        let lock = gongdao_pack::freeze(&packs.instruments[0]).unwrap();
        files.with("cn/example/pack.lock", lock)
    };
    check("frozen", frozen, &[]);
    check("a new file is no change", |files| frozen(files).with("cn/example/rules/art-9@2022-03-01.cedar", ""), &[]);
    check(
        "changed by a comment",
        |files| frozen(files).extended(RULE, "// a\n"),
        &["cn/example/rules/art-1@2022-03-01.cedar: a released file is closed, and this one was changed"],
    );
    check(
        "taken out",
        |files| frozen(files).without(RULE).without(CASES),
        &["cn/example/pack.lock:5: the released file `rules/art-1@2022-03-01.cedar` is gone"],
    );
    check(
        "a torn lock",
        |files| files.with("cn/example/pack.lock", "format = 1\n[[file]"),
        &["cn/example/pack.lock:2: "],
    );
    check(
        "a later lock",
        |files| files.with("cn/example/pack.lock", "format = 9"),
        &["cn/example/pack.lock:1: format 9 is not known"],
    );
    let changed = frozen(Files::good()).extended(RULE, "// a\n").survey().0.unwrap();
    assert!(gongdao_pack::freeze(&changed.instruments[0]).is_err(), "a changed file is not frozen anew");
}

#[test]
fn a_message_is_one_line_whatever_it_quotes() {
    let problem = gongdao_pack::Problem::error("a.cedar", Some(3), "unexpected token `\"\r\n\t@x`").hint("b");
    assert_eq!(problem.to_string(), "a.cedar:3: error: unexpected token `\"   @x`\n    hint: b");
}
