//! An audit that is killed with SIGKILL, again and again, ends in the same bytes as one that is left alone.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// More than one part (8,192 rows), so that there is something to go on from.
const DECISIONS: &str = "40000";

fn gongdao(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongdao"));
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    command.current_dir(folder).env("GONGDAO_PACKS", packs).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn audit(folder: &Path) -> Command {
    let mut command = gongdao(folder);
    command.args(["audit", "../city/adapter.toml", "--out", "out", "--quiet"]);
    command
}

fn bytes_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).unwrap()))
        .collect()
}

#[test]
fn an_audit_killed_at_any_moment_ends_in_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let simulated =
        gongdao(folder.path()).args(["simulate", "--out", "city", "--decisions", DECISIONS]).status().unwrap();
    assert!(simulated.success());
    let (alone, killed) = (folder.path().join("alone"), folder.path().join("killed"));
    std::fs::create_dir(&alone).unwrap();
    std::fs::create_dir(&killed).unwrap();

    assert_eq!(audit(&alone).status().unwrap().code(), Some(1), "the city holds planted violations");
    let mut kills = 0;
    // Ever later, until one run comes to its end: some are killed while reading, some while judging, some while writing.
    for wait in (0..).map(|step: u32| Duration::from_millis(400 * 3_u64.pow(step) / 2_u64.pow(step))) {
        let mut child = audit(&killed).spawn().unwrap();
        std::thread::sleep(wait);
        if child.try_wait().unwrap().is_some() {
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        assert!(!killed.join("out").exists(), "a killed run leaves nothing in place");
    }
    println!("killed {kills} times");
    assert!(kills >= 2, "the run was over before it could be killed");
    let (alone, killed) = (bytes_of(&alone.join("out")), bytes_of(&killed.join("out")));
    assert_eq!(alone.keys().collect::<Vec<_>>(), killed.keys().collect::<Vec<_>>());
    for (name, bytes) in &alone {
        assert!(*bytes == killed[name], "{name} differs after {kills} kills");
    }
}

#[test]
fn two_audits_into_one_folder_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let simulated =
        gongdao(folder.path()).args(["simulate", "--out", "city", "--decisions", DECISIONS]).status().unwrap();
    assert!(simulated.success());
    let own = folder.path().join("own");
    std::fs::create_dir(&own).unwrap();
    let mut first = audit(&own).spawn().unwrap();
    while !own.join("out.partial/lock").exists() {
        assert!(first.try_wait().unwrap().is_none(), "the first run was over at once");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(100));
    let second = audit(&own).stderr(Stdio::piped()).output().unwrap();
    let words = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(73), "{words}");
    assert!(words.contains("another audit is writing here"), "{words}");
    assert_eq!(first.wait().unwrap().code(), Some(1));
    assert!(own.join("out/report.html").is_file());
}
