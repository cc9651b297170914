//! `gongdao duty`: what it answers, what it exits with, and that nobody's calendar is replaced.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::path::Path;
use std::process::{Command, Output};

fn duty(folder: &Path, arguments: &[&str]) -> Output {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongdao"));
    command
        .current_dir(folder)
        .arg("duty")
        .args(arguments)
        .env_clear()
        .env("NO_COLOR", "1")
        .env("GONGDAO_PACKS", packs);
    command.output().unwrap()
}

fn told(arguments: &[&str]) -> (String, String, i32) {
    let folder = tempfile::tempdir().unwrap();
    let output = duty(folder.path(), arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

#[test]
fn a_period_and_a_duty_have_their_date() {
    let (text, _, code) = told(&["--period", "10 working days", "--event", "2024-09-28T10:00+08:00"]);
    assert_eq!(code, 0);
    assert_eq!(text.lines().nth(1), Some("到期：2024-10-16（星期三）24:00"));
    let file = ["--duty", "cn.iisarmp/24/1#file", "--event", "2024-09-28", "--lang", "en"];
    for (more, state, code) in [
        (["--now", "2024-10-16T23:59+08:00"], "State: open", 0),
        (["--now", "2024-10-17"], "State: breached; it was not kept in time", 1),
        (["--done", "2024-10-16"], "State: met", 0),
        (["--done", "2024-10-17"], "State: late; it was done after its time", 1),
    ] {
        let (text, _, found) = told(&[&file[..], &more].concat());
        assert_eq!((text.lines().nth(2), found), (Some(state), code), "{more:?}");
    }
}

#[test]
fn without_a_number_no_date_is_told() {
    let answer = ["--duty", "cn.iisarmp/22#answer", "--event", "2024-09-28", "--now", "2024-10-01", "--lang", "en"];
    let (text, _, code) = told(&answer);
    assert_eq!((text.lines().nth(2), code), (Some("State: open; without a number it stays open until it is done"), 2));
    let (text, _, code) = told(&[&answer[..], &["--published", "15 days"]].concat());
    assert_eq!((text.lines().nth(4), code), (Some("Due: 2024-10-14 (Monday), 24:00"), 0));
    let json = told(&[&answer[..], &["--format", "json"]].concat()).0;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["clock"]["state"], &json["clock"]["due"]["kind"]), (&"open".into(), &"no-number".into()));
}

#[test]
fn what_cannot_be_answered_is_refused_with_a_hint() {
    let rows: [(&[&str], &str, i32); 7] = [
        (&["--duty", "cn.none", "--event", "2024-09-28"], "错误：没有名为 `cn.none` 的义务", 64),
        (&["--duty", "cn.iisarmp/24", "--event", "2024-09-28"], "错误：有几项义务以 `cn.iisarmp/24` 开头", 64),
        (&["--period", "5 days", "--event", "2024-09-28", "--calendar", "none.toml"], "错误：无法读取 `none.toml`", 66),
        (&["--duty", "cn.iisarmp/22#answer", "--event", "2024-09-28", "--ics", "a.ics"], "错误：没有到期日", 64),
        (
            &["--period", "5 wd", "--event", "2024-09-28"],
            "错误：有一个值写得不对。详情：\nerror: invalid value '5 wd' for",
            64,
        ),
        (
            &["--period", "5 days", "--event", "2024-09-28T10:00"],
            "错误：有一个值写得不对。详情：\nerror: invalid value '2024-09-28T10:00' for",
            64,
        ),
        (
            &["--event", "2024-09-28"],
            "错误：缺了必需的内容。详情：\nerror: the following required arguments were not provided",
            64,
        ),
    ];
    for (arguments, error, code) in rows {
        let (_, text, found) = told(arguments);
        assert!(text.starts_with(error) && found == code, "{arguments:?}: {found}, {text}");
    }
}

#[test]
fn a_calendar_entry_is_replaced_by_itself_only() {
    let folder = tempfile::tempdir().unwrap();
    let write = |period: &str| {
        let arguments =
            ["--period", period, "--event", "2026-12-21", "--ics", "due.ics", "--lang", "en", "--now", "2026-12-22"];
        duty(folder.path(), &arguments).status.code().unwrap()
    };
    let read = || std::fs::read_to_string(folder.path().join("due.ics")).unwrap();
    assert_eq!(write("10 working days"), 2, "provisional");
    let first = read();
    assert!(first.contains("SEQUENCE:0\r\n") && first.contains("STATUS:TENTATIVE\r\n"));
    std::fs::write(folder.path().join("due.ics"), first.replace("VALUE=DATE:20270105", "VALUE=DATE:20270106")).unwrap();
    assert_eq!(write("10 working days"), 2);
    assert_eq!(read(), first.replace("SEQUENCE:0", "SEQUENCE:1"), "the date changed, so the entry is a new version");
    let kept = read();
    assert_eq!(write("11 working days"), 65, "another entry");
    assert_eq!(read(), kept);
}
