//! `gongdao label scan`: all files of a folder.

use super::fault;
use super::progress::Terminal;
use crate::command::output::{Fault, Format, Output};
use crate::command::print;
use gongdao_i18n::{Catalogue, Words};
use gongdao_label::report::sarif;
use gongdao_label::scan::{Counts, Outcome, Scan, ScanRequest, scan};
use std::path::PathBuf;
use std::process::ExitCode;

/// The scan was stopped and can go on (128 + SIGINT, as shells have it).
const STOPPED: u8 = 130;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao label scan uploads
  gongdao label scan uploads --journal uploads.jsonl --sarif uploads.sarif
  gongdao label scan uploads --format json > uploads.json

With --journal every finished file is noted at once. After Ctrl-C, or when the machine went down, the same command goes on;
files that changed since are read again.

Exit code: 0 every label found keeps the standard, 1 some label does not, 2 some file cannot be read or told,
64 wrong arguments, 65 the folder cannot be read, 73 a result cannot be written, 130 stopped. Files without a label, and of
kinds that take none, change nothing.")]
pub(super) struct Arguments {
    /// The folder; links in it are not followed
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Note finished files here, and go on from what is noted
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Write findings for code-review tools
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
    /// Files that are read at once [default: the machine's cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// No progress on standard error
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments, catalogue: &Catalogue) -> ExitCode {
    match scanned(arguments, catalogue) {
        Ok((text, code)) => {
            print(&text);
            ExitCode::from(code)
        }
        Err(fault) => arguments.output.refuse(catalogue, &[fault]),
    }
}

fn scanned(arguments: &Arguments, catalogue: &Catalogue) -> Result<(String, u8), Fault> {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let request = ScanRequest {
        folder: &arguments.folder,
        threads: arguments.threads.map_or_else(cores, usize::from),
        journal: arguments.journal.as_deref(),
    };
    let watch = Terminal::new(arguments.quiet);
    let scan = scan(&request, &watch);
    watch.finish();
    let scan = scan.map_err(|error| fault(&arguments.folder, error))?;
    if let Some(path) = &arguments.sarif {
        let text = sarif(&scan, catalogue).map_err(|error| fault(path, error))?;
        std::fs::write(path, text).map_err(|error| fault(path, error.into()))?;
    }
    let counts = scan.counts();
    let text = match arguments.output.format {
        Format::Json => {
            serde_json::to_string_pretty(&serde_json::json!({ "counts": counts, "scan": scan })).unwrap_or_default()
        }
        Format::Human => human(&scan, counts, catalogue.words(arguments.output.language()))?,
    };
    Ok((text, exit_code(&scan, counts)))
}

fn exit_code(scan: &Scan, counts: Counts) -> u8 {
    if !scan.is_complete {
        STOPPED
    } else if counts.fails > 0 {
        1
    } else if counts.failed + counts.cannot_tell > 0 {
        2
    } else {
        0
    }
}

/// One line a file that wants a look, then the counts.
fn human(scan: &Scan, counts: Counts, words: Words<'_>) -> Result<String, Fault> {
    let mut lines = Vec::new();
    for entry in &scan.entries {
        match &entry.outcome {
            Outcome::Read { report } if matches!(report.conformity.as_str(), "fails" | "cannot-tell") => {
                let conformity = words.say(&format!("label.conformity.{}", report.conformity), &[])?;
                lines.push(format!("{}: {conformity}", entry.path));
            }
            Outcome::Failed { message, .. } => lines.push(format!("{}: {message}", entry.path)),
            Outcome::Read { .. } | Outcome::Unsupported { .. } => {}
        }
    }
    let number = |count: usize| count.to_string();
    let values = [
        ("files", number(counts.files)),
        ("conforms", number(counts.conforms)),
        ("fails", number(counts.fails)),
        ("absent", number(counts.absent)),
        ("cannot_tell", number(counts.cannot_tell)),
        ("unsupported", number(counts.unsupported)),
        ("failed", number(counts.failed)),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    lines.push(words.say("label.says.scanned", &values)?);
    if scan.resumed > 0 {
        lines.push(words.say("label.says.resumed", &[("count", &number(scan.resumed))])?);
    }
    Ok(lines.join("\n"))
}
