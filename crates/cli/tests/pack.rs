//! `gongdao pack` as its users meet it: what it prints, what it writes, and its exit codes.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "../../pack/tests/support/mod.rs"]
mod support;

use std::path::Path;
use std::process::Command;
use support::{Files, manifest};
use tempfile::TempDir;

/// A folder with `packs` and the `texts` that they were written for.
struct Folder(TempDir);

impl Folder {
    fn of(files: &Files) -> Self {
        let folder = tempfile::tempdir().unwrap();
        files.save(&folder.path().join("packs"));
        let texts = folder.path().join("texts");
        std::fs::create_dir(&texts).unwrap();
        std::fs::copy(manifest("../pack/tests/texts/example.zh.md"), texts.join("example.zh.md")).unwrap();
        Self(folder)
    }

    fn good() -> Self {
        Self::of(&Files::good())
    }

    fn path(&self, relative: &str) -> std::path::PathBuf {
        self.0.path().join(relative)
    }

    fn text(&self, relative: &str) -> String {
        std::fs::read_to_string(self.path(relative)).unwrap()
    }

    fn replace(&self, relative: &str, from: &str, to: &str) {
        let text = self.text(relative);
        assert!(text.contains(from), "`{from}` is not in {relative}");
        std::fs::write(self.path(relative), text.replacen(from, to, 1)).unwrap();
    }

    /// Run `gongdao pack …` in the folder: exit code, standard output, standard error.
    fn run(&self, arguments: &str) -> (i32, String, String) {
        run_in(self.0.path(), &format!("pack {arguments}"))
    }

    /// The exit code and all that was printed, output before errors.
    fn page(&self, arguments: &str) -> String {
        let (code, out, err) = self.run(arguments);
        format!("{out}{err}exit {code}")
    }

    fn check(&self, arguments: &str, expected: &str) {
        assert_eq!(self.page(arguments), expected, "gongdao pack {arguments}");
    }

    fn json(&self, arguments: &str) -> (i32, serde_json::Value) {
        let (code, out, err) = self.run(&format!("{arguments} --format json"));
        assert_eq!(err, "", "programs read standard output");
        (code, serde_json::from_str(&out).unwrap())
    }
}

fn run_in(folder: &Path, arguments: &str) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gongdao"))
        .current_dir(folder)
        .env_clear()
        .args(arguments.split_whitespace())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn check_counts_what_it_looked_at() {
    let folder = Folder::good();
    folder.check("check", "1 pack, 7 provisions, 7 rule versions: 0 errors, 0 warnings\nexit 0");
    folder.check("check cn/example", "1 pack, 7 provisions, 7 rule versions: 0 errors, 0 warnings\nexit 0");
}

#[test]
fn check_names_file_line_and_what_to_do() {
    let folder = Folder::good();
    folder.replace("packs/cn/example/rules/art-1@2022-03-01.cedar", "@effect(\"hold\")", "@effect(\"explode\")");
    folder.replace("packs/cn/example/parameters.toml", "until = 2024-01-01", "until = 2024-01-02");
    let page = folder.page("check");
    let expected = "\
cn/example/parameters.toml:15: error: two values of `limitMinutes` hold on 2024-01-01: this and cn/example/parameters.toml:9
    hint: end the earlier one with `until`, or give one of them a narrower place
cn/example/rules/art-1@2022-03-01.cedar:2: error: `@effect` is `explode`
    hint: use duties, non-personalised, hold or stop
1 pack, 7 provisions, 6 rule versions: 2 errors, 0 warnings
exit 1";
    assert_eq!(page, expected);
    let (code, json) = folder.json("check");
    assert_eq!(code, 1);
    assert_eq!(json["rule_versions"], 6);
    assert_eq!(json["problems"][1]["file"], "cn/example/rules/art-1@2022-03-01.cedar");
    assert_eq!(json["problems"][1]["line"], 2);
    assert_eq!(json["problems"][1]["hint"], "use duties, non-personalised, hold or stop");
    folder.check(
        "check rules/",
        "\
cn/example/rules/art-1@2022-03-01.cedar:2: error: `@effect` is `explode`
    hint: use duties, non-personalised, hold or stop
1 pack, 7 provisions, 6 rule versions: 1 error, 0 warnings
exit 1",
    );
}

#[test]
fn coverage_counts_and_finds_what_of_a_list_is_missing() {
    let folder = Folder::good();
    let (code, json) = folder.json("coverage");
    assert_eq!((code, &json["complete"], &json["against_list"]), (0, &true.into(), &false.into()));
    assert_eq!(json["instruments"][0]["provisions"], 7);
    let line = |reference: &str| format!("- example · {reference} · a · b · duty · c · d · e · f · g · verified\n");
    std::fs::write(folder.path("list.md"), line("art.2") + &line("art.9(1)")).unwrap();
    let (code, json) = folder.json("coverage --against list.md");
    assert_eq!((code, &json["complete"], &json["instruments"][0]["lines"]), (1, &false.into(), &2.into()));
    assert_eq!(json["instruments"][0]["missing"][0]["wanted"], "cn.example/9/1");
    assert!(folder.page("coverage --against list.md").contains("missing: `cn.example/9/1`, line 2 (art.9(1))"));
    assert_eq!(folder.run("coverage --against nowhere.md").0, 1);
}

#[test]
fn a_slip_in_a_filter_or_a_folder_is_no_success() {
    let folder = Folder::good();
    let no =
        |what: &str| format!("error: no {what} contains `pipl`\n    hint: leave the filter out to see all\nexit 64");
    folder.check("check pipl", &no("path"));
    folder.check("test pipl", &no("rule with cases"));
    folder.check("freeze pipl", &no("pack"));
    folder.check("digests --texts texts pipl", &no("pack"));
    folder.check(
        "test --packs nowhere",
        "nowhere: error: cannot read the packs folder: there is none\n    hint: name the folder that holds the packs\nexit 1",
    );
    folder.check(
        "check --packs texts",
        "vocabulary.cedarschema: error: the file is missing\n    hint: see docs/formats/pack.md\n\
         0 packs, 0 provisions, 0 rule versions: 1 error, 0 warnings\nexit 1",
    );
    let (code, _, err) = folder.run("check --colour-me");
    assert_eq!(code, 64);
    assert!(err.contains("unexpected argument '--colour-me'"), "{err}");
}

#[test]
fn test_prints_a_difference_that_can_be_read() {
    let folder = Folder::good();
    folder.check("test", "38 cases, 0 differences\nexit 0");
    folder.check("test example/2", "11 cases, 0 differences\nexit 0");
    let cases = "packs/cn/example/rules/art-1@2024-01-01.cases.toml";
    folder.replace(cases, "missing = \"principal.filed\"", "missing = \"context.minutes\"");
    folder.check(
        "test",
        "\
cn/example/rules/art-1@2024-01-01.cases.toml:22: cn.example/1#limit: filing not recorded
    given     dispatch at 2024-05-01T12:00:00+08:00
              context.minutes = 200
    expected  undetermined: missing fact `context.minutes`
    got       undetermined: missing fact `principal.filed`
38 cases, 1 difference
exit 1",
    );
    let (code, json) = folder.json("test");
    assert_eq!(code, 1);
    assert_eq!(json["cases"], 38);
    let row = &json["differences"][0];
    assert_eq!(row["given"], serde_json::json!({ "context.minutes": 200 }));
    assert_eq!(row["got"], "undetermined: missing fact `principal.filed`");
}

#[test]
fn broken_packs_are_told_to_programs_as_well() {
    let folder = Folder::good();
    folder.replace("packs/cn/example/provisions.toml", "kind", "kin");
    for command in ["test", "freeze", "digests --texts texts"] {
        let (code, json) = folder.json(command);
        assert_eq!(code, 1, "{command}");
        assert_eq!(json[0]["line"], 3, "{command}");
        assert!(json[0]["message"].as_str().unwrap().starts_with("unknown field `kin`"), "{command}");
    }
}

#[test]
fn new_begins_a_pack_that_passes_once_it_is_filled_in() {
    let folder = Folder::good();
    let begun = "\
began packs/cn-sz/couriers
next: fill in instrument.toml and provisions.toml, then `gongdao pack check cn-sz/couriers`
exit 0";
    folder.check("new cn-sz/couriers --title-zh 骑手 --title-en Couriers --effective 2026-01-01", begun);
    folder.check(
        "check cn-sz",
        "\
cn-sz/couriers/instrument.toml: error: `issuers` is empty
    hint: say who issued the instrument
cn-sz/couriers/instrument.toml: error: `level` is empty
    hint: fill it in
cn-sz/couriers/provisions.toml: error: the pack has no provision
    hint: add `[[provision]]`
2 packs, 7 provisions, 7 rule versions: 3 errors, 0 warnings
exit 1",
    );
    let pack = "packs/cn-sz/couriers";
    folder.replace(&format!("{pack}/instrument.toml"), "issuers = []", "issuers = [\"council\"]");
    folder.replace(&format!("{pack}/instrument.toml"), "level = \"\"", "level = \"local regulation\"");
    // The commented examples are complete: taking the marks away makes entries.
    for file in ["provisions.toml", "no-rule.toml"] {
        let path = format!("{pack}/{file}");
        let text = folder.text(&path);
        let entries: Vec<&str> = text.lines().skip(1).map(|line| line.trim_start_matches("# ")).collect();
        std::fs::write(folder.path(&path), entries.join("\n")).unwrap();
    }
    folder.check("check", "2 packs, 8 provisions, 7 rule versions: 0 errors, 0 warnings\nexit 0");
}

#[test]
fn new_writes_nothing_where_it_refuses() {
    let folder = Folder::good();
    let before = folder.text("packs/cn/example/instrument.toml");
    folder.check(
        "new cn/example",
        "cn/example: error: the pack `cn.example` is there already\n    hint: choose another slug, or edit the pack\nexit 1",
    );
    assert_eq!(folder.text("packs/cn/example/instrument.toml"), before);
    for wrong in ["pipl", "CN/pipl", "../up", "cn/a/b", "cn/"] {
        let (code, _, err) = folder.run(&format!("new {wrong}"));
        assert_eq!(code, 64, "{wrong}");
        assert!(err.contains("is not a pack; write it like `cn/pipl`"), "{err}");
    }
    let (code, _, err) = folder.run("new cn/later --effective tomorrow");
    assert_eq!(code, 64);
    assert!(err.contains("`tomorrow` is not a date; write it like `2022-03-01`"), "{err}");
    let names: Vec<_> = std::fs::read_dir(folder.path("packs/cn")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["example"], "no half of a pack stays behind");
}

#[test]
fn new_answers_programs() {
    let (code, json) = Folder::good().json("new cn/other");
    assert_eq!(code, 0);
    assert_eq!(json, serde_json::json!({ "instrument": "cn.other", "folder": "packs/cn/other" }));
}

#[test]
fn digests_are_compared_written_and_then_fresh() {
    let folder = Folder::good();
    let page = folder.page("digests --texts texts");
    assert!(page.starts_with("cn/example/provisions.toml:2: cn.example/1 missing\n"), "{page}");
    assert!(page.ends_with("cn.example: 7 digests, 7 not fresh\nexit 1"), "{page}");
    folder.check("digests --texts texts --write", "cn.example: 7 digests, 7 written\nexit 0");
    folder.check("digests --texts texts", "cn.example: 7 digests, 0 not fresh\nexit 0");
    folder.check("check --texts texts", "1 pack, 7 provisions, 7 rule versions: 0 errors, 0 warnings\nexit 0");
    folder.replace("texts/example.zh.md", "不得派单", "可以派单");
    folder.check(
        "digests --texts texts",
        "cn/example/provisions.toml:2: cn.example/1 changed\ncn.example: 7 digests, 1 not fresh\nexit 1",
    );
    let (code, json) = folder.json("digests --texts texts");
    assert_eq!(code, 1);
    let row = &json["packs"][0]["digests"][0];
    assert_eq!((&row["article"], &row["state"]), (&"1".into(), &"changed".into()));
    assert_ne!(row["kept"], row["found"]);
    folder.check(
        "check --texts texts",
        "\
cn/example/provisions.toml:2: error: article 1 is not the one that `cn.example/1` was written for
    hint: read the new text, correct the provision, then run `gongdao pack digests --texts DIR --write`
1 pack, 7 provisions, 7 rule versions: 1 error, 0 warnings
exit 1",
    );
}

#[test]
fn digests_of_articles_that_are_not_there_are_not_written() {
    let folder = Folder::good();
    folder.replace("texts/example.zh.md", "第五条", "第六条");
    let before = folder.text("packs/cn/example/provisions.toml");
    folder.check(
        "digests --texts texts --write",
        "\
cn/example/provisions.toml:56: error: the imported text has no article 5, which `cn.example/5` cites
    hint: correct the number, or import the whole text
exit 1",
    );
    assert_eq!(folder.text("packs/cn/example/provisions.toml"), before);
    folder.check(
        "digests --texts nowhere",
        "\
cn/example/instrument.toml: error: cannot read the imported text `example.zh.md`: there is none
    hint: name the folder of the imported texts, and the file in `text`
exit 1",
    );
}

#[test]
fn freeze_closes_the_rule_files() {
    let folder = Folder::good();
    folder.check("freeze cn/example", "cn.example: 4 rule files frozen\nexit 0");
    let lock = folder.text("packs/cn/example/pack.lock");
    assert!(lock.contains("path = \"rules/art-1@2022-03-01.cedar\"\ndigest = \"sha256:"), "{lock}");
    folder.check("freeze", "cn.example: 4 rule files frozen already\nexit 0");
    folder.replace("packs/cn/example/rules/art-1@2022-03-01.cedar", "\"hold\"", "\"stop\"");
    let closed = "\
cn/example/rules/art-1@2022-03-01.cedar: error: a released file is closed, and this one was changed
    hint: restore it, and add a new file with the new date
";
    folder.check("freeze", &format!("{closed}exit 1"));
    folder.check("check", &format!("{closed}1 pack, 7 provisions, 7 rule versions: 1 error, 0 warnings\nexit 1"));
    assert_eq!(folder.text("packs/cn/example/pack.lock"), lock);
}

#[test]
fn freeze_refuses_a_pack_in_which_something_is_wrong() {
    let folder = Folder::of(&Files::good().without("cn/example/no-rule.toml"));
    let (code, json) = folder.json("freeze");
    assert_eq!(code, 1);
    assert_eq!(json[0]["file"], "cn/example/provisions.toml");
    assert!(!folder.path("packs/cn/example/pack.lock").exists());
    let (code, json) = Folder::good().json("freeze");
    assert_eq!(code, 0);
    let row = serde_json::json!(
        { "instrument": "cn.example", "lock": "cn/example/pack.lock", "files": 4, "changed": true }
    );
    assert_eq!(json, serde_json::json!([row]));
}

#[test]
fn each_help_has_examples_and_exit_codes() {
    let folder = Folder::good();
    for command in ["check", "test", "new", "digests", "freeze"] {
        let (code, help, _) = folder.run(&format!("{command} --help"));
        assert_eq!(code, 0);
        for wanted in
            ["Examples:\n", &format!("  gongdao pack {command}"), "Exit code: 0 ", "64 wrong arguments", "--format"]
        {
            assert!(help.contains(wanted), "{command}: no `{wanted}` in\n{help}");
        }
    }
}
