//! `gongdao pack`: look after the law as data.

mod check;
mod coverage;
mod digests;
mod freeze;
mod new;
mod test;

use super::USAGE;
use super::output::{Format, print_error};
use crate::command::print;
use clap::Subcommand;
use gongdao_pack::{InstrumentPack, Packs, Problem, Severity};
use serde_json::{Value, json};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Find what is wrong with the packs
    Check(check::Arguments),
    /// Run the cases of all rules
    Test(test::Arguments),
    /// Count what each instrument has, and find what is missing
    Coverage(coverage::Arguments),
    /// Begin a pack
    New(new::Arguments),
    /// Compare the provisions with the imported official texts, or write their digests
    Digests(digests::Arguments),
    /// Close the released rule files: write `pack.lock`
    Freeze(freeze::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match &arguments.command {
        Command::Check(arguments) => check::run(arguments),
        Command::Test(arguments) => test::run(arguments),
        Command::Coverage(arguments) => coverage::run(arguments),
        Command::New(arguments) => new::run(arguments),
        Command::Digests(arguments) => digests::run(arguments),
        Command::Freeze(arguments) => freeze::run(arguments),
    }
}

/// Whether a filter speaks of a pack: its folder or its identifier contains it.
fn speaks_of(filter: Option<&str>, pack: &InstrumentPack) -> bool {
    filter.is_none_or(|filter| {
        pack.folder.to_string_lossy().contains(filter) || pack.instrument.id.as_str().contains(filter)
    })
}

/// The packs that a filter speaks of; all without one.
fn chosen<'a>(packs: &'a Packs, filter: Option<&str>) -> Result<Vec<&'a InstrumentPack>, ExitCode> {
    let chosen: Vec<_> = packs.instruments.iter().filter(|pack| speaks_of(filter, pack)).collect();
    match filter {
        Some(filter) if chosen.is_empty() => Err(nothing_matches(filter, "pack")),
        _ => Ok(chosen),
    }
}

/// A filter that matches nothing is a slip of the keyboard, not a success.
fn nothing_matches(filter: &str, what: &str) -> ExitCode {
    print_error(&format!("error: no {what} contains `{filter}`\n    hint: leave the filter out to see all"));
    ExitCode::from(USAGE)
}

/// Print problems: for people on standard error, for programs as JSON on standard output.
fn tell(problems: &[Problem], format: Format) -> ExitCode {
    match format {
        Format::Human => problems.iter().for_each(|problem| print_error(&problem.to_string())),
        Format::Json => print(&pretty(&Value::from(rows(problems)))),
    }
    ExitCode::FAILURE
}

fn rows(problems: &[Problem]) -> Vec<Value> {
    let row = |problem: &Problem| {
        json!({
            "severity": match problem.severity { Severity::Error => "error", Severity::Warning => "warning" },
            "file": problem.file.to_string_lossy(),
            "line": problem.line,
            "message": problem.message,
            "hint": problem.hint,
        })
    };
    problems.iter().map(row).collect()
}

/// `1 error`, `2 errors`.
fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
