//! `gongdao label`: labels of generated content, written, read, checked, decided on. There is no command that takes one
//! away (article 10 of the labelling Measures).

mod compare;
mod decide;
mod facts;
mod issued;
mod progress;
mod read;
mod scan;
mod verify;
mod write;

use crate::command::output::{BAD_DATA, CANNOT_CREATE, Fault, INTERNAL, NO_INPUT, spoken};
use gongdao_label::credentials::{Examined, examine};
use gongdao_label::visible::Programs;
use gongdao_label::{ErrorKind, LabelError, Reading};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Write a label into a file
    Write(write::Arguments),
    /// Show what a file says about itself, and where
    Read(read::Arguments),
    /// Check a file's labels, embedded and visible
    Verify(verify::Arguments),
    /// Say what a platform owes before it publishes a file
    Decide(decide::Arguments),
    /// Add what a file's labels say to a decision record, for `gongdao check` and the gate
    Facts(facts::Arguments),
    /// Compare a file with the labels that were issued
    Compare(compare::Arguments),
    /// Check all files of a folder
    Scan(scan::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    spoken(|catalogue| match &arguments.command {
        Command::Write(arguments) => write::run(arguments, catalogue),
        Command::Read(arguments) => read::run(arguments, catalogue),
        Command::Verify(arguments) => verify::run(arguments, catalogue),
        Command::Decide(arguments) => decide::run(arguments, catalogue),
        Command::Facts(arguments) => facts::run(arguments, catalogue),
        Command::Compare(arguments) => compare::run(arguments, catalogue),
        Command::Scan(arguments) => scan::run(arguments, catalogue),
    })
}

/// Read a file's labels.
fn reading(file: &Path) -> Result<Reading, Fault> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut source = std::fs::File::open(file)
        .map_err(|error| Fault { file: Some(shown(file)), ..Fault::new(NO_INPUT, error.to_string(), None) })?;
    gongdao_label::read(&mut source, &name).map_err(|error| fault(file, error))
}

/// Roots that the user trusts.
#[derive(Debug, clap::Args)]
struct Anchors {
    /// Certificates (PEM) of the roots that you trust for C2PA manifests; the program trusts none by itself
    #[arg(long, value_name = "ROOTS.pem")]
    c2pa_anchors: Option<PathBuf>,
}

impl Anchors {
    /// Verify a file's C2PA manifest, where this program was built to.
    fn examine(&self, file: &Path, reading: &Reading) -> Result<Examined, Fault> {
        let anchors = self.c2pa_anchors.as_deref();
        let text = anchors.map(text_of).transpose()?;
        examine(file, reading, text.as_deref()).map_err(|error| fault(file, error))
    }
}

/// ffmpeg and its companion, if they are there.
fn programs() -> Option<Programs<'static>> {
    let is_there = |program: &str| {
        let quiet = || std::process::Stdio::null();
        let status = std::process::Command::new(program).arg("-version").stdout(quiet()).stderr(quiet()).status();
        status.is_ok_and(|status| status.success())
    };
    let both = is_there("ffmpeg") && is_there("ffprobe");
    both.then_some(Programs { ffmpeg: Path::new("ffmpeg"), ffprobe: Path::new("ffprobe") })
}

/// A file of the user's.
fn bytes_of(file: &Path) -> Result<Vec<u8>, Fault> {
    std::fs::read(file)
        .map_err(|error| Fault { file: Some(shown(file)), ..Fault::new(NO_INPUT, error.to_string(), None) })
}

fn text_of(file: &Path) -> Result<String, Fault> {
    String::from_utf8(bytes_of(file)?)
        .map_err(|_| Fault { file: Some(shown(file)), ..Fault::new(BAD_DATA, "this is not UTF-8", None) })
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}

fn fault(file: &Path, error: LabelError) -> Fault {
    let code = match error.kind {
        ErrorKind::Unsupported | ErrorKind::Malformed | ErrorKind::Refused | ErrorKind::Label => BAD_DATA,
        ErrorKind::Io => CANNOT_CREATE,
        ErrorKind::Program => INTERNAL,
    };
    let message = error.to_string();
    let hint = Some(error.hint).filter(|hint| !hint.is_empty());
    Fault { file: Some(shown(file)), ..Fault::new(code, message, hint) }
}
