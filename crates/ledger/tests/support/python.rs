//! The second reader: `tests/independent/verify.py`, run by a `python3` that has `cryptography`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// `python3` that has `cryptography`, or nothing where there is none.
pub(crate) fn python() -> Option<PathBuf> {
    let has = |python: &Path| {
        let probe = Command::new(python).args(["-c", "import cryptography"]).output();
        probe.is_ok_and(|output| output.status.success())
    };
    let system = PathBuf::from("python3");
    if has(&system) {
        return Some(system);
    }
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("second-reader");
    let own = place.join("bin/python");
    let made = Command::new("python3").args(["-m", "venv"]).arg(&place).status().is_ok_and(|status| status.success());
    let install = || Command::new(&own).args(["-m", "pip", "install", "--quiet", "cryptography"]).status();
    if made && install().is_ok_and(|status| status.success()) && has(&own) {
        return Some(own);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "the second reader needs python3 with `cryptography`, and CI must have it"
    );
    println!("skipped: no python3 with `cryptography`");
    None
}

pub(crate) fn run(python: &Path, arguments: &[&Path]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent/verify.py");
    Command::new(python).arg(script).args(arguments).output().unwrap()
}
