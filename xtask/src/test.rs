//! One command that runs all that a change must pass, in the order in which a failure costs least.

use crate::{Findings, deny, readers, tidy};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Steps after tidy and deny: what it is called, and the cargo arguments. All of them choose packages with `--workspace`: with
/// `--package`, other features of shared dependencies are chosen and the query engine and the rule language are built once more.
const STEPS: [(&str, &[&str]); 6] = [
    ("fmt", &["fmt", "--all", "--check"]),
    ("clippy", &["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"]),
    ("docs", &["doc", "--workspace", "--no-deps", "--locked", "--quiet"]),
    ("tests", &["test", "--workspace", "--locked"]),
    // A workspace of its own: the checker chooses other features of what the query engine uses.
    ("models", &["test", "--manifest-path", "models/Cargo.toml", "--release", "--locked"]),
    // Apart, so that nobody who does not ask for it builds it.
    ("c2pa", &["test", "--workspace", "--features", "gongdao-label/c2pa", "--test", "credentials", "--locked"]),
];

/// What the program itself is asked, as the step `tests` built it.
const ASKED: [(&str, &[&str]); 2] = [("packs", &["pack", "check"]), ("cases", &["pack", "test"])];

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
        let mut cargo = Command::new("cargo");
        cargo.args(arguments).env("RUSTDOCFLAGS", "-D warnings");
        cargo.envs(interpreter.iter().map(|path| ("GONGDAO_PYTHON", path)));
        step(root, name, &mut cargo)?;
    }
    let built = built(root);
    for (name, arguments) in ASKED {
        step(root, name, Command::new(built.join("gongdao")).args(arguments))?;
    }
    for (name, script) in [
        ("calendar", "crates/clock/check.py"),
        // Takes minutes even where its libraries are there: the wheel is built apart, as its users build it.
        ("wheel", "crates/python/test.py"),
        ("api", "crates/web/test.py"),
        ("browser", "crates/web/browser/test.py"),
    ] {
        python(root, name, Command::new("python3").arg(script).env("GONGDAO_BUILT", &built))?;
    }
    Ok(Findings::new())
}

/// Where the tests' build left the programs.
fn built(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from).join("debug")
}

/// One command from the root, with what it took.
#[expect(clippy::print_stderr, reason = "a command line program speaks to its terminal")]
fn step(root: &Path, name: &str, command: &mut Command) -> Result<(), String> {
    eprintln!("== {name}: {}", words(command));
    let started = Instant::now();
    let status =
        command.current_dir(root).status().map_err(|error| format!("cannot run {}: {error}", words(command)))?;
    eprintln!("== {name}: {} s", started.elapsed().as_secs());
    if status.success() { Ok(()) } else { Err(format!("`{name}` failed; run `{}` alone to see more", words(command))) }
}

fn words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(std::ffi::OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// Checks that are Python: the calendar of working days beside others; the wheel; the API, held against its own document by
/// programs from outside; the pages in a real browser. Without Python they are skipped, but not on a build server.
#[expect(clippy::print_stderr, reason = "a command line program speaks to its terminal")]
fn python(root: &Path, name: &str, command: &mut Command) -> Result<(), String> {
    let there = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    if there || std::env::var_os("CI").is_some() {
        return step(root, name, command);
    }
    eprintln!("skipped: `{name}` needs python3");
    Ok(())
}
