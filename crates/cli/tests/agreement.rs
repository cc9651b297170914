//! The example of a collective agreement is signed by both of its parties, and `pack check` sees it when it is not.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::path::Path;
use std::process::Command;

const FOLDER: &str = "agreements/example-couriers";

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Exit code and the problems that name the agreement.
fn check(packs: &Path) -> (i32, Vec<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongdao"));
    let output = command.args(["pack", "check", "--format", "json", "--packs"]).arg(packs).output().unwrap();
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let problems = found["problems"].as_array().unwrap().iter().map(|problem| problem["message"].as_str().unwrap());
    let own = problems.filter(|message| message.contains("agreements.")).map(str::to_owned).collect();
    (output.status.code().unwrap(), own)
}

#[test]
fn both_signatures_count_and_each_is_missed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = tempfile::tempdir().unwrap();
    copy(&root.join("packs"), folder.path());
    copy(&root.join("docs/examples/collective-agreement"), &folder.path().join(FOLDER));
    assert_eq!(check(folder.path()), (0, Vec::new()));

    let note = folder.path().join(FOLDER).join("agreement.note");
    let signed = std::fs::read_to_string(&note).unwrap();
    let lines: Vec<&str> = signed.lines().filter(|line| line.starts_with("— ")).collect();
    assert_eq!(lines.len(), 2, "{signed}");
    for line in lines {
        std::fs::write(&note, signed.replace(&format!("{line}\n"), "")).unwrap();
        let (code, problems) = check(folder.path());
        assert_eq!((code, problems.len()), (1, 1), "{problems:?}");
        assert!(problems[0].contains("has not signed"), "{problems:?}");
    }
    std::fs::remove_file(&note).unwrap();
    let (code, problems) = check(folder.path());
    assert_eq!(code, 1);
    assert!(problems[0].contains("is not signed"), "{problems:?}");
}
