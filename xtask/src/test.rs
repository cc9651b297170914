//! One command that runs all that a change must pass, in the order in which a failure costs least.

use crate::{Findings, deny, readers, tidy};
use std::path::Path;
use std::process::Command;

/// Steps after tidy and deny: what it is called, and the cargo arguments.
const STEPS: [(&str, &[&str]); 7] = [
    ("fmt", &["fmt", "--all", "--check"]),
    ("clippy", &["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"]),
    ("docs", &["doc", "--workspace", "--no-deps", "--locked", "--quiet"]),
    ("tests", &["test", "--workspace", "--locked"]),
    // Apart, so that nobody who does not ask for it builds it.
    ("c2pa", &["test", "--package", "gongdao-label", "--features", "c2pa", "--test", "credentials", "--locked"]),
    ("packs", &["run", "--locked", "--quiet", "--package", "gongdao-cli", "--", "pack", "check"]),
    ("cases", &["run", "--locked", "--quiet", "--package", "gongdao-cli", "--", "pack", "test"]),
];

/// Run everything; stops at the first step that fails.
#[expect(clippy::print_stderr, reason = "a command line program speaks to its terminal")]
pub(crate) fn run(root: &Path) -> Result<Findings, String> {
    for (name, chore) in [("tidy", tidy::run as fn(&Path) -> _), ("deny", deny::run)] {
        eprintln!("== {name}");
        let findings: Findings = chore(root)?;
        if !findings.is_empty() {
            return Ok(findings);
        }
    }
    let interpreter = readers::install(root)?;
    for (name, arguments) in STEPS {
        eprintln!("== {name}: cargo {}", arguments.join(" "));
        let status = Command::new("cargo")
            .args(arguments)
            .current_dir(root)
            .env("RUSTDOCFLAGS", "-D warnings")
            .envs(interpreter.iter().map(|path| ("GONGDAO_PYTHON", path)))
            .status()
            .map_err(|error| format!("cannot run cargo: {error}"))?;
        if !status.success() {
            return Err(format!("`{name}` failed; run `cargo {}` alone to see more", arguments.join(" ")));
        }
    }
    python(root, "calendar", "crates/clock/check.py")?;
    python(root, "wheel", "crates/python/test.py")?;
    python(root, "api", "crates/web/test.py")?;
    Ok(Findings::new())
}

/// Checks that are Python: the calendar of working days beside others; the wheel, which takes about three minutes once its
/// libraries are there; the API, held against its own document by programs from outside. Without Python they are skipped,
/// but not on a build server.
#[expect(clippy::print_stderr, reason = "a command line program speaks to its terminal")]
fn python(root: &Path, name: &str, script: &str) -> Result<(), String> {
    eprintln!("== {name}: python3 {script}");
    match Command::new("python3").arg(script).current_dir(root).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("`{name}` failed; run `python3 {script}` alone to see more")),
        Err(error) if std::env::var_os("CI").is_some() => Err(format!("cannot run python3: {error}")),
        Err(error) => {
            eprintln!("skipped: `{name}` needs python3: {error}");
            Ok(())
        }
    }
}
