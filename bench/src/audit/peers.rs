//! `DuckDB` and Polars on the same files and rules, in an environment of their own; every count must be the kernel's.

use super::run::Audit;
use super::{rules, told};
use crate::machine;
use crate::options::Options;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Versions by which the figures in bench/README.md were taken.
const PACKAGES: [&str; 2] = ["duckdb==2.0.1", "polars==2.1.0"];
/// Name, script, and its way to do it: each peer in both of its own.
const PEERS: [(&str, &str, &str); 4] = [
    ("duckdb", "duckdb_peer.py", "intervals"),
    ("duckdb", "duckdb_peer.py", "asof"),
    ("polars", "polars_peer.py", "streaming"),
    ("polars", "polars_peer.py", "in-memory"),
];

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let machine = machine::line();
    let rules = rules::sixty(options)?;
    let audit = Audit::read(options)?;
    let rounds = options.value("rounds", 3_usize)?.max(1);
    let scripts: PathBuf = options.value("peers", PathBuf::from("bench/peers"))?;
    let python = python(&options.value("venv", PathBuf::from("target/bench-peers"))?)?;
    let file = audit.data.join("rules.json");
    std::fs::write(&file, rules::as_json(&rules)?.to_string()).map_err(told)?;
    let mut text = format!(
        "machine: {machine}\n\n| engine | wall s | processor s | peak MiB | kernel's share of wall | of processor |\n|---|---|---|---|---|---|\n"
    );
    let mut own = Vec::new();
    for _ in 0..rounds {
        let (counts, times) = audit.judge(&rules)?;
        own.push((times.whole.as_secs_f64(), times.cpu.as_secs_f64(), counts.as_json(&rules)));
    }
    own.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (wall, cpu, counts) = own.get(own.len() / 2).ok_or("no round")?;
    // Writing into a string cannot fail.
    let _ = writeln!(text, "| kernel | {wall:.2} | {cpu:.2} | {} | 1.00 | 1.00 |", machine::peak_mib());
    for (name, script, way) in PEERS {
        let peer = Peer { python: &python, script: scripts.join(script), way, rules: &file };
        let run = peer.run(&audit, rounds).map_err(|error| format!("{name}, {way}: {error}"))?;
        differences(name, counts, &run.counts)?;
        let (shares, engine) = ((wall / run.wall, cpu / run.cpu), &run.engine);
        let _ = writeln!(
            text,
            "| {engine} | {:.2} | {:.2} | {} | {:.2} | {:.2} |",
            run.wall, run.cpu, run.peak_mib, shares.0, shares.1
        );
    }
    text.push_str("\nall counts are equal");
    Ok(text)
}

/// The interpreter of the environment, which is made if it is not there.
fn python(venv: &Path) -> Result<PathBuf, String> {
    let python = venv.join("bin/python");
    if !python.exists() {
        done(Command::new("python3").args(["-m", "venv"]).arg(venv), "install python3 with its venv module")?;
    }
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PACKAGES);
    let hint = format!("the Python package index must be reachable for {PACKAGES:?}; or install them into the venv");
    done(&mut install, &hint)?;
    Ok(python)
}

fn done(command: &mut Command, hint: &str) -> Result<Vec<u8>, String> {
    let output = command.output().map_err(|error| format!("cannot run {command:?}: {error}; {hint}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{command:?} ended with {}: {}; {hint}", output.status, said.trim()))
}

struct Peer<'a> {
    python: &'a Path,
    script: PathBuf,
    way: &'a str,
    rules: &'a Path,
}

struct Run {
    engine: String,
    wall: f64,
    cpu: f64,
    peak_mib: u64,
    counts: Value,
}

impl Peer<'_> {
    /// The round of median time.
    fn run(&self, audit: &Audit, rounds: usize) -> Result<Run, String> {
        let mut command = Command::new(self.python);
        command.arg(&self.script).arg(self.rules).arg(&audit.data);
        command.args([audit.threads.to_string(), rounds.to_string(), self.way.to_owned()]);
        let said = done(&mut command, "the script's own message stands before")?;
        let said = String::from_utf8(said).map_err(told)?;
        let mut runs = Vec::new();
        for line in said.lines() {
            let value: Value = serde_json::from_str(line).map_err(told)?;
            let number = |name: &str| value.get(name).and_then(Value::as_f64).ok_or_else(|| format!("no `{name}`"));
            let engine = value.get("engine").and_then(Value::as_str).unwrap_or_default().to_owned();
            let peak_mib = value.get("peak_mib").and_then(Value::as_u64).unwrap_or(0);
            let counts = value.get("counts").cloned().ok_or("no counts")?;
            runs.push(Run { engine, wall: number("seconds")?, cpu: number("cpu")?, peak_mib, counts });
        }
        runs.sort_by(|a, b| a.wall.total_cmp(&b.wall));
        let median = runs.len() / 2;
        runs.into_iter().nth(median).ok_or_else(|| "it printed nothing".to_owned())
    }
}

/// Every count must be equal.
fn differences(name: &str, own: &Value, other: &Value) -> Result<(), String> {
    if own == other {
        return Ok(());
    }
    let mut lines = vec![format!("{name} counts otherwise (met, unmet, open)")];
    for key in ["rows", "violating"] {
        if own.get(key) != other.get(key) {
            lines.push(format!("{key}: {:?} here, {:?} there", own.get(key), other.get(key)));
        }
    }
    let versions = |value: &Value| value.get("versions").and_then(Value::as_object).cloned().unwrap_or_default();
    let (own, other) = (versions(own), versions(other));
    for (key, counts) in &own {
        if other.get(key) != Some(counts) {
            lines.push(format!("{key}: {counts} here, {:?} there", other.get(key).map(ToString::to_string)));
        }
    }
    Err(lines.join("\n"))
}
