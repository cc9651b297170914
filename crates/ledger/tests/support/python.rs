//! Readers that are not ours, `tests/independent/*.py`, run by a `python3` that has the package they need.
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// `python3` that has `cryptography`, for the second reader of receipts and statements.
pub(crate) fn python() -> Option<PathBuf> {
    python_with("cryptography", "second-reader")
}

/// `python3` that has a package, in a virtual environment of this name if need be; nothing where there is none.
pub(crate) fn python_with(package: &str, name: &str) -> Option<PathBuf> {
    let has = |python: &Path| {
        let probe = Command::new(python).args(["-c", &format!("import {package}")]).output();
        probe.is_ok_and(|output| output.status.success())
    };
    let system = PathBuf::from("python3");
    if has(&system) {
        return Some(system);
    }
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let own = place.join("bin/python");
    if has(&own) {
        return Some(own);
    }
    let made = Command::new("python3").args(["-m", "venv"]).arg(&place).status().is_ok_and(|status| status.success());
    let install = || Command::new(&own).args(["-m", "pip", "install", "--quiet", package]).status();
    if made && install().is_ok_and(|status| status.success()) && has(&own) {
        return Some(own);
    }
    assert!(std::env::var_os("CI").is_none(), "this test needs python3 with `{package}`, and CI must have it");
    println!("skipped: no python3 with `{package}`");
    None
}

pub(crate) fn run(python: &Path, arguments: &[&Path]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent/verify.py");
    Command::new(python).arg(script).args(arguments).output().unwrap()
}
