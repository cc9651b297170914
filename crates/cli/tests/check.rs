//! `gongdao check` as people and programs meet it: what it prints, in both languages, and its exit codes.
//!
//! The law under `tests/check/packs` is invented, so that these pages change only when the command does; one test at the
//! end looks at the real packs.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use gongdao_model::Evaluation;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check")
}

/// The program in `folder`, with the invented packs and no terminal.
fn gongdao(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongdao"));
    command.current_dir(folder).args(arguments).env_clear();
    command.env("NO_COLOR", "1").env("GONGDAO_PACKS", here().join("packs"));
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    gongdao(folder, arguments).output().unwrap()
}

/// The command, all that it prints, and its exit code.
fn page(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let code = output.status.code().unwrap();
    format!("$ gongdao {}\n{}{}exit {code}\n", arguments.join(" "), text(&output.stdout), text(&output.stderr))
}

fn check_page(decision: &str, lang: &str, more: &[&str]) {
    let file = format!("decisions/{decision}.json");
    let mut arguments = vec!["check", &file, "--lang", lang];
    arguments.extend(more);
    let name = format!("{decision}{}-{lang}", if more.is_empty() { "" } else { "-more" });
    insta::with_settings!({ prepend_module_to_snapshot => true, omit_expression => true }, {
        insta::assert_snapshot!(name, page(&here(), &arguments));
    });
}

#[test]
fn each_answer_reads_well_in_both_languages() {
    for lang in ["zh", "en"] {
        for decision in ["lawful", "violated", "disputed", "undetermined", "provisional"] {
            check_page(decision, lang, &[]);
        }
        check_page("lawful", lang, &["--include", "not-applicable"]);
    }
}

#[test]
fn the_exit_code_says_the_answer() {
    let rows = [("lawful", 0), ("violated", 1), ("disputed", 2), ("undetermined", 2), ("provisional", 2)];
    for (decision, code) in rows {
        for format in ["human", "json"] {
            let output = run(&here(), &["check", &format!("decisions/{decision}.json"), "--format", format]);
            assert_eq!(output.status.code(), Some(code), "{decision} {format}");
            assert!(output.stderr.is_empty(), "{decision} {format}");
        }
    }
}

#[test]
fn a_day_without_law_is_no_lawful_day() {
    let record = r#"{"id":"D1","at":"2020-01-01T00:00:00+08:00","action":"price"}"#;
    let output = piped(record.as_bytes(), &["--lang", "en"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("? Cannot tell. The packs hold no rule in force"));
}

/// A record through standard input.
fn piped(record: &[u8], more: &[&str]) -> Output {
    let mut arguments = vec!["check", "-"];
    arguments.extend(more);
    let mut command = gongdao(&here(), &arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(record).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn standard_input_and_a_byte_order_mark_change_nothing() {
    let record = std::fs::read(here().join("decisions/violated.json")).unwrap();
    let from_file = run(&here(), &["check", "decisions/violated.json"]);
    let marked = [b"\xef\xbb\xbf".as_slice(), &record].concat();
    for bytes in [record, marked] {
        let output = piped(&bytes, &[]);
        assert_eq!(output, from_file);
    }
}

#[test]
fn programs_get_the_evaluation_with_labels_in_both_languages() {
    let output = run(&here(), &["check", "decisions/disputed.json", "--format", "json"]);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(text.ends_with("}\n") && !text.ends_with("\n\n"));
    assert_eq!(output, run(&here(), &["check", "decisions/disputed.json", "--format", "json", "--lang", "en"]));
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let evaluation: Evaluation = serde_json::from_value(json["evaluation"].clone()).unwrap();
    assert!(evaluation.provisions.iter().any(|provision| provision.disputed));
    let labels = &json["labels"];
    for provision in &evaluation.provisions {
        assert!(labels["provisions"][provision.provision.as_str()]["cite"]["zh"].is_string(), "{provision:?}");
    }
    for rule in &evaluation.rules {
        assert!(labels["rules"][rule.version.to_string()]["en"].is_string(), "{rule:?}");
    }
    let digest = json["packs"].as_str().unwrap();
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("machine", text.replace(digest, "sha256:…"));
    });
}

#[test]
fn colour_comes_only_when_asked_for_or_on_a_terminal() {
    let coloured = |arguments: &[&str], plain: bool| {
        let mut command = gongdao(&here(), &["check", "decisions/violated.json"]);
        command.args(arguments);
        if !plain {
            command.env_remove("NO_COLOR");
        }
        command.output().unwrap().stdout.contains(&0x1b)
    };
    assert!(!coloured(&[], true));
    assert!(!coloured(&[], false));
    assert!(!coloured(&["--colour", "never"], false));
    assert!(coloured(&["--colour", "always"], true));
}

/// What is written into a file, and the exit code that it must give.
const REFUSED: &[(&str, &[u8], i32)] = &[
    ("empty.json", b" \n", 65),
    ("not-utf8.json", b"{\n  \"id\": \"\xd6\xd0\"\n}\n", 65),
    ("cut-off.json", b"{\"id\": \"D1\",\n \"at\": \"2025-10-13T12:03", 65),
    ("trailing-comma.json", b"{\n  \"id\": \"D1\",\n}\n", 65),
    ("comment.json", b"{\n  // a note\n  \"id\": \"D1\"\n}\n", 65),
    ("lines.json", b"{\"id\": \"D1\"}\n{\"id\": \"D2\"}\n", 65),
    ("list.json", b"[{\"id\": \"D1\"}, {\"id\": \"D2\"}]\n", 65),
    ("text.json", b"\"D1\"\n", 65),
    ("bare.json", b"{}\n", 65),
    (
        "fields.json",
        br#"{
  "id": "", "ID": "D1", "at": "2025-10-13T12:03:00+08:00", "at": "2025-10-13T12:03:00+08:00",
  "action": "dispatch",
  "plcae": "110000",
  "profilingOff": true,
  "context.priceFen": 500,
  "weather": "rain",
  "person": 17,
  "resource": ["profilingOff"]
}
"#,
        65,
    ),
    (
        "facts.json",
        r#"{
  "id": "D1", "at": "2025-10-13T12:03:00+08:00", "action": "price",
  "principal": { "declaredFactors": "distance", "profilingOff": true },
  "resource": { "profilingOf": true, "worker": null, "consents": ["a", 1], "profilingOff": "true" },
  "context": {
    "personalised": 1, "priceFen": 6.5, "referencePriceFen": "500", "continuousMinutes": 99999999999999999999,
    "purpose": ["a"], "心情": "好", "priceFen": 650,
    "parameters": { "continuousDeliveryMinutes": true, "priceFen": 1 }
  }
}
"#
        .as_bytes(),
        65,
    ),
    ("action.json", br#"{"id": "D1", "at": "2025-10-13T12:03:00+08:00", "action": "Dispach"}"#, 65),
    ("no-action.json", br#"{"id": "D1", "at": "2025-10-13T12:03:00+08:00", "action": "fly"}"#, 65),
    ("place.json", br#"{"id": "D1", "at": "2025-10-13T12:03:00+08:00", "action": "price", "place": 110000}"#, 65),
    ("seconds.json", br#"{"id": "D1", "at": 1760328180, "action": "price"}"#, 65),
    ("micros.json", br#"{"id": "D1", "at": "1760328180000000", "action": "price"}"#, 65),
    ("in-1970.json", br#"{"id": "D1", "at": "1970-01-21T08:58:48Z", "action": "price"}"#, 65),
    ("in-1850.json", br#"{"id": "D1", "at": "1850-01-01T00:00:00Z", "action": "price"}"#, 65),
    ("no-offset.json", br#"{"id": "D1", "at": "2025-10-13 12:03:00", "action": "price"}"#, 65),
    ("no-such-day.json", br#"{"id": "D1", "at": "2025-02-29T12:03:00+08:00", "action": "price"}"#, 65),
];

#[test]
fn bad_input_is_refused_in_words_with_place_and_hint() {
    let folder = tempfile::tempdir().unwrap();
    for lang in ["zh", "en"] {
        let mut pages = Vec::new();
        for (name, bytes, code) in REFUSED {
            std::fs::write(folder.path().join(name), bytes).unwrap();
            let said = page(folder.path(), &["check", name, "--lang", lang]);
            assert!(said.ends_with(&format!("exit {code}\n")), "{said}");
            pages.push(said);
        }
        pages.push(page(folder.path(), &["check", "absent.json", "--lang", lang]));
        pages.push(page(folder.path(), &["check", ".", "--lang", lang]));
        pages.push(page(folder.path(), &["check", "place.json", "--packs", "nowhere", "--lang", lang]));
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(format!("refused-{lang}"), pages.join("\n"));
        });
    }
}

#[test]
fn programs_get_the_faults_as_json() {
    let output = piped(br#"{"id": "D1", "at": "2025-10-13T12:03:00+08:00", "action": "fly"}"#, &["--format", "json"]);
    assert_eq!(output.status.code(), Some(65));
    assert!(output.stdout.is_empty());
    let faults: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
    let fault = &faults["errors"][0];
    assert_eq!((fault["line"].as_u64(), fault["column"].as_u64()), (Some(1), Some(59)));
    assert!(fault["message"].is_string() && fault["hint"].is_string(), "{fault}");
}

#[test]
fn wrong_arguments_and_missing_input_have_codes_of_their_own() {
    let rows: [(&[&str], i32); 4] = [
        (&["check"], 64),
        (&["check", "decisions/lawful.json", "--lang", "fr"], 64),
        (&["check", "absent.json"], 66),
        (&["check", "decisions/lawful.json", "--packs", "nowhere"], 66),
    ];
    for (arguments, code) in rows {
        assert_eq!(run(&here(), arguments).status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn broken_packs_are_named_and_never_judged_with() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("vocabulary.cedarschema"), "entity Algorithm = {").unwrap();
    let packs = folder.path().to_str().unwrap();
    let output = run(&here(), &["check", "decisions/lawful.json", "--packs", packs]);
    assert_eq!(output.status.code(), Some(65));
    assert!(String::from_utf8_lossy(&output.stderr).contains("vocabulary.cedarschema"));
}

#[test]
fn the_real_packs_cite_real_articles() {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    let packs = packs.to_str().unwrap();
    let record = r#"{
        "id": "D1", "at": "2025-10-13T12:03:00+08:00", "action": "price",
        "principal": { "declaredFactors": ["distance"] },
        "context": { "personalInformation": true, "automatedDecision": true, "factorsUsed": ["device"] }
    }"#;
    let output = piped(record.as_bytes(), &["--packs", packs, "--lang", "zh"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("✗ 《个人信息保护法》第24条第1款"), "{text}");
    assert!(text.contains("实际使用的决策因素：device [context.factorsUsed]"), "{text}");
    assert!(text.contains("没有记录的事，不当作没有问题，也不当作违反。"), "{text}");
}
