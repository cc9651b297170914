//! `gongdao law`: the statute book, looked up.

mod answer;

use super::output::{Output, spoken};
use crate::command::print;
use clap::{Args, Subcommand, ValueEnum};
use gongdao_law::{Reference, Side};
use gongdao_model::{InstrumentId, LegalDate, PlaceCode, Standing};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao law list --place 440300 --on 2024-05-01
  gongdao law show cn.iisarmp/17/1 --on 2022-02-28
  gongdao law search 怎么关掉个性化推荐
  gongdao law import ../texts --into texts && gongdao law show cn.pipl/24 --texts texts

Exit code: 0 answered, 1 imported texts differ from their packs, 64 wrong arguments, 65 or 66 the packs or texts cannot be read.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the instruments, also by place, day and how far they were checked
    List(List),
    /// Show a provision, an article or an instrument, seen from a day
    Show(Show),
    /// Cite a provision in Chinese or English
    Cite(Cite),
    /// Find provisions by a question in Chinese or English
    Search(Search),
    /// Say or draw what happened when
    Timeline(Timeline),
    /// Compare two instruments, two days of one, or two places
    Diff(Diff),
    /// List what is in force on a day in a place
    InForce(InForce),
    /// Import official texts: Markdown with front matter, or Akoma Ntoso 1.0
    Import(Import),
    /// Export the statute book
    Export(Export),
}

/// What every subcommand has.
#[derive(Debug, Args)]
struct Common {
    /// The packs folder [default: `$GONGDAO_PACKS`, else `packs`]
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// Folder of imported official texts (`gongdao law import`)
    #[arg(long, value_name = "DIR")]
    texts: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao law list
  gongdao law list --place 310000 --status verified --format json")]
struct List {
    /// Only law that reaches this place (GB/T 2260, like 440300)
    #[arg(long)]
    place: Option<PlaceCode>,
    /// Only law in force on this day
    #[arg(long, value_name = "DATE")]
    on: Option<LegalDate>,
    /// Only law that was checked this far
    #[arg(long, value_enum)]
    status: Option<Status>,
    #[command(flatten)]
    common: Common,
}

/// How far law was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Status {
    /// Read in the official text
    Verified,
    /// From memory or a secondary source
    Unverified,
    /// Not law yet
    Draft,
}

impl From<Status> for Standing {
    fn from(status: Status) -> Self {
        match status {
            Status::Verified => Self::Verified,
            Status::Unverified => Self::Unverified,
            Status::Draft => Self::Draft,
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao law show cn.iisarmp/17/1 --on 2022-02-28
  gongdao law show cn.pipl/24 --texts texts --lang en
  gongdao law show cn.doc-56 --format json")]
struct Show {
    /// `cn.iisarmp`, `cn.iisarmp/17` or `cn.iisarmp/17/1`
    reference: Reference,
    /// The day that it is seen from [default: today in Asia/Shanghai]
    #[arg(long, value_name = "DATE")]
    on: Option<LegalDate>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao law cite cn.iisarmp/17/1
  gongdao law cite cn.pipl/24 --lang en")]
struct Cite {
    /// `cn.iisarmp`, `cn.iisarmp/17` or `cn.iisarmp/17/1`
    reference: Reference,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao law search 老板拖着工资不发
  gongdao law search how do I opt out of recommendations --limit 3
  gongdao law search 标识 --on 2025-09-01 --texts texts")]
struct Search {
    /// The question; several words need no quotes
    #[arg(required = true, num_args = 1..)]
    question: Vec<String>,
    /// How many answers at most
    #[arg(long, default_value_t = 10)]
    limit: usize,
    /// Only law that reaches this place
    #[arg(long)]
    place: Option<PlaceCode>,
    /// Only law in force on this day
    #[arg(long, value_name = "DATE")]
    on: Option<LegalDate>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao law timeline
  gongdao law timeline cn.iisarmp --format json
  gongdao law timeline --svg > timeline.svg")]
struct Timeline {
    /// Only this instrument
    instrument: Option<InstrumentId>,
    /// Only law that reaches this place
    #[arg(long)]
    place: Option<PlaceCode>,
    /// Draw it
    #[arg(long, conflicts_with = "format")]
    svg: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao law diff cn.iisarmp@2022-02-28 cn.iisarmp@2022-03-01
  gongdao law diff 000000 440300 --on 2024-05-01
  gongdao law diff cn.csl cn.csl-2025")]
struct Diff {
    /// The first side: an instrument or a place, with `@DATE` where it is to be seen from that day
    a: Side,
    /// The second side
    b: Side,
    /// The day of a side that names none [default: today in Asia/Shanghai]
    #[arg(long, value_name = "DATE")]
    on: Option<LegalDate>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao law in-force --on 2022-03-01
  gongdao law in-force --on 2024-05-01 --place 440300")]
struct InForce {
    /// The day [default: today in Asia/Shanghai]
    #[arg(long, value_name = "DATE")]
    on: Option<LegalDate>,
    /// The place
    #[arg(long, default_value = "000000")]
    place: PlaceCode,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao law import ../texts --into texts

Reads every .md and .xml file of DIR, compares each article with the digests of the packs, and writes all texts or none.
Exit code 1 says that a text is not the one that its pack was written for.")]
struct Import {
    /// The folder with the official texts
    dir: PathBuf,
    /// Where to put them: a new folder, or one that an earlier import made
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
    /// The packs folder [default: `$GONGDAO_PACKS`, else `packs`]
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

/// Formats of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    /// The imported official text of one instrument as Akoma Ntoso 1.0
    Akn,
    /// The whole book, in own words
    Json,
    /// A catalog of OSCAL 1.2, in own words
    Oscal,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao law export --format json > law.json
  gongdao law export --format oscal --on 2024-05-01 > catalog.json
  gongdao law export cn.pipl --format akn --texts texts > pipl.xml")]
struct Export {
    /// The instrument; for `akn` only, which needs one
    instrument: Option<InstrumentId>,
    /// The format
    #[arg(long, value_enum)]
    format: ExportFormat,
    /// Only law that reaches this place
    #[arg(long)]
    place: Option<PlaceCode>,
    /// The day that it is seen from [default: today in Asia/Shanghai]
    #[arg(long, value_name = "DATE")]
    on: Option<LegalDate>,
    /// The packs folder [default: `$GONGDAO_PACKS`, else `packs`]
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// Folder of imported official texts (`gongdao law import`)
    #[arg(long, value_name = "DIR")]
    texts: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    spoken(|catalogue| match answer::of(&arguments.command, catalogue) {
        Ok((text, code)) => {
            print(text.trim_end_matches('\n'));
            code
        }
        Err((output, faults)) => output.refuse(catalogue, &faults),
    })
}
