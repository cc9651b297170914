//! `gongdao assess`: what it exits with, what it writes, and how it refuses.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn assess(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongdao"));
    command.current_dir(folder).arg("assess").args(arguments).env_clear().env("GONGDAO_PACKS", root().join("packs"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn example(name: &str) -> String {
    root().join("examples/services").join(format!("{name}.toml")).display().to_string()
}

#[test]
fn the_exit_code_says_whether_something_is_broken_or_open() {
    let folder = tempfile::tempdir().unwrap();
    for (name, code) in [("food-delivery", 1), ("news-feed", 1), ("image-generator", 2)] {
        let output = assess(folder.path(), &[&example(name), "--lang", "en"], "");
        assert_eq!(output.status.code(), Some(code), "{name}");
        assert!(String::from_utf8(output.stdout).unwrap().contains("Assessment of a service"), "{name}");
    }
}

#[test]
fn the_folder_gets_report_papers_and_the_description_with_the_answers() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [&example("image-generator"), "--ask", "--papers", "--out", "out", "--format", "json"];
    let output = assess(folder.path(), &arguments, "no\nq\n");
    assert_eq!(output.status.code(), Some(2));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["format"], 1);
    let read = |name: &str| std::fs::read_to_string(folder.path().join("out").join(name)).unwrap();
    assert!(read("assessment.html").starts_with("<!doctype html>"));
    assert!(read("filing-record.md").contains("草案 DRAFT"));
    assert!(read("service.toml").contains("context.personalInformation = false"));
    let again = folder.path().join("out/service.toml").display().to_string();
    let again = assess(folder.path(), &[&again, "--format", "json"], "");
    let again: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(again, json);
}

#[test]
fn what_cannot_be_assessed_is_refused_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad.toml"), "format = 1\nname = \"x\"\n[facts]\nprincipal.filed = 1\n").unwrap();
    let rows: [(&[&str], &str, i32); 4] = [
        (&["none.toml"], "错误：无法读取 `none.toml`", 66),
        (
            &["bad.toml"],
            "bad.toml:4: 错误：给的文件或内容不对。详情：`principal.filed`: the value is not of type Bool\n    提示：",
            65,
        ),
        (
            &["bad.toml", "--on", "soon"],
            "错误：有一个值写得不对。详情：\nerror: invalid value 'soon' for '--on <DATE>'",
            64,
        ),
        (&["bad.toml", "--packs", "nowhere"], "错误：", 66),
    ];
    for (arguments, error, code) in rows {
        let output = assess(folder.path(), arguments, "");
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(text.starts_with(error), "{arguments:?}: {text}");
    }
}
