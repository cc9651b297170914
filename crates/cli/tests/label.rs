//! `gongdao label` as people and programs meet it: what it prints and its exit codes. The texts of readings and decisions are
//! snapshots of `gongdao-label`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PRODUCER: &str = "001191110102MACQD9K64010000";
const PLATFORM: &str = "001191110102MACQD9K64020000";

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("label-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("a.md"), "# Title\n\nText\n").unwrap();
        Self(folder)
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gongdao"));
        let output: Output =
            command.current_dir(&self.0).arg("label").args(arguments).args(["--lang", "en"]).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    fn check(&self, arguments: &[&str], code: i32, words: &str) -> String {
        let (found, out, error) = self.run(arguments);
        assert!(
            found == code && (out.contains(words) || error.contains(words)),
            "{arguments:?}: {found}\n{out}{error}"
        );
        out
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn a_label_is_written_read_verified_and_spread() {
    let folder = Folder::new("life");
    folder.check(&["verify", "a.md"], 2, "no embedded label found");
    folder.check(
        &["write", "a.md", "--visible", "--producer", PRODUCER, "--produce-id", "n-1"],
        0,
        "written and read back",
    );
    let text = std::fs::read_to_string(folder.0.join("a.md")).unwrap();
    assert!(text.ends_with("(AI生成)\n") && text.contains("# Title\n\nText\n"), "{text}");
    folder.check(&["verify", "a.md", "--visible"], 0, "visible label in lines");
    let json = folder.check(&["read", "a.md", "--format", "json"], 0, "\"ProduceID\": \"n-1\"");
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["labels"][0]["place"]["field"], "front matter AIGC");
    folder.check(
        &["decide", "a.md", "--propagator", PLATFORM, "--propagate-id", "7"],
        0,
        "cn.labelling-measures/6/1/1",
    );
    folder.check(&["write", "a.md", "--propagator", PLATFORM, "--propagate-id", "7"], 0, "1 label(s)");
    folder.check(&["read", "a.md"], 0, PLATFORM);
    let left: Vec<_> = std::fs::read_dir(&folder.0).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing but the file is left: {left:?}");
}

#[test]
fn what_cannot_be_done_is_said() {
    let folder = Folder::new("faults");
    std::fs::write(folder.0.join("a.bmp"), "BM").unwrap();
    folder.check(&["write", "a.md"], 64, "nothing says which label to write");
    folder.check(&["write", "none.md", "--producer", PRODUCER, "--produce-id", "1"], 66, "error");
    folder.check(&["write", "a.md", "--producer", PRODUCER, "--produce-id", "1 2"], 65, "annex E j)");
    folder.check(&["write", "a.md", "--propagator", PLATFORM, "--propagate-id", "1"], 65, "no clear label");
    folder.check(&["read", "a.bmp"], 65, "BMP");
    folder.check(&["decide", "a.md"], 2, "cannot tell");
    folder.check(&["decide", "a.md", "--detected", "nothing", "--format", "json"], 0, "\"status\": \"none\"");
}

#[test]
fn a_folder_is_scanned_and_goes_on() {
    let folder = Folder::new("scan");
    std::fs::create_dir(folder.0.join("in")).unwrap();
    std::fs::rename(folder.0.join("a.md"), folder.0.join("in/a.md")).unwrap();
    std::fs::write(folder.0.join("in/b.md"), "---\nAIGC:\n  Label: AIGC\n---\n").unwrap();
    let arguments = ["scan", "in", "--journal", "j.jsonl", "--sarif", "s.sarif", "--quiet"];
    folder.check(&arguments, 1, "2 files: 0 conform, 1 do not, 1 have no label");
    folder.check(&arguments, 1, "2 of them taken from the last run");
    let sarif: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.0.join("s.sarif")).unwrap()).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
}
