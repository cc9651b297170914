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
    Ok(Findings::new())
}
