//! Peak memory of `gongdao audit` over a simulated city, from the outside: the child's `VmHWM`.

use crate::machine;
use crate::options::Options;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How often the child is looked at. Its peak is kept by the kernel, so only a peak within the last moment is missed.
const INTERVAL: Duration = Duration::from_millis(20);

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let gongdao: PathBuf = options.value("gongdao", PathBuf::from("target/debug/gongdao"))?;
    let packs: PathBuf = options.value("packs", PathBuf::from("packs"))?;
    let decisions = options.value("decisions", 2_000_000_u64)?;
    let seed = options.value("seed", 1_u64)?;
    let parent: PathBuf = options.value("folder", std::env::temp_dir())?;
    let machine = machine::line();
    let room = tempfile::tempdir_in(parent).map_err(|error| format!("no temporary folder: {error}"))?;
    let (city, out) = (room.path().join("city"), room.path().join("out"));

    let mut simulate = Command::new(&gongdao);
    simulate.arg("simulate").arg("--out").arg(&city).args(["--format", "json"]);
    simulate.args(["--decisions", &decisions.to_string(), "--seed", &seed.to_string()]);
    let made = output(&mut simulate)?;
    let rows = number(&made, "decisions")?;

    let mut audit = Command::new(&gongdao);
    audit.arg("audit").arg(city.join("adapter.toml")).arg("--out").arg(&out).arg("--packs").arg(&packs);
    let watched = watch(audit.stdout(Stdio::null()).stderr(Stdio::null()))?;
    if !matches!(watched.status.code(), Some(0..=2)) {
        return Err(format!("`gongdao audit` ended with {}", watched.status));
    }
    Ok(report(&machine, rows, bytes_below(&city), seed, &watched))
}

/// A child that ended.
pub(crate) struct Watched {
    pub(crate) status: ExitStatus,
    pub(crate) elapsed: Duration,
    pub(crate) peak_kib: u64,
}

/// Runs a child to its end and looks at its memory on the way.
pub(crate) fn watch(command: &mut Command) -> Result<Watched, String> {
    let start = Instant::now();
    let mut child: Child = command.spawn().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    loop {
        let seen = machine::field(&status_file, "VmHWM").and_then(|text| text.split(' ').next()?.parse().ok());
        peak_kib = peak_kib.max(seen.unwrap_or(0));
        match child.try_wait().map_err(|error| format!("cannot wait for {command:?}: {error}"))? {
            Some(status) => return Ok(Watched { status, elapsed: start.elapsed(), peak_kib }),
            None => std::thread::sleep(INTERVAL),
        }
    }
}

fn output(command: &mut Command) -> Result<serde_json::Value, String> {
    let ended = command.output().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if !ended.status.success() {
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        return Err(format!("{command:?} ended with {}: {said}", ended.status));
    }
    serde_json::from_slice(&ended.stdout).map_err(|error| format!("{command:?} does not print JSON: {error}"))
}

fn number(value: &serde_json::Value, name: &str) -> Result<u64, String> {
    value.get(name).and_then(serde_json::Value::as_u64).ok_or_else(|| format!("no number `{name}` in {value}"))
}

fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => bytes_below(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench stay far below 2^53")]
fn report(machine: &str, rows: u64, bytes: u64, seed: u64, watched: &Watched) -> String {
    let seconds = watched.elapsed.as_secs_f64();
    format!(
        "machine: {machine}\n\
         data: {rows} decisions, {} MiB of CSV, seed {seed}\n\n\
         | rows | seconds | rows per second | peak resident memory |\n\
         |---|---|---|---|\n\
         | {rows} | {seconds:.1} | {:.0} | {} MiB |",
        bytes / (1024 * 1024),
        rows as f64 / seconds,
        watched.peak_kib / 1024
    )
}
