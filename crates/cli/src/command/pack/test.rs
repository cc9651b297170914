//! `gongdao pack test`: run the cases beside the rules and print each difference.

use super::{counted, nothing_matches, pretty, tell};
use crate::command::output::Format;
use crate::command::{load, packs_folder, print};
use gongdao_pack::{Drafts, Problem};
use gongdao_rules::{CaseFailure, case_failures};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao pack test
  gongdao pack test cn.iisarmp/17
  gongdao pack test --format json

A difference reads:

  cn/iisarmp/rules/art-17@2022-03-01.cases.toml:12: cn.iisarmp/17/1#stop-on-opt-out: switched off, still personalised
      given     recommend at 2024-05-01T12:00:00+08:00
                context.personalised = true
      expected  violated
      got       undetermined: missing fact `resource.profilingOff`

Exit code: 0 all cases pass, 1 differences or broken packs, 64 wrong arguments.")]
pub(crate) struct Arguments {
    /// The packs folder [default: `$GONGDAO_PACKS`, else `packs`]
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// For people or for programs
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Only rules whose identifier contains this
    filter: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let folder = packs_folder(arguments.packs.as_deref());
    // The cases of drafts run too.
    let (packs, rules) = match load(&folder, Drafts::Included) {
        Ok(loaded) => loaded,
        Err(problems) => return tell(&problems, arguments.format),
    };
    let filter = arguments.filter.as_deref().unwrap_or_default();
    match case_failures(&packs, &rules, filter) {
        Ok((0, _)) => nothing_matches(filter, "rule with cases"),
        Ok((ran, failures)) => {
            match arguments.format {
                Format::Human => print(&human(ran, &failures)),
                Format::Json => print(&json(ran, &failures)),
            }
            if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            let mut problem = Problem::error(folder.join("vocabulary.cedarschema"), None, error.message);
            problem.hint = error.hint;
            tell(&[problem], arguments.format)
        }
    }
}

fn human(ran: usize, failures: &[CaseFailure]) -> String {
    let mut lines: Vec<String> = failures.iter().map(CaseFailure::to_string).collect();
    lines.push(format!("{}, {}", counted(ran, "case"), counted(failures.len(), "difference")));
    lines.join("\n")
}

fn json(ran: usize, failures: &[CaseFailure]) -> String {
    let row = |failure: &CaseFailure| {
        let given = failure.given.iter().map(|(path, value)| (path.to_string(), json!(value)));
        json!({
            "file": failure.file.to_string_lossy(),
            "line": failure.line,
            "rule": failure.rule,
            "case": failure.name,
            "at": failure.at,
            "action": failure.action,
            "given": given.collect::<serde_json::Map<_, _>>(),
            "expected": failure.expected,
            "got": failure.got,
        })
    };
    pretty(&json!({ "cases": ran, "differences": failures.iter().map(row).collect::<Vec<_>>() }))
}
