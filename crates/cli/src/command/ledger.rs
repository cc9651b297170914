//! `gongdao ledger`: keep a ledger, prove, erase and check.
//!
//! Exit codes: 0 done and nothing found; 1 a check found something; 64 wrong arguments; 65 the input is not what it should
//! be; 66 it cannot be read; 70 the program is at fault; 73 the output cannot be written.

mod append;
pub(crate) mod keys;
mod read;
pub(crate) mod report;
mod rows;
pub(crate) mod store;
mod write;

use crate::command::output::{BAD_DATA, CANNOT_CREATE, Fault, Format, INTERNAL, Kind, Output, print_error, spoken};
use crate::command::print;
use gongdao_i18n::{Catalogue, Words};
use gongdao_ledger::{ErrorKind, LedgerError};
use report::Report;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao ledger init city-ledger --origin ledger.example/city --key city.key
  gongdao ledger append city-ledger decisions.ndjson --key city.key --receipts receipts
  gongdao verify receipts/00000000000000000000.tlog-proof --log 'ledger.example/city+…'
  gongdao ledger seal city-ledger --key city.key
  gongdao ledger seal city-ledger --key city.key --to s3://bucket/city
  gongdao ledger mine city-ledger --person courier-7 --epoch 0 --out courier-7.statement
  gongdao ledger erase city-ledger --person courier-7 --ground cn.pipl/47/1 --reference case-12 --key city.key
  gongdao ledger read city-ledger --person courier-7 --from 2026-05-01T00:00:00+08:00
  gongdao ledger fsck city-ledger

Keep the key away from the folder: who has both can sign another history, and only witnesses would see it.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make an empty ledger, and its signing key where there is none yet
    Init(write::Init),
    /// Log decision records (NDJSON, docs/formats/decision.md) and sign a checkpoint
    Append(append::Append),
    /// Sign what is there now, and ask witnesses to cosign it
    Checkpoint(write::SignNow),
    /// Write the receipt of one entry: proof and content of one of its groups
    Prove(read::Prove),
    /// Write all that was logged about a person in a closed epoch, with the proof that nothing else was
    Mine(read::Mine),
    /// Erase what was logged about a person, or one entry; every proof still holds
    Erase(write::Erase),
    /// Keep a person's records from erasure while an article asks for it
    Restrict(write::Restrict),
    /// Close the epoch: its tag index is sealed, so that `mine` can prove absence; signed rows go into Parquet
    Seal(write::Sealing),
    /// Make tree, indexes and every row again and compare them with the signed checkpoint
    Fsck(read::Fsck),
    /// Print rows by place, by time or by person, one JSON object a line
    Read(rows::Read),
    /// Recompute the rows of a range to their entries
    Audit(read::Audited),
    /// Write the public part for a plain web server (C2SP tlog-tiles): no rows, no keys
    Export(read::Export),
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    spoken(|catalogue| match &arguments.command {
        Command::Init(own) => end(&own.output, catalogue, |words| own.run(words)),
        Command::Append(own) => end(&own.output, catalogue, |words| own.run(words)),
        Command::Checkpoint(own) => end(&own.output, catalogue, |words| own.run(words)),
        Command::Prove(own) => end(&own.output, catalogue, |words| own.run(words)),
        Command::Mine(own) => end(&own.output, catalogue, |words| own.run(words)),
        Command::Erase(own) => end(&own.output, catalogue, |words| own.run(words)),
        Command::Restrict(own) => end(&own.output, catalogue, |words| own.run(words)),
        Command::Seal(own) => end(&own.output, catalogue, |words| own.run(words)),
        Command::Fsck(own) => end(&own.output, catalogue, |words| own.run(words)),
        Command::Read(own) => match own.run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(faults) => own.output.refuse(catalogue, &faults),
        },
        Command::Audit(own) => end(&own.output, catalogue, |words| own.run(words)),
        Command::Export(own) => end(&own.output, catalogue, |words| own.run(words)),
    })
}

pub(crate) use write::{folder, open};

/// The folder of a ledger.
#[derive(Debug, clap::Args)]
pub(crate) struct Place {
    /// The ledger's folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Place {
    pub(crate) fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }
}

/// What one who writes needs.
#[derive(Debug, clap::Args)]
pub(crate) struct Writer {
    /// The file of the signing key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// A witness that must not have seen more than the folder holds: `https://host` or `http://host:port`
    #[arg(long, value_name = "URL")]
    witness: Vec<String>,
    /// Authorities whose certificates are believed where a witness is asked over TLS, as PEM; that of the witness's own
    /// network, or the system's `ca-certificates.crt`
    #[arg(long, value_name = "FILE")]
    witness_ca: Option<PathBuf>,
    /// How many of the witnesses must answer [default: all]
    #[arg(long, value_name = "N")]
    answers: Option<usize>,
}

impl Writer {
    /// A key and no witness.
    pub(crate) fn of(key: &Path) -> Self {
        Self { key: key.to_owned(), witness: Vec::new(), witness_ca: None, answers: None }
    }
}

/// Say what came out, or what is wrong.
pub(crate) fn end(
    output: &Output,
    catalogue: &Catalogue,
    act: impl FnOnce(Words<'_>) -> Result<Report, Vec<Fault>>,
) -> ExitCode {
    let words = catalogue.words(output.language());
    let report = match act(words) {
        Ok(report) => report,
        Err(faults) => return output.refuse(catalogue, &faults),
    };
    match output.format {
        Format::Human => print(&report.lines.join("\n")),
        Format::Json => match serde_json::to_string_pretty(&report.json) {
            Ok(text) => print(&text),
            Err(error) => {
                print_error(&error.to_string());
                return ExitCode::from(INTERNAL);
            }
        },
    }
    ExitCode::from(u8::from(!report.is_clean))
}

/// An error of the ledger as the program tells it.
pub(crate) fn of_ledger(error: LedgerError) -> Vec<Fault> {
    let code = match error.kind {
        ErrorKind::Input | ErrorKind::Evidence => BAD_DATA,
        ErrorKind::Storage | ErrorKind::Closed => CANNOT_CREATE,
    };
    let fault = Fault::new(code, error.message, Some(error.hint.to_owned()));
    vec![if error.kind == ErrorKind::Evidence { Fault { kind: Kind::Evidence, ..fault } } else { fault }]
}
