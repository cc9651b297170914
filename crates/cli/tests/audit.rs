//! `gongdao audit` and `gongdao demo` as people and programs meet them: what they print, in both languages, and their
//! exit codes. The law is the invented one under `tests/check/packs`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// A copy of the invented log, for a test to bend.
fn log() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("prices")).unwrap();
    for file in ["prices.toml", "prices/decisions.sql", "prices/prices.csv"] {
        std::fs::copy(here().join("audit").join(file), folder.path().join(file)).unwrap();
    }
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongdao"));
    command.current_dir(folder).args(arguments).env_clear();
    command.env("NO_COLOR", "1").env("GONGDAO_PACKS", here().join("check/packs")).output().unwrap()
}

/// The command, all that it prints, and its exit code.
fn page(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let code = output.status.code().unwrap();
    format!("$ gongdao {}\n{}{}exit {code}\n", arguments.join(" "), text(&output.stdout), text(&output.stderr))
}

fn check(name: &str, page: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => true, omit_expression => true }, {
        insta::assert_snapshot!(name, page);
    });
}

#[test]
fn the_summary_reads_well_in_both_languages() {
    for lang in ["zh", "en"] {
        let log = log();
        check(&format!("summary-{lang}"), &page(log.path(), &["audit", "prices.toml", "--lang", lang]));
        assert!(log.path().join("audit-prices/report.html").is_file());
    }
}

#[test]
fn programs_get_the_summary_and_nothing_else_on_standard_output() {
    let log = log();
    let output = run(log.path(), &["audit", "prices.toml", "--format", "json", "--quiet", "--out", "o"]);
    assert_eq!((output.status.code(), output.stderr.len()), (Some(1), 0));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&answer["out"], &answer["summary"]["counts"]["decisions"]), (&"o".into(), &5.into()));
    let file = std::fs::read(log.path().join("o/summary.json")).unwrap();
    assert_eq!(answer["summary"], serde_json::from_slice::<serde_json::Value>(&file).unwrap());
}

/// Each row: which lines of the log are left, and the exit code.
#[test]
fn the_exit_code_says_the_answer() {
    for (kept, code) in [("kept", 0), ("no-basis", 1), ("switched-off", 1), ("dearer", 2), ("unknown", 2), ("id,", 2)] {
        let log = log();
        let file = log.path().join("prices/prices.csv");
        let text = std::fs::read_to_string(&file).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("id,") || line.starts_with(kept)).collect();
        std::fs::write(&file, lines.join("\n")).unwrap();
        let output = run(log.path(), &["audit", "prices.toml", "--quiet"]);
        assert_eq!(output.status.code(), Some(code), "{kept}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

/// Each row: what is bent, the exit code.
#[test]
fn bad_input_is_refused_in_words_in_both_languages() {
    let rows: [(&str, &str, &str, &[&str]); 8] = [
        ("not-toml", "prices.toml", "format = ", &[]),
        ("unknown-fact", "prices/decisions.sql", "SELECT 1 AS \"context.pricefen\", 'x' AS decision_id", &[]),
        ("bad-sql", "prices/decisions.sql", "SELEC id FROM prices", &[]),
        ("no-such-column", "prices/prices.csv", "id,at\nkept,2024-05-01T12:00:00+08:00\n", &[]),
        ("empty-file", "prices/prices.csv", "", &[]),
        (
            "strict",
            "prices/prices.csv",
            "id,at,fen,usual_fen,personalised,off,consents\na,now,1,1,true,true,sale\n",
            &["--strict"],
        ),
        ("no-folder", "unused", "", &["--data", "nowhere"]),
        ("foreign-folder", "taken/thesis.txt", "years of work", &["--out", "taken"]),
    ];
    for lang in ["zh", "en"] {
        for (name, file, text, more) in rows {
            let log = log();
            let path = log.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
            let mut arguments = vec!["audit", "prices.toml", "--quiet", "--lang", lang];
            arguments.extend(more);
            check(&format!("{name}-{lang}"), &page(log.path(), &arguments));
            assert!(!log.path().join("audit-prices").exists(), "{name}: nothing is in place");
        }
    }
}

#[test]
fn wrong_arguments_are_told_apart_and_help_has_examples() {
    let log = log();
    for arguments in
        [&["audit"][..], &["audit", "prices.toml", "--threads", "0"], &["audit", "prices.toml", "--engine", "x"]]
    {
        assert_eq!(run(log.path(), arguments).status.code(), Some(64), "{arguments:?}");
    }
    for command in ["audit", "demo"] {
        let help = page(log.path(), &[command, "--help"]);
        assert!(help.contains("Examples:") && help.contains("Exit code:") && help.ends_with("exit 0\n"), "{help}");
    }
}

#[test]
fn the_demo_makes_a_city_and_its_report_and_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    for _ in 0..2 {
        let arguments = ["demo", "--decisions", "2000", "--packs", packs.to_str().unwrap(), "--lang", "en"];
        let output = run(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let words = String::from_utf8(output.stdout).unwrap();
        let report = Path::new("gongdao-demo").join("audit/report.html");
        assert!(words.contains(report.to_str().unwrap()), "{words}");
        assert!(folder.path().join(report).is_file());
    }
}

#[test]
fn a_result_is_verified_by_doing_it_again() {
    let log = log();
    run(log.path(), &["audit", "prices.toml", "--quiet", "--out", "o", "--engine", "both"]);
    let verify = |lang: &str| {
        page(log.path(), &["audit", "prices.toml", "--verify", "o/summary.json", "--quiet", "--lang", lang])
    };
    for lang in ["zh", "en"] {
        check(&format!("verified-{lang}"), &verify(lang));
    }
    let findings = std::fs::read(log.path().join("o/findings.parquet")).unwrap();
    std::fs::write(log.path().join("o/findings.parquet"), &findings[..findings.len() - 1]).unwrap();
    let tampered = verify("en");
    assert!(tampered.contains("  findings.parquet: the result has sha256:"), "{tampered}");
    assert!(tampered.ends_with("exit 1\n") && !tampered.contains("data "), "{tampered}");
    std::fs::write(log.path().join("o/findings.parquet"), findings).unwrap();
    assert!(verify("en").ends_with("exit 0\n"));

    let data = std::fs::read_to_string(log.path().join("prices/prices.csv")).unwrap();
    std::fs::write(log.path().join("prices/prices.csv"), data.replace('1', "2")).unwrap();
    let other = verify("en");
    assert!(other.contains("  data prices.csv: the result has sha256:") && other.ends_with("exit 1\n"), "{other}");

    let unread = page(log.path(), &["audit", "prices.toml", "--verify", "prices.toml", "--quiet", "--lang", "en"]);
    assert!(unread.contains("this is no summary of an audit") && unread.ends_with("exit 65\n"), "{unread}");
}
