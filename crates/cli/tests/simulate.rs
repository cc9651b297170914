//! `gongdao simulate`: what it makes, what it says, and that nothing half-made is left behind.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::path::Path;
use std::process::{Command, Output};

fn simulate(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongdao"));
    command.current_dir(folder).arg("simulate").args(arguments).env_clear().env("NO_COLOR", "1").output().unwrap()
}

/// Names in a folder, hidden ones too, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Figures change whenever the city does; the words stay.
fn without_figures(text: &str) -> String {
    let mut words = String::new();
    for c in text.chars() {
        if !c.is_ascii_digit() {
            words.push(c);
        } else if !words.ends_with('N') {
            words.push('N');
        }
    }
    words
}

#[test]
fn the_city_stands_whole_and_the_next_step_is_named() {
    for lang in ["zh", "en"] {
        let folder = tempfile::tempdir().unwrap();
        let output = simulate(folder.path(), &["--decisions", "2000", "--lang", lang]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(names(folder.path()), ["city"]);
        for file in ["adapter.toml", "decisions.csv", "truth.csv", "truth-measures.toml"] {
            assert!(folder.path().join("city").join(file).is_file(), "{file}");
        }
        let said = without_figures(&String::from_utf8(output.stdout).unwrap());
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(format!("made-{lang}"), said);
        });
    }
}

#[test]
fn programs_get_the_figures_and_equal_seeds_give_equal_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let made = |out: &str, seed: &str| {
        let output = simulate(folder.path(), &["--out", out, "--orders", "400", "--seed", seed, "--format", "json"]);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = std::fs::read_to_string(folder.path().join(out).join("decisions.csv")).unwrap();
        let rows = text.lines().count() as u64 - 1;
        assert_eq!(json["decisions"].as_u64(), Some(rows));
        assert_eq!(json["next"].as_str().unwrap(), format!("gongdao audit {out}/adapter.toml"));
        text
    };
    let first = made("first", "7");
    assert_eq!(first, made("deeper/again", "7"));
    assert_ne!(first, made("other", "8"));
}

#[test]
fn a_folder_with_something_in_it_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let occupied = folder.path().join("mine");
    std::fs::create_dir(&occupied).unwrap();
    assert!(
        simulate(folder.path(), &["--out", "mine", "--orders", "400"]).status.success(),
        "an empty folder is taken"
    );
    let before = std::fs::read(occupied.join("decisions.csv")).unwrap();
    std::fs::write(folder.path().join("file"), "text").unwrap();
    for (lang, out) in [("zh", "mine"), ("en", "mine"), ("en", "file")] {
        let output = simulate(folder.path(), &["--out", out, "--orders", "400", "--seed", "2", "--lang", lang]);
        assert_eq!(output.status.code(), Some(65), "{out}");
        let said = String::from_utf8(output.stderr).unwrap();
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(format!("occupied-{out}-{lang}"), said);
        });
    }
    assert_eq!(std::fs::read(occupied.join("decisions.csv")).unwrap(), before);
    assert_eq!(names(folder.path()), ["file", "mine"]);
}

#[test]
fn settings_without_a_city_are_refused_before_anything_is_written() {
    let rows: [&[&str]; 5] = [
        &["--orders", "0"],
        &["--days", "0"],
        &["--from", "13.10.2025"],
        &["--orders", "400", "--decisions", "2000"],
        &["--couriers", "-1"],
    ];
    for arguments in rows {
        let folder = tempfile::tempdir().unwrap();
        let output = simulate(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(64), "{arguments:?}");
        assert!(!output.stderr.is_empty() && output.stdout.is_empty(), "{arguments:?}");
        assert!(names(folder.path()).is_empty(), "{arguments:?}");
    }
}
