//! `gongdao pack coverage`: per instrument its provisions and what each has, and what an outside list names in vain.

use super::{pretty, tell};
use crate::command::output::Format;
use crate::command::{packs_folder, print};
use gongdao_pack::{Coverage, Packs, Problem, ProvisionList, coverage};
use gongdao_rules::RuleSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao pack coverage
  gongdao pack coverage --against provisions.md
  gongdao pack coverage --against provisions.md --format json

A list is Markdown: one provision a line, beginning with `- `, eleven fields separated by ` · `. The first is the
instrument, the second what of it, for instance `art.17(1)`; docs/formats/pack.md says how it is found in the packs.

Exit code: 0 every provision has a rule, a duty or a reason, and nothing of the list is missing; 1 else;
64 wrong arguments.")]
pub(crate) struct Arguments {
    /// A list of provisions that the packs must hold
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// The jurisdiction of the list: `cn` makes `cn.pipl` of `pipl`
    #[arg(long, value_name = "WORD", default_value = "cn")]
    jurisdiction: String,
    /// The packs folder [default: `$GONGDAO_PACKS`, else `packs`]
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// For people or for programs
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let folder = packs_folder(arguments.packs.as_deref());
    let table = match table(&folder, arguments.against.as_deref(), &arguments.jurisdiction) {
        Ok(table) => table,
        Err(problems) => return tell(&problems, arguments.format),
    };
    match arguments.format {
        Format::Human => print(&table.human()),
        Format::Json => print(&pretty(&table.json())),
    }
    if table.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn table(folder: &Path, list: Option<&Path>, jurisdiction: &str) -> Result<Coverage, Vec<Problem>> {
    let list = list.map(|file| read(file, jurisdiction)).transpose()?;
    let packs = Packs::read(folder)?;
    // A survey, not a load: drafts are part of the law that is held, and a gap is told and not refused.
    let (rules, problems) = RuleSet::survey(&packs);
    match rules {
        Some(rules) if problems.is_empty() => Ok(coverage(&packs, &rules.ruled_provisions(), list.as_ref())),
        _ => Err(problems),
    }
}

fn read(file: &Path, jurisdiction: &str) -> Result<ProvisionList, Vec<Problem>> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let problem = Problem::error(file, None, format!("cannot read the list: {error}"));
        vec![problem.hint("name a Markdown file with one provision a line")]
    })?;
    ProvisionList::read(file, &text, jurisdiction)
}
