//! `gongdao label`: labels of generated content, written, read, checked, decided on. There is no command that takes one
//! away (article 10 of the labelling Measures).

mod decide;
mod progress;
mod read;
mod scan;
mod verify;
mod write;

use crate::command::output::{BAD_DATA, CANNOT_CREATE, Fault, INTERNAL, NO_INPUT, spoken};
use gongdao_label::{ErrorKind, LabelError, Reading};
use std::path::Path;
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
    /// Check all files of a folder
    Scan(scan::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    spoken(|catalogue| match &arguments.command {
        Command::Write(arguments) => write::run(arguments, catalogue),
        Command::Read(arguments) => read::run(arguments, catalogue),
        Command::Verify(arguments) => verify::run(arguments, catalogue),
        Command::Decide(arguments) => decide::run(arguments, catalogue),
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
