//! One command that runs all that a change must pass, in the order in which a failure costs least.

use crate::{Findings, deny, readers, rustdoc, tidy};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Steps after tidy and deny: what it is called, and the cargo arguments. All of them choose packages with `--workspace`: with
/// `--package`, other features of shared dependencies are chosen and the query engine and the rule language are built once more.
const STEPS: [(&str, &[&str]); 4] = [
    ("fmt", &["fmt", "--all", "--check"]),
    ("tests, clippy, docs", &["test", "--workspace", "--locked", "--no-fail-fast"]),
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
    room(root)?;
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
        cargo.args(arguments);
        // The models are looked at with the compiler's own warnings alone: nothing of the workspace is built there.
        if arguments.contains(&"--workspace") {
            look_closer(&mut cargo)?;
        }
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
        let mut script_of = Command::new("python3");
        script_of.arg(script).env("GONGDAO_BUILT", &built);
        // What it builds is what the tests built.
        look_closer(&mut script_of)?;
        python(root, name, &mut script_of)?;
    }
    Ok(Findings::new())
}

/// GiB that all of it fills: what is built, and the ledgers and databases of tests that run beside each other.
const ROOM_GIB: u64 = 20;

/// A disk that is full halfway fails tests that have nothing wrong, after half an hour, in words about something else.
///
/// Errors: there is too little room, and what to do.
#[expect(clippy::print_stderr, reason = "a command line program speaks to its terminal")]
fn room(root: &Path) -> Result<(), String> {
    let target = built(root).parent().map_or_else(|| root.to_path_buf(), Path::to_path_buf);
    let there = target.ancestors().find(|path| path.exists()).unwrap_or(root);
    let output = Command::new("df").args(["-k", "--output=avail"]).arg(there).output();
    let free = output.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    let Some(kib) = free.and_then(|free| free.lines().last()?.trim().parse::<u64>().ok()) else {
        eprintln!("skipped: room on the disk, as `df` does not tell it");
        return Ok(());
    };
    let (free, filled) = (kib >> 20, target.join("debug/deps").exists());
    if filled || free >= ROOM_GIB {
        return Ok(());
    }
    Err(format!(
        "{free} GiB are free for `{}`, all of it fills {ROOM_GIB}: make room, or set CARGO_TARGET_DIR",
        target.display()
    ))
}

/// Clippy stands where cargo calls the compiler for the workspace, and compiles as well; pages of documentation are made where
/// their examples run. Apart, each would check every dependency and the whole workspace once more before the tests build them.
fn look_closer(command: &mut Command) -> Result<(), String> {
    let own = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
    command.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver");
    command.env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
    command.env("RUSTDOC", own).env(rustdoc::CALLED, "1");
    Ok(())
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
