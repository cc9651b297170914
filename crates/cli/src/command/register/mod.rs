//! `gongdao register`: algorithms and their versions, looked up in a service or in its data folder; published lists; exports.

mod answer;
mod say;
pub(crate) mod source;

pub(crate) use answer::{Answer, absent, nothing, told};
pub(crate) use say::{Lines, consultation, list, text};

use super::output::{Fault, Output, spoken};
use crate::command::print;
use clap::{Args, Subcommand, ValueEnum};
use gongdao_i18n::Catalogue;
use gongdao_service::ExportFormat;
use source::{Asked, Where};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao register list --url http://127.0.0.1:8380
  gongdao register show dispatch-v8 --data gongdao-data
  gongdao register diff dispatch-v7 dispatch-v8 --url http://127.0.0.1:8380
  gongdao register import filings.csv --url http://127.0.0.1:8380 --token-file token
  gongdao register export algorithm-1 --shape atrs --data gongdao-data

The register is public: reading a service needs no account. Exit code: 0 answered, 1 some rows of an import were left out,
64 wrong arguments, 65 refused, 66 nothing can be read there.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the algorithms
    List(List),
    /// Show an algorithm, or a version of one
    Show(Show),
    /// Compare two versions: lines of the rule, and factors
    Diff(Diff),
    /// Import the published filing lists into a running service
    Import(Import),
    /// Export an algorithm in the shape of another register
    Export(Export),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao register list --url http://127.0.0.1:8380
  gongdao register list --data gongdao-data --format json")]
struct List {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao register show algorithm-1f8b --url http://127.0.0.1:8380
  gongdao register show dispatch-v8 --data gongdao-data --format json")]
struct Show {
    /// An algorithm by its name in the register, or a version by the name that decisions have
    id: String,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao register diff dispatch-v7 dispatch-v8 --url http://127.0.0.1:8380
  gongdao register diff dispatch-v7 dispatch-v8 --data gongdao-data --format json")]
struct Diff {
    /// The older version
    old: String,
    /// The newer version
    new: String,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao register import filings.csv --url http://127.0.0.1:8380 --token-file token

The file is sent to a service that runs, with the key or session of an officer: it alone writes its database and its ledger. The same file again changes nothing.")]
struct Import {
    /// CSV with the columns of docs/register.md
    file: PathBuf,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    output: Output,
}

/// Shapes of other registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// The public text of a filing, as the Chinese authority shows it
    CacNotice,
    /// The columns of the published lists: CSV
    CacList,
    /// The standard of the United Kingdom (ATRS 3.0): JSON
    Atrs,
    /// The same as a table: CSV
    AtrsCsv,
    /// The standard of the Dutch register (1.0): JSON
    Dutch,
    /// schema.org: JSON-LD
    SchemaOrg,
}

impl From<Shape> for ExportFormat {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::CacNotice => Self::CacNotice,
            Shape::CacList => Self::CacList,
            Shape::Atrs => Self::Atrs,
            Shape::AtrsCsv => Self::AtrsCsv,
            Shape::Dutch => Self::Dutch,
            Shape::SchemaOrg => Self::SchemaOrg,
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao register export algorithm-1f8b --shape cac-notice --data gongdao-data
  gongdao register export algorithm-1f8b --shape dutch --url http://127.0.0.1:8380 > record.json")]
struct Export {
    /// The algorithm, by its name in the register
    id: String,
    /// The shape
    #[arg(long, value_enum)]
    shape: Shape,
    #[command(flatten)]
    place: Where,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    spoken(|catalogue| {
        let (output, answer) = answer::of(&arguments.command, catalogue);
        tell(&output, answer, catalogue)
    })
}

/// Print what was answered, or say why not.
pub(crate) fn tell(output: &Output, answer: Result<Answer, Vec<Fault>>, catalogue: &Catalogue) -> ExitCode {
    match answer {
        Ok((text, code)) => {
            print(text.trim_end_matches('\n'));
            code
        }
        Err(faults) => output.refuse(catalogue, &faults),
    }
}
