//! One command that runs all that a change must pass, in the order in which a failure costs least.

use crate::{Findings, deny, tidy};
use std::path::Path;
use std::process::Command;

/// Steps after tidy and deny: what it is called, and the cargo arguments.
const STEPS: [(&str, &[&str]); 6] = [
    ("fmt", &["fmt", "--all", "--check"]),
    ("clippy", &["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"]),
    ("docs", &["doc", "--workspace", "--no-deps", "--locked", "--quiet"]),
    ("tests", &["test", "--workspace", "--locked"]),
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
    for (name, arguments) in STEPS {
        eprintln!("== {name}: cargo {}", arguments.join(" "));
        let status = Command::new("cargo")
            .args(arguments)
            .current_dir(root)
            .env("RUSTDOCFLAGS", "-D warnings")
            .status()
            .map_err(|error| format!("cannot run cargo: {error}"))?;
        if !status.success() {
            return Err(format!("`{name}` failed; run `cargo {}` alone to see more", arguments.join(" ")));
        }
    }
    wheel(root)?;
    Ok(Findings::new())
}

/// Build the Python wheel, install it and test it; takes about three minutes once its libraries are there. Without
/// Python it is skipped, but not on a build server.
#[expect(clippy::print_stderr, reason = "a command line program speaks to its terminal")]
fn wheel(root: &Path) -> Result<(), String> {
    eprintln!("== wheel: python3 crates/python/test.py");
    match Command::new("python3").arg("crates/python/test.py").current_dir(root).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("`wheel` failed; run `python3 crates/python/test.py` alone to see more".to_owned()),
        Err(error) if std::env::var_os("CI").is_some() => Err(format!("cannot run python3: {error}")),
        Err(error) => {
            eprintln!("skipped: the wheel's tests need python3: {error}");
            Ok(())
        }
    }
}
