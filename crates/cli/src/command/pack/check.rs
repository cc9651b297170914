//! `gongdao pack check`: every problem of the packs with file, line and hint.

use crate::command::{packs_folder, print};
use gongdao_pack::{Packs, Problem, Severity, check_texts};
use gongdao_rules::RuleSet;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao pack check
  gongdao pack check cn/pipl
  gongdao pack check --texts ../texts --format json

Exit code: 0 no error, 1 errors, 64 wrong arguments.")]
pub(crate) struct Arguments {
    /// The packs folder [default: $GONGDAO_PACKS, else `packs`]
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// Folder of imported official texts, to compare the articles' digests with
    #[arg(long, value_name = "DIR")]
    texts: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Only problems of files whose path contains this
    filter: Option<String>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let (mut problems, counts) = problems(&packs_folder(arguments.packs.as_deref()), arguments.texts.as_deref());
    if let Some(filter) = &arguments.filter {
        problems.retain(|problem| problem.file.to_string_lossy().contains(filter));
    }
    match arguments.format {
        Format::Human => print(&human(&problems, &counts)),
        Format::Json => print(&json(&problems)),
    }
    let errors = problems.iter().any(|problem| problem.severity == Severity::Error);
    if errors { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Every problem, ordered by file and line, and what was looked at.
fn problems(folder: &Path, texts: Option<&Path>) -> (Vec<Problem>, String) {
    let (packs, mut problems) = Packs::survey(folder);
    let mut counts = String::from("nothing to check");
    if let Some(packs) = &packs {
        problems.extend(gongdao_pack::check(packs));
        problems.extend(texts.map(|texts| check_texts(packs, texts)).unwrap_or_default());
        let (rules, found) = RuleSet::survey(packs);
        problems.extend(found);
        if let Some(rules) = &rules {
            problems.extend(gongdao_rules::check(packs, rules));
            let provisions: usize = packs.instruments.iter().map(|pack| pack.provisions.len()).sum();
            counts = format!(
                "{} packs, {provisions} provisions, {} rule versions",
                packs.instruments.len(),
                rules.versions.len()
            );
        }
    }
    problems.sort_by(|a, b| (&a.file, a.line, &a.message).cmp(&(&b.file, b.line, &b.message)));
    problems.dedup();
    (problems, counts)
}

fn human(problems: &[Problem], counts: &str) -> String {
    let mut text = String::new();
    for problem in problems {
        text.push_str(&problem.to_string());
        text.push('\n');
    }
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    let warnings = problems.len() - errors;
    text.push_str(&format!("{counts}: {errors} errors, {warnings} warnings"));
    text
}

fn json(problems: &[Problem]) -> String {
    let rows: Vec<_> = problems
        .iter()
        .map(|problem| {
            json!({
                "severity": match problem.severity { Severity::Error => "error", Severity::Warning => "warning" },
                "file": problem.file.to_string_lossy(),
                "line": problem.line,
                "message": problem.message,
                "hint": problem.hint,
            })
        })
        .collect();
    serde_json::to_string_pretty(&rows).unwrap_or_default()
}
