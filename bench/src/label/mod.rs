//! Labels: embedding beside exiftool and Python tools, a folder beside the disk, a film of 4 GiB beside the memory.
#![allow(clippy::format_push_string, reason = "a report of a few lines")]

mod film;
mod folder;
mod peers;

use crate::machine;
use crate::options::Options;
use gongdao_label::{Label, WriteOptions, write, write_file};
use peers::{Exiftool, Python, exiftool};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Versions by which the figures in bench/README.md were taken.
const PACKAGES: [&str; 3] = ["metatoolkit==0.1.1", "cntc260==0.0.2", "python-xmp-toolkit==2.1.0"];
const PRODUCER: &str = "001191110102MACQD9K64010000";
/// Noise does not pack, so that a file has the size of a photograph. Edges of ffmpeg's pictures and the encoders' quality.
const PICTURES: [(&str, &str, &[&str]); 2] =
    [("picture.png", "1560x1560", &[]), ("picture.jpg", "2500x1875", &["-q:v", "4"])];

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let machine = machine::line();
    let parent: PathBuf = options.value("folder", std::env::temp_dir())?;
    let room = tempfile::tempdir_in(&parent).map_err(|error| format!("no temporary folder: {error}"))?;
    let part = options.value("part", "all".to_owned())?;
    let mut text = format!("machine: {machine}\n");
    if matches!(part.as_str(), "all" | "files") {
        text += &files(options, room.path())?;
    }
    if matches!(part.as_str(), "all" | "folder") {
        text += &folder::run(options, room.path())?;
    }
    if matches!(part.as_str(), "all" | "film") {
        text += &film::run(options, room.path())?;
    }
    Ok(text)
}

/// One file into another, in a process of its own: what `label` and the memory's measurement start.
pub(crate) fn one(options: &Options) -> Result<String, String> {
    let (from, to): (PathBuf, PathBuf) = (options.value("from", PathBuf::new())?, options.value("to", PathBuf::new())?);
    write_file(&from, &to, &label()?, WriteOptions::default()).map_err(|error| error.to_string())?;
    Ok(String::new())
}

fn label() -> Result<Label, String> {
    Label::first(PRODUCER, "20261127-000001").map_err(|error| error.to_string())
}

/// Ways to do the same, one file to another.
enum Way {
    Written,
    Unsynced,
    OwnProcess,
    OneExiftool,
    OpenExiftool(Exiftool),
    Python(&'static str, Python),
}

impl Way {
    fn name(&self) -> String {
        match self {
            Self::Written => "gongdao: written, synced, read back".to_owned(),
            Self::Unsynced => "the same, not synced, as the others".to_owned(),
            Self::OwnProcess => "gongdao, one process a file, synced".to_owned(),
            Self::OneExiftool => "exiftool, one process a file".to_owned(),
            Self::OpenExiftool(_) => "exiftool -stay_open".to_owned(),
            Self::Python(tool, _) => format!("{tool} (Python, kept open)"),
        }
    }

    /// Seconds.
    fn run(&mut self, from: &Path, to: &Path) -> Result<f64, String> {
        match std::fs::remove_file(to) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.to_string()),
            _ => {}
        }
        let label = label()?;
        let start = Instant::now();
        match self {
            Self::Written => {
                write_file(from, to, &label, WriteOptions::default()).map_err(|error| error.to_string())?;
            }
            Self::Unsynced => unsynced(from, to, &label)?,
            Self::OwnProcess => own_process(from, to)?,
            Self::OneExiftool => peers::one_exiftool(from, to, &label.to_json())?,
            Self::OpenExiftool(open) => open.write(from, to, &label.to_json())?,
            Self::Python(_, python) => python.write(from, to)?,
        }
        Ok(start.elapsed().as_secs_f64())
    }
}

fn unsynced(from: &Path, to: &Path, label: &Label) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let mut source = std::fs::File::open(from).map_err(told)?;
    let mut sink = std::fs::OpenOptions::new().read(true).write(true).create_new(true).open(to).map_err(told)?;
    let name = from.display().to_string();
    write(&mut source, &name, &mut sink, label, WriteOptions::default()).map_err(|error| error.to_string())?;
    Ok(())
}

fn own_process(from: &Path, to: &Path) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.arg("label-one").arg("--from").arg(from).arg("--to").arg(to).stdout(Stdio::null());
    let status = command.status().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}")) }
}

fn files(options: &Options, room: &Path) -> Result<String, String> {
    let rounds = options.value("rounds", 15_usize)?.max(1);
    let venv = options.value("venv", PathBuf::from("target/bench-label"))?;
    let python = peers::python(&venv, &PACKAGES)?;
    let scripts: PathBuf = options.value("peers", PathBuf::from("bench/peers"))?;
    let mut text = String::new();
    for (name, size, quality) in PICTURES {
        let from = room.join(name);
        make_picture(&from, size, quality)?;
        let mut ways = vec![Way::Written, Way::Unsynced, Way::OwnProcess];
        if exiftool() {
            ways.extend([Way::OneExiftool, Way::OpenExiftool(Exiftool::open(room)?)]);
        }
        for tool in ["metatoolkit", "cntc260"] {
            ways.push(Way::Python(tool, Python::open(&python, &scripts.join("label_peer.py"), tool)?));
        }
        text += &compare(&from, &mut ways, rounds, room)?;
    }
    Ok(text)
}

/// A picture of grey and coloured noise.
fn make_picture(to: &Path, size: &str, quality: &[&str]) -> Result<(), String> {
    let source = format!("nullsrc=s={size},format=rgb24,noise=alls=100:allf=t");
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-y", "-f", "lavfi", "-i", &source, "-frames:v", "1"]).args(quality).arg(to);
    done(&mut command)
}

/// Run a program and wait until it ends well.
fn done(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr)))
}

/// Every way once a round, in turn, so that a change of the machine's speed meets all.
fn compare(from: &Path, ways: &mut [Way], rounds: usize, room: &Path) -> Result<String, String> {
    let ending = from.extension().map(|ending| ending.to_string_lossy().into_owned()).unwrap_or_default();
    let to = room.join(format!("labelled.{ending}"));
    let bytes = std::fs::metadata(from).map_err(|error| error.to_string())?.len();
    let mut times: Vec<Result<Vec<f64>, String>> = ways.iter().map(|_| Ok(Vec::new())).collect();
    for _ in 0..rounds {
        for (way, times) in ways.iter_mut().zip(&mut times) {
            let Ok(known) = times else { continue };
            match way.run(from, &to) {
                Ok(seconds) => known.push(seconds),
                // One that fails is told, and does not end the run of the others.
                Err(error) => *times = Err(error),
            }
        }
    }
    let medians: Vec<Result<(f64, f64), String>> = times
        .into_iter()
        .map(|times| {
            times.map(|mut times| {
                times.sort_by(f64::total_cmp);
                (times.get(times.len() / 2).copied().unwrap_or(0.0), times.first().copied().unwrap_or(0.0))
            })
        })
        .collect();
    let own = medians.get(1).and_then(|first| first.as_ref().ok()).map_or(1.0, |(median, _)| *median);
    let mut text = format!(
        "\n{ending}, {:.2} MB, {rounds} rounds\n\n| way | median ms | least ms | times the second row's median |\n|---|---|---|---|\n",
        megabytes(bytes)
    );
    for (way, median) in ways.iter().zip(medians) {
        let row = match median {
            Ok((median, least)) => {
                format!("{:.1} | {:.1} | {:.2}", median * 1000.0, least * 1000.0, median / own)
            }
            Err(error) => format!("failed: {} | | ", error.lines().last().unwrap_or_default()),
        };
        text += &format!("| {} | {row} |\n", way.name());
    }
    Ok(text)
}

#[expect(clippy::cast_precision_loss, reason = "sizes of a bench stay far below 2^53")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
