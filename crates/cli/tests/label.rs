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
        self.gongdao(&[&["label"], arguments, &["--lang", "en"]].concat())
    }

    fn gongdao(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gongdao"));
        let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
        let output: Output = command.current_dir(&self.0).args(arguments).env("GONGDAO_PACKS", packs).output().unwrap();
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

#[test]
fn issued_labels_are_logged_and_found_again() {
    fn write<'a>(more: &[&'a str]) -> Vec<&'a str> {
        [&["write", "a.md"], more, &["--ledger", "issued", "--ledger-key", "issued.key"]].concat()
    }
    let folder = Folder::new("issued");
    let (code, _, error) =
        folder.gongdao(&["ledger", "init", "issued", "--origin", "labels.example/issued", "--key", "issued.key"]);
    assert_eq!(code, 0, "{error}");
    let producer = ["--producer", PRODUCER, "--produce-id", "n-1"];
    folder.check(
        &write(&["--propagator", PLATFORM, "--propagate-id", "1", "--code", "3"]),
        64,
        "a platform’s own number",
    );
    folder.check(
        &["write", "a.md", "--producer", PRODUCER, "--produce-id", "1", "--ledger", "issued"],
        64,
        "--ledger-key",
    );
    folder.check(&["compare", "a.md", "--ledger", "issued"], 0, "compared with 0 labels");
    folder.check(&write(&producer), 0, "logged as issued, at place 0");
    let (code, _, error) = folder.gongdao(&["ledger", "fsck", "issued"]);
    assert_eq!(code, 0, "{error}");
    folder.check(&["compare", "a.md", "--ledger", "issued"], 0, "the very file that was issued");
    std::fs::write(folder.0.join("bare.md"), "# Title\n\nText\n").unwrap();
    folder.check(&["compare", "bare.md", "--ledger", "issued"], 0, "that shows nothing");
    let text = std::fs::read_to_string(folder.0.join("a.md")).unwrap();
    std::fs::write(folder.0.join("changed.md"), text.replace(PRODUCER, PLATFORM)).unwrap();
    let said = folder.check(&["compare", "changed.md", "--ledger", "issued"], 1, "a person should look");
    assert!(said.contains("with other values") && said.contains("does not show who"), "{said}");
    let json = folder.check(&["compare", "changed.md", "--ledger", "issued", "--format", "json"], 1, "wantsALook");
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((value["issued"].as_u64(), value["signs"][0]["sign"].as_str()), (Some(1), Some("label-changed")));
    // The label is refused before the ledger is touched, and a ledger that is not there before the file is.
    folder.check(&write(&["--producer", PRODUCER, "--produce-id", "1 2"]), 65, "annex E j)");
    let before = std::fs::read(folder.0.join("bare.md")).unwrap();
    let elsewhere = ["--ledger", "nowhere", "--ledger-key", "issued.key"];
    folder.check(&[&["write", "bare.md"], &producer[..], &elsewhere].concat(), 65, "the folder holds no ledger");
    assert_eq!(std::fs::read(folder.0.join("bare.md")).unwrap(), before);
}

/// What `gongdao check` says of a provision.
fn verdict(folder: &Folder, record: &str, provision: &str) -> String {
    std::fs::write(folder.0.join("checked.json"), record).unwrap();
    let arguments = ["check", "checked.json", "--format", "json", "--include", "not-applicable"];
    let (_, out, error) = folder.gongdao(&arguments);
    let value: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{error}"));
    let list = value["evaluation"]["provisions"].as_array().unwrap_or_else(|| panic!("{out}"));
    let found = list.iter().find(|one| one["provision"] == provision).unwrap_or_else(|| panic!("{provision}: {out}"));
    // Where the text is open, the stricter reading stands first.
    found["by_reading"][0][1].as_str().unwrap_or_else(|| panic!("{found}")).to_owned()
}

#[test]
fn a_file_is_judged_by_what_its_labels_say() {
    let folder = Folder::new("facts");
    let made = r#"{"id":"d-1","at":"2026-01-05T12:00:00+08:00","action":"generate","principal":{"category":"generation"},
        "context":{"synthesisKind":"dialogue-writing","exportOffered":true}}"#;
    std::fs::write(folder.0.join("made.json"), made).unwrap();
    let facts = ["facts", "a.md", "--record", "made.json"];
    let record = folder.check(&facts, 0, "\"embeddedLabelItems\": []");
    assert_eq!(verdict(&folder, &record, "cn.labelling-measures/5/1"), "violated");
    assert_eq!(verdict(&folder, &record, "cn.deep-synthesis/16"), "undetermined");
    folder.check(&["write", "a.md", "--visible", "--producer", PRODUCER, "--produce-id", "n-1"], 0, "written");
    let record = folder.check(&facts, 0, "visibleLabelPlaces");
    for provision in ["cn.labelling-measures/5/1", "cn.labelling-measures/4/1", "cn.labelling-measures/4/2"] {
        assert_eq!(verdict(&folder, &record, provision), "satisfied", "{provision}: {record}");
    }

    let shown = r#"{"id":"d-2","at":"2026-01-05T12:00:00+08:00","action":"disseminate",
        "principal":{"disseminationService":true},"context":{"surroundingLabel":"generated"}}"#;
    std::fs::write(folder.0.join("shown.json"), shown).unwrap();
    let spread = ["facts", "a.md", "--record", "shown.json", "--detected", "nothing"];
    let published = |file| [&spread[..], &["--published", file, "--platform", PLATFORM]].concat();
    let record = folder.check(&published("a.md"), 0, "\"disseminationItems\": []");
    assert_eq!(verdict(&folder, &record, "cn.labelling-measures/6/1/1"), "satisfied");
    assert_eq!(verdict(&folder, &record, "cn.labelling-measures/6/2"), "violated");
    let own = ["--propagator", PLATFORM, "--propagate-id", "7", "--out", "b.md"];
    folder.check(&[&["write", "a.md"], &own[..]].concat(), 0, "written");
    let record = folder.check(&published("b.md"), 0, "platform");
    assert_eq!(verdict(&folder, &record, "cn.labelling-measures/6/2"), "satisfied");

    // A record that says otherwise than the file, and one that no file can tell about.
    std::fs::write(
        folder.0.join("shown.json"),
        shown.replace("\"surroundingLabel\"", "\"metadataLabel\":\"none\",\"surroundingLabel\""),
    )
    .unwrap();
    folder.check(&spread, 65, "the record says context.metadataLabel is");
    std::fs::write(folder.0.join("shown.json"), shown.replace("disseminate", "price")).unwrap();
    folder.check(&spread, 65, "not for price");
    std::fs::write(folder.0.join("shown.json"), "{").unwrap();
    folder.check(&spread, 65, "decision.md");
    folder.check(&["facts", "none.md", "--record", "made.json"], 66, "error");
}

/// Without the feature nothing pretends to sign or to verify.
#[cfg(not(feature = "c2pa"))]
#[test]
fn a_program_without_c2pa_says_so() {
    let folder = Folder::new("no-c2pa");
    std::fs::write(folder.0.join("pem"), "").unwrap();
    let write =
        ["write", "a.md", "--producer", PRODUCER, "--produce-id", "1", "--c2pa-cert", "pem", "--c2pa-key", "pem"];
    folder.check(&write, 65, "built without C2PA");
    assert_eq!(std::fs::read_to_string(folder.0.join("a.md")).unwrap(), "# Title\n\nText\n");
    folder.check(&["verify", "a.md", "--c2pa-anchors", "pem"], 65, "built without C2PA");
    folder.check(
        &["write", "a.md", "--producer", PRODUCER, "--produce-id", "1", "--c2pa-cert", "pem"],
        64,
        "--c2pa-key",
    );
}
